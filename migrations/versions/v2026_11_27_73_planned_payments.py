"""Payments that are planned to other organisations, such as the instalments of a sub-grant."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money

revision = "2026_11_27_73_planned_payments"
down_revision = "2026_11_27_72_framework_versions"
branch_labels = None
depends_on = None

#: column → the table it names
_NAMED = {"project_id": "projects", "provider_id": "organisations", "receiver_id": "organisations"}


def upgrade() -> None:
    op.create_table(
        "planned_payments",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "original", "revised", "rephasing", "carry-over",
                name="is_allocationkind", native_enum=False, create_constraint=True, length=40,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("provider_id", Key, nullable=True),
        sa.Column("provider_activity", Code, nullable=True),
        sa.Column("receiver_id", Key, nullable=True),
        sa.Column("receiver_activity", Code, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("remainder", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "length(currency) = 3 OR ordinal IS NOT NULL", name=op.f("ck_planned_payments_currency_is_code")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{above}.id"],
                name=op.f(f"fk_planned_payments_{column}"),
                ondelete="RESTRICT",
                initially="IMMEDIATE",
                deferrable=True,
            )
            for column, above in _NAMED.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_payments")),
    )  # fmt: skip
    for column in _NAMED:
        op.create_index(op.f(f"ix_planned_payments_{column}"), "planned_payments", [column], unique=False)


def downgrade() -> None:
    for column in reversed(_NAMED):
        op.drop_index(op.f(f"ix_planned_payments_{column}"), table_name="planned_payments")
    op.drop_table("planned_payments")
