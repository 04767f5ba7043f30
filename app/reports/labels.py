"""What the codes of a report are called: of units, officers, partners, projects, outcomes and outputs.

Pages show these names in the place of the codes, and files have them in columns of their own when they are asked for.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.framework import OUTCOME, OUTPUT
from app.domain.outcome_titles import Titles, titles_on
from app.domain.periods import Period
from app.reports.frame import Cell, ReportTable
from app.reports.queries_labels import names_of_codes
from app.reports.queries_results import framework_items, framework_records
from app.reports.versions import times_of


def outcome_titles(session: Session, day: dt.date) -> Titles:
    """The titles of outcomes and outputs that hold on a day."""
    items, records = framework_items(session), framework_records(session)
    fiscal = calendar_of(the_setup(session))
    times: dict[str, Period | None] = {}
    for name in {item.framework for item in items}:
        own = times_of(name, records, fiscal)
        times[name] = Period(start=own[0].start, end=own[-1].end) if own else None
    return titles_on(day, items, times, {name: record.levels for name, record in records.items()})


def day_of(table: ReportTable) -> dt.date:
    """The day whose names a report shows: the last one of its time, and no later than the day it looks from."""
    return max(min(table.periods[-1].end, table.as_of), table.periods[0].start)


def labels_of(
    session: Session, table: ReportTable, *, rows: Sequence[Mapping[str, Cell]] | None = None, language: str = ""
) -> dict[str, dict[str, str]]:
    """Column → code → name, of the columns with codes of our own records; of ``rows`` alone, where they are given.

    ``language``: of names that are kept in several.
    """
    found: dict[str, dict[str, str]] = {}
    titles: Mapping[str, str] | None = None
    for column in table.columns:
        if column in table.figures:
            continue
        codes = {str(row[column]) for row in (table.rows if rows is None else rows) if row.get(column)}
        if column in (OUTCOME, OUTPUT):
            # a report of a framework has its own titles beside the codes
            if "title" in table.columns:
                continue
            titles = outcome_titles(session, day_of(table)).labels() if titles is None else titles
            found[column] = {code: titles[code] for code in codes if code in titles}
        elif (names := names_of_codes(session, column, codes, language)) is not None:
            found[column] = names
    return {column: names for column, names in found.items() if names}


def with_labels(session: Session, table: ReportTable) -> ReportTable:
    """The report with a column ``…_label`` behind each that holds codes."""
    labels = labels_of(session, table)
    columns: list[str] = []
    for name in table.columns:
        columns += [name, f"{name}_label"] if name in labels else [name]
    rows = tuple(
        {**row, **{f"{name}_label": known.get(str(row.get(name))) for name, known in labels.items()}}
        for row in table.rows
    )
    return replace(table, columns=tuple(columns), rows=rows)
