"""What the routes of all features share in their signatures and descriptions."""

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from fastapi import Header, Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from app.errors import Fault

#: the databases hold 64 bits
MOST_ID = 2**63 - 1

#: key of a row in a path
Id = Annotated[int, Path(ge=1, le=MOST_ID)]


#: a number that people count with, such as a year, as a filter
Small = Annotated[int, Field(ge=0, le=2**31 - 1)]


def _utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError("This moment lies outside the calendar.") from error


#: a moment with its time zone
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]

#: the key of a row as a filter
Key = Annotated[int, Field(ge=1, le=MOST_ID)]

#: header of a change; checked by :mod:`app.http.versions`
IfMatch = Annotated[
    str | None, Header(max_length=500, description="ETag of the version that the change is based on; required")
]


class Output(BaseModel):
    """The description of an answer. Answers are written from rows and are not validated once more."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


def remarks_shown(told: Iterable[Fault]) -> list[dict[str, str]]:
    """What is remarked of a record that was stored, as :class:`RemarkOut` describes it."""
    return [{"rule": one.rule, "message": one.message, "pointer": one.pointer} for one in told]


class RemarkOut(Output):
    """Something about a record that somebody should look at; nothing was refused because of it."""

    rule: str
    message: str
    pointer: str
