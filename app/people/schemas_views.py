"""What goes in and comes out about saved views."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.http.fields import Output
from app.http.lists import Page
from app.inputs import Input, Line, ListCode


class ViewIn(Input):
    """A list as somebody wants to see it again."""

    name: Line = Field(description="What it is called", examples=["Ending this year"])
    query: str = Field(
        max_length=4000, description="The query of the list's address", examples=["planned_end_to=2026-12-31"]
    )
    shared: bool = Field(default=False, description="whether everybody of one's unit sees it too")
    digest: Literal["day", "week"] | None = Field(
        default=None, description="how often the list is mailed to one's address as an officer; never when left out"
    )


class ViewsIn(Input):
    """All views that one keeps of a list."""

    page: ListCode = Field(description="The list they are of", examples=["projects"])
    items: list[ViewIn] = Field(max_length=100, description="the views; what is not named is removed")


class ViewOut(Output):
    id: int
    page: str
    name: str
    query: str
    owner: str
    shared_with: str | None = Field(description="code of the unit that sees it too")
    created_at: dt.datetime
    digest: str | None = Field(default=None, description="how often the list is mailed: day or week")


class ViewsOut(Output):
    page: str
    items: list[ViewOut]


class ViewPage(Page):
    page: str | None = Field(
        default=None, max_length=61, pattern=r"^[a-z]{1,30}(/[a-z-]{1,30})?$", description="a list such as projects"
    )
