"""``/tables``: every kind of table with the columns of its import, as CSV or XLSX."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from app.http.fields import Output
from app.http.router import GETS, LISTS, Responses, api_router
from app.http.sessions import Reading, ReadingAside
from app.sheets import MEDIA_TYPES, Sheet, csv_pieces, write_workbook
from app.tabular.flat.registry import FLAT_TABLES
from app.tabular.mapping.template import template as mapping_to_begin_with
from app.tabular.outgoing import table_out
from app.tabular.registry import KINDS, kind_shown

tables = api_router("/tables", "tables")

#: more than this goes to disk until it is sent
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024
_FORMATS: Responses = {200: {"content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()}}}


class TableKindOut(Output):
    name: str
    columns: list[str]
    key: list[str]


class FlatTableOut(Output):
    """A table for analysts, which does not go in again."""

    name: str
    title: str
    meaning: str
    columns: list[str]
    path: str = Field(description="its address below this one")
    dated: bool = Field(description="whether `as_of` changes what it holds")


class TableKindsOut(Output):
    items: list[TableKindOut]
    flat: list[FlatTableOut] = Field(description="flat tables for analysts, described by datapackage.json")


class TableQuery(BaseModel):
    """In which form a table is sent."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "xlsx"] | None = None


@tables.get("", summary="List kinds of table", response_model=TableKindsOut, responses=LISTS)
def list_tables(session: Reading) -> TableKindsOut:
    del session  # opened because it checks the token
    return TableKindsOut(
        items=[TableKindOut(name=kind.name, columns=kind.template()[0], key=list(kind.key)) for kind in KINDS],
        flat=[
            FlatTableOut(
                name=table.name,
                title=table.title,
                meaning=table.meaning,
                columns=list(table.names),
                path=f"{table.name}.csv",
                dated=table.dated,
            )
            for table in FLAT_TABLES
        ],
    )


@tables.get(
    "/{kind}/mapping-template",
    summary="Send a mapping to begin with",
    response_class=Response,
    responses=GETS | {200: {"content": {"application/yaml": {}}}},
)
def get_mapping_template(kind: str, session: Reading) -> Response:
    """A mapping file, every key explained, for files of other systems that are to become a table of this kind."""
    del session  # opened because it checks the token
    return Response(mapping_to_begin_with(kind_shown(kind)), media_type="application/yaml")


@tables.get("/{kind}", summary="Send a table", response_class=StreamingResponse, responses=GETS | _FORMATS)
def get_table(
    request: Request, kind: str, session: ReadingAside, query: Annotated[TableQuery, Query()]
) -> StreamingResponse:
    """All rows of a kind, which imported again change nothing; CSV unless ``format`` or ``Accept`` ask for XLSX."""
    wanted = kind_shown(kind)
    format_ = query.format or ("xlsx" if "spreadsheetml" in request.headers.get("accept", "") else "csv")
    content = table_out(session, wanted)
    # written while the snapshot is open, sent afterwards
    file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    if format_ == "xlsx":
        write_workbook(file, [Sheet(name=kind, columns=content.columns, rows=content.rows)])
    else:
        file.writelines(csv_pieces(content.columns, content.rows))
    file.seek(0)
    return StreamingResponse(
        _pieces(file),
        media_type=MEDIA_TYPES[format_],
        headers={"Content-Disposition": f'attachment; filename="{kind}.{format_}"'},
        background=BackgroundTask(file.close),
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
