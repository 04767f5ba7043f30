"""Publishing a release: its files take the place of what is public, all in one moment.

Everything before that moment may be done again, everything after it too: a run that was killed is completed by the
next one. Bytes are checked first; a dataset whose bytes are not as they were approved fails alone.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.config import Settings
from app.db.base import key, utc_now
from app.db.engine import Database
from app.db.leases import Held, worker_name
from app.db.publishing import Release
from app.domain.access import Actor, Right
from app.domain.releases import why_not_published, why_taken_back_waits
from app.domain.terms import ReleaseState
from app.errors import Conflict, NotFound, StorageFailed
from app.publishing.exporting import queries_published
from app.publishing.releasing import queries
from app.publishing.releasing.announce import announce, planned
from app.publishing.releasing.approving import find, standing
from app.publishing.releasing.places import agree
from app.publishing.releasing.queries import PUBLIC, FileRow, OutcomeRow, PublicRow
from app.publishing.releasing.records import RecordEntry, read_entries
from app.publishing.releasing.store import FileStore
from app.publishing.releasing.targets import XML, Target, target_of
from app.publishing.releasing.turns import one_at_a_time

_BATCH = 500

Progress = Callable[[int, int], None]


class TakenBackSince(Conflict):
    """A release holds what was taken back after its approval: it goes out when a person names it, never by itself."""

    def __init__(self, number: int, datasets: Sequence[str]) -> None:
        super().__init__(why_taken_back_waits(number, datasets))
        #: what was taken back
        self.datasets = tuple(datasets)


@dataclass(kw_only=True, slots=True)
class Publication:
    """What publishing came to, dataset by dataset."""

    number: int
    #: whether it is only told what would be done
    dry_run: bool = False
    #: whether everything was as it should be before
    nothing: bool = False
    outcomes: list[OutcomeRow] = field(default_factory=list)
    #: requests that registries would get, in words; of a dry run
    planned: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(each.outcome == "failed" for each in self.outcomes)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """What becomes of a dataset."""

    dataset: str
    outcome: str
    #: None: it is withdrawn
    file: FileRow | None
    reporting_org: str
    reason: str = ""


def publish(
    database: Database,
    settings: Settings,
    actor: Actor,
    *,
    number: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Publication:
    """Publishes an approved release, the newest when no number is given; completes one that was interrupted.

    What was taken back after the approval comes back only when a person names the release by its ``number``.

    :raises TakenBackSince: when it would bring back what was taken back.
    :raises Conflict: when it is not approved, comes too late, or another worker publishes.
    """
    actor.require(Right.PUBLISH)
    if dry_run:
        with database.read() as session:
            release, out = _chosen(session, number)
            steps = _steps(session, release, out)
        outcomes = [_outcome(step) for step in steps]
        return Publication(
            number=release.number,
            dry_run=True,
            outcomes=[*outcomes, *_left_out(release, out)],
            planned=planned(
                database,
                settings,
                [step.file for step in steps if step.file is not None],
                [each for each in outcomes if each.outcome == "withdrawn"],
                actor=actor.name,
            ),
        )
    with one_at_a_time(database, worker_name()) as held:
        with database.read() as session:
            release, out = _chosen(session, number)
            steps = _steps(session, release, out)
            done = release.state is ReleaseState.PUBLISHED and all(step.outcome == "unchanged" for step in steps)
        work = _Publishing(database, settings, actor, held, release)
        outcomes = [] if done else work.run(steps, progress)
        told = work.tell(outcomes, progress)
        if done and all(row.outcome == "unchanged" for row in told):
            return Publication(number=release.number, nothing=True, outcomes=_left_out(release, out))
        return Publication(number=release.number, outcomes=[*outcomes, *told, *_left_out(release, out)])


def _chosen(session: Session, number: int | None) -> tuple[Release, list[str]]:
    """The release that is to go out, or that has gone out already; and the datasets of it that stay taken back."""
    if number is not None:
        release = find(session, number)
    else:
        newest = queries.newest(session, ReleaseState.APPROVED)
        public = queries.newest(session, ReleaseState.PUBLISHED)
        if newest is None or (public is not None and public.number > newest.number):
            newest = public
        release = newest or find(session, None)
    is_public = release.state is ReleaseState.PUBLISHED
    if not is_public and (reason := why_not_published(standing(session, release))):
        raise Conflict(reason)
    out = []
    if number is None and release.approved_at is not None:
        out = queries.taken_back_since(session, key(release), release.approved_at)
    if out and not is_public:
        raise TakenBackSince(release.number, out)
    return release, out


def _left_out(release: Release, datasets: Sequence[str]) -> list[OutcomeRow]:
    """What is told of datasets that stay taken back."""
    words = f"it was taken back, and stays so; `earmark release publish {release.number}` brings it back"
    return [OutcomeRow(dataset, PUBLIC, "withdrawn", words, utc_now()) for dataset in datasets]


def _steps(session: Session, release: Release, out: Collection[str]) -> list[_Step]:
    """What becomes of every dataset that is public or is to be, by name; but for those that stay taken back."""
    public = {row.dataset: row for row in queries.public_files(session)}
    files = queries.files(session, key(release))
    steps = [_step(file, public.get(file.dataset)) for file in files if file.dataset not in out]
    mine = {file.dataset for file in files}
    steps += [
        _Step(
            dataset=row.dataset,
            outcome="withdrawn",
            file=None,
            reporting_org=row.reporting_org,
            reason="nothing is in it any more",
        )
        for row in public.values()
        if row.file_id is not None and row.dataset not in mine
    ]
    return sorted(steps, key=lambda step: step.dataset)


def _step(file: FileRow, public: PublicRow | None) -> _Step:
    outcome, reason = "published", ""
    if public is not None and public.reporting_org != file.reporting_org:
        outcome = "failed"
        reason = (
            f"the name {file.dataset} belongs to files of {public.reporting_org}, and never changes its publisher: set "
            "EARMARK_RELEASE_PUBLISHER to another beginning."
        )
    elif public is not None and public.file_id is not None:
        outcome = "unchanged" if public.sha256 == file.sha256 else "updated"
    return _Step(dataset=file.dataset, outcome=outcome, file=file, reporting_org=file.reporting_org, reason=reason)


def _outcome(step: _Step) -> OutcomeRow:
    return OutcomeRow(step.dataset, PUBLIC, step.outcome, step.reason, utc_now())


@dataclass(slots=True)
class _Publishing:
    """One run."""

    database: Database
    settings: Settings
    actor: Actor
    held: Held
    release: Release

    def run(self, steps: Sequence[_Step], progress: Progress | None) -> list[OutcomeRow]:
        """Does every step; gives what came of it."""
        store, target = FileStore(self.settings.file_store), target_of(self.settings)
        checked: list[_Step] = []
        for done, step in enumerate(steps):
            checked.append(self._bring(step, store, target))
            self.held.renew()
            if progress is not None:
                progress(done + 1, len(steps))
        for step in checked:
            if step.file is not None and step.outcome not in ("failed", "unchanged"):
                record_seen(self.database, store, step.file)
        outcomes = [_outcome(step) for step in checked]
        with self.database.write(self.actor.name) as session:
            self.held.guard(session)
            self._switch(session, checked, outcomes)
        return outcomes

    def tell(self, known: Sequence[OutcomeRow], progress: Progress | None) -> list[OutcomeRow]:
        """Brings the place that the organisation serves into agreement with what is public now, and the registry.

        What is ``known`` of this run is not told again.
        """
        said = {(row.dataset, row.outcome) for row in known}
        agreed = agree(self.database, self.settings, renew=self.held.renew)
        outcomes = [row for row in agreed if (row.dataset, row.outcome) not in said]
        outcomes += announce(
            self.database,
            self.settings,
            actor=self.actor.name,
            progress=progress or (lambda _done, _all: None),
            renew=self.held.renew,
        )
        if outcomes:
            with self.database.write(self.actor.name) as session:
                self.held.guard(session)
                queries.note_outcomes(session, key(self.release), outcomes)
        return outcomes

    def _bring(self, step: _Step, store: FileStore, target: Target | None) -> _Step:
        """Checks the bytes of a dataset and brings them to where they are served from."""
        if step.file is None or step.outcome == "failed":
            return step
        try:
            if not store.verified(step.file.sha256, step.file.size):
                raise StorageFailed(
                    f"The file store {store.folder} no longer holds {step.dataset} as it was approved: bring the "
                    "folder back from a backup, or prepare a new release."
                )
            store.pack(step.file.sha256)
            if target is not None:
                target.put(f"{step.dataset}.xml", store.path(step.file.sha256), XML)
        except StorageFailed as error:
            return _Step(
                dataset=step.dataset,
                outcome="failed",
                file=step.file,
                reporting_org=step.reporting_org,
                reason=error.message,
            )
        return step

    def _switch(self, session: Session, steps: Sequence[_Step], outcomes: Sequence[OutcomeRow]) -> None:
        """The moment: from here on the world gets this release, but for datasets that failed."""
        now = utc_now().replace(microsecond=0)
        release = find(session, self.release.number, hold=True)
        for step in steps:
            if step.outcome in ("published", "updated"):
                file_id = None if step.file is None else step.file.id
                queries.put_public(session, step.dataset, file_id, step.reporting_org, now)
            elif step.outcome == "unchanged" and step.file is not None:
                # the same bytes: whoever reads them is told of no change
                queries.name_public(session, step.dataset, step.file.id)
            elif step.outcome == "withdrawn":
                queries.put_public(session, step.dataset, None, step.reporting_org, now)
        queries.note_outcomes(session, key(release), outcomes)
        if any(step.outcome == "failed" for step in steps) or release.state is ReleaseState.PUBLISHED:
            return
        before = queries.newest(session, ReleaseState.PUBLISHED)
        if before is not None:
            before.state = ReleaseState.SUPERSEDED
        if release.state is ReleaseState.WITHDRAWN:
            said = f"Published again on {now.date()} by {self.actor.name}."
            release.note = f"{release.note}\n{said}" if release.note else said
        release.state, release.published_at = ReleaseState.PUBLISHED, utc_now()
        session.flush()


def record_seen(database: Database, store: FileStore, file: FileRow) -> None:
    """Freezes the identifiers of a file: the world knows them from now on."""
    with store.open(file.records_sha256) as stream:
        if file.file_type == "iati-organisations":
            with database.write("release") as session:
                organisations = [entry.identifier for entry in read_entries(stream)]
                queries_published.record_organisations(session, organisations, "release")
            return
        for some in _batches(read_entries(stream)):
            keys = [entry.project_id for entry in some if entry.project_id is not None]
            with database.read() as session:
                known = queries_published.recorded(session, keys)
            now = utc_now()
            rows = [
                {
                    "identifier": entry.identifier,
                    "project_id": entry.project_id,
                    "reporting_org": file.reporting_org,
                    "recorded_at": now,
                    "recorded_by": "release",
                }
                for entry in some
                if entry.project_id is not None and known.get(entry.identifier) != file.reporting_org
            ]
            if rows:
                with database.write("release") as session:
                    queries_published.record(session, rows)


def _batches(entries: Iterator[RecordEntry]) -> Iterator[list[RecordEntry]]:
    batch: list[RecordEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def withdraw(
    database: Database,
    settings: Settings,
    actor: Actor,
    *,
    reason: str,
    datasets: Sequence[str] = (),
    number: int | None = None,
) -> Publication:
    """Takes back what is public: all of it, or some datasets. ``number``: of the release that is meant.

    Run again it completes what was interrupted, in the folder or bucket and in the registry.

    :raises NotFound: when a dataset is not public.
    :raises Conflict: when nothing is public, another release is, or another worker publishes.
    """
    actor.require(Right.PUBLISH)
    with one_at_a_time(database, worker_name()) as held:
        with database.write(actor.name) as session:
            held.guard(session)
            rows = {row.dataset: row for row in queries.public_files(session)}
            public = {row.dataset: row for row in rows.values() if row.file_id is not None}
            if unknown := sorted(set(datasets) - rows.keys()):
                raise NotFound(f"Not public: {', '.join(unknown)}. Public are: {', '.join(sorted(public)) or 'none'}.")
            release = queries.newest(session, ReleaseState.PUBLISHED) or queries.newest(session, ReleaseState.WITHDRAWN)
            if release is None:
                raise Conflict(_NOTHING)
            if number is not None and number != release.number:
                raise Conflict(f"Release {number} is not public: release {release.number} is.")
            wanted = [public[name] for name in sorted(datasets or public) if name in public]
            outcomes = _taken_back(session, release, wanted, reason, all_of_it=len(wanted) == len(public))
        told = _Publishing(database, settings, actor, held, release).tell(outcomes, None)
    if not wanted and all(row.outcome == "unchanged" for row in told):
        if datasets:
            raise NotFound(f"Not public: {', '.join(datasets)}. Public are: {', '.join(sorted(public)) or 'none'}.")
        raise Conflict(_NOTHING)
    return Publication(number=release.number, outcomes=[*outcomes, *told])


_NOTHING = "Nothing is public, so that there is nothing to take back."


def _taken_back(
    session: Session, release: Release, rows: Sequence[PublicRow], reason: str, *, all_of_it: bool
) -> list[OutcomeRow]:
    """The moment: from here on nobody gets these datasets."""
    now = utc_now()
    outcomes = [OutcomeRow(row.dataset, PUBLIC, "withdrawn", reason, now) for row in rows]
    if not rows:
        return outcomes
    for row in rows:
        queries.put_public(session, row.dataset, None, row.reporting_org, now.replace(microsecond=0))
    queries.note_outcomes(session, key(release), outcomes)
    if all_of_it:
        release.state = ReleaseState.WITHDRAWN
    said = _told(rows, reason, now)
    release.note = f"{release.note}\n{said}" if release.note else said
    session.flush()
    return outcomes


def _told(rows: Sequence[PublicRow], reason: str, at: dt.datetime) -> str:
    return f"Taken back on {at.date()}: {', '.join(row.dataset for row in rows)}. {reason}"
