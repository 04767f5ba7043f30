"""Whether the process lives, whether it can serve, and what it has counted; without a token."""

import os
from contextlib import suppress
from pathlib import Path

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse

from app.db import schema
from app.db.base import utc_now
from app.errors import NotSetUp, StorageFailed
from app.http.queries import database_figures
from app.http.router import problems
from app.http.routing import Router
from app.http.state import database_of, settings_of

router = Router(tags=["health"])


@router.get("/health/live", operation_id="live", summary="The process runs")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get(
    "/health/ready", operation_id="ready", summary="Database and file store answer, and the tables are current",
    responses=problems(503),
)  # fmt: skip
def ready(request: Request) -> JSONResponse:
    state = request.app.state
    found = schema.current(state.database)
    if found is None or found < state.schema_head:
        raise NotSetUp(
            f"The tables are at revision {found or 'none'}, this program needs {state.schema_head}: "
            "run `earmark db upgrade`."
        )
    store = settings_of(request).file_store
    if not _may_write(store):
        raise StorageFailed(f"The file store {store} cannot be written to: look at its disk and its owner.")
    # tables that are ahead serve this program too: a release first adds, and a later one takes away
    return JSONResponse({"status": "ok", "schema": found, "ahead": found > state.schema_head})


def _may_write(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself where there is none yet."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


@router.get(
    "/metrics", operation_id="metrics", summary="Counts of all processes for Prometheus",
    response_class=PlainTextResponse,
)  # fmt: skip
def metrics(request: Request) -> PlainTextResponse:
    told = None
    with suppress(StorageFailed):
        if schema.current(database_of(request)) is not None:
            with database_of(request).read(seconds=settings_of(request).statement_seconds) as session:
                told = database_figures(session, utc_now())
    return PlainTextResponse(request.app.state.metrics.text(told), media_type="text/plain; version=0.0.4")
