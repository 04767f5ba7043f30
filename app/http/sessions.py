"""Sessions of a request: one snapshot to read, or one transaction that is committed before the answer is sent."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from app import clock
from app.config import Settings
from app.db.engine import Database
from app.domain.access import Right
from app.http.access import BearerToken, CurrentActor, authenticate
from app.http.state import database_of, settings_of


def _address(request: Request) -> str:
    """Where links of an answer lead: the address that is set, else the one that was asked."""
    return settings_of(request).public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _today(request: Request) -> dt.date:
    return clock.today(settings_of(request))


def _snapshot(request: Request, token: BearerToken, *, aside: bool) -> Iterator[Session]:
    # every role may read, so that the token is looked up in the same snapshot and costs no second connection
    settings = settings_of(request)
    seconds = settings.statement_seconds_aside if aside else settings.statement_seconds
    with database_of(request).read(aside=aside, seconds=seconds) as session:
        actor = authenticate(session, token)
        actor.require(Right.READ)
        request.state.actor = actor.name
        yield session


def _reading(request: Request, token: BearerToken) -> Iterator[Session]:
    yield from _snapshot(request, token, aside=False)


def _reading_aside(request: Request, token: BearerToken) -> Iterator[Session]:
    yield from _snapshot(request, token, aside=True)


def _writing(request: Request, actor: CurrentActor) -> Iterator[Session]:
    seconds = settings_of(request).statement_seconds
    with database_of(request).write(actor.name, seconds=seconds) as session:
        yield session


def public_reading(request: Request) -> Iterator[Session]:
    """One snapshot for whoever asks, without a token: for what is published."""
    with database_of(request).read() as session:
        yield session


DatabaseOf = Annotated[Database, Depends(database_of)]
SettingsOf = Annotated[Settings, Depends(settings_of)]
Address = Annotated[str, Depends(_address)]
Today = Annotated[dt.date, Depends(_today)]
# with scope="function" the block ends before the answer is sent: what is told as stored, is stored
Reading = Annotated[Session, Depends(_reading, scope="function")]
#: for what takes long, such as a report: from the standby where there is one
ReadingAside = Annotated[Session, Depends(_reading_aside, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]
