"""Forms that follow from the input models of the API: label, hint and example from the field, faults at the field.

A :class:`Form` names a model and the order of its fields; ``app.web.typed`` turns what was typed into the body that the
API would be given, and ``app.web.asking`` tells a template what to ask. Amounts are typed as the person's language
writes them. Nothing is judged here: the model and the service decide, and their faults come back by pointer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.inputs import Input
from app.translated import texts_of

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
    #: a box to tick; what is not ticked is not sent
    CHECK = "check"
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
    "preset": "presets",
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


def further_texts(form: Form[Input], names: Sequence[str]) -> list[str]:
    """Names among these of texts in further languages, such as ``title_nl``."""
    texts = texts_of(form.model)
    return sorted({name for name in names if name not in form.fields and name.rpartition("_")[0] in texts})


def item_model(found: FieldInfo) -> type[BaseModel]:
    """The model of a list's items."""
    for part in (found.annotation, *get_args(found.annotation)):
        if get_origin(part) is list:
            model: object = get_args(part)[0]
            if isinstance(model, type) and issubclass(model, BaseModel):
                return model
    raise AssertionError(f"{found} holds no list of items")
