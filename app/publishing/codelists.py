"""``/codelists``: the lists of the standard, to look codes up."""

from typing import Annotated, Literal

from fastapi import Query

from app.errors import NotFound
from app.http.fields import Output
from app.http.router import api_router, problems
from app.http.sessions import Reading
from app.publishing.codes import names_of, names_of_lists

codelists = api_router("/codelists", "codelists")


class CodeOut(Output):
    code: str
    name: str


class CodesOut(Output):
    items: list[CodeOut]


class CodelistsOut(Output):
    items: list[str]


@codelists.get("", summary="List the codelists", response_model=CodelistsOut)
def list_codelists(session: Reading) -> CodelistsOut:
    del session  # opened because it checks the token
    return CodelistsOut(items=sorted(names_of_lists()))


@codelists.get("/{name}", summary="Look codes up in a list", response_model=CodesOut, responses=problems(404))
def list_codes(
    name: str,
    session: Reading,
    q: Annotated[str | None, Query(max_length=200, description="text in the code or the name")] = None,
    lang: Annotated[
        Literal["en", "fr", "es"], Query(description="language of the names, where the list has it")
    ] = "en",
) -> CodesOut:
    del session
    if name not in names_of_lists():
        raise NotFound(f"There is no codelist {name}: `GET /codelists` names them.")
    text = (q or "").casefold()
    found = [
        CodeOut(code=code, name=label)
        for code, label in names_of(name, lang).items()
        if text in code.casefold() or text in label.casefold()
    ]
    return CodesOut(items=found)
