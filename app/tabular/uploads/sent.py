"""A table as the body of a request, alone or as a form with a mapping beside it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.errors import Fault, InvalidInput
from app.sheets import MEDIA_TYPES

_MULTIPART = "multipart/form-data"
_SUFFIXES = {
    "text/csv": ".csv",
    "application/octet-stream": "",
    MEDIA_TYPES["xlsx"]: ".xlsx",
    _MULTIPART: "",
}
_FILE: dict[str, object] = {"type": "string", "format": "binary"}
#: the body as the description of the API tells it
BODY: dict[str, object] = {
    "required": True,
    "description": "the table (CSV or XLSX); as a form with a mapping (YAML) beside it",
    "content": {
        _MULTIPART: {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": _FILE, "mapping": _FILE},
            }
        },
        "application/octet-stream": {"schema": _FILE},
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file that was sent, as long as the request lasts."""

    path: Path
    name: str
    #: the text of a mapping
    mapping: str | None


async def _sent(request: Request) -> AsyncIterator[SentFile]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _SUFFIXES:
        raise HTTPException(415, f"Send the table as one of {', '.join(_SUFFIXES)}.")
    name, mapping = "", None
    if media_type == _MULTIPART:
        async with request.form(max_files=2, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                message = "The form has no file: send the table in the field file."
                raise InvalidInput([Fault(pointer="/file", rule="required", message=message)])
            name, content = file.filename or "", await file.read()
            told = form.get("mapping")
            mapping = _text(await told.read() if isinstance(told, UploadFile) else told)
    else:
        content = await request.body()
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"table{Path(name).suffix[:10] if name else _SUFFIXES[media_type]}"
        await asyncio.to_thread(path.write_bytes, content)
        yield SentFile(path=path, name=Path(name).name, mapping=mapping)


def _text(mapping: bytes | str | None) -> str | None:
    if not isinstance(mapping, bytes):
        return mapping
    try:
        return mapping.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "The mapping is not UTF-8: save it as UTF-8."
        raise InvalidInput([Fault(pointer="/mapping", rule="mapping.encoding", message=message)]) from error


#: for routes: ``sent: Sent`` gives the file while the request lasts
Sent = Annotated[SentFile, Depends(_sent)]
