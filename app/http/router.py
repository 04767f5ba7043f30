"""Routers of the API: bodies are checked before anything else sees them, and every problem is declared."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, NoReturn, TypeAlias, get_args, get_origin

from fastapi import APIRouter, params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.errors import Fault, InvalidInput, step
from app.http.problems import MEDIA_TYPE
from app.http.routing import Router
from app.sheets import MEDIA_TYPES

#: what a route may answer beside its own answer, as FastAPI takes it: by status
Responses: TypeAlias = dict[int | str, dict[str, Any]]

_MEANINGS = {
    400: "The options contradict each other, or do not go with what is asked for",
    304: "The caller has this version already",
    401: "The token is missing, unknown, expired or revoked",
    403: "The token does not carry the right",
    404: "There is no such thing",
    409: "The present state does not allow this",
    412: "Somebody changed it after it was read",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The input has faults; all of them are listed",
    428: "If-Match is missing",
    429: "The token has called too often; Retry-After says how many seconds to wait",
    503: "Earmark is not set up, or its database cannot be reached",
    507: "The disk is full",
}

_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def problems(*statuses: int) -> Responses:
    """Declarations of problems for ``responses`` of a route."""
    return {
        status: {"description": _MEANINGS[status], **({} if status < 400 else {"content": _CONTENT})}
        for status in statuses
    }


#: what a route of each kind may answer beside what all may
GETS = problems(304, 404)
LISTS: Responses = problems(304) | {
    200: {"content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()}}
}
#: a list of what belongs to a record
LISTS_BELOW: Responses = LISTS | problems(404)
CREATES = problems(409, 413, 415)
#: what takes a body and stores nothing
LOOKS = problems(413, 415)
CHANGES = problems(404, 409, 412, 413, 415, 428)


def api_router(prefix: str, tag: str) -> APIRouter:
    """A router below ``/api/v1`` whose routes all need a token. ``tag`` is its heading in the description."""
    return Router(prefix=prefix, tags=[tag], route_class=Route, responses=problems(401, 403, 422, 429, 503))


class Route(APIRoute):
    """A route that takes the query parameters it names and no others, and JSON that every database can hold."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        handle = super().get_route_handler()
        dependant = self.dependant

        @cache
        def names() -> tuple[frozenset[str], frozenset[str]]:
            # looked for at the first request: for all routes it is a good part of what the program takes to start
            return query_names(dependant), query_names(dependant, repeated=True)

        takes_body = self.body_field is not None
        needs_body = self.body_field is not None and self.body_field.field_info.is_required()

        async def checked(request: Request) -> Response:
            known, several = names()
            check_query(request.query_params.keys(), known)
            check_once([name for name, _value in request.query_params.multi_items() if name not in several])
            if takes_body:
                body = await request.body()
                if body or needs_body:
                    check_json(request.headers.get("content-type", ""), body)
            return await handle(request)

        return checked


def query_names(dependant: Dependant, *, repeated: bool = False) -> frozenset[str]:
    """The query parameters that a route and everything it depends on take, those of a model one by one.

    ``repeated``: only those that may be given several times.
    """
    elsewhere = (params.Path, params.Header, params.Cookie)
    found = [field for field in get_flat_params(dependant) if not isinstance(field.field_info, elsewhere)]
    return frozenset(field.alias for field in found if not repeated or _takes_several(field.field_info.annotation))


def _takes_several(annotation: object) -> bool:
    """Whether a list is among what an annotation allows."""
    return get_origin(annotation) in (list, set, tuple) or any(map(_takes_several, get_args(annotation)))


def check_query(given: Collection[str], known: frozenset[str]) -> None:
    """Refuses parameters that nobody would look at: an answer would seem to follow them.

    :raises InvalidInput: with a fault for each of them.
    """
    there = f"there are {', '.join(sorted(known))}" if known else "there are none"
    faults = [
        Fault(
            pointer="/query" + step(name), rule="unknown-field", message=f"There is no parameter {name} here: {there}."
        )
        for name in sorted(set(given) - known)
    ]
    if faults:
        raise InvalidInput(faults)


def check_once(given: Sequence[str]) -> None:
    """Refuses parameters that stand several times and have one value: all but one would be passed over.

    :raises InvalidInput: with a fault for each of them.
    """
    if len(given) == len(set(given)):
        return
    faults = [
        Fault(pointer="/query" + step(name), rule="repeated-field", message=f"{name} stands {count} times: keep one.")
        for name, count in sorted(Counter(given).items())
        if count > 1
    ]
    raise InvalidInput(faults)


def check_json(media_type: str, body: bytes) -> None:
    """Refuses what is not JSON in UTF-8, and strings with characters that databases do not take.

    A name that stands several times in one object is refused too: all but its last value would be passed over.

    :raises InvalidInput: with the pointer of each such string or name, or the line and column where it stops being
        JSON.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise HTTPException(415, "Send JSON with `Content-Type: application/json`.")
    if not body:
        return
    try:
        # a byte-order mark says nothing, and some programs write one
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(f"The body is not UTF-8 (byte {error.start}).") from error
    repeated: dict[int, list[str]] = {}
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=partial(_object, repeated))
    except json.JSONDecodeError as error:
        raise _unreadable(f"The body is not JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise _unreadable("The body is nested too deeply.") from error
    except ValueError as error:
        # other than by such a word, a whole number of thousands of digits alone is refused so
        said = str(error) if isinstance(error, _NoNumberError) else "it has thousands of digits"
        raise _unreadable(f"The body holds a number that is none: {said}.") from error
    if repeated:
        raise InvalidInput(list(_repetitions(value, repeated)))
    # other than by an escape neither can stand in JSON that is UTF-8
    if "\\u" in text and (faults := unstorable(value)):
        raise InvalidInput(faults)


def _unreadable(message: str) -> InvalidInput:
    return InvalidInput([Fault(pointer="", rule="json", message=message)])


class _NoNumberError(ValueError):
    """A word that some programs write for a number that is none."""


def _no_constant(name: str) -> NoReturn:
    raise _NoNumberError(f"{name} is not a number in JSON")


def _object(repeated: dict[int, list[str]], pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON; names that stand several times in it are noted by its identity."""
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated[id(found)] = [name for name, count in Counter(name for name, _value in pairs).items() if count > 1]
    return found


def _repetitions(value: object, repeated: Mapping[int, Sequence[str]]) -> Iterator[Fault]:
    """A fault for each name that stands several times in one object."""
    pending: list[tuple[str, object]] = [("", value)]
    while pending:
        pointer, found = pending.pop()
        if isinstance(found, list):
            pending.extend((f"{pointer}/{place}", item) for place, item in enumerate(found))
        elif isinstance(found, dict):
            for name in map(_shown, repeated.get(id(found), ())):
                message = f"The field {name} stands several times: keep the one that is meant."
                yield Fault(pointer=pointer + step(name), rule="repeated-field", message=message)
            pending.extend((pointer + step(_shown(name)), item) for name, item in found.items())


def _shown(name: str) -> str:
    return _UNSTORABLE.sub("\ufffd", name)


def unstorable(value: object) -> list[Fault]:
    """A fault for each string, names of fields included, with a NUL character or half of a surrogate pair."""
    faults = []
    pending: list[tuple[str, object]] = [("", value)]
    while pending:
        pointer, found = pending.pop()
        if isinstance(found, str) and _UNSTORABLE.search(found):
            message = "Text cannot hold NUL characters or halves of surrogate pairs: remove them."
            faults.append(Fault(pointer=pointer, rule="text.unstorable", message=message))
        elif isinstance(found, list):
            pending.extend((f"{pointer}/{place}", item) for place, item in enumerate(found))
        elif isinstance(found, dict):
            for name, item in found.items():
                pending.append((pointer + step(_shown(name)), item))
                # the name itself is told at the object that has it
                pending.append((pointer, name))
    return sorted(faults, key=lambda fault: fault.pointer)


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
