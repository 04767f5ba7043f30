"""Reads of saved views."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlmodel import Session

from app.db.alerts import Message
from app.db.base import table
from app.db.organisation import Officer, Unit
from app.db.pages import SavedView
from app.db.people import User
from app.db.shapes import shaped
from app.domain.terms import DeliveryState
from app.http.lists import Listing, equals, sort

_view, _user, _unit, _officer = table(SavedView).c, table(User).c, table(Unit).c, table(Officer).c
_message = table(Message).c

#: what the thread of the messages of a view begins with; its key follows
THREAD = "view-"

VIEWS = Listing(
    name="views",
    statement=select(
        _view.id, _view.page, _view.name, _view.query, _user.name.label("owner"), _unit.code.label("shared_with"),
        _view.created_at, _view.digest,
    )
    .join_from(table(SavedView), table(User), _user.id == _view.user_id)
    .join(table(Unit), _unit.id == _view.unit_id, isouter=True),
    key=_view.id,
    sorts={"name": sort(_view.name), "id": sort(_view.id)},
    filters={"page": equals(_view.page)},
    usual_sort="name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mailed:
    """A view that is mailed, and to whom."""

    id: int
    name: str
    page: str
    query: str
    digest: str | None
    address: str
    #: what the officer is called
    officer: str


_MAILED = (
    select(
        _view.id, _view.name, _view.page, _view.query, _view.digest, _officer.email.label("address"),
        _officer.name.label("officer"),
    )
    .join_from(table(SavedView), table(User), _user.id == _view.user_id)
    .join(table(Officer), _officer.id == _user.officer_id)
    .where(_user.archived_at.is_(None), _officer.archived_at.is_(None), _view.digest.is_not(None))
)  # fmt: skip


def due_digests(session: Session, today: dt.date) -> list[Mailed]:
    """The views whose list is to be mailed by today, and was not asked for yet; whoever asks takes turns."""
    due = or_(
        _view.digest_on.is_(None),
        and_(_view.digest == "day", _view.digest_on < today),
        and_(_view.digest == "week", _view.digest_on <= today - dt.timedelta(days=7)),
    )
    return shaped(Mailed, session.execute(_MAILED.where(due).order_by(_view.id)))


def waiting(session: Session, views: Sequence[Mailed]) -> set[int]:
    """Those of these views of which a mail to the same address waits, and says nothing yet."""
    threads = {(f"{THREAD}{view.id}", view.address): view.id for view in views}
    waits = select(_message.thread, _message.recipient).where(
        _message.thread.in_(sorted({thread for thread, _ in threads})),
        _message.composed_at.is_(None),
        _message.state.in_([DeliveryState.WAITING, DeliveryState.SENDING]),
    )
    found = {(row.thread, row.recipient) for row in session.execute(waits)}
    return {view for place, view in threads.items() if place in found}


def mailed(session: Session, ids: Collection[int]) -> dict[int, Mailed]:
    """Those of these views that are mailed still, to whom they go now."""
    found = shaped(Mailed, session.execute(_MAILED.where(_view.id.in_(sorted(ids)))))
    return {each.id: each for each in found}


def note_digests(session: Session, ids: Collection[int], today: dt.date) -> None:
    session.execute(update(table(SavedView)).where(_view.id.in_(sorted(ids))).values(digest_on=today))


def end_digest(session: Session, view_id: int) -> None:
    session.execute(update(table(SavedView)).where(_view.id == view_id).values(digest=None))


def has_address(session: Session, user_id: int) -> bool:
    """Whether the person is an officer, whose address is known."""
    found = select(_officer.id).join_from(table(User), table(Officer), _officer.id == _user.officer_id)
    return session.scalar(found.where(_user.id == user_id, _officer.archived_at.is_(None))) is not None


def visible(user_id: int, unit_id: int | None) -> ColumnElement[bool]:
    """The views that a person saved, or that are shared with the person's unit."""
    own = _view.user_id == user_id
    return own if unit_id is None else or_(own, _view.unit_id == unit_id)


def saved_views(session: Session, page: str, user_id: int, unit_id: int | None) -> Sequence[SavedView]:
    """The views of a list that a person sees; by name."""
    found = select(SavedView).where(_view.page == page, visible(user_id, unit_id)).order_by(_view.name, _view.id)
    return session.scalars(found).all()
