"""``earmark report``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.atomic import whole_file
from app.cli.context import AsOf, day, one_of, opened, print_json, say, say_nothing_found, table
from app.errors import UsageError


def report(
    name: Annotated[str | None, typer.Argument(help="Name of the report; --list shows them.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the reports.")] = False,
    period: Annotated[
        str | None, typer.Option(help="2021, FY2021, 2020-21, biennium-2020, 2021-Q3, 2021-07, 2019..2021, DATE..DATE.")
    ] = None,
    by: Annotated[list[str] | None, typer.Option("--by", metavar="DIM", help="Dimension (repeatable).")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency (default: the organisation's).")] = None,
    variant: Annotated[str | None, typer.Option(help="Variant, such as the one with encumbrances.")] = None,
    threshold: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Tell whose projected delivery is below it, such as 70.")
    ] = None,
    project: Annotated[str | None, typer.Option(metavar="CODE", help="Of this project or pool alone.")] = None,
    unit: Annotated[str | None, typer.Option(metavar="CODE", help="Of the projects of this unit alone.")] = None,
    officer: Annotated[str | None, typer.Option(metavar="CODE", help="Of this officer's projects alone.")] = None,
    partner: Annotated[
        str | None, typer.Option(metavar="CODE", help="Of this partner's money alone; whom a briefing is on.")
    ] = None,
    basis: Annotated[str | None, typer.Option(help="Of what: approvals, receipts or expenditure.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Kind of money: non-core, rbsa, voluntary (both), assessed or all.")
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(
            "--category", metavar="NAME", help="Money of partners of this category alone, such as government."
        ),
    ] = None,
    top: Annotated[str | None, typer.Option(metavar="N", help="So many rows; the others are one row.")] = None,
    compare: Annotated[str | None, typer.Option(metavar="PERIOD", help="Period the change is told against.")] = None,
    within: Annotated[
        str | None, typer.Option(metavar="DAYS", help="How far ahead agreements-due looks (default: 90).")
    ] = None,
    support_cost: Annotated[
        str | None, typer.Option(help="Whether delivery holds support cost: in (as recorded) or out.")
    ] = None,
    series: Annotated[str | None, typer.Option(help="Series of assessments that are compared over the years.")] = None,
    format_: Annotated[str, typer.Option("--format", help="table, json, csv or xlsx.")] = "table",
    totals: Annotated[bool, typer.Option("--totals", help="In CSV and XLSX, the total as the last row too.")] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="What codes are called, in a column behind each that holds some.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="File to write (default: standard output).")] = None,
    as_of: AsOf = None,
) -> int:
    """Print a report: every figure with its definition, period, as-of date and currency."""
    from app.reports.labels import with_labels
    from app.reports.registry import REPORTS
    from app.reports.service import freshen, run
    from app.reports.writers import to_csv, to_xlsx

    one_of("--format", format_, ("table", "json", "csv", "xlsx"))
    if list_:
        print(table(["report", "what it says"], [[each.name, each.sentence] for each in REPORTS]))
        return 0
    if name is None:
        raise UsageError("name a report; --list shows them")
    if format_ == "xlsx" and out is None and sys.stdout.isatty():
        raise UsageError("an XLSX workbook does not go to a terminal: give --out FILE")
    of_one = {"project": project, "unit": unit, "officer": officer, "partner": partner}
    given = {
        **of_one,
        "threshold": threshold,
        "basis": basis,
        "kind": kind,
        "category": category,
        "top": top,
        "compare": compare,
        "within": within,
        "support_cost": support_cost,
        "series": series,
    }
    options = {option: value for option, value in given.items() if value is not None}
    with opened() as database:
        freshen(database, name, day(None))
        with database.read(aside=True) as session:
            result = run(
                session,
                name,
                period=period,
                as_of=day(as_of),
                by=tuple(by or ()),
                currency=currency,
                variant=variant,
                options=options,
            )
            if labels:
                result = with_labels(session, result)
    if not result.rows:
        say_nothing_found("There is nothing to report", database)
    match format_:
        case "json":
            if out is None:
                print_json(result.as_dict())
                return 0
            import json

            content = json.dumps(result.as_dict(), ensure_ascii=False, indent=2).encode() + b"\n"
        case "csv":
            content = to_csv(result, totals=totals)
        case "xlsx":
            content = to_xlsx(result, totals=totals)
        case _:
            content = result.as_text().encode() + b"\n"
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        with whole_file(out) as stream:
            stream.write(content)
        say(f"{out} is written.")
    return 0
