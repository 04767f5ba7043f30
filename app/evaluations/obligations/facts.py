"""From rows to the values that evaluation rules read, as known on a day."""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from app.domain.evaluation.facts import BudgetFigure, EvaluationFacts, Funding, Obligation, ProjectFacts
from app.domain.evaluation.records import Reschedule, Standing, Waiver
from app.domain.evaluation.terms import Basis, EvaluationStatus, Independence, Kind, Stage
from app.domain.money import WORKING, MissingRate, Money, Rates
from app.domain.revisions import Revision, replay
from app.evaluations.obligations import queries_facts as queries

# by value: a lookup costs a third of a call of the enumeration, which counts with a hundred thousand rows
_KIND = {member.value: member for member in Kind}
_INDEPENDENCE = {member.value: member for member in Independence}

#: decisions before this day are records that do not say when they were taken
_DATED_SINCE = dt.date(1901, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """One project as known on a day, with what recomputation has to remember."""

    id: int
    facts: ProjectFacts
    #: dated decisions, newest recorded last: (key of the row, day, field, reason)
    decisions: tuple[tuple[int, dt.date, str, str], ...] = ()
    #: day on which facts known already come to count; None: no such day
    next_on: dt.date | None = None

    @property
    def digest(self) -> str:
        """Changes when anything that rules read changes."""
        return hashlib.sha256(repr(self.facts).encode()).hexdigest()


@dataclass(kw_only=True, slots=True)
class Batch:
    """Some projects with everything about them, by project id."""

    known: list[Known]
    evaluations: Mapping[int, list[EvaluationFacts]]
    #: evaluation id → reference
    references: Mapping[int, str] = field(default_factory=dict)


def load(session: Session, ids: Sequence[int], as_of: dt.date, rates: Rates, bases: frozenset[Basis]) -> Batch:
    """The facts of these projects as known on ``as_of``; a constant number of statements."""
    revisions: dict[int, list[Any]] = defaultdict(list)
    for row in queries.revisions(session, ids):
        revisions[row.project_id].append(row)
    funding: dict[int, list[Any]] = defaultdict(list)
    for row in queries.funding(session, ids):
        funding[row.project_id].append(row)
    spent: dict[int, list[Any]] = defaultdict(list)
    if Basis.ACTUAL in bases:
        for row in queries.expenditure(session, ids, as_of):
            spent[row.project_id].append(row)
    evaluations: dict[int, list[EvaluationFacts]] = defaultdict(list)
    reserves: dict[int, list[tuple[Money, dt.date]]] = defaultdict(list)
    references: dict[int, str] = {}
    for row in queries.evaluations(session, ids):
        references[row.id] = row.reference
        evaluations[row.project_id].append(evaluation_facts(row))
        if row.budget is not None and row.status is not EvaluationStatus.CANCELLED:
            share = WORKING.divide(row.budget, Decimal(row.covers))
            day = row.completed_on or row.planned_start or row.planned_end or as_of
            reserves[row.project_id].append((Money(share, row.currency), min(day, as_of)))
    known = [
        _known(row, revisions[row.id], funding[row.id], spent[row.id], reserves[row.id], as_of, rates)
        for row in queries.projects(session, ids)
    ]
    return Batch(known=known, evaluations=evaluations, references=references)


def evaluation_facts(row: Any) -> EvaluationFacts:
    return EvaluationFacts(
        id=row.id,
        kind=_KIND[row.kind],
        independence=_INDEPENDENCE[row.independence],
        status=row.status,
        planned_start=row.planned_start,
        planned_end=row.planned_end,
        completed_on=row.completed_on,
    )


def _known(
    row: Any,
    revisions: list[Any],
    funding: list[Any],
    spent: list[Any],
    reserves: list[tuple[Money, dt.date]],
    as_of: dt.date,
    rates: Rates,
) -> Known:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in queries.REVISED if name not in ("total_budget", "stage")
    }
    values["stage"] = row.stage.value
    for name, text in _as_known(revisions, as_of).items():
        values[name] = text if name == "stage" or text is None else dt.date.fromisoformat(text)
    funders = tuple(dict.fromkeys(_funding(one, as_of) for one in funding))
    signed = [one.signed_on for one in funders if one.signed_on is not None]
    start = values["actual_start"] or values["planned_start"]
    fixed_on = min(signed) if signed else start or as_of
    original, revised = _budgets(row, revisions, as_of, fixed_on)
    coming = [one.known_on for one in revisions if one.known_on > as_of]
    coming += [one.signed_on for one in funding if one.signed_on is not None and one.signed_on > as_of]
    facts = ProjectFacts(
        project=row.code,
        stage=Stage(values["stage"]),
        planned_start=values["planned_start"],
        planned_end=values["planned_end"],
        actual_start=values["actual_start"],
        actual_end=values["actual_end"],
        original_budget=original,
        revised_budget=revised,
        actual_expenditure=_expenditure(spent, rates),
        funding=funders,
        pilot=row.pilot,
        phase=_phase(row.phase),
        mid_term_agreed=row.mid_term_agreed,
        evaluation_reserve=_reserve(reserves, (revised or original), rates),
    )
    decisions = tuple(
        (one.id, one.known_on, one.field, one.reason) for one in revisions if _DATED_SINCE <= one.known_on <= as_of
    )
    return Known(id=row.id, facts=facts, decisions=decisions, next_on=min(coming, default=None))


def _as_known(revisions: list[Any], as_of: dt.date) -> dict[str, str | None]:
    """Fields whose value of the day differs from the one that stands on the project, in text form.

    What stands on the project is the newest decision; only when a decision lies after the day is history asked. A
    field first decided later is taken as first decided, since nothing else is known of it.
    """
    later = {one.field for one in revisions if one.known_on > as_of} - {"total_budget"}
    if not later:
        return {}
    dated = [_revision(one) for one in revisions if one.field in later]
    found = replay(dated, as_of=as_of)
    for one in sorted(dated, key=lambda each: (each.known_on, each.sequence)):
        found.setdefault(one.field, None if one.field.startswith("actual_") else one.value)
    return found


def _revision(row: Any) -> Revision:
    return Revision(field=row.field, sequence=row.sequence, known_on=row.known_on, value=row.value)


def _funding(row: Any, as_of: dt.date) -> Funding:
    signed = row.signed_on if row.status.value in ("signed", "completed") else None
    return Funding(
        partner=row.partner, signed_on=signed if signed is not None and signed <= as_of else None, preset=row.preset
    )


def _budgets(
    row: Any, revisions: list[Any], as_of: dt.date, fixed_on: dt.date
) -> tuple[BudgetFigure | None, BudgetFigure | None]:
    """First and newest total budget; ``fixed_on`` gives the rate of a figure that does not say when it was decided."""
    dated = sorted(
        (one for one in revisions if one.field == "total_budget"), key=lambda one: (one.known_on, one.sequence)
    )
    known = [one for one in dated if one.known_on <= as_of] or dated[:1]
    figures = [_figure(one.value, one.known_on, fixed_on) for one in known]
    if not known and row.total_budget is not None:
        figures = [BudgetFigure(money=Money(row.total_budget, row.budget_currency), decided_on=fixed_on)]
    if not figures or figures[-1] is None:
        return None, None
    original = next(one for one in figures if one is not None)
    newest = figures[-1]
    return original, None if newest is original else newest


def _figure(text: str | None, known_on: dt.date, fixed_on: dt.date) -> BudgetFigure | None:
    if text is None:
        return None
    amount, _, currency = text.partition(" ")
    decided_on = known_on if known_on >= _DATED_SINCE else fixed_on
    return BudgetFigure(money=Money(Decimal(amount), currency), decided_on=decided_on)


def _expenditure(spent: list[Any], rates: Rates) -> BudgetFigure | None:
    """What was spent, in one currency: its own, or US dollars by the rates of the last postings."""
    if not spent:
        return None
    last = max(one.last for one in spent)
    if len(spent) == 1:
        return BudgetFigure(money=Money(spent[0].amount, spent[0].currency), decided_on=last)
    total = _sum(((Money(one.amount, one.currency), one.last) for one in spent), "USD", rates)
    return None if total is None else BudgetFigure(money=total, decided_on=last)


def _reserve(reserves: list[tuple[Money, dt.date]], budget: BudgetFigure | None, rates: Rates) -> Money | None:
    """Money that evaluations of the project have, in the currency of its budget where rates allow."""
    if not reserves or budget is None:
        return None
    return _sum(reserves, budget.money.currency, rates)


def _sum(amounts: Iterable[tuple[Money, dt.date]], currency: str, rates: Rates) -> Money | None:
    total = Decimal(0)
    for money, day in amounts:
        converted = rates.convert(money, currency, day)
        if isinstance(converted, MissingRate):
            return None
        total = WORKING.add(total, converted.amount)
    return Money(total, currency)


def _phase(text: str | None) -> int | None:
    """The number in "2", "Phase 2"; None where there is none."""
    found = re.search(r"\d{1,3}", text or "")
    return int(found[0]) if found else None


def obligation_of(row: Any, project: str) -> Obligation:
    """A kept obligation as the rules take it; not for what cannot be told."""
    terms = row.terms or {}
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
        not_before=row.caused_on,
    )


def standing_of(row: Any, project: str, decisions: Sequence[Any] = ()) -> Standing:
    """A kept obligation with what people decided about it; of several reschedules the newest counts."""
    lapsed_at_end = (row.terms or {}).get("lapsed_at_end")
    waivers = [one for one in decisions if one.kind == "waiver"]
    moves = [one for one in decisions if one.kind == "reschedule"]
    return Standing(
        id=row.id,
        obligation=obligation_of(row, project),
        superseded_by=(row.successor_id or 0) if row.status == "superseded" else None,
        lapsed_because=row.status_reason if row.status == "lapsed" else None,
        lapsed_at_end=dt.date.fromisoformat(lapsed_at_end) if lapsed_at_end else None,
        waiver=_waiver(waivers[-1]) if waivers else None,
        reschedule=_reschedule(moves[-1]) if moves else None,
    )


def _waiver(row: Any) -> Waiver:
    return Waiver(reason=row.reason, approved_by=row.approver, approved_on=row.decided_on)


def _reschedule(row: Any) -> Reschedule:
    return Reschedule(due=row.new_due_on, reason=row.reason, approved_by=row.approver, approved_on=row.decided_on)
