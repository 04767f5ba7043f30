"""Rows of the flat tables. Every statement names its columns as the table does, and comes in the order of keys.

What was archived is left out, but for what others still name: units, officers, partners, agreements and evaluations say
of themselves that they are archived.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, func, select
from sqlmodel import Session

from app.db.agreements import newest_first
from app.db.among import among
from app.db.base import Statement, table
from app.db.evaluations import Evaluation, EvaluationProject, EvaluationRating, Recommendation
from app.db.funding import Agreement, AgreementRevision
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation, Partner
from app.db.projects import Classification, Document, Link, Location, Participant, Project, ProjectRevision
from app.db.publishing import PublicFile, PublishedActivity, Release, ReleaseFile
from app.db.results import Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.shapes import shaped
from app.evaluations.obligations.queries_due import joined as joined_obligations

_project, _unit, _officer = table(Project), table(Unit), table(Officer)
_agreement, _partner, _organisation = table(Agreement), table(Partner), table(Organisation)
_evaluation = table(Evaluation)


def _archived(row: FromClause) -> ColumnElement[bool]:
    return row.c.archived_at.is_not(None).label("archived")


def units() -> Statement:
    return select(_unit.c.code.label("unit"), _unit.c.name, _unit.c.region, _archived(_unit)).order_by(_unit.c.id)


def officers() -> Statement:
    return (
        select(_officer.c.code.label("officer"), _officer.c.name, _unit.c.code.label("unit"), _archived(_officer))
        .join_from(_officer, _unit, _unit.c.id == _officer.c.unit_id)
        .order_by(_officer.c.id)
    )


def partners() -> Statement:
    return (
        select(
            _partner.c.code.label("partner"),
            _organisation.c.name,
            _organisation.c.identifier,
            _organisation.c.country,
            _partner.c.category,
            _partner.c.subcategory,
            _archived(_partner),
        )
        .join_from(_partner, _organisation, _organisation.c.id == _partner.c.organisation_id)
        .order_by(_partner.c.id)
    )


def agreements(as_of: dt.date | None) -> Statement:
    """Agreements with the terms that hold, or that were known on a day; those that nobody knew yet are left out."""
    stands: FromClause = _agreement
    found = select(
        _agreement.c.reference.label("agreement"),
        _partner.c.code.label("partner"),
        _agreement.c.title,
        _agreement.c.signed_on,
        _agreement.c.currency,
        _agreement.c.framework,
        _archived(_agreement),
    ).join_from(_agreement, _partner, _partner.c.id == _agreement.c.partner_id)
    if as_of is not None:
        stands, other = table(AgreementRevision), table(AgreementRevision).alias("other")
        holds = (
            select(other.c.id)
            .where(other.c.agreement_id == _agreement.c.id, other.c.known_on <= as_of)
            .order_by(*newest_first(other))
            .limit(1)
            .correlate(_agreement)
            .scalar_subquery()
        )
        found = found.join(stands, stands.c.id == holds)
    terms = ("status", "starts_on", "ends_on", "amount", "support_cost_rate", "gross")
    # a published file told the figures alone; the classification is then that of the agreement
    classed = (
        func.coalesce(stands.c[name], _agreement.c[name]).label(name) for name in ("preset", "modality", "category")
    )
    return found.add_columns(*(stands.c[name] for name in terms), *classed).order_by(_agreement.c.id)


def activities() -> Statement:
    parent, seen = _project.alias("parent"), table(PublishedActivity).c
    plain = (
        "title", "description", "planned_start", "planned_end", "actual_start", "actual_end", "total_budget",
        "outcome", "humanitarian", "pilot", "gender_marker", "embargo_until", "updated_at",
    )  # fmt: skip
    return (
        select(
            _project.c.id,
            _project.c.code.label("activity"),
            _project.c.iati_identifier,
            _project.c.grain,
            _project.c.stage.label("status"),
            *(_project.c[name] for name in plain),
            _project.c.budget_currency.label("currency"),
            _unit.c.code.label("unit"),
            _officer.c.code.label("officer"),
            parent.c.code.label("parent"),
            select(seen.id).where(seen.project_id == _project.c.id).exists().label("published"),
            _project.c.findings.is_not(None).label("draft"),
        )
        .select_from(_project)
        .outerjoin(_unit, _unit.c.id == _project.c.unit_id)
        .outerjoin(_officer, _officer.c.id == _project.c.officer_id)
        .outerjoin(parent, and_(parent.c.id == _project.c.parent_id, parent.c.archived_at.is_(None)))
        .where(_project.c.archived_at.is_(None))
        .order_by(_project.c.id)
    )


def revisions_until(session: Session, project_ids: Sequence[int], as_of: dt.date) -> Sequence[ProjectRevision]:
    """What was decided on projects up to a day."""
    row = table(ProjectRevision).c
    return session.scalars(
        select(ProjectRevision).where(among(row.project_id, project_ids), row.known_on <= as_of)
    ).all()


def classifications(kind: str) -> Statement:
    row = table(Classification)
    return (
        select(
            row.c.id.label(kind.replace("-", "_")),
            _project.c.code.label("activity"),
            row.c.vocabulary,
            row.c.code,
            row.c.percentage,
            row.c.significance,
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .where(row.c.kind == kind, _project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def participants() -> Statement:
    row = table(Participant)
    return (
        select(
            row.c.id.label("participant"),
            _project.c.code.label("activity"),
            row.c.role,
            _organisation.c.name.label("organisation"),
            _organisation.c.identifier,
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .join(_organisation, _organisation.c.id == row.c.organisation_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def locations() -> Statement:
    row = table(Location)
    return (
        select(
            row.c.id.label("location"), _project.c.code.label("activity"), row.c.name, row.c.position, row.c.exactness
        )
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def related() -> Statement:
    row = table(Link)
    return (
        select(row.c.id.label("related"), _project.c.code.label("activity"), row.c.type, row.c.identifier)
        .join_from(row, _project, _project.c.id == row.c.project_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def documents() -> Statement:
    row = table(Document)
    return (
        select(
            row.c.id.label("document"),
            _project.c.code.label("activity"),
            _evaluation.c.reference.label("evaluation"),
            *(row.c[name] for name in ("url", "format", "title", "category", "language", "document_date")),
        )
        .select_from(row)
        .outerjoin(_project, _project.c.id == row.c.project_id)
        .outerjoin(_evaluation, _evaluation.c.id == row.c.evaluation_id)
        .where(row.c.archived_at.is_(None), _project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def obligations() -> Statement:
    """In the columns of :class:`app.evaluations.obligations.rows.OwedRow`."""
    found = joined_obligations()
    return found.order_by(*(column for column in found.selected_columns if column.name == "id"))


def evaluations() -> Statement:
    plain = (
        "kind", "independence", "title", "status", "planned_start", "planned_end", "started_on", "completed_on",
        "cancelled_on", "manager", "budget", "currency", "report_url", "scope", "country",
    )  # fmt: skip
    return select(
        _evaluation.c.reference.label("evaluation"), *(_evaluation.c[name] for name in plain), _archived(_evaluation)
    ).order_by(_evaluation.c.id)


def evaluated() -> Statement:
    row = table(EvaluationProject)
    return (
        select(_evaluation.c.reference.label("evaluation"), _project.c.code.label("activity"))
        .join_from(row, _evaluation, _evaluation.c.id == row.c.evaluation_id)
        .join(_project, _project.c.id == row.c.project_id)
        .where(_project.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def ratings() -> Statement:
    row = table(EvaluationRating)
    return (
        select(_evaluation.c.reference.label("evaluation"), row.c.criterion, row.c.rating)
        .join_from(row, _evaluation, _evaluation.c.id == row.c.evaluation_id)
        .order_by(row.c.id)
    )


def recommendations() -> Statement:
    row = table(Recommendation)
    plain = ("text", "response", "response_on", "response_due_on", "owner", "due_on", "status", "verified_on")
    return (
        select(
            row.c.reference.label("recommendation"),
            _evaluation.c.reference.label("evaluation"),
            *(row.c[name] for name in plain),
        )
        .join_from(row, _evaluation, _evaluation.c.id == row.c.evaluation_id)
        .where(row.c.archived_at.is_(None))
        .order_by(row.c.id)
    )


def result_periods() -> Statement:
    """A row for each period of an indicator, or for the indicator where it has none."""
    result, indicator, period = table(Result), table(Indicator), table(IndicatorPeriod)
    return (
        select(
            indicator.c.id.label("indicator"),
            period.c.id.label("period"),
            _project.c.code.label("activity"),
            result.c.title.label("result"),
            result.c.type.label("result_type"),
            indicator.c.title.label("indicator_title"),
            indicator.c.measure,
            period.c.starts_on.label("period_start"),
            period.c.ends_on.label("period_end"),
        )
        .join_from(result, _project, _project.c.id == result.c.project_id)
        .join(indicator, indicator.c.result_id == result.c.id)
        .outerjoin(period, period.c.indicator_id == indicator.c.id)
        .where(result.c.archived_at.is_(None), _project.c.archived_at.is_(None))
        .order_by(indicator.c.id, period.c.ordinal, period.c.id)
    )


@dataclass(frozen=True, slots=True)
class PeriodSaid:
    """A target or an actual value of a period."""

    period_id: int
    kind: str
    value: str | None


def period_values(session: Session, period_ids: Sequence[int]) -> list[PeriodSaid]:
    """Targets and actual values of the periods, the first in its order last."""
    row = table(PeriodValue)
    found = (
        select(row.c.period_id, row.c.kind, row.c.value)
        .where(among(row.c.period_id, period_ids))
        .order_by(row.c.period_id, row.c.ordinal.desc(), row.c.id.desc())
    )
    return shaped(PeriodSaid, session.execute(found))


def releases() -> Statement:
    """Files of releases that went out, with whether the world has them now."""
    row, file, public = table(Release), table(ReleaseFile), table(PublicFile)
    return (
        select(
            row.c.number.label("release"),
            file.c.dataset,
            row.c.state,
            row.c.as_of,
            row.c.published_at,
            file.c.file_type,
            file.c.part,
            file.c.activities.label("records"),
            file.c.size.label("bytes"),
            file.c.sha256,
            public.c.id.is_not(None).label("public"),
        )
        .join_from(file, row, row.c.id == file.c.release_id)
        .outerjoin(public, public.c.file_id == file.c.id)
        .where(row.c.published_at.is_not(None))
        .order_by(row.c.number, file.c.id)
    )
