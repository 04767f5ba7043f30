"""Statements of releases."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlmodel import Session

from app.db.among import chunks
from app.db.base import table
from app.db.organisation import Setup
from app.db.partners import Organisation
from app.db.people import User
from app.db.projects import Project
from app.db.publishing import (
    ImportRun,
    PublicFile,
    PublishedActivity,
    Release,
    ReleaseFile,
    ReleaseLine,
    ReleaseOutcome,
)
from app.domain.terms import ReleaseState
from app.http.lists import Listing, equals, sort

_release, _file, _line = table(Release).c, table(ReleaseFile).c, table(ReleaseLine).c
_outcome, _public = table(ReleaseOutcome).c, table(PublicFile).c
_BATCH = 500

#: where outcomes say that a dataset is got from
PUBLIC = "public"

RELEASES = Listing(
    name="releases",
    statement=select(
        _release.id, _release.number, _release.state, _release.as_of, _release.created_at.label("prepared_at"),
        _release.prepared_by, _release.approved_by, _release.approved_at, _release.published_at, _release.note,
        _release.account, _release.version,
    ),
    key=_release.id,
    sorts={"number": sort(_release.number), "as_of": sort(_release.as_of), "id": sort(_release.id)},
    filters={"state": equals(_release.state), "number": equals(_release.number)},
    usual_sort="-number",
)  # fmt: skip

LINES = Listing(
    name="lines of a release",
    statement=select(
        _line.id, _line.ordinal, _line.kind, _line.subject, _line.what, _line.words, _line.accepted_reason,
        _line.accepted_by,
    ),
    key=_line.id,
    sorts={"ordinal": sort(_line.ordinal), "subject": sort(_line.subject), "id": sort(_line.id)},
    filters={"kind": equals(_line.kind), "subject": equals(_line.subject)},
    usual_sort="ordinal",
)  # fmt: skip


def of_release(release_id: int) -> ColumnElement[bool]:
    """Lines of one release."""
    return _line.release_id == release_id


class FileRow(NamedTuple):
    """A file of a release."""

    id: int
    dataset: str
    file_type: str
    activities: int
    size: int
    sha256: str
    reporting_org: str
    part: str
    content_at: dt.datetime | None
    records_sha256: str


class Line(NamedTuple):
    """A line of a release that is still to be stored."""

    kind: str
    subject: str
    what: str
    words: str


class OutcomeRow(NamedTuple):
    """How far the publication of a dataset has come."""

    dataset: str
    place: str
    outcome: str
    reason: str
    at: dt.datetime


def files(session: Session, release_id: int) -> list[FileRow]:
    """The files of a release by dataset."""
    statement = select(*(_file[name] for name in FileRow._fields)).where(_file.release_id == release_id)
    return [FileRow._make(row) for row in session.execute(statement.order_by(_file.dataset))]


def files_in_public(session: Session) -> list[FileRow]:
    """The files that the world gets now, by dataset; of whichever releases they are."""
    statement = select(*(_file[name] for name in FileRow._fields)).join_from(
        table(ReleaseFile), table(PublicFile), _public.file_id == _file.id
    )
    return [FileRow._make(row) for row in session.execute(statement.order_by(_file.dataset))]


def was_public(session: Session) -> bool:
    """Whether anything was ever published from here."""
    return session.execute(select(_public.id).limit(1)).first() is not None


def outcomes(session: Session, release_id: int) -> list[OutcomeRow]:
    """What came of the publication of a release, by dataset and place."""
    statement = select(*(_outcome[name] for name in OutcomeRow._fields)).where(_outcome.release_id == release_id)
    return [OutcomeRow._make(row) for row in session.execute(statement.order_by(_outcome.dataset, _outcome.place))]


def newest(session: Session, *states: ReleaseState) -> Release | None:
    """The newest release in one of the states; of all when none is named."""
    statement = select(Release).order_by(_release.number.desc()).limit(1)
    if states:
        statement = statement.where(_release.state.in_(states))
    return session.scalars(statement).first()


def numbered(session: Session, number: int, *, hold: bool = False) -> Release | None:
    """The release of a number; ``hold``: until the transaction ends."""
    statement = select(Release).where(_release.number == number)
    return session.scalars(statement.with_for_update() if hold else statement).first()


def all_releases(session: Session) -> list[Release]:
    """Every release, the newest first."""
    return list(session.scalars(select(Release).order_by(_release.number.desc())))


def user_named(session: Session, name: str) -> User | None:
    """The user of a name who was not disabled."""
    user = table(User).c
    return session.scalars(select(User).where(user.name == name, user.archived_at.is_(None))).first()


def next_number(session: Session) -> int:
    """The number of the next release."""
    return (session.scalar(select(func.max(_release.number))) or 0) + 1


def add_files(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Stores the files of a release."""
    if rows:
        session.execute(insert(ReleaseFile), list(rows))


def add_lines(session: Session, release_id: int, lines: Iterable[Line]) -> int:
    """Stores the lines of a release in their order; gives how many. Holds a batch at a time."""
    count = 0
    left = iter(lines)
    while some := list(islice(left, _BATCH)):
        session.execute(
            insert(ReleaseLine),
            [
                {"release_id": release_id, "ordinal": count + place, **line._asdict()}
                for place, line in enumerate(some, start=1)
            ],
        )
        count += len(some)
    return count


def lines(session: Session, release_id: int, *kinds: str) -> Iterator[ReleaseLine]:
    """The lines of a release of some kinds, in their order."""
    statement = select(ReleaseLine).where(_line.release_id == release_id, _line.kind.in_(kinds))
    return iter(session.scalars(statement.order_by(_line.ordinal)))


def not_accepted(session: Session, release_id: int) -> int:
    """How many lines of what would vanish nobody has accepted."""
    statement = select(func.count()).where(
        _line.release_id == release_id, _line.kind == "vanishing", _line.accepted_by.is_(None)
    )
    return session.scalar(statement) or 0


def accept(session: Session, release_id: int, ordinals: Collection[int] | None, *, reason: str, by: str) -> list[int]:
    """Accepts lines of what would vanish, all when ``ordinals`` is None; gives those that were accepted now."""
    conditions = [_line.release_id == release_id, _line.kind == "vanishing", _line.accepted_by.is_(None)]
    if ordinals is not None:
        conditions.append(_line.ordinal.in_(sorted(ordinals)))
    found = list(session.scalars(select(_line.ordinal).where(*conditions).order_by(_line.ordinal)))
    session.execute(update(table(ReleaseLine)).where(*conditions).values(accepted_reason=reason, accepted_by=by))
    return found


def note_outcomes(session: Session, release_id: int, rows: Sequence[OutcomeRow]) -> None:
    """Stores outcomes in the place of earlier ones of the same datasets and places."""
    for row in rows:
        here = (_outcome.release_id == release_id, _outcome.dataset == row.dataset, _outcome.place == row.place)
        known = session.execute(select(_outcome.id).where(*here)).first()
        values = {"outcome": row.outcome, "reason": row.reason, "at": row.at}
        if known is None:
            session.execute(
                insert(ReleaseOutcome),
                [{"release_id": release_id, "dataset": row.dataset, "place": row.place, **values}],
            )
        else:
            session.execute(update(table(ReleaseOutcome)).where(*here).values(**values))


class PublicRow(NamedTuple):
    """What is public at the address of a dataset."""

    dataset: str
    file_id: int | None
    reporting_org: str
    changed_at: dt.datetime
    release_id: int | None
    file_type: str | None
    activities: int | None
    size: int | None
    sha256: str | None
    part: str | None
    content_at: dt.datetime | None


_PUBLIC = select(
    _public.dataset, _public.file_id, _public.reporting_org, _public.changed_at, _file.release_id, _file.file_type,
    _file.activities, _file.size, _file.sha256, _file.part, _file.content_at,
).join_from(table(PublicFile), table(ReleaseFile), _file.id == _public.file_id, isouter=True)  # fmt: skip


def public_files(session: Session) -> list[PublicRow]:
    """Every dataset that is or was public, by name."""
    return [PublicRow._make(row) for row in session.execute(_PUBLIC.order_by(_public.dataset))]


def public_file(session: Session, dataset: str) -> PublicRow | None:
    """One of them."""
    row = session.execute(_PUBLIC.where(_public.dataset == dataset)).first()
    return None if row is None else PublicRow._make(row)


def taken_back(session: Session, release_id: int) -> list[str]:
    """The datasets of a release that were public and are withdrawn now, by name."""
    statement = (
        select(_file.dataset)
        .join(table(PublicFile), _public.dataset == _file.dataset)
        .where(_file.release_id == release_id, _public.file_id.is_(None))
    )
    return list(session.scalars(statement.order_by(_file.dataset)))


def taken_back_since(session: Session, release_id: int, moment: dt.datetime) -> list[str]:
    """The datasets of a release that are withdrawn now, and were withdrawn after a moment, by name."""
    withdrawn = (_outcome.place == PUBLIC, _outcome.outcome == "withdrawn")
    latest = select(func.max(_outcome.at)).where(_outcome.dataset == _public.dataset, *withdrawn).scalar_subquery()
    statement = (
        select(_file.dataset)
        .join(table(PublicFile), _public.dataset == _file.dataset)
        .where(_file.release_id == release_id, _public.file_id.is_(None), latest > moment)
    )
    return list(session.scalars(statement.order_by(_file.dataset)))


def put_public(
    session: Session, dataset: str, file_id: int | None, reporting_org: str, changed_at: dt.datetime
) -> None:
    """What is public at the address of a dataset from now on; None: nothing.

    The moment of a change is later than that of the one before, whatever clocks say: whoever asks whether the file
    was modified since would otherwise keep the old one.
    """
    here = _public.dataset == dataset
    before = session.execute(select(_public.changed_at).where(here)).first()
    if before is None:
        row = {"dataset": dataset, "file_id": file_id, "reporting_org": reporting_org, "changed_at": changed_at}
        session.execute(insert(PublicFile), [row])
    else:
        changed_at = max(changed_at, before[0] + dt.timedelta(seconds=1))
        changed = update(table(PublicFile)).where(here)
        session.execute(changed.values(file_id=file_id, reporting_org=reporting_org, changed_at=changed_at))


def name_public(session: Session, dataset: str, file_id: int) -> None:
    """The same bytes, by the file of a newer release."""
    session.execute(update(table(PublicFile)).where(_public.dataset == dataset).values(file_id=file_id))


def reporters(session: Session) -> dict[int, str]:
    """Identifiers of organisations by key, their names where they have none."""
    organisation = table(Organisation).c
    rows = session.execute(select(organisation.id, func.coalesce(organisation.identifier, organisation.name)))
    return {row[0]: row[1] for row in rows}


def codes_and_identifiers(session: Session, keys: Collection[int]) -> dict[int, tuple[str, str]]:
    """Code and present identifier of projects, by key."""
    project = table(Project).c
    wanted = select(project.id, project.code, project.iati_identifier)
    return {
        row[0]: (row[1], row[2]) for some in chunks(keys) for row in session.execute(wanted.where(project.id.in_(some)))
    }


def known_by(session: Session, identifiers: Collection[str]) -> dict[str, int]:
    """Keys of the projects in use that were published under identifiers, by whomever."""
    project, seen = table(Project).c, table(PublishedActivity).c
    wanted = select(seen.identifier, seen.project_id).join(table(Project), project.id == seen.project_id)
    wanted = wanted.where(project.archived_at.is_(None))
    return {
        row[0]: row[1]
        for some in chunks(identifiers)
        for row in session.execute(wanted.where(seen.identifier.in_(some)))
    }


def identifiers_by_code(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Present identifier of projects, by code."""
    project = table(Project).c
    wanted = select(project.code, project.iati_identifier)
    return {row[0]: row[1] for some in chunks(codes) for row in session.execute(wanted.where(project.code.in_(some)))}


def count_projects(session: Session) -> int:
    """How many projects are in use."""
    project = table(Project).c
    return session.scalar(select(func.count()).where(project.archived_at.is_(None))) or 0


def own_organisation(session: Session) -> tuple[int, str | None] | None:
    """The organisation that was set up: its key and identifier; None before ``earmark init``."""
    setup, organisation = table(Setup).c, table(Organisation).c
    row = session.execute(
        select(organisation.id, organisation.identifier).where(organisation.id == setup.organisation_id)
    ).first()
    return None if row is None else (row[0], row[1])


def took_over_files(session: Session) -> bool:
    """Whether published files were imported."""
    run = table(ImportRun).c
    return session.execute(select(run.id).where(run.kind == "iati", run.outcome == "done").limit(1)).first() is not None
