"""What agreements ask for, gathered from every noun: the ground of a report, of alerts and of calendars."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from app.db import unchanged
from app.db.rates import stored_rates
from app.domain.duties import Duty, DutyKind, Schedule, report_days
from app.domain.money import MissingRate, Rates
from app.domain.periods import add_months
from app.domain.schedule import Matched, match, towards
from app.domain.terms import AgreementStatus
from app.domain.told import Told
from app.reports import queries_duties as queries
from app.reports.exchange import rates_used
from app.reports.frame import RateUsed
from app.reports.queries_duties import (
    NOWHERE,
    AgreementFact,
    ConditionFact,
    InstalmentFact,
    PartnerFact,
    Place,
    Receipt,
    Scope,
    Sent,
)

#: how far ahead regular reports of an agreement without an end are told, at least
_AHEAD_MONTHS = 24
_NOUNS = {DutyKind.SUBSTANTIVE: Told("substantive report"), DutyKind.FINANCIAL: Told("financial report")}
_FINAL = {DutyKind.SUBSTANTIVE: Told("final substantive report"), DutyKind.FINANCIAL: Told("final financial report")}
_ASKING = (AgreementStatus.SIGNED, AgreementStatus.COMPLETED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """How money that came under an agreement in another currency was brought to its own."""

    used: tuple[RateUsed, ...]
    missing: tuple[MissingRate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """Duties, and by the key of the agreement the rates that its instalments rest on."""

    duties: list[Duty]
    exchange: Mapping[int, Exchange]


def gather(session: Session, as_of: dt.date, *, scope: Scope | None = None, until: dt.date | None = None) -> list[Duty]:
    """The duties of :func:`gather_with_rates`."""
    return gather_with_rates(session, as_of, scope=scope, until=until).duties


def gather_with_rates(
    session: Session, as_of: dt.date, *, scope: Scope | None = None, until: dt.date | None = None
) -> Gathered:
    """Every duty of the agreements and partners asked for, done ones too, by day. A constant number of statements.

    ``until``: the day up to which regular reports without an end are told; two years ahead, if nothing is said. Of
    what only ends, a scope may leave out what ends later than a day.
    """
    of, limit = scope or Scope(), max(until or dt.date.min, add_months(as_of, _AHEAD_MONTHS))
    terms = _terms(session, of, as_of)
    standing = _standing(session, of, as_of, terms)
    receipts = queries.receipts(session, of, until=as_of)
    rates = _rates(session, terms.agreements, receipts)
    schedules, sent = terms.schedules, terms.sent
    found: list[Duty] = []
    exchange: dict[int, Exchange] = {}
    for fact in terms.agreements:
        place = standing.places.get(fact.id) or _officer_of(standing.of_partner.get(fact.partner, NOWHERE))
        if fact.id in schedules or fact.id in sent:
            found += _reports(fact, place, schedules.get(fact.id, ()), sent.get(fact.id, ()), limit)
        found += _conditions(fact, place, terms.conditions.get(fact.id, ()))
        if fact.id in terms.instalments:
            receipts_of = receipts.get(fact.id, ())
            came, missing = towards(receipts_of, fact.currency, rates)
            found += _instalments(fact, place, terms.instalments[fact.id], came)
            used = rates_used(((money.currency, day) for _, money, day in receipts_of), fact.currency, rates)
            if used or missing:
                exchange[fact.id] = Exchange(used=used, missing=missing)
        found += _end(fact, place)
    for partner in terms.partners:
        found += _of_partner(partner, standing.of_partner.get(partner.code, NOWHERE))
    found.sort(key=lambda duty: (duty.due, duty.partner, duty.agreement or "", duty.kind, duty.name))
    return Gathered(duties=found, exchange=exchange)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Terms:
    """What agreements and partners ask for by what was agreed; the rest by agreement."""

    agreements: Sequence[AgreementFact]
    schedules: Mapping[int, Sequence[Schedule]]
    sent: Mapping[int, Sequence[Sent]]
    conditions: Mapping[int, Sequence[ConditionFact]]
    instalments: Mapping[int, Sequence[InstalmentFact]]
    partners: Sequence[PartnerFact]

    @property
    def rows(self) -> int:
        below = (self.schedules, self.sent, self.conditions, self.instalments)
        return len(self.agreements) + len(self.partners) + sum(len(own) for kind in below for own in kind.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Standing:
    """With whom it is: the project of each agreement, and that of each partner for what has none of its own."""

    places: Mapping[int, Place]
    of_partner: Mapping[str, Place]

    @property
    def rows(self) -> int:
        return len(self.places) + len(self.of_partner)


def _terms(session: Session, of: Scope, as_of: dt.date) -> _Terms:
    """A list of what falls due soon stays as it is while money comes in and projects change: that is asked apart."""

    def read(fresh: Session) -> _Terms:
        return _Terms(
            agreements=queries.agreements(fresh, of, as_of=as_of),
            schedules=queries.schedules(fresh, of),
            sent=queries.reports(fresh, of),
            conditions=queries.conditions(fresh, of),
            instalments=queries.instalments(fresh, of, as_of=as_of),
            partners=queries.partners(fresh, of),
        )

    if of.ends_by is None:
        return read(session)
    return unchanged.known(session, f"terms that ask on {as_of} of {of}", read, rows=lambda terms: terms.rows)


def _standing(session: Session, of: Scope, as_of: dt.date, terms: _Terms) -> _Standing:
    def read(fresh: Session) -> _Standing:
        # what is kept stands on all that the terms stand on
        terms, places = _terms(fresh, of, as_of), queries.places(fresh, of, as_of=as_of)
        # what has no project of its own goes where any agreement of its partner goes: of those all are looked at
        named = {fact.partner for fact in terms.agreements if fact.id not in places}
        whole = Scope(partner=of.partner, partners=frozenset(named | {partner.code for partner in terms.partners}))
        of_partner = _of_partners(
            queries.agreements(fresh, whole, as_of=as_of), queries.places(fresh, whole, as_of=as_of)
        )
        return _Standing(places=places, of_partner=of_partner)

    if of.ends_by is not None:
        return unchanged.known(session, f"who is asked on {as_of} of {of}", read, rows=lambda found: found.rows)
    places = queries.places(session, of, as_of=as_of)
    return _Standing(places=places, of_partner=_of_partners(terms.agreements, places))


def _rates(session: Session, known: Sequence[AgreementFact], receipts: Mapping[int, Sequence[Receipt]]) -> Rates:
    """Those by which receipts in another currency than their agreement's are brought to it."""
    both = {(money.currency, fact.currency) for fact in known for _, money, _ in receipts.get(fact.id, ())}
    needed = {currency for pair in both if pair[0] != pair[1] for currency in pair}
    return stored_rates(session, currencies=needed) if needed else Rates.of(())


def gather_or_known(session: Session, as_of: dt.date, scope: Scope) -> Sequence[Duty]:
    """As :func:`gather`, for pages: gathered anew only where something was stored since. They are shared."""
    return unchanged.known(
        session,
        f"duties on {as_of} of {scope}",
        lambda fresh: gather(fresh, as_of, scope=scope),
        rows=len,
    )


def _of_partners(known: Sequence[AgreementFact], places: Mapping[int, Place]) -> dict[str, Place]:
    """By partner the project of one of its agreements, with an officer where there is one.

    What an agreement without projects asks for goes there, and what ends of the partner itself.
    """
    found: dict[str, Place] = {}
    for fact in known:
        place, held = places.get(fact.id), found.get(fact.partner)
        if place is not None and (held is None or (held.officer_id is None and place.officer_id is not None)):
            found[fact.partner] = place
    return found


def _officer_of(place: Place) -> Place:
    """The officer and unit alone: the agreement does not fund the project."""
    return Place(officer_id=place.officer_id, officer=place.officer, unit=place.unit, unit_id=place.unit_id)


def _duty(
    fact: AgreementFact,
    place: Place,
    kind: DutyKind,
    name: str,
    due: dt.date,
    what: str,
    *,
    settled_on: dt.date | None = None,
    document_url: str | None = None,
    paid: Matched | None = None,
) -> Duty:
    """A duty of an agreement, with the project that it concerns and its officer."""
    return Duty(
        kind=kind,
        name=name,
        partner=fact.partner,
        agreement=fact.reference,
        agreement_id=fact.id,
        due=due,
        what=what,
        settled_on=settled_on,
        amount=None if paid is None else paid.amount,
        received=None if paid is None else paid.received,
        currency=None if paid is None else fact.currency,
        project_id=place.project_id,
        project=place.project,
        officer_id=place.officer_id,
        officer=place.officer,
        unit=place.unit,
        unit_id=place.unit_id,
        document_url=document_url,
        further=fact.further,
    )


def _reports(
    fact: AgreementFact, place: Place, schedules: Sequence[Schedule], sent: Sequence[Sent], limit: dt.date
) -> Iterator[Duty]:
    """Reports of the schedules and those with days of their own. After a cancellation no further ones fall due."""
    written = {(each.kind, each.due_on): each for each in sent}
    days = {(each.kind, day) for each in schedules for day in report_days(each, fact.ends_on, limit)}
    for kind, day in sorted({*days, *written}):
        own = written.get((kind, day))
        over = fact.status is AgreementStatus.CANCELLED and fact.known_on is not None and day > fact.known_on
        asked = fact.status in _ASKING or (fact.status is AgreementStatus.CANCELLED and not over)
        if own is None and not asked:
            continue
        if over and own is not None and own.submitted_on is None:
            continue
        final = fact.ends_on is not None and day > fact.ends_on and (kind, day) in days
        yield _duty(
            fact,
            place,
            kind.duty,
            f"report/{fact.id}/{kind.value}/{day}",
            day,
            (_FINAL if final else _NOUNS)[kind.duty],
            settled_on=own.submitted_on if own else None,
            document_url=own.document_url if own else None,
        )


def _conditions(fact: AgreementFact, place: Place, conditions: Sequence[ConditionFact]) -> Iterator[Duty]:
    for each in conditions:
        if fact.status is AgreementStatus.CANCELLED and each.met_on is None:
            continue
        what = Told("condition %(code)s: %(text)s", code=each.code, text=each.text)
        name = f"condition/{each.id}"
        yield _duty(fact, place, DutyKind.CONDITION, name, each.due_on, what, settled_on=each.met_on)


def _instalments(
    fact: AgreementFact,
    place: Place,
    instalments: Sequence[InstalmentFact],
    came: Sequence[tuple[dt.date, Decimal]],
) -> Iterator[Duty]:
    """Payments that the schedule promises, with what was received towards each; ``came``: as :func:`towards` says."""
    if fact.status is AgreementStatus.CANCELLED:
        return
    keys = {each.due_on: each.id for each in instalments}
    for one in match([(each.due_on, each.amount) for each in instalments], came):
        what = Told("instalment of %(agreement)s", agreement=fact.reference)
        name = f"instalment/{keys[one.due_on]}"
        yield _duty(fact, place, DutyKind.INSTALMENT, name, one.due_on, what, settled_on=one.complete_on, paid=one)


def _end(fact: AgreementFact, place: Place) -> Iterator[Duty]:
    """The end of a signed agreement: it is extended or completed."""
    if fact.ends_on is not None and fact.status is AgreementStatus.SIGNED:
        what, name = Told("end of %(agreement)s", agreement=fact.reference), f"agreement-end/{fact.id}"
        yield _duty(fact, place, DutyKind.AGREEMENT_END, name, fact.ends_on, what)


def _of_partner(fact: PartnerFact, place: Place) -> Iterator[Duty]:
    """What ends of a partner: its framework agreement, its clearance."""
    cleared = Told("end of the clearance of %(partner)s", partner=fact.code)
    ends = [
        (DutyKind.FRAMEWORK_END, code, ends_on, Told("end of %(agreement)s", agreement=title))
        for code, ends_on, title in fact.frameworks
    ]
    for kind, key, due, what in (*ends, (DutyKind.CLEARANCE_END, str(fact.id), fact.cleared_until, cleared)):
        if due is not None:
            yield Duty(
                kind=kind,
                name=f"{kind.value}/{key}",
                partner=fact.code,
                agreement=None,
                agreement_id=None,
                due=due,
                what=what,
                project_id=place.project_id,
                project=place.project,
                officer_id=place.officer_id,
                officer=place.officer,
                unit=place.unit,
                unit_id=place.unit_id,
            )


def by_name(duties: Sequence[Duty]) -> Mapping[str, Duty]:
    return {duty.name: duty for duty in duties}
