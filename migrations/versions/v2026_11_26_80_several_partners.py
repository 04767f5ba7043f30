"""Several partners on one agreement; why a partner was cleared, and which sectors stay out."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_80_several_partners"
down_revision = "2026_11_26_71_framework_units"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreements", sa.Column("further_partners", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("partners", sa.Column("screening_reason", sa.Text(), nullable=True))
    op.add_column("partners", sa.Column("excluded_sectors", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("partners", "excluded_sectors")
    op.drop_column("partners", "screening_reason")
    op.drop_column("agreements", "further_partners")
