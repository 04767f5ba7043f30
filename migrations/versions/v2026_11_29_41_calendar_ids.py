"""Events of calendars keep the id that they went out with first, and feeds know what they have shown.

Ids of events that are out follow the code of their project as it is; the host joins when they go out next.
"""

import re

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_29_41_calendar_ids"
down_revision = "2026_11_29_40_portions"
branch_labels = None
depends_on = None

_INDEX = "uq_calendar_events_uid"


def upgrade() -> None:
    op.add_column("calendar_events", sa.Column("uid", Code, nullable=True))
    _name()
    op.create_index(_INDEX, "calendar_events", ["uid"], unique=True)
    op.create_table(
        "calendar_shown",
        sa.Column("id", Key, nullable=False),
        sa.Column("feed_id", Key, nullable=False),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("wording", Code, nullable=False),
        sa.Column("gone_at", UTCDateTime(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [target],
                name=op.f(f"fk_calendar_shown_{column}"),
                ondelete="RESTRICT",
                initially="IMMEDIATE",
                deferrable=True,
            )
            for column, target in (("feed_id", "calendar_feeds.id"), ("event_id", "calendar_events.id"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_shown")),
        sa.UniqueConstraint("feed_id", "event_id", name=op.f("uq_calendar_shown_feed_id_event_id")),
    )
    for column in ("feed_id", "event_id"):
        op.create_index(op.f(f"ix_calendar_shown_{column}"), "calendar_shown", [column], unique=False)


def _name() -> None:
    """As the program named them so far; of two that had one id the later gets another."""
    bind, taken, named = op.get_bind(), set(), []
    rows = bind.execute(
        sa.text(
            "SELECT e.id, e.name, p.code FROM calendar_events e LEFT JOIN projects p ON p.id = e.project_id ORDER BY e.id"
        )
    )
    for key, name, code in rows:
        called = (
            f"institution.{re.sub(r'[^A-Za-z0-9.-]+', '-', name)}"
            if code is None
            else f"{code.replace('/', '-')}.{name}"
        )
        uid, number = called, 1
        while uid in taken:
            number += 1
            uid = f"{called}.{number}"
        taken.add(uid)
        named.append({"key": key, "uid": uid})
    if named:
        bind.execute(sa.text("UPDATE calendar_events SET uid = :uid WHERE id = :key"), named)


def downgrade() -> None:
    op.drop_table("calendar_shown")
    op.drop_index(_INDEX, "calendar_events")
    op.drop_column("calendar_events", "uid")
