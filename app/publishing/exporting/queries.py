"""What publications read, a batch of activities at a time: a constant number of statements for each batch."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, literal, null, or_, select, update
from sqlmodel import Session

from app.db.among import chunks
from app.db.base import Row, Statement, table
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner
from app.db.projects import Classification, Contact, Document, Link, Location, Participant, Project
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, LedgerEntry
from app.db.types import UTCDateTime
from app.domain.disclosure import unscreened
from app.domain.ledger import TransactionType
from app.domain.periods import end_of
from app.domain.terms import Origin, PartnerCategory

#: activities that are read together
BATCH = 500

#: a row as its columns' values by name
Columns = dict[str, Any]

PROJECT = (
    "id", "code", "iati_identifier", "grain", "origin", "reporting_org_id", "title", "title_translations",
    "description", "description_translations", "language", "default_currency", "stage", "planned_start",
    "planned_end", "actual_start", "actual_end", "parent_id", "outcome", "country_programme", "gender_marker",
    "humanitarian", "activity_scope", "collaboration_type", "flow_type", "finance_type", "aid_type", "tied_status",
    "withheld_reason", "embargo_until", "content_version", "content_changed_at", "iati_remainder",
    "former_identifiers", "findings",
)  # fmt: skip

#: tables below a project: the columns that a publication needs
BELOW: dict[str, tuple[type[Row], tuple[str, ...]]] = {
    "participants": (
        Participant,
        ("id", "project_id", "organisation_id", "role", "ordinal", "activity", "remainder"),
    ),
    "classifications": (
        Classification,
        (
            "id", "project_id", "kind", "ordinal", "vocabulary", "code", "percentage", "significance", "remainder",
        ),
    ),
    "contacts": (
        Contact,
        (
            "id", "project_id", "ordinal", "type", "organisation", "department", "person", "job_title", "telephone",
            "email", "website", "address", "released", "remainder", "archived_at",
        ),
    ),
    "locations": (
        Location,
        (
            "id", "project_id", "ordinal", "reference", "name", "position", "exactness", "location_class",
            "remainder",
        ),
    ),
    "documents": (
        Document,
        (
            "id", "project_id", "ordinal", "url", "format", "title", "title_translations", "category", "language",
            "document_date", "withheld_reason", "embargo_until", "remainder", "archived_at",
        ),
    ),
    "links": (Link, ("id", "project_id", "ordinal", "type", "identifier", "remainder")),
    "allocations": (
        Allocation,
        (
            "id", "project_id", "period_start", "period_end", "agreement_id", "source", "kind", "outcome", "country",
            "line", "decided_on", "amount", "currency", "status", "value_date", "supersedes_id", "withdrawn",
            "ordinal", "remainder",
        ),
    ),
    "ledger_entries": (
        LedgerEntry,
        (
            "id", "project_id", "agreement_id", "type", "date", "amount", "currency", "value_date", "description",
            "description_translations", "provider_id", "provider_activity", "receiver_id", "receiver_activity",
            "country", "sector", "flow_type", "finance_type", "aid_type", "tied_status", "internal", "entry_kind",
            "adjusts_id", "withheld_reason", "reference", "ordinal", "remainder",
        ),
    ),
    "results": (
        Result,
        (
            "id", "project_id", "ordinal", "type", "title", "title_translations", "description", "aggregation",
            "remainder", "archived_at",
        ),
    ),
}  # fmt: skip

_INDICATOR = (
    "id", "result_id", "ordinal", "measure", "title", "title_translations", "description", "ascending",
    "aggregation", "remainder",
)  # fmt: skip
_BASELINE = ("id", "indicator_id", "ordinal", "year", "iso_date", "value", "comment", "remainder")
_PERIOD = ("id", "indicator_id", "ordinal", "starts_on", "ends_on", "remainder")
_VALUE = ("id", "period_id", "kind", "ordinal", "value", "comment", "dimensions", "remainder")


def project_batches(
    session: Session, *, codes: Collection[str] | None = None, reporting_org_id: int | None = None
) -> Iterator[list[Columns]]:
    """The projects that may be published, in the order of their identifiers, :data:`BATCH` at a time.

    ``codes``: only those with one of these codes or IATI identifiers.
    """
    project = table(Project)
    statement = select(*(project.c[name] for name in PROJECT)).where(project.c.archived_at.is_(None))
    if codes is not None:
        statement = statement.where(or_(project.c.code.in_(codes), project.c.iati_identifier.in_(codes)))
    if reporting_org_id is not None:
        statement = statement.where(project.c.reporting_org_id == reporting_org_id)
    statement = statement.order_by(project.c.iati_identifier).limit(BATCH)
    after = ""
    while rows := session.execute(statement.where(project.c.iati_identifier > after)).all():
        yield [dict(zip(PROJECT, row, strict=True)) for row in rows]
        after = rows[-1].iati_identifier


def projects_keyed(session: Session, keys: Collection[int]) -> list[Columns]:
    """Projects by key, archived ones too, in the order of their identifiers."""
    project = table(Project)
    statement = select(*(project.c[name] for name in PROJECT)).where(project.c.id.in_(keys))
    return [
        dict(zip(PROJECT, row, strict=True)) for row in session.execute(statement.order_by(project.c.iati_identifier))
    ]


def _by(session: Session, column: str, names: Sequence[str], statement: Statement) -> dict[int, list[Columns]]:
    found: dict[int, list[Columns]] = defaultdict(list)
    at = names.index(column)
    for row in _read(session, statement):
        found[row[at]].append(dict(zip(names, row)))  # noqa: B905 - rows of one select have its columns
    return found


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


def below(session: Session, name: str, keys: Sequence[int]) -> dict[int, list[Columns]]:
    """The rows of a table of :data:`BELOW` by project, in the order in which they are published."""
    row_class, names = BELOW[name]
    target = table(row_class).c
    order = (target.ordinal, target.id) if name not in ("allocations", "ledger_entries") else (target.id,)
    statement = select(*(target[each] for each in names)).where(target.project_id.in_(keys)).order_by(*order)
    return _by(session, "project_id", names, statement)


def _select(row_class: type[Row], names: Sequence[str]) -> Statement:
    target = table(row_class).c
    return select(*(target[each] for each in names)).order_by(target.ordinal, target.id)


def logframe(session: Session, keys: Sequence[int]) -> dict[str, dict[int, list[Columns]]]:
    """Rows below the results of projects, by the key of the row above."""
    result, indicator, period = table(Result), table(Indicator), table(IndicatorPeriod)
    baseline, value = table(Baseline), table(PeriodValue)
    of_projects = result.c.project_id.in_(keys)
    indicators = _select(Indicator, _INDICATOR).join(result, result.c.id == indicator.c.result_id)
    baselines = (
        _select(Baseline, _BASELINE)
        .join(indicator, indicator.c.id == baseline.c.indicator_id)
        .join(result, result.c.id == indicator.c.result_id)
    )
    periods = (
        _select(IndicatorPeriod, _PERIOD)
        .join(indicator, indicator.c.id == period.c.indicator_id)
        .join(result, result.c.id == indicator.c.result_id)
    )
    values = (
        _select(PeriodValue, _VALUE)
        .join(period, period.c.id == value.c.period_id)
        .join(indicator, indicator.c.id == period.c.indicator_id)
        .join(result, result.c.id == indicator.c.result_id)
    )
    return {
        "indicators": _by(session, "result_id", _INDICATOR, indicators.where(of_projects)),
        "indicator_baselines": _by(session, "indicator_id", _BASELINE, baselines.where(of_projects)),
        "indicator_periods": _by(session, "indicator_id", _PERIOD, periods.where(of_projects)),
        "period_values": _by(session, "period_id", _VALUE, values.where(of_projects)),
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
        row[0]: OrganisationRow(*row)
        for some in chunks(keys)
        for row in session.execute(statement.where(organisation.id.in_(some))).all()
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


_AGREEMENT = (
    "agreement_id", "project_id", "organisation_id", "reference", "status", "modality", "category", "aid_type",
    "provider_activity", "preset", "currency", "partner_category",
)  # fmt: skip


def partner_categories(session: Session, keys: Collection[int]) -> dict[int, PartnerCategory]:
    """The category of the partners among organisations, by the organisation's key."""
    partner = table(Partner).c
    statement = select(partner.organisation_id, partner.category)
    return {
        row.organisation_id: row.category
        for some in chunks(keys)
        for row in session.execute(statement.where(partner.organisation_id.in_(some)).order_by(partner.id.desc()))
    }


def agreements(session: Session, keys: Sequence[int]) -> dict[int, list[Columns]]:
    """The agreements that fund projects, by project, in the order of their references."""
    share, agreement, partner = table(FundingShare), table(Agreement), table(Partner)
    statement = (
        select(
            agreement.c.id, share.c.project_id, partner.c.organisation_id, agreement.c.reference, agreement.c.status,
            agreement.c.modality, agreement.c.category, agreement.c.aid_type, agreement.c.provider_activity,
            agreement.c.preset, agreement.c.currency, partner.c.category,
        )
        .join(agreement, agreement.c.id == share.c.agreement_id)
        .join(partner, partner.c.id == agreement.c.partner_id)
        .where(share.c.project_id.in_(keys), share.c.archived_at.is_(None))
        .order_by(agreement.c.reference, share.c.id)
    )  # fmt: skip
    return _by(session, "project_id", _AGREEMENT, statement)


_EVALUATION = (
    "id", "project_id", "reference", "kind", "title", "report_url", "response_url", "completed_on",
)  # fmt: skip


def published_evaluations(session: Session, keys: Sequence[int]) -> dict[int, list[Columns]]:
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
    return _by(session, "project_id", _EVALUATION, statement)


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


SETUP = (
    "organisation_id", "currency", "language", "languages", "default_flow_type", "default_finance_type",
    "default_tied_status", "default_aid_type", "fiscal_year_start", "biennium_starts_even",
)  # fmt: skip


def setup(session: Session) -> Columns | None:
    """The organisation's own set-up, None before ``earmark init``."""
    kept = table(Setup).c
    row = session.execute(select(*(kept[name] for name in SETUP))).one_or_none()
    return None if row is None else dict(zip(SETUP, row, strict=True))


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
