"""Below ``/agreements``: amendments, and what was known of an agreement on a day."""

from decimal import Decimal
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import AwareDatetime

from app.db.base import key
from app.db.funding import Agreement
from app.domain.money import plain
from app.errors import NotFound
from app.funding import amendments, queries, queries_duties, repurposing
from app.funding.routes import require_agreement
from app.funding.schemas import AgreementRevisionOut, AgreementStateOut, AmendmentOfAgreementIn
from app.funding.schemas_repurposing import RepurposingOfAgreementIn, RepurposingOut, RepurposingPage
from app.http import lists
from app.http.access import Writer
from app.http.fields import Id
from app.http.lists import ListOf, page
from app.http.once import Idempotent
from app.http.router import CREATES, GETS, LISTS_BELOW, api_router, problems
from app.http.sessions import Reading, Today, Writing
from app.http.versions import etag, held, single
from app.inputs import Day, FaultList

below = api_router("/agreements/{agreement_id}", "agreements")


@below.post(
    "/amendments",
    summary="Amend an agreement from a day on; what it changes of commitments is posted on that day",
    status_code=201,
    response_model=AgreementRevisionOut,
    responses=CREATES | problems(404),
)
def create_amendment(
    request: Request,
    agreement_id: Id,
    body: AmendmentOfAgreementIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        row = amendments.create_amendment(session, actor, agreement, body, today=today)
        item = queries.show_revision(session, key(row))
        if item is None:
            raise NotFound(f"There is no amendment {row.id}.")
        return single(request, item, tag=etag(key(row), row.sequence), status=201)

    return once.answer(session, work)


@below.get(
    "/repurposings",
    summary="List changes of how the money is tied, pending ones too",
    response_model=ListOf[RepurposingOut],
    responses=LISTS_BELOW,
)
def list_repurposings(
    request: Request, agreement_id: Id, session: Reading, query: Annotated[RepurposingPage, Query()]
) -> Response:
    require_agreement(session, agreement_id)
    own = queries_duties.below(queries_duties.REPURPOSINGS, agreement_id)
    return page(session, queries_duties.REPURPOSINGS, query, own, scope=str(agreement_id)).response(request)


@below.post(
    "/repurposings",
    summary="Change how the money is tied; in force with the consent of the partner",
    status_code=201,
    response_model=RepurposingOut,
    responses=CREATES | problems(404),
)
def set_repurposing(
    request: Request,
    agreement_id: Id,
    body: RepurposingOfAgreementIn,
    actor: Writer,
    once: Idempotent,
    session: Writing,
    today: Today,
) -> Response:
    def work() -> Response:
        agreement = held(session, Agreement, agreement_id, name="agreement")
        put = repurposing.set_repurposing(session, actor, agreement, body, FaultList(), today=today)
        item = lists.one(session, queries_duties.REPURPOSINGS, queries_duties.REPURPOSINGS.key == key(put.row))
        if item is None:
            raise NotFound(f"There is no change {put.row.id}.")
        return single(request, item, tag=etag(key(put.row), put.row.version), status=201)

    return once.answer(session, work)


@below.get(
    "/as-of",
    summary="An agreement as known on a day",
    response_model=AgreementStateOut,
    responses=GETS,
)
def get_agreement_as_of(
    agreement_id: Id,
    session: Reading,
    today: Today,
    as_of: Annotated[Day | None, Query(description="the day; today when left out")] = None,
    recorded_at: Annotated[AwareDatetime | None, Query(description="what was recorded by this moment")] = None,
) -> AgreementStateOut:
    agreement = session.get(Agreement, agreement_id)
    if agreement is None:
        raise NotFound(f"There is no agreement {agreement_id}.")
    state = amendments.agreement_as_of(session, agreement, as_of or today, recorded_at)
    terms, cost = state.decision.terms, state.cost
    return AgreementStateOut(
        reference=agreement.reference,
        as_of=as_of or today,
        recorded_at=recorded_at,
        decided_on=state.decision.known_on,
        reason=state.reason,
        status=terms.status,
        currency=agreement.currency,
        amount=terms.amount,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        support_cost_rate=terms.support_cost_rate,
        gross_amount=Decimal(plain((cost.net + cost.charged).amount)),
        net_amount=Decimal(plain(cost.net.amount)),
        support_cost=Decimal(plain(cost.charged.amount)),
        preset=terms.preset,
        modality=terms.modality,
        category=terms.category,
        aid_type=terms.aid_type,
        earmarked_for=terms.earmarked_for,
        earmarked_for_refs=list(terms.earmarked_for_refs),
    )
