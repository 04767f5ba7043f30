"""Targets of indicators of funding: what is aimed at in a period, by which decision."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Key, Money, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_29_33_indicator_targets"
down_revision = "2026_11_29_32_import_marks"
branch_labels = None
depends_on = None

_TABLE = "indicator_targets"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column(
            "indicator",
            sa.Enum(
                "unearmarked_and_softly_share",
                "unearmarked_and_lightly_share",
                "multi_annual_share",
                "predictable_share",
                "joint_un_share",
                "voluntary_share",
                name=op.f("ck_indicator_targets_is_indicator"),
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("percent", Money(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_indicator_targets_dates_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_targets")),
        sa.UniqueConstraint(
            "indicator",
            "period_start",
            "period_end",
            "decided_on",
            "sequence",
            name=op.f("uq_indicator_targets_decisions"),
        ),
    )
    guard(_TABLE)


def downgrade() -> None:
    unguard(_TABLE)
    op.drop_table(_TABLE)
