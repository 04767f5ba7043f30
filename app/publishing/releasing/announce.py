"""A release and the registry: what is still to be told there, and what came of it.

The registry is asked after the switch, outside of any transaction, and each time anew: what failed, was never told, or
was altered there meanwhile is put right by the next run, and what stands there as it should is left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import Database
from app.publishing.registering import queries as registered
from app.publishing.registering.files import PublishedFile, WithdrawnFile
from app.publishing.registering.published import address_of, as_public, published_files
from app.publishing.registering.service import register
from app.publishing.releasing import queries
from app.publishing.releasing.queries import FileRow, OutcomeRow, PublicRow

REGISTRY = "registry"
_OUTCOMES = {
    "created": "published",
    "updated": "updated",
    "unchanged": "unchanged",
    "withdrawn": "withdrawn",
    "absent": "withdrawn",
    "failed": "failed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What is to stand in the registry, and what is not any more."""

    files: list[PublishedFile]
    withdrawn: list[WithdrawnFile]

    @property
    def nothing(self) -> bool:
        return not self.files and not self.withdrawn


def standing(database: Database, settings: Settings) -> Standing:
    """What is to stand in the registry of the settings; nothing when there is none."""
    if not settings.registry_kind:
        return Standing(files=[], withdrawn=[])
    with database.read() as session:
        known = {entry.dataset: entry for entry in registered.entries(session, settings.registry_url)}
        gone = [row for row in queries.public_files(session) if row.file_id is None]
    withdrawn = [
        _gone(row, settings)
        for row in gone
        # of what a run that was killed has registered nothing may be known here
        if (entry := known.get(row.dataset)) is None or entry.outcome not in ("withdrawn", "absent")
    ]
    return Standing(files=published_files(database, settings), withdrawn=withdrawn)


def _gone(row: PublicRow, settings: Settings) -> WithdrawnFile:
    return WithdrawnFile(
        dataset=row.dataset, reporting_org=row.reporting_org, address=address_of(row.dataset, settings)
    )


def announce(
    database: Database,
    settings: Settings,
    *,
    actor: str,
    progress: Callable[[int, int], None],
    renew: Callable[[], None],
) -> list[OutcomeRow]:
    """Tells the registry; what came of each dataset. ``renew`` is called between requests."""
    wanted = standing(database, settings)
    if wanted.nothing:
        return []
    done = register(
        database, settings, wanted.files, withdrawn=wanted.withdrawn, actor=actor, progress=progress, renew=renew
    )
    now = utc_now()
    if done.not_set_up:
        names = [*(file.dataset for file in wanted.files), *(gone.dataset for gone in wanted.withdrawn)]
        return [OutcomeRow(name, REGISTRY, "failed", done.not_set_up, now) for name in names]
    return [OutcomeRow(each.dataset, REGISTRY, _OUTCOMES[each.done], each.words, now) for each in done.outcomes]


def planned(
    database: Database, settings: Settings, files: list[FileRow], withdrawn: list[OutcomeRow], *, actor: str
) -> list[str]:
    """The requests that the registry would get for these files, in words."""
    if not settings.registry_kind:
        return []
    with database.read() as session:
        names = registered.names_of(session, {file.reporting_org for file in files})
        public = {row.dataset: row for row in queries.public_files(session)}
    gone = [_gone(public[row.dataset], settings) for row in withdrawn]
    done = register(
        database,
        settings,
        [as_public(file, names, settings) for file in files],
        withdrawn=gone,
        actor=actor,
        dry_run=True,
    )
    if done.not_set_up:
        return [done.not_set_up]
    said = []
    for each in done.outcomes:
        request = each.planned
        if request is not None:
            body = "" if request.body is None else " with " + ", ".join(f"{k}={v}" for k, v in request.body.items())
            said.append(f"{request.method} {request.url}{body}")
        elif each.done == "failed":
            said.append(f"nothing for {each.dataset}: {each.words}")
    return said
