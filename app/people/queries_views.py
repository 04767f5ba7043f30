"""Reads of saved views."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Unit
from app.db.pages import SavedView
from app.db.people import User
from app.http.lists import Listing, equals, sort

_view, _user, _unit = table(SavedView).c, table(User).c, table(Unit).c

VIEWS = Listing(
    name="views",
    statement=select(
        _view.id, _view.page, _view.name, _view.query, _user.name.label("owner"), _unit.code.label("shared_with"),
        _view.created_at,
    )
    .join_from(table(SavedView), table(User), _user.id == _view.user_id)
    .join(table(Unit), _unit.id == _view.unit_id, isouter=True),
    key=_view.id,
    sorts={"name": sort(_view.name), "id": sort(_view.id)},
    filters={"page": equals(_view.page)},
    usual_sort="name",
)  # fmt: skip


def visible(user_id: int, unit_id: int | None) -> ColumnElement[bool]:
    """The views that a person saved, or that are shared with the person's unit."""
    own = _view.user_id == user_id
    return own if unit_id is None else or_(own, _view.unit_id == unit_id)


def saved_views(session: Session, page: str, user_id: int, unit_id: int | None) -> Sequence[SavedView]:
    """The views of a list that a person sees; by name."""
    found = select(SavedView).where(_view.page == page, visible(user_id, unit_id)).order_by(_view.name, _view.id)
    return session.scalars(found).all()
