"""What publications read, a batch of activities at a time: a constant number of statements for each batch."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import and_, case, func, literal, null, or_, select, update
from sqlmodel import Session

from app.db.among import chunks
from app.db.base import Row, Statement, table
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.shapes import shaped
from app.db.spending import Allocation, LedgerEntry
from app.db.types import UTCDateTime
from app.domain.disclosure import unscreened
from app.domain.ledger import TransactionType
from app.domain.periods import end_of
from app.domain.terms import Origin, PartnerCategory
from app.publishing.exporting.givers import further_of
from app.publishing.exporting.rows import (
    AgreementRow,
    AnyRow,
    BaselineRow,
    BriefRow,
    EvaluationRow,
    IndicatorRow,
    PeriodRow,
    ProjectRow,
    SetupRow,
    ValueRow,
)

#: activities that are read together; more of those of which nothing but what is stored is asked
BATCH, BRIEF_BATCH = 500, 2000

_PROJECT, _BRIEF = tuple(ProjectRow.__annotations__), tuple(BriefRow.__annotations__)


def project_batches(
    session: Session, *, codes: Collection[str] | None = None, reporting_org_id: int | None = None
) -> Iterator[list[BriefRow]]:
    """The projects that may be published, in the order of their identifiers, :data:`BRIEF_BATCH` at a time, in brief.

    ``codes``: only those with one of these codes or IATI identifiers.
    """
    project = table(Project)
    statement = select(*(project.c[name] for name in _BRIEF)).where(project.c.archived_at.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.c.code.in_(codes), project.c.iati_identifier.in_(codes)))
    if reporting_org_id is not None:
        statement = statement.where(project.c.reporting_org_id == reporting_org_id)
    statement = statement.order_by(project.c.iati_identifier).limit(BRIEF_BATCH)
    after = ""
    while rows := session.execute(statement.where(project.c.iati_identifier > after)).all():
        yield [_row(BriefRow, row) for row in rows]
        after = rows[-1].iati_identifier


def projects_keyed(session: Session, keys: Collection[int]) -> list[ProjectRow]:
    """Projects by key, archived ones too, in the order of their identifiers."""
    project = table(Project)
    statement = select(*(project.c[name] for name in _PROJECT)).where(project.c.id.in_(keys))
    return [_row(ProjectRow, row) for row in session.execute(statement.order_by(project.c.iati_identifier))]


def _row(kind: type[AnyRow], values: Iterable[object]) -> AnyRow:
    return cast("AnyRow", dict(zip(kind.__annotations__, values, strict=True)))


def _by(session: Session, column: str, kind: type[AnyRow], statement: Statement) -> dict[int, list[AnyRow]]:
    names = tuple(kind.__annotations__)
    found: dict[int, list[dict[str, object]]] = defaultdict(list)
    at = names.index(column)
    for row in _read(session, statement):
        found[row[at]].append(dict(zip(names, row)))  # noqa: B905 - rows of one select have its columns
    return cast("dict[int, list[AnyRow]]", found)


def _read(session: Session, statement: Statement) -> Iterable[tuple[Any, ...]]:
    """The rows of a statement. What turns a driver's value into ours is applied to whole columns at a time, and not to
    NULL, which is what most values of wide tables are."""
    result: Any = session.execute(statement)
    columns: list[Sequence[object]] = list(zip(*result.cursor.fetchall(), strict=True))
    dialect = session.connection().dialect
    kinds = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
    for at, (kind, said) in enumerate(zip(kinds, result.cursor.description, strict=True)):
        process = kind.result_processor(dialect, said[1])
        if process is not None and columns:
            columns[at] = [None if value is None else process(value) for value in columns[at]]
    result.close()
    return zip(*columns, strict=True)


def below(session: Session, row_class: type[Row], kind: type[AnyRow], keys: Sequence[int]) -> dict[int, list[AnyRow]]:
    """The rows of a table by project, in the order in which they are published."""
    target = table(row_class).c
    order = (target.id,) if row_class in (Allocation, LedgerEntry) else (target.ordinal, target.id)
    statement = select(*(target[name] for name in kind.__annotations__)).where(target.project_id.in_(keys))
    return _by(session, "project_id", kind, statement.order_by(*order))


def indicators(session: Session, keys: Sequence[int]) -> dict[int, list[IndicatorRow]]:
    """The indicators of projects, by result."""
    return _by(session, "result_id", IndicatorRow, _of_projects(Indicator, IndicatorRow, keys))


def baselines(session: Session, keys: Sequence[int]) -> dict[int, list[BaselineRow]]:
    """The baselines of projects, by indicator."""
    return _by(session, "indicator_id", BaselineRow, _of_projects(Baseline, BaselineRow, keys, Indicator))


def periods(session: Session, keys: Sequence[int]) -> dict[int, list[PeriodRow]]:
    """The periods of projects, by indicator."""
    return _by(session, "indicator_id", PeriodRow, _of_projects(IndicatorPeriod, PeriodRow, keys, Indicator))


def values(session: Session, keys: Sequence[int]) -> dict[int, list[ValueRow]]:
    """Targets and actuals of projects, by period."""
    return _by(session, "period_id", ValueRow, _of_projects(PeriodValue, ValueRow, keys, IndicatorPeriod, Indicator))


def _of_projects(row_class: type[Row], kind: type[AnyRow], keys: Sequence[int], *above: type[Row]) -> Statement:
    """Rows of the logframe; ``above``: the classes between them and the result, from below."""
    target = table(row_class)
    statement = select(*(target.c[name] for name in kind.__annotations__)).order_by(target.c.ordinal, target.c.id)
    here, rooms = target, list[type[Row]]([*above, Result])
    for each in rooms:
        upper = table(each)
        statement = statement.join(upper, upper.c.id == here.c[_ABOVE[here.name]])
        here = upper
    return statement.where(here.c.project_id.in_(keys))


#: table of the logframe → the column that names the row above
_ABOVE = {
    "indicators": "result_id",
    "indicator_baselines": "indicator_id",
    "indicator_periods": "indicator_id",
    "period_values": "period_id",
}


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation that publications name."""

    id: int
    identifier: str | None
    name: str
    name_translations: list[list[str]]
    type: str | None
    former_identifiers: list[str]


def organisations(session: Session, keys: Collection[int]) -> dict[int, OrganisationRow]:
    organisation = table(Organisation).c
    statement = select(
        organisation.id, organisation.identifier, organisation.name, organisation.name_translations,
        organisation.type, organisation.former_identifiers,
    )  # fmt: skip
    return {
        row.id: row
        for some in chunks(keys)
        for row in shaped(OrganisationRow, session.execute(statement.where(organisation.id.in_(some))))
    }


def barred(session: Session, keys: Collection[int]) -> dict[int, str]:
    """Of organisations those that are partners whose screening bars publication, with why.

    An archived partner bars too, unless the organisation is a partner in use as well.
    """
    partner = table(Partner).c
    found: dict[int, tuple[bool, str | None]] = {}
    for some in chunks(keys):
        rows = session.execute(
            select(partner.organisation_id, partner.archived_at.is_(None), partner.screening)
            .where(partner.organisation_id.in_(some))
            .order_by(partner.id)
        )
        for key, in_use, screening in rows:
            known, reason = found.get(key), unscreened(screening)
            if known is None or (in_use and not known[0]) or (in_use == known[0] and reason):
                found[key] = (bool(in_use), reason)
    return {key: reason for key, (_in_use, reason) in found.items() if reason}


def partner_categories(session: Session, keys: Collection[int]) -> dict[int, PartnerCategory]:
    """The category of the partners among organisations, by the organisation's key."""
    partner = table(Partner).c
    statement = select(partner.organisation_id, partner.category)
    return {
        row.organisation_id: row.category
        for some in chunks(keys)
        for row in session.execute(statement.where(partner.organisation_id.in_(some)).order_by(partner.id.desc()))
    }


def agreements(session: Session, keys: Sequence[int]) -> dict[int, list[AgreementRow]]:
    """The agreements that fund projects, by project, in the order of their references; of several partners each.

    The first partner of an agreement comes first.
    """
    share, agreement, partner = table(FundingShare), table(Agreement), table(Partner)
    statement = (
        select(
            agreement.c.id, share.c.project_id, partner.c.organisation_id, agreement.c.reference, agreement.c.status,
            agreement.c.modality, agreement.c.category, agreement.c.aid_type, agreement.c.provider_activity,
            agreement.c.preset, agreement.c.currency, partner.c.category, partner.c.code,
            agreement.c.further_partners,
        )
        .join(agreement, agreement.c.id == share.c.agreement_id)
        .join(partner, partner.c.id == agreement.c.partner_id)
        .where(share.c.project_id.in_(keys), share.c.archived_at.is_(None))
        .order_by(agreement.c.reference, share.c.id)
    )  # fmt: skip
    found = _by(session, "project_id", AgreementRow, statement)
    codes = {code for rows in found.values() for row in rows for code, _ in further_of(row)}
    if codes:
        joining = {
            row.code: row
            for row in session.execute(
                select(partner.c.code, partner.c.organisation_id, partner.c.category).where(partner.c.code.in_(codes))
            )
        }
        for rows in found.values():
            for row in list(rows):
                for code, _ in further_of(row):
                    other = joining[code]
                    further = row.copy()
                    further["giver"], further["provider_activity"] = code, None
                    further["organisation_id"], further["partner_category"] = other.organisation_id, other.category
                    rows.append(further)
    return found


def published_evaluations(session: Session, keys: Sequence[int]) -> dict[int, list[EvaluationRow]]:
    """Evaluations of projects whose reports are published, by project, in the order of their references."""
    evaluation, covered = table(Evaluation), table(EvaluationProject)
    statement = (
        select(
            evaluation.c.id, covered.c.project_id, evaluation.c.reference, evaluation.c.kind, evaluation.c.title,
            evaluation.c.report_url, evaluation.c.response_url, evaluation.c.completed_on,
        )
        .join(evaluation, evaluation.c.id == covered.c.evaluation_id)
        .where(
            covered.c.project_id.in_(keys),
            evaluation.c.published.is_(True),
            evaluation.c.archived_at.is_(None),
            or_(evaluation.c.report_url.is_not(None), evaluation.c.response_url.is_not(None)),
        )
        .order_by(evaluation.c.reference)
    )  # fmt: skip
    return _by(session, "project_id", EvaluationRow, statement)


def end_drafts(session: Session, keys: Collection[int]) -> None:
    """The projects are drafts no longer."""
    project = table(Project)
    for some in chunks(keys):
        session.execute(update(project).where(project.c.id.in_(some)).values(findings=null()))


def identifiers(session: Session, keys: Collection[int]) -> dict[int, str]:
    """IATI identifiers of projects by key; archived ones are left out, because they are not published."""
    project = table(Project).c
    statement = select(project.id, project.iati_identifier).where(project.id.in_(keys), project.archived_at.is_(None))
    return {row[0]: row[1] for row in session.execute(statement)}


def setup(session: Session) -> SetupRow | None:
    """The organisation's own set-up, None before ``earmark init``."""
    kept = table(Setup).c
    row = session.execute(select(*(kept[name] for name in SetupRow.__annotations__))).one_or_none()
    return None if row is None else _row(SetupRow, row)


def newest_change(
    session: Session, *, as_of: dt.date, codes: Collection[str] | None = None, drafts: bool = False
) -> dt.datetime | None:
    """The newest ``last-updated-datetime`` among the activities that may be published on a day; with drafts or not."""
    project = table(Project).c
    later = and_(project.origin == Origin.OWN, project.content_changed_at > end_of(as_of))
    changed_at = case((later, literal(end_of(as_of), UTCDateTime)), else_=project.content_changed_at)
    statement = select(func.max(changed_at)).where(
        project.archived_at.is_(None),
        project.withheld_reason.is_(None),
        or_(project.embargo_until.is_(None), project.embargo_until <= as_of),
    )
    if not drafts:
        statement = statement.where(project.findings.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.code.in_(codes), project.iati_identifier.in_(codes)))
    found: dt.datetime | None = session.scalar(statement)
    return found


def project_key(session: Session, code: str) -> int | None:
    """The project with a code, else the one with an IATI identifier."""
    project = table(Project).c
    statement = select(project.id).where(or_(project.code == code, project.iati_identifier == code))
    found: int | None = session.scalar(statement.order_by(project.code != code).limit(1))
    return found


def count_projects(session: Session, *, codes: Collection[str] | None = None) -> int:
    """How many projects may be published."""
    project = table(Project).c
    statement = select(func.count()).where(project.archived_at.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.code.in_(codes), project.iati_identifier.in_(codes)))
    return session.scalar(statement) or 0


def has_expenditure(session: Session, *, codes: Collection[str] | None = None) -> bool:
    """Whether any project that may be published has expenditure that was posted here."""
    project, entry = table(Project), table(LedgerEntry)
    statement = (
        select(entry.c.id)
        .join(project, project.c.id == entry.c.project_id)
        .where(
            entry.c.type == TransactionType.EXPENDITURE.value,
            entry.c.ordinal.is_(None),
            entry.c.withheld_reason.is_(None),
            project.c.archived_at.is_(None),
        )
    )
    if codes is not None:
        statement = statement.where(or_(project.c.code.in_(codes), project.c.iati_identifier.in_(codes)))
    return session.execute(statement.limit(1)).first() is not None


def unknown_codes(session: Session, codes: Collection[str]) -> list[str]:
    """Those of the codes that name no project."""
    project = table(Project).c
    found: set[str] = set()
    for row in session.execute(
        select(project.code, project.iati_identifier).where(
            or_(project.code.in_(codes), project.iati_identifier.in_(codes))
        )
    ):
        found.update(row)
    return sorted(set(codes) - found)
