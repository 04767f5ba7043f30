"""Style and scripts of the pages, under names that tell their content, so that browsers keep them for a year."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import Response

from app.errors import NotFound
from app.http.routing import Router

FOLDER = Path(__file__).with_name("static")
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_YEAR = "public, max-age=31536000, immutable"

router = Router(include_in_schema=False)


@dataclass(frozen=True, kw_only=True)
class StaticFile:
    content: bytes
    media_type: str


@cache
def _addresses() -> dict[str, str]:
    """Name in the folder → name in the address."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in _KINDS:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            found[path.relative_to(FOLDER).as_posix()] = f"{path.stem}.{digest}{path.suffix}"
    return found


@cache
def _files() -> dict[str, StaticFile]:
    return {
        address: StaticFile(content=(FOLDER / name).read_bytes(), media_type=_KINDS[Path(name).suffix])
        for name, address in _addresses().items()
    }


def address(name: str) -> str:
    """The address of a file of the folder ``static``, such as ``earmark.css``; a name that is not there is a fault."""
    return f"/static/{_addresses()[name]}"


@router.get("/static/{name}")
async def static(name: str) -> Response:
    found = _files().get(name)
    if found is None:
        raise NotFound("There is no such file.")
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": _YEAR})
