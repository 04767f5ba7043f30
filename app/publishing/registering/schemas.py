"""What goes out about registries."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.http.fields import Moment, Output, Small
from app.http.lists import Page


class RegistryOut(Output):
    kind: str | None
    url: str | None


class CheckOut(Output):
    topic: str = Field(description="settings, sign-in, organisation, role, datasets, dataset, address or arrival")
    state: Literal["fine", "warning", "missing", "failed"]
    dataset: str | None
    message: str


class RegisteredOut(Output):
    id: str
    dataset: str
    title: str
    url: str
    public: bool = Field(description="false: hidden, so that nobody downloads it")


class FindingOut(Output):
    rule: str
    severity: Literal["error", "warning"]
    message: str


class AddressOut(Output):
    url: str
    passes: bool
    final_url: str
    size: int | None
    sha256: str
    etag: str
    last_modified: str
    findings: list[FindingOut]


class ArrivalOut(Output):
    dataset: str
    state: Literal["arrived", "waiting", "failing", "other-address", "unknown"]
    message: str
    downloaded: str | None = Field(description="moment of the downloader's last good copy, as its index writes it")
    hash: str | None
    http_status: int | None


class CheckedOut(Output):
    """Everything that was looked at."""

    registry: RegistryOut
    ready: bool = Field(description="nothing is missing and nothing failed")
    checks: list[CheckOut]
    datasets: list[RegisteredOut]
    addresses: list[AddressOut]
    arrivals: list[ArrivalOut]


class DatasetOut(Output):
    """What the last run made of a dataset in a registry."""

    id: int
    dataset: str
    registry_url: str
    entry: str = Field(description="key in the registry; empty: it is not there")
    address: str
    outcome: Literal["created", "updated", "unchanged", "withdrawn", "absent", "failed"]
    words: str = Field(description="why it failed, or what was altered")
    sha256: str = Field(description="of the file that was registered last")
    settled_at: dt.datetime


class DatasetPage(Page):
    dataset: list[str] = Field(default=[], max_length=100)
    outcome: list[Literal["created", "updated", "unchanged", "withdrawn", "absent", "failed"]] = Field(
        default=[], max_length=10
    )


class CallOut(Output):
    id: int
    at: dt.datetime
    method: str
    url: str
    purpose: str
    dataset: str = Field(description="empty: for none in particular")
    status: int | None = Field(description="null: no answer came")
    error: str | None
    milliseconds: int
    actor: str


class CallPage(Page):
    dataset: list[str] = Field(default=[], max_length=100)
    method: list[str] = Field(default=[], max_length=10)
    status: list[Small] = Field(default=[], max_length=50)
    at_from: Moment | None = None
    at_to: Moment | None = None
