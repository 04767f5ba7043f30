"""Which units a record touches, from every side: what ``app.domain.access`` judges.

A record below one project has one side, the project's unit. These have several.
"""

from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, case, select, union
from sqlmodel import Session

from app.db import base
from app.db.alerts import Alert
from app.db.base import key, table
from app.db.duties import AgreementDuty
from app.db.evaluations import Evaluation, EvaluationProject, Recommendation
from app.db.funding import FundingShare
from app.db.organisation import Unit
from app.db.oversight import OversightReport
from app.db.projects import Project
from app.db.spending import LedgerEntry

_project, _covered, _share = table(Project).c, table(EvaluationProject).c, table(FundingShare).c
_entry, _evaluation, _unit = table(LedgerEntry).c, table(Evaluation).c, table(Unit).c
#: scopes of evaluations whose subject is a project or pool; and those whose subject is somebody's
_OF_PROJECTS = ("fund", "flagship")
_OWNED = ("unit", *_OF_PROJECTS)
#: what alerts are about: what was recommended, and what an agreement owes
_FOLLOWED_UP, _OWED = frozenset({"recommendation", "response", "plan"}), frozenset({"duty"})

Row = TypeVar("Row", bound=base.Row)


#: key of a record → the units it touches
Units = dict[int, set[int | None]]


def units_of_agreement(session: Session, agreement_id: int) -> set[int | None]:
    """Units of the projects that an agreement funds, or of which the ledger has money of it; empty: nobody's yet."""
    return units_of_agreements(session, [agreement_id])[agreement_id]


def units_of_agreements(session: Session, agreement_ids: Collection[int]) -> Units:
    """The same of several, in one statement."""
    pairs = union(
        select(_share.agreement_id, _share.project_id).where(
            _share.agreement_id.in_(agreement_ids), _share.archived_at.is_(None)
        ),
        select(_entry.agreement_id, _entry.project_id).where(_entry.agreement_id.in_(agreement_ids)),
    ).subquery()
    rows = select(pairs.c.agreement_id, _project.unit_id).join_from(
        pairs, table(Project), pairs.c.project_id == _project.id
    )
    return _gathered(session, rows.distinct(), agreement_ids)


def units_of_subject(session: Session, scope: str, subject: str | None) -> set[int | None]:
    """Units that are touched by evaluating a subject beside projects; None among them: it is the organisation's.

    An evaluation is what the institution owes of a unit or fund, or of a theme or country; whatever projects it also
    covers, it is not theirs alone.
    """
    if scope == "project":
        return set()
    if scope == "unit":
        return {session.scalars(select(_unit.id).where(_unit.code == subject)).first()}
    if scope in _OF_PROJECTS:
        return {session.scalars(select(_project.unit_id).where(_project.code == subject)).first()}
    return {None}


def units_of_evaluation(session: Session, evaluation_id: int) -> set[int | None]:
    """Units of all the projects that an evaluation covers, and of its subject; empty: it is the organisation's."""
    return _evaluated(session, [evaluation_id], _evaluation.scope != "project")[evaluation_id]


def units_of_follow_up(session: Session, evaluation_ids: Collection[int]) -> Units:
    """Units of whoever follows evaluations up: of the projects they cover, and of a subject that is somebody's; in one
    statement.

    What an evaluation of a theme, country or the institution recommends is answered by those whose projects it looked
    at, though the evaluation itself is the organisation's; empty: it looked at none.
    """
    return _evaluated(session, evaluation_ids, _evaluation.scope.in_(_OWNED))


def _evaluated(session: Session, evaluation_ids: Collection[int], has_subject: ColumnElement[bool]) -> Units:
    unit_id = case(
        (_evaluation.scope == "unit", select(_unit.id).where(_unit.code == _evaluation.subject).scalar_subquery()),
        (
            _evaluation.scope.in_(_OF_PROJECTS),
            select(_project.unit_id).where(_project.code == _evaluation.subject).scalar_subquery(),
        ),
    )
    rows = union(
        select(_covered.evaluation_id, _project.unit_id)
        .join_from(table(Project), table(EvaluationProject), _covered.project_id == _project.id)
        .where(_covered.evaluation_id.in_(evaluation_ids)),
        select(_evaluation.id, unit_id).where(_evaluation.id.in_(evaluation_ids), has_subject),
    ).subquery()
    return _gathered(session, select(*rows.c), evaluation_ids)


def _gathered(session: Session, rows: Select[tuple[int, int | None]], keys: Collection[int]) -> Units:
    found: Units = {each: set() for each in keys}
    for each, unit_id in session.execute(rows) if keys else ():
        found[each].add(unit_id)
    return found


def units_of_report(report: OversightReport) -> set[int | None]:
    """The unit that an audit looked at; empty: it looked at the organisation."""
    return set() if report.unit_id is None else {report.unit_id}


def units_of_recommendation(session: Session, recommendation: Recommendation) -> set[int | None]:
    """Units of the evaluation or of the report that it comes from."""
    return units_of_recommendations(session, [recommendation])[key(recommendation)]


def units_of_recommendations(session: Session, recommendations: Collection[Recommendation]) -> Units:
    """The same of several, in two statements."""
    evaluated = units_of_follow_up(session, {row.evaluation_id for row in recommendations if row.evaluation_id})
    reports = _by_key(session, OversightReport, {row.report_id for row in recommendations if row.report_id})
    return {
        key(row): evaluated[row.evaluation_id] if row.evaluation_id else units_of_report(reports[row.report_id or 0])
        for row in recommendations
    }


def units_of_alert(session: Session, alert: Alert) -> set[int | None]:
    """Units of the project an alert is about; of all those of an evaluation or agreement it is about."""
    return units_of_alerts(session, [key(alert)])[key(alert)]


def units_of_alerts(session: Session, alert_ids: Collection[int]) -> Units:
    """The same of several, in as many statements as there are kinds of records."""
    alerts = _by_key(session, Alert, alert_ids).values()
    about = {kind: {row.subject_id for row in alerts if row.subject_kind in kind} for kind in (_FOLLOWED_UP, _OWED)}
    recommendations = _by_key(session, Recommendation, about[_FOLLOWED_UP])
    recommended = units_of_recommendations(session, recommendations.values())
    duties = _by_key(session, AgreementDuty, about[_OWED])
    agreed = units_of_agreements(session, {row.agreement_id for row in duties.values() if row.agreement_id})
    projects = _by_key(session, Project, {row.project_id for row in alerts if row.project_id})

    def units(alert: Alert) -> set[int | None]:
        if alert.subject_kind in _FOLLOWED_UP and alert.subject_id in recommended:
            return recommended[alert.subject_id]
        duty = duties.get(alert.subject_id) if alert.subject_kind in _OWED else None
        if duty is not None and duty.agreement_id is not None:
            return agreed[duty.agreement_id]
        project = projects.get(alert.project_id or 0)
        if project is not None:
            return {project.unit_id}
        return set() if alert.unit_id is None else {alert.unit_id}

    return {key(alert): units(alert) for alert in alerts}


def _by_key(session: Session, kind: type[Row], keys: Collection[int]) -> dict[int, Row]:
    if not keys:
        return {}
    rows = session.scalars(select(kind).where(table(kind).c.id.in_(keys)))
    return {key(row): row for row in rows}
