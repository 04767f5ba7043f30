"""``/partners`` and ``/organisations``."""

from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session

from app.db.base import key
from app.db.partners import Organisation, Partner
from app.errors import NotFound
from app.http.access import Writer
from app.http.fields import Id, IfMatch, remarks_shown
from app.http.lists import ListOf, Shown, page
from app.http.once import Idempotent
from app.http.router import CHANGES, CREATES, GETS, LISTS, api_router
from app.http.sessions import Reading, Writing
from app.http.versions import etag, held, locked, require_version, single
from app.partners import organisations, queries, service
from app.partners.schemas import (
    OrganisationIn,
    OrganisationOut,
    OrganisationPage,
    OrganisationPatch,
    PartnerIn,
    PartnerOut,
    PartnerPage,
    PartnerPatch,
)

partners = api_router("/partners", "partners")
organisations_router = api_router("/organisations", "organisations")


@partners.get("", summary="List partners", response_model=ListOf[PartnerOut], responses=LISTS)
def list_partners(request: Request, session: Reading, query: Annotated[PartnerPage, Query()]) -> Response:
    found = page(session, queries.PARTNERS, query)
    found.items = [_shown(item) for item in found.items]
    return found.response(request)


@partners.get("/{partner_id}", summary="Show a partner", response_model=PartnerOut, responses=GETS)
def get_partner(request: Request, partner_id: Id, session: Reading) -> Response:
    return _partner(request, session, partner_id)


@partners.post("", summary="Add a partner", status_code=201, response_model=PartnerOut, responses=CREATES)
def create_partner(request: Request, body: PartnerIn, actor: Writer, once: Idempotent, session: Writing) -> Response:
    def work() -> Response:
        partner = service.create_partner(session, actor, body)
        return _partner(request, session, key(partner), status=201)

    return once.answer(session, work)


@partners.patch("/{partner_id}", summary="Change a partner", response_model=PartnerOut, responses=CHANGES)
def update_partner(
    request: Request,
    partner_id: Id,
    body: PartnerPatch,
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    service.update_partner(session, actor, _held(session, partner_id, if_match), body)
    return _partner(request, session, partner_id)


@partners.delete("/{partner_id}", summary="Archive a partner", response_model=PartnerOut, responses=CHANGES)
def archive_partner(
    request: Request, partner_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    service.archive_partner(session, actor, _held(session, partner_id, if_match))
    return _partner(request, session, partner_id)


@partners.post("/{partner_id}/restore", summary="Restore a partner", response_model=PartnerOut, responses=CHANGES)
def restore_partner(
    request: Request, partner_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    service.restore_partner(session, actor, _held(session, partner_id, if_match))
    return _partner(request, session, partner_id)


def _held(session: Session, partner_id: int, if_match: str | None) -> Partner:
    """The partner to change; what is shown of it stands in two rows, and both must be as the caller saw them."""
    partner = held(session, Partner, partner_id, name="partner")
    organisation = held(session, Organisation, partner.organisation_id, name="organisation")
    require_version(if_match, partner_id, partner.version, organisation.version)
    return partner


def _shown(item: Shown) -> Shown:
    del item["organisation_version"]
    item["remarks"] = service.remarks(item["category"], item["iati_type"], item["code"], item["iati_ref"])
    return item


def _partner(request: Request, session: Session, partner_id: int, *, status: int = 200) -> Response:
    item = queries.show_partner(session, partner_id)
    if item is None:
        raise NotFound(f"There is no partner {partner_id}.")
    tag = etag(partner_id, item["version"], item["organisation_version"])
    location = f"{request.url.path}/{partner_id}" if status == 201 else None
    return single(request, _shown(item), tag=tag, status=status, location=location)


@organisations_router.get(
    "", summary="List organisations", response_model=ListOf[OrganisationOut], responses=LISTS
)  # fmt: skip
def list_organisations(request: Request, session: Reading, query: Annotated[OrganisationPage, Query()]) -> Response:
    found = page(session, queries.ORGANISATIONS, query)
    found.items = [_with_remarks(item) for item in found.items]
    return found.response(request)


@organisations_router.get(
    "/{organisation_id}", summary="Show an organisation", response_model=OrganisationOut, responses=GETS
)
def get_organisation(request: Request, organisation_id: Id, session: Reading) -> Response:
    return _organisation(request, session, organisation_id)


@organisations_router.post(
    "", summary="Add an organisation", status_code=201, response_model=OrganisationOut, responses=CREATES
)
def create_organisation(
    request: Request, body: OrganisationIn, actor: Writer, once: Idempotent, session: Writing
) -> Response:
    def work() -> Response:
        organisation = organisations.create_organisation(session, actor, body)
        return _organisation(request, session, key(organisation), status=201)

    return once.answer(session, work)


@organisations_router.patch(
    "/{organisation_id}", summary="Change an organisation", response_model=OrganisationOut, responses=CHANGES
)
def update_organisation(
    request: Request,
    organisation_id: Id,
    body: OrganisationPatch,
    actor: Writer,
    session: Writing,
    if_match: IfMatch = None,
) -> Response:
    organisation = locked(session, Organisation, organisation_id, if_match, name="organisation")
    organisations.update_organisation(session, actor, organisation, body)
    return _organisation(request, session, organisation_id)


@organisations_router.delete(
    "/{organisation_id}", summary="Archive an organisation", response_model=OrganisationOut, responses=CHANGES
)
def archive_organisation(
    request: Request, organisation_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    organisation = locked(session, Organisation, organisation_id, if_match, name="organisation")
    organisations.archive_organisation(session, actor, organisation)
    return _organisation(request, session, organisation_id)


@organisations_router.post(
    "/{organisation_id}/restore", summary="Restore an organisation", response_model=OrganisationOut, responses=CHANGES
)
def restore_organisation(
    request: Request, organisation_id: Id, actor: Writer, session: Writing, if_match: IfMatch = None
) -> Response:
    organisation = locked(session, Organisation, organisation_id, if_match, name="organisation")
    organisations.restore_organisation(session, actor, organisation)
    return _organisation(request, session, organisation_id)


def _with_remarks(item: Shown) -> Shown:
    told = organisations.of_identifier(item["identifier"], "/identifier")
    item["remarks"] = remarks_shown(told)
    return item


def _organisation(request: Request, session: Session, organisation_id: int, *, status: int = 200) -> Response:
    item = queries.show_organisation(session, organisation_id)
    if item is None:
        raise NotFound(f"There is no organisation {organisation_id}.")
    location = f"{request.url.path}/{organisation_id}" if status == 201 else None
    return single(
        request, _with_remarks(item), tag=etag(organisation_id, item["version"]), status=status, location=location
    )
