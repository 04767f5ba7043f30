"""``/agreements``: what was promised, what came, what must be done for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import Response

from app.db.base import key
from app.db.funding import Agreement
from app.domain.access import Right
from app.domain.duties import Duty, DutyKind, DutyState
from app.domain.terms import AgreementStatus
from app.errors import NotFound
from app.funding import duties, history, queries, service, shares
from app.funding.amendments import agreement_as_of, create_amendment
from app.funding.schemas import (
    AgreementIn,
    AgreementPage,
    AgreementPatch,
    AmendmentOfAgreementIn,
    InstalmentOfAgreementIn,
    RevisionPage,
    ShareIn,
    SharePage,
)
from app.funding.schemas_duties import (
    AgreementReportOfAgreementIn,
    ConditionOfAgreementIn,
    ReportScheduleOfAgreementIn,
)
from app.http.fields import Id
from app.http.lists import Shown as Item
from app.http.lists import page as page_of
from app.http.versions import etag, held, locked
from app.inputs import FaultList, Input
from app.language.i18n import mark
from app.reports.duties import gather_or_known
from app.reports.queries_duties import Scope
from app.web import queries as web_queries
from app.web.charts.bars import Bar, bars
from app.web.filling import Sheet, Shown, ask, change, create
from app.web.forms import Form, Group
from app.web.page import Crumb, Page, PagePosting, PageReading, PostingPage, ReadingPage, page_router
from app.web.queries_duties import partner_key, project_names

router = page_router()
Body = TypeVar("Body", bound=Input)

AGREEMENT_FORM = Form(
    model=AgreementIn,
    groups=(
        Group(heading=mark("What it is"), fields=("reference", "title", "partner", "status", "framework")),
        Group(heading=mark("When and how much"), fields=("signed_on", "starts_on", "ends_on", "amount", "currency")),
        Group(heading=mark("How it is earmarked"), fields=("preset", "earmarked_for", "modality", "aid_type")),
        Group(heading=mark("Support cost"), fields=("support_cost_rate", "gross")),
        Group(heading=mark("The decision behind it"), fields=("decided_on", "reason")),
    ),
)
AMENDMENT_FORM = Form(
    model=AmendmentOfAgreementIn,
    groups=(Group(heading="", fields=("decided_on", "reason", "amount", "starts_on", "ends_on", "support_cost_rate")),),
)
INSTALMENT_FORM = Form(
    model=InstalmentOfAgreementIn, groups=(Group(heading="", fields=("due_on", "amount", "decided_on", "note")),)
)
SHARE_FORM = Form(
    model=ShareIn,
    groups=(Group(heading="", fields=("project", "amount", "percent", "starts_on", "ends_on", "decided_on", "note")),),
)
SCHEDULE_FORM = Form(model=ReportScheduleOfAgreementIn)
REPORT_FORM = Form(model=AgreementReportOfAgreementIn)
CONDITION_FORM = Form(model=ConditionOfAgreementIn)

STATUS_TONES: Mapping[AgreementStatus, str] = {AgreementStatus.SIGNED: "good", AgreementStatus.PLEDGED: "warn"}
#: state of a duty → tone of its tag
DUTY_TONES: Mapping[str, str] = {
    DutyState.LATE: "bad",
    DutyState.PARTLY: "warn",
    DutyState.DONE: "good",
    DutyState.DONE_LATE: "good",
}
#: bars and rows that are shown at most
_DRAWN, _SHOWN = 12, 60


@router.get("/agreements")
def list_agreements(page: PageReading) -> Response:
    query, given = page.query(AgreementPage)
    listed = page_of(page.session, queries.AGREEMENTS, query.model_copy(update={"count": True}))
    if query.format != "json":
        return listed.file()
    return page.show(
        "agreements/list.html",
        listed=listed,
        query=given,
        sorted_by=query.sort or queries.AGREEMENTS.usual_sort,
        statuses=list(AgreementStatus),
        partners=dict(web_queries.partner_words(page.session, 1000)),
        tones=STATUS_TONES,
        may_write=page.may(Right.WRITE),
    )


def _new_sheet(page: Page, partner: str = "") -> Sheet[AgreementIn]:
    return Sheet(
        form=AGREEMENT_FORM,
        title=page.t("Add an agreement"),
        back="/agreements",
        crumbs=(_crumb(page),),
        start={"partner": partner},
    )


@router.get("/agreements/new")
def new_agreement(page: PageReading) -> Response:
    page.actor.require(Right.WRITE)
    return ask(page, _new_sheet(page, page.request.query_params.get("partner", "")[:200]))


@router.post("/agreements/new")
def create_agreement(page: PagePosting) -> Response:
    page.actor.require(Right.WRITE)
    remarks = FaultList()

    def store(session: Session, body: AgreementIn) -> str:
        made = service.create_agreement(session, page.actor, body, today=page.today, told=remarks)
        return f"/agreements/{key(made)}"

    return create(page, _new_sheet(page), store, page.t("The agreement is stored."), remarks)


@router.get("/agreements/{agreement_id}")
def show_agreement(page: PageReading, agreement_id: Id) -> Response:
    agreement, row = _agreement(page.session, agreement_id)
    below = str(agreement_id)
    funded = page_of(page.session, queries.SHARES, SharePage(limit=200), queries.shares_of(agreement_id), scope=below)
    decided = page_of(
        page.session, queries.REVISIONS, RevisionPage(limit=50), queries.revisions_of(agreement_id), scope=below
    )
    history.name_by_codes_of_now(page.session, decided.items)
    owed = gather_or_known(page.session, page.today, Scope(agreement_ids=frozenset({agreement_id})))
    instalments = [duty for duty in owed if duty.kind is DutyKind.INSTALMENT]
    return page.show(
        "agreements/agreement.html",
        agreement=agreement,
        partner_id=partner_key(page.session, agreement["partner"]),
        partner=page.named.one("partner", agreement["partner"]),
        cost=agreement_as_of(page.session, row, page.today).cost,
        shares=funded.items,
        free=_free(agreement, funded.items),
        names=project_names(page.session, page.words.language, {item["project"] for item in funded.items}),
        instalments=instalments[:_SHOWN],
        picture=_schedule(page, instalments),
        duties=[duty for duty in owed if duty.kind is not DutyKind.INSTALMENT][:_SHOWN],
        revisions=decided.items,
        tones=STATUS_TONES,
        duty_tones=DUTY_TONES,
        may_write=page.offers(lambda: service.require_change(page.session, page.actor, row)),
        crumbs=[_crumb(page)],
    )


def _agreement(session: Session, agreement_id: int) -> tuple[Item, Agreement]:
    found, row = queries.show_agreement(session, agreement_id), session.get(Agreement, agreement_id)
    if found is None or row is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    return found, row


def _free(agreement: Item, items: list[Item]) -> Decimal:
    """What no project has been promised yet, in the currency of the agreement."""
    amount: Decimal = agreement["amount"]
    given = Decimal(0)
    for item in items:
        if item["amount"] is not None:
            given += item["amount"]
        elif item["percent"] is not None:
            given += amount * item["percent"] / 100
    return max(amount - given, Decimal(0))


def _schedule(page: ReadingPage, instalments: list[Duty]) -> Markup | None:
    """Instalments with what was received towards each."""
    if not instalments:
        return None
    return bars(
        page.t("Instalments"),
        page.t("The bar is what was received, the mark what was due."),
        [
            Bar(
                label=f"{page.words.day(duty.due)}: {page.words.rounded(duty.amount)}",
                value=duty.received or Decimal(0),
                shown=page.words.rounded(duty.received or Decimal(0)),
                target=duty.amount,
                tone={"late": "bad", "partly paid": "warn"}.get(duty.state(page.today), "good"),
            )
            for duty in instalments[:_DRAWN]
        ],
    )


def _edit_sheet(page: Page, agreement_id: int) -> Sheet[AgreementIn]:
    back = f"/agreements/{agreement_id}"
    return Sheet(
        form=AGREEMENT_FORM, title=page.t("Change the agreement"), back=back, crumbs=(_crumb(page),),
        patch=AgreementPatch,
    )  # fmt: skip


def _record(session: Session, agreement_id: int) -> Shown:
    found, _ = _agreement(session, agreement_id)
    return found, etag(agreement_id, found["version"])


@router.get("/agreements/{agreement_id}/edit")
def edit_agreement(page: PageReading, agreement_id: Id) -> Response:
    service.require_change(page.session, page.actor, _agreement(page.session, agreement_id)[1])
    return ask(page, _edit_sheet(page, agreement_id), _record(page.session, agreement_id))


@router.post("/agreements/{agreement_id}/edit")
def change_agreement(page: PagePosting, agreement_id: Id) -> Response:
    page.actor.require(Right.WRITE)
    remarks = FaultList()

    def store(session: Session, body: Input, version: str) -> str:
        row = locked(session, Agreement, agreement_id, version, name="agreement")
        service.update_agreement(session, page.actor, row, body, today=page.today, told=remarks)
        return f"/agreements/{agreement_id}"

    sheet = _edit_sheet(page, agreement_id)
    done = page.t("The change is stored.")
    return change(page, sheet, lambda session: _record(session, agreement_id), store, done, remarks)


class Part(Protocol):
    """What is recorded below an agreement: asked for, and stored."""

    def ask(self, page: ReadingPage, agreement_id: int) -> Response: ...

    def create(self, page: PostingPage, agreement_id: int) -> Response: ...


@dataclass(frozen=True, kw_only=True)
class Below(Generic[Body]):
    """A kind of record whose form follows from its input model."""

    form: Form[Body]
    title: str
    told: str
    #: the last is for what is remarked
    store: Callable[[Session, Page, Agreement, Body, FaultList], object]

    def ask(self, page: ReadingPage, agreement_id: int) -> Response:
        found, row = _agreement(page.session, agreement_id)
        service.require_change(page.session, page.actor, row)
        return ask(page, self._sheet(page, agreement_id, found))

    def create(self, page: PostingPage, agreement_id: int) -> Response:
        with page.read() as reading:
            found, _ = _agreement(reading, agreement_id)
        remarks = FaultList()

        def store(session: Session, body: Body) -> str:
            self.store(session, page, held(session, Agreement, agreement_id, name="agreement"), body, remarks)
            return f"/agreements/{agreement_id}"

        return create(page, self._sheet(page, agreement_id, found), store, page.t(self.told), remarks)

    def _sheet(self, page: Page, agreement_id: int, found: Item) -> Sheet[Body]:
        back = f"/agreements/{agreement_id}"
        crumbs = (_crumb(page), Crumb(label=found["reference"], address=back))
        return Sheet(form=self.form, title=page.t(self.title), back=back, crumbs=crumbs, currency=found["currency"])


PARTS: Mapping[str, Part] = {
    "amendments": Below(
        form=AMENDMENT_FORM, title=mark("Amend the agreement"), told=mark("The amendment is stored."),
        store=lambda session, page, agreement, body, _: create_amendment(
            session, page.actor, agreement, body, today=page.today),
    ),
    "instalments": Below(
        form=INSTALMENT_FORM, title=mark("Add an instalment"), told=mark("The instalment is stored."),
        store=lambda session, page, agreement, body, told: shares.create_instalment(
            session, page.actor, agreement, body, today=page.today, told=told),
    ),
    "shares": Below(
        form=SHARE_FORM, title=mark("Fund a project from it"), told=mark("The share is stored."),
        store=lambda session, page, agreement, body, _: shares.create_share(
            session, page.actor, agreement, body, today=page.today),
    ),
    "report-schedules": Below(
        form=SCHEDULE_FORM, title=mark("Say when reports are due"), told=mark("The schedule is stored."),
        store=lambda session, page, agreement, body, _: duties.set_schedule(
            session, page.actor, agreement, body),
    ),
    "reports": Below(
        form=REPORT_FORM, title=mark("Note a report to the donor"), told=mark("The report is noted."),
        store=lambda session, page, agreement, body, _: duties.set_report(
            session, page.actor, agreement, body, today=page.today),
    ),
    "conditions": Below(
        form=CONDITION_FORM, title=mark("Enter a condition"), told=mark("The condition is stored."),
        store=lambda session, page, agreement, body, _: duties.set_condition(
            session, page.actor, agreement, body, today=page.today),
    ),
}  # fmt: skip


def _part(name: str) -> Part:
    if name not in PARTS:
        raise NotFound(f"Agreements have no {name}.")
    return PARTS[name]


@router.get("/agreements/{agreement_id}/{part}/new")
def new_part(page: PageReading, agreement_id: Id, part: str) -> Response:
    return _part(part).ask(page, agreement_id)


@router.post("/agreements/{agreement_id}/{part}/new")
def create_part(page: PagePosting, agreement_id: Id, part: str) -> Response:
    page.actor.require(Right.WRITE)
    return _part(part).create(page, agreement_id)


def _crumb(page: Page) -> Crumb:
    return Crumb(label=page.t("Agreements"), address="/agreements")
