"""Tables that are handed in: received, checked by a worker, stored when somebody says so.

A worker is a step behind the request that handed the table in, or the job of the timetable that looks for what still
waits. What a check finds is kept in the row of the upload. Storing is one transaction, in which the upload is marked as
stored too: whatever happens to the worker, the row tells the truth.
"""

import base64
from collections import deque
from typing import IO, Final

from sqlmodel import Session

from app.db import queries_leases
from app.db.base import key, utc_now
from app.db.leases import is_gone, is_of_here, is_of_this_process
from app.db.uploads import TableUpload, TableUploadPiece
from app.domain.access import Actor, Right
from app.errors import Conflict, Fault, InvalidInput, NotAllowed, NotFound, UsageError
from app.tabular.kinds import Kind
from app.tabular.registry import kind as find_kind
from app.tabular.settings import NAMES, FileSettings, said
from app.tabular.uploads import queries
from app.tabular.uploads.schemas import UploadOut, UploadReport

#: bytes that are kept in one piece
PIECE: Final = 720 * 1024
#: rights of which one is needed to hand a table in; the rules of each kind ask for theirs
_RIGHTS: Final = (Right.WRITE, Right.EVALUATE, Right.ADMINISTER)

#: workers of this process that are at work
RUNNING: set[str] = set()
#: those that came to their end last: who looks at a snapshot from before sees them still at work
ENDED: deque[str] = deque(maxlen=64)


def may_hand_in(actor: Actor) -> bool:
    return any(actor.may(right) for right in _RIGHTS)


def require_hand_in(actor: Actor) -> None:
    """:raises NotAllowed: when no right of the actor stores any table."""
    if not may_hand_in(actor):
        raise NotAllowed(f"The role {actor.role.value} stores no tables.")


def lease_name(kind: str) -> str:
    """One table of a kind is worked at after the other."""
    return f"table-upload:{kind}"


def kind_named(name: str) -> Kind:
    """:raises InvalidInput: naming the kinds there are."""
    try:
        return find_kind(name)
    except UsageError as error:
        raise InvalidInput([Fault(pointer="/kind", rule="table.kind", message=error.message)]) from error


def receive(
    session: Session, actor: Actor, *, kind: str, file: str, content: IO[bytes], written: FileSettings
) -> TableUpload:
    """Keeps a file that was handed in; a worker checks it.

    :raises InvalidInput: when it is empty, or no such kind of table.
    """
    require_hand_in(actor)
    if actor.user_id is None:
        raise NotAllowed("Tables are handed in by users.")
    wanted = kind_named(kind)
    name = file.replace("\\", "/").rpartition("/")[2].strip()[:200] or wanted.name
    upload = TableUpload(
        user_id=actor.user_id,
        kind=wanted.name,
        file="".join(sign if sign.isprintable() else " " for sign in name),
        size=0,
        written=_as_json(written),
        recorded_by=actor.name,
    )
    session.add(upload)
    session.flush()
    for ordinal, piece in enumerate(iter(lambda: content.read(PIECE), b"")):
        upload.size += len(piece)
        session.add(
            TableUploadPiece(upload_id=key(upload), ordinal=ordinal, content=base64.b64encode(piece).decode("ascii"))
        )
        session.flush()
    if not upload.size:
        raise InvalidInput([Fault(pointer="/file", rule="table.empty", message="The file is empty: choose another.")])
    session.flush()
    return upload


def _as_json(written: FileSettings) -> dict[str, object]:
    return {name: value for name in NAMES if (value := getattr(written, name)) is not None}


def settings_of(upload: TableUpload) -> FileSettings:
    """How the file writes numbers and days, as it was said."""
    given = upload.written
    row = given.get("header_row")
    texts = {name: str(value) for name, value in given.items() if name not in ("header_row", "separator", "presumed")}
    header_row = row if isinstance(row, int) else None
    return said(header_row=header_row, presumed=given.get("presumed") is True or None, **texts)


def write_file(session: Session, upload_id: int, target: IO[bytes]) -> None:
    """Writes the bytes that were handed in.

    :raises Conflict: when they are no longer kept.
    """
    if not queries.has_file(session, upload_id):
        raise Conflict("The file is no longer kept: hand it in again.")
    for piece in queries.pieces(session, upload_id):
        target.write(base64.b64decode(piece))
    target.flush()


def upload_of(session: Session, upload_id: int) -> TableUpload:
    """:raises NotFound: when there is none."""
    upload = session.get(TableUpload, upload_id)
    if upload is None:
        raise NotFound("No such table was handed in.")
    return upload


def report_of(upload: TableUpload) -> UploadReport:
    return UploadReport.model_validate(upload.report)


def state_of(session: Session, upload: TableUpload) -> str:
    """The state of the upload; ``interrupted`` when the worker that was at it is no more."""
    if upload.state not in queries.WORKING:
        return upload.state
    seen = queries_leases.lease(session, lease_name(upload.kind))
    worker = upload.worker
    if seen is None or seen.holder != worker:
        return "interrupted"
    if is_of_this_process(worker):
        alive = worker in RUNNING or worker in ENDED
    elif is_of_here(worker):
        # on SQLite nobody can renew a lease while rows are stored
        alive = not is_gone(worker)
    else:
        alive = not seen.ended
    return upload.state if alive else "interrupted"


def shown(session: Session, upload: TableUpload) -> UploadOut:
    """The upload as the API shows it."""
    return UploadOut(
        id=key(upload),
        kind=upload.kind,
        file=upload.file,
        size=upload.size,
        state=state_of(session, upload),
        handed_in_at=upload.recorded_at,
        handed_in_by=upload.recorded_by,
        state_since=upload.state_since,
        rows_done=upload.rows_done,
        rows_all=upload.rows_all,
        row_wise=upload.row_wise,
        why=upload.why,
        report=report_of(upload),
    )


def turn(upload: TableUpload, state: str) -> None:
    upload.state, upload.state_since = state, utc_now()


def order(session: Session, actor: Actor, upload_id: int, *, row_wise: bool = False) -> TableUpload:
    """Has a checked table stored, as it was shown and in the name of the actor; ``row_wise``: the good rows of it.

    :raises Conflict: when there is nothing to store, or it is not checked.
    """
    require_hand_in(actor)
    upload = upload_of(session, upload_id)
    if actor.user_id is None:
        raise NotAllowed("Tables are stored by users.")
    if upload.state != "checked":
        raise Conflict("This table is not waiting to be stored: look at its state.")
    found = report_of(upload)
    if found.fault_count and not row_wise:
        raise Conflict("The table has faults: mend them, or store the good rows alone.")
    if not found.readable or found.created + found.updated == 0:
        raise Conflict("There is nothing in the table that would be stored.")
    turn(upload, "ordered")
    upload.user_id = actor.user_id
    upload.row_wise, upload.rows_done = row_wise, 0
    session.flush()
    return upload


def repeat(session: Session, actor: Actor, upload_id: int) -> TableUpload:
    """Has a table checked again: after an interruption, a failure, or because what is stored has changed.

    It is checked by what the actor may do: whoever asked before may have been of another unit, or may be gone.

    :raises Conflict: when it is stored, or being worked at.
    """
    require_hand_in(actor)
    upload = upload_of(session, upload_id)
    if actor.user_id is None:
        raise NotAllowed("Tables are handed in by users.")
    state = state_of(session, upload)
    if state not in ("interrupted", "failed", "checked"):
        raise Conflict("This table needs no other check: look at its state.")
    if not queries.has_file(session, upload_id):
        raise Conflict("The file is no longer kept: hand it in again.")
    turn(upload, "waiting")
    upload.user_id = actor.user_id
    upload.worker, upload.why, upload.rows_done, upload.rows_all, upload.faults = "", "", 0, 0, 0
    session.flush()
    return upload
