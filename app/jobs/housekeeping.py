"""Jobs that keep the store in order.

What one of them alone needs is imported when it runs: a run by hand is not to load the rooms of all.
"""

import datetime as dt

from app.alerts.messages import send
from app.db.base import utc_now
from app.db.engine import Database
from app.evaluations.obligations.recompute import refresh
from app.jobs import queries
from app.outbox import queries as outbox_queries
from app.people import trail
from app.people.audit import seal
from app.tabular.uploads import queries as upload_queries
from app.work import Result, Work

#: how long the history of jobs is kept
HISTORY = dt.timedelta(days=180)
#: how long sessions and one-time links that are over are kept
SESSIONS = dt.timedelta(days=30)
#: how long the bytes of tables that were handed in are kept; what came of them stays
UPLOADS = dt.timedelta(days=30)


def deliver_outbox(work: Work) -> Result:
    """Sends what waits in the outbox, composed by the state of the moment."""
    sent = send(work)
    return Result(content=sent.as_dict(), summary=sent.as_dict())


def has_something_to_deliver(database: Database) -> bool:
    """Whether a message is to be sent now, or stayed in the hand of a worker."""
    with database.read() as session:
        return outbox_queries.any_to_deliver(session, utc_now())


def seal_audit(work: Work) -> Result:
    """Seals the audit trail, so that events cannot vanish unnoticed."""
    with work.database.write(work.worker) as session:
        work.held.guard(session)
        sealed = seal(session)
    events = sealed.events if sealed is not None else 0
    return Result(content={"sealed": events}, summary={"sealed": events})


def archive_audit(work: Work) -> Result:
    """Brings events of the audit trail that are old enough into files, part by part; nothing where they stay for good.

    A part that was written and not noted, because the job was killed, is written anew with the same bytes.
    """
    years, events = work.settings.audit_keep_years, 0
    while years:
        with work.database.read() as session:
            part = trail.write_part(session, work.settings.file_store, trail.cut(work.as_of, years))
        if part is None:
            break
        with work.database.write(work.worker) as session:
            work.held.guard(session)
            trail.note_part(session, part)
        events += len(part.ids)
    return Result(content={"archived": events}, summary={"archived": events})


def work_off_uploads(work: Work) -> Result:
    """Takes up tables that wait because the process that took them in has ended."""
    from app.tabular.uploads.working import work_off

    counts = {"tables": work_off(work.database, work.as_of)}
    return Result(content=dict(counts), summary=dict(counts))


def has_table_waiting(database: Database) -> bool:
    """Whether a table waits for a worker."""
    with database.read() as session:
        return upload_queries.any_waiting(session)


def tidy(work: Work) -> Result:
    """Removes what nobody asks for any more: stored answers, old runs of jobs, bytes of tables that were handed in."""
    from app.http.once import KEPT

    now = utc_now()
    with work.database.write(work.worker) as session:
        work.held.guard(session)
        counts = {
            "answers": queries.forget_answers(session, now - KEPT),
            "runs": queries.forget_runs(session, now - HISTORY),
            "sessions": queries.forget_sessions(session, now - SESSIONS),
            "links": queries.forget_links(session, now - SESSIONS),
            "uploads": upload_queries.forget_files(session, now - UPLOADS),
        }
        if days := work.settings.message_keep_days:
            counts["texts"] = outbox_queries.forget_texts(session, now - dt.timedelta(days=days))
    return Result(content=dict(counts), summary=dict(counts))


def clear_release_files(work: Work) -> Result:
    """Removes bytes of releases that were withdrawn, followed or never published, once they are old enough."""
    from app.publishing.releasing.keeping import clear

    done = clear(work.database, work.settings, work.worker)
    counts = {"files": done.files, "bytes": done.bytes, "busy": int(done.busy)}
    return Result(content=dict(counts), summary=dict(counts))


def recompute_obligations(work: Work) -> Result:
    """Judges every project, whatever the versions of its rows say."""
    outcome = refresh(
        work.database,
        work.as_of,
        cause="weekly recomputation",
        thorough=True,
        progress=lambda _done, _all: work.held.renew(),
    )
    counts = {"projects": outcome.projects, "changed": outcome.changed}
    return Result(content=dict(counts), summary=dict(counts))
