"""Which units a record touches, from every side: what ``app.domain.access`` judges.

A record below one project has one side, the project's unit. These have several.
"""

from sqlalchemy import select
from sqlmodel import Session

from app.db.alerts import Alert
from app.db.base import table
from app.db.duties import AgreementDuty
from app.db.evaluations import EvaluationProject, Recommendation
from app.db.funding import FundingShare
from app.db.oversight import OversightReport
from app.db.projects import Project
from app.db.spending import LedgerEntry

_project, _covered, _share = table(Project).c, table(EvaluationProject).c, table(FundingShare).c
_entry = table(LedgerEntry).c


def units_of_agreement(session: Session, agreement_id: int) -> set[int | None]:
    """Units of the projects that an agreement funds, or of which the ledger has money of it; empty: nobody's yet."""
    funded = select(_share.project_id).where(_share.agreement_id == agreement_id, _share.archived_at.is_(None))
    posted = select(_entry.project_id).where(_entry.agreement_id == agreement_id)
    return set(session.scalars(select(_project.unit_id).where(_project.id.in_(funded) | _project.id.in_(posted))))


def units_of_evaluation(session: Session, evaluation_id: int) -> set[int | None]:
    """Units of all the projects that an evaluation covers; empty: it is the organisation's."""
    return set(
        session.scalars(
            select(_project.unit_id)
            .join_from(table(Project), table(EvaluationProject), _covered.project_id == _project.id)
            .where(_covered.evaluation_id == evaluation_id)
        )
    )


def units_of_report(report: OversightReport) -> set[int | None]:
    """The unit that an audit looked at; empty: it looked at the organisation."""
    return set() if report.unit_id is None else {report.unit_id}


def units_of_recommendation(session: Session, recommendation: Recommendation) -> set[int | None]:
    """Units of the evaluation or of the report that it comes from."""
    if recommendation.evaluation_id is not None:
        return units_of_evaluation(session, recommendation.evaluation_id)
    return units_of_report(session.get_one(OversightReport, recommendation.report_id))


def units_of_alert(session: Session, alert: Alert) -> set[int | None]:
    """Units of the project an alert is about; of all those of an evaluation or agreement it is about."""
    if alert.subject_kind in ("recommendation", "response", "plan"):
        recommendation = session.get(Recommendation, alert.subject_id)
        if recommendation is not None:
            return units_of_recommendation(session, recommendation)
    if alert.subject_kind == "duty":
        duty = session.get(AgreementDuty, alert.subject_id)
        if duty is not None and duty.agreement_id is not None:
            return units_of_agreement(session, duty.agreement_id)
    project = None if alert.project_id is None else session.get(Project, alert.project_id)
    if project is not None:
        return {project.unit_id}
    return set() if alert.unit_id is None else {alert.unit_id}
