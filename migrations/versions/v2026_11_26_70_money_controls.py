"""Framework agreements, checks of implementing partners, types of assistance, and how allocations are revised."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime
from migrations.checks import check_anew

revision = "2026_11_26_70_money_controls"
down_revision = "2026_11_26_61_obstacles"
branch_labels = None
depends_on = None

_KIND = "ck_allocations_is_allocationkind"


def upgrade() -> None:
    _table(
        "framework_agreements",
        sa.Column("code", Code, nullable=False),
        sa.Column("partner_id", Key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("ceiling", Money(), nullable=True),
        sa.Column("currency", Code, nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on",
            name=op.f("ck_framework_agreements_dates_in_order"),
        ),
        sa.CheckConstraint(
            "(ceiling IS NULL) = (currency IS NULL)", name=op.f("ck_framework_agreements_ceiling_has_currency")
        ),
        _of_partner("framework_agreements"),
        sa.UniqueConstraint("code", name=op.f("uq_framework_agreements_code")),
    )
    _table(
        "protection_checks",
        sa.Column("partner_id", Key, nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "passed",
                "conditional",
                "failed",
                name="is_protectionresult",
                native_enum=False,
                length=40,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _of_partner("protection_checks"),
        sa.UniqueConstraint("partner_id", "checked_on", name=op.f("uq_protection_checks_partner_id_checked_on")),
    )
    _table(
        "assistance_types",
        sa.Column("code", Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.UniqueConstraint("code", name=op.f("uq_assistance_types_code")),
    )
    for name in ("framework_agreements", "protection_checks"):
        op.create_index(op.f(f"ix_{name}_partner_id"), name, ["partner_id"], unique=False)
    check_anew("allocations", {_KIND: "kind IN ('original', 'revised', 'rephasing', 'carry-over')"})


def downgrade() -> None:
    op.execute("UPDATE allocations SET kind = 'revised' WHERE kind IN ('rephasing', 'carry-over')")
    check_anew("allocations", {_KIND: "kind IN ('original', 'revised')"})
    for name in ("assistance_types", "protection_checks", "framework_agreements"):
        op.drop_table(name)


def _table(name: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    """A table of rows that people change."""
    op.create_table(
        name,
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _of_partner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["partner_id"],
        ["partners.id"],
        name=op.f(f"fk_{table}_partner_id"),
        ondelete="RESTRICT",
        initially="IMMEDIATE",
        deferrable=True,
    )
