"""Statements of the jobs: leases, runs, alerts recorded once, and the outbox."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import (
    CursorResult,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Session

from app.db.alerts import Alert, JobRun
from app.db.base import table
from app.db.pages import SignInAttempt, SignInLink, WebSession
from app.db.people import IdempotencyKey
from app.db.shapes import shaped

_run, _alert = table(JobRun).c, table(Alert).c


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a job."""

    job: str
    as_of: dt.date
    started_at: dt.datetime
    #: running | done | failed
    outcome: str
    #: what the job says of itself, for JSON
    summary: dict[str, object]
    error: str | None


def fail_lost_runs(session: Session, job: str, finished_at: dt.datetime) -> None:
    """Runs whose worker went away without a word, so that nobody waits for them."""
    session.execute(
        update(table(JobRun))
        .where(_run.job == job, _run.outcome == "running")
        .values(outcome="failed", finished_at=finished_at, error="the worker went away before it was done")
    )


def last_runs(session: Session) -> dict[str, LastRun]:
    """The newest run of each job."""
    newest = select(func.max(_run.id)).group_by(_run.job)
    statement = select(_run.job, _run.as_of, _run.started_at, _run.outcome, _run.summary, _run.error)
    return {run.job: run for run in shaped(LastRun, session.execute(statement.where(_run.id.in_(newest))))}


def was_done(session: Session, job: str, as_of: dt.date) -> bool:
    """Whether the job was done for that day."""
    found = select(_run.id).where(_run.job == job, _run.as_of == as_of, _run.outcome == "done").limit(1)
    return session.execute(found).first() is not None


def forget_runs(session: Session, before: dt.datetime) -> int:
    """Removes runs that recorded nothing; those that alerts refer to stay."""
    referred = select(literal(1)).where(_alert.run_id == _run.id).exists()
    result = session.execute(delete(table(JobRun)).where(_run.started_at < before, ~referred))
    return result.rowcount if isinstance(result, CursorResult) else 0


def forget_answers(session: Session, before: dt.datetime) -> int:
    """Removes stored answers to requests that nobody repeats any more."""
    keys = table(IdempotencyKey)
    result = session.execute(delete(keys).where(keys.c.created_at < before))
    return result.rowcount if isinstance(result, CursorResult) else 0


def forget_sessions(session: Session, before: dt.datetime) -> int:
    """Removes sessions that ended before then, but for each person's newest, which tells the last sign-in and no more:
    what was typed and never stored goes."""
    row, later = table(WebSession), table(WebSession).alias("later")
    newer = select(literal(1)).where(later.c.user_id == row.c.user_id, later.c.id > row.c.id).exists()
    over = or_(row.c.ended_at < before, row.c.expires_at < before)
    found = _count(session.execute(delete(row).where(over, newer)))
    session.execute(update(row).where(over, row.c.kept_form.is_not(None)).values(kept_path=None, kept_form=None))
    return found


def forget_links(session: Session, before: dt.datetime) -> int:
    """Removes one-time links that can sign nobody in any more, and attempts that count no longer."""
    links, attempts = table(SignInLink), table(SignInAttempt)
    found = _count(session.execute(delete(links).where(links.c.expires_at < before)))
    return found + _count(session.execute(delete(attempts).where(attempts.c.at < before)))


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
