"""``earmark serve`` and ``earmark db``."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.context import counted, day, opened, say, settings

app = typer.Typer(no_args_is_help=True, help="The database: bring tables up to date, check, back up, restore.")


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
def upgrade(
    wait: Annotated[float, typer.Option(help="Seconds to wait for a table that is in use.", min=0.001)] = 5.0,
) -> int:
    """Bring the tables up to date; makes them in an empty database.

    Where a table is in use for longer, nothing is changed, and whoever uses it is named.
    """
    from app.db import schema

    with opened(any_state=True) as database:
        before = schema.current(database)
        schema.migrate(database, waits=wait)
        after = schema.current(database)
    how = "were up to date" if before == after else f"are now at revision {after}"
    say(f"The tables of {database.place} {how}.")
    return 0


@app.command()
def check() -> int:
    """Check tables, references, the audit trail and the bytes of what is public; prints every fault."""
    from app.db import schema

    with opened(any_state=True) as database:
        faults = schema.differences(database) or schema.damages(database)
        if not faults:
            from app.people.audit import verify
            from app.publishing.releasing.keeping import missing

            with database.read() as session:
                faults = [f"{finding.subject}: {finding.message}" for finding in verify(session, settings().file_store)]
            faults += missing(database, settings())
            from app.db.former_keys import former_keys

            with database.read() as session:
                odd = [each.as_sentence() for each in former_keys(session)]
            if odd:
                faults += [*odd, "`earmark db mend-keys` brings keys into the form in which people see them."]
    for fault in faults:
        print(fault)
    if not faults:
        say("Tables, references, keys, audit trail and files of releases are in order.")
    return 1 if faults else 0


@app.command("archived")
def archived_(
    aggregate: Annotated[str | None, typer.Option(help="One chain alone, such as project:17.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on, such as 2015-01-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day.")] = None,
) -> int:
    """Print old events of the audit trail that lie in files, one JSON object a line, by key."""
    from app.people import trail

    first, last = (day(given) if given else None for given in (since, until))
    with opened() as database, database.read() as session:
        damaged = trail.damaged(session, settings().file_store)
        for event in trail.archived(session, settings().file_store):
            on = event.at.date()
            if aggregate in (None, event.aggregate) and (not first or on >= first) and (not last or on < last):
                print(trail.as_line(event))
    for each in damaged:
        say(each)
    return 1 if damaged else 0


@app.command("mend-keys")
def mend_keys_(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be changed; change nothing.")] = False,
) -> int:
    """Bring keys with invisible characters, from before they were refused, into the form in which people see them."""
    from app.db.former_keys import former_keys, mend_keys
    from app.domain.access import LOCAL

    with opened() as database:
        if dry_run:
            with database.read() as session:
                found = list(former_keys(session))
        else:
            with database.write(LOCAL.name) as session:
                found = mend_keys(session)
    for each in found:
        print(each.as_sentence())
    mended = sum(not each.stays for each in found)
    say(f"{mended} {'key' if mended == 1 else 'keys'} {'would be ' if dry_run else ''}mended.")
    return 1 if any(each.stays for each in found) else 0


FilesOut = Annotated[Path | None, typer.Option("--files", help="Also write the file store, into this file.")]
FilesIn = Annotated[Path | None, typer.Option("--files", help="Also put this copy of the file store back.")]


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="File to write.")], files: FilesOut = None) -> int:
    """Write everything into one file, which either kind of database can restore; and the file store into another."""
    from app.db.archive import backup as write

    with opened() as database:
        rows = write(database, file)
    say(f"{file} holds {counted(rows, 'row')}.")
    store = settings().file_store
    if files is not None:
        from app.publishing.releasing.copying import pack

        # after the rows: whatever they refer to is in the store by now
        say(f"{files} holds {counted(pack(store, files), 'file')} of {store}.")
    elif store.is_dir():
        say(f"The files of releases and old events are in {store}: keep a copy of that folder, or give --files FILE.")
    return 0


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="File to read.")], files: FilesIn = None) -> int:
    """Load a backup into an empty database: all of it, or nothing when the file is damaged.

    What is published and not in the file store is named; exit status 1 then.
    """
    from app.db.archive import restore as load
    from app.people.trail import damaged
    from app.publishing.releasing.keeping import missing

    store = settings().file_store
    with opened(any_state=True) as database:
        rows = load(database, file)
        say(f"Restored from {file}: {counted(rows, 'row')}.")
        if files is not None:
            from app.publishing.releasing.copying import unpack

            say(f"Put into {store}: {counted(unpack(files, store), 'file')}.")
        faults = missing(database, settings())
        with database.read() as session:
            faults += damaged(session, store)
    for fault in faults:
        print(fault)
    return 1 if faults else 0
