"""Types of the fields that inputs are made of: bounded, exact, and fit for every database and for XML.

Inputs of the API and rows of CSV tables use the same ones.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from app.domain.money import CURRENCIES


class Input(BaseModel):
    """A body: unknown fields are refused. Rules that concern several fields stand in the service."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """The description of an answer. Answers are written from rows and are not validated once more."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text, if XML can hold all of it.

    :raises ValueError: with the first character that it cannot hold.
    """
    if found := _UNWRITABLE.search(text):
        raise ValueError(f"The character U+{ord(found[0]):04X} cannot be published: remove it")
    return text


_WRITABLE = AfterValidator(writable)

#: keys of rows; the databases hold 64 bits
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]

#: a code that people type: no spaces at its ends or doubled, no "|", which separates codes in lists
Code = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s|]+( [^\s|]+)*$"), _WRITABLE]
#: one line: a name or title
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), _WRITABLE]
#: several paragraphs
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), _WRITABLE]
#: an identifier as IATI writes it
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s/&|?]+$"), _WRITABLE]

Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$"), _WRITABLE]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
OrganisationType = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> Any:
    # a number would be taken for seconds since 1970, and a moment for a day
    if isinstance(value, dt.datetime) or not isinstance(value, str | dt.date):
        raise ValueError("Write the date as YYYY-MM-DD")
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("Write the date as YYYY-MM-DD")
    return value


Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1)), BeforeValidator(_day)]

_AMOUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"


def _exact(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, Decimal):
        value = format(value, "f")
    if not isinstance(value, str) or not re.fullmatch(_AMOUNT[1:-1], value):
        raise ValueError('Write the figure as a string with a decimal point, such as "1000.50": at most 15 digits '
                         "before it and 12 after")  # fmt: skip
    return Decimal(value)


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


#: an amount of money as a string, exact
Amount = Annotated[Decimal, BeforeValidator(_exact), _schema(_AMOUNT, "1000000.00")]
_POSITIVE = r"^[0-9]{1,15}(\.[0-9]{1,12})?$"


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("The figure must be above zero")
    return value


def _percent(value: Decimal) -> Decimal:
    if not 0 < value <= 100:
        raise ValueError("A percentage lies above 0 and is at most 100")
    return value


PositiveAmount = Annotated[
    Decimal, BeforeValidator(_exact), AfterValidator(_positive), _schema(_POSITIVE, "1000000.00")
]
Percent = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_percent),
    _schema(r"^[0-9]{1,3}(\.[0-9]{1,12})?$", "12.5"),
]


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"“{code}” is not a currency: use its ISO 4217 code, such as USD")
    return code


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_currency)]
