"""Obligations that are done know since when, so that lists of what is due pass over them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_36_done_obligations"
down_revision = "2026_11_29_35_stamps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("obligations", sa.Column("done_on", sa.Date(), nullable=True))
    op.create_index("ix_obligations_status_done", "obligations", ["status", "done_on"])
    # the next look at obligations takes the policies for others, replays every project, and so fills it; what stands
    # behind the point, and says that alerts fall on the same days, stays
    op.execute("UPDATE assessments SET rulebook = 'anew' || rulebook WHERE watermark <> ''")


def downgrade() -> None:
    op.drop_index("ix_obligations_status_done", "obligations")
    op.drop_column("obligations", "done_on")
