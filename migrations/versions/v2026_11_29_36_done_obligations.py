"""Obligations that are done know since when, so that lists of what is due pass over them."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code

revision = "2026_11_29_36_done_obligations"
down_revision = "2026_11_29_35_stamps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("obligations", sa.Column("done_on", sa.Date(), nullable=True))
    op.create_index("ix_obligations_status_done", "obligations", ["status", "done_on"])
    # empty: the next look at obligations replays every project, and so fills both
    op.add_column("assessed_projects", sa.Column("done_stamp", Code, nullable=True))


def downgrade() -> None:
    op.drop_column("assessed_projects", "done_stamp")
    op.drop_index("ix_obligations_status_done", "obligations")
    op.drop_column("obligations", "done_on")
