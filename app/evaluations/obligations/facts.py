"""From rows to the dated facts that evaluation rules read."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from app.domain.evaluation.facts import BudgetFigure, CycleDuty, EvaluationFacts, Funding, Obligation, ProjectFacts
from app.domain.evaluation.history import BEGINNING, Decided, DecisionFacts, ProjectHistory, Spent, sum_in
from app.domain.evaluation.records import Reschedule, Standing, TakenBack, Waiver
from app.domain.evaluation.terms import EvaluationStatus, Independence, Kind, Stage
from app.domain.money import WORKING, Money, Rates
from app.evaluations.obligations import queries_facts as queries

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


def load(session: Session, ids: Sequence[int], as_of: dt.date, rates: Rates, *, spending: bool) -> list[Loaded]:
    """The dated facts of these projects; a constant number of statements.

    ``as_of`` gives the rate of money set aside for evaluations to come; ``spending``: a rule looks at the ledger.
    """
    revisions: dict[int, list[Decided]] = defaultdict(list)
    for row in queries.revisions(session, ids):
        revisions[row.project_id].append(
            Decided(
                field=row.field, sequence=row.sequence, known_on=row.known_on, value=row.value, reason=row.reason or ""
            )
        )
    funding: dict[int, list[Funding]] = defaultdict(list)
    for row in queries.funding(session, ids):
        signed_on = row.signed_on if row.status.value in _SIGNED else None
        funding[row.project_id].append(Funding(partner=row.partner, signed_on=signed_on, preset=row.preset))
    spent: dict[int, list[Spent]] = defaultdict(list)
    if spending:
        for row in queries.expenditure(session, ids):
            spent[row.project_id].append(Spent(day=row.date, money=Money(row.amount, row.currency)))
    evaluations: dict[int, list[EvaluationFacts]] = defaultdict(list)
    reserves: dict[int, list[tuple[Money, dt.date]]] = defaultdict(list)
    interims: dict[int, dict[int, dt.date]] = defaultdict(dict)
    for row in queries.evaluations(session, ids):
        evaluations[row.project_id].append(evaluation_facts(row, replayed=False))
        if row.interim_since is not None:
            interims[row.project_id][row.id] = row.interim_since
        if row.budget is not None and row.status is not EvaluationStatus.CANCELLED:
            share = WORKING.divide(row.budget, Decimal(row.covers))
            day = row.completed_on or row.planned_start or row.planned_end or as_of
            reserves[row.project_id].append((Money(share, row.currency), min(day, as_of)))
    decisions: dict[int, list[DecisionFacts]] = defaultdict(list)
    for row in queries.decisions_of_projects(session, ids):
        decisions[row.project_id] += _decision_facts(row)
    return [
        Loaded(
            id=row.id,
            history=ProjectHistory(
                stated=_stated(row, reserves.get(row.id), rates),
                revisions=tuple(revisions.get(row.id, ())),
                funding=tuple(funding.get(row.id, ())),
                spending=tuple(spent.get(row.id, ())),
                evaluations=tuple(evaluations.get(row.id, ())),
                decisions=tuple(decisions.get(row.id, ())),
            ),
            interims=interims.get(row.id, {}),
        )
        for row in queries.projects(session, ids)
    ]


def _stated(row: Any, reserves: list[tuple[Money, dt.date]] | None, rates: Rates) -> ProjectFacts:
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


def evaluation_facts(row: Any, *, replayed: bool = True) -> EvaluationFacts:
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


def _decision_facts(row: Any) -> list[DecisionFacts]:
    """A decision, and the one that took it back."""
    made = _waiver(row) if row.kind == "waiver" else _reschedule(row)
    found: list[Waiver | TakenBack | Reschedule] = [made]
    if row.taken_back_on is not None:
        back = TakenBack(reason=row.back_reason, approved_by=row.back_approver, approved_on=row.taken_back_on)
        found.append(back)
    return [DecisionFacts(id=row.id, kind=_KIND[row.about], ordinal=row.number, decision=one) for one in found]


def _waiver(row: Any, until: dt.date | None = None) -> Waiver:
    return Waiver(reason=row.reason, approved_by=row.approver, approved_on=row.decided_on, until=until)


def _reschedule(row: Any) -> Reschedule:
    return Reschedule(due=row.new_due_on, reason=row.reason, approved_by=row.approver, approved_on=row.decided_on)


def obligation_of(row: Any, project: str) -> Obligation:
    """A kept obligation as the rules take it; not for what cannot be told."""
    terms = row.terms or {}
    cycle = terms.get("cycle")
    return Obligation(
        project=project,
        kind=_KIND[row.kind],
        ordinal=row.number,
        independence=_INDEPENDENCE[row.independence],
        opens=row.opens_on,
        due=row.due_on,
        late=row.late_on,
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


def terms_of(obligation: Obligation, lapsed_at_end: dt.date | None = None) -> dict[str, Any]:
    """What the rules ask beyond dates, as the column ``terms`` keeps it; :func:`obligation_of` reads it."""
    terms: dict[str, Any] = {"grace_months": obligation.grace_months, "response_weeks": obligation.response_weeks}
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


def standing_of(row: Any, project: str, decisions: Mapping[int, Any]) -> Standing:
    """A kept obligation with the decisions in force about it; ``decisions``: rows of decisions by key."""
    lapsed_at_end = (row.terms or {}).get("lapsed_at_end")
    waiver, moved = decisions.get(row.waiver_id), decisions.get(row.reschedule_id)
    return Standing(
        id=row.id,
        obligation=obligation_of(row, project),
        superseded_by=(row.successor_id or 0) if row.status == "superseded" else None,
        lapsed_because=row.status_reason if row.status == "lapsed" else None,
        lapsed_at_end=dt.date.fromisoformat(lapsed_at_end) if lapsed_at_end else None,
        waiver=None if waiver is None else _waiver(waiver, waiver.taken_back_on),
        reschedule=None if moved is None else _reschedule(moved),
    )
