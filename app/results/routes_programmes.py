"""``/country-programmes``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.programmes import CountryProgramme
from app.errors import NotFound
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import IfMatch, etag, locked, single
from app.results import programmes as service
from app.results.programmes import CountryProgrammeIn, CountryProgrammeOut, CountryProgrammePage
from app.results.queries_programmes import PROGRAMMES

programmes = api_router("/country-programmes", "results")


def _programme(request: Request, session: Session, programme_id: int, *, status: int = 200) -> Response:
    item = lists.one(session, PROGRAMMES, PROGRAMMES.key == programme_id)
    if item is None:
        raise NotFound(f"There is no country programme {programme_id}.")
    return single(request, item, tag=etag(programme_id, item["version"]), status=status)


@programmes.get("", summary="List country programmes", response_model=ListOf[CountryProgrammeOut], responses=LISTS)
def list_country_programmes(
    request: Request, session: Reading, query: Annotated[CountryProgrammePage, Query()]
) -> Response:
    return page(session, PROGRAMMES, query).response(request)


@programmes.get(
    "/{programme_id}", summary="Show a country programme", response_model=CountryProgrammeOut, responses=GETS
)
def get_country_programme(request: Request, programme_id: Id, session: Reading) -> Response:
    return _programme(request, session, programme_id)


@programmes.post(
    "",
    summary="Set a country programme; one of that code is changed",
    status_code=201,
    response_model=CountryProgrammeOut,
    responses=CREATES,
)
def set_country_programme(
    request: Request, body: CountryProgrammeIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        put = service.put_programme(session, actor, body)
        return _programme(request, session, key(put.row), status=201)

    return once.answer(session, work)


@programmes.delete(
    "/{programme_id}", summary="Archive a country programme", response_model=CountryProgrammeOut, responses=CHANGES
)
def archive_country_programme(
    request: Request, programme_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, CountryProgramme, programme_id, if_match, name="country programme")
    service.archive_programme(session, actor, row)
    return _programme(request, session, programme_id)


@programmes.post(
    "/{programme_id}/restore",
    summary="Restore a country programme",
    response_model=CountryProgrammeOut,
    responses=CHANGES,
)
def restore_country_programme(
    request: Request, programme_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    row = locked(session, CountryProgramme, programme_id, if_match, name="country programme")
    service.restore_programme(session, actor, row)
    return _programme(request, session, programme_id)
