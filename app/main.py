"""The service: every router, the one table from errors to statuses, and what happens at its start and end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

import app.alerts.calendar
import app.alerts.routes
import app.alerts.unsubscribe
import app.evaluations.obligations.feeds
import app.evaluations.obligations.routes
import app.evaluations.policies.routes
import app.evaluations.routes
import app.evaluations.routes_lessons
import app.evaluations.routes_milestones
import app.evaluations.routes_oversight
import app.funding.routes
import app.funding.routes_below
import app.funding.routes_frameworks
import app.funding.routes_history
import app.jobs.routes
import app.organisation.routes
import app.outbox.routes
import app.partners.routes
import app.partners.routes_protection
import app.people.routes
import app.people.routes_views
import app.projects.routes
import app.projects.routes_below
import app.projects.routes_risks
import app.publishing.codelists
import app.publishing.registering.routes
import app.publishing.releasing.public
import app.publishing.releasing.routes
import app.publishing.routes
import app.reports.routes
import app.results.routes
import app.results.routes_frameworks
import app.results.routes_programmes
import app.results.routes_records
import app.spending.routes
import app.spending.routes_assistance
import app.spending.routes_control
import app.statements.routes
import app.tabular.flat.routes
import app.tabular.routes
import app.tabular.uploads.routes
import app.web.ahead
import app.web.pages
from app import __version__, errors, tracing
from app.config import Settings, get_settings
from app.db import schema
from app.db.engine import Database, open_database
from app.domain.codes import use_codelists
from app.domain.values import use_value_types
from app.http import docs, health, problems, root
from app.http.limits import Limiter, rate
from app.http.metrics import Metrics
from app.http.middleware import Envelope
from app.installation import require_one_place
from app.publishing.codes import code_checker, meant_code, type_checker, use_data_dir
from app.publishing.service import end_mended_drafts

API = "/api/v1"

#: every error that Earmark raises on purpose, and the status it is told with
STATUS: Mapping[type[errors.EarmarkError], int] = {
    errors.UsageError: 400,
    errors.InvalidInput: 422,
    errors.PreconditionRequired: 428,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.StaleVersion: 412,
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.NotSetUp: 503,
    errors.StorageFailed: 503,
    errors.EarmarkError: 500,
}

#: routers below /api/v1, one line for each noun, in the order of the description
ROUTERS: tuple[APIRouter, ...] = (
    app.partners.routes.partners,
    app.partners.routes_protection.below,
    app.partners.routes.organisations_router,
    app.funding.routes.agreements,
    app.funding.routes_below.money,
    app.funding.routes_history.below,
    app.funding.routes_frameworks.frameworks,
    app.funding.routes_below.reporting,
    app.funding.routes.presets,
    app.evaluations.routes.evaluations,
    app.evaluations.routes.recommendations,
    app.evaluations.routes_oversight.oversight_reports,
    app.evaluations.routes_milestones.milestones,
    app.evaluations.routes_lessons.lessons,
    app.projects.routes_risks.risks,
    app.evaluations.obligations.routes.obligations,
    app.evaluations.policies.routes.policies,
    app.alerts.routes.alerts,
    app.outbox.routes.messages,
    app.evaluations.obligations.feeds.feeds,
    app.people.routes.units,
    app.people.routes.officers,
    app.people.routes.users,
    app.people.routes.me,
    app.people.routes.tokens,
    app.people.routes_views.views,
    app.people.routes.audit_events,
    app.projects.routes.projects,
    app.projects.routes.pools,
    app.projects.routes_below.below,
    app.projects.routes_below.documents_router,
    app.publishing.routes.previews,
    app.publishing.codelists.codelists,
    app.publishing.registering.routes.registry,
    app.publishing.releasing.routes.releases,
    app.publishing.releasing.routes.redactions,
    app.spending.routes.allocations,
    app.spending.routes_assistance.assistance_types,
    app.spending.routes.transactions,
    app.spending.routes.encumbrances,
    app.spending.routes.rates,
    app.organisation.routes.books,
    app.spending.routes.budgets,
    app.spending.routes_control.targets,
    app.spending.routes_control.indicators,
    app.spending.routes_control.notes,
    app.statements.routes.statements,
    app.results.routes.results,
    app.results.routes.framework,
    app.results.routes_frameworks.frameworks,
    app.results.routes_frameworks.targets,
    app.results.routes_frameworks.tags,
    app.results.routes_frameworks.crosswalk,
    app.results.routes_programmes.programmes,
    app.results.routes_records.records,
    app.reports.routes.reports,
    app.jobs.routes.health,
    # before the kinds of table: their path would take a name with .csv
    app.tabular.flat.routes.flat_tables,
    app.tabular.routes.tables,
    app.tabular.uploads.routes.imports,
)

#: routers outside /api/v1
OTHERS: tuple[APIRouter, ...] = (
    *app.web.pages.ROUTERS,
    root.router,
    health.router,
    app.alerts.calendar.calendar,
    app.alerts.unsubscribe.router,
    app.publishing.releasing.public.router,
)


def create_app(
    settings: Settings | None = None, database: Database | None = None, *, like: FastAPI | None = None
) -> FastAPI:
    """The ASGI application. Without ``database`` it opens the one that the settings name, and closes it at the end.

    ``like``: another application of this process, whose routes and description this one has too. They know neither
    settings nor database, and to put them together takes longer than most answers.
    """
    chosen = settings or get_settings()
    require_one_place()
    use_data_dir(chosen.data_dir)
    use_codelists(code_checker(chosen.data_dir), meant_code)
    use_value_types(type_checker())
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        traced = tracing.start(chosen, role="web")
        with app.web.ahead.looking_ahead(service.state.database, chosen):
            yield
        tracing.stop(traced)
        if database is None:
            service.state.database.dispose()

    service = FastAPI(
        title="Earmark",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
    )
    service.state.settings = chosen
    service.state.database = database or open_database(chosen)
    service.state.database.judge = end_mended_drafts
    service.state.metrics = metrics
    service.state.schema_head = schema.head()
    service.add_middleware(Limiter, allowed=rate(chosen.api_rate), store=chosen.api_rate_store)
    service.add_middleware(
        Envelope,
        max_body=chosen.max_body,
        max_upload=chosen.max_upload,
        metrics=metrics,
        https=chosen.public_url.startswith("https://"),
        refuse=_refused_address,
    )
    if like is None:
        for router in ROUTERS:
            service.include_router(router, prefix=API)
        for router in OTHERS:
            service.include_router(router)
        docs.serve_docs(service)
    else:
        # how it starts and ends stays its own: that knows settings and database
        own, service.router = service.router, copy(like.router)
        service.router.lifespan_context = own.lifespan_context
        service.openapi = like.openapi  # type: ignore[method-assign]
    _tell_errors(service)
    return service


async def _refused_address(request: Request, error: errors.InvalidInput) -> Response:
    """The answer where nothing can be called as the address says: a page for people, a problem for programs."""
    if app.web.pages.wants_page(request):
        return await run_in_threadpool(app.web.pages.failed, app.web.pages.cleaned(request), error)
    return problems.tell(request, error, STATUS)


def _tell_errors(service: FastAPI) -> None:
    """Every error becomes a problem+json answer, whoever raised it."""

    async def tell(request: Request, error: Exception) -> Response:
        match error:
            case HTTPException():
                if app.web.pages.wants_page(request):
                    return await run_in_threadpool(app.web.pages.failed, request, error)
                return problems.tell_http(request, error)
            case errors.EarmarkError():
                told = error
            case RequestValidationError():
                told = problems.invalid_request(error)
            case IntegrityError():
                told = problems.integrity_conflict(error)
            case DataError() | ProgrammingError():
                told = problems.database_error(error)
            case _:
                raise error
        return problems.tell(request, told, STATUS)

    ours = (errors.EarmarkError, HTTPException, RequestValidationError, IntegrityError, DataError, ProgrammingError)
    for kind in ours:
        service.add_exception_handler(kind, tell)
