"""What results frameworks and country programmes say, for the reports on them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.frameworks import FrameworkTarget, ResultsFramework
from app.db.funding import Agreement
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.records import ResultRecord, ResultRecordProject
from app.db.results import FrameworkItem
from app.db.shapes import shaped
from app.domain.achieved import Achieved
from app.domain.framework import LOWER, Item
from app.domain.programmes import Alignment
from app.domain.regions import region_of
from app.reports.sums import BATCH


def framework_items(session: Session) -> list[Item]:
    """Every item that is not archived; a framework has some hundreds."""
    item = table(FrameworkItem).c
    rows = session.execute(
        select(
            item.id,
            item.framework,
            item.level,
            item.code,
            item.title,
            item.target,
            item.result_total,
            item.regions,
            item.unit,
            item.measure,
            item.baseline_value,
            item.better,
            item.target_text,
            item.result_text,
        )
        .where(item.archived_at.is_(None))
        .order_by(item.framework, item.level, item.code)
    )
    return [
        Item(
            framework=row.framework,
            level=row.level,
            code=row.code,
            title=row.title,
            target=row.target,
            result=row.result_total,
            regions={region: Decimal(number) for region, number in row.regions.items()},
            unit=row.unit,
            measure=row.measure,
            baseline=row.baseline_value,
            ceiling=row.better == LOWER,
            target_text=row.target_text,
            result_text=row.result_text,
            id=row.id,
        )
        for row in rows.yield_per(BATCH)
    ]


@dataclass(frozen=True, slots=True)
class FrameworkRecord:
    """A version of the results framework: its time, and its levels from the top down, where they are on record."""

    code: str
    starts_on: dt.date
    ends_on: dt.date
    levels: list[str]
    closed_on: dt.date | None


def framework_records(session: Session) -> dict[str, FrameworkRecord]:
    """Versions on record by their code."""
    row = table(ResultsFramework).c
    statement = select(row.code, row.starts_on, row.ends_on, row.levels, row.closed_on)
    found = shaped(FrameworkRecord, session.execute(statement.where(row.archived_at.is_(None)).order_by(row.code)))
    return {each.code: each for each in found}


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A target of an item for a period, everywhere or in a region; ``region`` empty: everywhere."""

    item_id: int
    period_start: dt.date
    period_end: dt.date
    region: str
    target: Decimal


def framework_targets(session: Session) -> list[TargetRecord]:
    row = table(FrameworkTarget).c
    statement = select(row.item_id, row.period_start, row.period_end, row.region, row.target)
    return shaped(TargetRecord, session.execute(statement.where(row.archived_at.is_(None)).order_by(row.id)))


@dataclass(frozen=True, slots=True)
class ProgrammeRecord:
    """A country programme, and how many projects name it."""

    code: str
    country: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    framework: str | None
    alignment: Alignment | None
    projects: int

    @property
    def region(self) -> str:
        return region_of(self.country)


def programme_records(session: Session) -> list[ProgrammeRecord]:
    """Every country programme that is not archived, by its code."""
    programme, project = table(CountryProgramme).c, table(Project).c
    belonging = (
        select(func.count())
        .where(project.country_programme == programme.code, project.archived_at.is_(None))
        .correlate(table(CountryProgramme))
        .scalar_subquery()
    )
    statement = (
        select(
            programme.code,
            programme.country,
            programme.starts_on,
            programme.ends_on,
            programme.cooperation_framework.label("framework"),
            programme.alignment,
            belonging.label("projects"),
        )
        .where(programme.archived_at.is_(None))
        .order_by(programme.code)
    )
    return shaped(ProgrammeRecord, session.execute(statement))


@dataclass(frozen=True, slots=True)
class _Record:
    id: int
    reference: str
    item_id: int
    year: int
    country: str | None
    region: str
    sentence: str
    quantity: Decimal
    gender_marker: int | None
    sdg: list[str]
    marks: list[str]
    south_south: str | None
    sources: list[str]
    programme: str | None
    same_as_id: int | None


def achieved(session: Session, frameworks: Collection[str]) -> list[Achieved]:
    """Results on record of some frameworks, by their references, in two statements.

    What repeats another record is not among them: its projects and sources are those of the record that it repeats.
    """
    record, item, programme = table(ResultRecord).c, table(FrameworkItem).c, table(CountryProgramme).c
    wanted = (item.framework.in_(sorted(frameworks)), record.archived_at.is_(None), item.archived_at.is_(None))
    statement = (
        select(
            record.id,
            record.reference,
            record.item_id,
            record.year,
            record.country,
            record.region,
            record.sentence,
            record.quantity,
            record.gender_marker,
            record.sdg,
            record.marks,
            record.south_south,
            record.sources,
            programme.code.label("programme"),
            record.same_as_id,
        )
        .join_from(table(ResultRecord), table(FrameworkItem), item.id == record.item_id)
        .outerjoin(table(CountryProgramme), programme.id == record.programme_id)
        .where(*wanted)
        .order_by(record.reference)
    )
    rows = shaped(_Record, session.execute(statement))
    link, project = table(ResultRecordProject).c, table(Project).c
    named = session.execute(
        select(link.record_id, project.code)
        .join_from(table(ResultRecordProject), table(Project), project.id == link.project_id)
        .join(table(ResultRecord), record.id == link.record_id)
        .join(table(FrameworkItem), item.id == record.item_id)
        .where(*wanted)
    )
    counting = {row.id for row in rows if row.same_as_id is None}
    home = {row.id: row.same_as_id for row in rows if row.same_as_id in counting}
    projects: dict[int, set[str]] = {}
    for record_id, code in named:
        projects.setdefault(home.get(record_id) or record_id, set()).add(code)
    sources: dict[int, list[str]] = {}
    for row in rows:
        sources.setdefault(home.get(row.id) or row.id, []).extend(row.sources)
    return [
        Achieved(
            id=row.id,
            reference=row.reference,
            item_id=row.item_id,
            year=row.year,
            country=row.country,
            region=row.region,
            sentence=row.sentence,
            quantity=row.quantity,
            gender_marker=row.gender_marker,
            sdg=row.sdg,
            marks=row.marks,
            south_south=row.south_south,
            sources=tuple(dict.fromkeys(sources[row.id])),
            programme=row.programme,
            projects=tuple(sorted(projects.get(row.id, ()))),
        )
        for row in rows
        # what repeats a record that is archived counts itself
        if row.id not in home
    ]


def agreements_named(session: Session, references: Collection[str]) -> dict[str, int]:
    """Keys of agreements by their references."""
    row = table(Agreement).c
    found = session.execute(select(row.reference, row.id).where(row.reference.in_(sorted(references))))
    return {row.reference: row.id for row in found}
