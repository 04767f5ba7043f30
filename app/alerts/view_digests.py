"""Lists that people have mailed to them: their saved views, composed when they are sent.

A mail is asked for once a day or a week; between that and its sending the view may be changed, given up or unsubscribed
from, and records change. What is sent is the list of that moment, and what nobody wants any more is withdrawn.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from pydantic import ValidationError
from sqlmodel import Session

from app.config import Settings
from app.db.bulk import take_turns
from app.http.lists import Shown
from app.http.lists import page as page_of
from app.outbox import queries as outbox
from app.outbox.transport import message_id_of
from app.people import queries_views as queries
from app.people.queries_views import Mailed
from app.projects.answers import ProjectPage
from app.projects.queries import PROJECTS
from app.work import Work

#: what the thread of these messages begins with; the key of the view follows
THREAD = "view-"
#: projects that a mail names; the list has the others
_MOST = 50


def ask_for_digests(work: Work) -> int:
    """Puts a mail into the outbox for each view whose list is due; gives their number."""
    with work.database.write(work.worker) as session:
        work.held.guard(session)
        take_turns(session, "messages")
        due = queries.due_digests(session, work.as_of)
        asked = [
            outbox.Addressing(
                message_id=message_id_of(work.settings.mail_from),
                channel="mail",
                recipient=each.address,
                thread=f"{THREAD}{each.id}",
            )
            for each in due
        ]
        if asked:
            outbox.add(session, asked)
            queries.note_digests(session, [each.id for each in due], work.as_of)
    return len(due)


def compose(session: Session, settings: Settings, ids: Sequence[int], as_of: dt.date) -> list[int]:
    """Fills those of the messages that are lists of views, by the records as they stand; gives the others."""
    views = {message: view_of(message.thread) for message in outbox.uncomposed(session, ids)}
    mine = {message: view for message, view in views.items() if view is not None}
    if not mine:
        return list(ids)
    wanted = queries.mailed(session, set(mine.values()))
    filled, empty = [], []
    for message, view in mine.items():
        found = wanted.get(view)
        listed = None if found is None else _listed(session, found)
        # an address that was changed since belongs to somebody else by now, or to nobody
        if found is None or listed is None or found.address != message.recipient:
            empty.append(message.id)
            continue
        count, rows = listed
        filling = outbox.Filling(
            row_id=message.id,
            message_id=message_id_of(settings.mail_from, message.number),
            subject=f"{found.name}: {_counted(count)}",
            payload=_mail(found, count, rows, settings, as_of),
        )
        filled.append(filling)
    outbox.fill(session, filled)
    outbox.withdraw(session, empty)
    told = {message.id for message in mine}
    return [key for key in ids if key not in told]


def view_of(thread: str | None) -> int | None:
    """The key of the view whose list a message of this thread tells; None for other messages."""
    key = (thread or "").removeprefix(THREAD)
    return int(key) if thread is not None and thread.startswith(THREAD) and key.isdecimal() else None


def _listed(session: Session, view: Mailed) -> tuple[int, Sequence[Shown]] | None:
    """How many projects the view has, and the first of them; None where its filters are understood no longer."""
    given: Mapping[str, list[str]] = parse_qs(view.query)
    lists = {name for name, found in ProjectPage.model_fields.items() if "list" in str(found.annotation)}
    values = {name: texts if name in lists else texts[-1] for name, texts in given.items() if name != "columns"}
    try:
        query = ProjectPage.model_validate(values)
    except ValidationError:
        return None
    listed = page_of(session, PROJECTS, query.model_copy(update={"count": True, "limit": _MOST, "cursor": None}))
    return listed.count or 0, listed.items


def _counted(count: int) -> str:
    return "1 project" if count == 1 else f"{count:,} projects"


def _mail(view: Mailed, count: int, rows: Sequence[Shown], settings: Settings, as_of: dt.date) -> dict[str, object]:
    address = f"{settings.address}/projects?{view.query}"
    left = count - len(rows)
    lines = [_line(row) for row in rows] + ([f"and {left:,} more"] if left > 0 else [])
    notice = {
        "opening": f"Your list “{view.name}” has {_counted(count)} on {as_of}.",
        "lines": lines,
        "closing": f"The list as it stands: {address}",
    }
    return {"notice": notice, "name": view.officer, "ends": view.id}


def _line(row: Shown) -> str:
    ends = f", planned to end on {row['planned_end']}" if row["planned_end"] else ", without a planned end"
    return f"{row['code']}: {row['title']} ({row['status'].value}{ends})"
