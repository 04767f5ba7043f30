"""The report ``agreement-findings``: what somebody should look at in agreements, pools and implementing partners."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from sqlmodel import Session

from app.db.rates import stored_rates
from app.domain.allocations import Decision, moved
from app.domain.contributions import VOLUNTARY, below_full_cost, full_cost, kind_of
from app.domain.disclosure import cleared_before
from app.domain.frameworks import beside_themes, outside_of
from app.domain.money import Money, Rates, plain, total
from app.domain.periods import Period
from app.domain.terms import AgreementStatus, ProtectionResult, Screening
from app.domain.told import Figure, Term, Told
from app.reports import queries_contributions, queries_findings, queries_placed
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
    "cost: the donor pays less support cost than the standard rate. Unscreened: a signed agreement of a partner whose "
    "screening is not cleared or whose clearance had ended when it signed or joined. Unprotected: a partner that "
    "receives disbursements or implements without a check on protection from abuse in force. Pending: a change of "
    "earmarking waits for the partner. "
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
    facts, rows = _rows(session, request)
    used: tuple[RateUsed, ...] = rates_used(
        ((row.currency, row.rate_day) for rows in facts.allocated.values() for row in rows),
        request.currency,
        facts.rates,
    )
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


def of_partner(session: Session, request: Request, partner_id: int) -> list[dict[str, Cell]]:
    """The rows of the report; of those on money that was allocated and spent, of the partner's agreements alone."""
    return _rows(session, request, partner_id)[1]


def _rows(session: Session, request: Request, partner_id: int | None = None) -> tuple[_Facts, list[dict[str, Cell]]]:
    day = request.as_of
    allocated: dict[str, list[AllocatedSum]] = defaultdict(list)
    for row in queries_findings.allocated(session, as_of=day, recorded_at=request.recorded_at, partner_id=partner_id):
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
        *_pending(session, facts, day),
        *_spent_late(session, facts, request, partner_id),
    ]
    return facts, [
        {"finding": each.finding, "subject": each.subject, "partner": each.partner, "message": each.message}
        for each in sorted(found, key=lambda each: (each.finding, each.subject, each.message))
    ]


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
            message = _not_known(terms.reference)
            yield _Found(finding="cannot-tell", subject=terms.reference, partner=terms.partner, message=message)
        elif stands > whole:
            converted = any(row.currency != known.currency for row in rows)
            message = _too_much(terms.reference, stands, whole, known.currency, converted=converted)
            yield _Found(finding="over-allocated", subject=terms.reference, partner=terms.partner, message=message)


def _not_known(what: str) -> str:
    return Told("Whether %(what)s is over-allocated cannot be told: a rate of exchange is missing.", what=what)


def _too_much(what: str, stands: Decimal, holds: Decimal, currency: str, *, converted: bool) -> str:
    """Both figures and their difference; whether rates of exchange made it, is for the reader to judge."""
    allocated, held, more = (_figure(amount, currency) for amount in (stands, holds, stands - holds))
    if converted:
        return Told(
            "%(allocated)s %(currency)s of %(what)s are allocated, at the rates of the decisions, which holds "
            "%(held)s: %(more)s too much.",
            allocated=allocated, currency=currency, what=what, held=held, more=more,
        )  # fmt: skip
    return Told(
        "%(allocated)s %(currency)s of %(what)s are allocated, which holds %(held)s: %(more)s too much.",
        allocated=allocated, currency=currency, what=what, held=held, more=more,
    )  # fmt: skip


def _figure(amount: Decimal, currency: str) -> Figure:
    return Figure(plain(Money(amount, currency).rounded()))


def _pools(session: Session, facts: _Facts, request: Request) -> Iterator[_Found]:
    """Pools hold what agreements give them; what they pass on is allocated to projects under their code."""
    codes = {code: key for code, key in queries_findings.pools(session).items() if code in facts.allocated}
    if not codes:
        return
    filled: dict[int, list[tuple[Money, dt.date]]] = defaultdict(list)
    for project_id, agreement_id, part in queries_placed.shares(
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
            message = _not_known(code)
            yield _Found(finding="cannot-tell", subject=code, partner=None, message=message)
        elif stands > holds:
            converted = any(row.currency != request.currency for row in facts.allocated[code])
            message = _too_much(
                Told("the pool %(code)s", code=code), stands, holds, request.currency, converted=converted
            )
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
            said = Told(
                "is one of %(partner)s, and names an agreement with %(other)s:",
                partner=terms.partner, other=framework.partner,
            )  # fmt: skip
        if said is not None:
            message = Told(
                "%(agreement)s %(said)s %(framework)s.", agreement=terms.reference, said=said, framework=framework.code
            )
            yield _Found(finding="framework", subject=terms.reference, partner=terms.partner, message=message)
        if beside := beside_themes(framework.themes, known.references):
            message = Told(
                "%(agreement)s is for %(tied)s, and %(framework)s is about %(themes)s: amend one of the two.",
                agreement=terms.reference,
                tied=reduce(_and, map(str, beside)),
                framework=framework.code,
                themes=", ".join(framework.themes),
            )
            yield _Found(finding="framework", subject=terms.reference, partner=terms.partner, message=message)
    for code, money in children.items():
        framework = frameworks[code]
        if framework.ceiling is None or framework.currency is None:
            continue
        together = total([(each, day) for each in money], framework.currency, facts.rates).amount
        if together is None:
            message = Told(
                "Whether %(framework)s keeps its ceiling cannot be told: a rate of exchange is missing.", framework=code
            )
            yield _Found(finding="cannot-tell", subject=code, partner=framework.partner, message=message)
        elif together > framework.ceiling:
            message = Told(
                "Agreements under %(framework)s (%(count)s) come to %(together)s %(currency)s: %(more)s more than "
                "its ceiling.",
                count=len(money),
                framework=code,
                together=Figure(plain(together)),
                currency=framework.currency,
                more=Figure(plain(together - framework.ceiling)),
            )
            yield _Found(finding="framework", subject=code, partner=framework.partner, message=message)


def _and(lower: str, upper: str) -> str:
    return Told("%(lower)s and %(upper)s", lower=lower, upper=upper)


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
        message = _moved_in_words(
            project=project,
            source=terms.reference if terms else source or Told("no source"),
            day=found[1],
            amount=found[0],
            currency=currency,
        )
        yield _Found(finding="moved", subject=project, partner=terms.partner if terms else None, message=message)


def _moved_in_words(*, project: str, source: str, day: dt.date, amount: Decimal, currency: str) -> str:
    figure = _figure(abs(amount), currency)
    if amount > 0:
        return Told(
            "What was rephased or carried over in %(project)s of %(source)s by %(day)s adds %(amount)s %(currency)s to "
            "the total: lower another year by as much, or enter it as revised.",
            project=project, source=source, day=day, amount=figure, currency=currency,
        )  # fmt: skip
    return Told(
        "What was rephased or carried over in %(project)s of %(source)s by %(day)s takes %(amount)s %(currency)s from "
        "the total: raise another year by as much, or enter it as revised.",
        project=project, source=source, day=day, amount=figure, currency=currency,
    )  # fmt: skip


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
    screened = queries_findings.screened(session)
    for terms, known in facts.in_force():
        for code, _ in terms.parts if known.status is AgreementStatus.SIGNED else ():
            screening, until = screened.get(code, (Screening.NOT_REQUIRED, None))
            if screening in (Screening.PENDING, Screening.REFUSED):
                message = Told(
                    "%(agreement)s is signed, and the screening of %(partner)s is %(screening)s: have it cleared "
                    "before it signs again.",
                    agreement=terms.reference, partner=code, screening=Term(screening.value),
                )  # fmt: skip
            elif until and (day := known.joined.get(code, known.signed_on)) and cleared_before(screening, until, day):
                message = _after_clearance(terms.reference, code, day, until, joined=code in known.joined)
            else:
                continue
            yield _Found(finding="unscreened", subject=terms.reference, partner=code, message=message)


def _after_clearance(agreement: str, partner: str, day: dt.date, until: dt.date, *, joined: bool) -> Told:
    if joined:
        return Told(
            "%(partner)s joined %(agreement)s on %(day)s, when its clearance had ended on %(until)s: have it cleared "
            "before it signs again.",
            partner=partner, agreement=agreement, day=day, until=until,
        )  # fmt: skip
    return Told(
        "%(agreement)s was signed on %(day)s, when the clearance of %(partner)s had ended on %(until)s: have it "
        "cleared before it signs again.",
        agreement=agreement, day=day, partner=partner, until=until,
    )  # fmt: skip


def _unprotected(one: Implementer, day: dt.date) -> Iterator[_Found]:
    doing: Told = (
        Told("%(partner)s receives money of 1 project or implements it", partner=one.code)
        if one.projects == 1
        else Told(
            "%(partner)s receives money of %(count)s projects or implements them",
            partner=one.code,
            count=one.projects,
        )
    )
    message = ""
    if one.result is None:
        message = Told("%(doing)s, and was never checked on protection from abuse: have it checked.", doing=doing)
    elif one.result is ProtectionResult.FAILED:
        message = Told(
            "%(doing)s, and failed the check of %(day)s: stop, or have it checked again.",
            doing=doing,
            day=one.checked_on or day,
        )
    elif one.valid_until is not None and one.valid_until < day:
        message = Told(
            "%(doing)s, and its check ended on %(day)s: have it checked again.", doing=doing, day=one.valid_until
        )
    if message:
        yield _Found(finding="unprotected", subject=one.code, partner=one.code, message=message)


def _pending(session: Session, facts: _Facts, day: dt.date) -> Iterator[_Found]:
    for agreement_id, decided_on in queries_findings.pending(session, as_of=day):
        terms = facts.terms[agreement_id]
        message = Told(
            "The change of how %(agreement)s is tied, decided on %(day)s, waits for the consent of the partner.",
            agreement=terms.reference,
            day=decided_on,
        )
        yield _Found(finding="pending", subject=terms.reference, partner=terms.partner, message=message)


def _spent_late(session: Session, facts: _Facts, request: Request, partner_id: int | None) -> Iterator[_Found]:
    """Expenditure behind the end of its agreement, as that end is known on the day."""
    late: dict[tuple[int, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    over: dict[int, str] = {}
    for row in queries_findings.spent_late(
        session, as_of=request.as_of, recorded_at=request.recorded_at, partner_id=partner_id
    ):
        known = facts.known.get(row.agreement_id)
        if known is None:
            continue
        ended = facts.terms[row.agreement_id].ends_on
        cancelled = row.cancelled_on if known.status is AgreementStatus.CANCELLED else None
        last = min((each for each in (ended, cancelled) if each is not None), default=None)
        if last is not None and row.day > last:
            over[row.agreement_id] = (
                Told("was cancelled on %(day)s", day=last) if last == cancelled else Told("ended on %(day)s", day=last)
            )
            late[row.agreement_id, row.currency].append((row.day, row.amount))
    for (agreement_id, currency), spent in late.items():
        if not (amount := sum((each for _, each in spent), Decimal(0))):
            continue
        terms = facts.terms[agreement_id]
        days = sorted({day for day, _ in spent})
        message = Told(
            "%(amount)s %(currency)s of %(agreement)s are spent %(when)s, and it %(over)s: amend the agreement, or "
            "post them to what pays for them.",
            amount=_figure(amount, currency),
            currency=currency,
            agreement=terms.reference,
            when=Told("on %(day)s", day=days[0])
            if len(days) == 1
            else Told("from %(first)s to %(last)s", first=days[0], last=days[-1]),
            over=over[agreement_id],
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
