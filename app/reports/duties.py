"""What agreements ask for, gathered from every noun: the ground of a report, of alerts and of calendars."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session

from app.domain.duties import Duty, DutyKind, Schedule, report_days
from app.domain.periods import add_months
from app.domain.schedule import match
from app.domain.terms import AgreementStatus
from app.reports import queries_duties as queries
from app.reports.queries_duties import AgreementFact, ConditionFact, InstalmentFact, PartnerFact, Place, Scope, Sent

#: how far ahead regular reports of an agreement without an end are told, at least
_AHEAD_MONTHS = 24
_NOUNS = {DutyKind.SUBSTANTIVE: "substantive report", DutyKind.FINANCIAL: "financial report"}
_ASKING = (AgreementStatus.SIGNED, AgreementStatus.COMPLETED)


def gather(session: Session, as_of: dt.date, *, scope: Scope | None = None, until: dt.date | None = None) -> list[Duty]:
    """Every duty of the agreements and partners asked for, done ones too, by day. A constant number of statements.

    ``until``: the day up to which regular reports without an end are told; two years ahead, if nothing is said.
    """
    of, limit = scope or Scope(), max(until or dt.date.min, add_months(as_of, _AHEAD_MONTHS))
    known = queries.agreements(session, of, as_of=as_of)
    schedules, sent, conditions = (
        queries.schedules(session, of),
        queries.reports(session, of),
        queries.conditions(session, of),
    )
    instalments, receipts = queries.instalments(session, of), queries.receipts(session, of, until=as_of)
    places = queries.places(session, of)
    found: list[Duty] = []
    for fact in known:
        duties = [
            *_reports(fact, schedules.get(fact.id, ()), sent.get(fact.id, ()), limit),
            *_conditions(fact, conditions.get(fact.id, ())),
            *_instalments(fact, instalments.get(fact.id, ()), receipts.get(fact.id, ())),
            *_end(fact),
        ]
        found += _placed(duties, places.get(fact.id))
    of_partner: dict[str, Place] = {}
    for fact in known:
        place = places.get(fact.id)
        if place is not None and (fact.partner not in of_partner or of_partner[fact.partner].officer_id is None):
            of_partner[fact.partner] = place
    for partner in queries.partners(session, of):
        found += _placed(list(_of_partner(partner)), of_partner.get(partner.code))
    return sorted(found, key=lambda duty: (duty.due, duty.partner, duty.agreement or "", duty.kind, duty.name))


def _placed(duties: list[Duty], place: Place | None) -> list[Duty]:
    """Duties with the project that they concern, and its officer."""
    if place is None:
        return duties
    return [
        replace(
            duty,
            project_id=place.project_id,
            project=place.project,
            officer_id=place.officer_id,
            officer=place.officer,
        )
        for duty in duties
    ]


def _duty(fact: AgreementFact, kind: DutyKind, name: str, due: dt.date, what: str) -> Duty:
    return Duty(
        kind=kind,
        name=name,
        partner=fact.partner,
        agreement=fact.reference,
        agreement_id=fact.id,
        due=due,
        what=what,
    )


def _reports(
    fact: AgreementFact, schedules: Sequence[Schedule], sent: Sequence[Sent], limit: dt.date
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
        noun = _NOUNS[kind.duty]
        final = fact.ends_on is not None and day > fact.ends_on and (kind, day) in days
        duty = _duty(fact, kind.duty, f"report/{fact.id}/{kind.value}/{day}", day, f"final {noun}" if final else noun)
        yield replace(
            duty,
            settled_on=own.submitted_on if own else None,
            document_url=own.document_url if own else None,
        )


def _conditions(fact: AgreementFact, conditions: Sequence[ConditionFact]) -> Iterator[Duty]:
    for each in conditions:
        if fact.status is AgreementStatus.CANCELLED and each.met_on is None:
            continue
        duty = _duty(
            fact, DutyKind.CONDITION, f"condition/{each.id}", each.due_on, f"condition {each.code}: {each.text}"
        )
        yield replace(duty, settled_on=each.met_on)


def _instalments(
    fact: AgreementFact, instalments: Sequence[InstalmentFact], receipts: Sequence[tuple[dt.date, Decimal]]
) -> Iterator[Duty]:
    """Payments that the schedule promises, with what was received towards each."""
    if fact.status is AgreementStatus.CANCELLED:
        return
    keys = {each.due_on: each.id for each in instalments}
    for one in match([(each.due_on, each.amount) for each in instalments], receipts):
        name = f"instalment/{keys[one.due_on]}"
        duty = _duty(fact, DutyKind.INSTALMENT, name, one.due_on, f"instalment of {fact.reference}")
        yield replace(
            duty, settled_on=one.complete_on, amount=one.amount, received=one.received, currency=fact.currency
        )


def _end(fact: AgreementFact) -> Iterator[Duty]:
    """The end of a signed agreement: it is extended or completed."""
    if fact.ends_on is not None and fact.status is AgreementStatus.SIGNED:
        yield _duty(fact, DutyKind.AGREEMENT_END, f"agreement-end/{fact.id}", fact.ends_on, f"end of {fact.reference}")


def _of_partner(fact: PartnerFact) -> Iterator[Duty]:
    ends = (
        (DutyKind.FRAMEWORK_END, fact.framework_ends_on, f"end of {fact.framework or 'the framework agreement'}"),
        (DutyKind.CLEARANCE_END, fact.cleared_until, f"end of the clearance of {fact.code}"),
    )
    for kind, due, what in ends:
        if due is not None:
            yield Duty(
                kind=kind,
                name=f"{kind.value}/{fact.id}",
                partner=fact.code,
                agreement=None,
                agreement_id=None,
                due=due,
                what=what,
            )


def by_name(duties: Sequence[Duty]) -> Mapping[str, Duty]:
    return {duty.name: duty for duty in duties}
