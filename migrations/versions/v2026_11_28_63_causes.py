"""A message in the outbox tells the request, or the run of a job, that put it there."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code

revision = "2026_11_28_63_causes"
down_revision = "2026_11_28_62_policy_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("cause", Code, nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "cause")
