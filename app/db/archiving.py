"""Archiving, one way for every noun: what is archived stays as it is until somebody restores it.

Services archive and restore through the two functions here. That an archived record does not change, whichever door
the change comes through, is watched over by :class:`app.db.changelog.ChangeLog` with :class:`Guard`.
"""

from collections.abc import Iterable, Mapping

from sqlmodel import Session, SQLModel

from app.db.base import Kept, Row, key, utc_now
from app.db.duties import AgreementCondition, AgreementReport, ReportSchedule
from app.db.evaluations import (
    Evaluation,
    EvaluationProject,
    EvaluationRating,
    Recommendation,
    RecommendationAction,
)
from app.db.funding import Agreement, AgreementRepurposing, FundingShare, Instalment
from app.db.lessons import Lesson, LessonTag
from app.db.oversight import AssessmentScore, OversightReport
from app.db.projects import (
    Classification,
    Contact,
    Document,
    Link,
    Location,
    Participant,
    Project,
    ProjectRevision,
)
from app.db.records import ResultRecordProject
from app.db.results import Result
from app.db.risks import Risk
from app.db.spending import Allocation, Encumbrance, LedgerEntry, PlannedPayment
from app.errors import Conflict, Fault

#: rows that are part of records: for each record the column that names it, and its class
_PART_OF: dict[type[Row], tuple[tuple[str, type[Kept]], ...]] = {
    **dict.fromkeys(
        (
            Allocation, Classification, Contact, Document, Encumbrance, LedgerEntry, Link, Location, Participant,
            PlannedPayment, ProjectRevision, Result, ResultRecordProject,
        ),
        (("project_id", Project),),
    ),
    FundingShare: (("project_id", Project), ("agreement_id", Agreement)),
    **dict.fromkeys(
        (AgreementCondition, AgreementRepurposing, AgreementReport, Instalment, ReportSchedule),
        (("agreement_id", Agreement),),
    ),
    **dict.fromkeys((EvaluationProject, EvaluationRating), (("evaluation_id", Evaluation),)),
    Recommendation: (("evaluation_id", Evaluation), ("report_id", OversightReport)),
    AssessmentScore: (("report_id", OversightReport),),
    LessonTag: (("lesson_id", Lesson),),
    Risk: (("project_id", Project),),
    RecommendationAction: (("recommendation_id", Recommendation),),
}  # fmt: skip

#: columns by which people know a row, the first that it has
_KNOWN_BY = ("code", "reference", "document", "name", "title", "id")
#: nouns that are not the name of the table in the singular
_NOUNS = {
    "earmarking_presets": "preset",
    "framework_items": "framework item",
    "agreement_conditions": "condition",
    "agreement_reports": "report",
    "funding_shares": "share",
    "report_schedules": "schedule of reports",
    "framework_ways": "way between frameworks",
    "recommendation_actions": "action",
}


def archive(session: Session, row: Kept) -> None:
    """Takes a row out of use. One that is archived already stays so, with its day."""
    row.archived_at = row.archived_at or utc_now()
    session.flush()


def restore(session: Session, row: Kept) -> None:
    """Brings an archived row back; one that is in use stays so."""
    row.archived_at = None
    session.flush()


def noun_of(table: str) -> str:
    """What a row of the table is called in a sentence: ``agreement_conditions`` → condition."""
    one = f"{table[:-3]}y" if table.endswith("ies") else table.removesuffix("s")
    return _NOUNS.get(table, one.replace("_", " "))


def archived(row: Kept) -> Conflict:
    """Why an archived row, or what is part of it, cannot be changed, and what to do."""
    noun = noun_of(str(row.__tablename__))
    known_by = next(value for column in _KNOWN_BY if (value := getattr(row, column, None)) is not None)
    message = f"The {noun} {known_by} was archived: restore it first."
    if row.archived_at is not None:
        day = row.archived_at.date()
        message = f"The {noun} {known_by} was archived on {day}: restore it first."
    return Conflict(message, [Fault(pointer="", rule="archived", message=message)])


class Guard:
    """Refuses changes of what is archived, for one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        #: records that are known to be in use
        self.in_use: set[tuple[type[Kept], int]] = set()

    def changed(self, row: SQLModel, changes: Mapping[str, tuple[object, object]]) -> None:
        """A row with the columns that change; ``Conflict`` when it stays archived, or is part of an archived record."""
        if isinstance(row, Kept):
            before, after = changes.get("archived_at", (row.archived_at, row.archived_at))
            if before is not None and after is not None:
                raise archived(row)
            if after is not None:
                self.in_use.discard((type(row), key(row)))
        self.parts([row])

    def parts(self, rows: Iterable[SQLModel]) -> None:
        """Rows that come, change or go; ``Conflict`` when one is part of an archived record."""
        for row in rows:
            if not isinstance(row, Row):
                continue
            for column, above in _PART_OF.get(type(row), ()):
                key: int | None = getattr(row, column)
                if key is None or (above, key) in self.in_use:
                    continue
                record = self.session.get(above, key)
                if record is not None and record.archived_at is not None:
                    raise archived(record)
                self.in_use.add((above, key))
