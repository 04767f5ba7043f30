"""The audit trail shows what was done to it: chains are recomputed, and seals over all chains show removals.

An event that is altered breaks its chain, since each hash covers the event and the hash before it. Whole chains, or
the newest events of one, could vanish without a trace in what remains; a seal covers the keys and hashes of all events
since the seal before, so that they are missed. The newest seal's hash, noted elsewhere, proves everything before it.

Old events may lie in files (:mod:`app.people.trail`): they are read like those of the database, and a chain goes on
from the newest of its events that lies there.
"""

import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session

from app.db.people import AuditSeal
from app.domain.findings import Finding, Severity
from app.people import queries, trail
from app.people.queries import ChainedEvent, EventHash


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


def verify(session: Session, store: Path | None = None) -> list[Finding]:
    """Everything in the trail that is not as it was written; empty when nothing is.

    ``store``: the file store with old events; None: whatever is not in the database counts as missing. Reads the trail
    twice, once by key and once by chain, and holds a few thousand events at a time, and of chains that begin in files
    their last place there.
    """
    old = _Old(trail.archived(session, store) if store else iter(()))
    files = trail.damaged(session, store) if store else []
    return [
        *(_finding("audit.archive-damaged", "archive", message) for message in files),
        *_broken_seals(session, old),
        *old.findings,
        *_broken_chains(session, old),
    ]


@dataclass(slots=True)
class _Old:
    """Events in files, looked at while they are read: whether each follows from the one before it in its chain."""

    events: Iterator[ChainedEvent]
    #: by chain, the number and the hash of its newest event there
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def hashes(self) -> Iterator[EventHash]:
        """Key and hash of each."""
        for event in self.events:
            if (wrong := _wrong(event, *self.heads.get(event.aggregate, (0, "")))) is not None:
                self.findings.append(wrong)
            self.heads[event.aggregate] = (event.sequence, event.hash)
            yield EventHash(event.id, event.hash)


def _wrong(event: ChainedEvent, sequence: int, hash_: str) -> Finding | None:
    """What is wrong with an event that ought to follow from the one of that number and hash."""
    if event.sequence != sequence + 1:
        message = f"Event {sequence + 1} of this chain is missing; the next one is {event.sequence}."
        return _finding("audit.event-missing", event.aggregate, message)
    if event.previous_hash != hash_ or event.hash != trail.rehashed(event):
        message = f"Event {event.sequence} of this chain (key {event.id}) is not as it was written."
        return _finding("audit.event-altered", event.aggregate, message)
    return None


def _broken_chains(session: Session, old: _Old) -> Iterator[Finding]:
    """One finding for each chain, at its first event that does not follow from those before."""
    aggregate, before, told = "", (0, ""), False
    for row in queries.events_by_chain(session):
        if row.aggregate != aggregate:
            aggregate, before, told = row.aggregate, old.heads.get(row.aggregate, (0, "")), False
        if told:
            continue
        if (wrong := _wrong(row, *before)) is not None:
            yield wrong
            told = True
        before = (row.sequence, row.hash)


def _broken_seals(session: Session, old: _Old) -> Iterator[Finding]:
    events = heapq.merge(queries.event_hashes(session), old.hashes(), key=lambda event: event.id)
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
    for _ in events:
        # to the end of the files: chains go on from there
        pass


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
