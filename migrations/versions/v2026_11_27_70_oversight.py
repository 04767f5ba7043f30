"""Reports of audits and donors' assessments, and recommendations of every overseer."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime
from migrations.append_only import guard, unguard
from migrations.checks import check_anew

revision = "2026_11_27_70_oversight"
down_revision = "2026_11_27_60_dated_money"
branch_labels = None
depends_on = None

_KINDS = (
    "subject_kind IN ('obligation', 'recommendation', 'response', 'instalment', 'agreement', 'duty', "
    "'delivery'{further})"
)
_RESPONSES = "response IN ('accepted', 'partly', 'rejected'{further})"
_STATUSES = "status IN ('open', 'in-progress', 'done', 'verified', 'dropped'{further})"
_DAYS = ("plan_due_on", "plan_on", "done_on", "found_outstanding_on")


def upgrade() -> None:
    op.create_table(
        "oversight_reports",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("reference", Code, nullable=False),
        sa.Column("overseer", _overseer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("series", Code, nullable=True),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("partner_id", Key, nullable=True),
        sa.Column("scale_min", Money(), nullable=True),
        sa.Column("scale_max", Money(), nullable=True),
        sa.Column("report_url", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("overseer <> 'evaluation'", name=op.f("ck_oversight_reports_is_no_evaluation")),
        sa.CheckConstraint(
            "(scale_min IS NULL) = (scale_max IS NULL)", name=op.f("ck_oversight_reports_scale_has_both_ends")
        ),
        _reference("oversight_reports", "unit_id", "units.id"),
        _reference("oversight_reports", "partner_id", "partners.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight_reports")),
        sa.UniqueConstraint("reference", name=op.f("uq_oversight_reports_reference")),
    )
    for name in ("overseer", "unit_id", "partner_id"):
        op.create_index(op.f(f"ix_oversight_reports_{name}"), "oversight_reports", [name], unique=False)
    op.create_table(
        "assessment_scores",
        sa.Column("id", Key, nullable=False),
        sa.Column("report_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("section", Code, nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("score", Money(), nullable=False),
        _reference("assessment_scores", "report_id", "oversight_reports.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_scores")),
        sa.UniqueConstraint(
            "report_id", "section", "aspect", "item", name=op.f("uq_assessment_scores_report_id_section_aspect_item")
        ),
    )
    op.create_index(op.f("ix_assessment_scores_report_id"), "assessment_scores", ["report_id"], unique=False)
    with op.batch_alter_table("recommendations") as batch:
        for name in _DAYS:
            batch.add_column(sa.Column(name, sa.Date(), nullable=True))
        batch.add_column(sa.Column("report_id", Key, nullable=True))
        batch.alter_column("evaluation_id", existing_type=Key, nullable=True)
        batch.create_foreign_key(
            op.f("fk_recommendations_report_id"),
            "oversight_reports",
            ["report_id"],
            ["id"],
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        )
        batch.create_index(op.f("ix_recommendations_report_id"), ["report_id"])
        batch.create_check_constraint(
            op.f("ck_recommendations_of_one_report"), "(evaluation_id IS NULL) = (report_id IS NOT NULL)"
        )
    check_anew("recommendations", _checks(", 'deferred'"))
    op.add_column("alerts", sa.Column("unit_id", Key, nullable=True))
    check_anew("alerts", {"ck_alerts_subject_kind_known": _KINDS.format(further=", 'plan', 'risk'")})


def downgrade() -> None:
    unguard("alerts")
    op.execute(
        "DELETE FROM message_alerts WHERE alert_id IN (SELECT id FROM alerts WHERE subject_kind IN ('plan', 'risk'))"
    )
    op.execute(
        "DELETE FROM alert_events WHERE alert_id IN (SELECT id FROM alerts WHERE subject_kind IN ('plan', 'risk'))"
    )
    op.execute("DELETE FROM alerts WHERE subject_kind IN ('plan', 'risk')")
    check_anew("alerts", {"ck_alerts_subject_kind_known": _KINDS.format(further="")})
    op.drop_column("alerts", "unit_id")
    guard("alerts")
    # what the older program does not know: recommendations of others, and what was put off
    op.execute(
        "DELETE FROM recommendation_actions WHERE recommendation_id IN "
        "(SELECT id FROM recommendations WHERE evaluation_id IS NULL)"
    )
    op.execute("DELETE FROM recommendations WHERE evaluation_id IS NULL")
    op.execute("UPDATE recommendations SET response = 'partly' WHERE response = 'deferred'")
    op.execute("UPDATE recommendations SET status = 'open' WHERE status = 'deferred'")
    check_anew("recommendations", _checks(""))
    with op.batch_alter_table("recommendations") as batch:
        batch.drop_constraint(op.f("ck_recommendations_of_one_report"), type_="check")
        batch.drop_index(op.f("ix_recommendations_report_id"))
        batch.drop_constraint(op.f("fk_recommendations_report_id"), type_="foreignkey")
        batch.alter_column("evaluation_id", existing_type=Key, nullable=False)
        for name in ("report_id", *_DAYS):
            batch.drop_column(name)
    op.drop_table("assessment_scores")
    op.drop_table("oversight_reports")


def _checks(further: str) -> dict[str, str]:
    return {
        "ck_recommendations_is_recommendationresponse": _RESPONSES.format(further=further),
        "ck_recommendations_is_recommendationstatus": _STATUSES.format(further=further),
    }


def _overseer() -> sa.Enum:
    words = ("evaluation", "internal-audit", "external-audit", "donor-assessment", "other")
    return sa.Enum(*words, name="is_overseer", native_enum=False, length=40, create_constraint=True)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=op.f(f"fk_{table}_{column}"),
        ondelete="RESTRICT",
        initially="IMMEDIATE",
        deferrable=True,
    )
