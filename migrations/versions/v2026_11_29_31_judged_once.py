"""Findings and score of a fragment hold for the same days, by the rules and codelists of one time."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code

revision = "2026_11_29_31_judged_once"
down_revision = "2026_11_29_30_view_digests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fragments", sa.Column("judged_by", Code, nullable=True))


def downgrade() -> None:
    op.drop_column("fragments", "judged_by")
