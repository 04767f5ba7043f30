"""Risks of projects and units, lessons learned, and what is known of an evaluation through its cycle."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_27_79_risks_and_lessons"
down_revision = "2026_11_27_79_result_records"
branch_labels = None
depends_on = None

_CYCLE = (
    ("terms_url", sa.Text()),
    ("replaces", sa.Integer()),
    ("quality", sa.Integer()),
    ("quality_by", sa.Text()),
    ("joint_with", sa.JSON()),
    ("evidence_on", sa.JSON()),
    ("participants", sa.JSON()),
)


def upgrade() -> None:
    _table(
        "risks",
        sa.Column("project_id", Key, nullable=True),
        sa.Column("unit_id", Key, nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("likelihood", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("owner_id", Key, nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(project_id IS NULL) = (unit_id IS NOT NULL)", name=op.f("ck_risks_of_project_or_unit")),
        sa.CheckConstraint(
            "likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name=op.f("ck_risks_levels_1_to_5")
        ),
        _reference("risks", "project_id", "projects.id"),
        _reference("risks", "unit_id", "units.id"),
        _reference("risks", "owner_id", "officers.id"),
    )
    for name in ("project_id", "unit_id", "owner_id", "review_on"):
        op.create_index(op.f(f"ix_risks_{name}"), "risks", [name], unique=False)
    _table(
        "lessons",
        sa.Column("kind", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("evaluation_id", Key, nullable=True),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('lesson', 'good-practice')", name=op.f("ck_lessons_kind_known")),
        _reference("lessons", "evaluation_id", "evaluations.id"),
        _reference("lessons", "project_id", "projects.id"),
    )
    for name in ("evaluation_id", "project_id"):
        op.create_index(op.f(f"ix_lessons_{name}"), "lessons", [name], unique=False)
    op.create_table(
        "lesson_tags",
        sa.Column("id", Key, nullable=False),
        sa.Column("lesson_id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.CheckConstraint("kind IN ('sector', 'country', 'outcome', 'tag')", name=op.f("ck_lesson_tags_kind_known")),
        _reference("lesson_tags", "lesson_id", "lessons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_tags")),
        sa.UniqueConstraint("lesson_id", "kind", "code", name=op.f("uq_lesson_tags_lesson_id_kind_code")),
    )
    op.create_index("ix_lesson_tags_kind_code", "lesson_tags", ["kind", "code"], unique=False)
    for name, type_ in _CYCLE:
        op.add_column("evaluations", sa.Column(name, type_, nullable=True))


def downgrade() -> None:
    for name, _ in reversed(_CYCLE):
        op.drop_column("evaluations", name)
    op.drop_table("lesson_tags")
    op.drop_table("lessons")
    op.drop_table("risks")


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
    """A table of rows that people change, known by a reference."""
    op.create_table(
        name,
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("reference", Code, nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{name}_reference")),
    )
