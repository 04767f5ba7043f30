"""The root address, for programs: what this is, and where its parts are. Browsers get a page (``app.web``)."""

from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from app import __version__
from app.http.routing import Router
from app.http.sessions import Address

router = Router(tags=["health"])

_WHAT = "Portfolio of development cooperation: partners, agreements, projects, their money, results and evaluations."

#: name, path and meaning of each part
_PARTS = (
    ("api", "/api/v1", "the HTTP API; every request needs a token, which `earmark token create NAME` makes"),
    ("docs", "/docs", "the interactive description of the API"),
    ("openapi", "/openapi.json", "the same description for programs"),
    ("public", "/public", "what is published, as pages for everybody"),
    ("published", "/iati/", "the published IATI files, for everybody"),
    ("live", "/health/live", "whether the process runs"),
    ("ready", "/health/ready", "whether the database answers and its tables are current"),
    ("metrics", "/metrics", "counts of requests for Prometheus"),
)


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
async def root(address: Address) -> Response:
    return as_json(address)


def parts(address: str) -> list[Part]:
    """The parts of the service under an address."""
    return [Part(name=name, url=address + path, about=about) for name, path, about in _PARTS]


def as_json(address: str) -> Response:
    """What programs are told."""
    body = Root(name="Earmark", version=__version__, about=_WHAT, parts=parts(address))
    return JSONResponse(body.model_dump(), headers={"Vary": "Accept"})
