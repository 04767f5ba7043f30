"""Reads and links of results on record."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import cast, select
from sqlalchemy.types import String
from sqlmodel import Session

from app.db.among import among
from app.db.base import key, table
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.records import ResultRecord, ResultRecordProject
from app.db.results import FrameworkItem
from app.db.shapes import shaped
from app.http.lists import Listing, Shown, contains, equals, sort, unless_archived

_record, _link, _item = table(ResultRecord).c, table(ResultRecordProject).c, table(FrameworkItem).c
_project, _programme = table(Project).c, table(CountryProgramme).c


def projects_of(session: Session, record_id: int) -> set[int]:
    """Keys of the projects of a record."""
    return set(session.scalars(select(_link.project_id).where(_link.record_id == record_id)))


def projects_of_each(session: Session, record_ids: Collection[int]) -> Mapping[int, set[int]]:
    """Keys of the projects of some records."""
    found: dict[int, set[int]] = {}
    if record_ids:
        rows = session.execute(
            select(_link.record_id, _link.project_id).where(among(_link.record_id, sorted(record_ids)))
        )
        for record_id, project_id in rows:
            found.setdefault(record_id, set()).add(project_id)
    return found


def units_of(session: Session, project_ids: Collection[int]) -> set[int | None]:
    return set(session.scalars(select(_project.unit_id).where(_project.id.in_(sorted(project_ids)))))


def framework_of(session: Session, item_id: int) -> str:
    return str(session.scalar(select(_item.framework).where(_item.id == item_id)))


@dataclass(frozen=True, slots=True)
class Beside:
    """Another record of the same indicator, place and year."""

    id: int
    reference: str
    sentence: str


def beside(session: Session, row: ResultRecord) -> list[Beside]:
    """Other records in use of the same indicator, place and year that count."""
    country = _record.country.is_(None) if row.country is None else _record.country == row.country
    statement = select(_record.id, _record.reference, _record.sentence).where(
        _record.item_id == row.item_id,
        _record.year == row.year,
        _record.region == row.region,
        country,
        _record.id != key(row),
        _record.same_as_id.is_(None),
        _record.archived_at.is_(None),
    )
    return shaped(Beside, session.execute(statement.order_by(_record.reference)))


def link(session: Session, record_id: int, gone: Iterable[int], come: Iterable[int]) -> None:
    """Takes projects from a record and adds others."""
    for row in session.scalars(
        select(ResultRecordProject).where(_link.record_id == record_id, _link.project_id.in_(sorted(gone)))
    ):
        session.delete(row)
    session.add_all(ResultRecordProject(record_id=record_id, project_id=project_id) for project_id in sorted(come))


def codes_of_each(session: Session, record_ids: Collection[int]) -> dict[int, list[str]]:
    """Codes of the projects of some records."""
    found: dict[int, list[str]] = {}
    if record_ids:
        rows = session.execute(
            select(_link.record_id, _project.code)
            .join_from(table(ResultRecordProject), table(Project), _project.id == _link.project_id)
            .where(among(_link.record_id, sorted(record_ids)))
            .order_by(_link.record_id, _project.code)
        )
        for record_id, code in rows:
            found.setdefault(record_id, []).append(code)
    return found


def with_projects(session: Session, items: list[Shown]) -> list[Shown]:
    """Records with the codes of their projects; one statement."""
    codes = codes_of_each(session, [item["id"] for item in items])
    for item in items:
        item["projects"] = codes.get(item["id"], [])
    return items


_same = table(ResultRecord).alias("same")

RECORDS = Listing(
    name="result records",
    statement=select(
        _record.id,
        _record.reference,
        _item.framework,
        _item.code.label("indicator"),
        _item.title.label("indicator_title"),
        _record.year,
        _record.country,
        _record.region,
        _programme.code.label("country_programme"),
        _record.sentence,
        _record.quantity,
        _record.gender_marker,
        _record.sdg,
        _record.marks,
        _record.south_south,
        _record.sources,
        _same.c.reference.label("same_as"),
        _record.note,
        _record.version,
        _record.archived_at,
    )
    .join_from(table(ResultRecord), table(FrameworkItem), _item.id == _record.item_id)
    .outerjoin(table(CountryProgramme), _programme.id == _record.programme_id)
    .outerjoin(_same, _same.c.id == _record.same_as_id),
    key=_record.id,
    sorts={
        "id": sort(_record.id),
        "reference": sort(_record.reference),
        "year": sort(_record.year),
        "region": sort(_record.region),
    },
    filters={
        "archived": unless_archived(_record.archived_at),
        "framework": equals(_item.framework),
        "indicator": equals(_item.code),
        "outcome": lambda code: (_item.code == code) | _item.code.startswith(f"{code}.", autoescape=True),
        "year": equals(_record.year),
        "country": equals(_record.country),
        "region": equals(_record.region),
        "project": lambda code: _record.id.in_(
            select(_link.record_id).where(
                _link.project_id.in_(select(_project.id).where(_project.code == code)),
            )
        ),
        "country_programme": equals(_programme.code),
        # a list of words: the word in its quotation marks stands in no other
        "mark": lambda mark: cast(_record.marks, String).contains(f'"{mark}"', autoescape=True),
        "gender_marker": equals(_record.gender_marker),
        "q": contains(_record.sentence, _record.reference),
    },
    usual_sort="reference",
)
