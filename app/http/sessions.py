"""Sessions of a request: one snapshot to read, or one transaction that is committed before the answer is sent."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlmodel import Session

from app import clock
from app.config import Settings
from app.db.engine import Database
from app.domain.access import Right
from app.http.access import BearerToken, CurrentActor, authenticate


def _database(request: Request) -> Database:
    return cast("Database", request.app.state.database)


def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


def _address(request: Request) -> str:
    """Where links of an answer lead: the address that is set, else the one that was asked."""
    return _settings(request).public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _today(request: Request) -> dt.date:
    return clock.today(_settings(request))


def _reading(request: Request, token: BearerToken) -> Iterator[Session]:
    # every role may read, so that the token is looked up in the same snapshot and costs no second connection
    with _database(request).read() as session:
        actor = authenticate(session, token)
        actor.require(Right.READ)
        request.state.actor = actor.name
        yield session


def _writing(request: Request, actor: CurrentActor) -> Iterator[Session]:
    with _database(request).write(actor.name) as session:
        yield session


def public_reading(request: Request) -> Iterator[Session]:
    """One snapshot for whoever asks, without a token: for what is published."""
    with _database(request).read() as session:
        yield session


DatabaseOf = Annotated[Database, Depends(_database)]
SettingsOf = Annotated[Settings, Depends(_settings)]
Address = Annotated[str, Depends(_address)]
Today = Annotated[dt.date, Depends(_today)]
# with scope="function" the block ends before the answer is sent: what is told as stored, is stored
Reading = Annotated[Session, Depends(_reading, scope="function")]
Writing = Annotated[Session, Depends(_writing, scope="function")]
