"""Statements about tables that were handed in."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import CursorResult, delete, select, update
from sqlmodel import Session

from app.db.base import table
from app.db.people import User
from app.db.uploads import TableUpload, TableUploadPiece
from app.domain.access import Actor
from app.http.lists import Listing, equals, sort

_upload = table(TableUpload)
_piece = table(TableUploadPiece)
_user = table(User)

#: states in which a worker is wanted, and in which one is at it
WAITING = ("waiting", "ordered")
WORKING = ("checking", "storing")

UPLOADS = Listing(
    name="imports",
    statement=select(
        *(_upload.c[name] for name in ("id", "kind", "file", "size", "state", "faults", "recorded_at", "recorded_by"))
    ),
    key=_upload.c.id,
    filters={"kind": equals(_upload.c.kind), "state": equals(_upload.c.state)},
    sorts={"recorded_at": sort(_upload.c.recorded_at), "kind": sort(_upload.c.kind), "file": sort(_upload.c.file)},
    usual_sort="-recorded_at",
)


def first_waiting(session: Session, but: set[int]) -> TableUpload | None:
    """The upload that has waited longest, without those named."""
    statement = select(TableUpload).where(_upload.c.state.in_(WAITING), _upload.c.id.not_in(but))
    return session.scalars(statement.order_by(_upload.c.id).limit(1)).first()


def any_waiting(session: Session) -> bool:
    return session.scalar(select(_upload.c.id).where(_upload.c.state.in_(WAITING)).limit(1)) is not None


def pieces(session: Session, upload_id: int) -> Iterator[str]:
    """The pieces of the file in their order, one at a time."""
    ordinals = session.scalars(
        select(_piece.c.ordinal).where(_piece.c.upload_id == upload_id).order_by(_piece.c.ordinal)
    ).all()
    for ordinal in ordinals:
        statement = select(_piece.c.content).where(_piece.c.upload_id == upload_id, _piece.c.ordinal == ordinal)
        yield session.scalars(statement).one()


def has_file(session: Session, upload_id: int) -> bool:
    """Whether the bytes are still kept."""
    return session.scalar(select(_piece.c.id).where(_piece.c.upload_id == upload_id).limit(1)) is not None


def actor_of(session: Session, user_id: int) -> Actor | None:
    """The person as they may act by now; None when they may no longer."""
    user = session.get(User, user_id)
    if user is None or user.archived_at is not None:
        return None
    return Actor(name=user.name, role=user.role, unit_id=user.unit_id, user_id=user_id)


def note_progress(session: Session, upload_id: int, worker: str, done: int, total: int) -> None:
    session.execute(
        update(_upload)
        .where(_upload.c.id == upload_id, _upload.c.worker == worker)
        .values(rows_done=done, rows_all=total)
    )


def forget_files(session: Session, before: dt.datetime) -> int:
    """Removes the bytes of files handed in before then; what came of them stays. Gives the number of pieces."""
    old = select(_upload.c.id).where(_upload.c.recorded_at < before, _upload.c.state.not_in((*WAITING, *WORKING)))
    result = session.execute(delete(_piece).where(_piece.c.upload_id.in_(old)))
    return result.rowcount if isinstance(result, CursorResult) else 0
