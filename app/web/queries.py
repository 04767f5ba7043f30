"""Reads and writes of what the pages keep: sessions, links, attempts, saved views; and the words of short lists."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, delete, func, select, update
from sqlmodel import Session

from app.db.base import table, utc_now
from app.db.funding import Agreement, EarmarkingPreset
from app.db.organisation import Officer, Setup, Unit
from app.db.pages import Password, SignInAttempt, SignInLink, WebSession
from app.db.partners import Organisation, Partner
from app.db.people import User
from app.db.portions import NUMBER, Portions, of_portions
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.db.unchanged import known_by_portion
from app.domain.terms import Role

_user, _unit, _officer, _session = table(User).c, table(Unit).c, table(Officer).c, table(WebSession).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A session with the person it belongs to, as one statement finds them."""

    session_id: int
    user_id: int
    name: str
    role: Role
    unit_id: int | None
    unit: str | None
    officer: str | None
    language: str | None
    archived_at: dt.datetime | None
    seen_at: dt.datetime
    expires_at: dt.datetime
    ended_at: dt.datetime | None
    flash: str | None
    #: name of the organisation; None before it is set up
    organisation: str | None


def holder(session: Session, hash_: str) -> Holder | None:
    """The session of this hash, however it stands; None when there never was one."""
    row = session.execute(
        select(
            _session.id.label("session_id"), _user.id.label("user_id"), _user.name, _user.role, _user.unit_id,
            _unit.code.label("unit"), _officer.code.label("officer"), _user.language, _user.archived_at,
            _session.seen_at, _session.expires_at, _session.ended_at, _session.flash,
            own_name().label("organisation"),
        )
        .join_from(table(WebSession), table(User), _user.id == _session.user_id)
        .outerjoin(table(Unit), _unit.id == _user.unit_id)
        .outerjoin(table(Officer), _officer.id == _user.officer_id)
        .where(_session.hash == hash_)
    ).one_or_none()  # fmt: skip
    return None if row is None else Holder(**row._mapping)


def own_name() -> ScalarSelect[str]:
    """The organisation's name as a subquery of one value."""
    setup, organisation = table(Setup).c, table(Organisation).c
    joined = select(organisation.name).join(table(Setup), setup.organisation_id == organisation.id)
    return joined.scalar_subquery()


def session_row(session: Session, hash_: str) -> WebSession | None:
    return session.scalars(select(WebSession).where(_session.hash == hash_)).one_or_none()


def sessions_of(session: Session, user_id: int, since: dt.datetime) -> Sequence[WebSession]:
    """Sessions of a person that have not ended, newest first."""
    return session.scalars(
        select(WebSession)
        .where(_session.user_id == user_id, _session.ended_at.is_(None), _session.expires_at > since)
        .order_by(_session.id.desc())
    ).all()


def end_sessions(session: Session, user_id: int, *, except_id: int | None = None) -> None:
    """Ends every session of a person, from now on."""
    statement = update(table(WebSession)).where(_session.user_id == user_id, _session.ended_at.is_(None))
    if except_id is not None:
        statement = statement.where(_session.id != except_id)
    session.execute(statement.values(ended_at=utc_now()))


def see(session: Session, session_id: int, now: dt.datetime, *, shown: str | None) -> None:
    """Notes that the person was here, and that the sentence was shown."""
    seen = update(table(WebSession)).where(_session.id == session_id)
    session.execute(seen.values(seen_at=now))
    if shown is not None:
        session.execute(seen.where(_session.flash == shown).values(flash=None))


def link_of(session: Session, hash_: str) -> SignInLink | None:
    """The one-time link of this hash, held until the transaction ends where it is to be used."""
    link = table(SignInLink).c
    return session.scalars(select(SignInLink).where(link.hash == hash_).with_for_update()).one_or_none()


def last_sign_ins(session: Session) -> dict[int, dt.datetime]:
    """When each person last signed in with a browser, by key of the user."""
    rows = session.execute(select(_session.user_id, func.max(_session.started_at)).group_by(_session.user_id))
    return {row[0]: row[1] for row in rows}


def password_of(session: Session, user_id: int) -> Password | None:
    return session.scalars(select(Password).where(table(Password).c.user_id == user_id)).one_or_none()


def attempts(session: Session, subjects: Sequence[str], since: dt.datetime) -> int:
    """The most wrong attempts since a moment that any of the subjects has."""
    attempt = table(SignInAttempt).c
    rows = session.scalars(
        select(func.count()).where(attempt.subject.in_(subjects), attempt.at > since).group_by(attempt.subject)
    )
    return max(rows, default=0)


def forget_attempts(session: Session, before: dt.datetime) -> None:
    session.execute(delete(table(SignInAttempt)).where(table(SignInAttempt).c.at < before))


def unit_words(session: Session, most: int) -> Sequence[tuple[str, str]]:
    """(code, name) of units in use, for pickers."""
    found = select(_unit.code, _unit.name).where(_unit.archived_at.is_(None)).order_by(_unit.code).limit(most)
    return [(row[0], row[1]) for row in session.execute(found)]


def officer_words(session: Session, most: int) -> Sequence[tuple[str, str]]:
    """(code, name) of officers in service, for pickers."""
    found = (
        select(_officer.code, _officer.name).where(_officer.archived_at.is_(None)).order_by(_officer.code).limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def partner_words(session: Session, most: int) -> Sequence[tuple[str, str]]:
    """(code, name) of partners, for pickers."""
    partner, organisation = table(Partner).c, table(Organisation).c
    found = (
        select(partner.code, organisation.name)
        .join_from(table(Partner), table(Organisation), organisation.id == partner.organisation_id)
        .where(partner.archived_at.is_(None))
        .order_by(partner.code)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def preset_codes(session: Session) -> Sequence[str]:
    """Codes of the presets of earmarking in use, for pickers."""
    preset = table(EarmarkingPreset).c
    found = select(preset.code).where(preset.archived_at.is_(None)).distinct().order_by(preset.code)
    return list(session.scalars(found))


def agreement_words(session: Session, most: int) -> Sequence[tuple[str, str]]:
    """(reference, title) of agreements, for pickers."""
    agreement = table(Agreement).c
    found = (
        select(agreement.reference, agreement.title)
        .where(agreement.archived_at.is_(None))
        .order_by(agreement.reference)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def project_codes(session: Session, most: int) -> frozenset[str] | None:
    """Codes of all projects that are not archived; None where there are more than ``most``."""
    project = table(Project).c
    found = session.scalars(select(project.code).where(project.archived_at.is_(None)).limit(most + 1)).all()
    return None if len(found) > most else frozenset(found)


def own_projects(session: Session, *, officer: str | None, unit: str | None) -> frozenset[str] | None:
    """Codes of the projects of an officer, else of a unit; None for everybody's."""
    if officer is None and unit is None:
        return None
    project = table(Project).c
    found = select(project.code).outerjoin(table(Unit), _unit.id == project.unit_id)
    found = found.outerjoin(table(Officer), _officer.id == project.officer_id)
    return frozenset(session.scalars(found.where(_officer.code == officer if officer else _unit.code == unit)))


def officers_of(session: Session, *, officer: str | None, unit: str | None) -> frozenset[str] | None:
    """The officer's code, else those of a unit's officers; None for everybody's."""
    if officer is not None:
        return frozenset({officer})
    if unit is None:
        return None
    found = select(_officer.code).join(table(Unit), _unit.id == _officer.unit_id).where(_unit.code == unit)
    return frozenset(session.scalars(found))


def newest_posting(session: Session) -> dt.date | None:
    """The day of the newest row of the ledger: the year whose figures say something.

    To look through two million rows takes PostgreSQL as long as all else of a page.
    """
    entry = table(LedgerEntry).c
    newest = select(func.max(entry.date)).where(of_portions(entry.project_id)).scalar_subquery()

    def read(fresh: Session, portions: Portions) -> Mapping[int, dt.date | None]:
        return {row[0]: row[1] for row in fresh.execute(select(NUMBER, newest), portions.given)}

    return known_by_portion(session, "newest posting", read, _latest, within={"ledger_entries"})


def _latest(days: Sequence[dt.date | None]) -> dt.date | None:
    return max((day for day in days if day is not None), default=None)
