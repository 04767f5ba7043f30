"""What the items of a results framework count."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_71_framework_units"
down_revision = "2026_11_26_70_money_controls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("framework_items", sa.Column("unit", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("framework_items", "unit")
