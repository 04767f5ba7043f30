"""Reads of users, tokens, units, officers and the audit trail."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select, text, tuple_
from sqlmodel import Session

from app.db.alerts import CalendarFeed
from app.db.among import among
from app.db.base import Statement, table
from app.db.organisation import Officer, Unit
from app.db.people import AuditArchive, AuditEvent, AuditSeal, Token, User
from app.db.projects import Project, ProjectRevision
from app.db.shapes import shaped
from app.domain.terms import Role, Stage
from app.http import lists
from app.http.lists import Listing, Shown, at_least, at_most, contains, equals, sort, unless_archived

_user, _token, _unit, _officer = table(User).c, table(Token).c, table(Unit).c, table(Officer).c
_feed = table(CalendarFeed).c
_event, _seal, _project, _revision = table(AuditEvent).c, table(AuditSeal).c, table(Project).c, table(ProjectRevision).c

#: how many events are held in memory when all are read
BATCH = 2000

UNITS = Listing(
    name="units",
    statement=select(
        _unit.id, _unit.code, _unit.name, _unit.head, _unit.head_email, _unit.region, _unit.note, _unit.version,
        _unit.archived_at,
    ),
    key=_unit.id,
    sorts={"code": sort(_unit.code), "name": sort(_unit.name), "region": sort(_unit.region), "id": sort(_unit.id)},
    filters={
        "archived": unless_archived(_unit.archived_at),
        "code": equals(_unit.code),
        "region": equals(_unit.region),
        "q": contains(_unit.code, _unit.name),
    },
    usual_sort="code",
)  # fmt: skip

OFFICERS = Listing(
    name="officers",
    statement=select(
        _officer.id, _officer.code, _officer.name, _officer.email, _unit.code.label("unit"), _officer.note,
        _officer.version, _officer.archived_at,
    ).join_from(table(Officer), table(Unit), _unit.id == _officer.unit_id),
    key=_officer.id,
    sorts={
        "code": sort(_officer.code),
        "name": sort(_officer.name),
        # many officers share a unit, whose code is unique only among units
        "unit": lists.Sort(by=_unit.code),
        "id": sort(_officer.id),
    },
    filters={
        "archived": unless_archived(_officer.archived_at),
        "code": equals(_officer.code),
        "unit": equals(_unit.code),
        "email": equals(_officer.email),
        "q": contains(_officer.code, _officer.name),
    },
    usual_sort="code",
)  # fmt: skip

USERS = Listing(
    name="users",
    statement=select(
        _user.id, _user.name, _user.role, _unit.code.label("unit"), _officer.code.label("officer"), _user.version,
        _user.archived_at,
    )
    .select_from(table(User))
    .outerjoin(table(Unit), _unit.id == _user.unit_id)
    .outerjoin(table(Officer), _officer.id == _user.officer_id),
    key=_user.id,
    sorts={"name": sort(_user.name), "role": sort(_user.role), "id": sort(_user.id)},
    filters={
        "archived": unless_archived(_user.archived_at),
        "name": equals(_user.name),
        "role": equals(_user.role),
        "unit": equals(_unit.code),
    },
    usual_sort="name",
)  # fmt: skip

TOKENS = Listing(
    name="tokens",
    statement=select(
        _token.id, _user.name.label("user"), _token.hint, _token.created_at, _token.expires_at, _token.revoked_at
    ).join_from(table(Token), table(User), _user.id == _token.user_id),
    key=_token.id,
    sorts={"id": sort(_token.id), "created_at": sort(_token.created_at), "expires_at": sort(_token.expires_at)},
    filters={"user": equals(_user.name), "revoked": unless_archived(_token.revoked_at)},
    usual_sort="-id",
)

AUDIT_EVENTS = Listing(
    name="audit events",
    statement=select(
        _event.id, _event.at, _event.actor, _event.action, _event.entity, _event.entity_id, _event.aggregate,
        _event.sequence, _event.before, _event.after, _event.previous_hash, _event.hash,
    ),
    key=_event.id,
    sorts={"id": sort(_event.id), "at": sort(_event.at)},
    filters={
        "aggregate": equals(_event.aggregate),
        "entity": equals(_event.entity),
        "entity_id": equals(_event.entity_id),
        "actor": equals(_event.actor),
        "action": equals(_event.action),
        "at_from": at_least(_event.at),
        "at_to": at_most(_event.at),
    },
    usual_sort="-id",
)  # fmt: skip

_KEYS = {
    UNITS.name: _unit.id,
    OFFICERS.name: _officer.id,
    USERS.name: _user.id,
    TOKENS.name: _token.id,
    AUDIT_EVENTS.name: _event.id,
}


def show(session: Session, listing: Listing, row_id: int) -> Shown | None:
    """One item of a listing of this module by its key."""
    return lists.one(session, listing, _KEYS[listing.name] == row_id)


def user_of_account(session: Session, issuer: str, subject: str) -> User | None:
    """The user of an account at an OpenID provider."""
    statement = select(User).where(_user.openid_issuer == issuer, _user.openid_subject == subject)
    return session.scalars(statement).one_or_none()


def users_by_email(session: Session, email: str) -> Sequence[User]:
    """Users without an account at a provider who are called by a mail address, or whose officer has it."""
    wanted = email.lower()
    return session.scalars(
        select(User)
        .outerjoin(table(Officer), _officer.id == _user.officer_id)
        .where(
            _user.openid_subject.is_(None),
            or_(func.lower(_user.name) == wanted, func.lower(_officer.email) == wanted),
        )
        .order_by(_user.id)
    ).all()


def administrators(session: Session) -> list[int]:
    """Keys of the users who administer, held until the transaction ends."""
    held = select(_user.id).where(_user.role == Role.ADMIN, _user.archived_at.is_(None)).order_by(_user.id)
    return list(session.scalars(held.with_for_update()))


def tokens_of(session: Session, user_id: int) -> list[Token]:
    """Tokens of a user that were not revoked."""
    return list(session.scalars(select(Token).where(_token.user_id == user_id, _token.revoked_at.is_(None))))


def feeds_of(session: Session, name: str) -> list[CalendarFeed]:
    """Calendar feeds that a user made and that are open."""
    return list(session.scalars(select(CalendarFeed).where(_feed.recorded_by == name, _feed.revoked_at.is_(None))))


def unit_in_use(session: Session, unit_id: int) -> bool:
    """Whether officers, or projects that are not over, belong to the unit."""
    officers = select(_officer.id).where(_officer.unit_id == unit_id, _officer.archived_at.is_(None))
    projects = select(_project.id).where(_project.unit_id == unit_id, _running())
    return any(session.execute(found.limit(1)).first() is not None for found in (officers, projects))


def officer_in_use(session: Session, officer_id: int) -> bool:
    """Whether the officer is named on a project that is not over."""
    found = select(_project.id).where(_project.officer_id == officer_id, _running()).limit(1)
    return session.execute(found).first() is not None


def _running() -> ColumnElement[bool]:
    return _project.stage.not_in([Stage.CLOSED, Stage.CANCELLED]) & _project.archived_at.is_(None)


def portfolio(session: Session, officer_id: int) -> list[Project]:
    """The projects of an officer, held until the transaction ends, by code."""
    return list(
        session.scalars(
            select(Project).where(_project.officer_id == officer_id).order_by(_project.code).with_for_update()
        )
    )


def newest_officers(session: Session, project_ids: list[int]) -> dict[int, tuple[int, dt.date]]:
    """For each project: the last sequence of its officer revisions and the newest day of decision among them."""
    rows = session.execute(
        select(_revision.project_id, func.max(_revision.sequence), func.max(_revision.known_on))
        .where(_revision.field == "officer", _revision.project_id.in_(project_ids))
        .group_by(_revision.project_id)
    )
    return {project_id: (sequence, known_on) for project_id, sequence, known_on in rows}


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """An event of the audit trail with its place in its chain."""

    id: int
    aggregate: str
    sequence: int
    at: dt.datetime
    actor: str
    action: str
    entity: str
    entity_id: str
    before: dict[str, object] | None
    after: dict[str, object] | None
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class EventHash:
    """The key and the hash of an event."""

    id: int
    hash: str


def _chained() -> Statement:
    return select(
        _event.id, _event.aggregate, _event.sequence, _event.at, _event.actor, _event.action, _event.entity,
        _event.entity_id, _event.before, _event.after, _event.previous_hash, _event.hash,
    )  # fmt: skip


def events_by_chain(session: Session) -> Iterator[ChainedEvent]:
    """Every event, chain by chain. Holds one batch at a time."""
    statement = _chained().order_by(_event.aggregate, _event.sequence).limit(BATCH)
    place = tuple_(_event.aggregate, _event.sequence)
    rows = shaped(ChainedEvent, session.execute(statement))
    while rows:
        yield from rows
        following = statement.where(place > (rows[-1].aggregate, rows[-1].sequence))
        rows = shaped(ChainedEvent, session.execute(following))


def to_archive(session: Session, last_id: int, most: int) -> Iterator[ChainedEvent]:
    """Events up to a key that others of their chain follow, ``most`` at most, by key. Holds one batch at a time.

    The newest of a chain stays, whatever its age: the next one follows from it.
    """
    after_id = 0
    while most > 0:
        statement = _chained().where(_event.id > after_id, _event.id <= last_id, _followed()).order_by(_event.id)
        rows = shaped(ChainedEvent, session.execute(statement.limit(min(BATCH, most))))
        yield from rows
        if not rows:
            return
        after_id, most = rows[-1].id, most - len(rows)


def remove_events(session: Session, ids: Sequence[int]) -> None:
    """Removes events that a file is noted for; the database refuses to let others go."""
    for start in range(0, len(ids), BATCH):
        session.execute(delete(table(AuditEvent)).where(among(_event.id, ids[start : start + BATCH])))


def _followed() -> ColumnElement[bool]:
    later = table(AuditEvent).alias("later").c
    return select(later.id).where(later.aggregate == _event.aggregate, later.sequence > _event.sequence).exists()


def archives(session: Session) -> list[AuditArchive]:
    return list(session.scalars(select(AuditArchive).order_by(table(AuditArchive).c.id)))


def seal_before(session: Session, moment: dt.datetime) -> AuditSeal | None:
    """The newest seal that was made before a moment."""
    return session.scalars(select(AuditSeal).where(_seal.at < moment).order_by(_seal.id.desc()).limit(1)).first()


def event_hashes(session: Session, after_id: int = 0) -> Iterator[EventHash]:
    """Key and hash of every event after a key, in the order of keys. Holds one batch at a time."""
    statement = select(_event.id, _event.hash).order_by(_event.id).limit(BATCH)
    while rows := shaped(EventHash, session.execute(statement.where(_event.id > after_id))):
        yield from rows
        after_id = rows[-1].id


def seals(session: Session) -> list[AuditSeal]:
    return list(session.scalars(select(AuditSeal).order_by(_seal.id)))


def hold_trail(session: Session) -> None:
    """Waits until every event that has a key is stored, and lets nobody append before this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit_events IN SHARE MODE"))


def last_seal(session: Session) -> AuditSeal | None:
    """The newest seal of the trail; None before the first."""
    return session.scalars(select(AuditSeal).order_by(_seal.id.desc()).limit(1)).first()


def portfolio_codes(session: Session, officer_id: int) -> list[str]:
    """Codes of the projects of an officer."""
    return list(session.scalars(select(_project.code).where(_project.officer_id == officer_id).order_by(_project.code)))
