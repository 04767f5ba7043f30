"""Statements of obligations as lists, and the owner of a feed."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.alerts import CalendarFeed
from app.db.base import table
from app.db.evaluations import (
    Obligation,
)
from app.db.organisation import Officer, Unit
from app.db.people import User
from app.db.projects import Project
from app.db.shapes import first_shaped
from app.http.lists import Listing, at_least, at_most, equals, sort, unless_archived

_project, _unit, _officer = table(Project).c, table(Unit).c, table(Officer).c
_obligation = table(Obligation).c


OBLIGATIONS = Listing(
    name="obligations",
    statement=select(_obligation.id)
    .join_from(table(Obligation), table(Project), _project.id == _obligation.project_id, isouter=True)
    .join(table(Unit), _unit.id == func.coalesce(_project.unit_id, _obligation.duty_unit_id), isouter=True)
    .join(table(Officer), _officer.id == _project.officer_id, isouter=True)
    .where(_project.archived_at.is_(None)),
    key=_obligation.id,
    sorts={
        "due": sort(_obligation.due_on),
        "window_opens": sort(_obligation.opens_on),
        "project": sort(_project.code, nullable=True),
        "id": sort(_obligation.id),
    },
    filters={
        "project": equals(_project.code),
        "unit": equals(_unit.code),
        "officer": equals(_officer.code),
        "kind": equals(_obligation.kind),
        "obliged": equals(_obligation.subject_kind),
        "status": equals(_obligation.status),
        "due_from": at_least(_obligation.due_on),
        "due_to": at_most(_obligation.due_on),
    },
    usual_sort="due",
)


_feed, _user = table(CalendarFeed).c, table(User).c

FEEDS = Listing(
    name="calendar feeds",
    statement=select(
        _feed.id, _officer.code.label("officer"), _unit.code.label("unit"), _feed.recorded_by, _feed.recorded_at,
        _feed.revoked_at,
    )
    .join_from(table(CalendarFeed), table(Officer), _officer.id == _feed.officer_id, isouter=True)
    .join(table(Unit), _unit.id == _feed.unit_id, isouter=True),
    key=_feed.id,
    sorts={"id": sort(_feed.id), "recorded_at": sort(_feed.recorded_at)},
    filters={"recorded_by": equals(_feed.recorded_by), "revoked": unless_archived(_feed.revoked_at)},
    usual_sort="-id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """Whose due dates a feed shows."""

    feed_id: int
    officer_id: int | None
    unit_id: int | None
    name: str
    #: of the officer
    address: str | None


def feed_owner(session: Session, token_hash: str) -> FeedOwner | None:
    """Of the feed with that secret; None when there is none, or it or its maker ended."""
    statement = (
        select(
            _feed.id.label("feed_id"), _feed.officer_id, _feed.unit_id,
            func.coalesce(_officer.name, _unit.name).label("name"), _officer.email.label("address"),
        )
        .join_from(table(CalendarFeed), table(Officer), _officer.id == _feed.officer_id, isouter=True)
        .join(table(Unit), _unit.id == _feed.unit_id, isouter=True)
        .join(table(User), _user.name == _feed.recorded_by, isouter=True)
        .where(_feed.token_hash == token_hash, _feed.revoked_at.is_(None), _user.archived_at.is_(None))
    )  # fmt: skip
    return first_shaped(FeedOwner, session.execute(statement))
