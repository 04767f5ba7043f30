"""Events of calendars as they went out last, so that their numbers rise with every change."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_25_watched_calendars"
down_revision = "2026_11_25_waivers_taken_back"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_events",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("name", Code, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_calendar_events_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_events")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_calendar_events_project_id_name")),
    )
    op.create_index(op.f("ix_calendar_events_project_id"), "calendar_events", ["project_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_calendar_events_project_id"), table_name="calendar_events")
    op.drop_table("calendar_events")
