"""Statements of alerts: recorded once, told, silenced, escalated; and their lists."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlmodel import Session

from app.alerts.rows import Alerted, OfficerRow, Recommended, RecordedRung, UnitRow, Waiting
from app.db.alerts import Alert, AlertEvent, JobRun, MessageAlert, Subscription
from app.db.among import among
from app.db.base import ResultRow, Statement, table
from app.db.bulk import change_rows, insert_missing
from app.db.duties import AgreementDuty
from app.db.evaluations import (
    Evaluation,
    EvaluationProject,
    Obligation,
    ObligationDecision,
    Recommendation,
    WaiverTakenBack,
)
from app.db.organisation import Officer, Unit
from app.db.oversight import OversightReport
from app.db.people import User
from app.db.projects import Project
from app.db.shapes import shaped
from app.domain.duties import Duty
from app.domain.terms import RecommendationStatus
from app.http.lists import Listing, at_least, at_most, equals, sort

_project, _unit, _officer = table(Project).c, table(Unit).c, table(Officer).c

_run, _alert, _event = table(JobRun).c, table(Alert).c, table(AlertEvent).c
_recommendation, _evaluation, _covered = table(Recommendation).c, table(Evaluation).c, table(EvaluationProject).c
_officer, _unit, _user = table(Officer).c, table(Unit).c, table(User).c
_project = table(Project).c
_duty, _report = table(AgreementDuty).c, table(OversightReport).c
_told, _subscription = table(MessageAlert).c, table(Subscription).c


#: recommendations that ask for something
FOLLOWED = (RecommendationStatus.OPEN, RecommendationStatus.IN_PROGRESS, RecommendationStatus.DEFERRED)

#: why an alert is looked at no more
SETTLED = "settled, or moved to another date"

Moment = TypeVar("Moment", dt.date, dt.datetime)


def duty_ids(session: Session, asked: Sequence[Duty]) -> dict[str, int]:
    """The key of each of these duties, by name; who is new gets one."""
    rows = [{"name": duty.name, "agreement_id": duty.agreement_id, "project_id": duty.project_id} for duty in asked]
    insert_missing(session, AgreementDuty, rows, _duty.id)
    names = [duty.name for duty in asked]
    return {row.name: row.id for row in session.execute(select(_duty.id, _duty.name).where(_duty.name.in_(names)))}


def projects_of(session: Session, *, officer_id: int | None, unit_id: int | None) -> set[int]:
    """Projects of an officer, or of a unit."""
    own = _project.unit_id == unit_id if officer_id is None else _project.officer_id == officer_id
    return set(session.scalars(select(_project.id).where(own)))


def duties(session: Session, ids: Collection[int]) -> list[AgreementDuty]:
    return list(session.scalars(select(AgreementDuty).where(_duty.id.in_(ids))))


def last_done(session: Session, *jobs: str) -> JobRun | None:
    """The newest run of these jobs that ended well."""
    return session.scalars(
        select(JobRun).where(_run.job.in_(sorted(jobs)), _run.outcome == "done").order_by(_run.id.desc()).limit(1)
    ).first()


def recorded_alerts(session: Session, subject_kind: str, ids: Sequence[int]) -> list[RecordedRung]:
    """The rungs recorded about these subjects."""
    statement = (
        select(_alert.id, _alert.subject_id, _alert.rung, _alert.rung_on, _alert.due_on)
        .where(_alert.subject_kind == subject_kind, _alert.subject_id.in_(ids))
        .order_by(_alert.id)
    )
    return shaped(RecordedRung, session.execute(statement))


def looked_at(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Notes when the job has to look again: rows of ``row_id``, ``look_on``, ``activation_on``."""
    change_rows(session, Obligation, rows)


def newest_alert_id(session: Session, recorded_until: dt.datetime) -> int:
    """Key of the newest alert that was recorded by that moment; 0 when there is none."""
    found = select(_alert.id).where(_alert.recorded_at <= recorded_until).order_by(_alert.id.desc()).limit(1)
    return session.scalar(found) or 0


def _settled(*kinds: str) -> ColumnElement[bool]:
    return select(literal(1)).where(_event.alert_id == _alert.id, _event.kind.in_(kinds)).exists()


#: whom alerts about a project go to now; those about none, to whom they were recorded for
_officer_now = case((_project.id.is_(None), _alert.officer_id), else_=_project.officer_id)
_unit_now = case((_project.id.is_(None), _alert.unit_id), else_=_project.unit_id)


def untold_recipients(session: Session, after: int) -> list[Waiting]:
    """Officers with alerts, recorded after key ``after``, that are to be told and no message tells; None: nobody."""
    officer = _officer_now.label("officer_id")
    statement = (
        select(officer, func.count().label("alerts"))
        .select_from(table(Alert))
        .join(table(Project), _project.id == _alert.project_id, isouter=True)
        .where(_alert.id > after, *_untold("digest"))
        .group_by(officer)
        .order_by(officer)
    )
    return shaped(Waiting, session.execute(statement))


def _untold(purpose: str) -> tuple[ColumnElement[bool], ...]:
    told = select(literal(1)).where(_told.alert_id == _alert.id, _told.purpose == purpose).exists()
    return _alert.told_by_id.is_(None), ~_settled("suppressed", "acknowledged"), ~told


def untold(session: Session, officer_ids: Sequence[int | None], after: int) -> list[Alerted]:
    """Alerts of these officers that are to be told and no message tells."""
    theirs = among(_officer_now, [each for each in officer_ids if each is not None])
    mine = or_(theirs, _officer_now.is_(None)) if None in officer_ids else theirs
    rows = session.execute(
        alerts_with_projects().where(_alert.id > after, mine, *_untold("digest")).order_by(_alert.due_on, _alert.id)
    )
    return [alerted(row) for row in rows]


def alerts_with_projects() -> Statement:
    """Alerts in the columns of :class:`Alerted`."""
    return (
        select(
            _alert.id, _alert.subject_kind, _alert.subject_id, _alert.rung, _alert.rung_on, _alert.due_on,
            _alert.as_of, _alert.message, _officer_now.label("officer_id"), _project.code.label("project"),
            _project.title.label("project_title"), _unit_now.label("unit_id"),
            _settled("acknowledged").label("acknowledged"), _newest_snooze().label("snoozed_until"),
        )
        .select_from(table(Alert))
        .join(table(Project), _project.id == _alert.project_id, isouter=True)
    )  # fmt: skip


def alerts_of(session: Session, ids: Collection[int]) -> list[Alerted]:
    """These alerts, by key."""
    rows = session.execute(alerts_with_projects().where(_alert.id.in_(sorted(ids))).order_by(_alert.id))
    return [alerted(row) for row in rows]


def alerted(row: ResultRow) -> Alerted:
    """A row of :func:`alerts_with_projects`."""
    columns = row._mapping
    return Alerted(**{name: columns[name] for name in Alerted.__slots__})


def snoozes_over(session: Session, as_of: dt.date) -> list[tuple[Alerted, int]]:
    """Alerts whose newest silence ended before the day and that nobody was reminded of; with the key of the silence."""
    newest = (
        select(func.max(_event.id))
        .where(_event.alert_id == _alert.id, _event.kind == "snoozed")
        .correlate(table(Alert))
        .scalar_subquery()
    )
    purpose = literal("reminder-").concat(text("CAST(snooze.id AS VARCHAR)"))
    snooze = table(AlertEvent).alias("snooze")
    reminded = select(literal(1)).where(_told.alert_id == _alert.id, _told.purpose == purpose).exists()
    rows = session.execute(
        alerts_with_projects()
        .add_columns(snooze.c.id.label("event_id"))
        .join(snooze, and_(snooze.c.alert_id == _alert.id, snooze.c.kind == "snoozed"))
        .where(snooze.c.id == newest, snooze.c.until < as_of, ~_settled("suppressed", "acknowledged"), ~reminded)
        .order_by(_alert.due_on, _alert.id)
    )
    return [(alerted(row), row.event_id) for row in rows]


def impatient(session: Session, kinds: Collection[str], until: dt.date, after: int, limit: int) -> list[Alerted]:
    """Told alerts about subjects of these kinds, recorded by the day, of which nothing was heard since."""
    rows = session.execute(
        alerts_with_projects()
        .where(
            _alert.id > after,
            _alert.subject_kind.in_(sorted(kinds)),
            _alert.told_by_id.is_(None),
            _alert.as_of <= until,
            ~_settled("escalated", "acknowledged"),
            ~_withdrawn(),
        )
        .order_by(_alert.id)
        .limit(limit)
    )
    return [alerted(row) for row in rows]


def _withdrawn() -> ColumnElement[bool]:
    """Whether the alert was found to ask for nothing any more, and no waiver was taken back since."""
    back, decision = table(WaiverTakenBack).c, table(ObligationDecision).c
    owed_again = select(literal(1)).where(
        _alert.subject_kind == "obligation",
        _event.reason == SETTLED,
        decision.obligation_id == _alert.subject_id,
        back.decision_id == decision.id,
        back.recorded_at > _event.recorded_at,
    )
    return (
        select(literal(1))
        .where(_event.alert_id == _alert.id, _event.kind == "suppressed", ~owed_again.exists())
        .correlate(table(Alert))
        .exists()
    )


def _newest_snooze() -> ScalarSelect[dt.date]:
    return (
        select(func.max(_event.until))
        .where(_event.alert_id == _alert.id, _event.kind == "snoozed")
        .correlate(table(Alert))
        .scalar_subquery()
    )


def officers(session: Session, ids: Collection[int]) -> dict[int, OfficerRow]:
    """Officers with the head of their unit."""
    account = select(_user.id).where(_user.officer_id == _officer.id)
    shut_out = and_(account.exists(), ~account.where(_user.archived_at.is_(None)).exists())
    statement = (
        select(
            _officer.id, _officer.code, _officer.name, _officer.email, _officer.archived_at, _officer.unit_id,
            _unit.head, _unit.head_email, shut_out.label("shut_out"),
        )
        .join_from(table(Officer), table(Unit), _unit.id == _officer.unit_id)
        .where(_officer.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in shaped(OfficerRow, session.execute(statement))}


def units(session: Session, ids: Collection[int]) -> dict[int, UnitRow]:
    statement = select(_unit.id, _unit.code, _unit.name, _unit.head, _unit.head_email).where(_unit.id.in_(ids))
    return {row.id: row for row in shaped(UnitRow, session.execute(statement))}


def unsubscribed(session: Session, addresses: Collection[str]) -> set[str]:
    """Addresses that take no digests: the newest word counts."""
    newest = (
        select(func.max(_subscription.id))
        .where(_subscription.email.in_(sorted(addresses)))
        .group_by(_subscription.email)
    )
    return set(
        session.scalars(
            select(_subscription.email).where(_subscription.id.in_(newest), _subscription.digests.is_(False))
        )
    )


def open_recommendations(session: Session, after: int, limit: int) -> list[Recommended]:
    """Recommendations that are not settled."""
    rows = session.execute(
        _recommendations()
        .where(
            _recommendation.id > after,
            _recommendation.status.in_(FOLLOWED),
        )
        .order_by(_recommendation.id)
        .limit(limit)
    )
    return [Recommended(**row._mapping) for row in rows]


def recommendations(session: Session, ids: Collection[int]) -> list[Recommended]:
    """Those of these recommendations that are not archived."""
    rows = session.execute(_recommendations().where(_recommendation.id.in_(ids)))
    return [Recommended(**row._mapping) for row in rows]


def _recommendations() -> Statement:
    """Recommendations with the officer of a project that was evaluated, and that project: any, where none has one.

    Those of other overseers have the officer who is their owner, and the unit that was looked at.
    """
    owner = (
        select(func.min(_officer.id))
        .where(
            _recommendation.report_id.is_not(None),
            or_(_officer.code == _recommendation.owner, _officer.name == _recommendation.owner),
        )
        .correlate(table(Recommendation))
        .scalar_subquery()
    )
    officer = (
        select(func.min(_project.officer_id))
        .join_from(table(Project), table(EvaluationProject), _covered.project_id == _project.id)
        .where(_covered.evaluation_id == _recommendation.evaluation_id)
        .correlate(table(Recommendation))
        .scalar_subquery()
    )
    project = (
        select(func.min(_project.id))
        .join_from(table(Project), table(EvaluationProject), _covered.project_id == _project.id)
        .where(
            _covered.evaluation_id == _recommendation.evaluation_id,
            _project.officer_id.is_not_distinct_from(officer),
        )
        .correlate(table(Recommendation))
        .scalar_subquery()
    )
    return (
        select(
            _recommendation.id, _recommendation.reference, _recommendation.text, _recommendation.status,
            _recommendation.response, _recommendation.response_due_on, _recommendation.plan_on,
            _recommendation.plan_due_on, _recommendation.due_on, _recommendation.owner,
            func.coalesce(officer, owner).label("officer_id"), project.label("project_id"), _report.unit_id,
        )
        .join_from(
            table(Recommendation), table(Evaluation), _evaluation.id == _recommendation.evaluation_id, isouter=True
        )
        .join(table(OversightReport), _report.id == _recommendation.report_id, isouter=True)
        .where(
            _recommendation.archived_at.is_(None), _evaluation.archived_at.is_(None), _report.archived_at.is_(None)
        )
    )  # fmt: skip


def _newest_event(column: Column[Moment], kind: str) -> ScalarSelect[Moment]:
    return (
        select(func.max(column))
        .where(_event.alert_id == _alert.id, _event.kind == kind)
        .correlate(table(Alert))
        .scalar_subquery()
    )


ALERTS = Listing(
    name="alerts",
    statement=select(
        _alert.id, _alert.subject_kind, _alert.subject_id, _project.code.label("project"),
        _officer.code.label("officer"), _alert.rung, _alert.rung_on, _alert.due_on, _alert.as_of,
        _alert.told_by_id.is_(None).label("told"), _alert.message,
        _newest_event(_event.recorded_at, "acknowledged").label("acknowledged_on"),
        _newest_event(_event.until, "snoozed").label("snoozed_until"),
        _newest_event(_event.recorded_at, "escalated").label("escalated_at"),
        _alert.recorded_at,
    )
    .join_from(table(Alert), table(Project), _project.id == _alert.project_id, isouter=True)
    .join(table(Officer), _officer.id == _alert.officer_id, isouter=True),
    key=_alert.id,
    sorts={"as_of": sort(_alert.as_of), "due_on": sort(_alert.due_on), "id": sort(_alert.id)},
    filters={
        "project": equals(_project.code),
        "officer": equals(_officer.code),
        "subject_kind": equals(_alert.subject_kind),
        "as_of_from": at_least(_alert.as_of),
        "as_of_to": at_most(_alert.as_of),
        "told": lambda value: _alert.told_by_id.is_(None) if value else _alert.told_by_id.is_not(None),
        "obligation": lambda value: (_alert.subject_kind == "obligation") & (_alert.subject_id == value),
    },
    usual_sort="-id",
)  # fmt: skip


def events_of(session: Session, alert_id: int) -> list[AlertEvent]:
    return list(session.scalars(select(AlertEvent).where(_event.alert_id == alert_id).order_by(_event.id)))
