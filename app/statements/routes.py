"""``/delivery-statements``: what delivery was on record to be, and what changed since."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict

from app.errors import NotFound
from app.http.fields import Id
from app.http.lists import ListOf, one, page
from app.http.router import GETS, LISTS, api_router
from app.http.sessions import Reading, Today
from app.http.versions import etag, single
from app.inputs import Day
from app.statements import queries
from app.statements.answers import ComparisonOut, StatementOut, StatementPage, StatementRowOut, StatementRowPage
from app.statements.compare import compare

statements = api_router("/delivery-statements", "delivery statements")


class ComparisonQuery(BaseModel):
    """The day that a statement is compared with."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = None


@statements.get("", summary="List statements of delivery", response_model=ListOf[StatementOut], responses=LISTS)
def list_statements(request: Request, session: Reading, query: Annotated[StatementPage, Query()]) -> Response:
    return page(session, queries.STATEMENTS, query).response(request)


@statements.get("/{statement_id}", summary="Show a statement of delivery", response_model=StatementOut, responses=GETS)
def get_statement(request: Request, statement_id: Id, session: Reading) -> Response:
    item = one(session, queries.STATEMENTS, queries.STATEMENTS.key == statement_id)
    if item is None:
        raise NotFound(f"There is no statement {statement_id}.")
    return single(request, item, tag=etag(statement_id, 1))


@statements.get(
    "/{statement_id}/rows",
    summary="List the projects of a statement",
    response_model=ListOf[StatementRowOut],
    responses=LISTS | GETS,
)
def list_rows(
    request: Request, statement_id: Id, session: Reading, query: Annotated[StatementRowPage, Query()]
) -> Response:
    queries.get(session, statement_id)
    of_it = queries.of_statement(statement_id)
    return page(session, queries.ROWS, query, of_it, scope=str(statement_id)).response(request)


@statements.get(
    "/{statement_id}/comparison",
    summary="Tell what changed since a statement",
    response_model=ComparisonOut,
    responses=GETS,
)
def get_comparison(
    statement_id: Id, session: Reading, today: Today, query: Annotated[ComparisonQuery, Query()]
) -> dict[str, object]:
    return compare(session, queries.get(session, statement_id), query.as_of or today).as_dict()
