"""The description of the API, and its interactive pages from files on this machine: no outside host is asked."""

from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from app.http.conventions import TAGS, complete
from app.http.problems import Problem

_ASSETS = Path(fastapi_offline.__file__).parent / "static"

# Swagger UI writes style attributes and inlines its pictures; scripts come from here alone
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Earmark API</title>
<link rel="icon" href="/docs/assets/favicon.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="description"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#description",
  deepLinking: true,
  persistAuthorization: true,
  docExpansion: "none",
  validatorUrl: null
})
"""

_INTRODUCTION = """
Portfolios of development cooperation: partners, agreements, projects, their money, results and evaluations.

* Send a token as `Authorization: Bearer ear_…`; `earmark token create NAME` makes one.
* Amounts are decimal strings, dates are `YYYY-MM-DD`.
* Lists take `limit`, `cursor`, `sort` and filters by field, and answer `{"items": […], "next": cursor}`.
* Answers carry an `ETag`; a change needs it in `If-Match`.
* A `POST` with an `Idempotency-Key` can be repeated safely.
* Lists carry the ways to other pages in `Link` (`first`, `prev`, `next`).
* A token that calls too often is answered `429` with `Retry-After`; `RateLimit-*` tells what is left.
* Names stay; what is to go is announced in `Deprecation` and `Sunset` a year before.
* Everything refused is told as `application/problem+json` with each fault and its place.
"""


def serve_docs(app: FastAPI) -> None:
    """Adds ``/docs`` with its files, and completes ``/openapi.json``."""
    app.mount("/docs/assets", StaticFiles(directory=_ASSETS), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _description(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title=app.title,
        version=app.version,
        summary="The portfolio of an organisation of development cooperation",
        description=_INTRODUCTION,
        routes=app.routes,
        tags=[{"name": name, "description": meaning} for name, meaning in TAGS.items()],
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": "/", "description": "the service that sent this description"}],
    )
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    # FastAPI adds its own form of validation errors, which this API never answers
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    complete(description)
    return description
