"""The report ``agreement-findings``: what somebody should look at in agreements, pools and implementing partners."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.allocations import Decision, moved
from app.domain.contributions import VOLUNTARY, below_full_cost, full_cost, kind_of
from app.domain.frameworks import beside_themes, outside_of
from app.domain.money import Money, Rates, plain, total
from app.domain.periods import Period
from app.domain.terms import AgreementStatus, ProtectionResult
from app.reports import queries_contributions, queries_findings, queries_projects
from app.reports.exchange import rates_used
from app.reports.frame import Cell, RateUsed, Report, ReportTable, Request
from app.reports.giving import agreed_rate, gross
from app.reports.queries_contributions import AgreementFacts
from app.reports.queries_findings import AllocatedSum, Implementer, Known

COLUMNS = ("finding", "subject", "partner", "message")
DEFINITION = (
    "What somebody should look at as known on the day. Over-allocated: allocations of an agreement or pool come to "
    "more than it holds gross; amounts are converted by the rates of the decisions. Framework: an agreement lies "
    "outside the period or the themes of its framework agreement or has another partner or the agreements of one "
    "exceed its ceiling. Moved: rephasing and carry-over of a project's allocations change their total. Below full "
    "cost: the donor pays less support cost than the standard rate. Unscreened: a signed agreement "
    "of a partner whose screening is not cleared. Unprotected: a partner that receives disbursements or implements "
    "without a check on protection from abuse in force. Pending: a change of earmarking waits for the partner. "
    "Spent late: expenditure of an agreement is dated behind its end or behind the decision that cancelled it."
)
_IN_FORCE = (AgreementStatus.SIGNED, AgreementStatus.COMPLETED)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """One finding."""

    finding: str
    subject: str
    partner: str | None
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facts:
    """Everything that the findings follow from."""

    terms: Mapping[int, AgreementFacts]
    known: Mapping[int, Known]
    allocated: Mapping[str, list[AllocatedSum]]
    rates: Rates

    def in_force(self) -> Iterator[tuple[AgreementFacts, Known]]:
        for agreement_id, known in self.known.items():
            if known.status in _IN_FORCE:
                yield self.terms[agreement_id], known


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    day = request.as_of
    allocated: dict[str, list[AllocatedSum]] = defaultdict(list)
    for row in queries_findings.allocated(session, as_of=day, recorded_at=request.recorded_at):
        allocated[row.source].append(row)
    facts = _Facts(
        terms=queries_contributions.agreements(session, as_of=day, recorded_at=request.recorded_at),
        known=queries_findings.agreements(session, as_of=day, recorded_at=request.recorded_at),
        allocated=allocated,
        rates=stored_rates(session, recorded_at=request.recorded_at),
    )
    found: list[_Found] = [
        *_over_allocated(facts),
        *_pools(session, facts, request),
        *_frameworks(session, facts, day),
        *_moved(session, facts, request),
        *_below_full_cost(facts),
        *_unscreened(session, facts),
        *(each for one in queries_findings.implementers(session, as_of=day) for each in _unprotected(one, day)),
        *_pending(session, day),
        *_spent_late(session, facts, request),
    ]
    used: tuple[RateUsed, ...] = rates_used(
        ((row.currency, row.rate_day) for rows in allocated.values() for row in rows), request.currency, facts.rates
    )
    rows: list[dict[str, Cell]] = [
        {"finding": each.finding, "subject": each.subject, "partner": each.partner, "message": each.message}
        for each in sorted(found, key=lambda each: (each.finding, each.subject, each.message))
    ]
    return ReportTable(
        report="agreement-findings",
        definition=DEFINITION,
        period=request.period or day.isoformat(),
        periods=[Period(start=day, end=day)],
        as_of=day,
        currency=request.currency,
        columns=COLUMNS,
        rows=tuple(rows),
        totals={"findings": len(rows)},
        rates=used,
    )


def _sum(facts: _Facts, rows: list[AllocatedSum], currency: str) -> Decimal | None:
    """Allocations in one currency; None where a rate is missing."""
    return total([(Money(row.amount, row.currency), row.rate_day) for row in rows], currency, facts.rates).amount


def _over_allocated(facts: _Facts) -> Iterator[_Found]:
    for terms, known in facts.in_force():
        rows = facts.allocated.get(terms.reference)
        if not rows:
            continue
        whole = gross(Money(known.amount, known.currency), terms, terms.category).amount
        stands = _sum(facts, rows, known.currency)
        if stands is None:
            message = f"Whether {terms.reference} is over-allocated cannot be told: a rate of exchange is missing."
            yield _Found(finding="cannot-tell", subject=terms.reference, partner=terms.partner, message=message)
        elif stands > whole:
            converted = any(row.currency != known.currency for row in rows)
            message = _too_much(terms.reference, stands, whole, known.currency, converted=converted)
            yield _Found(finding="over-allocated", subject=terms.reference, partner=terms.partner, message=message)


def _too_much(what: str, stands: Decimal, holds: Decimal, currency: str, *, converted: bool) -> str:
    """Both figures and their difference; whether rates of exchange made it, is for the reader to judge."""
    figures = [plain(Money(amount, currency).rounded()) for amount in (stands, holds, stands - holds)]
    rates = ", at the rates of the decisions" if converted else ""
    return f"{figures[0]} {currency} of {what} are allocated{rates}, which holds {figures[1]}: {figures[2]} too much."


def _pools(session: Session, facts: _Facts, request: Request) -> Iterator[_Found]:
    """Pools hold what agreements give them; what they pass on is allocated to projects under their code."""
    codes = {code: key for code, key in queries_findings.pools(session).items() if code in facts.allocated}
    if not codes:
        return
    filled: dict[int, list[tuple[Money, dt.date]]] = defaultdict(list)
    for project_id, agreement_id, part in queries_projects.shares(
        session, as_of=request.as_of, recorded_at=request.recorded_at
    ):
        known = facts.known.get(agreement_id)
        if known is not None and known.status in _IN_FORCE:
            terms = facts.terms[agreement_id]
            filled[project_id].append((gross(part, terms, terms.category), known.signed_on or request.as_of))
    for code, key in sorted(codes.items()):
        holds = total(filled[key], request.currency, facts.rates).amount
        stands = _sum(facts, facts.allocated[code], request.currency)
        if holds is None or stands is None:
            message = f"Whether {code} is over-allocated cannot be told: a rate of exchange is missing."
            yield _Found(finding="cannot-tell", subject=code, partner=None, message=message)
        elif stands > holds:
            converted = any(row.currency != request.currency for row in facts.allocated[code])
            message = _too_much(f"the pool {code}", stands, holds, request.currency, converted=converted)
            yield _Found(finding="over-allocated", subject=code, partner=None, message=message)


def _frameworks(session: Session, facts: _Facts, day: dt.date) -> Iterator[_Found]:
    frameworks = queries_findings.frameworks(session)
    children: dict[str, list[Money]] = defaultdict(list)
    for agreement_id, known in facts.known.items():
        framework = frameworks.get(known.framework or "")
        if framework is None or known.status is AgreementStatus.CANCELLED:
            continue
        terms = facts.terms[agreement_id]
        children[framework.code].append(gross(Money(known.amount, known.currency), terms, terms.category))
        said = outside_of(framework.starts_on, framework.ends_on, terms.starts_on, terms.ends_on)
        if said is None and framework.partner not in dict(terms.parts):
            said = f"is one of {terms.partner}, and names an agreement with {framework.partner}:"
        if said is not None:
            message = f"{terms.reference} {said} {framework.code}."
            yield _Found(finding="framework", subject=terms.reference, partner=terms.partner, message=message)
        if beside := beside_themes(framework.themes, known.references):
            message = (
                f"{terms.reference} is for {' and '.join(map(str, beside))}, and {framework.code} is about "
                f"{', '.join(framework.themes)}: amend one of the two."
            )
            yield _Found(finding="framework", subject=terms.reference, partner=terms.partner, message=message)
    for code, money in children.items():
        framework = frameworks[code]
        if framework.ceiling is None or framework.currency is None:
            continue
        together = total([(each, day) for each in money], framework.currency, facts.rates).amount
        if together is None:
            message = f"Whether {code} keeps its ceiling cannot be told: a rate of exchange is missing."
            yield _Found(finding="cannot-tell", subject=code, partner=framework.partner, message=message)
        elif together > framework.ceiling:
            message = (
                f"The {len(money)} agreements under {code} come to {plain(together)} {framework.currency}: "
                f"{plain(together - framework.ceiling)} more than its ceiling."
            )
            yield _Found(finding="framework", subject=code, partner=framework.partner, message=message)


def _moved(session: Session, facts: _Facts, request: Request) -> Iterator[_Found]:
    lines: dict[tuple[str, int | None, str, str], list[tuple[Decision, Decimal]]] = defaultdict(list)
    for row in queries_findings.moved(session, as_of=request.as_of, recorded_at=request.recorded_at):
        key = (row.project, row.agreement_id, row.source, row.currency)
        lines[key].append((row.decision, row.amount))
    for (project, agreement_id, source, currency), decisions in lines.items():
        found = moved(decisions)
        if found is None or not found[0]:
            continue
        terms = None if agreement_id is None else facts.terms.get(agreement_id)
        money, more = Money(abs(found[0]), currency), found[0] > 0
        message = (
            f"What was rephased or carried over in {project} of {terms.reference if terms else source or 'no source'} "
            f"by {found[1]} {'adds' if more else 'takes'} {plain(money.rounded())} {currency} "
            f"{'to' if more else 'from'} the total: {'lower' if more else 'raise'} another year by as much, or enter "
            "it as revised."
        )
        yield _Found(finding="moved", subject=project, partner=terms.partner if terms else None, message=message)


def _below_full_cost(facts: _Facts) -> Iterator[_Found]:
    for terms, known in facts.in_force():
        if terms.support_cost_rate is None or kind_of(terms.wording, terms.category) not in VOLUNTARY:
            continue
        cost = full_cost(
            Money(known.amount, known.currency),
            gross=terms.gross,
            agreed_rate=agreed_rate(terms, terms.category),
            category=terms.category,
        )
        finding = below_full_cost(terms.reference, cost)
        if finding is not None:
            yield _Found(
                finding="below-full-cost", subject=terms.reference, partner=terms.partner, message=finding.message
            )


def _unscreened(session: Session, facts: _Facts) -> Iterator[_Found]:
    uncleared = queries_findings.uncleared(session)
    for terms, known in facts.in_force():
        for code, _ in terms.parts if known.status is AgreementStatus.SIGNED else ():
            if screening := uncleared.get(code):
                message = (
                    f"{terms.reference} is signed, and the screening of {code} is {screening.value}: have it cleared "
                    "before it signs again."
                )
                yield _Found(finding="unscreened", subject=terms.reference, partner=code, message=message)


def _unprotected(one: Implementer, day: dt.date) -> Iterator[_Found]:
    projects = "1 project" if one.projects == 1 else f"{one.projects} projects"
    doing = f"{one.code} receives money of {projects} or implements them"
    message = ""
    if one.result is None:
        message = f"{doing}, and was never checked on protection from abuse: have it checked."
    elif one.result is ProtectionResult.FAILED:
        message = f"{doing}, and failed the check of {one.checked_on}: stop, or have it checked again."
    elif one.valid_until is not None and one.valid_until < day:
        message = f"{doing}, and its check ended on {one.valid_until}: have it checked again."
    if message:
        yield _Found(finding="unprotected", subject=one.code, partner=one.code, message=message)


def _pending(session: Session, day: dt.date) -> Iterator[_Found]:
    for reference, decided_on in queries_findings.pending(session, as_of=day):
        message = (
            f"The change of how {reference} is tied, decided on {decided_on}, waits for the consent of the partner."
        )
        yield _Found(finding="pending", subject=reference, partner=None, message=message)


def _spent_late(session: Session, facts: _Facts, request: Request) -> Iterator[_Found]:
    """Expenditure behind the end of its agreement, as that end is known on the day."""
    late: dict[tuple[int, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    over: dict[int, str] = {}
    for row in queries_findings.spent_late(session, as_of=request.as_of, recorded_at=request.recorded_at):
        known = facts.known.get(row.agreement_id)
        if known is None:
            continue
        ended = facts.terms[row.agreement_id].ends_on
        cancelled = row.cancelled_on if known.status is AgreementStatus.CANCELLED else None
        last = min((each for each in (ended, cancelled) if each is not None), default=None)
        if last is not None and row.day > last:
            over[row.agreement_id] = f"was cancelled on {last}" if last == cancelled else f"ended on {last}"
            late[row.agreement_id, row.currency].append((row.day, row.amount))
    for (agreement_id, currency), spent in late.items():
        if not (amount := sum((each for _, each in spent), Decimal(0))):
            continue
        terms = facts.terms[agreement_id]
        days = sorted({day for day, _ in spent})
        when = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
        message = (
            f"{plain(Money(amount, currency).rounded())} {currency} of {terms.reference} are spent {when}, and it "
            f"{over[agreement_id]}: amend the agreement, or post them to what pays for them."
        )
        yield _Found(finding="spent-late", subject=terms.reference, partner=terms.partner, message=message)


AGREEMENT_FINDINGS = Report(
    name="agreement-findings",
    definition=DEFINITION,
    dimensions=(),
    variants=(),
    compute=compute,
    of_everything=True,
)
