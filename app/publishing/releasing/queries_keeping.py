"""Statements about which bytes releases need."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.publishing import PublicFile, Release, ReleaseFile, ReleaseOutcome
from app.domain.terms import ReleaseState

_release, _file = table(Release).c, table(ReleaseFile).c
_public, _outcome = table(PublicFile).c, table(ReleaseOutcome).c
_of_release = table(ReleaseFile).join(table(Release), _release.id == _file.release_id)
_in_public = _file.id.in_(select(_public.file_id).where(_public.file_id.is_not(None)))


class Wanted(NamedTuple):
    """A file that is public, or waits to be."""

    release: int
    dataset: str
    sha256: str
    size: int
    public: bool


def needed(session: Session, since: dt.datetime) -> set[str]:
    """The digests of files, and of their lists, that are public, or of releases that something was done with."""
    done_since = select(_outcome.release_id).where(_outcome.at >= since)
    statement = (
        select(_file.sha256, _file.records_sha256)
        .select_from(_of_release)
        .where(
            or_(
                _in_public,
                _release.state == ReleaseState.PUBLISHED,
                _release.created_at >= since,
                _release.approved_at >= since,
                _release.published_at >= since,
                _release.id.in_(done_since),
            )
        )
    )
    return {digest for row in session.execute(statement) for digest in row}


def wanted(session: Session) -> list[Wanted]:
    """The files that are public, and those of releases that wait, by release and dataset."""
    waiting = _release.state.in_((ReleaseState.PREPARED, ReleaseState.APPROVED))
    newest = select(func.max(table(Release).alias("newer").c.number)).scalar_subquery()
    statement = (
        select(_release.number, _file.dataset, _file.sha256, _file.size, _in_public)
        .select_from(_of_release)
        .where(or_(_in_public, waiting & (_release.number == newest)))
        .order_by(_release.number, _file.dataset)
    )
    return [Wanted(row[0], row[1], row[2], row[3], bool(row[4])) for row in session.execute(statement)]
