"""``/allocations``, ``/transactions``, ``/encumbrances``, ``/rates`` and ``/institutional-budgets``.

Allocations, transactions and rates are appended and never change; their answers carry the ETag of the first version.
"""

from typing import Annotated, NoReturn

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.put import Put
from app.db.spending import Encumbrance, InstitutionalBudget
from app.errors import NotFound
from app.http.access import Writer
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import Listing, ListOf, Page, Shown, one, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, locked, require_version, single
from app.spending import budgets as institutional
from app.spending import queries, queries_allocations, queries_encumbrances, service
from app.spending.answers import (
    AllocationOut,
    AllocationPage,
    EncumbranceOut,
    EncumbrancePage,
    EncumbranceRevisionOut,
    InstitutionalBudgetOut,
    InstitutionalBudgetPage,
    InstitutionalBudgetStoredOut,
    RateOut,
    RatePage,
    TransactionOut,
    TransactionPage,
)
from app.spending.schemas import (
    AllocationIn,
    EncumbranceIn,
    EncumbrancePatch,
    InstitutionalBudgetIn,
    InstitutionalBudgetPatch,
    LiquidationIn,
    RateIn,
    TransactionIn,
    TransactionPatch,
    WithdrawalIn,
)

allocations = api_router("/allocations", "allocations")
transactions = api_router("/transactions", "transactions")
encumbrances = api_router("/encumbrances", "encumbrances")
rates = api_router("/rates", "rates")
budgets = api_router("/institutional-budgets", "institutional budgets")


@allocations.get("", summary="List allocations", response_model=ListOf[AllocationOut], responses=LISTS)
def list_allocations(request: Request, session: Reading, query: Annotated[AllocationPage, Query()]) -> Response:
    return page(session, queries.ALLOCATIONS, query).response(request)


@allocations.get("/{allocation_id}", summary="Show an allocation", response_model=AllocationOut, responses=GETS)
def get_allocation(request: Request, allocation_id: Id, session: Reading) -> Response:
    item = _item(session, queries.ALLOCATIONS, allocation_id, "allocation")
    # superseding one changes what is shown of it
    return single(request, item, tag=etag(allocation_id, 2 if item["superseded"] else 1))


@allocations.post("", summary="Record an allocation", status_code=201, response_model=AllocationOut, responses=CREATES)
def create_allocation(
    request: Request, body: AllocationIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        row = service.create_allocation(session, actor, body, today=today)
        return _appended(request, session, queries.ALLOCATIONS, key(row), "allocation")

    return once.answer(session, work)


@allocations.put(
    "", summary="Record an allocation, or correct the same decision", response_model=AllocationOut, responses=CREATES
)
def put_allocation(request: Request, body: AllocationIn, actor: Writer, today: Today, session: Writing) -> Response:
    row = service.put_allocation(session, actor, body, today=today).row
    return single(request, _item(session, queries.ALLOCATIONS, key(row), "allocation"), tag=etag(key(row), 1))


@allocations.post(
    "/{allocation_id}/withdraw",
    summary="Withdraw an allocation",
    status_code=201,
    response_model=AllocationOut,
    responses=CREATES | problems(404),
)
def withdraw_allocation(
    request: Request, allocation_id: Id, body: WithdrawalIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        row = queries_allocations.get_allocation(session, allocation_id)
        gone = service.withdraw_allocation(session, actor, row, reason=body.reason)
        return _appended(request, session, queries.ALLOCATIONS, key(gone), "allocation", at="/api/v1/allocations")

    return once.answer(session, work)


@transactions.get("", summary="List transactions", response_model=ListOf[TransactionOut], responses=LISTS)
def list_transactions(request: Request, session: Reading, query: Annotated[TransactionPage, Query()]) -> Response:
    return page(session, queries.TRANSACTIONS, query).response(request)


@transactions.get("/{transaction_id}", summary="Show a transaction", response_model=TransactionOut, responses=GETS)
def get_transaction(request: Request, transaction_id: Id, session: Reading) -> Response:
    item = _item(session, queries.TRANSACTIONS, transaction_id, "transaction")
    return single(request, item, tag=etag(transaction_id, 1))


@transactions.post(
    "", summary="Post a transaction or an adjustment", status_code=201, response_model=TransactionOut, responses=CREATES
)
def create_transaction(
    request: Request, body: TransactionIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        row = service.create_transaction(session, actor, body, today=today)
        return _appended(request, session, queries.TRANSACTIONS, key(row), "transaction")

    return once.answer(session, work)


@transactions.patch(
    "/{transaction_id}",
    summary="Always refused: a posted transaction is corrected by an adjustment",
    response_model=TransactionOut,
    responses=CHANGES,
)
def update_transaction(
    transaction_id: Id,
    body: TransactionPatch,
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> NoReturn:
    row = queries.get_entry(session, transaction_id)
    require_version(if_match, transaction_id, 1)
    service.update_transaction(actor, row, body)


@encumbrances.get("", summary="List encumbrances", response_model=ListOf[EncumbranceOut], responses=LISTS)
def list_encumbrances(request: Request, session: Reading, query: Annotated[EncumbrancePage, Query()]) -> Response:
    return page(session, queries.ENCUMBRANCES, query).response(request)


@encumbrances.get("/{encumbrance_id}", summary="Show an encumbrance", response_model=EncumbranceOut, responses=GETS)
def get_encumbrance(request: Request, encumbrance_id: Id, session: Reading) -> Response:
    return _kept(request, session, queries.ENCUMBRANCES, encumbrance_id, "encumbrance")


@encumbrances.get(
    "/{encumbrance_id}/revisions",
    summary="List what an encumbrance bound over time; none when it never changed",
    response_model=ListOf[EncumbranceRevisionOut],
    responses=LISTS_BELOW,
)
def list_encumbrance_revisions(
    request: Request, encumbrance_id: Id, session: Reading, query: Annotated[Page, Query()]
) -> Response:
    _item(session, queries.ENCUMBRANCES, encumbrance_id, "encumbrance")
    condition = queries_encumbrances.revisions_of(encumbrance_id)
    found = page(session, queries_encumbrances.REVISIONS, query, condition, scope=str(encumbrance_id))
    return found.response(request)


@encumbrances.post(
    "", summary="Add an encumbrance or advance", status_code=201, response_model=EncumbranceOut, responses=CREATES
)
def create_encumbrance(
    request: Request, body: EncumbranceIn, actor: Writer, once: Idempotent, today: Today, session: Writing
) -> Response:
    def work() -> Response:
        row = service.create_encumbrance(session, actor, body, today=today)
        return _kept(request, session, queries.ENCUMBRANCES, key(row), "encumbrance", status=201)

    return once.answer(session, work)


@encumbrances.patch(
    "/{encumbrance_id}", summary="Change an encumbrance", response_model=EncumbranceOut, responses=CHANGES
)
def update_encumbrance(
    request: Request,
    encumbrance_id: Id,
    body: EncumbrancePatch,
    actor: Writer,
    today: Today,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, Encumbrance, encumbrance_id, if_match, name="encumbrance")
    service.update_encumbrance(session, actor, row, body, today=today)
    return _kept(request, session, queries.ENCUMBRANCES, encumbrance_id, "encumbrance")


@encumbrances.delete(
    "/{encumbrance_id}", summary="Archive an encumbrance", response_model=EncumbranceOut, responses=CHANGES
)
def archive_encumbrance(
    request: Request, encumbrance_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Encumbrance, encumbrance_id, if_match, name="encumbrance")
    service.archive_encumbrance(session, actor, row)
    return _kept(request, session, queries.ENCUMBRANCES, encumbrance_id, "encumbrance")


@encumbrances.post(
    "/{encumbrance_id}/restore", summary="Restore an encumbrance", response_model=EncumbranceOut, responses=CHANGES
)
def restore_encumbrance(
    request: Request, encumbrance_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, Encumbrance, encumbrance_id, if_match, name="encumbrance")
    service.restore_encumbrance(session, actor, row)
    return _kept(request, session, queries.ENCUMBRANCES, encumbrance_id, "encumbrance")


@encumbrances.post(
    "/{encumbrance_id}/liquidate",
    summary="End an encumbrance or advance and post its expenditure",
    status_code=201,
    response_model=TransactionOut,
    responses=CHANGES,
)
def liquidate_encumbrance(
    request: Request,
    encumbrance_id: Id,
    body: LiquidationIn,
    actor: Writer,
    once: Idempotent,
    today: Today,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    def work() -> Response:
        row = locked(session, Encumbrance, encumbrance_id, if_match, name="encumbrance")
        entry = service.liquidate_encumbrance(session, actor, row, body, today=today)
        return _appended(request, session, queries.TRANSACTIONS, key(entry), "transaction", at="/api/v1/transactions")

    return once.answer(session, work)


@rates.get("", summary="List rates of exchange", response_model=ListOf[RateOut], responses=LISTS)
def list_rates(request: Request, session: Reading, query: Annotated[RatePage, Query()]) -> Response:
    return page(session, queries.RATES, query).response(request)


@rates.get("/{rate_id}", summary="Show a rate", response_model=RateOut, responses=GETS)
def get_rate(request: Request, rate_id: Id, session: Reading) -> Response:
    return single(request, _item(session, queries.RATES, rate_id, "rate"), tag=etag(rate_id, 1))


@rates.post("", summary="Record a rate", status_code=201, response_model=RateOut, responses=CREATES)
def create_rate(request: Request, body: RateIn, actor: Writer, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        row = service.create_rate(session, actor, body)
        return _appended(request, session, queries.RATES, key(row), "rate")

    return once.answer(session, work)


@rates.put("", summary="Record a rate, or correct the one of that day", response_model=RateOut, responses=CREATES)
def put_rate(request: Request, body: RateIn, actor: Writer, session: Writing) -> Response:
    row = service.put_rate(session, actor, body).row
    return single(request, _item(session, queries.RATES, key(row), "rate"), tag=etag(key(row), 1))


@budgets.get("", summary="List institutional budgets", response_model=ListOf[InstitutionalBudgetOut], responses=LISTS)
def list_budgets(request: Request, session: Reading, query: Annotated[InstitutionalBudgetPage, Query()]) -> Response:
    return page(session, queries.INSTITUTIONAL_BUDGETS, query).response(request)


@budgets.get(
    "/{budget_id}", summary="Show an institutional budget", response_model=InstitutionalBudgetOut, responses=GETS
)
def get_budget(request: Request, budget_id: Id, session: Reading) -> Response:
    return _kept(request, session, queries.INSTITUTIONAL_BUDGETS, budget_id, "institutional budget")


@budgets.post(
    "",
    summary="Add an institutional budget",
    status_code=201,
    response_model=InstitutionalBudgetStoredOut,
    responses=CREATES,
)
def create_budget(
    request: Request,
    body: InstitutionalBudgetIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        made = institutional.create_institutional_budget(session, actor, body, today=today)
        return _budget(request, session, key(made.row), made, status=201)

    return once.answer(session, work)


@budgets.patch(
    "/{budget_id}",
    summary="Change an institutional budget",
    response_model=InstitutionalBudgetStoredOut,
    responses=CHANGES,
)
def update_budget(
    request: Request,
    budget_id: Id,
    body: InstitutionalBudgetPatch,
    actor: Writer,
    session: Writing,
    today: Today,
    if_match: IfMatch = None,
) -> Response:
    row = locked(session, InstitutionalBudget, budget_id, if_match, name="institutional budget")
    made = institutional.update_institutional_budget(session, actor, row, body, today=today)
    return _budget(request, session, budget_id, made)


def _budget(
    request: Request, session: Session, budget_id: int, made: Put[InstitutionalBudget], *, status: int = 200
) -> Response:
    """The answer with a figure that was stored, and what is remarked of it."""
    listing, told = queries.INSTITUTIONAL_BUDGETS, remarks_shown(made.findings)
    return _kept(request, session, listing, budget_id, "institutional budget", status=status, remarks=told)


@budgets.delete(
    "/{budget_id}", summary="Archive an institutional budget", response_model=InstitutionalBudgetOut, responses=CHANGES
)
def archive_budget(
    request: Request, budget_id: Id, actor: Writer, session: Writing, today: Today, if_match: IfMatch = None
) -> Response:
    row = locked(session, InstitutionalBudget, budget_id, if_match, name="institutional budget")
    institutional.archive_institutional_budget(session, actor, row, today=today)
    return _kept(request, session, queries.INSTITUTIONAL_BUDGETS, budget_id, "institutional budget")


@budgets.post(
    "/{budget_id}/restore",
    summary="Restore an institutional budget",
    response_model=InstitutionalBudgetOut,
    responses=CHANGES,
)
def restore_budget(
    request: Request, budget_id: Id, actor: Writer, session: Writing, today: Today, if_match: IfMatch = None
) -> Response:
    row = locked(session, InstitutionalBudget, budget_id, if_match, name="institutional budget")
    institutional.restore_institutional_budget(session, actor, row, today=today)
    return _kept(request, session, queries.INSTITUTIONAL_BUDGETS, budget_id, "institutional budget")


def _item(session: Session, listing: Listing, row_id: int, name: str) -> Shown:
    item = one(session, listing, listing.key == row_id)
    if item is None:
        raise NotFound(f"There is no {name} {row_id}.")
    return item


def _appended(
    request: Request, session: Session, listing: Listing, row_id: int, name: str, *, at: str | None = None
) -> Response:
    """The answer with a row that was just appended."""
    location = f"{at or request.url.path}/{row_id}"
    return single(request, _item(session, listing, row_id, name), tag=etag(row_id, 1), status=201, location=location)


def _kept(
    request: Request,
    session: Session,
    listing: Listing,
    row_id: int,
    name: str,
    *,
    status: int = 200,
    remarks: list[dict[str, str]] | None = None,
) -> Response:
    item = _item(session, listing, row_id, name)
    if remarks is not None:
        item["remarks"] = remarks
    location = f"{request.url.path}/{row_id}" if status == 201 else None
    return single(request, item, tag=etag(row_id, item["version"]), status=status, location=location)
