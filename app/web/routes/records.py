"""What is recorded below a project: allocations, transactions and their adjustments, evaluations, documents, decisions.

One way for all: the form of the API's input model, with the project filled in by the address.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from sqlmodel import Session
from starlette.responses import Response

from app.domain.access import Right
from app.domain.terms import EvaluationStatus
from app.errors import NotFound
from app.evaluations.schemas import EvaluationIn
from app.evaluations.service import create_evaluation
from app.http.fields import Id
from app.http.lists import Shown, one
from app.inputs import Input
from app.language.i18n import mark
from app.projects import queries
from app.projects.documents import create_document
from app.projects.revisions import create_revision
from app.projects.schemas import DocumentIn, RevisionIn
from app.projects.service import require_change
from app.spending.allocations import create_allocation
from app.spending.ledger import create_transaction
from app.spending.queries import TRANSACTIONS
from app.spending.schemas import AllocationIn, EncumbranceIn, TransactionIn
from app.spending.service import create_encumbrance
from app.web.filling import Sheet, ask, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, PostingPage, ReadingPage, page_router
from app.web.routes.encumbrances import ENCUMBRANCE_FORM

router = page_router()
Body = TypeVar("Body", bound=Input)
_PROJECT = frozenset({"project"})

ALLOCATION = Form(
    model=AllocationIn,
    groups=(Group(heading="", fields=("fiscal_year", "source", "kind", "amount", "currency", "decided_on", "reason")),),
    without=_PROJECT,
    offers={"source": "agreements"},
)
TRANSACTION = Form(
    model=TransactionIn,
    groups=(
        Group(
            heading="",
            fields=(
                "document",
                "type",
                "date",
                "amount",
                "currency",
                "agreement",
                "description",
                "provider",
                "receiver",
            ),
        ),
    ),
    without=_PROJECT,
    offers={"type": "TransactionType", "agreement": "agreements"},
)
ADJUSTMENT = Form(
    model=TransactionIn,
    groups=(Group(heading="", fields=("document", "date", "amount", "reason")),),
    without=frozenset({"project", "type", "currency", "adjusts"}),
)
ENCUMBRANCE = Form(model=EncumbranceIn, groups=ENCUMBRANCE_FORM.groups, without=_PROJECT | ENCUMBRANCE_FORM.without)
EVALUATION = Form(
    model=EvaluationIn,
    groups=(
        Group(
            heading=mark("What is planned"),
            fields=("reference", "kind", "independence", "status", "planned_start", "planned_end", "manager"),
        ),
        Group(heading=mark("Money set aside"), fields=("budget", "currency")),
    ),
    without=frozenset({"projects"}),
)
DOCUMENT = Form(model=DocumentIn, without=_PROJECT)
DECISION = Form(model=RevisionIn, without=_PROJECT)


class Recorder(Protocol):
    """A kind of record below a project: asked for, and stored."""

    def ask(self, page: ReadingPage, project_id: int) -> Response: ...

    def create(self, page: PostingPage, project_id: int) -> Response: ...


@dataclass(frozen=True, kw_only=True)
class Record(Generic[Body]):
    """A kind of record whose form follows from its input model."""

    form: Form[Body]
    title: str
    told: str
    #: part of the project that shows it
    part: str
    right: Right
    store: Callable[[Session, Page, Body], object]
    #: field that names the project, or all of them
    project_field: str = "project"
    #: what a new one mostly says
    usual: Mapping[str, object] = field(default_factory=dict)

    def ask(self, page: ReadingPage, project_id: int) -> Response:
        project = queries.get_project(page.session, project_id)
        require_change(page.actor, project, self.right)
        start: dict[str, object] = {"currency": project.budget_currency, "decided_on": page.today, "date": page.today}
        start.update(self.usual)
        return ask(page, self._sheet(page, project_id, project.code, start))

    def create(self, page: PostingPage, project_id: int) -> Response:
        page.actor.require(self.right)
        with page.read() as reading:
            project = queries.get_project(reading, project_id)
            code, currency = project.code, project.budget_currency

        def store(session: Session, body: Body) -> str:
            self.store(session, page, body)
            return f"/projects/{project_id}/{self.part}"

        return create(page, self._sheet(page, project_id, code, {"currency": currency}), store, page.t(self.told))

    def _sheet(self, page: Page, project_id: int, code: str, start: Mapping[str, object]) -> Sheet[Body]:
        address = f"/projects/{project_id}"
        given: object = [code] if self.project_field == "projects" else code
        return Sheet(
            form=self.form,
            title=page.t(self.title),
            back=f"{address}/{self.part}",
            crumbs=_crumbs(page, code, address),
            start={**start, self.project_field: given},
        )


RECORDS: Mapping[str, Recorder] = {
    "allocations": Record(
        form=ALLOCATION, title=mark("Record an allocation"), told=mark("The allocation is stored."), part="money",
        right=Right.WRITE, store=lambda session, page, body: create_allocation(
            session, page.actor, body, today=page.today),
    ),
    "transactions": Record(
        form=TRANSACTION, title=mark("Record a transaction"), told=mark("The transaction is posted."), part="money",
        right=Right.WRITE, store=lambda session, page, body: create_transaction(
            session, page.actor, body, today=page.today),
    ),
    "encumbrances": Record(
        form=ENCUMBRANCE, title=mark("Record an encumbrance"), told=mark("The encumbrance is stored."), part="money",
        right=Right.WRITE, store=lambda session, page, body: create_encumbrance(
            session, page.actor, body, today=page.today),
    ),
    "evaluations": Record(
        form=EVALUATION, title=mark("Plan an evaluation"), told=mark("The evaluation is stored."), part="evaluations",
        right=Right.EVALUATE, store=lambda session, page, body: create_evaluation(
            session, page.actor, body, today=page.today),
        project_field="projects", usual={"status": EvaluationStatus.PLANNED},
    ),
    "documents": Record(
        form=DOCUMENT, title=mark("Add a document"), told=mark("The document is stored."), part="documents",
        right=Right.WRITE, store=lambda session, page, body: create_document(session, page.actor, body),
    ),
    "decisions": Record(
        form=DECISION, title=mark("Record a decision"), told=mark("The decision is stored."), part="history",
        right=Right.WRITE, store=lambda session, page, body: create_revision(
            session, page.actor, body, today=page.today),
    ),
}  # fmt: skip


def _crumbs(page: Page, code: str, address: str) -> tuple[Crumb, ...]:
    return (Crumb(label=page.t("Portfolio"), address="/projects"), Crumb(label=code, address=address))


def _record(name: str) -> Recorder:
    """The kind of record of that name; ``NotFound`` for others."""
    found = RECORDS.get(name)
    if found is None:
        raise NotFound(f"There is nothing to record under {name}.")
    return found


@router.get("/projects/{project_id}/{name}/new")
def new_record(page: PageReading, project_id: Id, name: str) -> Response:
    return _record(name).ask(page, project_id)


@router.post("/projects/{project_id}/{name}/new")
def create_record(page: PagePosting, project_id: Id, name: str) -> Response:
    return _record(name).create(page, project_id)


def _adjusting(page: Page, project_id: int, row: Shown) -> Sheet[TransactionIn]:
    address = f"/projects/{project_id}"
    return Sheet(
        form=ADJUSTMENT,
        title=page.t("Correct a transaction"),
        intro=page.t(
            "%(document)s of %(amount)s stays as it was posted. Enter the difference: minus what was too much.",
            document=row["document"] or row["id"],
            amount=page.words.amount(row["amount"], row["currency"]),
        ),
        back=f"{address}/money",
        crumbs=_crumbs(page, str(row["project"]), address),
        start={
            "project": row["project"],
            "type": row["type"],
            "currency": row["currency"],
            "adjusts": row["document"],
            "date": page.today,
        },
    )


def _posted(session: Session, transaction_id: int) -> Shown:
    row = one(session, TRANSACTIONS, TRANSACTIONS.key == transaction_id)
    if row is None:
        raise NotFound(f"There is no transaction {transaction_id}.")
    return row


@router.get("/projects/{project_id}/transactions/{transaction_id}/adjust")
def ask_adjustment(page: PageReading, project_id: Id, transaction_id: Id) -> Response:
    require_change(page.actor, queries.get_project(page.session, project_id))
    return ask(page, _adjusting(page, project_id, _posted(page.session, transaction_id)))


@router.post("/projects/{project_id}/transactions/{transaction_id}/adjust")
def adjust(page: PagePosting, project_id: Id, transaction_id: Id) -> Response:
    page.actor.require(Right.WRITE)
    with page.read() as reading:
        row = _posted(reading, transaction_id)

    def store(session: Session, body: TransactionIn) -> str:
        create_transaction(session, page.actor, body, today=page.today)
        return f"/projects/{project_id}/money"

    return create(page, _adjusting(page, project_id, row), store, page.t("The correction is posted."))
