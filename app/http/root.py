"""The root address: what this is, and where its parts are. To programs as JSON, to browsers as a page."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from app import __version__
from app.http.sessions import Address

router = APIRouter(tags=["health"])

_WHAT = "Portfolio of development cooperation: partners, agreements, projects, their money, results and evaluations."

#: name, path and meaning of each part
_PARTS = (
    ("api", "/api/v1", "the HTTP API; every request needs a token, which `earmark token create NAME` makes"),
    ("docs", "/docs", "the interactive description of the API"),
    ("openapi", "/openapi.json", "the same description for programs"),
    ("published", "/iati/", "the published IATI files, for everybody"),
    ("live", "/health/live", "whether the process runs"),
    ("ready", "/health/ready", "whether the database answers and its tables are current"),
    ("metrics", "/metrics", "counts of requests for Prometheus"),
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Earmark</title>
</head>
<body>
<h1>Earmark {version}</h1>
<p>{what}</p>
<ul>
{parts}
</ul>
</body>
</html>
"""


class Part(BaseModel):
    """A part of the service."""

    name: str
    url: str = Field(description="its address, under the one that was asked, or the one that is set")
    about: str


class Root(BaseModel):
    """What answers here."""

    name: str
    version: str
    about: str
    parts: list[Part]


@router.get(
    "/", operation_id="root", summary="What this is, and where its parts are", response_model=Root,
    responses={200: {"content": {"text/html": {}}}},
)  # fmt: skip
async def root(request: Request, address: Address) -> Response:
    parts = [Part(name=name, url=address + path, about=about) for name, path, about in _PARTS]
    told = {"Vary": "Accept"}
    if "text/html" not in request.headers.get("accept", ""):
        body = Root(name="Earmark", version=__version__, about=_WHAT, parts=parts)
        return JSONResponse(body.model_dump(), headers=told)
    # the API itself has no page: its part is named without a link
    lines = [
        f"<li><code>{escape(part.url)}</code>: {escape(part.about)}</li>"
        if part.name == "api"
        else f'<li><a href="{escape(part.url)}">{escape(part.name)}</a>: {escape(part.about)}</li>'
        for part in parts
    ]
    page = _PAGE.format(version=escape(__version__), what=escape(_WHAT), parts="\n".join(lines))
    return HTMLResponse(page, headers=told)
