"""A changed evaluation policy judges from the day on which it was decided; what was loaded before judges as it did."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_62_policy_versions"
down_revision = "2026_11_28_61_moved_obligations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evaluation_policies", sa.Column("decided_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("evaluation_policies", "decided_on")
