"""Rules of change for the logframe of projects."""

import datetime as dt
from collections.abc import Iterable

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.projects import Project
from app.db.put import Put
from app.db.results import Result
from app.domain.access import Actor, Right
from app.domain.results import QUALITATIVE, baseline_fault, value_fault
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, sent
from app.results import logframe, queries
from app.results.schemas import FullIndicator, FullPeriod, FullResult, ResultIn


def put_result(session: Session, actor: Actor, body: ResultIn, *, pointer: str = "") -> Put[Result]:
    """Creates or updates one period of one indicator, with the result and the indicator above it.

    Rows of one result may carry different notes: the result keeps each once, one a line.
    """
    actor.require(Right.WRITE)
    faults = FaultList(pointer)
    project = queries.find_project(session, body.project)
    if project is None:
        faults.add("project", "project.unknown", f"There is no project {body.project}.")
    result = None if project is None else queries.find_result(session, key(project), body.result)
    kept = [] if result is None else logframe.load(session, [key(result)])[key(result)]
    indicator = next((one for one in kept if one.row.title == body.indicator), None)
    stated = "measure" in body.model_fields_set or indicator is None
    _check_row(faults, body, body.measure if stated or indicator is None else indicator.row.measure)
    measured = [body.period_end, *(one.row.ends_on for one in (indicator.periods if indicator else ()))]
    _check_baseline_year(faults, "baseline_year", body.baseline_year, measured, project)
    faults.refuse()
    if project is None or project.id is None:
        raise AssertionError("faults were not raised")
    actor.require_unit(project.unit_id)
    if result is None:
        ordinal = queries.next_result(session, project.id)
        result = Result(project_id=project.id, ordinal=ordinal, type=body.type, title=body.result)
        session.add(result)
        session.flush()
    if "type" in body.model_fields_set:
        result.type = body.type
    if body.note and body.note not in (result.note or "").split("\n"):
        result.note = f"{result.note}\n{body.note}" if result.note else body.note
    days = (body.period_start, body.period_end)
    periods = [(one.row.starts_on, one.row.ends_on) for one in indicator.periods] if indicator else []
    made = indicator is None or (days != (None, None) and days not in periods)
    changed = made
    if indicator is None:
        indicator = logframe.add_indicator(session, result, body.indicator, body.measure, len(kept))
    if "measure" in body.model_fields_set:
        indicator.row.measure = body.measure
    if body.baseline_year is not None:
        changed |= logframe.set_baseline(session, indicator, body.baseline_year, body.baseline_value)
    if body.period_start or body.period_end or body.target or body.actual:
        period = FullPeriod(
            period_start=body.period_start, period_end=body.period_end, target=body.target, actual=body.actual
        )
        changed |= logframe.set_period(session, indicator, period, frozenset(body.model_fields_set))
    changed |= session.is_modified(result) or session.is_modified(indicator.row)
    if changed and not session.is_modified(result):
        result.version += 1
    session.flush()
    if made:
        return Put(result, "created")
    return Put(result, "updated" if changed else "unchanged")


def create_result(session: Session, actor: Actor, project: Project, body: FullResult, *, pointer: str = "") -> Result:
    """A new result with its indicators; ``Conflict`` when the project has one of this title."""
    _require(actor, project)
    _check(project, body.indicators, pointer)
    if queries.find_result(session, key(project), body.result) is not None:
        raise Conflict(
            f"The project has a result “{body.result}” already.",
            [Fault(pointer=f"{pointer}/result", rule="result.exists", message="Update it, or choose another title.")],
        )
    result = Result(
        project_id=key(project),
        ordinal=queries.next_result(session, key(project)),
        type=body.type,
        title=body.result,
        description=body.description,
        note=body.note,
    )
    session.add(result)
    session.flush()
    logframe.replace(session, result, [], body.indicators)
    return result


def update_result(
    session: Session, actor: Actor, project: Project, row: Result, body: Input, *, pointer: str = ""
) -> Result:
    """Changes what the body (a ``FullResultPatch``) sets; ``indicators``, where given, are all there are."""
    _require(actor, project)
    values = sent(body)
    indicators: list[FullIndicator] | None = values.pop("indicators", None)
    _check(project, indicators or [], pointer)
    title = values.pop("result", row.title)
    other = queries.find_result(session, row.project_id, title)
    if other is not None and other.id != row.id:
        raise Conflict(f"The project has a result “{title}” already.")
    row.title = title
    for name, value in values.items():
        setattr(row, name, value)
    if indicators is not None:
        logframe.replace(session, row, logframe.load(session, [key(row)])[key(row)], indicators)
        row.version += 1
    session.flush()
    return row


def archive_result(session: Session, actor: Actor, project: Project, row: Result) -> Result:
    _require(actor, project)
    archiving.archive(session, row)
    return row


def restore_result(session: Session, actor: Actor, project: Project, row: Result) -> Result:
    """Brings an archived result back; ``Conflict`` when one of this title was added in the meantime."""
    _require(actor, project)
    if row.archived_at is not None and queries.find_result(session, key(project), row.title or "") is not None:
        raise Conflict(f"The project has another result “{row.title}” by now: change that one, or archive it first.")
    archiving.restore(session, row)
    return row


def _check_row(faults: FaultList, body: ResultIn, measure: str) -> None:
    if body.period_start and body.period_end and body.period_end < body.period_start:
        faults.add("period_end", "period", f"The period ends on {body.period_end}, before it starts.")
    if body.baseline_value is not None and body.baseline_year is None:
        faults.add("baseline_year", "result.baseline-year", "Give the year of the baseline.")
    if (body.target or body.actual) and not (body.period_start and body.period_end):
        name = "period_end" if body.period_start else "period_start"
        faults.add(name, "period", "Give the first and the last day of the period that the target or actual is for.")
    for name in ("baseline_value", "target", "actual"):
        _check_value(faults, name, measure, getattr(body, name))
    _check_baseline(faults, "baseline_value", measure, body.baseline_year, body.baseline_value)


def _check_value(faults: FaultList, place: str, measure: str, text: str | None) -> None:
    """A number where the indicator counts; anything where it describes."""
    if text is not None and (message := value_fault(measure, text)):
        faults.add(place, "result.value", message)


def _check_baseline(faults: FaultList, place: str, measure: str, year: int | None, value: str | None) -> None:
    if year is not None and value is None and measure != QUALITATIVE:
        message = f"Give the value of the baseline of {year}, or leave out its year."
        faults.add(place, "result.baseline-value", message)


def _check_baseline_year(
    faults: FaultList, place: str, year: int | None, measured: Iterable[dt.date | None], project: Project | None
) -> None:
    """It lies no later than what is measured and the end of the project: periods may still follow in later rows."""
    of_project = () if project is None else (project.actual_end, project.planned_end)
    ends = [day for day in (*measured, *of_project) if day is not None]
    if message := baseline_fault(year, max(ends).year if ends else None):
        faults.add(place, "result.baseline-year", message)


def _check_indicator(faults: FaultList, place: str, indicator: FullIndicator, project: Project) -> None:
    if (baseline := indicator.baseline) is not None:
        ends = [period.period_end for period in indicator.periods]
        _check_baseline_year(faults, f"{place}/baseline/year", baseline.year, ends, project)
        _check_value(faults, f"{place}/baseline/value", indicator.measure, baseline.value)
        _check_baseline(faults, f"{place}/baseline/value", indicator.measure, baseline.year, baseline.value)
    for number, period in enumerate(indicator.periods):
        for name in ("target", "actual"):
            _check_value(faults, f"{place}/periods/{number}/{name}", indicator.measure, getattr(period, name))
        if period.period_start is None or period.period_end is None:
            faults.add(f"{place}/periods/{number}", "period", "Give the first and the last day of the period.")


def _check(project: Project, indicators: list[FullIndicator], pointer: str) -> None:
    faults = FaultList(pointer)
    for place, indicator in enumerate(indicators):
        _check_indicator(faults, f"indicators/{place}", indicator, project)
        if any(other.indicator == indicator.indicator for other in indicators[:place]):
            faults.add(f"indicators/{place}/indicator", "result.repeated", "This indicator stands twice.")
        days = [(period.period_start, period.period_end) for period in indicator.periods]
        for number, (start, end) in enumerate(days):
            if start and end and end < start:
                faults.add(f"indicators/{place}/periods/{number}", "period", "The period ends before it starts.")
            if (start, end) in days[:number]:
                faults.add(f"indicators/{place}/periods/{number}", "result.repeated", "This period stands twice.")
    faults.refuse()


def _require(actor: Actor, project: Project) -> None:
    actor.require(Right.WRITE)
    actor.require_unit(project.unit_id)
