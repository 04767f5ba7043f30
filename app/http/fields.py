"""What the routes of all features share in their signatures and descriptions."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

#: the databases hold 64 bits
MOST_ID = 2**63 - 1

#: key of a row in a path
Id = Annotated[int, Path(ge=1, le=MOST_ID)]


#: the same as a filter
Key = Annotated[int, Field(ge=1, le=MOST_ID)]


class Output(BaseModel):
    """The description of an answer. Answers are written from rows and are not validated once more."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
