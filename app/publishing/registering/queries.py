"""Statements of registering: what became of datasets, calls, and what is published now."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Setup
from app.db.partners import Organisation
from app.db.registry import RegistryCall, RegistryEntry
from app.http.lists import Listing, at_least, at_most, equals, sort
from app.publishing.registering.files import DatasetOutcome
from app.publishing.registering.network import Call

_call, _entry, _organisation = table(RegistryCall).c, table(RegistryEntry).c, table(Organisation).c


class EntryRow(NamedTuple):
    """A dataset as it was left in the registry last."""

    dataset: str
    entry: str
    address: str
    outcome: str
    words: str
    sha256: str
    settled_at: dt.datetime


CALLS = Listing(
    name="calls to registries",
    statement=select(
        _call.id, _call.at, _call.method, _call.url, _call.purpose, _call.dataset, _call.status, _call.error,
        _call.milliseconds, _call.recorded_by.label("actor"),
    ),
    key=_call.id,
    sorts={"id": sort(_call.id), "at": sort(_call.at)},
    filters={
        "dataset": equals(_call.dataset),
        "method": equals(_call.method),
        "status": equals(_call.status),
        "at_from": at_least(_call.at),
        "at_to": at_most(_call.at),
    },
    usual_sort="-id",
)  # fmt: skip


DATASETS = Listing(
    name="datasets in registries",
    statement=select(
        _entry.id, _entry.dataset, _entry.registry_url, _entry.entry, _entry.address, _entry.outcome, _entry.words,
        _entry.sha256, _entry.settled_at,
    ),
    key=_entry.id,
    sorts={"dataset": sort(_entry.dataset), "settled_at": sort(_entry.settled_at), "id": sort(_entry.id)},
    filters={"dataset": equals(_entry.dataset), "outcome": equals(_entry.outcome)},
    usual_sort="dataset",
)  # fmt: skip


def add_call(session: Session, call: Call, dataset: str, actor: str) -> None:
    """Appends a call to the record."""
    session.execute(
        insert(table(RegistryCall)).values(
            at=call.at,
            method=call.method,
            url=call.url,
            purpose=call.purpose,
            dataset=dataset,
            status=call.status,
            error=call.error,
            milliseconds=call.milliseconds,
            recorded_at=call.at,
            recorded_by=actor,
        )
    )


def settle(
    session: Session, registry: str, outcome: DatasetOutcome, *, address: str, sha256: str, now: dt.datetime
) -> None:
    """Notes what became of a dataset. A failure leaves what is known of the entry as it is."""
    known = session.scalar(select(_entry.id).where(_entry.registry_url == registry, _entry.dataset == outcome.dataset))
    said = {"outcome": outcome.done, "words": outcome.words, "settled_at": now}
    if outcome.done != "failed":
        said |= {"entry": outcome.entry, "address": address, "sha256": sha256}
    if known is not None:
        session.execute(update(table(RegistryEntry)).where(_entry.id == known).values(said))
        return
    nothing = {"entry": "", "address": "", "sha256": ""}
    row = nothing | {"registry_url": registry, "dataset": outcome.dataset} | said
    session.execute(insert(table(RegistryEntry)).values(row))


def entries(session: Session, registry: str) -> Sequence[EntryRow]:
    """Every dataset that was ever registered there, by name."""
    rows = session.execute(
        select(
            _entry.dataset, _entry.entry, _entry.address, _entry.outcome, _entry.words, _entry.sha256,
            _entry.settled_at,
        )
        .where(_entry.registry_url == registry)
        .order_by(_entry.dataset)
    )  # fmt: skip
    return [EntryRow(*row) for row in rows]


def names_of(session: Session, identifiers: Collection[str]) -> dict[str, str]:
    """Identifier → name of the organisation."""
    rows = session.execute(
        select(_organisation.identifier, _organisation.name).where(_organisation.identifier.in_(sorted(identifiers)))
    )
    return {row.identifier: row.name for row in rows}


def own_identifier(session: Session) -> str | None:
    """The identifier of the organisation that publishes; None before it is set up."""
    return session.scalar(
        select(_organisation.identifier).join(table(Setup), table(Setup).c.organisation_id == _organisation.id)
    )
