"""What agreements ask for, gathered from every noun: the ground of a report, of alerts and of calendars."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db import unchanged
from app.domain.duties import Duty, DutyKind, Schedule, report_days
from app.domain.periods import add_months
from app.domain.schedule import Matched, match
from app.domain.terms import AgreementStatus
from app.domain.told import Told
from app.reports import queries_duties as queries
from app.reports.queries_duties import (
    NOWHERE,
    AgreementFact,
    ConditionFact,
    InstalmentFact,
    PartnerFact,
    Place,
    Scope,
    Sent,
)

#: how far ahead regular reports of an agreement without an end are told, at least
_AHEAD_MONTHS = 24
_NOUNS = {DutyKind.SUBSTANTIVE: Told("substantive report"), DutyKind.FINANCIAL: Told("financial report")}
_FINAL = {DutyKind.SUBSTANTIVE: Told("final substantive report"), DutyKind.FINANCIAL: Told("final financial report")}
_ASKING = (AgreementStatus.SIGNED, AgreementStatus.COMPLETED)


def gather(session: Session, as_of: dt.date, *, scope: Scope | None = None, until: dt.date | None = None) -> list[Duty]:
    """Every duty of the agreements and partners asked for, done ones too, by day. A constant number of statements.

    ``until``: the day up to which regular reports without an end are told; two years ahead, if nothing is said. Of
    what only ends, a scope may leave out what ends later than a day.
    """
    of, limit = scope or Scope(), max(until or dt.date.min, add_months(as_of, _AHEAD_MONTHS))
    known = queries.agreements(session, of, as_of=as_of)
    schedules, sent, conditions = (
        queries.schedules(session, of),
        queries.reports(session, of),
        queries.conditions(session, of),
    )
    instalments, receipts = queries.instalments(session, of, as_of=as_of), queries.receipts(session, of, until=as_of)
    places = queries.places(session, of, as_of=as_of)
    found: list[Duty] = []
    partners = queries.partners(session, of)
    if of.ends_by is None:
        of_partner = _of_partners(known, places)
    else:
        # what has no project of its own goes where any agreement of its partner goes: of those all are looked at
        named = {fact.partner for fact in known if fact.id not in places} | {partner.code for partner in partners}
        whole = Scope(partner=of.partner, partners=frozenset(named))
        of_partner = _of_partners(
            queries.agreements(session, whole, as_of=as_of), queries.places(session, whole, as_of=as_of)
        )
    for fact in known:
        place = places.get(fact.id) or _officer_of(of_partner.get(fact.partner, NOWHERE))
        if fact.id in schedules or fact.id in sent:
            found += _reports(fact, place, schedules.get(fact.id, ()), sent.get(fact.id, ()), limit)
        found += _conditions(fact, place, conditions.get(fact.id, ()))
        if fact.id in instalments:
            found += _instalments(fact, place, instalments[fact.id], receipts.get(fact.id, ()))
        found += _end(fact, place)
    for partner in partners:
        found += _of_partner(partner, of_partner.get(partner.code, NOWHERE))
    return sorted(found, key=lambda duty: (duty.due, duty.partner, duty.agreement or "", duty.kind, duty.name))


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
    return Place(officer_id=place.officer_id, officer=place.officer, unit=place.unit)


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
        document_url=document_url,
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
    receipts: Sequence[tuple[dt.date, Decimal]],
) -> Iterator[Duty]:
    """Payments that the schedule promises, with what was received towards each."""
    if fact.status is AgreementStatus.CANCELLED:
        return
    keys = {each.due_on: each.id for each in instalments}
    for one in match([(each.due_on, each.amount) for each in instalments], receipts):
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
            )


def by_name(duties: Sequence[Duty]) -> Mapping[str, Duty]:
    return {duty.name: duty for duty in duties}
