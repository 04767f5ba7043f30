"""``/registry``: whether publications can be registered and arrived, and what was asked of registries."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.http.access import Publisher
from app.http.lists import ListOf, page
from app.http.router import LISTS, api_router
from app.http.sessions import DatabaseOf, Reading, SettingsOf
from app.publishing.registering import checking, queries
from app.publishing.registering.published import published_files
from app.publishing.registering.schemas import CallOut, CallPage, CheckedOut, DatasetOut, DatasetPage

registry = api_router("/registry", "registry")


@registry.post("/checks", summary="Look whether publications can be registered, and whether they arrived")
def check_registry(actor: Publisher, database: DatabaseOf, settings: SettingsOf) -> CheckedOut:
    """Asks the registry, its sign-in, the public addresses and the downloader's index. Nothing there is changed."""
    files = published_files(database, settings)
    found = checking.check(database, settings, files, actor=actor.name)
    return CheckedOut.model_validate(found.as_dict())


@registry.get(
    "/datasets",
    summary="List what became of datasets in registries",
    response_model=ListOf[DatasetOut],
    responses=LISTS,
)
def list_datasets(
    request: Request, _actor: Publisher, session: Reading, query: Annotated[DatasetPage, Query()]
) -> Response:
    return page(session, queries.DATASETS, query).response(request)


@registry.get("/calls", summary="List what was asked of registries", response_model=ListOf[CallOut], responses=LISTS)
def list_calls(request: Request, _actor: Publisher, session: Reading, query: Annotated[CallPage, Query()]) -> Response:
    return page(session, queries.CALLS, query).response(request)
