"""The port through which rules ask whether a code is on a codelist.

The lists belong to the IATI library, which features may not import; whoever starts the program (``create_app``, the
command line) hands their door in with :func:`use_codelists`, once. Asking before that is a programmer's fault.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from app.domain.told import Told


class KnownCode(Protocol):
    """Tells whether ``code`` is on the codelist named ``list_name`` ("Country", "Sector", "DocumentCategory" …)."""

    def __call__(self, list_name: str, code: str, /) -> bool: ...


class MeantCode(Protocol):
    """The code of the codelist that somebody means by ``text``, a name or a code of another list, and its name; None
    when nothing comes close."""

    def __call__(self, list_name: str, text: str, /) -> tuple[str, str] | None: ...


class _Door:
    known: KnownCode | None = None
    meant: MeantCode | None = None


def use_codelists(known: KnownCode, meant: MeantCode | None = None) -> None:
    """From now on :func:`known_code` asks ``known``, and :func:`unlisted` asks ``meant``."""
    _Door.known, _Door.meant = known, meant


def known_code(list_name: str, code: str) -> bool:
    """Whether the codelist holds the code, withdrawn codes included."""
    if _Door.known is None:
        raise RuntimeError("no codelists: call app.domain.codes.use_codelists at the start of the program")
    if (answers := _remembered.get()) is None:
        return _Door.known(list_name, code)
    if (answer := answers.get((list_name, code))) is None:
        answer = answers[list_name, code] = _Door.known(list_name, code)
    return answer


_remembered: ContextVar[dict[tuple[str, str], bool] | None] = ContextVar("codes that were asked for", default=None)


@contextmanager
def remembering_codes() -> Iterator[None]:
    """Inside the block each code is looked for once: the lists of a long work are those of its beginning."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def meant_of(list_name: str, text: str) -> tuple[str, str] | None:
    """The code that somebody means by ``text``, and its name; None when nothing comes close, or nobody was told how."""
    return None if _Door.meant is None else _Door.meant(list_name, text)


def unlisted(list_name: str, code: str) -> str:
    """What to say of a code that the codelist does not hold."""
    meant = meant_of(list_name, code)
    if meant is None:
        return f"{code} is not on the codelist {list_name}."
    if not meant[1]:
        return f"{code} is not on the codelist {list_name}: is {meant[0]} meant?"
    return f"{code} is not on the codelist {list_name}: is {meant[0]} ({meant[1]}) meant?"


#: registers that are asked as lists: prefixes of organisation identifiers, and identifiers of registered publishers
PREFIXES, PUBLISHERS = "org-id-prefixes", "publishers"


def unknown_prefix(identifier: str) -> str | None:
    """What to say of an organisation identifier that begins with no known prefix; None where it does.

    Identifiers of registered publishers are known whatever they begin with. The lists lag behind: it is no fault.
    """
    prefix = "-".join(identifier.split("-")[:2])
    if known_code(PREFIXES, prefix) or known_code(PUBLISHERS, identifier):
        return None
    if known_code(PREFIXES, prefix.upper()):
        return Told(
            "The identifier %(identifier)s begins with a prefix in other letters: write %(prefix)s.",
            identifier=identifier, prefix=prefix.upper(),
        )  # fmt: skip
    return Told(
        "The identifier %(identifier)s begins with %(prefix)s, which is on no list of registers: look the prefix up at "
        "org-id.guide, since others cannot tell whom it names.",
        identifier=identifier, prefix=prefix,
    )  # fmt: skip


def sdg_list(code: str) -> str:
    """The codelist that an SDG is on: 8.5 is a target, 8 a goal."""
    return "UNSDG-Targets" if "." in code else "UNSDG-Goals"
