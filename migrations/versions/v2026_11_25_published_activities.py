"""Which identifiers the world has seen: those of activities that were rendered for a file, and former ones."""

import datetime as dt
import json

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_25_published_activities"
down_revision = "2026_11_20_core_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_activities",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("identifier", Code, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("reporting_org", Code, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_published_activities_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_activities")),
        sa.UniqueConstraint("identifier", name=op.f("uq_published_activities_identifier")),
    )
    op.create_index(op.f("ix_published_activities_project_id"), "published_activities", ["project_id"])
    _record_what_was_exported()


def _record_what_was_exported() -> None:
    """An activity of which a rendered form is kept was written into a file; former identifiers were seen as well."""
    connection = op.get_bind()
    now = dt.datetime.now(dt.UTC)
    project = sa.table(
        "projects",
        sa.column("id", Key),
        sa.column("iati_identifier", Code),
        sa.column("former_identifiers", sa.JSON),
        sa.column("reporting_org_id", Key),
    )
    fragment = sa.table("fragments", sa.column("project_id", Key))
    organisation = sa.table("organisations", sa.column("id", Key), sa.column("identifier", Code))
    target = sa.table(
        "published_activities",
        sa.column("recorded_at", UTCDateTime()),
        sa.column("recorded_by", sa.Text),
        sa.column("identifier", Code),
        sa.column("project_id", Key),
        sa.column("reporting_org", Code),
    )
    exported = (
        sa.select(
            sa.literal(now, UTCDateTime()),
            sa.literal("migration", sa.Text),
            project.c.iati_identifier,
            project.c.id,
            organisation.c.identifier,
        )
        .select_from(project.join(organisation, organisation.c.id == project.c.reporting_org_id))
        .where(project.c.id.in_(sa.select(fragment.c.project_id)))
        .order_by(project.c.iati_identifier)
    )
    columns = ["recorded_at", "recorded_by", "identifier", "project_id", "reporting_org"]
    connection.execute(sa.insert(target).from_select(columns, exported))
    renamed = sa.select(project.c.id, project.c.former_identifiers).where(
        sa.cast(project.c.former_identifiers, sa.String) != "[]"
    )
    known = set(connection.scalars(sa.select(target.c.identifier)))
    for key, former in connection.execute(renamed).all():
        for identifier in former if isinstance(former, list) else json.loads(former):
            if identifier not in known:
                known.add(identifier)
                row = {"recorded_at": now, "recorded_by": "migration", "identifier": identifier, "project_id": key}
                connection.execute(sa.insert(target).values(row))


def downgrade() -> None:
    op.drop_table("published_activities")
