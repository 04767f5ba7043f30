"""Duties of the institution beside those of projects, what evaluations look at, and milestones of strategies."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard
from migrations.checks import check_anew

revision = "2026_11_27_78_institution"
down_revision = "2026_11_27_74_files_in_parts"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('evaluability', 'annual-review', 'mid-term', 'final', 'ex-post', 'interim'{further})"
_FURTHER = ", 'thematic', 'high-level', 'country-programme', 'milestone'"
_OF_ONE = "(project_id IS NULL) = (subject_kind IS NOT NULL)"
_COLUMNS = (("subject_kind", Code), ("subject", Code), ("title", sa.Text()), ("duty_unit_id", Key))


def upgrade() -> None:
    for name, type_ in _COLUMNS:
        op.add_column("obligations", sa.Column(name, type_, nullable=True))
    checks = {
        "ck_obligations_kind_known": _KINDS.format(further=_FURTHER),
        "ck_obligations_of_project_or_institution": _OF_ONE,
    }
    check_anew("obligations", checks, optional={"project_id": True})
    op.create_index(
        "uq_obligations_institution_key",
        "obligations",
        ["key"],
        unique=True,
        sqlite_where=sa.text("project_id IS NULL"),
        postgresql_where=sa.text("project_id IS NULL"),
    )
    op.add_column("evaluations", sa.Column("subject", Code, nullable=True))
    check_anew("evaluations", {"ck_evaluations_kind_known": _KINDS.format(further=_FURTHER)})
    op.create_table(
        "strategy_milestones",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("strategy", Code, nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("result", Code, nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("document_url", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("result IN ('fully', 'partly', 'not')", name=op.f("ck_strategy_milestones_result_known")),
        sa.CheckConstraint(
            "(result IS NULL) = (reported_on IS NULL)", name=op.f("ck_strategy_milestones_result_has_its_day")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
            name=op.f("fk_strategy_milestones_unit_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_milestones")),
        sa.UniqueConstraint("strategy", "code", name=op.f("uq_strategy_milestones_strategy_code")),
    )
    op.create_index(op.f("ix_strategy_milestones_unit_id"), "strategy_milestones", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("strategy_milestones")
    # what the older program does not know
    op.execute("UPDATE evaluations SET kind = 'ex-post' WHERE kind NOT IN ('evaluability', 'annual-review', "
               "'mid-term', 'final', 'ex-post', 'interim')")  # fmt: skip
    check_anew("evaluations", {"ck_evaluations_kind_known": _KINDS.format(further="")})
    op.drop_column("evaluations", "subject")
    unguard("waivers_taken_back")
    unguard("obligation_decisions")
    op.execute(
        "DELETE FROM waivers_taken_back WHERE decision_id IN (SELECT id FROM obligation_decisions "
        "WHERE obligation_id IN (SELECT id FROM obligations WHERE project_id IS NULL))"
    )
    op.execute(
        "DELETE FROM obligation_decisions WHERE obligation_id IN (SELECT id FROM obligations WHERE project_id IS NULL)"
    )
    guard("waivers_taken_back")
    guard("obligation_decisions")
    op.drop_index("uq_obligations_institution_key", "obligations")
    op.execute("DELETE FROM obligations WHERE project_id IS NULL")
    checks = {
        "ck_obligations_kind_known": _KINDS.format(further=""),
        "ck_obligations_of_project_or_institution": "1 = 1",
    }
    check_anew("obligations", checks, optional={"project_id": False})
    with op.batch_alter_table("obligations") as batch:
        batch.drop_constraint(op.f("ck_obligations_of_project_or_institution"), type_="check")
        for name, _ in _COLUMNS:
            batch.drop_column(name)
