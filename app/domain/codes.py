"""The port through which rules ask whether a code is on a codelist.

The lists belong to the IATI library, which features may not import; whoever starts the program (``create_app``, the
command line) hands their door in with :func:`use_codelists`, once. Asking before that is a programmer's fault.
"""

from typing import Protocol


class KnownCode(Protocol):
    """Tells whether ``code`` is on the codelist named ``list_name`` ("Country", "Sector", "DocumentCategory" …)."""

    def __call__(self, list_name: str, code: str, /) -> bool: ...


class _Door:
    known: KnownCode | None = None


def use_codelists(known: KnownCode) -> None:
    """From now on :func:`known_code` asks ``known``."""
    _Door.known = known


def known_code(list_name: str, code: str) -> bool:
    """Whether the codelist holds the code, withdrawn codes included."""
    if _Door.known is None:
        raise RuntimeError("no codelists: call app.domain.codes.use_codelists at the start of the program")
    return _Door.known(list_name, code)


def sdg_list(code: str) -> str:
    """The codelist that an SDG is on: 8.5 is a target, 8 a goal."""
    return "UNSDG-Targets" if "." in code else "UNSDG-Goals"
