"""Allocations from own resources are found by the name of their source."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_64_named_sources"
down_revision = "2026_11_28_63_causes"
branch_labels = None
depends_on = None

_OWN = sa.text("agreement_id IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_allocations_own_source", "allocations", ["source"], unique=False, sqlite_where=_OWN, postgresql_where=_OWN
    )


def downgrade() -> None:
    op.drop_index("ix_allocations_own_source", "allocations")
