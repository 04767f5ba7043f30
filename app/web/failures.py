"""What went wrong, as a page that says what to do."""

import logging
from collections.abc import Callable
from functools import partial

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.errors import (
    Conflict,
    EarmarkError,
    Fault,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSetUp,
    StorageFailed,
)
from app.http.middleware import UPLOADS
from app.http.problems import database_error, integrity_conflict, request_id_of
from app.language import i18n
from app.language.i18n import mark
from app.web.again import Again, asked_again, label_of
from app.web.showing import language_of, show

log = logging.getLogger("earmark.web")

_STATUS: dict[type[EarmarkError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    InvalidInput: 422,
    Conflict: 409,
    NotSetUp: 503,
    StorageFailed: 503,
}
_LARGE_FILE = mark(
    "The file has more than %(most)s MB, and nothing of it was kept. Take out pictures and formatted empty rows, "
    "divide the table into several files, or have it loaded with the command line."
)
_NOT_SET_UP = mark("Earmark is not set up yet")
_SET_UP = mark(
    "Nobody told Earmark yet who the organisation is: run `earmark init`, then load units, partners and projects."
)
_AGAIN = mark("Nothing was stored. Correct it here, and send it again.")
_TITLES = {
    400: mark("What was sent cannot be read"),
    403: mark("You may not do this"),
    404: mark("There is no such page"),
    405: mark("This cannot be done here"),
    409: mark("This is not possible as things stand"),
    413: mark("This is too large"),
    422: mark("Something in the address or the form does not fit"),
    429: mark("Too many attempts"),
    500: mark("Something went wrong"),
    503: mark("Earmark cannot answer just now"),
}
_ADVICE = {
    400: mark("Go back to the page, and send its form again."),
    403: mark("If it is your task, ask an administrator for the right, or the unit it belongs to."),
    404: mark("It may have been archived, or the address may be cut off. Go to the portfolio and search for it."),
    405: mark("Go back, and use the buttons of the page."),
    409: mark("Go back, and look at the record as it is now."),
    413: mark("Send less at once: shorten long texts, or divide it. Go back, and what you typed is still there."),
    422: mark("Go back and correct it, or begin again without filters."),
    429: mark("Wait a little, then try again."),
    500: mark("Nothing was stored. Try again; if it happens again, give the number below to whoever runs Earmark."),
    503: mark("Nothing was stored. Try again in a moment."),
}


def page_of(request: Request, error: Exception) -> Response:
    """The page that tells an error. What nobody foresaw goes to the log with its trace, and never to the page."""
    match error:
        case RequestValidationError():
            # addresses of pages take keys only: what is none leads nowhere
            return _page(request, 404, "")
        case HTTPException():
            if error.status_code == 413 and request.url.path in UPLOADS:
                return _too_large(request)
            page = _page(request, error.status_code, "" if error.status_code == 404 else error.detail or "")
            page.headers.update(error.headers or {})
            return page
        case IntegrityError():
            return page_of(request, integrity_conflict(error))
        case DataError() | ProgrammingError():
            try:
                known = database_error(error)
            except ProgrammingError:
                return _unforeseen(request, error)
            return page_of(request, known)
        case NotSetUp():
            return _page(request, 503, "", title=_NOT_SET_UP, advice=_SET_UP)
        case EarmarkError():
            status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
            if status >= 500:
                log.error("%s", error.message, extra={"request_id": request_id_of(request)})
            found: list[Fault] = error.faults if isinstance(error, InvalidInput | Conflict) else []
            return _page(request, status, error.message, found)
    return _unforeseen(request, error)


def _too_large(request: Request) -> Response:
    """A file that is larger than any table of an office: what to do with it instead."""
    words = i18n.words(language_of(request))
    most: int = request.app.state.settings.max_upload
    told = words.gettext(_LARGE_FILE) % {"most": words.number(max(most // 1024**2, 1))}
    return _page(request, 413, told)


def _unforeseen(request: Request, error: Exception) -> Response:
    # told where nothing is being handled any more, so that the log would not know of it by itself
    log.error("the page failed", exc_info=error, extra={"request_id": request_id_of(request)})
    return _page(request, 500, "")


def _page(
    request: Request,
    status: int,
    message: str,
    faults: list[Fault] | None = None,
    *,
    title: str = "",
    advice: str = "",
) -> Response:
    known = status if status in _TITLES else 500 if status >= 500 else 405
    words = i18n.words(language_of(request))
    # the title says it, and the list of faults; what the framework says of a method is for programs
    if faults or known in (400, 405) or (known in (404, 413) and not words.knows(message)):
        message = ""
    sent = getattr(request.state, "posted", []) if request.method == "POST" else []
    again = asked_again(sent, faults or [], words) if status == 422 else None
    called = partial(label_of, words=words) if request.method == "POST" else words.word
    given = [*sent, *request.query_params.multi_items()]
    view: dict[str, object] = {
        "again": again,
        "to": request.url.path,
        "status": status,
        "title": title or _TITLES[known],
        "advice": advice or (_AGAIN if again is not None else _ADVICE[known]),
        "message": message,
        "summary": [_told(fault, again, called) for fault in faults or []],
        "fields": {name for name, _ in given} - {value.strip() for _, value in given},
        "number": request_id_of(request),
    }
    return show(request, "failure.html", view, status=status)


def _told(fault: Fault, again: Again | None, called: Callable[[str], str]) -> tuple[str, str, str]:
    """(address in the page, name of the field, message) of a fault for the summary."""
    key = next((each.key for each in again.questions if each.name == fault.column), "") if again else ""
    names = [name for name in fault.place.split("/") if name and not name.isdecimal()]
    return f"#{key}" if key else "", " › ".join(map(called, names)), fault.message
