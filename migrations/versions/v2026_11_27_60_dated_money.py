"""What was decided when on funding shares, instalments and the organisation's budget with its needs."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_27_60_dated_money"
down_revision = "2026_11_27_60_country_programmes"
branch_labels = None
depends_on = None

#: table → the column that names its record, the table of that, and what a decision tells
_TABLES = {
    "funding_share_revisions": (
        "share_id",
        "funding_shares",
        (
            ("starts_on", sa.Date(), True),
            ("ends_on", sa.Date(), True),
            ("amount", Money(), True),
            ("percent", Money(), True),
        ),
    ),
    "instalment_revisions": (
        "instalment_id",
        "instalments",
        (("due_on", sa.Date(), False), ("amount", Money(), False)),
    ),
    "institutional_budget_revisions": (
        "budget_id",
        "institutional_budgets",
        (
            ("country", Code, False),
            ("period_start", sa.Date(), False),
            ("period_end", sa.Date(), False),
            ("line", Code, False),
            ("amount", Money(), False),
            ("currency", Code, False),
            ("value_date", sa.Date(), False),
        ),
    ),
}


def upgrade() -> None:
    for name, (of, target, values) in _TABLES.items():
        op.create_table(
            name,
            sa.Column("id", Key, nullable=False),
            sa.Column("recorded_at", UTCDateTime(), nullable=False),
            sa.Column("recorded_by", sa.Text(), nullable=False),
            sa.Column("sequence", sa.Integer(), nullable=False),
            sa.Column("known_on", sa.Date(), nullable=False),
            sa.Column("withdrawn", sa.Boolean(), nullable=False),
            sa.Column(of, Key, nullable=False),
            *(sa.Column(column, type_, nullable=nullable) for column, type_, nullable in values),
            sa.ForeignKeyConstraint(
                [of],
                [f"{target}.id"],
                name=op.f(f"fk_{name}_{of}"),
                ondelete="RESTRICT",
                initially="IMMEDIATE",
                deferrable=True,
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint(of, "sequence", name=op.f(f"uq_{name}_{of}_sequence")),
        )
        op.create_index(op.f(f"ix_{name}_known_on"), name, ["known_on"])
        guard(name)


def downgrade() -> None:
    for name in reversed(_TABLES):
        unguard(name)
        op.drop_table(name)
