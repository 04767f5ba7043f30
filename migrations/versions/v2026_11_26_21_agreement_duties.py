"""Schedules of reports to donors, reports, conditions; alerts about what agreements ask for."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard
from migrations.checks import check_anew

revision = "2026_11_26_21_agreement_duties"
down_revision = "2026_11_26_20_releases"
branch_labels = None
depends_on = None

_KINDS = "subject_kind IN ('obligation', 'recommendation', 'response', 'instalment', 'agreement'{further})"
_TABLES = ("report_schedules", "agreement_reports", "agreement_conditions")


def upgrade() -> None:
    _table(
        "report_schedules",
        sa.Column("kind", _report_kind(), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=True),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.Column("final_months", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "first_due IS NOT NULL OR final_months IS NOT NULL", name=op.f("ck_report_schedules_says_when")
        ),
        sa.CheckConstraint(
            "every_months IS NULL OR every_months > 0", name=op.f("ck_report_schedules_months_above_zero")
        ),
        sa.UniqueConstraint("agreement_id", "kind", name=op.f("uq_report_schedules_agreement_id_kind")),
    )
    _table(
        "agreement_reports",
        sa.Column("kind", _report_kind(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("document_url", sa.Text(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.UniqueConstraint(
            "agreement_id", "kind", "due_on", name=op.f("uq_agreement_reports_agreement_id_kind_due_on")
        ),
    )
    _table(
        "agreement_conditions",
        sa.Column("code", Code, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.UniqueConstraint("agreement_id", "code", name=op.f("uq_agreement_conditions_agreement_id_code")),
    )
    op.create_table(
        "agreement_duties",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", Code, nullable=False),
        sa.Column("agreement_id", Key, nullable=True),
        sa.Column("project_id", Key, nullable=True),
        _reference("agreement_duties", "agreement_id", "agreements.id"),
        _reference("agreement_duties", "project_id", "projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_duties")),
        sa.UniqueConstraint("name", name=op.f("uq_agreement_duties_name")),
    )
    for name in ("agreement_id", "project_id"):
        op.create_index(op.f(f"ix_agreement_duties_{name}"), "agreement_duties", [name], unique=False)
    check_anew("alerts", {"ck_alerts_subject_kind_known": _KINDS.format(further=", 'duty'")})


def downgrade() -> None:
    unguard("alerts")
    op.execute("DELETE FROM message_alerts WHERE alert_id IN (SELECT id FROM alerts WHERE subject_kind = 'duty')")
    op.execute("DELETE FROM alert_events WHERE alert_id IN (SELECT id FROM alerts WHERE subject_kind = 'duty')")
    op.execute("DELETE FROM alerts WHERE subject_kind = 'duty'")
    check_anew("alerts", {"ck_alerts_subject_kind_known": _KINDS.format(further="")})
    guard("alerts")
    for name in ("agreement_duties", *reversed(_TABLES)):
        op.drop_table(name)


def _report_kind() -> sa.Enum:
    words = ("substantive", "financial")
    return sa.Enum(*words, name="is_reportkind", native_enum=False, length=40, create_constraint=True)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="RESTRICT",
        initially="IMMEDIATE",
        deferrable=True,
    )


def _table(name: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    """A table of rows that people change, below an agreement."""
    op.create_table(
        name,
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("agreement_id", Key, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        *parts,
        _reference(name, "agreement_id", "agreements.id"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_agreement_id"), name, ["agreement_id"], unique=False)
