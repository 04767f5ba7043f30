"""What was typed into a small form comes back when it is refused: the fields at fault, to be mended and sent again.

Forms that follow from an input model show themselves again (:mod:`app.web.filling`). Of any other, such as the reason
beside a button, the page that tells the fault asks once more for what is wrong, and keeps the rest as it was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import Fault
from app.language.i18n import Words, mark, spelled
from app.web.forms import Control, Question

#: fields whose names say less than their labels
_LABELS: Final[Mapping[str, str]] = {
    "live": mark("Addresses of what you publish already"),
    "until": mark("Again on"),
}
_DAYS: Final = frozenset({"until"})
#: texts longer than this get several lines
_LINE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Again:
    """A form to be sent again."""

    questions: tuple[Question, ...]
    #: name and value of what was sent beside them
    kept: tuple[tuple[str, str], ...]


def asked_again(posted: Sequence[tuple[str, str]], faults: Sequence[Fault], words: Words) -> Again | None:
    """The form; None where no fault is at a field that was sent."""
    told: dict[str, list[str]] = {}
    for fault in faults:
        told.setdefault(fault.pointer.strip("/").partition("/")[0], []).append(fault.message)
    questions = tuple(
        Question(
            name=name,
            label=words.gettext(_LABELS.get(name, spelled(name))),
            hint="",
            example="",
            control=_control(name, value),
            required=False,
            value=value,
            faults=tuple(told[name]),
        )
        for name, value in dict(posted).items()
        if name in told and not name.startswith("_")
    )
    if not questions:
        return None
    asked = {question.name for question in questions}
    return Again(questions=questions, kept=tuple(pair for pair in posted if pair[0] not in asked))


def _control(name: str, value: str) -> Control:
    if name in _DAYS:
        return Control.DAY
    return Control.TEXT if "\n" in value or len(value) > _LINE else Control.LINE
