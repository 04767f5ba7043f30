"""What is done before anybody asks: when a process begins, and when a day does.

Each process compiles the templates and remembers figures of the whole portfolio for itself (``app/db/unchanged.py``),
and what is remembered is of a day. In a large portfolio whoever asked first would wait for seconds.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session

from app import clock
from app.config import Settings
from app.db.engine import Database
from app.errors import EarmarkError
from app.evaluations.obligations.fresh import fresh
from app.evaluations.obligations.recompute import look_for_outdated, rehearse
from app.language import i18n
from app.organisation.queries import find_setup
from app.pace import Apart
from app.web.rendering import environment
from app.web.routes import delivery, evaluations, home, projects, reports

#: what pages tell of the whole portfolio, those that are asked for most first
GATHERED: tuple[Callable[[Session, dt.date], None], ...] = (
    home.gather,
    projects.gather,
    evaluations.gather,
    delivery.gather,
    reports.gather,
)
#: seconds after which it is asked again which day it is
_OFTEN = 20.0
#: seconds that a service which is stopped waits for a figure that is being counted
_PATIENCE = 2.0

_log = logging.getLogger(__name__)


def prepare(stopped: Callable[[], bool] = lambda: False) -> None:
    """Does of the program itself what else the first request of a page would wait for."""
    configure_mappers()
    for language in i18n.LANGUAGES:
        templates = environment(language)
        _ = i18n.words(language).written
        for name in templates.list_templates():
            if stopped():
                return
            templates.get_template(name)


def look_ahead(database: Database, today: dt.date, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Counts what pages tell of the whole portfolio, what each tells in a snapshot of its own; whether there is an
    organisation by now."""
    with database.read() as session:
        if find_setup(session) is None:
            return False
    fresh(database, today)
    # after the first change only the projects about it are looked through then
    look_for_outdated(database, today)
    rehearse(database, today)
    for gather in GATHERED:
        if stopped():
            break
        with database.read() as session:
            gather(session, today)
    return True


@contextmanager
def looking_ahead(database: Database, settings: Settings) -> Iterator[Event]:
    """Inside the block a thread looks ahead at once, and on each new day, until it succeeds; the service answers
    meanwhile. What is given is set when it has tried for the first time.

    Of a large portfolio a million objects are remembered, and a search for cycles among them takes half a second: it is
    made when the day is looked at, and not in the middle of somebody's page.
    """
    ended, looked, apart = Event(), Event(), Apart()

    def look() -> None:
        day: dt.date | None = None
        failing = False
        while not ended.is_set():
            try:
                if not looked.is_set():
                    prepare(ended.is_set)
                if (today := clock.today(settings)) != day:
                    day = today if look_ahead(database, today, ended.is_set) else None
                    if day is not None:
                        apart.renew()
                failing = False
            except (EarmarkError, SQLAlchemyError) as error:
                # whoever asks reads it himself, or is told what is wrong; it is tried again, and told once
                if not failing:
                    _log.warning("nothing was counted ahead: %s", error)
                failing = True
            except Exception:  # noqa: BLE001 - the service goes on without figures counted ahead
                # a fault of the program would be there again in a moment
                _log.exception("nothing is counted ahead on this day")
                day = clock.today(settings)
            looked.set()
            ended.wait(_OFTEN)

    thread = Thread(target=look, name="ahead", daemon=True)
    thread.start()
    try:
        yield looked
    finally:
        ended.set()
        thread.join(_PATIENCE)
        apart.end()
