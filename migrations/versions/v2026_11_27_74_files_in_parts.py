"""Activities that several published files tell together."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_74_files_in_parts"
down_revision = "2026_11_27_73_planned_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("in_parts", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("projects", "in_parts")
