"""``make demo``: the example portfolio from an empty database to published files, and the service to look at it.

Everything goes through the services that users have; nothing here knows more than the command line does.
"""

import datetime as dt
import io
import os
import shlex
import shutil
import socket
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from app.clock import today
from app.config import Settings, get_settings
from app.db import schema
from app.db.engine import Database, open_database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.datasets import slug
from app.domain.terms import Role
from app.domain.values import use_value_types
from app.errors import Conflict, EarmarkError
from app.founding import found, start_texts
from app.organisation.schemas import SetupIn

FOLDER = Path("demo")
PORTFOLIO = Path(__file__).parent / "example" / "portfolio"

ORGANISATION = SetupIn(
    org_id="XM-DAC-41302",
    name="International Labour Organization",
    name_translations=[
        ("fr", "Organisation internationale du Travail"),
        ("es", "Organización Internacional del Trabajo"),
    ],
    type="40",
    currency="USD",
    language="en",
    languages=["en", "fr", "es"],
    default_flow_type="10",
    default_finance_type="110",
    default_tied_status="5",
    default_aid_type="C01",
)


class StandInRegistry(Protocol):
    """A registry of IATI datasets with its downloader, played on this machine."""

    url: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def poll(self) -> None:
        """What the downloader does every twenty minutes."""


def main(arguments: list[str]) -> int:
    """Loads, exports, validates, flags; serves unless ``--no-serve``. Returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # whoever reads it through a pipe sees how far it is
    with ExitStack() as stack:
        stand_in = a_registry()
        if stand_in is not None:
            stack.enter_context(stand_in)
        # its own from the first moment: another demo or crawl beside it takes the next
        listener = stack.enter_context(first_free(8000))
        return run(arguments, stand_in, listener)


def run(arguments: list[str], stand_in: StandInRegistry | None, listener: socket.socket) -> int:
    """The same, with a registry that is played, where there is one, on the port that ``listener`` has."""
    port: int = listener.getsockname()[1]
    os.environ |= environment(port, stand_in)
    get_settings.cache_clear()
    started = time.perf_counter()
    try:
        token = prepare(get_settings(), listener, stand_in)
    except EarmarkError as error:
        from app.cli.context import show_error

        show_error(error)
        return 1
    print(f"\nAll this took {time.perf_counter() - started:.1f} seconds.")
    command = write_command()
    if "--no-serve" in arguments:
        print(try_next(command))
        return 0

    def ready(address: str) -> None:
        print(f"\nThe service answers at {address} until it is stopped with Ctrl+C.\n")
        print(f"  In a browser:   {address}{sign_in_path()} (signs you in, once, within 15 minutes)")
        print(f"  For programs:   {address}/docs (press Authorize and paste the token)")
        print(f"  Token:          {token}")
        print(f'  On a terminal:  curl -H "Authorization: Bearer {token}" "{address}/api/v1/projects?limit=3"')
        print(try_next(command, where=", in another terminal in this folder"))

    from app.cli.server import run_service

    run_service(host="127.0.0.1", port=port, held=listener, ready=ready, quiet=True)
    return 0


def a_registry() -> StandInRegistry | None:
    """The registry that the tests play; None where the program was installed without them."""
    try:
        played = import_module("tests.stand_ins.registry")
    except ModuleNotFoundError:
        return None
    identifier = ORGANISATION.org_id
    made: StandInRegistry = played.StandIn(identifier=identifier, org=slug(identifier), name=ORGANISATION.name)
    return made


def environment(port: int, stand_in: StandInRegistry | None) -> dict[str, str]:
    """The settings of the demo: everything lies in its folder."""
    found = {
        "EARMARK_DEMO": "true",
        "EARMARK_DATABASE_URL": f"sqlite:///{(FOLDER / 'earmark.db').absolute()}",
        "EARMARK_RELEASE_STORE": str((FOLDER / "releases").absolute()),
        "EARMARK_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    if stand_in is not None:
        played = import_module("tests.stand_ins.registry")
        found |= {
            "EARMARK_REGISTRY_KIND": "register-your-data",
            "EARMARK_REGISTRY_URL": stand_in.url,
            "EARMARK_REGISTRY_ISSUER": stand_in.url,
            "EARMARK_REGISTRY_CLIENT_ID": str(played.CLIENT),
            "EARMARK_REGISTRY_CLIENT_SECRET": str(played.SECRET),
            "EARMARK_REGISTRY_INDEX_URL": f"{stand_in.url}/index/datasets-full.json",
            "EARMARK_REGISTRY_ALLOW_PRIVATE": "true",
        }
    return found


def write_command() -> str:
    """A small script that is ``earmark`` on the database of the demo, from whatever folder; gives how to call it."""
    script, program = FOLDER / "earmark", Path(sys.executable).with_name("earmark")
    settings = "".join(
        f"export {name}={shlex.quote(value)}\n"
        for name, value in os.environ.items()
        if name.startswith("EARMARK_") and name != "EARMARK_DEMO"
    )
    script.write_text(
        f'#!/bin/sh\n# earmark on the database of the demo\n{settings}exec {shlex.quote(str(program))} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return relative(script)


def try_next(command: str, *, where: str = "") -> str:
    """Three commands that work as they stand; one line each, last on the terminal."""
    return (
        f"\nThree commands to try next{where} ({command} is earmark on the database of this example):\n\n"
        f"  {command} evaluations due --within 365\n"
        f"  {command} report delivery --period 2021 --by project\n"
        f"  {command} export activities --project GLO/21/17/SWE\n"
    )


def prepare(settings: Settings, listener: socket.socket, stand_in: StandInRegistry | None) -> str:
    """Everything but the service; prints the account and returns a token for trying the API."""
    from app.publishing.codes import code_checker, meant_code, type_checker

    use_codelists(code_checker(settings.data_dir), meant_code)
    use_value_types(type_checker())
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    FOLDER.mkdir()
    database, day = open_database(settings), today(settings)
    try:
        schema.migrate(database)
        with database.write(LOCAL.name) as session:
            found(session, LOCAL, ORGANISATION, start_texts())
        load_portfolio(database, day)
        publish(database, day)
        flag_evaluations(database, settings, day)
        show_delivery(database, day)
        release(database, settings, day, listener, stand_in)
        return issue_token(database)
    finally:
        database.dispose()


def load_portfolio(database: Database, as_of: dt.date) -> None:
    """Every table of the example, in the order of the numbers in their names."""
    from app.tabular.registry import kind
    from app.tabular.service import import_table

    print(f"1. The example portfolio of the {ORGANISATION.name} is loaded from {relative(PORTFOLIO)}:\n")
    for path in sorted(PORTFOLIO.glob("*.csv")):
        name = path.stem.split("-", 1)[1]
        report = import_table(database, LOCAL, kind(name), path, today=as_of)
        if report.faults:
            for fault in report.faults:
                print(f"   {fault.place}: {fault.message}", file=sys.stderr)
            raise EarmarkError(f"{path.name} has faults; nothing of it was stored")
        print(f"   {name:<22}{report.created + report.updated:>6} rows")


def publish(database: Database, as_of: dt.date) -> None:
    """Writes both files and validates them."""
    from app.publishing.service import export_activities, export_organisation, validation_summary

    print("\n2. It is exported as IATI 2.03 and validated (schema, codelists, rules):\n")
    for name, export in (("activities", export_activities), ("organisation", export_organisation)):
        path = FOLDER / f"{name}.xml"
        account = export(database, path, as_of=as_of)
        print(f"   {path}: {account.written} {name if name == 'activities' else 'file'}, {path.stat().st_size:,} bytes")
        for line in account.as_lines():
            print(f"     {line}")
        print(f"     {validation_summary(path, as_of)}")


def flag_evaluations(database: Database, settings: Settings, as_of: dt.date) -> None:
    """What is due, and why; the alerts are recorded once."""
    from app.evaluations.obligations.due import due
    from app.jobs.runner import run_job
    from app.jobs.timetable import job

    told = run_job(database, settings, job("evaluation-alerts"), as_of).content["recorded"]
    recorded = len(told) if isinstance(told, list) else 0
    with database.read() as session:
        rows = due(session, as_of)
    print(f"\n3. Evaluations as of {as_of}: {len(rows)} to look at; {recorded} alerts were recorded.\n")
    for row in rows:
        when = f"{row.kind or 'evaluation'}: {row.state.replace('-', ' ')}" + (f", due {row.due}" if row.due else "")
        print(f"   {row.project:<16} {when}")
        print(indent("\n".join(textwrap.wrap(row.reason, 96, break_on_hyphens=False)), 20))


def show_delivery(database: Database, as_of: dt.date) -> None:
    """Delivery rates of the last full year with money, by unit."""
    from app.reports.service import run

    print(f"\n4. Delivery in 2021 (expenditure ÷ allocation), as known on {as_of}:\n")
    with database.read() as session:
        print(indent(run(session, "delivery", period="2021", as_of=as_of, by=("unit",)).as_text()))


def release(
    database: Database, settings: Settings, as_of: dt.date, listener: socket.socket, stand_in: StandInRegistry | None
) -> None:
    """Prepares, approves and publishes a release; the registry that is played tells whether it arrived."""
    from app.domain.datasets import Split
    from app.publishing.registering.checking import check
    from app.publishing.registering.published import published_files
    from app.publishing.releasing import approving
    from app.publishing.releasing.answers import publication_lines, shown, summary_lines
    from app.publishing.releasing.prepare import prepare as prepare_release
    from app.publishing.releasing.publish import publish as publish_release
    from app.publishing.releasing.wanted import Wanted

    print("\n5. A release is prepared, approved and published:\n")
    wanted = Wanted(as_of=as_of, split=Split(settings.release_split), max_bytes=settings.release_max_mb * 1_000_000)
    number = prepare_release(database, settings, LOCAL, wanted).number
    with database.write(LOCAL.name) as session:
        approving.approve(session, LOCAL, approving.find(session, number, hold=True))
    with database.read() as session:
        print(indent("\n".join(summary_lines(shown(session, number)))))
    with answering(settings, listener):
        done = publish_release(database, settings, LOCAL, number=number)
        print(indent("\n".join(publication_lines(done, settings))))
        if stand_in is None:
            return
        stand_in.poll()
        found = check(database, settings, published_files(database, settings), actor=LOCAL.name)
    print(f"\n   The registry that is played at {stand_in.url} says:")
    print(indent("\n".join(each.words for each in found.checks if each.topic in ("dataset", "arrival")), 5))


@contextmanager
def answering(settings: Settings, listener: socket.socket) -> Iterator[None]:
    """The service answers there inside the block: whoever registers a file looks whether it is there."""
    import uvicorn

    from app.main import create_app

    service = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(service, log_config=None, access_log=False))
    # the server closes what it was given; the port stays taken
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.dup()]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


#: one user for each way of looking at the pages: name, role, unit, officer
PEOPLE = (
    ("demo", Role.ADMIN, None, None),
    ("olga", Role.OFFICER, "GOVERNANCE", "eum"),
    ("hadi", Role.OFFICER, "ROAF", None),
    ("eva", Role.EVALUATOR, None, None),
    ("paul", Role.PUBLISHER, None, None),
    ("dora", Role.VIEWER, None, None),
)


def issue_token(database: Database) -> str:
    """Users of every kind, and an administrator's token for trying the API."""
    from app.people.schemas import UserIn
    from app.people.service import add_user
    from app.people.service import issue_token as issue

    with database.write(LOCAL.name) as session:
        for name, role, unit, officer in PEOPLE:
            add_user(session, LOCAL, UserIn(name=name, role=role, unit=unit, officer=officer))
        return issue(session, LOCAL, "demo", 7)


def sign_in_path() -> str:
    """Where the administrator of the demo signs in, once."""
    from app.web.signin.once import make_link

    database = open_database(get_settings())
    try:
        with database.write(LOCAL.name) as session:
            return make_link(session, LOCAL, "demo")
    finally:
        database.dispose()


def first_free(wanted: int) -> socket.socket:
    """A socket that listens on ``wanted``, or on the next port that nobody has."""
    from app.cli.server import bound

    for port in range(wanted, wanted + 100):
        with suppress(Conflict):
            return bound("127.0.0.1", port)
    raise EarmarkError(f"no free port between {wanted} and {wanted + 99}")


def relative(path: Path) -> str:
    """The path as a person in the checkout would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def indent(text: str, spaces: int = 3) -> str:
    return textwrap.indent(text, " " * spaces)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
