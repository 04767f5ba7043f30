"""``/projects/{id}``: one project with its parts, and the change of its own record."""

from functools import partial

from sqlmodel import Session
from starlette.responses import Response

from app.db.revisions import UNDATED
from app.domain.access import Right
from app.domain.ledger import TransactionType
from app.domain.lessons import like
from app.domain.terms import Stage
from app.errors import InvalidInput
from app.evaluations import queries_lessons as lesson_queries
from app.evaluations.obligations import queries as obligation_queries
from app.evaluations.obligations.schemas import ObligationPage
from app.evaluations.obligations.shown import shown_by_id
from app.evaluations.queries import EVALUATIONS
from app.evaluations.schemas import EvaluationPage
from app.funding.queries import AGREEMENTS
from app.funding.schemas import AgreementPage
from app.http.fields import Id
from app.http.lists import Listed, Shown
from app.http.lists import page as page_of
from app.inputs import Day, FaultList, Input, validated
from app.projects import as_of as projects_as_of
from app.projects import queries, service, views
from app.projects.answers import AuditPage, ContactPage, DocumentPage, RevisionPage
from app.projects.findings import findings
from app.projects.queries_risks import RISKS
from app.projects.routes import held_project
from app.projects.schemas import ProjectIn, ProjectPatch
from app.projects.schemas_risks import RiskPage
from app.publishing import service as publishing
from app.publishing.codes import names_of
from app.publishing.said_once import said_once
from app.reports.service import run
from app.results.queries import RESULTS
from app.results.queries_records import RECORDS
from app.results.records import ResultRecordPage
from app.results.routes import with_indicators
from app.results.schemas import ResultPage
from app.spending.answers import AllocationPage, EncumbrancePage, TransactionPage
from app.spending.queries import ALLOCATIONS, ENCUMBRANCES, TRANSACTIONS
from app.web import queries as web_queries
from app.web import showing
from app.web.charts.bars import bars
from app.web.charts.time import timeline
from app.web.filling import Sheet, ask, change
from app.web.forms import Form
from app.web.page import Crumb, Page, PagePosting, PageReading, ReadingPage, page_router
from app.web.routes.projects import PROJECT_FORM
from app.web.views import project as view
from app.web.views.risks import signs
from app.web.views.trail import called, changes

router = page_router()

#: the same form for a change: the code stays
CHANGE_FORM = Form(model=ProjectIn, groups=PROJECT_FORM.groups, without=frozenset({"code"}))
#: rows of a part that are shown at once
_MANY = 200
#: encumbrances that are shown with the money of a project; all stand in a list of their own
_BOUND = 20
#: lessons of projects like it are shown while a project can still learn, the nearest few
_LEARNING = (Stage.PIPELINE, Stage.IMPLEMENTATION)
_LEARNED = 3


def _show(page: ReadingPage, project: Shown, part: str, more: dict[str, object]) -> Response:
    """A part of the project, below the head that all of them share."""
    row = queries.get_project(page.session, project["id"])
    may_write, may_evaluate = (
        page.offers(partial(service.require_change, page.actor, row, right)) for right in (Right.WRITE, Right.EVALUATE)
    )
    shown: dict[str, object] = {
        "project": project,
        "part": part,
        "parts_of": view.PARTS,
        "crumbs": (Crumb(label=page.t("Portfolio"), address="/projects"),),
        "may_write": may_write and project["archived_at"] is None,
        "may_evaluate": may_evaluate and project["archived_at"] is None,
        "may_restore": may_write and project["archived_at"] is not None,
        "tag": views.project_etag(project),
        "named": page.named,
    }
    return showing.show(page.request, f"projects/{part or 'overview'}.html", shown | more)


@router.get("/projects/{project_id}")
def overview(page: PageReading, project_id: Id) -> Response:
    project = views.show_project(page.session, project_id)
    row = queries.get_project(page.session, project_id)
    contacts = page_of(
        page.session, queries.CONTACTS, ContactPage(), queries.of_project(queries.CONTACTS, project_id),
        scope=f"project:{project_id}",
    )  # fmt: skip
    agreements = page_of(page.session, AGREEMENTS, AgreementPage(project=project["code"]))
    about = lesson_queries.about_project(page.session, project["code"]) if project["status"] in _LEARNING else None
    lessons = lesson_queries.lessons(page.session, about) if about else []
    return _show(
        page,
        project,
        "",
        {
            "findings": findings(page.session, project_id, page.today),
            "fields": ProjectIn.model_fields.keys(),
            "facts": [name for name in view.FACTS if project.get(name) not in (None, False, "", [])],
            "named_on": view.day_of_names(project, page.today),
            "names": {field: names_of(name, page.words.language, withdrawn=True) for field, name in view.CODED.items()},
            "shares": view.shares_of(project, page.named),
            "locations": views.show_locations(page.session, row),
            "participants": views.show_participants(page.session, row),
            "roles": names_of("OrganisationRole", page.words.language, withdrawn=True),
            "contacts": contacts.items,
            "agreements": agreements.items,
            "learned": [match.lesson for match in like(lessons, project["code"], about or frozenset())[:_LEARNED]],
        },
    )


@router.get("/projects/{project_id}/money")
def money(page: PageReading, project_id: Id) -> Response:
    query, given = page.query(TransactionPage)
    project = views.show_project(page.session, project_id)
    code = project["code"]
    ledger = page_of(
        page.session, TRANSACTIONS,
        query.model_copy(update={"project": code, "count": True, "sort": query.sort or "-date"}),
    )  # fmt: skip
    if query.format != "json":
        return ledger.file()
    allocations = page_of(page.session, ALLOCATIONS, AllocationPage(project=code, limit=_MANY, sort="-period_start"))
    table = run(
        page.session, "delivery", period=_years(allocations, project, page), as_of=page.today, by=("year",),
        options={"project": code},
    )  # fmt: skip
    delivery = view.delivery_of(table)
    # the oldest ones are those to look after
    oldest = EncumbrancePage(project=code, open=True, limit=_BOUND, sort="date", count=True)
    bound = page_of(page.session, ENCUMBRANCES, oldest)
    ever = bound.items or page_of(page.session, ENCUMBRANCES, EncumbrancePage(project=code, limit=1)).items
    return _show(
        page,
        project,
        "money",
        {
            "delivery": delivery,
            "chart": bars(
                page.t("Spent of what was allocated, by year"),
                page.t("The mark is the allocation of the year; the table beside tells the figures."),
                delivery.lines(page.words),
            ),
            "allocations": allocations,
            "bound": bound,
            "ever_bound": bool(ever),
            "ledger": ledger,
            "query": given,
            "sorted_by": query.sort or "-date",
            "types": names_of("TransactionType", page.words.language, withdrawn=True),
            "type_codes": [kind.value for kind in TransactionType],
        },
    )


def _years(allocations: Listed, project: Shown, page: Page) -> str:
    """The years in which the project had money or was to run, up to this one."""
    days = [item[name] for item in allocations.items for name in ("period_start", "period_end") if item[name]]
    days += [project[name] for name in ("planned_start", "actual_start") if project[name]]
    first = min([day.year for day in days], default=page.today.year)
    last = max(first, page.today.year)
    return f"{max(first, last - 30)}..{last}" if first < last else str(last)


@router.get("/projects/{project_id}/evaluations")
def evaluations(page: PageReading, project_id: Id) -> Response:
    project = views.show_project(page.session, project_id)
    code = project["code"]
    listed = page_of(
        page.session, obligation_queries.OBLIGATIONS, ObligationPage(project=[code], limit=_MANY, sort="due")
    )
    owed = shown_by_id(page.session, [item["id"] for item in listed.items], page.today)
    done = page_of(page.session, EVALUATIONS, EvaluationPage(project=code, limit=_MANY))
    return _show(
        page,
        project,
        "evaluations",
        {
            "obligations": owed,
            "chart": timeline(
                page.t("Windows of evaluations"),
                page.t("The mark is the day on which each is due; the list below tells them."),
                windows,
                page.today,
            )
            if (windows := view.windows(owed, page.words))
            else "",
            "evaluations": done.items,
        },
    )


@router.get("/projects/{project_id}/results")
def results(page: PageReading, project_id: Id) -> Response:
    project = views.show_project(page.session, project_id)
    listed = page_of(page.session, RESULTS, ResultPage(project=project["code"], limit=_MANY))
    with_indicators(page.session, listed.items)
    return _show(
        page,
        project,
        "results",
        {
            "results": listed.items,
            "records": page_of(page.session, RECORDS, ResultRecordPage(project=project["code"], limit=_MANY)).items,
        },
    )


@router.get("/projects/{project_id}/risks")
def risks(page: PageReading, project_id: Id) -> Response:
    project = views.show_project(page.session, project_id)
    listed = page_of(page.session, RISKS, RiskPage(project=[project["code"]], limit=_MANY, sort="review_on"))
    return _show(
        page,
        project,
        "risks",
        {
            "risks": listed.items,
            "signs": {item["id"]: signs(item, page.today, page.words) for item in listed.items},
            "officers": dict(web_queries.officer_words(page.session, 1000)),
        },
    )


@router.get("/projects/{project_id}/documents")
def documents(page: PageReading, project_id: Id) -> Response:
    project = views.show_project(page.session, project_id)
    listed = page_of(page.session, queries.DOCUMENTS, DocumentPage(project=project["code"], limit=_MANY))
    return _show(
        page,
        project,
        "documents",
        {
            "documents": listed.items,
            "categories": names_of("DocumentCategory", page.words.language, withdrawn=True),
            "names_of_languages": names_of("Language", page.words.language, withdrawn=True),
        },
    )


@router.get("/projects/{project_id}/history")
def history(page: PageReading, project_id: Id) -> Response:
    query, given = page.query(AuditPage, own=("as_of",))
    project = views.show_project(page.session, project_id)
    condition = queries.of_project(queries.AUDIT, project_id)
    trail = page_of(page.session, queries.AUDIT, query, condition, scope=f"project:{project_id}")
    revised = page_of(
        page.session, queries.REVISIONS, RevisionPage(limit=_MANY, sort="-decided_on"),
        queries.of_project(queries.REVISIONS, project_id), scope=f"project:{project_id}",
    )  # fmt: skip
    views.name_by_codes_of_now(page.session, revised.items)
    day = validated(_AsOf, {"as_of": given["as_of"][-1]}).as_of if "as_of" in given else None
    names = called(page.session, trail.items, page.words)
    return _show(
        page,
        project,
        "history",
        {
            "trail": trail,
            "subjects": [names[item["entity"], item["entity_id"]] for item in trail.items],
            "changes": [
                changes(item["entity"], item["before"], item["after"], page.words, names) for item in trail.items
            ],
            "revisions": revised.items,
            "undated": UNDATED,
            "query": given,
            "day": day,
            "state": projects_as_of.project_as_of(page.session, project_id, day) if day else None,
        },
    )


class _AsOf(Input):
    as_of: Day


@router.get("/projects/{project_id}/publication")
def publication(page: PageReading, project_id: Id) -> Response:
    project = views.show_project(page.session, project_id)
    try:
        xml, found, composed = publishing.preview(page.session, project_id, page.today)
    except InvalidInput as error:
        return _show(
            page,
            project,
            "publication",
            {
                "xml": None,
                "found": [],
                "composed": None,
                "refused": error.faults,
            },
        )
    return _show(
        page,
        project,
        "publication",
        {
            "xml": xml,
            "found": said_once(found),
            "composed": composed,
            "refused": [],
        },
    )


def _change_sheet(page: Page, project_id: int) -> Sheet[ProjectIn]:
    return Sheet(
        form=CHANGE_FORM,
        title=page.t("Change the project"),
        back=f"/projects/{project_id}",
        crumbs=(
            Crumb(label=page.t("Portfolio"), address="/projects"),
            Crumb(label=page.t("Project"), address=f"/projects/{project_id}"),
        ),
        patch=ProjectPatch,
    )


@router.get("/projects/{project_id}/edit")
def edit_project(page: PageReading, project_id: Id) -> Response:
    service.require_change(page.actor, queries.get_project(page.session, project_id))
    record = views.show_project(page.session, project_id)
    return ask(page, _change_sheet(page, project_id), (record, views.project_etag(record)))


@router.post("/projects/{project_id}/edit")
def change_project(page: PagePosting, project_id: Id) -> Response:
    page.actor.require(Right.WRITE)
    remarks = FaultList()

    def load(session: Session) -> tuple[Shown, str]:
        record = views.show_project(session, project_id)
        return record, views.project_etag(record)

    def store(session: Session, body: Input, version: str) -> str:
        project = held_project(session, project_id, version)
        service.update_project(session, page.actor, project, body, today=page.today, told=remarks)
        return f"/projects/{project_id}"

    return change(page, _change_sheet(page, project_id), load, store, page.t("The change is stored."), remarks)


@router.post("/projects/{project_id}/archive")
def archive_project(page: PagePosting, project_id: Id) -> Response:
    with page.write() as session:
        project = held_project(session, project_id, page.value("_version"))
        service.archive_project(session, page.actor, project)
        return page.go(f"/projects/{project_id}", session, page.t("The project is archived."))


@router.post("/projects/{project_id}/restore")
def restore_project(page: PagePosting, project_id: Id) -> Response:
    with page.write() as session:
        project = held_project(session, project_id, page.value("_version"))
        service.restore_project(session, page.actor, project)
        return page.go(f"/projects/{project_id}", session, page.t("The project is back."))
