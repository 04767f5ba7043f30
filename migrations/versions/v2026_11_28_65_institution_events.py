"""Calendars show what the institution owes: events of no project, which a unit sees to."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Key

revision = "2026_11_28_65_institution_events"
down_revision = "2026_11_28_64_named_sources"
branch_labels = None
depends_on = None

_NO_PROJECT = sa.text("project_id IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("calendar_events") as batch:
        batch.alter_column("project_id", existing_type=Key, nullable=True)
        batch.add_column(sa.Column("unit_id", Key, nullable=True))
        batch.create_foreign_key(
            op.f("fk_calendar_events_unit_id"),
            "units",
            ["unit_id"],
            ["id"],
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        )
    op.create_index(op.f("ix_calendar_events_unit_id"), "calendar_events", ["unit_id"], unique=False)
    op.create_index(
        "uq_calendar_events_institution",
        "calendar_events",
        ["name"],
        unique=True,
        sqlite_where=_NO_PROJECT,
        postgresql_where=_NO_PROJECT,
    )


def downgrade() -> None:
    op.execute("DELETE FROM calendar_events WHERE project_id IS NULL")
    op.drop_index("uq_calendar_events_institution", "calendar_events")
    op.drop_index(op.f("ix_calendar_events_unit_id"), "calendar_events")
    with op.batch_alter_table("calendar_events") as batch:
        batch.drop_constraint(op.f("fk_calendar_events_unit_id"), type_="foreignkey")
        batch.drop_column("unit_id")
        batch.alter_column("project_id", existing_type=Key, nullable=False)
