"""Agreements keep the day on which a partner joined that had not signed with the others."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_42_joined_partners"
down_revision = "2026_11_29_41_calendar_ids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreements", sa.Column("joined", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("agreements", "joined")
