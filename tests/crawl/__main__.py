"""``make crawl``: every link of the pages of the example portfolio, as everybody, in three languages.

The example is made as ``make demo`` makes it. A visitor and each of its people follow every link: none may lead to an
error or to a page that the person may not open. Then one page of each kind is looked at in Chromium (axe, console,
hosts, width), and at last every form is sent with bad input, in a copy of the database.

``CRAWL_RECORDS=2`` follows only so many addresses of each kind; ``CRAWL_PEOPLE``, ``CRAWL_LANGUAGES`` name some of
them, separated by commas; ``CRAWL_PART=1/2`` goes through every second pair of person and language, and ``2/2``, in
another process, through the others; ``CRAWL_DATABASE=postgresql`` puts the example there; ``CRAWL_BROWSER=0`` and
``CRAWL_FORMS=0`` leave these parts out. Exit status 1 when something is wrong.
"""

import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from functools import partial
from itertools import count, product
from pathlib import Path

import psycopg
from fastapi import FastAPI
from playwright.sync_api import sync_playwright

from app import demo
from app.config import Settings
from app.db.archive import backup, restore
from app.db.engine import Database, open_database
from app.domain.access import LOCAL
from app.language.i18n import LANGUAGES
from app.main import create_app
from app.web import limits
from app.web.signin.once import make_link
from tests.api import TestClient
from tests.browser.conftest import program
from tests.crawl.looking import look
from tests.crawl.pressing import press
from tests.crawl.walking import Walk, kind_of, walk
from tests.postgres import PostgresServer, binaries
from tests.serving import served
from tests.web.people import AS_BROWSER, FROM_HERE

VISITOR = "visitor"
#: where those begin who are not signed in
DOORS = ("/public", "/sign-in", "/help")
#: gives the settings of a service over a copy of the database, which is there as long as it is used
Copy = Callable[[], AbstractContextManager[Settings]]
PEOPLE = (VISITOR, *(name for name, *_ in demo.PEOPLE))


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def chosen(name: str, all_: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(os.environ[name].split(",")) if os.environ.get(name) else all_


def visits() -> list[tuple[str, str]]:
    """Who goes through the pages, in which language.

    :raises SystemExit: when somebody or some part is asked for that there is not.
    """
    people, languages = chosen("CRAWL_PEOPLE", PEOPLE), chosen("CRAWL_LANGUAGES", tuple(LANGUAGES))
    if unknown := {*people} - {*PEOPLE} | {*languages} - {*LANGUAGES}:
        raise SystemExit(f"nobody is called so, and no language: {', '.join(sorted(unknown))}")
    part = os.environ.get("CRAWL_PART") or "1/1"
    nth, _, of = part.partition("/")
    if not (nth.isdecimal() and of.isdecimal() and 1 <= int(nth) <= int(of)):
        raise SystemExit(f"CRAWL_PART={part} is no part: the first of two is 1/2")
    if not (some := list(product(people, languages))[int(nth) - 1 :: int(of)]):
        raise SystemExit(f"CRAWL_PART={part}: all pairs are in the parts before it")
    return some


def main() -> int:
    visits()
    folders = tempfile.TemporaryDirectory(prefix="earmark-crawl-")
    with folders as folder, pages(Path(folder)) as (app, database, copy):
        return crawl(app, database, copy)


@contextmanager
def pages(folder: Path) -> Iterator[tuple[FastAPI, Database, Copy]]:
    """The service with the example portfolio and a public release, and what copies its database."""
    say("the example is put together")
    os.chdir(folder)
    with redirect_stdout(io.StringIO()):
        if demo.main(["--no-serve"]):
            raise SystemExit("the example could not be made")
    settings = Settings(_env_file=None, api_rate="1000000/minute")  # type: ignore[call-arg]
    if os.environ.get("CRAWL_DATABASE") != "postgresql":
        database = open_database(settings)
        yield create_app(settings, database), database, lambda: copy_of_file(database, settings, folder / "copy.db")
        database.dispose()
        return
    found = binaries()
    if found is None:
        raise SystemExit("no PostgreSQL on this machine")
    source = open_database(settings)
    backup(source, folder / "example.gz")
    with PostgresServer(found) as server:
        settings = settings.model_copy(update={"database_url": server.create("crawl")})
        database = open_database(settings)
        restore(database, folder / "example.gz")
        yield create_app(settings, database), database, lambda: copy_on_server(server, settings)
        database.dispose()


def browser_of(app: FastAPI, database: Database, name: str, language: str) -> TestClient:
    """Somebody's browser; a visitor has not signed in."""
    limits.forget()
    headers = AS_BROWSER | FROM_HERE | {"Accept-Language": language}
    client = TestClient(app, headers=headers, follow_redirects=False)
    if name != VISITOR:
        with database.write("crawl") as session:
            link = make_link(session, LOCAL, name)
        assert client.post(link).status_code == 303, name
    return client


def crawl(app: FastAPI, database: Database, copy: Copy) -> int:
    records = int(os.environ.get("CRAWL_RECORDS", "0")) or None
    faults: list[str] = []
    walks: dict[tuple[str, str], Walk] = {}
    for name, language in visits():
        found = walk(browser_of(app, database, name, language), DOORS if name == VISITOR else ("/",), records=records)
        walks[name, language] = found
        faults += [f"{name}, {language}: {fault}" for fault in found.faults]
        say(f"{name}, {language}: {len(found.seen):,} links, {len(found.pages):,} pages, {len(found.faults)} faults")
    if os.environ.get("CRAWL_BROWSER") != "0":
        faults += looked_at(app, database, walks)
    if os.environ.get("CRAWL_FORMS") != "0":
        faults += pressed(walks, copy)
    for fault in faults:
        print(f"   {fault}")
    links, opened = (sum(len(each) for each in some) for some in zip(
        *((found.seen, found.pages) for found in walks.values()), strict=True
    ))  # fmt: skip
    say(f"{links:,} links, {opened:,} of them pages, {len(faults)} faults")
    return 1 if faults else 0


def looked_at(app: FastAPI, database: Database, walks: dict[tuple[str, str], Walk]) -> list[str]:
    """What a browser finds on one page of each kind, for each person and language."""
    path, faults = program(), []
    if path is None:
        return ["no Chromium on this machine: `apt-get install chromium-headless-shell`, or CRAWL_BROWSER=0"]
    with served(app) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for (name, language), found in walks.items():
            some = list({kind_of(address).partition("?")[0]: address for address in reversed(found.pages)}.values())
            client = browser_of(app, database, name, language)
            seen = list(look(browser, site, client, some))
            faults += [f"{name}, {language}: {fault}" for fault in seen]
            say(f"{name}, {language}: {len(some)} pages looked at, {len(seen)} faults")
        browser.close()
    return faults


def pressed(walks: dict[tuple[str, str], Walk], copy: Copy) -> list[str]:
    """What happens to forms that are sent with bad input. A copy of the database takes it."""
    faults = []
    for (name, language), found in walks.items():
        with copy() as settings:
            other = open_database(settings)
            service = create_app(settings, other)
            # of each kind one form: those of other records are the same
            forms = {kind_of(form.action): form for form in reversed(found.forms.values())}
            seen = list(press(partial(browser_of, service, other, name, language), forms.values()))
            other.dispose()
        faults += [f"{name}, {language}: {fault}" for fault in seen]
        say(f"{name}, {language}: {len(forms)} forms sent, {len(seen)} faults")
    return faults


@contextmanager
def copy_of_file(database: Database, settings: Settings, path: Path) -> Iterator[Settings]:
    """The database file as it is now."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(str(database.engine.url.database), path)
    yield settings.model_copy(update={"database_url": f"sqlite:///{path}"})
    path.unlink()


_numbers = count(1)


@contextmanager
def copy_on_server(server: PostgresServer, settings: Settings) -> Iterator[Settings]:
    """The database as it is now; whoever is connected to it connects anew."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'crawl'")
    name = f"copy{next(_numbers)}"
    yield settings.model_copy(update={"database_url": server.create(name, template="crawl")})
    server.drop(name)


if __name__ == "__main__":
    sys.exit(main())
