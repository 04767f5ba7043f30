"""Rules of saved views. A view is the query of a list's address, which stays the truth."""

import re

from sqlmodel import Session

from app.db.pages import SavedView
from app.domain.access import Actor
from app.errors import NotAllowed, NotFound
from app.inputs import FaultList
from app.web import queries

_PAGE = re.compile(r"[a-z]{1,30}(/[a-z-]{1,30})?")
_LONGEST_NAME, _LONGEST_QUERY = 80, 4000


def keep(session: Session, actor: Actor, *, page: str, name: str, query: str, shared: bool) -> SavedView:
    """Keeps a view of a list under a name; the same name again replaces it.

    :raises InvalidInput: when it has no name, or is no list of ours.
    """
    if actor.user_id is None:
        raise NotAllowed("Only people keep views.")
    found = FaultList()
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        found.add("name", "view.name", f"Give the view a name of at most {_LONGEST_NAME} characters.")
    if not _PAGE.fullmatch(page):
        found.add("page", "view.page", "Views are of lists: open the list, and keep it from there.")
    if len(query) > _LONGEST_QUERY or not query.isprintable():
        found.add("query", "view.query", "This list has too many filters to be kept.")
    if shared and actor.unit_id is None:
        found.add("shared", "view.no-unit", "You belong to no unit that could share the view.")
    found.refuse()
    view = next((each for each in queries.saved_views(session, page, actor.user_id, None) if each.name == name), None)
    if view is None:
        view = SavedView(user_id=actor.user_id, name=name, page=page, query=query)
        session.add(view)
    view.query = query
    view.unit_id = actor.unit_id if shared else None
    session.flush()
    return view


def remove(session: Session, actor: Actor, view_id: int) -> str:
    """Removes a view of one's own; gives the list it was of."""
    view = session.get(SavedView, view_id)
    if view is None or view.user_id != actor.user_id:
        raise NotFound("You keep no such view.")
    session.delete(view)
    session.flush()
    return view.page
