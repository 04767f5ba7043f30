"""Activities as XML, in the order of their identifiers, a batch of them at a time."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from sqlmodel import Session

from app.db.engine import Database
from app.domain.disclosure import withheld
from app.domain.terms import Origin
from app.errors import StorageFailed
from app.pace import breathe
from app.publishing.drafts import why_held_back
from app.publishing.exporting import fragments, queries, queries_fragments, queries_rows
from app.publishing.exporting.account import ExportAccount, Remark
from app.publishing.exporting.compose import compose_together
from app.publishing.exporting.fetch import fetch
from app.publishing.exporting.fragments import Kept, Known, Rendered, Spared, Sparing
from app.publishing.exporting.parts import Composed, Days, Exclusion
from app.publishing.exporting.rows import BriefRow, ProjectRow, Rows, SetupRow
from iati.validator.schema import all_valid, complaints
from iati.writer import UnwritableText

#: activities that are rendered, then checked one after the other: the schema's automaton stays in the processor's
#: cache, which halves the cost, and few composed activities wait in memory
_TOGETHER = 100
#: of these so many are composed at once
_COMPOSED_TOGETHER = 50
#: of these so many are one document for the schema
_CHECKED_TOGETHER = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What whoever takes the activities does with them before they come."""

    #: is shown the next ones, some hundred together
    look: Callable[[Sequence[Rendered]], None]
    #: so many more times before the first of them comes
    ahead: int
    sparing: Sparing
    #: by which rules what is said of those that are spared has to be said
    judged_by: str


def render(
    session: Session,
    account: ExportAccount,
    *,
    as_of: dt.date,
    codes: Collection[str] | None = None,
    drafts: bool = False,
    database: Database | None = None,
) -> Iterator[Rendered]:
    """Activities as XML in the order of their identifiers; what is left out is told to the account.

    ``drafts``: with those that break the standard. ``database``: where new fragments are stored; None: nowhere.
    """
    for each in _Rendering(session, account, as_of, database, drafts=drafts).all(codes):
        if isinstance(each, Rendered):
            yield each


def render_beside(
    session: Session, account: ExportAccount, *, as_of: dt.date, database: Database, beside: Beside
) -> Iterator[Rendered | Spared]:
    """The same of all activities, without the XML of those of which whoever takes them has it."""
    return _Rendering(session, account, as_of, database, beside=beside).all()


class _Rendering:
    """Activities on their way."""

    def __init__(
        self,
        session: Session,
        account: ExportAccount,
        as_of: dt.date,
        database: Database | None,
        *,
        drafts: bool = False,
        beside: Beside | None = None,
    ) -> None:
        self._session, self._account, self._as_of = session, account, as_of
        self._drafts, self._beside = drafts, beside
        #: where new fragments are stored
        self._database = database
        self._setup = queries.setup(session)
        self._mapping = fragments.mapping_of(self._setup)

    def all(self, codes: Collection[str] | None = None) -> Iterator[Rendered | Spared]:
        """Batch by batch."""
        reached = Days(self._as_of).reached
        every = queries.project_batches(self._session, codes=codes)
        for batch in every if self._beside is None else self._sparing(self._beside):
            due = [
                each
                for each in batch
                if isinstance(each, Known)
                or (not _withheld(each, reached, self._account) and (self._drafts or not _draft(each, self._account)))
            ]
            if due:
                yield from self._batch(due)
            # the rows of the batch are gone by now, so that there is little to look at
            breathe()

    def _sparing(self, beside: Beside) -> Iterator[list[BriefRow | Known]]:
        """Batches of which those that are spared are known, and nothing more is asked of them."""
        for batch in queries_fragments.known_batches(
            self._session,
            as_of=self._as_of,
            mapping=self._mapping,
            judged_by=beside.judged_by,
            together=queries.SPARED_BATCH,
        ):
            spared = beside.sparing(batch)
            left = [each.project_id for each in batch if each.project_id not in spared]
            others = queries.brief_rows(self._session, left)
            yield [each if each.project_id in spared else others[each.project_id] for each in batch]

    def _batch(self, due: Sequence[BriefRow | Known]) -> Iterator[Rendered | Spared]:
        session, beside = self._session, self._beside
        projects = [each for each in due if not isinstance(each, Known)]
        mappings = _mappings(session, projects, self._mapping)
        versions = {project["id"]: project["content_version"] for project in projects}
        kept = fragments.stored(session, mappings, versions, self._as_of, brief=beside is not None)
        fresh = _Fresh(session, [key for key in versions if key not in kept], self._setup, self._as_of)
        new: list[dict[str, object]] = []
        ahead = 0 if beside is None else beside.ahead
        looked_at: deque[list[Rendered | Spared]] = deque()
        for group in chain(_groups(due, kept), repeat([], ahead)):
            looked_at.append(self._ready(group, kept, fresh))
            if len(looked_at) <= ahead:
                continue
            for each in looked_at.popleft():
                self._tell(each)
                yield each
                if isinstance(each, Rendered) and self._database is not None:
                    row = fragments.row_of(each, mappings[each.project["id"]])
                    if row is not None:
                        new.append(row)
            if len(new) >= queries.BATCH:
                self._keep(new)
                new = []
        if new:
            self._keep(new)

    def _ready(
        self, group: Sequence[BriefRow | Spared], kept: dict[int, Kept], fresh: "_Fresh"
    ) -> list[Rendered | Spared]:
        """A group as it comes; what has XML was looked at."""
        projects = [each for each in group if not isinstance(each, Spared)]
        stored = {project["id"]: kept.pop(project["id"]) for project in projects if project["id"] in kept}
        unread = [key for key, each in stored.items() if each.xml is None]
        texts = queries_fragments.texts(self._session, unread) if unread else {}
        some = [
            Rendered(project, texts.get(project["id"], found.xml), None, found)
            if (found := stored.get(project["id"])) is not None
            else fresh.written(project["id"])
            for project in projects
        ]
        checked = _checked(some)
        if self._beside is not None and checked:
            self._beside.look(checked)
        following = iter(checked)
        return [each if isinstance(each, Spared) else next(following) for each in group]

    def _tell(self, each: Rendered | Spared) -> None:
        """What is left out of what comes now."""
        account = self._account
        if isinstance(each, Spared):
            account.reused += len(each.activities)
            for known in each.activities:
                if known.told is not None:
                    _tell_stored(known.code, known, account)
        elif each.kept is not None:
            account.reused += 1
            _tell_stored(each.project["code"], each.kept, account)
        elif each.composed is not None:
            _tell_composed(each.project["code"], each.composed, account)

    def _keep(self, rows: list[dict[str, object]]) -> None:
        """Stores fragments; an export goes on without when the database cannot take them."""
        if self._database is None:
            return
        try:
            with self._database.write("export") as session:
                queries_fragments.keep(session, rows)
        except StorageFailed as error:
            told = Remark(rule="earmark.export.not-kept", message=f"Not kept for next time: {error.message}")
            self._account.findings.append(told)
            self._database = None


def _groups(due: Sequence[BriefRow | Known], kept: Mapping[int, Kept]) -> Iterator[list[BriefRow | Spared]]:
    """Projects in their order: those that are spared, in a row, are one. In each group no more than :data:`_TOGETHER`
    have to be rendered, and of no more than a batch the XML has to be fetched."""
    group: list[BriefRow | Spared] = []
    spared: list[Known] = []
    to_render = to_fetch = 0
    for project in due:
        if isinstance(project, Known):
            spared.append(project)
            continue
        if spared:
            group.append(Spared(activities=spared))
            spared = []
        group.append(project)
        found = kept.get(project["id"])
        to_render += found is None
        to_fetch += found is not None and found.xml is None
        if to_render == _TOGETHER or to_fetch == queries.BATCH:
            yield group
            group, to_render, to_fetch = [], 0, 0
    if spared:
        group.append(Spared(activities=spared))
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


def _tell_stored(code: str, kept: Kept | Known, account: ExportAccount) -> None:
    """What a stored fragment leaves out."""
    told = fragments.told(kept)
    account.exclusions.extend(Exclusion(project=code, what=what, reason=reason) for what, reason in told.exclusions)
    _tell_remarks(code, told.remarks, account)


def _tell_composed(code: str, composed: Composed, account: ExportAccount) -> None:
    """What is left out of what was composed now, and why it is held back."""
    account.exclusions.extend(composed.exclusions)
    account.held_back.extend(Exclusion(project=code, what="activity", reason=reason) for reason in composed.held_back)
    _tell_remarks(code, composed.remarks, account)


def _tell_remarks(code: str, remarks: Sequence[str], account: ExportAccount) -> None:
    account.findings.extend(Remark(rule="earmark.export.left-out", project=code, message=remark) for remark in remarks)
