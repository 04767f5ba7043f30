"""Targets of delivery, notes on projects that spend too slowly, and statements that never change."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_26_60_delivery_control"
down_revision = "2026_11_26_50_pages"
branch_labels = None
depends_on = None

_GUARDED = ("delivery_targets", "delivery_notes", "delivery_statements", "delivery_statement_rows")


def _recorded() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
    )


def _foreign(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name],
        [f"{target}.id"],
        name=op.f(f"fk_{table}_{name}"),
        ondelete="RESTRICT",
        initially="IMMEDIATE",
        deferrable=True,
    )


def upgrade() -> None:
    targets = "delivery_targets"
    op.create_table(
        targets,
        *_recorded(),
        sa.Column(
            "scope",
            sa.Enum(
                "unit",
                "field-office",
                "officer",
                name=op.f("ck_delivery_targets_is_targetscope"),
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("officer_id", Key, nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("percent", Money(), nullable=True),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("currency", Code, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(unit_id IS NULL) = (officer_id IS NOT NULL)", name=op.f("ck_delivery_targets_of_a_unit_or_an_officer")
        ),
        sa.CheckConstraint(
            "(scope = 'officer') = (officer_id IS NOT NULL)", name=op.f("ck_delivery_targets_scope_fits")
        ),
        sa.CheckConstraint("percent IS NULL OR amount IS NULL", name=op.f("ck_delivery_targets_percent_or_amount")),
        sa.CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)", name=op.f("ck_delivery_targets_amount_has_currency")
        ),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_delivery_targets_dates_in_order")),
        _foreign(targets, "unit_id", "units"),
        _foreign(targets, "officer_id", "officers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_targets")),
        sa.UniqueConstraint(
            "unit_id",
            "scope",
            "period_start",
            "period_end",
            "decided_on",
            "sequence",
            name=op.f("uq_delivery_targets_units"),
        ),
        sa.UniqueConstraint(
            "officer_id",
            "period_start",
            "period_end",
            "decided_on",
            "sequence",
            name=op.f("uq_delivery_targets_officers"),
        ),
    )
    op.create_index(op.f("ix_delivery_targets_unit_id"), targets, ["unit_id"])
    op.create_index(op.f("ix_delivery_targets_officer_id"), targets, ["officer_id"])
    op.create_table(
        "delivery_notes",
        *_recorded(),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("obstacle", sa.Text(), nullable=True),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_delivery_notes_dates_in_order")),
        sa.CheckConstraint(
            "NOT escalated OR obstacle IS NOT NULL", name=op.f("ck_delivery_notes_escalation_names_its_obstacle")
        ),
        _foreign("delivery_notes", "project_id", "projects"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_notes")),
        sa.UniqueConstraint(
            "project_id", "period_start", "period_end", "noted_on", name=op.f("uq_delivery_notes_project_day")
        ),
    )
    op.create_table(
        "delivery_statements",
        *_recorded(),
        sa.Column("kind", Code, nullable=False),
        sa.Column("period", Code, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        *_figures(),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("last_entry_id", Key, nullable=False),
        sa.Column("last_allocation_id", Key, nullable=False),
        sa.Column("last_rate_id", Key, nullable=False),
        sa.CheckConstraint("kind IN ('month', 'year')", name=op.f("ck_delivery_statements_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_statements")),
        sa.UniqueConstraint("kind", "period_start", name=op.f("uq_delivery_statements_kind_period_start")),
    )
    rows = "delivery_statement_rows"
    op.create_table(
        rows,
        sa.Column("id", Key, nullable=False),
        sa.Column("statement_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("project", Code, nullable=False),
        sa.Column("unit", Code, nullable=True),
        sa.Column("officer", Code, nullable=True),
        *_figures(),
        _foreign(rows, "statement_id", "delivery_statements"),
        _foreign(rows, "project_id", "projects"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_statement_rows")),
        sa.UniqueConstraint(
            "statement_id", "project_id", name=op.f("uq_delivery_statement_rows_statement_id_project_id")
        ),
    )
    op.create_index(op.f("ix_delivery_statement_rows_project_id"), rows, ["project_id"])
    for table in _GUARDED:
        guard(table)


def _figures() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("allocation", Money(), nullable=True),
        sa.Column("expenditure", Money(), nullable=True),
        sa.Column("encumbrance", Money(), nullable=True),
        sa.Column("rate", Code, nullable=True),
    )


def downgrade() -> None:
    for table in reversed(_GUARDED):
        unguard(table)
        op.drop_table(table)
