"""The audit trail shows what was done to it: chains are recomputed, and seals over all chains show removals.

An event that is altered breaks its chain, since each hash covers the event and the hash before it. Whole chains, or
the newest events of one, could vanish without a trace in what remains; a seal covers the keys and hashes of all events
since the seal before, so that they are missed. The newest seal's hash, noted elsewhere, proves everything before it.
"""

import hashlib
from collections.abc import Iterator

from sqlmodel import Session

from app.db.audit import Change, event_hash
from app.db.people import AuditSeal
from app.domain.findings import Finding, Severity
from app.people import queries


def seal(session: Session) -> AuditSeal | None:
    """Seals every event that no seal covers yet; None when there is none. Needs a writing session."""
    queries.hold_trail(session)
    standing = queries.seals(session)
    last = standing[-1] if standing else None
    digest = _Digest(last.hash if last else "")
    first_id = 0
    for event in queries.event_hashes(session, last.last_event_id if last else 0):
        first_id = first_id or event.id
        digest.add(event.id, event.hash)
    if not digest.events:
        return None
    made = AuditSeal(
        first_event_id=first_id,
        last_event_id=digest.last_id,
        events=digest.events,
        previous_hash=digest.previous,
        hash=digest.hash(),
    )
    session.add(made)
    session.flush()
    return made


def verify(session: Session) -> list[Finding]:
    """Everything in the trail that is not as it was written; empty when nothing is.

    Reads the trail twice, once by chain and once by key, and holds a few thousand events at a time.
    """
    return [*_broken_chains(session), *_broken_seals(session)]


def _broken_chains(session: Session) -> Iterator[Finding]:
    """One finding for each chain, at its first event that does not follow from those before."""
    aggregate, sequence, previous, told = "", 0, "", False
    for row in queries.events_by_chain(session):
        if row.aggregate != aggregate:
            aggregate, sequence, previous, told = row.aggregate, 0, "", False
        sequence += 1
        if told:
            continue
        change = Change(
            aggregate=row.aggregate,
            action=row.action,
            entity=row.entity,
            entity_id=row.entity_id,
            before=row.before,
            after=row.after,
        )
        if row.sequence != sequence:
            message = f"Event {sequence} of this chain is missing; the next one is {row.sequence}."
            yield _finding("audit.event-missing", aggregate, message)
            told = True
        elif row.previous_hash != previous or row.hash != event_hash(
            row.previous_hash, row.sequence, row.at, row.actor, change
        ):
            message = f"Event {sequence} of this chain (key {row.id}) is not as it was written."
            yield _finding("audit.event-altered", aggregate, message)
            told = True
        previous = row.hash


def _broken_seals(session: Session) -> Iterator[Finding]:
    events = queries.event_hashes(session)
    waiting = next(events, None)
    previous = ""
    for made in queries.seals(session):
        digest = _Digest(previous)
        while waiting is not None and waiting.id <= made.last_event_id:
            digest.add(waiting.id, waiting.hash)
            waiting = next(events, None)
        if made.previous_hash != previous:
            yield _finding("audit.seal-missing", f"seal:{made.id}", "The seal before this one is missing or altered.")
        elif digest.events != made.events:
            message = f"The seal covers {made.events} events, of which {digest.events} are there."
            yield _finding("audit.sealed-event-missing", f"seal:{made.id}", message)
        elif digest.hash() != made.hash:
            message = "Events that this seal covers, or the seal itself, are not as they were written."
            yield _finding("audit.seal-broken", f"seal:{made.id}", message)
        previous = made.hash


class _Digest:
    """SHA-256 over the hash of the seal before and the keys and hashes of the events since."""

    def __init__(self, previous: str) -> None:
        self.previous = previous
        self.events = 0
        self.last_id = 0
        self._content = hashlib.sha256(previous.encode())

    def add(self, event_id: int, hash_: str) -> None:
        self.events += 1
        self.last_id = event_id
        self._content.update(f"\n{event_id} {hash_}".encode())

    def hash(self) -> str:
        return self._content.hexdigest()


def _finding(rule: str, subject: str, message: str) -> Finding:
    return Finding(rule=rule, severity=Severity.CRITICAL, subject=subject, message=message)
