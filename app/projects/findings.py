"""What somebody should look at in a project: remarks on what is stored, none of which was refused."""

import datetime as dt

from sqlmodel import Session

from app.db.base import key
from app.db.projects import Project
from app.db.rates import stored_rates
from app.domain.findings import Finding, Severity
from app.domain.money import Money, Rates, plain, total
from app.domain.outcomes import outcome_codes
from app.domain.shares import Share, faulty_places, faulty_sectors
from app.domain.terms import Grain, Stage
from app.domain.told import Figure, Told
from app.projects import as_of as projects_as_of
from app.projects import queries
from app.projects.as_of import ProjectState
from app.projects.queries_outcomes import unknown_codes

_RUNNING = (Stage.IMPLEMENTATION, Stage.FINALISATION)


def findings(session: Session, project_id: int, as_of: dt.date) -> tuple[Finding, ...]:
    """All remarks on a project as known on a day. Five statements; one or two more where it states an outcome."""
    project = queries.get_project(session, project_id)
    state = projects_as_of.project_as_of(session, project_id, as_of)
    return (
        *_of_draft(project),
        *_of_dates(project, state, as_of),
        *_of_people(project, state),
        *_of_shares(session, project),
        *_of_budget(session, project, state, as_of),
        *_of_outcome(session, project),
    )


def _finding(project: Project, rule: str, severity: Severity, message: str, pointer: str) -> Finding:
    return Finding(rule=f"project.{rule}", severity=severity, subject=project.code, message=message, pointer=pointer)


def _of_draft(project: Project) -> list[Finding]:
    """What keeps a record that came from a file from being published."""
    return [
        Finding(
            rule=str(each["rule"]),
            severity=Severity.ERROR,
            subject=project.code,
            message=f"{each['file']}, line {each['line']}: {each['message']}",
            pointer=str(each["path"]),
        )
        for each in project.findings or ()
    ]


def _of_dates(project: Project, state: ProjectState, as_of: dt.date) -> list[Finding]:
    found = []
    end = state.actual_end or state.planned_end
    if end is None and state.stage is not Stage.PIPELINE:
        message = Told("No end is known: neither the evaluations due nor the pace can be told. Enter the planned end.")
        found.append(_finding(project, "no-end", Severity.WARNING, message, "/planned_end"))
    if end is not None and end < as_of and state.stage is Stage.IMPLEMENTATION:
        message = Told(
            "It ended on %(day)s and is still in implementation: extend it, or move it to finalisation.", day=end
        )
        found.append(_finding(project, "end-passed", Severity.WARNING, message, "/status"))
    if state.stage is Stage.CLOSED and state.actual_end is None:
        message = Told("It is closed and has no actual end: enter the day on which work ended.")
        found.append(_finding(project, "closed-without-end", Severity.WARNING, message, "/actual_end"))
    if state.stage in _RUNNING and state.actual_start is None:
        message = Told("It is running and has no actual start: enter the day on which work began.")
        found.append(_finding(project, "no-actual-start", Severity.ADVISORY, message, "/actual_start"))
    for first, last in (("planned_start", "planned_end"), ("actual_start", "actual_end")):
        start, finish = getattr(state, first), getattr(state, last)
        if start and finish and finish < start:
            message = Told(
                "%(last)s (%(finish)s) is before %(first)s (%(start)s): correct one of them.",
                last=last,
                finish=finish,
                first=first,
                start=start,
            )
            found.append(_finding(project, "dates-order", Severity.ERROR, message, f"/{last}"))
    return found


def _of_people(project: Project, state: ProjectState) -> list[Finding]:
    found = []
    if state.stage in _RUNNING and project.grain is Grain.PROJECT:
        if state.officer is None:
            message = Told("Nobody is named as its officer, so nobody gets its alerts: name one.")
            found.append(_finding(project, "no-officer", Severity.WARNING, message, "/officer"))
        if project.unit_id is None:
            message = Told("No unit is responsible for it: name one.")
            found.append(_finding(project, "no-unit", Severity.WARNING, message, "/unit"))
    return found


def _of_shares(session: Session, project: Project) -> list[Finding]:
    rows = queries.classifications(session, key(project))
    shares = [
        Share(kind=row.kind, code=row.code, percentage=row.percentage, vocabulary=row.vocabulary)
        for row in rows
        if row.kind in ("country", "region", "sector")
    ]
    places = [share for share in shares if share.kind != "sector"]
    sectors = [share for share in shares if share.kind == "sector"]
    found = [
        _finding(project, "percentages", Severity.WARNING, sentence, pointer)
        for pointer, sentences in (("/countries", faulty_places(places)), ("/sectors", faulty_sectors(sectors)))
        for sentence in sentences
    ]
    if not places:
        message = Told("No country or region is given: its money cannot be told by place.")
        found.append(_finding(project, "no-place", Severity.WARNING, message, "/countries"))
    if not sectors:
        message = Told("No sector is given, which published activities need.")
        found.append(_finding(project, "no-sector", Severity.WARNING, message, "/sectors"))
    return found


def _of_outcome(session: Session, project: Project) -> list[Finding]:
    """Outcomes that no framework has: reports show them apart, with money and without a target."""
    codes = outcome_codes(project.outcome)
    strange = unknown_codes(session, codes) if codes else []
    if not strange:
        return []
    message = Told(
        "No results framework has the outcome %(codes)s: correct the code, or load the framework that has it.",
        codes=", ".join(strange),
    )
    return [_finding(project, "outcome-unknown", Severity.WARNING, message, "/outcome")]


def _of_budget(session: Session, project: Project, state: ProjectState, as_of: dt.date) -> list[Finding]:
    """The total budget against the sum of allocations, in the budget's currency by the rates of the decisions."""
    rows = queries.allocations_of(session, key(project), as_of)
    if state.total_budget is None or state.budget_currency is None or not rows:
        return []
    currencies = {row.currency for row in rows} | {state.budget_currency}
    rates = Rates() if len(currencies) == 1 else stored_rates(session, currencies=currencies)
    allocated = total(((Money(row.amount, row.currency), row.decided_on) for row in rows), state.budget_currency, rates)
    if allocated.amount is None:
        lacking = "; ".join(str(rate) for rate in allocated.missing)
        message = Told(
            "The total budget cannot be compared with the allocations: there is %(lacking)s.", lacking=lacking
        )
        return [_finding(project, "budget-incomparable", Severity.ADVISORY, message, "/total_budget")]
    difference = Money(state.total_budget, state.budget_currency) - Money(allocated.amount, state.budget_currency)
    if difference.rounded() == 0:
        return []
    shown = [
        Figure(plain(Money(figure, state.budget_currency).rounded()))
        for figure in (state.total_budget, allocated.amount)
    ]
    message = Told(
        "The total budget (%(budget)s %(currency)s) differs from the sum of allocations (%(allocated)s) "
        "by %(difference)s: revise the one or the other.",
        budget=shown[0],
        currency=state.budget_currency,
        allocated=shown[1],
        difference=Figure(plain(difference.rounded())),
    )
    return [_finding(project, "budget-differs", Severity.WARNING, message, "/total_budget")]
