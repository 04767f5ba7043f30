"""The rows below a batch of projects, each table with one statement, as dictionaries of their columns.

A statement is made once, and takes the keys of a batch as its parameter. Rows come by the row above them, and below
that in the order in which they are published.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from functools import cached_property, partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, cast

from sqlalchemy import JSON, Dialect, or_, select
from sqlmodel import Session

from app.db.among import KEYS, among_given
from app.db.base import Row, Statement, table
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.partners import Partner
from app.db.projects import Classification, Contact, Document, Link, Location, Participant, Project
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, LedgerEntry, PlannedPayment
from app.publishing.exporting.rows import (
    AgreementRow,
    AllocationRow,
    AnyRow,
    ClassificationRow,
    ContactRow,
    DocumentRow,
    EntryRow,
    EvaluationRow,
    LinkRow,
    LocationRow,
    ParticipantRow,
    PlannedRow,
    ProjectRow,
)
from app.publishing.exporting.rows_of_results import BaselineRow, IndicatorRow, PeriodRow, ResultRow, ValueRow


class Reading(Generic[AnyRow]):
    """A statement that is run for one batch of keys after the other."""

    def __init__(
        self, kind: type[AnyRow], by: str, statement: Callable[[], Statement], *, order: str | None = None
    ) -> None:
        """``statement`` selects the columns of ``kind`` in their order, of rows that are :class:`among_given`.

        ``by``: the column with the key of what a row is below. ``order``: the column that orders rows below one, where
        the statement does not: a few rows at a time are sorted in less time than a database takes for all.
        """
        self._names = tuple(kind.__annotations__)
        #: of kinds that are named tuples, which are made without a call of Python's for each; others are dictionaries
        self._make = partial(tuple.__new__, kind) if issubclass(kind, tuple) else None
        self._by = itemgetter(self._names.index(by))
        self._order = None if order is None else itemgetter(self._names.index(order))
        self._made_by = statement
        self._processing: dict[str, list[Processing]] = {}

    @cached_property
    def _statement(self) -> Statement:
        return self._made_by()

    def listed(self, session: Session, keys: Collection[int]) -> list[AnyRow]:
        """The rows of a batch."""
        return list(self._made(self._read(session, keys)))

    def below(self, session: Session, keys: Collection[int]) -> dict[int, list[AnyRow]]:
        """The rows of a batch by what they are below."""
        found: dict[int, list[AnyRow]] = {}
        for key, alike in groupby(self._read(session, keys), self._by):
            some = list(alike)
            if self._order is not None:
                some.sort(key=self._order)
            found.setdefault(key, []).extend(self._made(some))
        return found

    def _made(self, rows: Iterable[tuple[object, ...]]) -> Iterable[AnyRow]:
        if self._make is not None:
            return cast("Iterable[AnyRow]", map(self._make, rows))
        names = self._names
        return cast("list[AnyRow]", [dict(zip(names, row)) for row in rows])  # noqa: B905 - columns of one statement

    def _read(self, session: Session, keys: Collection[int]) -> Iterable[tuple[object, ...]]:
        """What turns a driver's value into ours is applied to whole columns at a time."""
        result: Any = session.execute(self._statement, {KEYS: keys})
        rows: list[tuple[object, ...]] = result.cursor.fetchall()
        said: Sequence[Sequence[object]] = result.cursor.description
        result.close()
        if not rows:
            return rows
        columns: list[Sequence[object]] = list(zip(*rows, strict=True))
        for each in self._processing_of(session.connection().dialect, said):
            columns[each.at] = each.done(columns[each.at])
        return zip(*columns, strict=True)

    def _processing_of(self, dialect: Dialect, said: Sequence[Sequence[object]]) -> list["Processing"]:
        known = self._processing.get(dialect.name)
        if known is None:
            known = self._processing[dialect.name] = []
            for at, (column, (_name, code, *_more)) in enumerate(
                zip(self._statement.selected_columns, said, strict=True)
            ):
                process = column.type.dialect_impl(dialect).result_processor(dialect, code)
                if process is not None:
                    as_json = isinstance(column.type, JSON)
                    known.append(Processing(at, _unless_empty(process) if as_json else process, shared=not as_json))
        return known


class Processing:
    """What turns the driver's values of a column into ours; NULL, which most of them are, stays."""

    def __init__(self, at: int, process: Callable[[object], object], *, shared: bool) -> None:
        """``shared``: whether equal values may be one and the same, as those that nobody can change."""
        self.at = at
        self._process = process
        self._shared = shared

    def done(self, column: Sequence[object]) -> Sequence[object]:
        process = self._process
        # 0.00 and 0 are equal, and yet not written alike
        decimals = isinstance(next((value for value in column if value is not None), None), Decimal)
        if self._shared and not decimals:
            distinct = set(column)
            if len(distinct) < len(column) // 2:
                made = {value: None if value is None else process(value) for value in distinct}
                return [made[value] for value in column]
        return [None if value is None else process(value) for value in column]


def _unless_empty(process: Callable[[object], object]) -> Callable[[object], object]:
    """Reads JSON, of which most is a list that holds nothing."""
    return lambda value: [] if value == "[]" else process(value)


def projects_keyed(session: Session, keys: Collection[int]) -> list[ProjectRow]:
    """Projects by key, archived ones too, in the order of their identifiers."""
    return _PROJECTS.listed(session, keys)


def _columns(kind: type[AnyRow], row_class: type[Row]) -> Statement:
    columns = table(row_class).c
    found: Statement = select(*(columns[name] for name in kind.__annotations__))
    return found


def _projects() -> Statement:
    project = table(Project).c
    return _columns(ProjectRow, Project).where(among_given(project.id)).order_by(project.iati_identifier)


_PROJECTS = Reading(ProjectRow, "id", _projects)


def _of_project(kind: type[AnyRow], row_class: type[Row]) -> Reading[AnyRow]:
    """Rows by project."""

    def statement() -> Statement:
        target = table(row_class).c
        found = _columns(kind, row_class).where(among_given(target.project_id))
        return found.order_by(target.project_id, *(() if recorded else (target.ordinal, target.id)))

    recorded = row_class in (Allocation, LedgerEntry)
    return Reading(kind, "project_id", statement, order="id" if recorded else None)


PARTICIPANTS = _of_project(ParticipantRow, Participant)
CLASSIFICATIONS = _of_project(ClassificationRow, Classification)
CONTACTS = _of_project(ContactRow, Contact)
LOCATIONS = _of_project(LocationRow, Location)
DOCUMENTS = _of_project(DocumentRow, Document)
LINKS = _of_project(LinkRow, Link)
ALLOCATIONS = _of_project(AllocationRow, Allocation)
PLANNED = _of_project(PlannedRow, PlannedPayment)
ENTRIES = _of_project(EntryRow, LedgerEntry)
RESULTS = _of_project(ResultRow, Result)


def _of_logframe(kind: type[AnyRow], row_class: type[Row], by: str) -> Reading[AnyRow]:
    """Rows of the logframe by the row above them, whose keys they are asked for with."""

    def statement() -> Statement:
        target = table(row_class).c
        found = _columns(kind, row_class).where(among_given(target[by]))
        return found.order_by(target[by], target.ordinal, target.id)

    return Reading(kind, by, statement)


#: of results
INDICATORS = _of_logframe(IndicatorRow, Indicator, "result_id")
#: of indicators
BASELINES = _of_logframe(BaselineRow, Baseline, "indicator_id")
PERIODS = _of_logframe(PeriodRow, IndicatorPeriod, "indicator_id")
#: targets and actuals of periods
VALUES = _of_logframe(ValueRow, PeriodValue, "period_id")


def _agreements() -> Statement:
    share, agreement, partner = table(FundingShare), table(Agreement), table(Partner)
    return (
        select(
            agreement.c.id, share.c.project_id, partner.c.organisation_id, agreement.c.reference, agreement.c.status,
            agreement.c.modality, agreement.c.category, agreement.c.aid_type, agreement.c.provider_activity,
            agreement.c.preset, agreement.c.currency, partner.c.category, partner.c.code,
            agreement.c.further_partners,
        )
        .join(agreement, agreement.c.id == share.c.agreement_id)
        .join(partner, partner.c.id == agreement.c.partner_id)
        .where(among_given(share.c.project_id), share.c.archived_at.is_(None))
        .order_by(share.c.project_id, agreement.c.reference, share.c.id)
    )  # fmt: skip


#: the agreements that fund projects, with the first partner of each
AGREEMENTS = Reading(AgreementRow, "project_id", _agreements)


def _published_evaluations() -> Statement:
    evaluation, covered = table(Evaluation), table(EvaluationProject)
    return (
        select(
            evaluation.c.id, covered.c.project_id, evaluation.c.reference, evaluation.c.kind, evaluation.c.title,
            evaluation.c.report_url, evaluation.c.response_url, evaluation.c.completed_on,
        )
        .join(evaluation, evaluation.c.id == covered.c.evaluation_id)
        .where(
            among_given(covered.c.project_id),
            evaluation.c.published.is_(True),
            evaluation.c.archived_at.is_(None),
            or_(evaluation.c.report_url.is_not(None), evaluation.c.response_url.is_not(None)),
        )
        .order_by(covered.c.project_id, evaluation.c.reference)
    )  # fmt: skip


#: the evaluations of projects whose reports are published
EVALUATIONS = Reading(EvaluationRow, "project_id", _published_evaluations)
