"""What tables that go out hold: rows of each kind, with the columns of its import.

Statements stream in the order of the keys, so that the same state gives the same table.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Enum, FromClause, Label, String, and_, func, or_, select
from sqlmodel import Session

from app.db.among import among, among_texts
from app.db.base import ResultRow, Statement, table
from app.db.evaluations import EvaluationProject, EvaluationRating
from app.db.funding import Agreement, AgreementRevision
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation
from app.db.projects import Classification, Project, ProjectRevision
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, ExchangeRate, LedgerEntry
from app.domain.agreements import RevisionKind
from app.domain.terms import EntryKind, Grain
from app.http.lists import Listing

#: a row by the labels of its statement, which say what each value is
Values: TypeAlias = dict[str, Any]
#: rows fetched at a time, and looked up together
BATCH = 500

_project, _unit, _officer = table(Project), table(Unit), table(Officer)
_entry = table(LedgerEntry)


def batches(session: Session, statement: Statement) -> Iterator[list[Values]]:
    """Rows by label, some at a time."""
    rows = session.execute(statement.execution_options(yield_per=BATCH))
    for part in rows.partitions(BATCH):
        yield [dict(row._mapping) for row in part]


def with_texts(session: Session, statement: Statement, name: str, texts: Collection[str]) -> Statement:
    """The rows of which the column ``name`` is one of the texts; all where the column holds no plain text."""
    column = statement.selected_columns.get(name)
    named = column.element if isinstance(column, Label) else column
    if named is None or not isinstance(named.type, String) or isinstance(named.type, Enum):
        return statement
    return statement.where(among_texts(session, named, texts))


def kept(listing: Listing) -> Statement:
    """All rows of a list that are not archived."""
    statement = listing.statement.order_by(listing.key)
    archived = listing.key.table.c.get("archived_at")
    return statement if archived is None else statement.where(archived.is_(None))


def projects(grain: Grain) -> Statement:
    """Projects, or pools, with the codes of what they name."""
    backstopping, parent = _unit.alias("backstopping"), _project.alias("parent")
    columns = [column for column in _project.c if not column.name.endswith("_id")]
    return (
        select(
            *columns,
            _unit.c.code.label("unit"),
            _officer.c.code.label("officer"),
            backstopping.c.code.label("backstopping_unit"),
            parent.c.code.label("parent"),
        )
        .select_from(_project)
        .outerjoin(_unit, _unit.c.id == _project.c.unit_id)
        .outerjoin(_officer, _officer.c.id == _project.c.officer_id)
        .outerjoin(backstopping, backstopping.c.id == _project.c.backstopping_unit_id)
        .outerjoin(parent, parent.c.id == _project.c.parent_id)
        .where(_project.c.grain == grain, _project.c.archived_at.is_(None))
        .order_by(_project.c.id)
    )


def drafts() -> Statement:
    """Drafts with what is wrong with them."""
    return (
        select(_project.c.id, _project.c.code, _project.c.findings)
        .where(_project.c.findings.is_not(None), _project.c.archived_at.is_(None))
        .order_by(_project.c.id)
    )


def classifications(session: Session, project_ids: Sequence[int]) -> Sequence[ResultRow]:
    row = table(Classification)
    return session.execute(
        select(row.c.project_id, row.c.kind, row.c.code, row.c.vocabulary, row.c.percentage, row.c.significance)
        .where(among(row.c.project_id, project_ids))
        .order_by(row.c.project_id, row.c.kind, row.c.ordinal, row.c.id)
    ).all()


def revisions() -> Statement:
    """Dated decisions, of one day the last recorded; what a record stated of itself is in its own table."""
    row, later = table(ProjectRevision), table(ProjectRevision).alias("later")
    replaced = select(later.c.id).where(
        later.c.project_id == row.c.project_id,
        later.c.field == row.c.field,
        later.c.known_on == row.c.known_on,
        later.c.sequence > row.c.sequence,
    )
    return (
        select(
            _project.c.code.label("project"),
            row.c.field,
            row.c.known_on.label("decided_on"),
            row.c.value,
            row.c.reason,
            row.c.note,
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .where(row.c.field != "stage", _project.c.archived_at.is_(None), ~replaced.exists())
        .order_by(row.c.project_id, row.c.id)
    )


def amendments() -> Statement:
    """Amendments with the terms that held on their day, in the order of the days; of one day the last recorded."""
    row, later = table(AgreementRevision), table(AgreementRevision).alias("later")
    held = table(AgreementRevision).alias("held")
    same_day = (later.c.agreement_id == row.c.agreement_id, later.c.known_on == row.c.known_on)
    replaced = select(later.c.id).where(
        *same_day, later.c.kind == RevisionKind.AMENDED.value, later.c.sequence > row.c.sequence
    )
    newest = select(func.max(later.c.sequence)).where(*same_day).correlate(row).scalar_subquery()
    agreement = table(Agreement)
    return (
        select(
            agreement.c.reference.label("agreement"),
            row.c.known_on.label("decided_on"),
            row.c.reason,
            row.c.note,
            *(held.c[name] for name in ("amount", "starts_on", "ends_on", "support_cost_rate")),
        )
        .join_from(row, agreement, agreement.c.id == row.c.agreement_id)
        .join(held, (held.c.agreement_id == row.c.agreement_id) & (held.c.sequence == newest))
        .where(row.c.kind == RevisionKind.AMENDED.value, agreement.c.archived_at.is_(None), ~replaced.exists())
        .order_by(agreement.c.id, row.c.known_on, row.c.id)
    )


def rates() -> Statement:
    row, later = table(ExchangeRate), table(ExchangeRate).alias("later")
    replaced = select(later.c.id).where(
        later.c.currency == row.c.currency,
        later.c.effective_on == row.c.effective_on,
        later.c.sequence > row.c.sequence,
    )
    return (
        select(row.c.currency, row.c.effective_on, row.c.rate, row.c.note)
        .where(~replaced.exists())
        .order_by(row.c.currency, row.c.effective_on)
    )


def allocations() -> Statement:
    """Decisions that nothing superseded, made here; those of a published file are in that file."""
    row, agreement, later = table(Allocation), table(Agreement), table(Allocation).alias("later")
    superseded = select(later.c.id).where(later.c.supersedes_id == row.c.id)
    return (
        select(
            _project.c.code.label("project"),
            row.c.period_start,
            row.c.period_end,
            func.coalesce(agreement.c.reference, row.c.source).label("source"),
            *(row.c[name] for name in ("kind", "decided_on", "outcome", "country", "amount", "currency", "status")),
            row.c.reason,
            row.c.note,
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .outerjoin(agreement, agreement.c.id == row.c.agreement_id)
        .where(
            ~superseded.exists(),
            row.c.withdrawn.is_(False),
            row.c.ordinal.is_(None),
            _project.c.archived_at.is_(None),
        )
        .order_by(row.c.id)
    )


def transactions(correction: str) -> Statement:
    """Rows with a document of their own; the amount is what stands after corrections that tables brought.

    ``correction`` stands in the documents of those, behind that of the row.
    """
    agreement, adjusted, corrected = table(Agreement), _entry.alias("adjusted"), _entry.alias("corrected")
    provider, receiver = table(Organisation).alias("provider"), table(Organisation).alias("receiver")
    receiving, providing = _project.alias("receiving"), _project.alias("providing")

    def corrects(correction_row: FromClause, row: FromClause) -> ColumnElement[bool]:
        beginning = row.c.document + correction
        return func.substr(correction_row.c.document, 1, func.length(beginning)) == beginning

    by_table = and_(corrected.c.adjusts_id == _entry.c.id, corrects(corrected, _entry))
    is_correction = and_(adjusted.c.document.is_not(None), corrects(_entry, adjusted))
    corrections = (
        select(func.sum(corrected.c.amount)).where(by_table).correlate(_entry).scalar_subquery().label("corrections")
    )
    columns = (
        "document", "type", "date", "amount", "currency", "value_date", "description", "country", "sector",
        "assistance", "reason", "note", "internal",
    )  # fmt: skip
    return (
        select(
            *(_entry.c[name] for name in columns),
            corrections,
            _project.c.code.label("home"),
            _project.c.grain,
            agreement.c.reference.label("agreement"),
            func.coalesce(provider.c.identifier, provider.c.name).label("provider"),
            func.coalesce(receiver.c.identifier, receiver.c.name).label("receiver"),
            providing.c.code.label("providing"),
            receiving.c.code.label("receiving"),
            adjusted.c.document.label("adjusts"),
        )
        .join_from(_entry, _project, _project.c.id == _entry.c.project_id)
        .outerjoin(agreement, agreement.c.id == _entry.c.agreement_id)
        .outerjoin(provider, provider.c.id == _entry.c.provider_id)
        .outerjoin(receiver, receiver.c.id == _entry.c.receiver_id)
        .outerjoin(adjusted, adjusted.c.id == _entry.c.adjusts_id)
        .outerjoin(providing, providing.c.iati_identifier == _entry.c.provider_activity)
        .outerjoin(receiving, receiving.c.iati_identifier == _entry.c.receiver_activity)
        .where(
            _entry.c.document.is_not(None),
            _entry.c.entry_kind != EntryKind.WITHDRAWAL,
            or_(_entry.c.adjusts_id.is_(None), ~is_correction),
        )
        .order_by(_entry.c.id)
    )


def covered(session: Session, evaluation_ids: Sequence[int]) -> Sequence[ResultRow]:
    """(evaluation, code of a project it covers)."""
    row = table(EvaluationProject)
    return session.execute(
        select(row.c.evaluation_id, _project.c.code)
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .where(among(row.c.evaluation_id, evaluation_ids))
        .order_by(row.c.id)
    ).all()


def ratings(session: Session, evaluation_ids: Sequence[int]) -> Sequence[ResultRow]:
    row = table(EvaluationRating)
    return session.execute(
        select(row.c.evaluation_id, row.c.criterion, row.c.rating, row.c.comment)
        .where(among(row.c.evaluation_id, evaluation_ids))
        .order_by(row.c.id)
    ).all()


def results() -> Statement:
    """A row for each period of an indicator, or for the indicator where it has none."""
    result, indicator, period = table(Result), table(Indicator), table(IndicatorPeriod)
    baseline, values = table(Baseline), table(PeriodValue)

    def value(kind: str) -> Label[str]:
        return (
            select(values.c.value)
            .where(values.c.period_id == period.c.id, values.c.kind == kind)
            .order_by(values.c.ordinal, values.c.id)
            .limit(1)
            .correlate(period)
            .scalar_subquery()
            .label(kind)
        )

    def of_baseline(name: str) -> Label[object]:
        return (
            select(baseline.c[name])
            .where(baseline.c.indicator_id == indicator.c.id)
            .order_by(baseline.c.ordinal, baseline.c.id)
            .limit(1)
            .correlate(indicator)
            .scalar_subquery()
            .label(f"baseline_{name}")
        )

    return (
        select(
            result.c.id,
            _project.c.code.label("project"),
            result.c.title.label("result"),
            result.c.type,
            indicator.c.title.label("indicator"),
            indicator.c.measure,
            of_baseline("year"),
            of_baseline("value"),
            period.c.starts_on.label("period_start"),
            period.c.ends_on.label("period_end"),
            value("target"),
            value("actual"),
            result.c.note,
        )
        .join_from(result, _project, _project.c.id == result.c.project_id)
        .join(indicator, indicator.c.result_id == result.c.id)
        .outerjoin(period, period.c.indicator_id == indicator.c.id)
        .where(result.c.archived_at.is_(None))
        .order_by(result.c.project_id, result.c.ordinal, indicator.c.ordinal, indicator.c.id, period.c.ordinal)
    )


def by_owner(rows: Sequence[ResultRow]) -> Mapping[object, list[ResultRow]]:
    """Rows by the key in their first column."""
    found: dict[object, list[ResultRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found
