"""``/alerts``: what was told to whom; acted on, or put off, where it is read."""

import datetime as dt

from starlette.responses import Response

from app.alerts import queries
from app.alerts.noting import acknowledge, noted_by, snooze
from app.alerts.schemas import AlertPage
from app.alerts.standing import standings
from app.errors import Fault, InvalidInput
from app.http.fields import Id
from app.http.lists import page as page_of
from app.web.page import PagePosting, PageReading, page_router
from app.web.queries_duties import project_names
from app.web.routes.evaluations import FRESH

router = page_router()


@router.get("/alerts", dependencies=FRESH)
def list_alerts(page: PageReading) -> Response:
    query, given = page.query(AlertPage, own=("all",))
    if page.visitor.officer is not None and not query.officer and "all" not in given:
        query = query.model_copy(update={"officer": [page.visitor.officer]})
    if query.told is None:
        # a step that a newer one overtook before it was told asks for nothing of its own
        query = query.model_copy(update={"told": True})
    listed = page_of(page.session, queries.ALERTS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    keys = [int(each["id"]) for each in listed.items]
    return page.show(
        "alerts.html",
        listed=listed,
        standing=standings(page.session, queries.alerts_of(page.session, keys), page.today),
        query=given,
        names=project_names(
            page.session, page.words.language, {str(each["project"]) for each in listed.items if each["project"]}
        ),
        may_note=noted_by(page.session, page.actor, keys),
        mine=query.officer,
        week=page.today + dt.timedelta(days=7),
    )


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_alert(page: PagePosting, alert_id: Id) -> Response:
    with page.write() as session:
        acknowledge(session, page.actor, alert_id, reason=_reason(page))
        return page.go("/alerts", session, page.t("Noted: somebody acts on it."))


@router.post("/alerts/{alert_id}/snooze")
def snooze_alert(page: PagePosting, alert_id: Id) -> Response:
    until, reason = _later(page)
    with page.write() as session:
        snooze(session, page.actor, alert_id, until=until, reason=reason, today=page.today)
        return page.go("/alerts", session, page.t("You hear of it again on %(day)s.", day=page.words.day(until)))


def _later(page: PagePosting) -> tuple[dt.date, str]:
    """The day and the reason.

    :raises InvalidInput: with the faults of both.
    """
    faults, reason = [], ""
    try:
        reason = _reason(page)
    except InvalidInput as refused:
        faults += refused.faults
    try:
        until = dt.date.fromisoformat(page.typed("until"))
    except ValueError:
        until = page.today
        faults.insert(0, Fault(pointer="/until", rule="date", message="Write the date as YYYY-MM-DD."))
    if faults:
        raise InvalidInput(faults)
    return until, reason


def _reason(page: PagePosting) -> str:
    return " ".join(page.value("reason", most=1000).split())
