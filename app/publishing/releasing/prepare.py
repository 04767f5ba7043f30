"""Preparing a release: the records as of now become files that never change, with everything to know about them.

Rendered records and those that are public walk side by side in the order of their identifiers. Memory does not grow
with what records hold: files, lists and lines wait on disk.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

import httpx
from sqlmodel import Session

from app.config import Settings
from app.db.engine import Database, in_batches
from app.db.leases import worker_name
from app.db.lookups import calendar_of
from app.db.organisation import Setup
from app.db.publishing import Release
from app.domain.access import Actor, Right
from app.domain.datasets import ORGANISATION
from app.domain.periods import CALENDAR_YEARS, FiscalCalendar
from app.domain.terms import ReleaseState
from app.errors import Conflict, NotSetUp
from app.pace import without_searches
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.fragments import Rendered, Spared, content_hash, restamped, stamp_of
from app.publishing.exporting.organisation_file import identifier_of, organisations
from app.publishing.exporting.parts import Exclusion
from app.publishing.exporting.published import archived, compare
from app.publishing.exporting.rendering import Beside, render_beside
from app.publishing.releasing import live as live_files
from app.publishing.releasing import queries
from app.publishing.releasing.changes import NOT_COMPARED, Changes
from app.publishing.releasing.differing import Differs, differs
from app.publishing.releasing.files import Released, ReleaseWriter
from app.publishing.releasing.judging import AHEAD, Judging
from app.publishing.releasing.outcome import Outcome
from app.publishing.releasing.parts import part_of
from app.publishing.releasing.queries import FileRow
from app.publishing.releasing.records import Before, Placed, ReleasedList, released
from app.publishing.releasing.spared import parted, spared
from app.publishing.releasing.store import FileStore
from app.publishing.releasing.turns import one_at_a_time
from app.publishing.releasing.wanted import Wanted
from iati.codelists import registered_publishers
from iati.processes import usable_cores
from iati.writer import write_organisation

Progress = Callable[[int, int], None]

#: activities after which the lease is renewed and progress told
_TOLD_AFTER = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """What came of preparing."""

    number: int
    #: False: nothing differs from this release, which was there before
    made: bool


def prepare(
    database: Database,
    settings: Settings,
    actor: Actor,
    wanted: Wanted,
    *,
    progress: Progress | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Prepared:
    """Prepares a release from the state of the records. What is the same as a release that waits, or as what is
    public, makes no other one.

    :raises Conflict: when another worker prepares or publishes, or there is nothing to publish.
    :raises InvalidInput: when what is published already cannot be read.
    :raises StorageFailed: when the file store is full or cannot be written to; nothing is prepared then.
    """
    actor.require(Right.PUBLISH)
    store = FileStore(settings.file_store)
    with one_at_a_time(database, worker_name()) as held, store.working() as folder:
        work = _Preparation(
            database=database,
            settings=settings,
            store=store,
            folder=folder,
            wanted=wanted,
            live=live_files.fetched(
                wanted.live,
                folder,
                max_bytes=settings.max_import_file,
                # a person at this machine may name what lies in the inner network; a caller of the API may not
                allow_private=actor.user_id is None or settings.webhook_allow_private,
                transport=transport,
            ),
            progress=progress,
            renew=held.renew,
        )
        with closing(work.changes), closing(work.writer), closing(work.judging):
            work.run()
        with database.write(actor.name) as session:
            held.guard(session)
            outcome = work.outcome
            if (same := outcome.same_as(session)) is not None:
                return Prepared(number=same.number, made=False)
            return Prepared(number=outcome.store(session, actor), made=True)


class _Preparation:
    """One release while it is made."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        store: FileStore,
        folder: Path,
        wanted: Wanted,
        live: list[live_files.LiveFile],
        progress: Progress | None,
        renew: Callable[[], None],
    ) -> None:
        self.database, self.settings, self.store, self.folder = database, settings, store, folder
        self.wanted, self.live = wanted, live
        self.progress, self.renew = progress, renew
        self.account = ExportAccount()
        jobs = min(settings.release_jobs, usable_cores())
        self.ahead = AHEAD if jobs > 1 else 0
        self.files: list[Released] = []
        self.previous: Release | None = None
        #: what the world gets now
        self.public: list[FileRow] = []
        #: whether nothing was ever published from here
        self.first = True
        self.changes = Changes(folder)
        #: newest content of what is public, by dataset
        self.moments: dict[str, dt.datetime | None] = {}
        self.writer = ReleaseWriter(store, folder, max_bytes=wanted.max_bytes, before=self.moments.get)
        self.judging = Judging(
            as_of=wanted.as_of, data_dir=settings.data_dir, jobs=jobs, settle=self._settle, before=self._public_before
        )
        #: what was public, while it is walked along
        self.before: Before | None = None
        self.reporters: dict[int, str] = {}
        self.own: tuple[int, str | None] | None = None
        self.calendar: FiscalCalendar = CALENDAR_YEARS
        #: why what is published already has to be looked at by a person; empty: it was compared, or there is none
        self.unseen = ""
        #: code → identifier of activities that are not in the release
        self.kept_out: dict[str, str] = {}

    def run(self) -> None:
        """Renders, judges, compares and writes everything."""
        with without_searches(), self.database.read() as session, in_batches(session):
            self.previous = queries.newest(session, ReleaseState.PUBLISHED)
            self.public = queries.files_in_public(session)
            self.first = not queries.was_public(session)
            self.reporters, self.own = queries.reporters(session), queries.own_organisation(session)
            setup = session.get(Setup, 1)
            self.calendar = CALENDAR_YEARS if setup is None else calendar_of(setup)
            self.moments.update({file.dataset: file.content_at for file in self.public})
            with self._before("iati-activities") as before:
                self.before = before
                self._activities(session, before)
            with self._before("iati-organisations") as before:
                self._organisations(session, before)
            compare(session, self.account)
            self.changes.explain(self._reasons(session))
            if self.first and not self.live:
                self.unseen = self._published_elsewhere(session)
                if self.unseen:
                    told = (
                        f"what you publish today was not compared with this release ({self.unseen}): prepare it again "
                        "with --live ADDRESS or FOLDER, so that nothing goes away unseen"
                    )
                    self.changes.note("everything", NOT_COMPARED, told)
        self.files = self.writer.finish()
        self.changes.files({file.dataset for file in self.public}, {file.dataset for file in self.files})
        for dataset in self.writer.oversized:
            self.changes.note(dataset, "dataset", "holds a record that is larger than a file may be.")
        if not self.files:
            why = self.account.held_back or self.account.exclusions
            raise Conflict(
                "There is nothing to publish: none of the activities may be, for the reasons that `earmark export "
                "activities` lists."
                if why
                else "There is nothing to publish yet: add projects, or import files."
            )

    def _settle(self) -> None:
        """Waits until this process has no further thread."""
        self.writer.settle()
        if self.before is not None:
            self.before.settle()

    def _public_before(self, rendered: Rendered) -> bytes | None:
        """What is public of an activity that comes soon, where that is something else."""
        identifier = str(rendered.project["iati_identifier"])
        return None if self.before is None else self.before.otherwise(identifier, rendered.content)

    def _before(self, file_type: str) -> Before:
        """What is public of one kind: from here, else by the files that are published elsewhere."""
        if self.public:
            lists = [
                ReleasedList(file.sha256, file.records_sha256) for file in self.public if file.file_type == file_type
            ]
            return Before(released(self.store, lists), self.store, lists if file_type == "iati-activities" else ())
        live = live_files.live_records(self.live, self.folder, file_type)
        for record in live.nameless:
            self.changes.nameless(f"the record in line {record.line} of {record.source}")
        return Before(live.records, self.store)

    def _reasons(self, session: Session) -> dict[str, str]:
        """Why records are not in the release, by identifier."""
        left = (*self.account.exclusions, *self.account.held_back)
        kept_out = {each.project: each.reason for each in left if each.what == "activity"}
        # of drafts and of what is withheld nothing was rendered; only what was published elsewhere is gone by its name
        unnamed = kept_out.keys() - self.kept_out.keys() if self.live else ()
        named = self.kept_out | queries.identifiers_by_code(session, unnamed)
        reasons = archived(session, self.changes.others_gone)
        reasons |= {named[code]: reason for code, reason in kept_out.items() if code in named}
        gone = queries.known_by(session, self.changes.others_gone) | self.changes.projects_gone
        present = queries.codes_and_identifiers(session, gone.values())
        for former, project in gone.items():
            code, identifier = present.get(project, ("", former))
            if code in kept_out:
                reasons[former] = kept_out[code]
            elif identifier != former:
                reasons[former] = f"it is {identifier} from now on"
        return reasons | {each.identifier: each.reason for each in self.account.gone}

    def _activities(self, session: Session, before: Before) -> None:
        compared = bool(self.public or self.live)
        total = queries.count_projects(session) if self.progress is not None else 0
        beside = Beside(
            look=self.judging.look, ahead=self.ahead, sparing=partial(spared, before), judged_by=self.judging.by
        )
        done = told = 0
        for some in render_beside(
            session, self.account, as_of=self.wanted.as_of, database=self.database, beside=beside
        ):
            if isinstance(some, Spared):
                self._unchanged(some, before)
                done += len(some.activities)
            else:
                self._activity(some, before, compared=compared)
                done += 1
            if done - told >= _TOLD_AFTER:
                told = done
                self.renew()
                if self.progress is not None:
                    self.progress(done, total)
        for record in before.rest():
            self.changes.gone(record.entry, must_accept=self.first)

    def _unchanged(self, some: Spared, before: Before) -> None:
        """Activities in a row that are public as they are: they are counted, and copied from where they are."""
        public = before.take_known([each.identifier for each in some.activities])
        for record in before.gone():
            self.changes.gone(record.entry, must_accept=self.first)
        both = zip(some.activities, public, strict=True)
        for organisation, of_one in groupby(both, key=lambda row: row[0].reporting_org_id):
            activities, records = zip(*of_one, strict=True)
            reporter = self.reporters[organisation]
            self.judging.known(activities, reporter)
            for part, of_part in parted(records, before, self.wanted.split, self.calendar):
                self.writer.copy(of_part, reporting_org=reporter, publisher=self._publisher(reporter), part=part)

    def _activity(self, rendered: Rendered, before: Before, *, compared: bool) -> None:
        project, xml = rendered.project, rendered.xml
        identifier, code = str(project["iati_identifier"]), str(project["code"])
        if xml is None:
            self.kept_out[code] = identifier
            return
        reporter = self.reporters[project["reporting_org_id"]]
        verdict = self.judging.activity(rendered, reporter)
        if verdict.critical:
            reason = " ".join(verdict.critical[:3])
            self.kept_out[code] = identifier
            self.account.held_back.append(Exclusion(project=code, what="activity", reason=reason))
            return
        was = before.take(identifier)
        for record in before.gone():
            self.changes.gone(record.entry, must_accept=self.first)
        written, stamp = self._compared(code, rendered, before, was, tell=compared, found=verdict.differs)
        self.writer.add(
            written,
            identifier=identifier,
            project_id=project["id"],
            code=code,
            content=rendered.content,
            stamp=stamp,
            reporting_org=reporter,
            publisher=self._publisher(reporter),
            part=part_of(xml, self.wanted.split, self.calendar),
        )

    def _compared(
        self, code: str, rendered: Rendered, before: Before, was: Placed | None, *, tell: bool, found: Differs | None
    ) -> tuple[bytes, str | None]:
        """A rendered activity as it is written, with its moment; how it differs from what was public is told.

        ``found``: the same, where it was looked for already.
        """
        xml, content = rendered.xml or "", rendered.content
        written, stamp = xml.encode(), stamp_of(xml)
        if was is not None and was.entry.content == content:
            if was.entry.stamp is not None and was.entry.stamp != stamp:
                # nothing that the world sees has changed, whatever has been touched
                written, stamp = restamped(xml, was.entry.stamp).encode(), was.entry.stamp
        elif was is not None:
            found = differs(before.xml(was), written) if found is None else found
            self.changes.changed(code, found, must_accept=self.first)
        else:
            self.changes.new(code, written, tell=tell)
        for other in before.also() if self.first else ():
            if other.entry.content != content:
                self.changes.further(code, differs(before.xml(other), written))
        return written, stamp

    def _organisations(self, session: Session, before: Before) -> None:
        """The organisation file of each publisher."""
        account = ExportAccount()
        try:
            records = organisations(session, account, self.wanted.as_of)
        except NotSetUp:
            records = []
        self.account.held_back.extend(account.held_back)
        self.account.exclusions.extend(account.exclusions)
        self.account.findings.extend(account.findings)
        written = [(write_organisation(record), record) for record in records]
        for xml, record in sorted(written, key=lambda pair: identifier_of(pair[1])):
            identifier = identifier_of(record)
            if critical := self.judging.organisation(xml.encode(), identifier):
                reason = " ".join(critical[:3])
                self.account.held_back.append(Exclusion(project=identifier, what="organisation", reason=reason))
                continue
            was, content, stamp = before.take(identifier), content_hash(xml), stamp_of(xml)
            if was is not None and was.entry.content == content and was.entry.stamp is not None:
                xml, stamp = restamped(xml, was.entry.stamp), was.entry.stamp
            elif was is not None and was.entry.content != content:
                self.changes.changed(identifier, differs(before.xml(was), xml.encode()), must_accept=self.first)
            elif was is None:
                self.changes.new(identifier, xml.encode(), tell=bool(self.public or self.live))
            reporter = (record.reporting_org.ref if record.reporting_org else None) or identifier
            self.writer.add(
                xml.encode(),
                identifier=identifier,
                project_id=None,
                code=identifier,
                content=content,
                stamp=stamp,
                reporting_org=reporter,
                publisher=self._publisher(reporter),
                part=ORGANISATION,
                file_type="iati-organisations",
            )
        for gone in [*before.gone(), *before.rest()]:
            self.changes.gone(gone.entry, must_accept=self.first)

    def _publisher(self, reporter: str) -> str:
        """How the names of a publisher's datasets begin."""
        own = self.own[1] if self.own is not None else None
        return self.settings.release_publisher if self.settings.release_publisher and reporter == own else reporter

    def _published_elsewhere(self, session: Session) -> str:
        """Why the organisation seems to publish already, elsewhere."""
        own = self.own[1] if self.own is not None else None
        if queries.took_over_files(session):
            return "published files were imported here"
        if own is not None and own in registered_publishers(data_dir=self.settings.data_dir):
            return f"{own} is a registered publisher"
        return ""

    @property
    def outcome(self) -> Outcome:
        """What came of it, once it has run."""
        return Outcome(
            wanted=self.wanted,
            files=self.files,
            account=self.account,
            judging=self.judging,
            changes=self.changes,
            compared_with=self._compared_with(),
            previous=self.previous,
        )

    def _compared_with(self) -> str:
        if self.public:
            return f"release {self.previous.number}" if self.previous is not None else "what is public"
        count = len(self.live)
        return f"{count} published file{'' if count == 1 else 's'}" if count else "nothing"
