"""What a form asks: a question for each field, as it was typed or as the record has it, with its faults."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from app.domain.earmarking import Modality
from app.errors import Fault
from app.inputs import MOST, Input
from app.language.i18n import Words, spelled
from app.tabular.columns import Form as Written
from app.tabular.columns import column_of
from app.web.forms import OFFERS, Control, Form, Option, Question, Typed, further_texts, item_model
from app.web.typed import at, decimals_of, one, typed_of

#: empty rows that a list of items offers beyond those that are there
_SPARE = 2
#: texts as long as these get several lines
_LONG = 2000


def questions(
    form: Form[Input],
    words: Words,
    *,
    typed: Typed | None = None,
    record: Mapping[str, object] | None = None,
    faults: Sequence[Fault] = (),
    currency: str = "",
) -> dict[str, Question]:
    """Every question of the form, by name of its field: as typed, else as the record has it, else empty.

    ``currency``: what amounts are in where the form names none.
    """
    shown = typed if typed is not None else typed_of(form, record or {}, words)
    told = _by_name(faults)
    decimals = decimals_of(shown, currency)
    found = {
        name: _question(name, each, form, words, shown, told, decimals, checked=typed is not None)
        for name, each in form.fields.items()
    }
    for name in further_texts(form, [*shown, *told]):
        found[name] = Question(
            name=name, label=words.gettext(spelled(name)), hint="", example="", control=Control.TEXT, required=False,
            value=one(shown, name), faults=tuple(told.get(name, ())),
        )  # fmt: skip
    return found


def _question(
    name: str,
    found: FieldInfo,
    form: Form[Input],
    words: Words,
    shown: Typed,
    told: Mapping[str, list[str]],
    decimals: int | None,
    *,
    checked: bool,
) -> Question:
    column = column_of(found)
    value = one(shown, name)
    description = found.description or ""
    example = found.examples[0] if found.examples else None
    # in other languages a label and what is said of it may be the same
    label = words.gettext(spelled(name))
    common = Question(
        name=name,
        label=label,
        hint=hint if (hint := words.gettext(description) if description else "") != label else "",
        example="" if example is None or isinstance(example, list) else words.gettext(str(example)),
        control=Control.LINE,
        required=found.is_required(),
        value=value,
        offers=form.offers.get(name) or OFFERS.get(name, ""),
        faults=tuple(told.get(name, ())),
    )
    if column.parts:
        return replace(common, control=Control.ITEMS, items=tuple(_items(name, found, words, shown, told)))
    if column.is_list:
        # a table separates them by bars, here each has a line
        first = common.example.partition("|")[0]
        return replace(common, control=Control.CODES, example=first, value="\n".join(shown.get(name, ())))
    match column.form:
        case Written.WORD:
            # the description lists the words as a table has them; here they can be chosen
            options = tuple(_options(found, words))
            hint = "" if _only_lists(description, options) else _spoken(common.hint, options, words)
            return replace(common, control=Control.CHOICE, hint=hint, example="", options=options)
        case Written.TRUTH:
            both = (Option(value="true", label=words.gettext("Yes")), Option(value="false", label=words.gettext("No")))
            return replace(common, control=Control.CHOICE, options=both)
        case Written.DAY:
            return replace(common, control=Control.DAY)
        case Written.NUMBER | Written.PERCENT:
            precise = column.form is Written.PERCENT
            sample = words.typed(Decimal(str(example)), precise=precise) if example is not None else ""
            understood = _understood(value, words, 3 if precise else decimals) if checked else ""
            return replace(common, control=Control.AMOUNT, example=sample, understood=understood)
        case Written.WHOLE:
            return replace(common, control=Control.NUMBER)
    return replace(common, control=Control.TEXT) if _longest(found) > _LONG else common


def _items(
    name: str, found: FieldInfo, words: Words, shown: Typed, told: Mapping[str, list[str]]
) -> Iterator[tuple[Question, ...]]:
    parts = item_model(found).model_fields
    rows = max((len(shown.get(f"{name}.{part}", ())) for part in parts), default=0)
    filled = [row for row in range(rows) if any(at(shown, f"{name}.{part}", row) for part in parts)]
    last = (filled[-1] + 1 if filled else 0) + _SPARE
    for row in range(last):
        yield tuple(
            Question(
                name=f"{name}.{part}",
                label=words.gettext(spelled(part)),
                hint="",
                example="",
                control=Control.AMOUNT if column_of(each).form is Written.PERCENT else Control.LINE,
                required=False,
                value=at(shown, f"{name}.{part}", row),
                offers=OFFERS.get(f"{name}.{part}", ""),
                faults=tuple(told.get(f"{name}.{row}.{part}", ())),
            )
            for part, each in parts.items()
        )


def _options(found: FieldInfo, words: Words) -> Iterator[Option]:
    for member in members(found.annotation):
        value = str(member.value) if isinstance(member, Enum) else member
        # a letter of the standard says nothing by itself
        meaning = f" – {words.gettext(member.meaning)}" if isinstance(member, Modality) else ""
        yield Option(value=value, label=words.word(value) + meaning)


def _only_lists(description: str, options: Sequence[Option]) -> bool:
    """Whether a description says nothing but what can be chosen beside it."""
    rest = description
    for option in options:
        rest = re.sub(rf"(?<![\w-]){re.escape(option.value)}(?![\w-])", "", rest)
    return description.startswith("One of ") or not re.sub(r"\(or the IATI code\)|\bor\b|[\s,.]", "", rest)


def _spoken(hint: str, options: Sequence[Option], words: Words) -> str:
    """A hint with the words that can be chosen in place of those that tables have."""
    for option in options:
        hint = re.sub(rf"(?<![\w-]){re.escape(option.value)}(?![\w-])", words.word(option.value).lower(), hint)
    # a translation of what tables have as well tells the word behind it
    return _TWICE.sub(r"\1", hint)


_TWICE: Final = re.compile(r"(\w[\w -]*) \(\1\)")


def members(annotation: object) -> Iterator[str | Enum]:
    """The words that a field can be, however they stand in its type."""
    if get_origin(annotation) is Literal:
        yield from (str(value) for value in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from annotation
    else:
        for part in get_args(annotation):
            yield from members(part)


def phrase_of(found: FieldInfo) -> str:
    """The example of a field where it is a phrase of several words, which is said in the language; else empty."""
    example = found.examples[0] if found.examples else ""
    return example if isinstance(example, str) and " " in example and column_of(found).form is Written.TEXT else ""


def _longest(found: FieldInfo) -> int:
    limits = [getattr(each, "max_length", None) for each in _constraints(found)]
    return max((limit for limit in limits if isinstance(limit, int)), default=0)


def _constraints(found: FieldInfo) -> Iterator[object]:
    pending: list[object] = [found.annotation, *found.metadata]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(get_args(each))


def _understood(text: str, words: Words, decimals: int | None) -> str:
    if not text.strip():
        return ""
    read = words.read_amount(text.strip().removesuffix("%"), decimals=decimals)
    return words.number(read) if isinstance(read, Decimal) and abs(read) < MOST else ""


def _by_name(faults: Sequence[Fault]) -> dict[str, list[str]]:
    """Messages by name of the question: ``/countries/0/code`` belongs to ``countries.0.code``, ``/sdg/2`` to sdg."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        steps = fault.pointer.strip("/").split("/") if fault.pointer else [""]
        name = ".".join(steps) if len(steps) == 3 else steps[0]
        found.setdefault(name, []).append(fault.message)
    return found
