"""One record for each result achieved."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime

revision = "2026_11_27_79_result_records"
down_revision = "2026_11_27_78_institution"
branch_labels = None
depends_on = None


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
    records, projects = "result_records", "result_record_projects"
    op.create_table(
        records,
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("reference", Code, nullable=False),
        sa.Column("item_id", Key, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("country", Code, nullable=True),
        sa.Column("region", Code, nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("quantity", Money(), nullable=False),
        sa.Column("programme_id", Key, nullable=True),
        sa.Column("gender_marker", sa.Integer(), nullable=True),
        sa.Column("sdg", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("south_south", sa.Text(), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("same_as_id", Key, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "gender_marker IS NULL OR gender_marker BETWEEN 0 AND 3",
            name=op.f("ck_result_records_gender_marker_known"),
        ),
        sa.CheckConstraint("same_as_id <> id", name=op.f("ck_result_records_same_as_another")),
        _foreign(records, "item_id", "framework_items"),
        _foreign(records, "programme_id", "country_programmes"),
        _foreign(records, "same_as_id", "result_records"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_records")),
        sa.UniqueConstraint("reference", name=op.f("uq_result_records_reference")),
    )
    for name in ("item_id", "programme_id", "same_as_id"):
        op.create_index(op.f(f"ix_result_records_{name}"), records, [name])
    op.create_table(
        projects,
        sa.Column("id", Key, nullable=False),
        sa.Column("record_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        _foreign(projects, "record_id", "result_records"),
        _foreign(projects, "project_id", "projects"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_record_projects")),
        sa.UniqueConstraint("record_id", "project_id", name=op.f("uq_result_record_projects_record_id_project_id")),
    )
    op.create_index(op.f("ix_result_record_projects_project_id"), projects, ["project_id"])


def downgrade() -> None:
    op.drop_table("result_record_projects")
    op.drop_table("result_records")
