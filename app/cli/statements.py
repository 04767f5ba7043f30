"""``earmark statement``."""

from typing import Annotated

import typer

from app.cli.context import AsOf, counted, day, one_of, opened, print_csv, print_json, say, say_nothing_found, table
from app.domain.money import plain

app = typer.Typer(no_args_is_help=True, help="Monthly and yearly statements of delivery, which never change.")

Period = Annotated[str, typer.Argument(metavar="PERIOD", help="Month or year, such as 2026-03 or 2026.")]
_FIGURES = ("allocation", "expenditure", "encumbrance", "rate")


@app.command("list")
def list_(format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table") -> int:
    """List the statements there are, the newest first."""
    from app.statements import queries

    one_of("--format", format_, ("table", "json"))
    with opened() as database, database.read() as session:
        found = [
            {
                "period": each.period,
                "as_of": each.as_of.isoformat(),
                "currency": each.currency,
                **_shown(each.allocation, each.expenditure, each.encumbrance, each.rate),
                "recorded_at": each.recorded_at.isoformat(timespec="seconds"),
            }
            for each in queries.statements(session)
        ]
    if not found:
        say_nothing_found(
            "There is no statement yet; `earmark jobs run delivery-statements` makes last month's", database
        )
    if format_ == "json":
        print_json(found)
    elif found:
        columns = list(found[0])
        rows = [[each[name] or "" for name in columns] for each in found]
        print(table(columns, rows, right=frozenset(_FIGURES)))
    return 0


@app.command()
def make(period: Period, as_of: AsOf = None) -> int:
    """Freeze the delivery of a month or year that is over; one that was made already stays, and is told."""
    from app.db.lookups import calendar_of, the_setup
    from app.domain.access import LOCAL
    from app.statements import queries, service

    with opened() as database, database.write(LOCAL.name) as session:
        wanted = service.period_named(period, calendar_of(the_setup(session)))
        made = service.make(session, wanted, as_of=day(as_of), actor=LOCAL.name)
        if made is not None:
            print(f"The statement of {made.period} is made, as of {made.as_of}: it stays as it is.")
            return 0
        there = queries.named(session, wanted.label)
        say(
            f"There is a statement of {there.period} already, made by {there.recorded_by} at "
            f"{there.recorded_at:%Y-%m-%d %H:%M} as of {there.as_of}: it stays as it is."
        )
    return 1


@app.command()
def show(
    period: Period, format_: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table"
) -> int:
    """Show a statement as it was made."""
    from app.db.base import key
    from app.statements import queries

    one_of("--format", format_, ("table", "json", "csv"))
    with opened() as database, database.read() as session:
        statement = queries.named(session, period)
        rows = [
            {
                "project": row.project,
                "unit": row.unit,
                "officer": row.officer,
                **_shown(row.allocation, row.expenditure, row.encumbrance, row.rate),
            }
            for row in queries.rows(session, key(statement))
        ]
    totals = _shown(statement.allocation, statement.expenditure, statement.encumbrance, statement.rate)
    columns = ["project", "unit", "officer", *_FIGURES]
    match format_:
        case "json":
            print_json(
                {
                    "period": statement.period,
                    "as_of": statement.as_of.isoformat(),
                    "recorded_at": statement.recorded_at.isoformat(timespec="seconds"),
                    "currency": statement.currency,
                    "definition": statement.definition,
                    "columns": columns,
                    "rows": rows,
                    "totals": totals,
                    "rates": statement.rates,
                    "remarks": statement.remarks,
                }
            )
        case "csv":
            print_csv(columns, ([row[name] for name in columns] for row in rows))
        case _:
            print(f"statement of {statement.period} · as of {statement.as_of} · {statement.currency}")
            shown = [[row[name] or "" for name in columns] for row in rows]
            shown.append(["total", "", "", *(totals[name] or "" for name in _FIGURES)])
            print(table(columns, shown, right=frozenset(_FIGURES)))
            for remark in statement.remarks:
                print(f"! {remark}")
    return 0


@app.command()
def compare(
    period: Period,
    as_of: AsOf = None,
    format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> int:
    """Tell what changed since a statement, project by project, and why."""
    from app.statements import queries
    from app.statements.compare import compare as compare_with

    one_of("--format", format_, ("table", "json"))
    with opened() as database, database.read() as session:
        found = compare_with(session, queries.named(session, period), day(as_of))
    if format_ == "json":
        print_json(found.as_dict())
        return 0
    then, now = found.then.as_dict(), found.now.as_dict()
    print(f"statement of {found.period} · as of {found.then_as_of} · beside {found.now_as_of} · {found.currency}")
    print(table(["total", "then", "now"], [[name, then[name] or "", now[name] or ""] for name in _FIGURES]))
    rows = []
    for change in found.changes:
        before, after = change.then.as_dict(), change.now.as_dict()
        moved = [
            f"{name} {before[name] or '–'} → {after[name] or '–'}" for name in _FIGURES if before[name] != after[name]
        ]
        rows.append([change.project, "; ".join(moved), "; ".join(change.reasons)])
    if rows:
        print(table(["project", "what changed", "why"], rows))
    say(f"{counted(len(found.changes), 'project')} changed, {found.unchanged} did not.")
    return 0


def _shown(allocation: object, expenditure: object, encumbrance: object, rate: str | None) -> dict[str, str | None]:
    from decimal import Decimal

    figures = {"allocation": allocation, "expenditure": expenditure, "encumbrance": encumbrance}
    return {name: plain(each) if isinstance(each, Decimal) else None for name, each in figures.items()} | {"rate": rate}
