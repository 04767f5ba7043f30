"""Options of single reports: their names at every door, and what may stand for them."""

from collections.abc import Collection

from app.errors import Fault, InvalidInput
from app.reports.frame import Request

#: every option that some report has
OPTIONS = (
    "project", "unit", "officer", "partner", "basis", "kind", "top", "compare", "threshold", "within", "support_cost",
    "series", "category",
)  # fmt: skip


def chosen(request: Request, option: str, known: Collection[str], usual: str) -> str:
    """What is given for an option, or what is usual.

    :raises InvalidInput: when it is none of those that are known.
    """
    given = request.options.get(option, usual)
    if given not in known:
        message = f"{option} is one of {', '.join(known)}, not {given!r}."
        raise InvalidInput([Fault(pointer=f"/query/{option}", rule="report.option", message=message)])
    return given


def number(request: Request, option: str, *, least: int = 1) -> int | None:
    """A whole number above zero, or from ``least`` on, that is given for an option; None when none is.

    :raises InvalidInput: when it is no such number.
    """
    given = request.options.get(option)
    if given is None:
        return None
    if not given.isascii() or not given.isdecimal() or not least <= int(given) < 10**9:
        message = f"{option} is a whole number above zero, not {given!r}."
        if not least:
            message = f"{option} is a whole number, not {given!r}."
        raise InvalidInput([Fault(pointer=f"/query/{option}", rule="report.option", message=message)])
    return int(given)
