"""Rules of saved views. None of them commits. A view is the query of a list's address, which stays the truth."""

import re
from collections.abc import Sequence

from sqlmodel import Session

from app.db.pages import SavedView
from app.domain.access import Actor
from app.errors import NotAllowed, NotFound
from app.inputs import FaultList
from app.people import queries_views as queries
from app.people.schemas_views import ViewIn

_PAGE = re.compile(r"[a-z]{1,30}(/[a-z-]{1,30})?")
_NO_LIST = "Views are of lists: open the list, and keep it from there."
#: lists that can be mailed
MAILED = frozenset({"projects"})
_LONGEST_NAME, _LONGEST_QUERY = 80, 4000


def keep(
    session: Session, actor: Actor, *, page: str, name: str, query: str, shared: bool, pointer: str = ""
) -> SavedView:
    """Keeps a view of a list under a name; the same name again replaces it, and stays mailed where it was.

    :raises InvalidInput: when it has no name, or is no list of ours.
    """
    if actor.user_id is None:
        raise NotAllowed("Only people keep views.")
    found = FaultList(pointer)
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        found.add("name", "view.name", f"Give the view a name of at most {_LONGEST_NAME} characters.")
    if not _PAGE.fullmatch(page):
        found.add("page", "view.page", _NO_LIST)
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


def set_digest(session: Session, actor: Actor, view: SavedView, every: str | None, *, pointer: str = "") -> None:
    """Has the list of one's own view mailed each day or week; None: no longer.

    :raises InvalidInput: for a list that is not mailed, and for people without an address.
    """
    found = FaultList(pointer)
    if every not in (None, "day", "week"):
        found.add("digest", "view.digest", "Write day or week.")
    if every is not None and view.page not in MAILED:
        found.add("digest", "view.no-digest", "Lists of projects are mailed, no others.")
    if every is not None and actor.user_id is not None and not queries.has_address(session, actor.user_id):
        message = "Nobody knows your address: ask an administrator to link your account to you as an officer."
        found.add("digest", "view.no-address", message)
    found.refuse()
    if view.digest != every:
        view.digest, view.digest_on = every, None
        session.flush()


def own_view(session: Session, actor: Actor, view_id: int) -> SavedView:
    """A view of one's own."""
    view = session.get(SavedView, view_id)
    if view is None or view.user_id != actor.user_id:
        raise NotFound("You keep no such view.")
    return view


def remove(session: Session, actor: Actor, view_id: int) -> str:
    """Removes a view of one's own; gives the list it was of."""
    view = own_view(session, actor, view_id)
    session.delete(view)
    session.flush()
    return view.page


def put_views(session: Session, actor: Actor, page: str, items: Sequence[ViewIn]) -> None:
    """Makes one's own views of a list those given: what is not named is removed.

    :raises InvalidInput: when two have one name, or one cannot be kept.
    """
    if actor.user_id is None:
        raise NotAllowed("Only people keep views.")
    names = [" ".join(item.name.split()) for item in items]
    found = FaultList()
    if not _PAGE.fullmatch(page):
        found.add("page", "view.page", _NO_LIST)
    for place, name in enumerate(names):
        if name in names[:place]:
            found.add(f"items/{place}/name", "view.name", f"There are two views called {name}.")
    found.refuse()
    for place, item in enumerate(items):
        here = f"/items/{place}"
        view = keep(session, actor, page=page, name=item.name, query=item.query, shared=item.shared, pointer=here)
        set_digest(session, actor, view, item.digest, pointer=here)
    for view in queries.saved_views(session, page, actor.user_id, None):
        if view.name not in names:
            session.delete(view)
    session.flush()
