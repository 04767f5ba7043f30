"""The report ``assessments``: scores of the organisation by its donors, year beside year, totals as they were given."""

from decimal import Decimal

from sqlmodel import Session

from app.db.base import key
from app.db.lookups import calendar_of, the_setup
from app.db.oversight import OversightReport
from app.domain.evaluation.oversight import Score, aspects
from app.domain.money import EXACT, plain
from app.domain.periods import Period
from app.errors import Fault, InvalidInput
from app.evaluations import queries_oversight as queries
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent

DEFINITION = (
    "Scores of assessments as they were given: a column for each report of a series in the order of their days. "
    "Without the option series all series are told one after the other. The change is that from the first report to "
    "the last. A total of an aspect stands as given: where it is not the rounded mean of the items of the last report "
    "it is a judgement and the row says so."
)
_FIXED = ("series", "section", "aspect", "item")
_AFTER = ("change", "mean_of_items", "total_is")


def compute(session: Session, request: Request) -> ReportTable:
    """Two statements; holds the scores of the series."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal)) if request.period else []
    wanted = request.options.get("series")
    reports = [
        one
        for one in queries.reports_until(session, request.as_of)
        if (wanted is None or _series(one) == wanted)
        and (not periods or any(one.issued_on in period for period in periods))
    ]
    scores = queries.scores(session, [key(one) for one in reports])
    reports = [one for one in reports if scores[key(one)]]
    if wanted is not None and not reports:
        message = f"There are no scores of a series {wanted} in this time."
        raise InvalidInput([Fault(pointer="/query/series", rule="series.unknown", message=message)])
    by_series: dict[str, list[OversightReport]] = {}
    for one in reports:
        by_series.setdefault(_series(one), []).append(one)
    rows: list[dict[str, Cell]] = []
    for series, own in by_series.items():
        rows += _rows(series, own, [scores[key(one)] for one in own])
    first = min((one.issued_on for one in reports), default=request.as_of)
    judged = sum(row["total_is"] == "a judgement" for row in rows)
    references = tuple(one.reference for one in reports)
    return ReportTable(
        report="assessments",
        definition=DEFINITION,
        period=request.period or f"{first}..{request.as_of}",
        periods=periods or [Period(start=first, end=request.as_of)],
        as_of=request.as_of,
        columns=(*_FIXED, *references, *_AFTER),
        rows=tuple(rows),
        totals={
            "items": sum(row["item"] is not None for row in rows),
            "aspects": sum(row["item"] is None for row in rows),
            "judgements": judged,
        },
        figures=frozenset((*references, "change", "mean_of_items")),
        remarks=_judged(judged),
        variant=request.variant,
    )


def _series(report: OversightReport) -> str:
    """What it is compared with: its series, else itself."""
    return report.series or report.reference


def _rows(series: str, reports: list[OversightReport], scores: list[list[Score]]) -> list[dict[str, Cell]]:
    """A row for each item and total, in the order of the newest report, then what only older ones have."""
    by_place = [{(one.section, one.aspect, one.item): one.score for one in own} for own in scores]
    newest = {(one.section, one.aspect): one for one in aspects(scores[-1])}
    places = dict.fromkeys(place for own in reversed(by_place) for place in own)
    rows: list[dict[str, Cell]] = []
    for section, aspect, item in places:
        given = [own.get((section, aspect, item)) for own in by_place]
        row: dict[str, Cell] = {"series": series, "section": section, "aspect": aspect, "item": item}
        row |= {
            report.reference: None if score is None else plain(score)
            for report, score in zip(reports, given, strict=True)
        }
        row["change"] = _change(given)
        known = newest.get((section, aspect)) if item is None else None
        row["mean_of_items"] = percent(known.mean) if known is not None else None
        row["total_is"] = None
        if known is not None and known.mean is not None and known.total is not None:
            row["total_is"] = "a judgement" if known.differs else "the rounded mean"
        rows.append(row)
    return rows


def _change(given: list[Decimal | None]) -> str | None:
    """From the first report to the last, where both have it."""
    if len(given) < 2 or given[0] is None or given[-1] is None:
        return None
    return plain(EXACT.subtract(given[-1], given[0]))


def _judged(number: int) -> tuple[str, ...]:
    if not number:
        return ()
    if number == 1:
        return ("1 total is a judgement: it is not the rounded mean of its items.",)
    return (f"{number} totals are judgements: they are not the rounded means of their items.",)


ASSESSMENTS = Report(
    name="assessments",
    definition=DEFINITION,
    dimensions=(),
    variants=(),
    compute=compute,
    options=("series",),
    of_everything=True,
)
