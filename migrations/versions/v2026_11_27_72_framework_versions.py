"""Results frameworks of any period and levels, targets below the whole, tags, and the ways between frameworks."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime

revision = "2026_11_27_72_framework_versions"
down_revision = "2026_11_27_71_table_uploads"
branch_labels = None
depends_on = None

_LEVELS = op.f("ck_framework_items_level_known")


def _kept() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
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
    with op.batch_alter_table("framework_items") as batch:
        batch.drop_constraint(_LEVELS, type_="check")
        batch.add_column(sa.Column("measure", Code, nullable=True))
        batch.add_column(sa.Column("target_text", sa.Text(), nullable=True))
        batch.add_column(sa.Column("baseline_year", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("baseline_value", sa.Text(), nullable=True))
    op.create_table(
        "results_frameworks",
        *_kept(),
        sa.Column("code", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_results_frameworks_dates_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results_frameworks")),
        sa.UniqueConstraint("code", name=op.f("uq_results_frameworks_code")),
    )
    op.create_table(
        "framework_targets",
        *_kept(),
        sa.Column("item_id", Key, nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("region", Code, nullable=False),
        sa.Column("target", Money(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_framework_targets_dates_in_order")),
        _foreign("framework_targets", "item_id", "framework_items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_targets")),
        sa.UniqueConstraint(
            "item_id",
            "period_start",
            "period_end",
            "region",
            name=op.f("uq_framework_targets_item_id_period_start_period_end_region"),
        ),
    )
    op.create_table(
        "framework_tags",
        *_kept(),
        sa.Column("item_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=True),
        sa.Column("programme_id", Key, nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("source", Code, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(project_id IS NULL) = (programme_id IS NOT NULL)", name=op.f("ck_framework_tags_of_one_record")
        ),
        sa.CheckConstraint(
            "(period_start IS NULL) = (period_end IS NULL) AND (period_start IS NULL OR project_id IS NOT NULL)",
            name=op.f("ck_framework_tags_allocation_has_project"),
        ),
        _foreign("framework_tags", "item_id", "framework_items"),
        _foreign("framework_tags", "project_id", "projects"),
        _foreign("framework_tags", "programme_id", "country_programmes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_tags")),
    )
    for name in ("item_id", "project_id", "programme_id"):
        op.create_index(op.f(f"ix_framework_tags_{name}"), "framework_tags", [name])
    op.create_table(
        "framework_ways",
        *_kept(),
        sa.Column("from_item_id", Key, nullable=False),
        sa.Column("to_framework", Code, nullable=False),
        sa.Column("to_item_id", Key, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        _foreign("framework_ways", "from_item_id", "framework_items"),
        _foreign("framework_ways", "to_item_id", "framework_items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_ways")),
        sa.UniqueConstraint(
            "from_item_id",
            "to_framework",
            "to_item_id",
            name=op.f("uq_framework_ways_from_item_id_to_framework_to_item_id"),
        ),
    )
    op.create_index(op.f("ix_framework_ways_to_item_id"), "framework_ways", ["to_item_id"])


def downgrade() -> None:
    for name in ("framework_ways", "framework_tags", "framework_targets", "results_frameworks"):
        op.drop_table(name)
    # levels that the former tables do not know cannot stand in them
    op.execute("DELETE FROM framework_items WHERE level NOT IN ('outcome', 'output', 'indicator')")
    with op.batch_alter_table("framework_items") as batch:
        for name in ("measure", "target_text", "baseline_year", "baseline_value"):
            batch.drop_column(name)
        batch.create_check_constraint(_LEVELS, "level IN ('outcome', 'output', 'indicator')")
