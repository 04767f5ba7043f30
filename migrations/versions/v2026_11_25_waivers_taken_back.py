"""Waivers that were taken back."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Key, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_25_waivers_taken_back"
down_revision = "2026_11_25_replayed_obligations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waivers_taken_back",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "reason <> '' AND approver <> ''", name=op.f("ck_waivers_taken_back_has_reason_and_approver")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["obligation_decisions.id"],
            name=op.f("fk_waivers_taken_back_decision_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers_taken_back")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_waivers_taken_back_decision_id")),
    )
    guard("waivers_taken_back")


def downgrade() -> None:
    unguard("waivers_taken_back")
    op.drop_table("waivers_taken_back")
