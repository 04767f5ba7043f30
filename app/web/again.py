"""What was typed into a small form comes back when it is refused: all of it, to be mended and sent again.

Forms that follow from an input model show themselves again (:mod:`app.web.filling`). Of any other, such as the reason
beside a button, the page that tells the faults asks once more for whatever people typed or chose there, under the
labels and by the controls of the form, and keeps the rest as it was sent. A new small form needs its fields in
``ASKED``; the tests look for those that are not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import Fault
from app.language.i18n import Words, mark, spelled
from app.web.forms import Control, Option, Question


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A field of small forms, as they ask for it."""

    label: str
    control: Control = Control.LINE
    #: value and label of what can be chosen beside nothing
    options: tuple[tuple[str, str], ...] = ()


#: name → the field
ASKED: Final[Mapping[str, Asked]] = {
    "digest": Asked(
        label=mark("Mailed to me"),
        control=Control.CHOICE,
        options=(("day", mark("each day")), ("week", mark("each week"))),
    ),
    "live": Asked(label=mark("Addresses of what you publish already"), control=Control.CODES),
    "name": Asked(label=mark("Name of the view")),
    "note": Asked(label=mark("Note")),
    "reason": Asked(label=mark("Why")),
    "released_on": Asked(label=mark("Released on"), control=Control.DAY),
    "shared": Asked(label=mark("Share it with my unit"), control=Control.CHECK),
    "until": Asked(label=mark("Again on"), control=Control.DAY),
}
#: texts longer than this get several lines
_LINE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Again:
    """A form to be sent again."""

    questions: tuple[Question, ...]
    #: name and value of what was sent beside them
    kept: tuple[tuple[str, str], ...]


def label_of(name: str, words: Words) -> str:
    """What a field of a small form is called there; of any other what its name says."""
    found = ASKED.get(name)
    return words.gettext(found.label if found else spelled(name))


def asked_again(posted: Sequence[tuple[str, str]], faults: Sequence[Fault], words: Words) -> Again | None:
    """The form; None where no fault is at a field that people see."""
    told: dict[str, list[str]] = {}
    for fault in faults:
        told.setdefault(fault.column, []).append(fault.message)
    sent = dict(posted)
    if not told.keys() & sent.keys() & ASKED.keys():
        return None
    questions = tuple(_question(name, sent[name], tuple(told.get(name, ())), words) for name in sent if name in ASKED)
    return Again(questions=questions, kept=tuple(pair for pair in posted if pair[0] not in ASKED))


def _question(name: str, value: str, faults: tuple[str, ...], words: Words) -> Question:
    asked = ASKED[name]
    control = asked.control
    if control is Control.LINE and ("\n" in value or len(value) > _LINE):
        control = Control.TEXT
    return Question(
        name=name, label=label_of(name, words), hint="", example="", control=control, required=False, value=value,
        faults=faults, options=tuple(Option(value=each, label=words.gettext(text)) for each, text in asked.options),
    )  # fmt: skip
