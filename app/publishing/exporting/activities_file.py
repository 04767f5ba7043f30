"""Activities out of the database into one file, streamed in the order of their identifiers."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from app.atomic import whole_file
from app.db.engine import Database, in_batches
from app.domain.disclosure import withheld
from app.domain.terms import Origin
from app.errors import NotFound, StorageFailed
from app.pace import breathe, without_searches
from app.publishing.drafts import why_held_back
from app.publishing.exporting import fragments, queries, queries_fragments, queries_published, queries_rows
from app.publishing.exporting.account import ExportAccount, Remark
from app.publishing.exporting.compose import compose_together
from app.publishing.exporting.fetch import fetch
from app.publishing.exporting.fragments import Rendered, Spared
from app.publishing.exporting.money import EXPENDITURE_BY_MONTH
from app.publishing.exporting.parts import Composed, Days, Exclusion
from app.publishing.exporting.published import Seen, compare
from app.publishing.exporting.rows import BriefRow, ProjectRow, Rows, SetupRow
from iati.lexical import format_datetime
from iati.validator.schema import all_valid, complaints
from iati.writer import ActivitiesFile, UnwritableText

#: activities that are rendered, then checked one after the other: the schema's automaton stays in the processor's
#: cache, which halves the cost, and few composed activities wait in memory
_TOGETHER = 100
#: of these so many are composed at once
_COMPOSED_TOGETHER = 50
#: of these so many are one document for the schema
_CHECKED_TOGETHER = 10


def export_activities(
    database: Database,
    out: BinaryIO | Path,
    *,
    as_of: dt.date,
    projects: Collection[str] | None = None,
    store: bool = True,
    drafts: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ExportAccount:
    """Writes the activities that may be published on a day.

    ``projects``: only those with one of these codes or IATI identifiers; raises NotFound when one is unknown.
    ``drafts``: with those that break the standard, which makes the file invalid: to be mended elsewhere, so that it
    does not count as published. ``store``: keep rendered fragments for the next time. A path is written whole or not at
    all, and nothing is written when there is no activity to write: the schema allows no empty file, and readers would
    take all for gone. Memory does not grow with the number of activities.
    """
    account = ExportAccount()
    with Seen() as seen:
        with without_searches(), database.read(aside=True) as session, in_batches(session):
            if projects is not None:
                _refuse_unknown(session, projects)
            newest = queries.newest_change(session, as_of=as_of, codes=projects, drafts=drafts)
            total = queries.count_projects(session, codes=projects) if progress is not None else 0
            moment = None if newest is None else format_datetime(newest.astimezone(dt.UTC))
            kept_in = database if store else None
            rendering = render(session, account, as_of=as_of, codes=projects, drafts=drafts, database=kept_in)
            written = ((each.project, each.xml) for each in rendering if each.xml is not None)
            if (first := next(written, None)) is not None:
                with _stream(out) as stream, ActivitiesFile(stream, generated_datetime=moment) as file:
                    for project, xml in chain((first,), written):
                        file.write_fragment(xml)
                        account.written += 1
                        seen.add(session, project, account)
                        if progress is not None:
                            progress(account.written, total)
            seen.look(session, account)
            if account.written and queries.has_expenditure(session, codes=projects):
                told = Remark(rule="earmark.export.expenditure-by-month", message=EXPENDITURE_BY_MONTH)
                account.findings.append(told)
            _remark_reporters(session, seen.reporters, account)
            if projects is None and not drafts:
                compare(session, account)
                _remark_refusals(session, account)
        if account.written and not drafts:
            seen.store(database, account)
        if not account.written:
            account.nothing = _why_nothing(account, chosen=projects is not None)
    return account


def _stream(out: BinaryIO | Path) -> AbstractContextManager[BinaryIO]:
    return whole_file(out) if isinstance(out, Path) else nullcontext(out)


def _why_nothing(account: ExportAccount, *, chosen: bool) -> str:
    if account.held_back or account.exclusions:
        why = "none of the activities may be published, for the reasons above"
    elif chosen:
        why = "the chosen projects are archived; restore them first"
    else:
        why = "there is no activity yet; add projects, or import published files"
    return f"No file was written: {why}."


def _remark_reporters(session: Session, reporters: Collection[int], account: ExportAccount) -> None:
    if len(reporters) > 1:
        named = queries.organisations(session, reporters)
        names = ", ".join(sorted(row.identifier or row.name for row in named.values()))
        account.findings.append(
            Remark(
                rule="earmark.export.mixed-reporting-organisations",
                message=f"The file holds activities of {len(reporters)} reporting organisations ({names}); "
                "registries expect one for each file.",
            )
        )


def _remark_refusals(session: Session, account: ExportAccount) -> None:
    """Activities that never came in are missing from the file too."""
    for name, day, count in queries_published.refusals(session):
        refused = "1 activity was" if count == 1 else f"{count} activities were"
        message = f"{refused} refused at the last import of {name} ({day}), and cannot be published from here."
        account.findings.append(Remark(rule="earmark.export.refused-at-import", message=message))


def _refuse_unknown(session: Session, codes: Collection[str]) -> None:
    unknown = queries.unknown_codes(session, codes)
    if unknown:
        raise NotFound(f"No project has the code or identifier {', '.join(unknown)}.")


def render(
    session: Session,
    account: ExportAccount,
    *,
    as_of: dt.date,
    codes: Collection[str] | None = None,
    drafts: bool = False,
    database: Database | None = None,
    look: Callable[[Sequence[Rendered]], None] | None = None,
    ahead: int = 0,
    spared: Spared | None = None,
) -> Iterator[Rendered]:
    """Activities as XML in the order of their identifiers; what is left out is told to the account.

    ``drafts``: with those that break the standard. ``database``: where new fragments are stored; None: nowhere.
    ``look``: is shown the next activities, some hundred together, before they come one by one; ``ahead``: so many more
    times before the first of them comes. ``spared``: which projects of a batch come without XML, because
    whoever asks has that of their stored fragments.
    """
    setup = queries.setup(session)
    reached = Days(as_of).reached
    together = queries.BRIEF_BATCH if spared is None else queries.SPARED_BATCH
    for batch in queries.project_batches(session, codes=codes, together=together):
        due = [
            project
            for project in batch
            if not _withheld(project, reached, account) and (drafts or not _draft(project, account))
        ]
        database = yield from _rendered(
            session, account, due, setup, as_of=as_of, database=database, look=look, ahead=ahead, spared=spared
        )
        # the rows of the batch are gone by now, so that there is little to look at
        breathe()


def _rendered(
    session: Session,
    account: ExportAccount,
    due: list[BriefRow],
    setup: SetupRow | None,
    *,
    as_of: dt.date,
    database: Database | None,
    look: Callable[[Sequence[Rendered]], None] | None,
    ahead: int,
    spared: Spared | None,
) -> Generator[Rendered, None, Database | None]:
    """The projects of a batch as XML; returns where the fragments of the next batch are stored."""
    mappings = _mappings(session, due, fragments.mapping_of(setup))
    versions = {project["id"]: project["content_version"] for project in due}
    kept = fragments.stored(session, mappings, versions, as_of, brief=spared is not None) if due else {}
    # stored fragments of which the XML is still to be fetched, a group at a time
    brief = set() if spared is None else kept.keys() - spared(due, kept)
    fresh = _Fresh(session, [project["id"] for project in due if project["id"] not in kept], setup, as_of)
    new: list[dict[str, object]] = []
    looked_at: deque[list[Rendered]] = deque()
    for group in chain(_groups(due, kept, brief), repeat([], ahead)):
        needed = [project["id"] for project in group if project["id"] in brief]
        texts = queries_fragments.texts(session, needed) if needed else {}
        some = [
            Rendered(project, texts.get(project["id"], found.xml), None, found)
            if (found := kept.pop(project["id"], None)) is not None
            else fresh.written(project["id"])
            for project in group
        ]
        checked = _checked(some)
        if look is not None and checked:
            look(checked)
        looked_at.append(checked)
        if len(looked_at) <= ahead:
            continue
        checked = looked_at.popleft()
        for rendered in checked:
            project = rendered.project
            if rendered.kept is not None:
                account.reused += 1
            _tell(rendered, account)
            yield rendered
            if database is not None and (row := fragments.row_of(rendered, mappings[project["id"]])) is not None:
                new.append(row)
        # what was said of them goes before more is fetched
        del some, checked, texts
        if database is not None and len(new) >= queries.BATCH:
            database, new = _keep(database, new, account), []
    return _keep(database, new, account) if new and database is not None else database


def _groups(due: Sequence[BriefRow], kept: Collection[int], brief: Collection[int]) -> Iterator[list[BriefRow]]:
    """Projects in their order. In each group no more than :data:`_TOGETHER` have to be rendered, and of no more than
    a batch the XML has to be fetched."""
    group: list[BriefRow] = []
    to_render = to_fetch = 0
    for project in due:
        group.append(project)
        to_render += project["id"] not in kept
        to_fetch += project["id"] in brief
        if to_render == _TOGETHER or to_fetch == queries.BATCH:
            yield group
            group, to_render, to_fetch = [], 0, 0
    if group:
        yield group


class _Fresh:
    """Projects that have to be rendered, asked for in their order; few of them are fetched at a time."""

    def __init__(self, session: Session, keys: list[int], setup: SetupRow | None, as_of: dt.date) -> None:
        self._session, self._setup, self._as_of = session, setup, as_of
        self._groups = (keys[start : start + queries.BATCH] for start in range(0, len(keys), queries.BATCH))
        #: fetched, and not composed yet
        self._projects: list[ProjectRow] = []
        self._rows: Rows | None = None
        #: composed, and not asked for yet
        self._written: dict[int, Rendered] = {}

    def written(self, key: int) -> Rendered:
        """The next one of them as XML."""
        if key not in self._written:
            if not self._projects:
                # the rows of the group before are gone now, so that there is little to look at
                self._rows = None
                breathe()
                self._projects = queries_rows.projects_keyed(self._session, next(self._groups))
                self._rows = fetch(self._session, self._projects, self._as_of)
            if self._rows is None:
                raise RuntimeError("projects are fetched with their rows")
            some, self._projects = self._projects[:_COMPOSED_TOGETHER], self._projects[_COMPOSED_TOGETHER:]
            composed = compose_together(some, self._rows, self._setup, self._as_of)
            self._written = {each.project["id"]: each for each in _written(some, composed)}
        return self._written.pop(key)


def rendered_project(project: ProjectRow, composed: Composed) -> Rendered:
    """The XML of a composed activity; characters that XML cannot hold, and what breaks the schema, hold it back."""
    return _checked(_written([project], [composed]))[0]


def _written(projects: Sequence[ProjectRow], composed: Sequence[Composed]) -> list[Rendered]:
    """Composed activities as XML, each step of it for all before the next one, as they were composed."""
    to_write = [each for each in composed if not each.held_back]
    for each in to_write:
        each.write_transactions()
    for each in to_write:
        each.write_lists()
    return [_whole(project, each) for project, each in zip(projects, composed, strict=True)]


def _whole(project: ProjectRow, composed: Composed) -> Rendered:
    if composed.held_back:
        return Rendered(project, None, composed)
    try:
        as_imported = project["origin"] is not Origin.OWN and project["content_version"] == 1
        return Rendered(project, composed.xml(), composed, as_imported=as_imported)
    except UnwritableText as error:
        composed.held_back.append(str(error))
        return Rendered(project, None, composed)


def _checked(rendered: list[Rendered]) -> list[Rendered]:
    """What breaks the schema is held back.

    Records of published files were checked when they were read, and stored fragments when they were rendered, so only
    what was written here is checked. Of drafts it is known what they break; who asks for them wants them as they are.
    """
    fresh = [(at, each) for at, each in enumerate(rendered) if each.kept is None]
    at_stake = [(at, xml) for at, each in fresh if (xml := _to_check(each)) is not None]
    found = list(rendered)
    for start in range(0, len(at_stake), _CHECKED_TOGETHER):
        some = at_stake[start : start + _CHECKED_TOGETHER]
        if not all_valid([xml for _, xml in some]):
            for at, xml in some:
                found[at] = _unless_faulty(rendered[at], xml)
    return found


def _to_check(rendered: Rendered) -> bytes | None:
    """What the schema has to say something about; None: nothing."""
    xml, composed = rendered.xml, rendered.composed
    if xml is None or composed is None or rendered.project["findings"] or rendered.as_imported:
        return None
    return composed.to_check(xml).encode()


def _unless_faulty(rendered: Rendered, to_check: bytes) -> Rendered:
    composed = rendered.composed
    if composed is None or not complaints(to_check):
        return rendered
    composed.held_back.extend(complaints((rendered.xml or "").encode()))
    return Rendered(rendered.project, None, composed) if composed.held_back else rendered


def _withheld(project: BriefRow, reached: Callable[[dt.date | None], bool], account: ExportAccount) -> bool:
    reason = withheld(project["withheld_reason"], project["embargo_until"], reached=reached)
    if reason is not None:
        account.exclusions.append(Exclusion(project=project["code"], what="activity", reason=reason))
    return reason is not None


def _draft(project: BriefRow, account: ExportAccount) -> bool:
    findings = project["findings"]
    if findings:
        account.held_back.append(Exclusion(project=project["code"], what="activity", reason=why_held_back(findings)))
    return bool(findings)


def _mappings(session: Session, projects: list[BriefRow], mapping: str) -> dict[int, str]:
    """What each project is rendered with: the mapping and, where it has one, its parent's identifier."""
    parents = {project["parent_id"] for project in projects if project["parent_id"] is not None}
    known = queries.identifiers(session, parents) if parents else {}
    return {
        project["id"]: f"{mapping}:{known[project['parent_id']]}" if project["parent_id"] in known else mapping
        for project in projects
    }


def _tell(rendered: Rendered, account: ExportAccount) -> None:
    composed, code = rendered.composed, rendered.project["code"]
    if composed is None:
        if rendered.kept is None or rendered.kept.told is None:
            return
        told = fragments.told(rendered.kept)
        account.exclusions.extend(Exclusion(project=code, what=what, reason=reason) for what, reason in told.exclusions)
        remarks = told.remarks
    else:
        account.exclusions.extend(composed.exclusions)
        account.held_back.extend(
            Exclusion(project=code, what="activity", reason=reason) for reason in composed.held_back
        )
        remarks = composed.remarks
    account.findings.extend(Remark(rule="earmark.export.left-out", project=code, message=remark) for remark in remarks)


def _keep(database: Database, rows: list[dict[str, object]], account: ExportAccount) -> Database | None:
    """Stores fragments; an export goes on without when the database cannot take them."""
    try:
        with database.write("export") as session:
            queries_fragments.keep(session, rows)
    except StorageFailed as error:
        account.findings.append(
            Remark(rule="earmark.export.not-kept", message=f"Not kept for next time: {error.message}")
        )
        return None
    return database
