"""Forms that follow from the input models of the API: label, hint and example from the field, faults at the field.

A :class:`Form` names a model and the order of its fields; :func:`read` turns what was typed into the body that the API
would be given, and :func:`questions` tells a template what to ask. Amounts are typed as the person's language writes
them. Nothing is judged here: the model and the service decide, and their faults come back by pointer.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.domain.notation import Doubt
from app.errors import Fault
from app.inputs import Input
from app.tabular.forms import Form as Written
from app.tabular.forms import column_of, unmistakable
from app.translated import texts_of
from app.web.i18n import Words, spelled

#: empty rows that a list of items offers beyond those that are there
_SPARE = 2
#: texts as long as these get several lines
_LONG = 2000

#: what a body is given for a field
Value = str | bool | None | list[str] | list[dict[str, str]]
Typed = Mapping[str, Sequence[str]]


class Control(StrEnum):
    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    DAY = "day"
    AMOUNT = "amount"
    NUMBER = "number"
    #: codes, one in each line
    CODES = "codes"
    #: rows of further questions
    ITEMS = "items"


@dataclass(frozen=True, kw_only=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A field as a template asks for it."""

    name: str
    label: str
    hint: str
    example: str
    control: Control
    required: bool
    value: str = ""
    options: tuple[Option, ...] = ()
    #: name of the list of codes that the browser offers; empty: none
    offers: str = ""
    faults: tuple[str, ...] = ()
    #: what is stored by now, where somebody else changed it meanwhile; None: the same
    theirs: str | None = None
    #: how an amount that was typed was understood
    understood: str = ""
    #: a list's items, each with the questions of its parts
    items: tuple[tuple["Question", ...], ...] = ()

    @property
    def key(self) -> str:
        """The id of the control in the page."""
        return "f-" + self.name.replace(".", "-")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields under a heading; the heading is translated where it is shown."""

    heading: str
    fields: tuple[str, ...]
    #: folded until somebody opens it, or a fault stands in it
    folded: bool = False


Body = TypeVar("Body", bound=Input, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Form(Generic[Body]):
    """What a page asks for: an input model, in an order that people expect."""

    model: type[Body]
    groups: tuple[Group, ...] = ()
    #: fields that the page fills in itself, such as the project it is about
    without: frozenset[str] = frozenset()
    #: field → list of codes, beyond those that follow from its name
    offers: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> Mapping[str, FieldInfo]:
        return {name: found for name, found in self.model.model_fields.items() if name not in self.without}

    def sections(self) -> tuple[Group, ...]:
        """The groups, and last, folded, whatever no group names."""
        named = {name for group in self.groups for name in group.fields}
        rest = tuple(name for name in self.fields if name not in named)
        known = tuple(group for group in self.groups if any(name in self.fields for name in group.fields))
        if not rest:
            return known
        return (*known, Group(heading="Further details" if known else "", fields=rest, folded=bool(known)))


#: field → list of codes that is offered where it is typed; after a dot stands the part of an item
OFFERS: Mapping[str, str] = {
    "unit": "units",
    "backstopping_unit": "units",
    "officer": "officers",
    "to": "officers",
    "partner": "partners",
    "currency": "Currency",
    "country": "Country",
    "countries.code": "Country",
    "regions.code": "Region",
    "sectors.code": "Sector",
    "markers.code": "PolicyMarker",
    "markers.significance": "PolicySignificance",
    "activity_scope": "ActivityScope",
    "collaboration_type": "CollaborationType",
    "flow_type": "FlowType",
    "finance_type": "FinanceType",
    "tied_status": "TiedStatus",
    "aid_type": "AidType",
    "category": "DocumentCategory",
    "language": "Language",
}


def questions(
    form: Form[Input],
    words: Words,
    *,
    typed: Typed | None = None,
    record: Mapping[str, object] | None = None,
    faults: Sequence[Fault] = (),
) -> dict[str, Question]:
    """Every question of the form, by name of its field: as typed, else as the record has it, else empty."""
    shown = typed if typed is not None else typed_of(form, record or {}, words)
    told = _by_name(faults)
    found = {
        name: _question(name, each, form, words, shown, told, checked=typed is not None)
        for name, each in form.fields.items()
    }
    for name in further_texts(form, [*shown, *told]):
        found[name] = Question(
            name=name, label=words.gettext(spelled(name)), hint="", example="", control=Control.TEXT, required=False,
            value=_one(shown, name), faults=tuple(told.get(name, ())),
        )  # fmt: skip
    return found


def further_texts(form: Form[Input], names: Sequence[str]) -> list[str]:
    """Names among these of texts in further languages, such as ``title_nl``."""
    texts = texts_of(form.model)
    return sorted({name for name in names if name not in form.fields and name.rpartition("_")[0] in texts})


def _question(
    name: str,
    found: FieldInfo,
    form: Form[Input],
    words: Words,
    shown: Typed,
    told: Mapping[str, list[str]],
    *,
    checked: bool,
) -> Question:
    column = column_of(found)
    value = _one(shown, name)
    description = found.description or ""
    example = found.examples[0] if found.examples else None
    common = Question(
        name=name,
        label=words.gettext(spelled(name)),
        hint=words.gettext(description) if description and description != spelled(name) else "",
        example="" if example is None or isinstance(example, list) else str(example),
        control=Control.LINE,
        required=found.is_required(),
        value=value,
        offers=form.offers.get(name) or OFFERS.get(name, ""),
        faults=tuple(told.get(name, ())),
    )
    if column.parts:
        return replace(common, control=Control.ITEMS, items=tuple(_items(name, found, words, shown, told)))
    if column.is_list:
        return replace(common, control=Control.CODES, value="\n".join(shown.get(name, ())))
    match column.form:
        case Written.WORD:
            # the description lists the words as a table has them; here they can be chosen
            hint = "" if description.startswith("One of ") else common.hint
            return replace(common, control=Control.CHOICE, hint=hint, example="", options=tuple(_options(found, words)))
        case Written.TRUTH:
            both = (Option(value="true", label=words.gettext("Yes")), Option(value="false", label=words.gettext("No")))
            return replace(common, control=Control.CHOICE, options=both)
        case Written.DAY:
            return replace(common, control=Control.DAY)
        case Written.NUMBER | Written.PERCENT:
            return replace(common, control=Control.AMOUNT, understood=_understood(value, words) if checked else "")
        case Written.WHOLE:
            return replace(common, control=Control.NUMBER)
    return replace(common, control=Control.TEXT) if _longest(found) > _LONG else common


def _items(
    name: str, found: FieldInfo, words: Words, shown: Typed, told: Mapping[str, list[str]]
) -> Iterator[tuple[Question, ...]]:
    parts = item_model(found).model_fields
    rows = max((len(shown.get(f"{name}.{part}", ())) for part in parts), default=0)
    filled = [row for row in range(rows) if any(_at(shown, f"{name}.{part}", row) for part in parts)]
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
                value=_at(shown, f"{name}.{part}", row),
                offers=OFFERS.get(f"{name}.{part}", ""),
                faults=tuple(told.get(f"{name}.{row}.{part}", ())),
            )
            for part, each in parts.items()
        )


def item_model(found: FieldInfo) -> type[BaseModel]:
    """The model of a list's items."""
    for part in (found.annotation, *get_args(found.annotation)):
        if get_origin(part) is list:
            model: object = get_args(part)[0]
            if isinstance(model, type) and issubclass(model, BaseModel):
                return model
    raise AssertionError(f"{found} holds no list of items")


def _options(found: FieldInfo, words: Words) -> Iterator[Option]:
    for value in _members(found.annotation):
        yield Option(value=value, label=words.word(value))


def _members(annotation: object) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (str(value) for value in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(member.value) for member in annotation)
    else:
        for part in get_args(annotation):
            yield from _members(part)


def _longest(found: FieldInfo) -> int:
    limits = [getattr(each, "max_length", None) for each in _constraints(found)]
    return max((limit for limit in limits if isinstance(limit, int)), default=0)


def _constraints(found: FieldInfo) -> Iterator[object]:
    pending: list[object] = [found.annotation, *found.metadata]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(get_args(each))


def _understood(text: str, words: Words) -> str:
    if not text.strip():
        return ""
    read = words.read_amount(text.strip().removesuffix("%"))
    return words.number(read) if isinstance(read, Decimal) else ""


# --- what was typed, and back


def typed(posted: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The fields of a form with all their values; ``countries.code`` has one for each row."""
    found: dict[str, list[str]] = {}
    for name, value in posted:
        if not name.startswith("_"):
            found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


def typed_of(form: Form[Input], record: Mapping[str, object], words: Words) -> dict[str, list[str]]:
    """A record of the API as its form shows it."""
    found: dict[str, list[str]] = {}
    for name, each in form.fields.items():
        value = record.get(name)
        column = column_of(each)
        if column.parts and isinstance(value, list):
            for part, part_field in item_model(each).model_fields.items():
                is_figure = column_of(part_field).form in (Written.NUMBER, Written.PERCENT)
                found[f"{name}.{part}"] = [_text(item.get(part), words, is_figure=is_figure) for item in value]
        elif column.is_list and isinstance(value, list):
            found[name] = [str(item) for item in value]
        else:
            is_figure = column.form in (Written.NUMBER, Written.PERCENT)
            found[name] = [_text(value, words, is_figure=is_figure)]
    for name in further_texts(form, list(record)):
        if isinstance(text := record[name], str):
            found[name] = [text]
    return found


def _text(value: object, words: Words, *, is_figure: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return words.typed(value)
        case Enum():
            return str(value.value)
        case dt.date():
            return value.isoformat()
        case str() if is_figure:
            return words.typed(Decimal(value))
    return str(value)


def read(form: Form[Input], given: Typed, words: Words) -> tuple[dict[str, Value], list[Fault]]:
    """The body that was meant, field by field, None for what is empty; and what could not be read."""
    body: dict[str, Value] = {}
    faults: list[Fault] = []
    for name, found in form.fields.items():
        column = column_of(found)
        if column.parts:
            body[name] = list(_read_items(name, item_model(found), given, words, faults)) or None
        elif column.is_list:
            body[name] = [line.strip() for text in given.get(name, ()) for line in text.split("\n") if line.strip()]
            body[name] = body[name] or None
        else:
            body[name] = _read_one(f"/{name}", _one(given, name), column.form, words, faults)
    for name in further_texts(form, list(given)):
        body[name] = _one(given, name).strip() or None
    return body, faults


def _read_items(
    name: str, model: type[BaseModel], given: Typed, words: Words, faults: list[Fault]
) -> Iterator[dict[str, str]]:
    parts = model.model_fields
    rows = max((len(given.get(f"{name}.{part}", ())) for part in parts), default=0)
    place = 0
    for row in range(rows):
        item: dict[str, str] = {}
        for part, each in parts.items():
            text = _at(given, f"{name}.{part}", row)
            value = _read_one(f"/{name}/{place}/{part}", text, column_of(each).form, words, faults)
            if isinstance(value, str):
                item[part] = value
        if item:
            place += 1
            yield item


def _read_one(pointer: str, text: str, kind: Written, words: Words, faults: list[Fault]) -> str | None:
    if not text.strip():
        return None
    if kind not in (Written.NUMBER, Written.PERCENT):
        return text
    number = words.read_amount(text.strip().removesuffix("%"))
    if isinstance(number, Decimal):
        return unmistakable(number)
    faults.append(Fault(pointer=pointer, rule="amount.unreadable", message=_ask(number, words)))
    return None


def _ask(doubt: Doubt, words: Words) -> str:
    question = doubt.question()
    if question:
        return f"{question}."
    return words.gettext("Write the amount in digits, such as %(sample)s.") % {"sample": words.typed(Decimal("1234.5"))}


def created(body: Mapping[str, Value]) -> dict[str, Value]:
    """The body of a new record: what was left empty is left out."""
    return {name: value for name, value in body.items() if value is not None}


def changed(body: Mapping[str, Value], before: Mapping[str, Value]) -> dict[str, Value]:
    """The body of a change: what differs from the record as it was shown, both as they are typed."""
    return {name: value for name, value in body.items() if value != before.get(name)}


def _one(given: Typed, name: str) -> str:
    values = given.get(name, ())
    return values[-1] if values else ""


def _at(given: Typed, name: str, row: int) -> str:
    values = given.get(name, ())
    return values[row] if row < len(values) else ""


def _by_name(faults: Sequence[Fault]) -> dict[str, list[str]]:
    """Messages by name of the question: ``/countries/0/code`` belongs to ``countries.0.code``, ``/sdg/2`` to sdg."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        steps = fault.pointer.strip("/").split("/") if fault.pointer else [""]
        name = ".".join(steps) if len(steps) == 3 else steps[0]
        found.setdefault(name, []).append(fault.message)
    return found
