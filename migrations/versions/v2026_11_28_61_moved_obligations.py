"""The due list finds what was moved to another day without walking through everything that is owed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_61_moved_obligations"
down_revision = "2026_11_28_60_audit_archives"
branch_labels = None
depends_on = None

_MOVED = sa.text("reschedule_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_obligations_moved", "obligations", ["status"], unique=False, sqlite_where=_MOVED, postgresql_where=_MOVED
    )


def downgrade() -> None:
    op.drop_index("ix_obligations_moved", "obligations")
