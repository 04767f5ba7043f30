"""What the routes of all features share in their signatures and descriptions."""

from typing import Annotated

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict, Field

#: the databases hold 64 bits
MOST_ID = 2**63 - 1

#: key of a row in a path
Id = Annotated[int, Path(ge=1, le=MOST_ID)]


#: the same as a filter
Key = Annotated[int, Field(ge=1, le=MOST_ID)]

#: header of a change; checked by :mod:`app.http.versions`
IfMatch = Annotated[
    str | None, Header(max_length=500, description="ETag of the version that the change is based on; required")
]


class Output(BaseModel):
    """The description of an answer. Answers are written from rows and are not validated once more."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
