"""The report ``risks``: registers of units and projects, whether they are current, and what stands in them."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import percent_of
from app.domain.periods import Period
from app.domain.risks import HIGH, Register, RiskFacts, current_share, register
from app.projects import queries_risks as queries
from app.reports.calendars import periods_of
from app.reports.choices import chosen_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent

DEFINITION = (
    "Risks on record by the day. A unit keeps a register that has projects under way or any risk: it is current while "
    "every open risk has an owner who is still there and no review is late. A unit without a risk on record has no "
    f"register. High is a likelihood times impact of {HIGH} or more. By risk: every open one with what is to be looked "
    "at. A period narrows it to what was put on record in it."
)
_COUNTS = ("risks", "open", "high", "escalated", "not_reviewed", "owner_left")
_RISK = ("risk", "project", "unit", "rating", "owner", "review_on", "escalated", "finding")
_NAMED = 20


def compute(session: Session, request: Request) -> ReportTable:
    """The report in two statements; holds the risks on record."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal)) if request.period else []
    narrowed = chosen_of(session, request).sentences
    risks = [
        risk
        for risk in queries.risks(session)
        if risk.opened_on <= request.as_of
        and (not periods or any(risk.opened_on in period for period in periods))
        and request.options.get("unit") in (None, risk.unit)
        and request.options.get("project") in (None, risk.project)
    ]
    units = queries.units_at_work(session) if not {"project", "unit"} & request.options.keys() else set()
    by_unit = _registers(risks, "unit", units, request.as_of)
    current, asked = current_share(list(by_unit.values()))
    rows: list[dict[str, Cell]]
    if request.by == ("risk",):
        columns: tuple[str, ...] = _RISK
        rows = [_risk(risk, request) for risk in risks if risk.is_open(request.as_of)]
        rows.sort(key=lambda row: (-int(str(row["rating"])), str(row["risk"])))
    else:
        columns = (*request.by, *_COUNTS, "current")
        groups = by_unit if request.by == ("unit",) else _registers(risks, "project", (), request.as_of)
        rows = [{request.by[0]: name, **_cells(own)} for name, own in sorted(groups.items())]
    total = register(risks, request.as_of)
    first = min((risk.opened_on for risk in risks), default=request.as_of)
    return ReportTable(
        report="risks",
        definition=" ".join((DEFINITION, *narrowed)),
        period=request.period or f"{first}..{request.as_of}",
        periods=periods or [Period(start=first, end=request.as_of)],
        as_of=request.as_of,
        columns=columns,
        rows=tuple(rows),
        totals={
            **{name: getattr(total, name) for name in _COUNTS},
            "registers": asked,
            "registers_current": current,
            "current_share": percent(percent_of(Decimal(current), Decimal(asked))),
        },
        figures=frozenset((*_COUNTS, "rating")),
        days=frozenset({"review_on"}),
        remarks=tuple(_remarks(risks, by_unit, request)),
        variant=request.variant,
    )


def _registers(risks: Iterable[RiskFacts], name: str, further: Iterable[str], as_of: dt.date) -> dict[str, Register]:
    """By unit or project; ``further``: those that keep one even if nothing is on record."""
    groups: dict[str, list[RiskFacts]] = {each: [] for each in further}
    for risk in risks:
        key = risk.unit if name == "unit" else risk.project
        if key is not None:
            groups.setdefault(key, []).append(risk)
    return {key: register(own, as_of) for key, own in groups.items()}


def _cells(own: Register) -> dict[str, Cell]:
    counts: dict[str, Cell] = {name: getattr(own, name) for name in _COUNTS}
    return {**counts, "current": "yes" if own.is_current else "no register" if not own.risks else "no"}


def _finding(risk: RiskFacts, request: Request) -> str | None:
    found = []
    if risk.is_late(request.as_of):
        found.append(f"not reviewed since {risk.reviewed_on or risk.opened_on}")
    if risk.owner_left:
        found.append(f"its owner {risk.owner} has left")
    if risk.owner is None:
        found.append("nobody owns it")
    return "; ".join(found) or None


def _risk(risk: RiskFacts, request: Request) -> dict[str, Cell]:
    return {
        "risk": risk.reference,
        "project": risk.project,
        "unit": risk.unit,
        "rating": risk.rating,
        "owner": risk.owner,
        "review_on": risk.review_on.isoformat(),
        "escalated": "yes" if risk.is_escalated(request.as_of) else "no",
        "finding": _finding(risk, request),
    }


def _remarks(risks: Iterable[RiskFacts], by_unit: dict[str, Register], request: Request) -> list[str]:
    running = [risk for risk in risks if risk.is_open(request.as_of)]
    late = [risk.reference for risk in running if risk.is_late(request.as_of)]
    left = [risk.reference for risk in running if risk.owner_left]
    none = [unit for unit, own in sorted(by_unit.items()) if not own.risks]
    told = [
        (late, "Not reviewed in time"),
        (left, "Owned by somebody who left"),
        (none, "No register is kept by"),
    ]
    return [f"{words}: {_named(names)}." for names, words in told if names]


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


RISKS = Report(
    name="risks",
    definition=DEFINITION,
    dimensions=("unit", "project", "risk"),
    variants=(),
    compute=compute,
    options=("unit", "project"),
    most_dimensions=1,
    of_everything=True,
)
