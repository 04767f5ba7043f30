"""What was posted here is found among what was imported: every export asks whether there is any."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_43_posted_here"
down_revision = "2026_11_29_42_joined_partners"
branch_labels = None
depends_on = None

_INDEX = "ix_ledger_entries_posted_here"
_POSTED_HERE = sa.text("ordinal IS NULL")


def upgrade() -> None:
    op.create_index(
        _INDEX,
        "ledger_entries",
        ["type"],
        unique=False,
        sqlite_where=_POSTED_HERE,
        postgresql_where=_POSTED_HERE,
    )


def downgrade() -> None:
    op.drop_index(_INDEX, "ledger_entries")
