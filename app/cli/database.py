"""``earmark init``, ``earmark serve`` and ``earmark db``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from app.cli.context import opened, say, settings
from app.errors import InvalidInput, UsageError
from app.inputs import faults as input_faults

app = typer.Typer(no_args_is_help=True, help="The database: bring tables up to date, check, back up, restore.")

_ASKED = {
    "org_id": "IATI identifier of the organisation (such as XM-DAC-41302)",
    "name": "Name of the organisation",
    "type": "IATI organisation type (10 government, 21 international NGO, 40 multilateral, …)",
    "currency": "Currency of reports and budgets (such as USD)",
}


def init(
    org_id: Annotated[str | None, typer.Option(help="IATI identifier of the organisation.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the organisation.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="IATI organisation type, such as 40.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of reports and budgets, such as USD.")] = None,
    language: Annotated[str, typer.Option(help="Language of texts that name none.")] = "en",
    languages: Annotated[str, typer.Option(help="Languages the organisation publishes in, such as en,fr,es.")] = "",
    fiscal_year_start: Annotated[int, typer.Option(help="Month in which the fiscal year starts.")] = 1,
    biennium: Annotated[str, typer.Option(help="Years in which biennia start: even or odd.")] = "even",
    flow_type: Annotated[str | None, typer.Option(help="Default IATI flow type.")] = None,
    finance_type: Annotated[str | None, typer.Option(help="Default IATI finance type.")] = None,
    tied_status: Annotated[str | None, typer.Option(help="Default IATI tied status.")] = None,
    aid_type: Annotated[str | None, typer.Option(help="Default DAC type of aid.")] = None,
    second_person: Annotated[
        bool, typer.Option("--second-person", help="Releases are approved by a second person.")
    ] = False,
) -> int:
    """Set the organisation up (and the tables, when there are none). Asks for what no option says."""
    given: dict[str, Any] = {"org_id": org_id, "name": name, "type": type_, "currency": currency}
    missing = [field for field, value in given.items() if value is None]
    if missing and not sys.stdin.isatty():
        raise UsageError("init needs " + ", ".join(f"--{field.replace('_', '-')}" for field in missing))
    for field in missing:
        given[field] = _ask(_ASKED[field])
    if biennium not in {"even", "odd"}:
        raise UsageError("--biennium takes even or odd")

    from app.db import schema
    from app.domain.access import LOCAL
    from app.evaluations.policies.service import ensure_shipped_policies
    from app.funding.presets import ship_presets
    from app.organisation.schemas import SetupIn
    from app.organisation.service import put_setup

    try:
        body = SetupIn(
            **given,
            language=language,
            languages=[each.strip() for each in languages.split(",") if each.strip()],
            fiscal_year_start=fiscal_year_start,
            biennium_starts_even=biennium == "even",
            default_flow_type=flow_type,
            default_finance_type=finance_type,
            default_tied_status=tied_status,
            default_aid_type=aid_type,
            approval_by_second_person=second_person,
        )
    except ValidationError as error:
        raise InvalidInput(input_faults(error)) from error
    with opened(any_state=True) as database:
        if schema.current(database) is None:
            schema.migrate(database)
        schema.require_current(database)
        with database.write(LOCAL.name) as session:
            outcome = put_setup(session, LOCAL, body).outcome
            ensure_shipped_policies(session)
            ship_presets(session)
    done = {"created": "Set up", "updated": "Changed the set-up of", "unchanged": "Nothing to change for"}
    say(f"{done[outcome]} {body.name} in {database.place}.")
    return 0


def _ask(question: str) -> str:
    """An answer from the terminal; asked on standard error, again until there is one."""
    while True:
        print(f"{question}: ", end="", file=sys.stderr, flush=True)
        if not (line := sys.stdin.readline()):
            raise typer.Abort
        if answer := line.strip():
            return answer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Number of processes.", min=1, max=64)] = 1,
) -> int:
    """Start the service. The interactive description of the API is at /docs."""
    from app.cli.server import run_service
    from app.organisation.queries import find_setup

    with opened() as database, database.read() as session:
        if find_setup(session) is None:
            say("The organisation is not set up yet: run `earmark init`; until then its own projects cannot be kept.")

    def ready(address: str) -> None:
        public = settings().public_url
        known = f", for others at {public}" if public else ""
        say(f"Earmark is at {address}{known} (API: /docs). Stop it with Ctrl+C.")

    run_service(host=host, port=port, workers=workers, ready=ready)
    return 0


@app.command()
def upgrade() -> int:
    """Bring the tables up to date; makes them in an empty database."""
    from app.db import schema

    with opened(any_state=True) as database:
        before = schema.current(database)
        schema.migrate(database)
        after = schema.current(database)
    how = "were up to date" if before == after else f"are now at revision {after}"
    say(f"The tables of {database.place} {how}.")
    return 0


@app.command()
def check() -> int:
    """Check tables, references and the audit trail; prints every fault."""
    from app.db import schema

    with opened(any_state=True) as database:
        faults = schema.differences(database) or schema.damages(database)
        if not faults:
            from app.people.audit import verify

            with database.read() as session:
                faults = [f"{finding.subject}: {finding.message}" for finding in verify(session)]
    for fault in faults:
        print(fault)
    if not faults:
        say("Tables, references and audit trail are in order.")
    return 1 if faults else 0


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="File to write.")]) -> int:
    """Write everything into one file, which either kind of database can restore."""
    from app.db.archive import backup as write

    with opened() as database:
        rows = write(database, file)
    say(f"{rows} rows are in {file}.")
    return 0


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="File to read.")]) -> int:
    """Load a backup into an empty database: all of it, or nothing when the file is damaged."""
    from app.db.archive import restore as load

    with opened(any_state=True) as database:
        rows = load(database, file)
    say(f"{rows} rows were restored from {file}.")
    return 0
