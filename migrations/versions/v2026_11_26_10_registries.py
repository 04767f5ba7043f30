"""What became of datasets in registries, and every call that was made there."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_26_10_registries"
down_revision = "2026_11_26_01_agreement_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registry_entries",
        sa.Column("id", Key, nullable=False),
        sa.Column("registry_url", Code, nullable=False),
        sa.Column("dataset", Code, nullable=False),
        sa.Column("entry", Code, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("outcome", Code, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sha256", Code, nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'unchanged', 'withdrawn', 'absent', 'failed')",
            name=op.f("ck_registry_entries_outcome_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_entries")),
        sa.UniqueConstraint("registry_url", "dataset", name=op.f("uq_registry_entries_registry_url_dataset")),
    )
    op.create_table(
        "registry_calls",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("method", Code, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("dataset", Code, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_calls")),
    )
    op.create_index("ix_registry_calls_dataset", "registry_calls", ["dataset"])
    op.create_index("ix_registry_calls_at", "registry_calls", ["at"])
    guard("registry_calls")


def downgrade() -> None:
    unguard("registry_calls")
    op.drop_table("registry_calls")
    op.drop_table("registry_entries")
