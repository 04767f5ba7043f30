"""Old events of the audit trail may go into files, and nothing else of it may go."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_28_60_audit_archives"
down_revision = "2026_11_27_79_risks_and_lessons"
branch_labels = None
depends_on = None

_REFUSED = "rows of audit_events are appended and never changed"
_ARCHIVED = "SELECT 1 FROM audit_archives WHERE OLD.id BETWEEN first_event_id AND last_event_id"

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION earmark_refuse_unless_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS ({_ARCHIVED}) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '{_REFUSED}';
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_archives",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("first_event_id", Key, nullable=False),
        sa.Column("last_event_id", Key, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("size", Key, nullable=False),
        sa.Column("sha256", Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_archives")),
    )
    guard("audit_archives")
    unguard("audit_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(
            "CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events "
            "FOR EACH ROW EXECUTE FUNCTION earmark_refuse_unless_archived()"
        )
        return
    for event, condition in (("UPDATE", ""), ("DELETE", f"WHEN NOT EXISTS ({_ARCHIVED}) ")):
        op.execute(
            f"CREATE TRIGGER audit_events_append_only_{event.lower()} BEFORE {event} ON audit_events {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )


def downgrade() -> None:
    unguard("audit_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION earmark_refuse_unless_archived")
    guard("audit_events")
    unguard("audit_archives")
    op.drop_table("audit_archives")
