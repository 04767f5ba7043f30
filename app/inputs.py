"""The types that input models are made of: bounded text, codes, exact amounts, ISO dates.

What a model refuses comes as pydantic's ``ValidationError``; :func:`faults` turns it into the faults of the program.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import ErrorDetails

from app.domain.addresses import address_refused, with_plain_scheme
from app.domain.advice import amount_advice, day_advice, share_advice, with_sign_before
from app.domain.currency_signs import currency_meant, unknown_currency
from app.domain.keys import seen, without_marks
from app.domain.money import CURRENCIES
from app.domain.notation import Doubt, beyond_minor_units, is_as_printed, read_day, read_number, thousands_meant
from app.domain.values import value_fault
from app.errors import Fault, InvalidInput, step
from app.mistaken import without_mistaken_kinds
from app.sentences import said, with_words

#: an amount of this size or more is a slip of the keyboard
MOST = Decimal(10) ** 15
#: real files carry up to twelve decimals; more are the trace of a float
MOST_DECIMALS = 12

# control characters and non-characters, which neither XML nor PostgreSQL can hold
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMOUNT_SCHEMA = r"^[+-]?[0-9]{1,15}(\.[0-9]{1,12})?$"


#: the rule of an amount that can be read in two ways
THOUSANDS = "amount.thousands"


class Input(BaseModel):
    """A body or a row that somebody sends: unknown fields are refused, white space around texts is dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    #: names under which fields came in before and still may: former → present
    former_names: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="wrap")
    @classmethod
    def _in_other_letters(cls, values: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """A word of a field that takes few is read in capital letters too, as it can mean one of them only."""
        values = without_mistaken_kinds(cls, values)
        try:
            return handler(values)
        except ValidationError as error:
            if (mended := with_words(values, error)) is None:
                raise
        return handler(mended)


def with_present_names(former: Mapping[str, str], values: object) -> object:
    """What comes in, with fields under their present names; a former name beside the present one stays, as unknown."""
    if not isinstance(values, dict) or former.keys().isdisjoint(values):
        return values
    return {name if (present := former.get(name, name)) in values else present: value for name, value in values.items()}


def holdable(text: str) -> str:
    """The text, where XML and PostgreSQL can hold it and something of it is seen; else a ``ValueError``."""
    # what can be printed is neither of these, and most texts are told so at once
    if text.isprintable():
        return text
    if found := _UNHOLDABLE.search(text):
        raise ValueError(f"The character U+{ord(found[0]):04X} cannot be kept in XML: take it out.")
    if not without_marks(text):
        raise ValueError("Nothing of this can be seen: write a text here, or leave it out.")
    return text


def _line(text: str) -> str:
    if text.isprintable():
        return text
    if "\n" in text or "\r" in text or "\t" in text:
        raise ValueError("Write this on one line.")
    return holdable(text)


class Written(Enum):
    """Marks on a type that tell how its values are written in tables."""

    #: 60 % is 60
    PERCENT = "percent"
    #: a figure, a day or a text, as another field says
    ANY = "any"
    #: 2025, FY2025 and 2025-01-01..2025-12-31 may be one period
    PERIOD = "period"
    #: usd and € are read
    CURRENCY = "currency"
    #: where a month stands for a day, its first one is meant
    START = "start"


#: years of days that are typed or loaded
YEARS: Final = range(1900, 3000)
_FOUR_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])", re.ASCII)
#: as it is written, in Arabic too, and in its wide form
PERCENT_SIGNS: Final = "%\u066a\uff05"


def _exact(value: object) -> Decimal:
    """Text or whole numbers only: a JSON number with a fraction has already lost its digits."""
    match value:
        case Decimal():
            return value
        case bool() | float():
            raise ValueError('Write the amount as text, such as "1000.10": a number would be rounded.')
        case int():
            return Decimal(value)
        case str() if is_as_printed(value):
            return Decimal(value)
        case str():
            read = read_number(with_sign_before(without_marks(value)))
            if isinstance(read, Decimal):
                return read
            if question := read.question():
                raise ValueError(f"{question}.")
            if advice := amount_advice(value, in_table=False):
                raise ValueError(advice)
    raise ValueError("Write the amount in digits with a decimal point, such as 1000.10.")


def _percentage(value: object) -> Decimal:
    """60, or as people also write it, 60 %."""
    if not isinstance(value, str):
        return _exact(value)
    read = read_number(without_marks(value).rstrip(PERCENT_SIGNS))
    if isinstance(read, Decimal):
        return read
    question = read.question()
    raise ValueError(f"{question}." if question else share_advice(value) or "Write a percentage, such as 60.")


def _plausible(amount: Decimal) -> Decimal:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("Write the amount in digits.")
    if abs(amount) >= MOST:
        raise ValueError("The amount is a quadrillion or more: check it.")
    if -exponent > MOST_DECIMALS:
        raise ValueError(f"The amount has more than {MOST_DECIMALS} decimals: round it.")
    # nothing has no sign: nobody reads -0 as other than a slip
    return amount if amount else amount.copy_abs()


def _iso(value: object) -> dt.date:
    """``2021-03-01`` only: neither moments nor numbers of seconds are days."""
    if isinstance(value, dt.datetime) or not isinstance(value, str | dt.date):
        raise ValueError("Write the date as YYYY-MM-DD.")
    if isinstance(value, str):
        day = read_day(without_marks(value))
        if isinstance(day, Doubt):
            question = day.question()
            advice = f"{question}." if question else day_advice(value)
            raise ValueError(advice or "Write a date of the calendar as YYYY-MM-DD.")
        value = day
    if value.year not in YEARS:
        # a year of two digits, a cell that is empty to a spreadsheet (1899-12-30), or what stands for never (9999)
        first, last = YEARS[0], YEARS[-1]
        raise ValueError(f"{value.isoformat()} is not in the years {first} to {last}: correct it, or leave it out.")
    return value


def _of_our_time(period: str) -> str:
    """A period that nobody means by its years: 9999 is no year but a sign for none."""
    for year in _FOUR_DIGITS.findall(period):
        if int(year) not in YEARS:
            first, last = YEARS[0], YEARS[-1]
            raise ValueError(f"“{period}” is not in the years {first} to {last}: correct it.")
    return period


def _currency_meant(value: object) -> object:
    """The code of ISO 4217; also for what means one currency only, as ``usd`` and ``€`` do."""
    if not isinstance(value, str) or (code := seen(value)) in CURRENCIES:
        return value
    return currency_meant(code) or value


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(
            unknown_currency(code) or f"{code} is not a currency code of ISO 4217: write one such as USD or EUR."
        )
    return code


def _undoubted(text: str) -> str:
    """A value that is a number in one way only, or no number at all."""
    figure = read_number(without_marks(text))
    question = thousands_meant(figure, None) if isinstance(figure, Decimal) else figure.question()
    if question:
        raise ValueError(f"{question}.")
    return text


def published_at(*places: str) -> AfterValidator:
    """What stands in the field goes to these places of the standard, so it must be what may stand there."""

    def check(text: str) -> str:
        for place in places:
            if expected := value_fault(place, text):
                raise ValueError(f"“{text[:100]}” cannot be published: write {expected}.")
        return text

    return AfterValidator(check)


def _opened(text: str) -> str:
    if why := address_refused(text):
        raise ValueError(why)
    return text


def _positive(amount: Decimal) -> Decimal:
    if amount < 0:
        raise ValueError("The amount cannot be negative.")
    return amount


def _key(value: object) -> object:
    """A key as people see it; whatever is no text is left to the type."""
    return seen(value) if isinstance(value, str) else value


#: marks a type as a key: what is typed is taken as it is seen
AS_SEEN = BeforeValidator(_key)

#: what an address of the web is, beyond how it is written: whoever reads the publication can open it
OPENED = AfterValidator(_opened)
#: its scheme may be typed in capital letters
PLAIN_SCHEME = BeforeValidator(lambda value: with_plain_scheme(value) if isinstance(value, str) else value)

#: one line of text, not empty
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_line)]
#: a value as text, of which a figure can be read in one way only
Value = Annotated[Line, AfterValidator(_undoubted), Written.ANY]
#: text of several lines
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(holdable)]
#: a code that is made here; what separates lists in tables and what identifiers may not hold stay out
NewCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, pattern=r"^[^\s|:&?\\,;]+$"),
    AS_SEEN,
    AfterValidator(_line),
]
#: the code of a record; one that was taken over from a publication may hold anything, line breaks too
CodeText = Annotated[str, StringConstraints(min_length=1, max_length=600), AS_SEEN, AfterValidator(holdable)]
#: a reference as others write it: any text of one line
Reference = Annotated[str, StringConstraints(min_length=1, max_length=250), AS_SEEN, AfterValidator(_line)]
#: a title by which a row is found again
KeyLine = Annotated[str, StringConstraints(min_length=1, max_length=1000), AS_SEEN, AfterValidator(_line)]
#: a code of a codelist; whether the list holds it is checked by the service
ListCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=r"^\S+$"),
    AS_SEEN,
    AfterValidator(_line),
]
#: a code of a codelist that the service knows: a name may stand here, and is answered with the code that is meant by it
ListTerm = Annotated[str, StringConstraints(min_length=1, max_length=200), AS_SEEN, AfterValidator(_line)]
#: a period as people write it; the organisation's years say what it means
PeriodText = Annotated[
    str,
    StringConstraints(min_length=4, max_length=26),
    AS_SEEN,
    AfterValidator(_of_our_time),
    Written.PERIOD,
]
#: ISO 4217
Currency = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{3}$"),
    AS_SEEN,
    BeforeValidator(_currency_meant),
    AfterValidator(_currency),
    Written.CURRENCY,
]
#: an exact amount of any sign
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_plausible),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT_SCHEMA, "examples": ["1000.10"]}),
]
#: an exact amount that is not negative
PositiveAmount = Annotated[Amount, AfterValidator(_positive)]
#: a percentage from 0 to 100
Percentage = Annotated[
    Decimal,
    BeforeValidator(_percentage),
    AfterValidator(_plausible),
    Field(ge=0, le=100),
    Written.PERCENT,
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,12})?$", "examples": ["60"]}),
]
#: a day, as YYYY-MM-DD
Day = Annotated[dt.date, BeforeValidator(_iso), WithJsonSchema({"type": "string", "format": "date"})]
#: the day on which a period begins, or from which something holds
StartDay = Annotated[Day, Written.START]

_ModelType = TypeVar("_ModelType", bound=Input)
_Whole = TypeVar("_Whole", bound=BaseModel)


class Partial(Input, Generic[_ModelType]):
    """The body of an update: every field may be left out; what is left out stays."""

    # Partial[SomeIn] is a model of its own, with the fields of SomeIn

    if not TYPE_CHECKING:

        def __class_getitem__(cls, model: type[Input]) -> type[Input]:
            return _partial(model)


@lru_cache
def _partial(model: type[Input]) -> type[Input]:
    fields: dict[str, Any] = {
        name: (field.annotation if not field.metadata else Annotated[(field.annotation, *field.metadata)], None)
        for name, field in model.model_fields.items()
    }
    # what takes texts in any language still does
    base = next(base for base in model.__bases__ if issubclass(base, Input))
    kept = Input if base.model_config.get("extra") == "forbid" else base
    return create_model(f"{model.__name__.removesuffix('In')}Patch", __base__=kept, __doc__=Partial.__doc__, **fields)


#: the fields that a body sets, by name; what each holds is said by the body's model
Sent = dict[str, Any]


def sent(body: BaseModel) -> Sent:
    """The fields that a body sets, with their values; texts in further languages among them."""
    values = {name: getattr(body, name) for name in type(body).model_fields if name in body.model_fields_set}
    return values | (body.model_extra or {})


def filled(model: type[_Whole], body: BaseModel, standing: Mapping[str, object]) -> _Whole:
    """The body as if it also stated what it leaves out: as that stands, else as ``model`` has it by default.

    Nothing is checked again: what stands may be older than a rule. ``model_fields_set`` are the fields ``body`` sets.
    """
    values = dict(standing) | sent(body)
    return model.model_construct(set(body.model_fields_set), **values)


#: rules that have a name of their own here; every other is pydantic's in kebab case
_RULES = {"missing": "required", "extra_forbidden": "unknown-field", "json_invalid": "json"}


def fault_of(found: ErrorDetails, location: Sequence[str | int], *, within: str = "") -> Fault:
    """One of pydantic's errors as a fault at ``location``, a path below the pointer ``within``."""
    kind = str(found["type"])
    pointer = within + "".join(step(str(part)) for part in location)
    return Fault(pointer=pointer, rule=_RULES.get(kind, kind.replace("_", "-")), message=said(found))


def without_echoes(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """The errors without those on values of fields that do not exist: that there is none says it all."""
    unknown = {found["loc"] for found in errors if found["type"] == "extra_forbidden"}
    return [found for found in errors if found["type"] == "extra_forbidden" or found["loc"] not in unknown]


def faults(error: ValidationError, *, within: str = "") -> list[Fault]:
    """The faults that pydantic found, each with its JSON pointer below ``within``."""
    found = without_echoes(error.errors(include_url=False))
    return [fault_of(one, one["loc"], within=within) for one in found]


def validated(model: type[_ModelType], values: Mapping[str, object]) -> _ModelType:
    """The values as an input model; ``InvalidInput`` with every fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(faults(error)) from error


@dataclass(slots=True)
class FaultList:
    """Gathers faults of one body; ``pointer`` stands before the name of each field."""

    pointer: str = ""
    found: list[Fault] = field(default_factory=list)

    def add(self, place: str, rule: str, message: str) -> None:
        """``place``: name of the field, or a path below it such as ``countries/0/code``; empty: the whole body."""
        self.found.append(
            Fault(pointer=f"{self.pointer}/{place}" if place else self.pointer, rule=rule, message=message)
        )

    def ask_thousands(self, place: str, amount: Decimal | None, currency: str) -> None:
        """Asks back about an amount whose decimals may be meant as thousands, or that its currency does not have."""
        if amount is None:
            return
        if question := thousands_meant(amount, currency):
            self.add(place, THOUSANDS, f"{question}.")
        elif question := beyond_minor_units(amount, currency):
            self.add(place, "amount.decimals", f"{question}.")

    def refuse_ahead(self, decided_on: dt.date, today: dt.date) -> None:
        """A decision is one of a day that has come."""
        if decided_on > today:
            self.add("decided_on", "date.future", "A decision cannot lie in the future.")

    def ask_later_day(self, place: str, rule: str, closed: dt.date) -> None:
        """A decision is dated into books that are closed until that day, figures of which stay as they were told."""
        self.add(place, rule, f"The books are closed until {closed}: give a day of decision after it.")

    def refuse(self) -> None:
        """Raises ``InvalidInput`` with every fault, if there is any."""
        if self.found:
            raise InvalidInput(self.found)
