"""Every kind of table, in the order in which an office fills an empty database."""

import datetime as dt
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlmodel import Session

from app.db.put import Put
from app.domain.access import Actor
from app.errors import NotFound, UsageError
from app.evaluations.lessons import put_lesson
from app.evaluations.milestones import put_milestone
from app.evaluations.oversight import put_oversight_report, put_score
from app.evaluations.recommendations import put_action, put_recommendation
from app.evaluations.schemas import EvaluationIn, RecommendationActionIn, RecommendationIn
from app.evaluations.schemas_lessons import LessonIn
from app.evaluations.schemas_milestones import MilestoneIn
from app.evaluations.schemas_oversight import AssessmentScoreIn, OversightReportIn
from app.evaluations.service import evaluations_ahead, put_evaluation
from app.funding.amendments import put_amendment
from app.funding.duties import put_condition, put_report, put_schedule
from app.funding.frameworks import FrameworkAgreementIn, put_framework_agreement
from app.funding.presets import put_preset
from app.funding.queries_ahead import agreements_ahead, instalments_ahead, shares_ahead
from app.funding.remarks import SCHEDULED
from app.funding.repurposing import put_repurposing
from app.funding.schemas import AgreementIn, AmendmentIn, FundingShareIn, InstalmentIn, PresetIn
from app.funding.schemas_duties import AgreementReportIn, ConditionIn, ReportScheduleIn
from app.funding.schemas_repurposing import RepurposingIn
from app.funding.service import put_agreement
from app.funding.shares import put_funding_share, put_instalment
from app.partners.protection import ProtectionCheckIn, put_protection_check
from app.partners.schemas import PartnerIn
from app.partners.service import partners_ahead, put_partner
from app.people.schemas import OfficerIn, UnitIn
from app.people.service import officers_ahead, put_officer, put_unit, units_ahead
from app.projects.documents import put_document
from app.projects.planned import put_planned
from app.projects.revisions import put_revision
from app.projects.risks import put_risk
from app.projects.schemas import DocumentIn, PoolIn, ProjectIn, RevisionIn
from app.projects.schemas_planned import PlannedPaymentRow
from app.projects.schemas_risks import RiskIn
from app.projects.service import pools_ahead, projects_ahead, put_pool, put_project
from app.publishing.corrections import CorrectionIn, put_correction
from app.results.frameworks import FrameworkTargetIn, ResultsFrameworkIn, put_framework_target, put_results_framework
from app.results.items import put_framework
from app.results.programmes import CountryProgrammeIn, put_programme
from app.results.records import ResultRecordIn, put_record
from app.results.schemas import FrameworkIn, ResultIn
from app.results.service import put_result
from app.results.tags import FrameworkTagIn, FrameworkWayIn, put_tag, put_way
from app.spending.allocations import allocations_ahead, put_allocation
from app.spending.assistance import AssistanceTypeIn, put_assistance_type
from app.spending.budgets import put_institutional_budget
from app.spending.control import put_indicator_target, put_note, put_target
from app.spending.control_schemas import DeliveryNoteIn, IndicatorTargetIn, TargetIn
from app.spending.ledger import put_transaction
from app.spending.many import Poster
from app.spending.queries import encumbrances_ahead
from app.spending.queries_many import entries_ahead
from app.spending.schemas import AllocationIn, EncumbranceIn, InstitutionalBudgetIn, RateIn, TransactionIn
from app.spending.service import put_encumbrance, put_rate, release_encumbrances
from app.tabular.kinds import Kind, PutFunction
from app.tabular.last_remarks import OfTheWhole

Body_contra = TypeVar("Body_contra", contravariant=True)


class _Dated(Protocol[Body_contra]):
    """A put function that takes the day of the import, for what a row does not date itself."""

    def __call__(self, session: Session, actor: Actor, body: Body_contra, /, *, today: dt.date) -> Put[object]: ...


def _undated(put: Callable[[Session, Actor, Body_contra], Put[object]]) -> PutFunction:
    """A put function that does not ask for the day."""
    return lambda session, actor, body, _today: put(session, actor, body)


def _dated(put: _Dated[Body_contra]) -> PutFunction:
    """A put function that is told the day of the import."""

    def call(session: Session, actor: Actor, body: Body_contra, today: dt.date) -> Put[object]:
        return put(session, actor, body, today=today)

    return call


#: what the instalments of an agreement make
_INSTALMENTS = OfTheWhole(rule=SCHEDULED, owner="agreement_id")

KINDS: tuple[Kind, ...] = (
    Kind(name="units", model=UnitIn, key=("code",), put=_undated(put_unit), ahead=units_ahead, remarks=False),
    Kind(
        name="officers", model=OfficerIn, key=("code",), put=_undated(put_officer), ahead=officers_ahead, remarks=False
    ),
    Kind(name="partners", model=PartnerIn, key=("code",), put=_undated(put_partner), ahead=partners_ahead),
    Kind(name="pools", model=PoolIn, key=("code",), put=_dated(put_pool), ahead=pools_ahead, remarks=False),
    Kind(
        name="agreements",
        model=AgreementIn,
        key=("reference",),
        put=_dated(put_agreement),
        ahead=agreements_ahead,
        remarks=False,
    ),
    Kind(
        name="projects",
        model=ProjectIn,
        key=("code",),
        put=_dated(put_project),
        ahead=projects_ahead,
        remarks=False,
    ),
    Kind(
        name="agreement-amendments",
        model=AmendmentIn,
        key=("agreement", "decided_on"),
        put=_dated(put_amendment),
        of_the_whole=_INSTALMENTS,
    ),
    Kind(
        name="agreement-repurposings",
        model=RepurposingIn,
        key=("agreement", "decided_on"),
        put=_dated(put_repurposing),
    ),
    Kind(
        name="report-schedules",
        model=ReportScheduleIn,
        key=("agreement", "kind"),
        put=_undated(put_schedule),
    ),
    Kind(
        name="agreement-reports",
        model=AgreementReportIn,
        key=("agreement", "kind", "due_on"),
        put=_dated(put_report),
    ),
    Kind(
        name="agreement-conditions",
        model=ConditionIn,
        key=("agreement", "code"),
        put=_dated(put_condition),
    ),
    Kind(name="presets", model=PresetIn, key=("code", "valid_from"), put=_undated(put_preset)),
    Kind(
        name="framework-agreements",
        model=FrameworkAgreementIn,
        key=("code",),
        put=_undated(put_framework_agreement),
    ),
    Kind(
        name="protection-checks",
        model=ProtectionCheckIn,
        key=("partner", "checked_on"),
        put=_dated(put_protection_check),
    ),
    Kind(name="assistance-types", model=AssistanceTypeIn, key=("code",), put=_undated(put_assistance_type)),
    Kind(
        name="funding-shares",
        model=FundingShareIn,
        key=("agreement", "project", "starts_on", "decided_on"),
        put=_dated(put_funding_share),
        ahead=shares_ahead,
        remarks=False,
    ),
    Kind(name="revisions", model=RevisionIn, key=("project", "field", "decided_on"), put=_dated(put_revision)),
    Kind(name="rates", model=RateIn, key=("currency", "effective_on"), put=_undated(put_rate), repeats=True),
    Kind(
        name="allocations",
        model=AllocationIn,
        key=("project", "fiscal_year", "source", "kind", "decided_on", "outcome", "country"),
        put=_dated(put_allocation),
        ahead=allocations_ahead,
        remarks=False,
    ),
    Kind(
        name="instalments",
        model=InstalmentIn,
        key=("agreement", "due_on", "decided_on"),
        put=_dated(put_instalment),
        of_the_whole=_INSTALMENTS,
        ahead=instalments_ahead,
        remarks=False,
    ),
    Kind(
        name="transactions",
        model=TransactionIn,
        key=("document",),
        put=_dated(put_transaction),
        many=Poster,
        ahead=entries_ahead,
        compared=True,
    ),
    Kind(
        name="encumbrances",
        model=EncumbranceIn,
        key=("document",),
        put=_dated(put_encumbrance),
        ahead=encumbrances_ahead,
        remarks_beyond="released_on",
        compared=True,
        vanish=release_encumbrances,
    ),
    Kind(
        name="evaluations",
        model=EvaluationIn,
        key=("reference",),
        put=_dated(put_evaluation),
        ahead=evaluations_ahead,
        remarks=False,
    ),
    Kind(name="milestones", model=MilestoneIn, key=("strategy", "code"), put=_dated(put_milestone)),
    Kind(
        name="oversight-reports",
        model=OversightReportIn,
        key=("reference",),
        put=_dated(put_oversight_report),
    ),
    Kind(
        name="assessment-scores",
        model=AssessmentScoreIn,
        key=("report", "section", "aspect", "item"),
        put=_undated(put_score),
    ),
    Kind(name="recommendations", model=RecommendationIn, key=("reference",), put=_dated(put_recommendation)),
    Kind(name="lessons", model=LessonIn, key=("reference",), put=_dated(put_lesson)),
    Kind(name="risks", model=RiskIn, key=("reference",), put=_dated(put_risk)),
    Kind(
        name="recommendation-actions",
        model=RecommendationActionIn,
        key=("recommendation", "text"),
        put=_undated(put_action),
    ),
    Kind(
        name="results-framework",
        model=FrameworkIn,
        key=("framework", "level", "code"),
        put=_undated(put_framework),
        further="regions",
        parted_by="code",
    ),
    Kind(
        name="results",
        model=ResultIn,
        key=("project", "result", "indicator", "period_start", "period_end"),
        put=_undated(put_result),
    ),
    Kind(name="frameworks", model=ResultsFrameworkIn, key=("code",), put=_undated(put_results_framework)),
    Kind(
        name="framework-targets",
        model=FrameworkTargetIn,
        key=("framework", "code", "period", "region"),
        put=_undated(put_framework_target),
    ),
    Kind(
        name="framework-tags",
        model=FrameworkTagIn,
        key=("framework", "code", "project", "country_programme", "fiscal_year", "source"),
        put=_undated(put_tag),
    ),
    Kind(
        name="framework-crosswalk",
        model=FrameworkWayIn,
        key=("from_framework", "from_code", "to_framework", "to_code"),
        put=_undated(put_way),
    ),
    Kind(name="country-programmes", model=CountryProgrammeIn, key=("code",), put=_undated(put_programme)),
    Kind(
        name="planned-payments",
        model=PlannedPaymentRow,
        key=("project", "receiver", "period_start", "kind"),
        put=_undated(put_planned),
    ),
    Kind(name="result-records", model=ResultRecordIn, key=("reference",), put=_undated(put_record)),
    Kind(name="documents", model=DocumentIn, key=("project", "url"), put=_undated(put_document)),
    Kind(
        name="institutional-budget",
        model=InstitutionalBudgetIn,
        key=("kind", "period_start", "period_end", "country", "line", "decided_on"),
        put=_dated(put_institutional_budget),
    ),
    Kind(
        name="delivery-targets",
        model=TargetIn,
        key=("scope", "code", "period", "decided_on"),
        put=_dated(put_target),
    ),
    Kind(
        name="indicator-targets",
        model=IndicatorTargetIn,
        key=("indicator", "period", "decided_on"),
        put=_dated(put_indicator_target),
    ),
    Kind(name="corrections", model=CorrectionIn, key=("project", "path"), put=_dated(put_correction)),
    Kind(name="delivery-notes", model=DeliveryNoteIn, key=("project", "period", "noted_on"), put=_dated(put_note)),
)


#: what the ledger is called by those who keep it
_ALIASES = {"ledger": "transactions"}


def kind(name: str) -> Kind:
    """The kind of that name; ``UsageError`` names the others."""
    wanted = _ALIASES.get(name, name)
    for found in KINDS:
        if found.name == wanted:
            return found
    raise UsageError(f"There is no kind {name!r}. Kinds: {', '.join(found.name for found in KINDS)}.")


def kind_shown(name: str) -> Kind:
    """The kind whose name is part of an address.

    :raises NotFound: naming the kinds there are.
    """
    try:
        return kind(name)
    except UsageError as error:
        raise NotFound(error.message) from error
