"""Whether the process lives, whether it can serve, and what it has counted; without a token."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from app.db import schema
from app.errors import NotSetUp
from app.http.router import problems

router = APIRouter(tags=["health"])


@router.get("/health/live", operation_id="live", summary="The process runs")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get(
    "/health/ready", operation_id="ready", summary="The database answers and its tables are current",
    responses=problems(503),
)  # fmt: skip
def ready(request: Request) -> JSONResponse:
    state = request.app.state
    if (found := schema.current(state.database)) != state.schema_head:
        raise NotSetUp(
            f"The tables are at revision {found or 'none'}, this program needs {state.schema_head}: "
            "run `earmark db upgrade`."
        )
    return JSONResponse({"status": "ok", "schema": found})


@router.get(
    "/metrics", operation_id="metrics", summary="Counts of all processes for Prometheus",
    response_class=PlainTextResponse,
)  # fmt: skip
def metrics(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")
