"""Which codes became which: decisions on agreements say by codes what money is for, and stay as they were written."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard
from migrations.stamped import stamp, unstamp

revision = "2026_11_29_44_renamed_codes"
down_revision = "2026_11_29_43_posted_here"
branch_labels = None
depends_on = None

_TABLE = "renamed_codes"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("former", Code, nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renamed_codes")),
    )
    guard(_TABLE)
    stamp(_TABLE)


def downgrade() -> None:
    unstamp(_TABLE)
    unguard(_TABLE)
    op.drop_table(_TABLE)
