"""``earmark evaluations``."""

import gc
import sys
from typing import Annotated

import typer
from pydantic_core import to_json

from app.cli import policies
from app.cli.context import (
    AsOf,
    cell,
    day,
    key,
    one_of,
    opened,
    print_csv,
    print_json,
    progress,
    reopened,
    say,
    say_nothing_found,
    settings,
    table,
)
from app.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Evaluations due, the policies behind them, the year's calendar.")
app.add_typer(policies.app, name="policy")


@app.command()
def due(
    as_of: AsOf = None,
    within: Annotated[
        int, typer.Option(metavar="DAYS", help="Also what falls due within so many days.", min=0, max=40_000)
    ] = 0,
    unit: Annotated[str | None, typer.Option(metavar="CODE", parser=key, help="Only projects of this unit.")] = None,
    format_: Annotated[str, typer.Option("--format", help="table, json, csv or ics.")] = "table",
) -> int:
    """List evaluations that are open with their window opened, and everything that cannot be told."""
    # the process ends with the list: looking for cycles in it would cost a quarter of the time
    gc.disable()
    from app.evaluations.obligations.due import due as due_list
    from app.evaluations.obligations.recompute import refresh
    from app.evaluations.policies.rulebook import in_use

    one_of("--format", format_, ("table", "json", "csv", "ics"))
    looked_from = day(as_of)
    with opened() as database:
        with progress("Judging projects") as update:
            refresh(database, day(None), progress=update, reopened=reopened)
        with database.read() as session:
            try:
                rows = due_list(session, looked_from, within=within, unit=unit)
            except OverflowError as error:
                raise UsageError("--within leads beyond the end of the calendar") from error
            ruled = bool(in_use(session).policies)
    if not ruled:
        policies.say_where_they_come_from(frozenset())
    if not rows:
        say_nothing_found(f"Nothing is due as of {looked_from}", database)
    match format_:
        case "json":
            _print_rows([row.as_dict() for row in rows])
        case "csv":
            columns = (
                "project", "title", "unit", "officer", "kind", "number", "independence", "state", "window_opens",
                "due", "late", "evaluation", "missing", "reason",
            )  # fmt: skip
            print_csv(columns, ([getattr(row, name) for name in columns] for row in rows))
        case "ics":
            from app.evaluations.obligations import calendars, events

            host = calendars.host_of(settings().address)
            with opened() as database:
                shown = events.numbered(database, calendars.of_due_rows(rows), host=host)
            sys.stdout.buffer.write(events.render(shown, name="Evaluations due"))
        case _:
            cells = [
                [
                    row.project,
                    f"{row.kind or ''}{f' {row.number}' if row.number else ''}",
                    row.independence or "",
                    row.state,
                    cell(row.due),
                    row.officer or "",
                    row.evaluation or "",
                    row.reason,
                ]
                for row in rows
            ]
            print(table(["project", "kind", "independence", "state", "due", "officer", "evaluation", "why"], cells))
            if rows:
                say(f"{len(rows)} as of {looked_from}.")
    return 0


def _print_rows(rows: list[dict[str, object]]) -> None:
    """A list as JSON, a row a line: a tenth of the time that an indented one takes."""
    lines = b",\n ".join(map(to_json, rows))
    sys.stdout.write(f"[{lines.decode()}]\n")


@app.command()
def calendar(
    year: Annotated[int, typer.Option(help="The year.", min=1900, max=9999)],
    as_of: AsOf = None,
    format_: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> int:
    """List everything that falls due in a year, and the evaluations that end in it."""
    from app.evaluations.obligations.calendars import calendar as year_of
    from app.evaluations.obligations.recompute import refresh

    one_of("--format", format_, ("table", "json", "csv"))
    looked_from = day(as_of)
    with opened() as database:
        with progress("Judging projects") as update:
            refresh(database, day(None), progress=update, reopened=reopened)
        with database.read() as session:
            rows = [row.as_dict() for row in year_of(session, year, looked_from)]
    if not rows:
        say_nothing_found(f"Nothing falls due in {year}", database)
    columns = ["day", "what", "project", "kind", "independence", "state", "evaluation", "who"]
    match format_:
        case "json":
            print_json({"year": year, "as_of": looked_from.isoformat(), "rows": rows})
        case "csv":
            print_csv(columns, ([row[name] for name in columns] for row in rows))
        case _:
            print(table(columns, [[cell(row[name]) for name in columns] for row in rows]))
    return 0
