"""The port through which inputs ask whether a text may be published at a place of the standard.

The standard's description belongs to the IATI library, which features may not import; whoever starts the program hands
its door in with :func:`use_value_types`, once, beside the codelists (``app.domain.codes``). Asking before that is a
programmer's fault.
"""

from typing import Protocol


class ValueFault(Protocol):
    """What the standard expects at ``place`` ("iati-activity/document-link/@url") instead of ``text``; None when the
    text may stand there."""

    def __call__(self, place: str, text: str, /) -> str | None: ...


class _Door:
    fault: ValueFault | None = None


def use_value_types(fault: ValueFault) -> None:
    """From now on :func:`value_fault` asks ``fault``."""
    _Door.fault = fault


def value_fault(place: str, text: str) -> str | None:
    """What is expected at a place where ``text`` may not stand, in words ("a date such as …"); None when it may."""
    if _Door.fault is None:
        raise RuntimeError("no types: call app.domain.values.use_value_types at the start of the program")
    return _Door.fault(place, text)
