"""``/tables/{name}.csv`` and ``/tables/datapackage.json``: the flat tables for tools that read from an address."""

import hashlib
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.background import BackgroundTask

from app.domain.access import Right
from app.http.access import CurrentActor
from app.http.router import GETS, api_router
from app.http.sessions import Reading, ReadingAside, Today
from app.http.state import database_of
from app.http.versions import conditional, is_known
from app.inputs import Day
from app.sheets import MEDIA_TYPES, csv_pieces
from app.tabular.flat.package import package
from app.tabular.flat.registry import FLAT_TABLES, flat_table, freshen, outlook

flat_tables = api_router("/tables", "tables")

#: more than this goes to disk until it is sent
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


class FlatQuery(BaseModel):
    """How a flat table is read."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = Field(default=None, description="tables of dated decisions hold what was known on this day")


class FlatCsvQuery(FlatQuery):
    """How a flat table is sent."""

    excel: bool = Field(default=False, description="with a byte-order mark, as Excel wants it")


@flat_tables.get(
    "/datapackage.json",
    summary="Describe the flat tables",
    response_class=Response,
    responses=GETS | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def describe_flat_tables(
    request: Request, session: Reading, today: Today, query: Annotated[FlatQuery, Query()]
) -> Response:
    """A Frictionless data package: each table with its types, its key, its references and what each column means."""
    looked = outlook(session, as_of=query.as_of, today=today)
    asked = "" if query.as_of is None else f"?as_of={query.as_of}"
    content = to_json(
        package(
            FLAT_TABLES,
            as_of=query.as_of,
            currency=looked.currency,
            addresses={table.name: f"{table.name}.csv{asked}" for table in FLAT_TABLES},
        )
    )
    return conditional(request, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'})


def _fresh(request: Request, name: str, actor: CurrentActor, today: Today) -> None:
    """Has what the table reads follow the facts, before the snapshot it is read from is taken."""
    actor.require(Right.READ)
    freshen(database_of(request), flat_table(name), today)


@flat_tables.get(
    "/{name}.csv",
    summary="Send a flat table",
    response_class=StreamingResponse,
    responses=GETS | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    dependencies=[Depends(_fresh)],
)
def get_flat_table(
    request: Request, name: str, session: ReadingAside, today: Today, query: Annotated[FlatCsvQuery, Query()]
) -> Response:
    """All rows of a flat table for analysts. ``datapackage.json`` tells what the columns mean."""
    table = flat_table(name)
    looked = outlook(session, as_of=query.as_of, today=today)
    # written while the snapshot is open, sent afterwards
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    digest = hashlib.sha256()
    for piece in csv_pieces(table.names, table.rows(session, looked), marked=query.excel):
        digest.update(piece)
        file.write(piece)
    headers = {"ETag": f'"{digest.hexdigest()[:32]}"'}
    if is_known(request, headers["ETag"]):
        file.close()
        return Response(None, 304, headers)
    file.seek(0)
    headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return StreamingResponse(
        _pieces(file), media_type=MEDIA_TYPES["csv"], headers=headers, background=BackgroundTask(file.close)
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
