"""Looks daily whether public addresses, the registry and its downloader still agree with what was published.

What does not agree is told once, to everybody who publishes; it is told again only after it agreed in between.
"""

from app.alerts import queries, queries_publishers
from app.config import Settings
from app.db.alerts import JobRun
from app.domain.told import Told
from app.outbox.notices import Notice, put
from app.publishing.registering.checking import Check, Checked, check
from app.publishing.registering.published import published_files
from app.work import Result, Work

JOB = "publication-check"


def publication_check(work: Work) -> Result:
    """Compares, and tells what does not agree any more. Without anything public to the world there is nothing."""
    files = published_files(work.database, work.settings)
    if not files or not _for_the_world(work.settings):
        return Result(content={"datasets": 0, "recorded": [], "messages": 0}, summary={"open": []})
    found = check(
        work.database,
        work.settings,
        files,
        actor=work.worker,
        renew=work.held.renew,
    )
    wrong = {_key(each): each for each in found.checks if _is_wrong(found, each)}
    with work.database.write(work.worker) as session:
        work.held.guard(session)
        last = queries.last_done(session, JOB)
        known = _open_after(last)
        new = {key: each for key, each in wrong.items() if key not in known}
        messages = 0
        if new:
            people = queries_publishers.publishers(session)
            messages = put(session, work.settings, _notice(work, new), people)
    recorded = [{"dataset": each.dataset or None, "topic": each.topic, "message": each.words} for each in new.values()]
    return Result(
        content={"datasets": len(files), "recorded": recorded, "messages": messages},
        summary={"datasets": len(files), "open": sorted(wrong), "messages": messages},
    )


def _for_the_world(settings: Settings) -> bool:
    """Whether the public addresses are meant for others: without a registry, one of this machine or office is not."""
    return bool(settings.registry_kind) or settings.files_address.startswith("https://")


def _open_after(run: JobRun | None) -> set[str]:
    """What did not agree after a run, by its keys."""
    listed = run.summary.get("open") if run is not None else None
    return {str(each) for each in listed} if isinstance(listed, list) else set()


def _is_wrong(found: Checked, each: Check) -> bool:
    """Whether somebody has to look at it. Where no registry is meant, nobody misses its settings."""
    if not found.kind and each.topic not in ("address", "arrival"):
        return False
    return each.state in ("failed", "missing")


def _key(each: Check) -> str:
    return f"{each.topic} {each.dataset}".strip()


def _notice(work: Work, new: dict[str, Check]) -> Notice:
    if len(new) > 1:
        subject = Told("What is published and what the world sees: %(count)s things do not agree", count=len(new))
    else:
        subject = Told("What is published and what the world sees: one thing does not agree")
    return Notice(
        event="publication.disagrees",
        key=f"{work.as_of} {' | '.join(sorted(new))}",
        subject=subject,
        opening=Told("This was found on %(day)s and was not so, or not known, the day before:", day=work.as_of),
        lines=tuple(each.words for each in new.values()),
        closing=Told("Each is told once. To look again: earmark registry check"),
    )
