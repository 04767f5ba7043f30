"""Reads of reports of overseers that are no evaluations, and of their scores."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import case, func, select
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import Recommendation
from app.db.organisation import Unit
from app.db.oversight import AssessmentScore, OversightReport
from app.db.partners import Partner
from app.domain.evaluation.oversight import Score
from app.http.lists import Listing, at_least, at_most, contains, equals, sort, unless_archived

_report, _score = table(OversightReport).c, table(AssessmentScore).c
_unit, _partner = table(Unit).c, table(Partner).c
_recommendation = table(Recommendation).c

REPORTS = Listing(
    name="reports of overseers",
    statement=select(
        _report.id, _report.version, _report.reference, _report.overseer, _report.title, _report.issued_on,
        _report.body, _report.series, _unit.code.label("unit"), _partner.code.label("partner"), _report.scale_min,
        _report.scale_max, _report.report_url, _report.note, _report.archived_at,
    )
    .join_from(table(OversightReport), table(Unit), _unit.id == _report.unit_id, isouter=True)
    .join(table(Partner), _partner.id == _report.partner_id, isouter=True),
    key=_report.id,
    sorts={
        "reference": sort(_report.reference),
        "issued_on": sort(_report.issued_on),
        "overseer": sort(_report.overseer),
        "id": sort(_report.id),
    },
    filters={
        "archived": unless_archived(_report.archived_at),
        "reference": equals(_report.reference),
        "overseer": equals(_report.overseer),
        "series": equals(_report.series),
        "unit": equals(_unit.code),
        "issued_on_from": at_least(_report.issued_on),
        "issued_on_to": at_most(_report.issued_on),
        "q": contains(_report.reference, _report.title, _report.body),
    },
    usual_sort="-issued_on",
)  # fmt: skip

#: scores of reports in use, as a table holds them
SCORES = Listing(
    name="scores",
    statement=select(
        _score.id, _report.reference.label("report"), _score.section, _score.aspect,
        case((_score.item != "", _score.item)).label("item"), _score.score, _report.archived_at,
    ).join_from(table(AssessmentScore), table(OversightReport), _report.id == _score.report_id),
    key=_score.id,
    sorts={"id": sort(_score.id)},
    filters={"archived": unless_archived(_report.archived_at)},
    usual_sort="id",
)  # fmt: skip


def report_by_reference(session: Session, reference: str) -> OversightReport | None:
    return session.scalars(select(OversightReport).where(_report.reference == reference)).one_or_none()


def recommendations_of_report(session: Session, report_id: int) -> list[Recommendation]:
    return list(session.scalars(select(Recommendation).where(_recommendation.report_id == report_id)))


def find_score(session: Session, report_id: int, section: str, aspect: str, item: str) -> AssessmentScore | None:
    own = (_score.report_id == report_id, _score.section == section, _score.aspect == aspect, _score.item == item)
    return session.scalars(select(AssessmentScore).where(*own)).one_or_none()


def next_place(session: Session, report_id: int) -> int:
    """The place after the last score of a report."""
    last = session.scalar(select(func.max(_score.ordinal)).where(_score.report_id == report_id))
    return 1 if last is None else last + 1


def score_rows(session: Session, report_id: int) -> list[AssessmentScore]:
    own = select(AssessmentScore).where(_score.report_id == report_id)
    return list(session.scalars(own.order_by(_score.ordinal, _score.id)))


def scores(session: Session, ids: Sequence[int]) -> dict[int, list[Score]]:
    """The scores of each of these reports, in their order."""
    found: dict[int, list[Score]] = {key: [] for key in ids}
    rows = session.execute(
        select(_score.report_id, _score.section, _score.aspect, _score.item, _score.score)
        .where(_score.report_id.in_(ids))
        .order_by(_score.report_id, _score.ordinal, _score.id)
    )
    for report_id, section, aspect, item, score in rows:
        found[report_id].append(Score(section=section, aspect=aspect, item=item or None, score=score))
    return found


def reports_until(session: Session, as_of: dt.date) -> list[OversightReport]:
    """Reports in use that were issued by the day, in the order of their days."""
    return list(
        session.scalars(
            select(OversightReport)
            .where(_report.archived_at.is_(None), _report.issued_on <= as_of)
            .order_by(_report.issued_on, _report.reference)
        )
    )


def report_before(session: Session, series: str, day: dt.date) -> int | None:
    """The key of the newest report of a series that was issued before a day and has scores."""
    scored = select(_score.id).where(_score.report_id == _report.id)
    found = (
        select(_report.id)
        .where(_report.series == series, _report.issued_on < day, _report.archived_at.is_(None), scored.exists())
        .order_by(_report.issued_on.desc(), _report.id.desc())
    )
    return session.scalar(found.limit(1))
