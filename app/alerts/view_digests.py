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
from app.domain.told import Term, Told
from app.http.lists import Shown, repeated
from app.http.lists import page as page_of
from app.language.i18n import Words
from app.outbox import queries as outbox
from app.outbox.transport import message_id_of
from app.people import queries_views as queries
from app.people.queries_languages import languages_of
from app.people.queries_views import THREAD, Mailed
from app.projects.answers import ProjectPage
from app.projects.queries import PROJECTS
from app.work import Work

#: projects that a mail names; the list has the others
_MOST = 50


def ask_for_digests(work: Work) -> int:
    """Puts a mail into the outbox for each view whose list is due; gives their number.

    One that could not go yet tells how the list stands once it goes: another one would say the same again.
    """
    with work.database.write(work.worker) as session:
        work.held.guard(session)
        take_turns(session, "messages")
        due = queries.due_digests(session, work.as_of)
        waiting = queries.waiting(session, due)
        asked = [
            outbox.Addressing(
                message_id=message_id_of(work.settings.mail_from),
                channel="mail",
                recipient=each.address,
                thread=f"{THREAD}{each.id}",
            )
            for each in due
            if each.id not in waiting
        ]
        if asked:
            outbox.add(session, asked)
        if due:
            queries.note_digests(session, [each.id for each in due], work.as_of)
    return len(asked)


def compose(session: Session, settings: Settings, ids: Sequence[int], as_of: dt.date) -> list[int]:
    """Fills those of the messages that are lists of views, by the records as they stand; gives the others."""
    views = {message: view_of(message.thread) for message in outbox.uncomposed(session, ids)}
    mine = {message: view for message, view in views.items() if view is not None}
    if not mine:
        return list(ids)
    wanted = queries.mailed(session, set(mine.values()))
    languages = languages_of(session, {message.recipient for message in mine})
    filled, empty = [], []
    for message, view in mine.items():
        found = wanted.get(view)
        listed = None if found is None else _listed(session, found)
        # an address that was changed since belongs to somebody else by now, or to nobody
        if found is None or listed is None or found.address != message.recipient:
            empty.append(message.id)
            continue
        count, rows = listed
        words = languages.of(message.recipient)
        filling = outbox.Filling(
            row_id=message.id,
            message_id=message_id_of(settings.mail_from, message.number),
            subject=f"{found.name}: {_counted(count, words)}",
            payload=_mail(found, count, rows, settings, as_of, words),
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
    several = repeated(ProjectPage)
    values = {name: texts if name in several else texts[-1] for name, texts in given.items() if name != "columns"}
    try:
        query = ProjectPage.model_validate(values)
    except ValidationError:
        return None
    listed = page_of(session, PROJECTS, query.model_copy(update={"count": True, "limit": _MOST, "cursor": None}))
    return listed.count or 0, listed.items


def _counted(count: int, words: Words) -> str:
    return words.ngettext("%(num)s project", "%(num)s projects", count) % {"num": words.number(count)}


def _mail(
    view: Mailed, count: int, rows: Sequence[Shown], settings: Settings, as_of: dt.date, words: Words
) -> dict[str, object]:
    address = f"{settings.address}/projects?{view.query}"
    lines = [_line(row, words) for row in rows]
    if (left := count - len(rows)) > 0:
        lines.append(words.said(Told("… and %(number)s more", number=left)))
    opening = words.gettext("Your list “%(name)s” has %(count)s on %(day)s.")
    notice = {
        "opening": opening % {"name": view.name, "count": _counted(count, words), "day": words.day(as_of)},
        "lines": lines,
        "closing": words.gettext("The list as it stands: %(address)s") % {"address": address},
    }
    return {"notice": notice, "name": view.officer, "ends": view.id, "language": words.language}


def _line(row: Shown, words: Words) -> str:
    parts = {"code": row["code"], "title": row["title"], "status": Term(row["status"].value)}
    if row["planned_end"]:
        told = Told("%(code)s: %(title)s (%(status)s, planned to end on %(day)s)", **parts, day=row["planned_end"])
    else:
        told = Told("%(code)s: %(title)s (%(status)s, without a planned end)", **parts)
    return words.said(told)
