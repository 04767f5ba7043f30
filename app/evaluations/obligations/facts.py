"""From rows to the dated facts that evaluation rules read."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from sqlmodel import Session

from app.db.portions import OfKeys
from app.db.shapes import InOrder
from app.domain.evaluation.facts import (
    BudgetFigure,
    CannotTell,
    CycleDuty,
    EvaluationFacts,
    Funding,
    Obligation,
    OnceAsked,
    ProjectFacts,
)
from app.domain.evaluation.history import BEGINNING, Decided, DecisionFacts, ProjectHistory, Spent, sum_in
from app.domain.evaluation.records import Reschedule, Standing, TakenBack, Waiver
from app.domain.evaluation.terms import EvaluationStatus, Independence, Kind, Stage
from app.domain.money import WORKING, Money, Rates
from app.evaluations.obligations import queries_facts as queries
from app.evaluations.obligations.rows import (
    BudgetedRow,
    DecisionRow,
    EvaluationRow,
    FundingRow,
    ObligationRow,
    ProjectDecisionRow,
    ProjectRow,
    RevisionRow,
    Terms,
)

# by value: a lookup costs a third of a call of the enumeration, which counts with a hundred thousand rows
_KIND = {member.value: member for member in Kind}
_INDEPENDENCE = {member.value: member for member in Independence}

_SIGNED = ("signed", "completed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A project with everything that decides what it owes."""

    id: int
    history: ProjectHistory
    #: evaluation → day since which it is noted as interim
    interims: Mapping[int, dt.date]


def load(session: Session, ids: Sequence[int], as_of: dt.date, rates: Rates, *, spending: bool) -> Iterator[Loaded]:
    """The dated facts of these projects, in the order of their keys; a constant number of statements, and memory for
    one of them at a time.

    ``as_of`` gives the rate of money set aside for evaluations to come; ``spending``: a rule looks at the ledger.
    """
    some, of_project = OfKeys(ids), attrgetter("project_id")
    revisions = InOrder(queries.revisions(session, some), of_project)
    funding = InOrder(queries.funding(session, some), of_project)
    spent = InOrder(queries.expenditure(session, some) if spending else iter(()), of_project)
    evaluations = InOrder(queries.evaluations(session, some), of_project)
    decisions = InOrder(queries.decisions_of_projects(session, some), of_project)
    for project in queries.projects(session, some):
        covering = evaluations.of(project.id)
        reserves = [each for one in covering if (each := _reserve(one, as_of)) is not None]
        yield Loaded(
            id=project.id,
            history=ProjectHistory(
                stated=_stated(project, reserves, rates),
                revisions=tuple([_decided(row) for row in revisions.of(project.id)]),
                funding=tuple([_funding(row) for row in funding.of(project.id)]),
                spending=tuple(
                    [Spent(day=row.date, money=Money(row.amount, row.currency)) for row in spent.of(project.id)]
                ),
                evaluations=tuple([evaluation_facts(one, replayed=False) for one in covering]),
                decisions=tuple([each for row in decisions.of(project.id) for each in _decision_facts(row)]),
            ),
            interims={one.id: one.interim_since for one in covering if one.interim_since is not None},
        )


def _decided(row: RevisionRow) -> Decided:
    return Decided(
        field=row.field, sequence=row.sequence, known_on=row.known_on, value=row.value, reason=row.reason or ""
    )


def _funding(row: FundingRow) -> Funding:
    signed_on = row.signed_on if row.status.value in _SIGNED else None
    return Funding(partner=row.partner, signed_on=signed_on, preset=row.preset)


def _reserve(row: BudgetedRow, as_of: dt.date) -> tuple[Money, dt.date] | None:
    """What is set aside of a project for an evaluation that covers it, with the day of its rate."""
    if row.budget is None or not row.currency or row.status is EvaluationStatus.CANCELLED:
        return None
    share = WORKING.divide(row.budget, Decimal(row.covers))
    day = row.completed_on or row.planned_start or row.planned_end or as_of
    return Money(share, row.currency), min(day, as_of)


def _stated(row: ProjectRow, reserves: list[tuple[Money, dt.date]], rates: Rates) -> ProjectFacts:
    """The values in force, and what carries no date."""
    budget = None
    if row.total_budget is not None:
        budget = BudgetFigure(money=Money(row.total_budget, row.budget_currency), decided_on=BEGINNING)
    return ProjectFacts(
        project=row.code,
        stage=Stage(row.stage.value),
        planned_start=row.planned_start,
        planned_end=row.planned_end,
        actual_start=row.actual_start,
        actual_end=row.actual_end,
        original_budget=budget,
        pilot=row.pilot,
        phase=_phase(row.phase),
        mid_term_agreed=row.mid_term_agreed,
        evaluation_reserve=sum_in(row.budget_currency, reserves, rates) if reserves and budget else None,
    )


def _phase(text: str | None) -> int | None:
    """The number in "2", "Phase 2"; None where there is none."""
    found = re.search(r"\d{1,3}", text or "")
    return int(found[0]) if found else None


def evaluation_facts(row: EvaluationRow, *, replayed: bool = True) -> EvaluationFacts:
    """An evaluation as the rules take it; ``replayed``: with what the dated facts have made of it."""
    return EvaluationFacts(
        id=row.id,
        kind=_KIND[row.kind],
        independence=_INDEPENDENCE[row.independence],
        status=row.status,
        reference=row.reference,
        planned_start=row.planned_start,
        planned_end=row.planned_end,
        started_on=row.started_on,
        completed_on=row.completed_on,
        cancelled_on=row.cancelled_on,
        status_since=row.status_since,
        interim_since=row.interim_since if replayed else None,
    )


def _decision_facts(row: ProjectDecisionRow) -> list[DecisionFacts]:
    """A decision, and the one that took it back."""
    made = _waiver(row) if row.kind == "waiver" else _reschedule(row)
    found: list[Waiver | TakenBack | Reschedule] = [made]
    if row.taken_back_on is not None:
        reason, approver = row.back_reason or "", row.back_approver or ""
        back = TakenBack(reason=reason, approved_by=approver, approved_on=row.taken_back_on)
        found.append(back)
    return [DecisionFacts(id=row.id, kind=_KIND[row.about], ordinal=row.number, decision=one) for one in found]


def _waiver(row: DecisionRow, until: dt.date | None = None) -> Waiver:
    return Waiver(reason=row.reason, approved_by=row.approver, approved_on=row.decided_on, until=until)


def _reschedule(row: DecisionRow) -> Reschedule:
    if row.new_due_on is None:
        raise ValueError(f"the reschedule {row.id} moves to no day")
    return Reschedule(due=row.new_due_on, reason=row.reason, approved_by=row.approver, approved_on=row.decided_on)


def obligation_of(row: ObligationRow, project: str) -> Obligation:
    """A kept obligation as the rules take it.

    :raises ValueError: for what cannot be told, which asks for nothing.
    """
    opens, due, late = row.opens_on, row.due_on, row.late_on
    if row.kind is None or row.independence is None or opens is None or due is None or late is None:
        raise ValueError(f"what the obligation {row.id} asks for cannot be told")
    terms = row.terms
    cycle = terms.get("cycle")
    return Obligation(
        project=project,
        kind=_KIND[row.kind],
        ordinal=row.number,
        independence=_INDEPENDENCE[row.independence],
        opens=opens,
        due=due,
        late=late,
        reason=row.reason,
        rules=tuple(row.rules),
        or_kinds=tuple(_KIND[kind] for kind in terms.get("or_kinds", ())),
        merged_reviews=tuple(terms.get("merged_reviews", ())),
        grace_months=terms.get("grace_months", 3),
        response_weeks=terms.get("response_weeks", 6),
        cycle=None
        if cycle is None
        else CycleDuty(
            otherwise=_INDEPENDENCE[cycle["otherwise"]], kinds=tuple(_KIND[kind] for kind in cycle["kinds"])
        ),
        not_before=row.caused_on,
    )


def terms_of(obligation: Obligation, lapsed_at_end: dt.date | None = None) -> Terms:
    """What the rules ask beyond dates, as the column ``terms`` keeps it; :func:`obligation_of` reads it."""
    terms: Terms = {"grace_months": obligation.grace_months, "response_weeks": obligation.response_weeks}
    if obligation.or_kinds:
        terms["or_kinds"] = [kind.value for kind in obligation.or_kinds]
    if obligation.merged_reviews:
        terms["merged_reviews"] = list(obligation.merged_reviews)
    if obligation.cycle is not None:
        terms["cycle"] = {
            "otherwise": obligation.cycle.otherwise.value,
            "kinds": [kind.value for kind in obligation.cycle.kinds],
        }
    if lapsed_at_end is not None:
        terms["lapsed_at_end"] = lapsed_at_end.isoformat()
    return terms


def terms_of_unknown(unknown: CannotTell) -> Terms:
    """What would leave nothing to be known, as the column ``terms`` keeps it; :func:`unknown_of` reads it."""
    terms: Terms = {}
    if unknown.if_agreed is not None:
        terms["if_agreed"] = unknown.if_agreed.value
    if (once := unknown.if_once) is not None:
        terms["if_once"] = {
            "independence": once.independence.value,
            "kinds": [kind.value for kind in once.kinds],
        }
    return terms


def unknown_of(row: ObligationRow, project: str) -> CannotTell:
    """Something kept that cannot be told, as the rules take it."""
    agreed, once = row.terms.get("if_agreed"), row.terms.get("if_once")
    return CannotTell(
        project=project,
        kind=None if row.kind is None else _KIND[row.kind],
        missing=(row.missing or "",),
        reason=row.reason,
        rules=tuple(row.rules),
        due=row.due_on,
        if_agreed=None if agreed is None else _INDEPENDENCE[agreed],
        if_once=None
        if once is None
        else OnceAsked(
            independence=_INDEPENDENCE[once["independence"]], kinds=tuple(_KIND[kind] for kind in once["kinds"])
        ),
    )


def standing_of(row: ObligationRow, project: str, decisions: Mapping[int, DecisionRow]) -> Standing:
    """A kept obligation with the decisions in force about it; ``decisions``: rows of decisions by key."""
    lapsed_at_end = row.terms.get("lapsed_at_end")
    waiver = None if row.waiver_id is None else decisions.get(row.waiver_id)
    moved = None if row.reschedule_id is None else decisions.get(row.reschedule_id)
    return Standing(
        id=row.id,
        obligation=obligation_of(row, project),
        # 0: whoever came after it is not known any more
        superseded_by=None if row.status != "superseded" else 0 if row.successor_id is None else row.successor_id,
        lapsed_because=row.status_reason if row.status == "lapsed" else None,
        lapsed_at_end=dt.date.fromisoformat(lapsed_at_end) if lapsed_at_end else None,
        waiver=None if waiver is None else _waiver(waiver, waiver.taken_back_on),
        reschedule=None if moved is None else _reschedule(moved),
    )
