"""What messages say: composed from the record when they are put into the outbox, and anew when they are sent.

Between the two, duties are done, waived, moved and handed over, people acknowledge alerts or ask for silence, and newer
steps are reached. What no longer holds is left out of the message, with the reason on record; what belongs to somebody
else by now goes to them; what waits for one person becomes one message. A message that has nothing left to tell is
withdrawn.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.alerts import queries, queries_publishers, queries_told
from app.alerts.queries_told import Told
from app.alerts.rows import Alerted
from app.alerts.standing import Standing, standings
from app.alerts.wording import ESCALATION, REMINDER, STRENGTH, Line, mail, reason_of, subject_of
from app.config import Settings
from app.outbox import queries as outbox
from app.outbox.queries import Uncomposed
from app.outbox.transport import message_id_of
from app.people.queries_languages import Languages, languages_of

#: whom alerts are addressed to as long as there is nobody
NOBODY = ""
#: what officers cannot do themselves: heads are told from the beginning
_OF_HEADS = ("delivery",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Where a message goes."""

    address: str
    name: str
    #: conversation that mail programs file it under
    thread: str | None


UNKNOWN = Recipient(address=NOBODY, name="", thread=None)


def addressees(session: Session, told: Sequence[tuple[Alerted, str]]) -> list[Recipient]:
    """To whom each alert goes now: an escalation, and an obstacle, to the head of the unit, others to the officer.

    Where there is no officer, or the officer has left or was shut out of Earmark, the head. Where there is no head
    either, :data:`UNKNOWN`: it waits for somebody. What an agreement asks for does not wait: an administrator who is an
    officer is told, else the head of the first unit that has one.
    """
    officers = queries.officers(session, {alert.officer_id for alert, _ in told if alert.officer_id is not None})
    units = queries.units(session, {alert.unit_id for alert, _ in told if alert.unit_id is not None})

    def head(alert: Alerted) -> Recipient:
        unit = None if alert.unit_id is None else units.get(alert.unit_id)
        if unit is None or not unit.head_email:
            return UNKNOWN
        return Recipient(address=unit.head_email, name=unit.head or unit.head_email, thread=f"unit-{unit.id}")

    def officer(alert: Alerted) -> Recipient:
        found = None if alert.officer_id is None else officers.get(alert.officer_id)
        if found is None:
            return head(alert)
        if found.is_there:
            return Recipient(address=found.email, name=found.name, thread=f"officer-{found.id}")
        if found.head_email:
            return Recipient(
                address=found.head_email, name=found.head or found.head_email, thread=f"unit-{found.unit_id}"
            )
        return head(alert)

    found = [
        head(alert) if reason_of(purpose) == ESCALATION or alert.subject_kind in _OF_HEADS else officer(alert)
        for alert, purpose in told
    ]
    if not any(to is UNKNOWN and alert.subject_kind == "duty" for to, (alert, _) in zip(found, told, strict=True)):
        return found
    named = queries_publishers.caretaker(session)
    caretaker = UNKNOWN if named is None else Recipient(address=named.address, name=named.name, thread=named.thread)
    return [
        caretaker if to is UNKNOWN and alert.subject_kind == "duty" else to
        for to, (alert, _) in zip(found, told, strict=True)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """Alerts, each with its purpose, that go to somebody in one message."""

    recipient: Recipient
    told: Sequence[tuple[Alerted, str]]
    #: mail | webhook
    channel: str = "mail"


def enqueue(session: Session, settings: Settings, parcels: Sequence[Parcel], as_of: dt.date) -> int:
    """Puts a message for each parcel into the outbox; leaves out what was told there, and parcels that then are empty.

    Gives how many tell somebody something. The number of statements does not follow that of parcels.
    """
    rows = [
        outbox.Addressing(
            message_id=message_id_of(settings.mail_from),
            channel=parcel.channel,
            recipient=parcel.recipient.address,
            thread=parcel.recipient.thread,
        )
        for parcel in parcels
    ]
    made = dict(zip(outbox.add(session, rows), parcels, strict=True))
    linked = queries_told.link(
        session,
        [
            queries_told.Link(message_pk=key, channel=one.channel, recipient=one.recipient.address, told=one.told)
            for key, one in made.items()
        ],
    )
    outbox.remove(session, [key for key in made if key not in linked])
    compose(session, settings, sorted(linked), as_of)
    return outbox.count_open(session, [key for key in linked if made[key].recipient is not UNKNOWN])


def compose(session: Session, settings: Settings, ids: Sequence[int], as_of: dt.date, *, merge: bool = False) -> None:
    """Composes messages by the record as it stands; ``merge``: what waits for the same person becomes part of them.

    Messages that tell no alert stay as they are.
    """
    waiting = outbox.uncomposed(session, ids)
    if merge:
        waiting = outbox.merge(session, waiting)
    if not waiting:
        return
    told = queries_told.told_by(session, [message.id for message in waiting])
    addresses = {message.recipient for message in waiting if message.channel == "mail"}
    batch = _Batch(
        settings=settings,
        seen=_standings(session, told, as_of),
        quiet=queries.unsubscribed(session, addresses),
        languages=languages_of(session, addresses),
    )
    mails = [message for message in waiting if message.channel == "mail" and told.get(message.id)]
    links = [one for message in mails for one in told[message.id]]
    now_to = addressees(session, [(one.alert, one.purpose) for one in links])
    batch.whom = {one.id: recipient for one, recipient in zip(links, now_to, strict=True)}
    for message in waiting:
        if not (mine := told.get(message.id)):
            continue
        if message.channel == "mail":
            _compose_mail(batch, message, mine, _day(mine, as_of))
        else:
            _compose_webhook(batch, message, mine[0], _day(mine, as_of))
    queries_told.leave_out(session, batch.reasons)
    outbox.fill(session, batch.filled)
    outbox.withdraw(session, batch.empty)
    if batch.elsewhere:
        enqueue(session, settings, _handed_on(session, batch.elsewhere), as_of)


def _handed_on(session: Session, elsewhere: Mapping[Recipient, Sequence[Told]]) -> list[Parcel]:
    """What belongs to somebody else by now, without what is told them already.

    It may have been theirs before: what went away from them and comes back is told under a purpose of its own.
    """
    known = queries_told.still_told(session, {one.alert.id for others in elsewhere.values() for one in others})
    parcels = []
    for recipient, others in elsewhere.items():
        told = [
            (one.alert, f"{one.purpose}-{one.id}")
            for one in others
            if _asked(one.purpose) not in map(_asked, known.get((one.alert.id, recipient.address), ()))
        ]
        if told:
            parcels.append(Parcel(recipient=recipient, told=told))
    return parcels


def _asked(purpose: str) -> tuple[str, ...]:
    """What a purpose is, whoever was told before: the reason, and of a reminder which one it is."""
    parts = purpose.split("-")
    return tuple(parts[: 2 if parts[0] == REMINDER else 1])


@dataclass(kw_only=True, slots=True)
class _Batch:
    """Messages that are composed together: what is known of their alerts, and what comes of them."""

    settings: Settings
    #: alert → how it stands
    seen: Mapping[int, Standing]
    #: addresses that take no digests
    quiet: Collection[str]
    languages: Languages
    #: link → to whom the alert goes now
    whom: Mapping[int, Recipient] = field(default_factory=dict)
    #: link → why it is not told; empty: it is
    reasons: dict[int, str] = field(default_factory=dict)
    filled: list[outbox.Filling] = field(default_factory=list)
    #: messages with nothing left to tell
    empty: list[int] = field(default_factory=list)
    #: what belongs to somebody else by now
    elsewhere: dict[Recipient, list[Told]] = field(default_factory=lambda: defaultdict(list))


def _day(told: Sequence[Told], as_of: dt.date) -> dt.date:
    """The day that a message is true to: no earlier than the one its alerts were recorded for."""
    return max(as_of, *(one.alert.as_of for one in told))


def _standings(session: Session, told: Mapping[int, Sequence[Told]], as_of: dt.date) -> dict[int, Standing]:
    by_day: dict[dt.date, dict[int, Alerted]] = defaultdict(dict)
    for mine in told.values():
        by_day[_day(mine, as_of)] |= {one.alert.id: one.alert for one in mine}
    found: dict[int, Standing] = {}
    for day, alerts in sorted(by_day.items()):
        found |= standings(session, list(alerts.values()), day)
    return found


def _compose_mail(batch: _Batch, message: Uncomposed, told: Sequence[Told], as_of: dt.date) -> None:
    quiet = message.recipient in batch.quiet
    lines: dict[tuple[str, int], Line] = {}
    name = ""
    for one in told:
        recipient = batch.whom[one.id]
        line = Line(told=one, standing=batch.seen[one.alert.id])
        reason = _over(line, quiet=quiet, as_of=as_of)
        if not reason and recipient.address != message.recipient:
            batch.elsewhere[recipient].append(one)
            reason = f"{queries_told.ELSEWHERE} {recipient.address or 'nobody yet'} instead"
        batch.reasons[one.id] = reason
        if reason:
            continue
        name = name or recipient.name
        subject = (one.alert.subject_kind, one.alert.subject_id)
        said = lines.get(subject)
        if said is not None:
            weaker = min(said, line, key=lambda each: each.order)
            batch.reasons[weaker.told.id] = queries_told.NEWER
        if said is None or said.order < line.order:
            lines[subject] = line
    shown = sorted(lines.values(), key=lambda line: (-STRENGTH[line.purpose], line.alert.due_on, line.alert.id))
    if shown:
        words = batch.languages.of(message.recipient)
        content = mail(shown, name, batch.settings.address, as_of, words)
        batch.filled.append(_filling(batch, message, subject_of(shown, words), content))
    else:
        batch.empty.append(message.id)


def _filling(batch: _Batch, message: Uncomposed, subject: str, content: Mapping[str, object]) -> outbox.Filling:
    # as long as nobody has got it, its id follows the sender in the settings
    message_id = message_id_of(batch.settings.mail_from, message.number)
    return outbox.Filling(row_id=message.id, message_id=message_id, subject=subject, payload=content)


def _over(line: Line, *, quiet: bool, as_of: dt.date) -> str:
    """Why an alert is not told; empty: it is."""
    alert, standing = line.alert, line.standing
    if standing.over:
        return standing.over
    if alert.acknowledged:
        return queries_told.ACKNOWLEDGED
    if alert.snoozed_until is not None and as_of <= alert.snoozed_until:
        return f"{queries_told.SILENT} {alert.snoozed_until}"
    if line.purpose == ESCALATION:
        return queries_told.BEGUN if standing.begun else ""
    return queries_told.UNWANTED if quiet else ""


def _compose_webhook(batch: _Batch, message: Uncomposed, told: Told, as_of: dt.date) -> None:
    standing = batch.seen[told.alert.id]
    batch.reasons[told.id] = standing.over
    if standing.over:
        batch.empty.append(message.id)
        return
    alert = told.alert
    payload: dict[str, object] = {
        "event": "alert.recorded",
        "as_of": as_of.isoformat(),
        "alert": alert.id,
        "subject": {"kind": alert.subject_kind, "id": alert.subject_id},
        "project": alert.project,
        "rung": alert.rung,
        "rung_date": alert.rung_on.isoformat(),
        "due": alert.due_on.isoformat(),
        "message": standing.text,
        "state": standing.state,
        "overdue": standing.overdue,
        "reason": standing.why,
        "url": f"{batch.settings.address}/api/v1/{standing.path}",
    }
    batch.filled.append(_filling(batch, message, f"alert {alert.id}", payload))
