"""What goes out about messages."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.domain.terms import DeliveryState
from app.http.fields import Moment, Output
from app.http.lists import Page


class MessageOut(Output):
    id: int
    channel: str
    recipient: str = Field(description="empty: there is nobody yet who could be told")
    subject: str
    state: DeliveryState = Field(
        description="withdrawn: nothing was left to tell when it was to be sent; merged: another message tells it"
    )
    attempts: int
    error: str | None
    merged_into: int | None
    message_id: str
    told: int = Field(description="alerts that it tells")
    left_out: int = Field(description="alerts that it does not tell after all, since they were settled meanwhile")
    created_at: dt.datetime
    next_attempt_at: dt.datetime
    sent_at: dt.datetime | None


class MessagePage(Page):
    state: list[DeliveryState] = Field(default=[], max_length=10)
    channel: list[Literal["mail", "webhook"]] = Field(default=[], max_length=10)
    recipient: list[str] = Field(default=[], max_length=100)
    created_from: Moment | None = None
    created_to: Moment | None = None
