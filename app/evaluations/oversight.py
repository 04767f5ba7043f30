"""Rules of change for reports of overseers that are no evaluations, and for their scores. None of them commits."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.oversight import AssessmentScore, OversightReport
from app.db.partners import Partner
from app.db.put import Put, assign
from app.db.sides import units_of_report
from app.domain.access import Actor, Right
from app.domain.terms import Overseer
from app.errors import Conflict, Fault, InvalidInput
from app.evaluations import queries_oversight as queries
from app.evaluations.recommendations import set_days_of_report
from app.evaluations.schemas_oversight import AssessmentScoreIn, OversightReportIn, ScoreIn
from app.inputs import FaultList, Input, Sent, sent

#: columns that a body names as they are
_COLUMNS = tuple(name for name in OversightReportIn.model_fields if name not in ("unit", "partner"))
_REQUIRED = ("reference", "overseer", "title", "issued_on")

#: lowest and highest score; None: there is no such end
Scale = tuple[Decimal | None, Decimal | None]


def create_oversight_report(
    session: Session, actor: Actor, body: OversightReportIn, *, today: dt.date, pointer: str = ""
) -> OversightReport:
    """A new report.

    :raises Conflict: when the reference exists already.
    """
    if queries.report_by_reference(session, body.reference) is not None:
        raise _taken(body.reference, pointer)
    report = OversightReport(
        reference=body.reference, overseer=Overseer(body.overseer), title=body.title, issued_on=body.issued_on
    )
    _store(session, actor, report, body, today=today, pointer=pointer)
    return report


def update_oversight_report(
    session: Session, actor: Actor, report: OversightReport, body: Input, *, today: dt.date, pointer: str = ""
) -> bool:
    """Changes what the body (an ``OversightReportPatch``) sets; tells whether anything differed."""
    reference = sent(body).get("reference")
    if reference not in (None, report.reference) and queries.report_by_reference(session, reference):
        raise _taken(reference, pointer)
    return _store(session, actor, report, body, today=today, pointer=pointer)


def put_oversight_report(
    session: Session, actor: Actor, body: OversightReportIn, *, today: dt.date, pointer: str = ""
) -> Put[OversightReport]:
    """Creates the report of this reference, or changes what differs."""
    report = queries.report_by_reference(session, body.reference)
    if report is None:
        return Put(create_oversight_report(session, actor, body, today=today, pointer=pointer), "created")
    changed = _store(session, actor, report, body, today=today, pointer=pointer)
    return Put(report, "updated" if changed else "unchanged")


def archive_oversight_report(session: Session, actor: Actor, report: OversightReport) -> None:
    """Takes a report out of use, with what it recommends."""
    _keep(session, actor, report, archiving.archive)


def restore_oversight_report(session: Session, actor: Actor, report: OversightReport) -> None:
    _keep(session, actor, report, archiving.restore)


def _keep(
    session: Session, actor: Actor, report: OversightReport, change: Callable[[Session, OversightReport], None]
) -> None:
    require_change(actor, report)
    change(session, report)


def require_change(actor: Actor, report: OversightReport) -> None:
    """Raises ``NotAllowed`` for who may not change it."""
    actor.require(Right.EVALUATE)
    actor.require_unit(*units_of_report(report))


def _store(
    session: Session, actor: Actor, report: OversightReport, body: Input, *, today: dt.date, pointer: str
) -> bool:
    actor.require(Right.EVALUATE)
    is_new = report.id is None
    if not is_new:
        require_change(actor, report)
    found = FaultList(pointer)
    given = {name: value for name, value in sent(body).items() if value is not None or name not in _REQUIRED}
    values = {name: given[name] for name in _COLUMNS if name in given} | _links(session, given, found)
    if "overseer" in values:
        values["overseer"] = Overseer(values["overseer"])
    issued_on: dt.date = values.get("issued_on", report.issued_on)
    if issued_on > today:
        found.add("issued_on", "oversight-report.future-date", "The report would be issued in the future.")
    scores: list[ScoreIn] | None = given.get("scores")
    scale = (values.get("scale_min", report.scale_min), values.get("scale_max", report.scale_max))
    standing = [] if is_new or scores is not None else queries.score_rows(session, key(report))
    _check_scale(scale, [row.score for row in standing], found)
    for place, one in enumerate(scores or ()):
        _check_score(one.score, scale, found, f"scores/{place}/score")
    found.refuse()
    unit_id = values.get("unit_id", report.unit_id)
    actor.require_unit(*(() if unit_id is None else (unit_id,)))
    changed = assign(report, values)
    session.add(report)
    session.flush()
    if scores is not None and _score(session, report, scores, found):
        changed = True
        if not is_new:
            report.version += 1
    if changed and not is_new:
        set_days_of_report(session, report)
    session.flush()
    return changed


def _links(session: Session, given: Sent, found: FaultList) -> Sent:
    """The keys of unit and partner that a body names."""
    values: Sent = {}
    if "unit" in given:
        unit = row_by(session, Unit, "code", given["unit"])
        if given["unit"] is not None and unit is None:
            found.add("unit", "unit.unknown", f"There is no unit {given['unit']}.")
        values["unit_id"] = None if unit is None else unit.id
    if "partner" in given:
        partner = row_by(session, Partner, "code", given["partner"])
        if given["partner"] is not None and partner is None:
            found.add("partner", "partner.unknown", f"There is no partner {given['partner']}.")
        values["partner_id"] = None if partner is None else partner.id
    return values


def _check_scale(scale: Scale, scores: Sequence[Decimal], found: FaultList) -> None:
    low, high = scale
    if (low is None) is not (high is None):
        found.add("scale_max", "oversight-report.scale", "A scale has a lowest and a highest score: give both.")
    elif low is not None and high is not None and low >= high:
        found.add("scale_max", "oversight-report.scale", "The highest score lies above the lowest.")
    elif any(not _fits(score, scale) for score in scores):
        found.add("scale_max", "oversight-report.scale", "There are scores outside this scale already.")


def _score(session: Session, report: OversightReport, scores: Sequence[ScoreIn], found: FaultList) -> bool:
    """Makes the scores those given, in their order; tells whether anything differed."""
    standing = {(row.section, row.aspect, row.item): row for row in queries.score_rows(session, key(report))}
    changed = False
    seen: set[tuple[str, str, str]] = set()
    for place, one in enumerate(scores):
        name = (one.section, one.aspect, one.item or "")
        if name in seen:
            found.add(f"scores/{place}", "score.twice", f"{' '.join(filter(None, name))} is scored twice.")
        seen.add(name)
    found.refuse()
    for place, one in enumerate(scores, start=1):
        name = (one.section, one.aspect, one.item or "")
        row = standing.pop(name, None)
        if row is None:
            section, aspect, item = name
            row = AssessmentScore(
                report_id=key(report), ordinal=place, section=section, aspect=aspect, item=item, score=one.score
            )
            session.add(row)
            changed = True
        changed = assign(row, {"ordinal": place, "score": one.score}) or changed
    for row in standing.values():
        session.delete(row)
        changed = True
    session.flush()
    return changed


def items_before(session: Session, report: OversightReport) -> list[dict[str, str]]:
    """What the report of the same series before this one scored, without its scores; empty where there is none."""
    before = None if report.series is None else queries.report_before(session, report.series, report.issued_on)
    if before is None:
        return []
    return [
        {"section": row.section, "aspect": row.aspect, "item": row.item} for row in queries.score_rows(session, before)
    ]


def put_score(session: Session, actor: Actor, body: AssessmentScoreIn, *, pointer: str = "") -> Put[AssessmentScore]:
    """A score by report, section, aspect and item; a new one stands after the others."""
    found = FaultList(pointer)
    report = queries.report_by_reference(session, body.report)
    if report is None:
        message = f"There is no report {body.report}: load it first (earmark import csv oversight-reports)."
        found.add("report", "oversight-report.unknown", message)
        raise InvalidInput(found.found)
    require_change(actor, report)
    _check_score(body.score, (report.scale_min, report.scale_max), found, "score")
    found.refuse()
    item = body.item or ""
    row = queries.find_score(session, key(report), body.section, body.aspect, item)
    outcome = "updated" if row is not None else "created"
    if row is None:
        row = AssessmentScore(
            report_id=key(report),
            ordinal=queries.next_place(session, key(report)),
            section=body.section,
            aspect=body.aspect,
            item=item,
            score=body.score,
        )
        session.add(row)
    elif not assign(row, {"score": body.score}):
        return Put(row, "unchanged")
    report.version += 1
    session.flush()
    return Put(row, "created" if outcome == "created" else "updated")


def _fits(score: Decimal, scale: Scale) -> bool:
    low, high = scale
    return (low is None or low <= score) and (high is None or score <= high)


def _check_score(score: Decimal, scale: Scale, found: FaultList, place: str) -> None:
    if not _fits(score, scale):
        message = f"The score {score} lies outside the scale from {scale[0]} to {scale[1]}."
        found.add(place, "score.outside-scale", message)


def _taken(reference: str, pointer: str) -> Conflict:
    message = f"There is a report {reference} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/reference", rule="unique", message=message)])
