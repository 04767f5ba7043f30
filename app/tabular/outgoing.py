"""Tables that go out: every kind of table with the columns of its import, so that it goes in again unchanged.

Rows stream in batches; a batch costs a constant number of statements. What a published file brought of money stays
with that file and is not repeated here: its budgets and transactions have no key that a table could name.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from sqlmodel import Session

from app.db.base import ResultRow, Statement
from app.db.lookups import calendar_of, the_setup
from app.db.revisions import STATED, UNDATED
from app.domain.ledger import TransactionType
from app.domain.money import EXACT, plain
from app.domain.periods import FiscalCalendar, Period, PeriodError
from app.domain.terms import Grain
from app.domain.written_periods import parse_period
from app.evaluations.queries import EVALUATIONS, RECOMMENDATION_ACTIONS, RECOMMENDATIONS
from app.evaluations.queries_lessons import LESSONS, with_tags
from app.evaluations.queries_milestones import MILESTONES
from app.evaluations.queries_oversight import REPORTS as OVERSIGHT_REPORTS
from app.evaluations.queries_oversight import SCORES
from app.funding.queries import AGREEMENTS, INSTALMENTS, PRESETS, SHARES
from app.funding.queries_duties import CONDITIONS, REPORTS, REPURPOSINGS, SCHEDULES
from app.funding.queries_frameworks import FRAMEWORKS
from app.http.lists import Listing
from app.partners.queries import PARTNERS, PROTECTION_CHECKS
from app.people.queries import OFFICERS, UNITS
from app.projects import queries_planned
from app.projects.checks import SHARED
from app.projects.classified import SDG_VOCABULARIES
from app.projects.queries import DOCUMENTS
from app.projects.queries_risks import RISKS
from app.publishing.corrections import place_of
from app.results.queries import FRAMEWORK
from app.results.queries_frameworks import FRAMEWORKS as RESULTS_FRAMEWORKS
from app.results.queries_frameworks import TAGS, WAYS
from app.results.queries_frameworks import TARGETS as FRAMEWORK_TARGETS
from app.results.queries_programmes import PROGRAMMES
from app.results.queries_records import RECORDS, codes_of_each
from app.sheets import Cell
from app.spending.allocations import STATUS
from app.spending.ledger import CORRECTION
from app.spending.queries import ASSISTANCE_TYPES, ENCUMBRANCES, INSTITUTIONAL_BUDGETS
from app.spending.queries_control import INDICATOR_TARGETS, NOTES, TARGETS
from app.tabular import queries
from app.tabular.forms import CLEARS, kept_sign
from app.tabular.kinds import Kind
from app.tabular.queries import Values

Batches = Iterator[list[Values]]
#: a statement, or that part of it that is asked for
Only = Callable[[Statement], Statement]
Reader = Callable[[Session, Only], Batches]
#: fields that say when and why a change is made; a table of what stands has none
_OF_CHANGES = {
    "agreements": ("decided_on", "reason", "consented_on"),
    "encumbrances": ("changed_on",),
    "funding-shares": ("decided_on",),
    "instalments": ("decided_on",),
    "institutional-budget": ("decided_on",),
    "projects": ("decided_on", "reason"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TableOut:
    """A table that goes out; ``rows`` can be read once."""

    columns: tuple[str, ...]
    rows: Iterator[list[Cell]]


def table_out(session: Session, kind: Kind, *, only: Sequence[str] | None = None) -> TableOut:
    """All rows of a kind. Holds a batch at a time.

    ``only`` are values of the first column: what is read may then be no more than the rows that have them.
    """
    left_out = {*_OF_CHANGES.get(kind.name, ()), kind.further}
    columns = tuple(name for name in kind.model.model_fields if name not in left_out)

    def asked(statement: Statement) -> Statement:
        return statement if only is None else queries.with_texts(session, statement, kind.key[0], only)

    batches = _READERS[kind.name](session, asked)
    if kind.further is None:
        return TableOut(columns=columns, rows=_cells(kind, columns, batches))
    # the further columns are known when all rows are; a results framework has some hundreds
    found = [row for batch in batches for row in batch]
    further = sorted({name for row in found for name in row[kind.further] or {}})
    flat = [{**row, **(row[kind.further] or {})} for row in found]
    return TableOut(columns=(*columns, *further), rows=_cells(kind, (*columns, *further), iter([flat])))


def _cells(kind: Kind, columns: tuple[str, ...], batches: Batches) -> Iterator[list[Cell]]:
    forms = [kind.column(name) for name in columns]
    for batch in batches:
        for row in batch:
            cells = [_cell(row.get(name)) for name in columns]
            if CLEARS in cells:
                named = zip(cells, forms, strict=True)
                cells = [kept_sign(cell, form) if isinstance(cell, str) else cell for cell, form in named]
            yield cells


#: what a statement or a list of the API gives for a cell
Shown: TypeAlias = "Cell | Enum | list[Shown] | tuple[Shown, ...]"


def _cell(value: Shown) -> Cell:
    """A value as its column is read: enumerations by their word, lists as ``KE:60|UG:40``."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list | tuple):
        return "|".join(str(_cell(item)) for item in value)
    return value if value != "" else None


def _item(*parts: object) -> str:
    """An item of a list: its parts, without the empty ones at the end."""
    texts = ["" if part is None else plain(part) if isinstance(part, Decimal) else str(part) for part in parts]
    while texts and not texts[-1]:
        texts.pop()
    return ":".join(texts)


def _kept(listing: Listing, adapt: Callable[[Values], Values] = lambda row: row) -> Reader:
    """Reads a list of the API as it is, but for what ``adapt`` adds."""

    def read(session: Session, only: Only) -> Batches:
        for batch in queries.batches(session, only(queries.kept(listing))):
            yield [adapt(row) for row in batch]

    return read


def _corrections(session: Session, only: Only) -> Batches:
    """What is wrong with drafts, place by place, to be filled in and to go in again; an empty place changes nothing."""
    for batch in queries.batches(session, only(queries.drafts())):
        yield [
            {"project": row["code"], "path": place, "fault": each["message"]}
            for row in batch
            for each in row["findings"]
            if each["severity"] == "critical" and (place := place_of(each["path"], each["message"]))
        ]


def _translated(*names: str) -> Callable[[Values], Values]:
    """``name_fr`` and the like from the translations of ``name``."""

    def adapt(row: Values) -> Values:
        said = {f"{name}_{language}": text for name in names for language, text in row[f"{name}_translations"] or ()}
        return {**row, **said}

    return adapt


def _projects(grain: Grain) -> Reader:
    translated = _translated("title", "description")

    def read(session: Session, only: Only) -> Batches:
        for batch in queries.batches(session, only(queries.projects(grain))):
            classified = queries.by_owner(queries.classifications(session, [row["id"] for row in batch]))
            yield [
                {
                    **translated(row),
                    **_classified(classified.get(row["id"], ())),
                    "status": row["stage"],
                    "currency": row["budget_currency"],
                }
                for row in batch
            ]

    return read


def _classified(rows: Iterable[ResultRow]) -> Values:
    found: dict[str, list[str]] = {}
    names = {kind: field for field, kind in SHARED.items()}
    for row in rows:
        if row.kind in names:
            found.setdefault(names[row.kind], []).append(_item(row.code, row.percentage, row.vocabulary))
        elif row.kind == "tag" and row.vocabulary in SDG_VOCABULARIES.values():
            found.setdefault("sdg", []).append(row.code)
        elif row.kind == "policy-marker":
            found.setdefault("markers", []).append(_item(row.code, row.significance, row.vocabulary))
    return dict(found)


def _revisions(session: Session, only: Only) -> Batches:
    for batch in queries.batches(session, only(queries.revisions())):
        yield [row for row in batch if row["reason"] != STATED and row["decided_on"] > UNDATED]


def _with_period(listing: Listing, column: str = "period") -> Reader:
    """Reads a list whose rows have the days of a period, or none, which tables write as one."""

    def read(session: Session, only: Only) -> Batches:
        calendar = calendar_of(the_setup(session))
        for batch in queries.batches(session, only(queries.kept(listing))):
            yield [
                row
                if row["period_start"] is None
                else {**row, column: _named(row["period_start"], row["period_end"], calendar)}
                for row in batch
            ]

    return read


def _named(start: dt.date, end: dt.date, calendar: FiscalCalendar) -> str:
    """A period as it is written: the shortest name that is read as these days."""
    named = (calendar.year_of(start), calendar.biennium_of(start), calendar.quarter_of(start), calendar.month_of(start))
    return next((period.label for period in named if _reads_as(period, start, end, calendar)), f"{start}..{end}")


def _allocations(session: Session, only: Only) -> Batches:
    calendar = calendar_of(the_setup(session))
    words = {code: word for word, code in STATUS.items()}
    for batch in queries.batches(session, only(queries.allocations())):
        for row in batch:
            start, end = row["period_start"], row["period_end"]
            named = (calendar.year_of(start), calendar.biennium_of(start))
            row["fiscal_year"] = next(
                (period.label for period in named if _reads_as(period, start, end, calendar)), f"{start}..{end}"
            )
            row["status"] = words.get(row["status"])
        yield batch


def _reads_as(period: Period, start: dt.date, end: dt.date, calendar: FiscalCalendar) -> bool:
    """Whether the period has these days, and its label is read as it."""
    try:
        read = parse_period(period.label, calendar)
    except PeriodError:
        return False
    return (read.start, read.end) == (start, end) == (period.start, period.end)


def _transactions(session: Session, only: Only) -> Batches:
    for batch in queries.batches(session, only(queries.transactions(CORRECTION))):
        for row in batch:
            row["amount"] = EXACT.add(row["amount"], row["corrections"] or Decimal(0))
            row["type"] = TransactionType(row["type"]).written
            home = "pool" if row["grain"] is Grain.POOL else "project"
            row[home] = row["home"]
            if row["internal"] and row["type"] == TransactionType.DISBURSEMENT.written:
                row["project"] = row["receiving"]
            elif row["internal"] and row["type"] == TransactionType.INCOMING_FUNDS.written:
                row["project"], row["pool"] = row["home"], row["providing"]
        yield batch


def _evaluations(session: Session, only: Only) -> Batches:
    for batch in queries.batches(session, only(queries.kept(EVALUATIONS))):
        keys = [row["id"] for row in batch]
        covered = queries.by_owner(queries.covered(session, keys))
        ratings = queries.by_owner(queries.ratings(session, keys))
        for row in batch:
            row["projects"] = [each.code for each in covered.get(row["id"], ())]
            row["ratings"] = [_item(each.criterion, each.rating, each.comment) for each in ratings.get(row["id"], ())]
        yield batch


def _results(session: Session, only: Only) -> Batches:
    """The notes of a result's rows stand one a line in the result."""
    lines: dict[int, list[str]] = {}
    for batch in queries.batches(session, only(queries.results())):
        for row in batch:
            waiting = lines.setdefault(row["id"], (row["note"] or "").split("\n"))
            row["note"] = waiting.pop(0) if waiting else None
        yield batch


def _result_records(session: Session, only: Only) -> Batches:
    for batch in queries.batches(session, only(queries.kept(RECORDS))):
        codes = codes_of_each(session, [row["id"] for row in batch])
        yield [{**row, "projects": codes.get(row["id"], [])} for row in batch]


def _lessons(session: Session, only: Only) -> Batches:
    for batch in queries.batches(session, only(queries.kept(LESSONS))):
        yield with_tags(session, batch)


def _statement(make: Callable[[], Statement]) -> Reader:
    return lambda session, only: queries.batches(session, only(make()))


_READERS: Mapping[str, Reader] = {
    "corrections": _corrections,
    "units": _kept(UNITS),
    "officers": _kept(OFFICERS),
    "partners": _kept(PARTNERS, _translated("name")),
    "pools": _projects(Grain.POOL),
    "agreements": _kept(AGREEMENTS),
    "agreement-amendments": _statement(queries.amendments),
    "agreement-repurposings": _kept(REPURPOSINGS),
    "presets": _kept(PRESETS),
    "framework-agreements": _kept(FRAMEWORKS),
    "protection-checks": _kept(PROTECTION_CHECKS),
    "assistance-types": _kept(ASSISTANCE_TYPES),
    "report-schedules": _kept(SCHEDULES),
    "agreement-reports": _kept(REPORTS),
    "agreement-conditions": _kept(CONDITIONS),
    "projects": _projects(Grain.PROJECT),
    "funding-shares": _kept(SHARES),
    "revisions": _revisions,
    "rates": _statement(queries.rates),
    "allocations": _allocations,
    "instalments": _kept(INSTALMENTS),
    "transactions": _transactions,
    "encumbrances": _kept(ENCUMBRANCES),
    "evaluations": _evaluations,
    "milestones": _kept(MILESTONES),
    "lessons": _lessons,
    "risks": _kept(RISKS),
    "oversight-reports": _kept(OVERSIGHT_REPORTS),
    "assessment-scores": _kept(SCORES),
    "recommendations": _kept(RECOMMENDATIONS),
    "recommendation-actions": _kept(RECOMMENDATION_ACTIONS),
    "results-framework": _kept(FRAMEWORK),
    "results": _results,
    "frameworks": _kept(RESULTS_FRAMEWORKS),
    "framework-targets": _with_period(FRAMEWORK_TARGETS),
    "framework-tags": _with_period(TAGS, "fiscal_year"),
    "framework-crosswalk": _kept(WAYS),
    "country-programmes": _kept(PROGRAMMES),
    "planned-payments": _statement(queries_planned.as_table),
    "result-records": _result_records,
    "documents": _kept(DOCUMENTS, _translated("title")),
    "institutional-budget": _kept(INSTITUTIONAL_BUDGETS),
    "delivery-targets": _with_period(TARGETS),
    "indicator-targets": _with_period(INDICATOR_TARGETS),
    "delivery-notes": _with_period(NOTES),
}
