"""What the routes of all features share in their signatures and descriptions."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

#: key of a row in a path; the databases hold 64 bits
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


#: the same as a filter
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Output(BaseModel):
    """The description of an answer. Answers are written from rows and are not validated once more."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
