"""Tells whether publications can be registered, and whether they arrived: what is set up, what is missing, in words."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import httpx

from app.config import Settings
from app.db.base import utc_now
from app.db.engine import Database
from app.publishing.registering import queries
from app.publishing.registering.files import PublishedFile
from app.publishing.registering.network import Call, Network
from app.publishing.registering.service import dataset_of, look_at
from app.publishing.registering.settings import client_of, missing_settings, registry_of, sign_in_of
from iati.registry.arrival import Arrival, read_index
from iati.registry.dataset import Entry, Organisation, faults_of
from iati.registry.ensure import renamed, standing
from iati.registry.openid import SignIn
from iati.registry.preflight import Preflight
from iati.registry.wire import RegistryFault, Transport

State = Literal["fine", "warning", "missing", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that has to be right."""

    #: settings | sign-in | organisation | role | datasets | dataset | address | arrival
    topic: str
    state: State
    words: str
    #: short name of the dataset it is about; empty: about none
    dataset: str = ""

    def as_dict(self) -> dict[str, object]:
        return {"topic": self.topic, "state": self.state, "dataset": self.dataset or None, "message": self.words}


@dataclass(kw_only=True, slots=True)
class Checked:
    """All of them, and what stands in the registry."""

    kind: str
    url: str
    checks: list[Check] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    addresses: list[Preflight] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether nothing is missing and nothing failed."""
        return not any(check.state in ("missing", "failed") for check in self.checks)

    def as_dict(self) -> dict[str, object]:
        return {
            "registry": {"kind": self.kind or None, "url": self.url or None},
            "ready": self.ready,
            "checks": [check.as_dict() for check in self.checks],
            "datasets": [
                {
                    "id": entry.id,
                    "dataset": entry.short_name,
                    "title": entry.title,
                    "url": entry.url,
                    "public": entry.public,
                }
                for entry in self.entries
            ],
            "addresses": [looked.as_dict() for looked in self.addresses],
            "arrivals": [arrival.as_dict() for arrival in self.arrivals],
        }

    def say(self, topic: str, state: State, words: str, dataset: str = "") -> None:
        self.checks.append(Check(topic=topic, state=state, words=words, dataset=dataset))


def check(
    database: Database,
    settings: Settings,
    published: Sequence[PublishedFile],
    *,
    actor: str,
    now: dt.datetime | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    renew: Callable[[], None] = lambda: None,
    beneath: httpx.BaseTransport | None = None,
) -> Checked:
    """Looks at everything and changes nothing. ``published`` is what the organisation has made public.

    Call it outside of any transaction. ``renew`` is called after each request, for a caller that holds a lease.
    ``beneath`` takes the place of the network.
    """
    found = Checked(kind=settings.registry_kind, url=settings.registry_url)

    def record(call: Call) -> None:
        with database.write(actor) as session:
            queries.add_call(session, call, "", actor)
        renew()

    with Network(allow_private=settings.registry_allow_private, record=record, beneath=beneath) as network:
        missing = missing_settings(settings)
        for words in missing:
            found.say("settings", "missing", words)
        if not missing:
            found.say("settings", "fine", f"{_KINDS[settings.registry_kind]} at {settings.registry_url} is set up.")
            _registry(found, database, settings, network, published)
        for done, file in enumerate(published):
            _address(found, network, file)
            progress(done + 1, len(published))
        _arrivals(found, settings, network, published, now or utc_now())
    return found


_KINDS = {"register-your-data": "Register Your Data", "ckan": "A CKAN registry"}


def _registry(
    found: Checked, database: Database, settings: Settings, network: Transport, published: Sequence[PublishedFile]
) -> None:
    """Whether the sign-in works, acts for the organisation, and what stands there."""
    with database.read() as session:
        own = queries.own_identifier(session)
    if own is None:
        found.say("organisation", "missing", "The organisation itself is not set up yet: run earmark init.")
        return
    sign_in = None
    if settings.registry_kind == "register-your-data":
        sign_in = sign_in_of(settings, network)
        if not _signed_in(found, settings, sign_in):
            return
    registry = registry_of(settings, network, sign_in)
    for identifier in sorted({own, *(file.reporting_org for file in published)}):
        try:
            organisation = registry.organisation(identifier)
        except RegistryFault as fault:
            found.say("organisation", "failed", fault.words)
            continue
        _organisation(found, organisation)
        try:
            entries = registry.entries(organisation)
        except RegistryFault as fault:
            found.say("datasets", "failed", fault.words)
            continue
        found.entries += entries
        mine = [file for file in published if file.reporting_org == identifier]
        _datasets(found, settings, organisation, entries, mine)


def _signed_in(found: Checked, settings: Settings, sign_in: SignIn) -> bool:
    try:
        sign_in.token()
    except RegistryFault as fault:
        found.say("sign-in", "failed", fault.words)
        return False
    wanted, missing = client_of(settings).scopes, sign_in.missing_scopes
    if missing:
        words = f"The sign-in works, and was not given {', '.join(missing)} of {', '.join(wanted)}: ask for them."
        found.say("sign-in", "failed", words)
    else:
        found.say("sign-in", "fine", f"The sign-in of {settings.registry_client_id} works.")
    return True


def _organisation(found: Checked, organisation: Organisation) -> None:
    name = f"{organisation.name} ({organisation.identifier}, short name {organisation.short_name or 'none'})"
    if organisation.approved is False:
        known_as = f"{organisation.name} ({organisation.identifier})"
        words = f"{known_as} is not approved yet, so its datasets are shown to nobody: ask the IATI Secretariat."
        found.say("organisation", "failed", words)
    else:
        approved = "" if organisation.approved is None else " and approved"
        found.say("organisation", "fine", f"{name} is found{approved}.")
    if not organisation.may_publish:
        words = f"The role {organisation.role} is too low to register datasets: it takes a contributor at least."
        found.say("role", "failed", words)
    elif not organisation.may_withdraw:
        words = (
            f"The role {organisation.role} creates and changes datasets; to remove, hide or show one takes an editor."
        )
        found.say("role", "warning", words)
    else:
        found.say("role", "fine", f"The role {organisation.role or '(not told)'} is sufficient.")


def _datasets(
    found: Checked,
    settings: Settings,
    organisation: Organisation,
    entries: Sequence[Entry],
    published: Sequence[PublishedFile],
) -> None:
    count = len(entries)
    words = f"{organisation.name} has {count} datasets in the registry."
    if count == 1:
        words = f"{organisation.name} has 1 dataset in the registry."
    found.say("datasets", "fine", words)
    for file in published:
        try:
            entry = standing(entries, file.dataset) or renamed(entries, file.dataset, file.address)
        except RegistryFault as fault:
            found.say("dataset", "failed", fault.words, file.dataset)
            continue
        inner = settings.registry_allow_private
        new = entry is None or entry.short_name != file.dataset
        faults = faults_of(dataset_of(file, settings), organisation, new=new, inner_addresses=inner)
        for words in faults:
            found.say("dataset", "failed", words, file.dataset)
        if entry is None:
            found.say(
                "dataset", "missing", f"{file.dataset} is public and not registered: publish again.", file.dataset
            )
        elif not entry.public:
            words = f"{file.dataset} is public and hidden in the registry: publish again."
            found.say("dataset", "failed", words, file.dataset)
        elif entry.short_name != file.dataset:
            words = f"{file.dataset} is registered under another name ({entry.short_name}): publish again."
            found.say("dataset", "failed", words, file.dataset)
        elif entry.url != file.address:
            words = f"{file.dataset} is registered with another address ({entry.url}): publish again."
            found.say("dataset", "failed", words, file.dataset)
        elif not faults:
            found.say("dataset", "fine", f"{file.dataset} is registered with its public address.", file.dataset)
    names, addresses = {file.dataset for file in published}, {file.address for file in published}
    for entry in entries:
        if published and entry.public and entry.short_name not in names and entry.url not in addresses:
            words = f"{entry.short_name} stands in the registry and is not published from here: {entry.url}"
            found.say("dataset", "warning", words, entry.short_name)


def _address(found: Checked, network: Transport, file: PublishedFile) -> None:
    looked = look_at(network, file)
    found.addresses.append(looked)
    for finding in looked.findings:
        state: State = "failed" if finding.severity == "error" else "warning"
        found.say("address", state, f"{file.address}: {finding.words}", file.dataset)
    if not looked.findings:
        words = f"{file.address} serves the published file as the downloader needs it."
        found.say("address", "fine", words, file.dataset)


#: a publication that the downloader has not taken by then is late
PATIENCE = dt.timedelta(days=1)
_ARRIVED: Mapping[str, State] = {"arrived": "fine", "failing": "failed", "other-address": "failed"}


def _arrivals(
    found: Checked, settings: Settings, network: Transport, published: Sequence[PublishedFile], now: dt.datetime
) -> None:
    if not published or not settings.registry_kind:
        return
    if not settings.registry_index_url:
        words = "EARMARK_REGISTRY_INDEX_URL is not set, so that nobody looks whether a publication arrives."
        found.say("arrival", "warning", words)
        return
    try:
        index = read_index(network, settings.registry_index_url)
    except RegistryFault as fault:
        found.say("arrival", "failed", fault.words)
        return
    for file, looked in zip(published, found.addresses, strict=True):
        arrival = index.arrival(file.dataset, file.address, looked.body)
        state = _ARRIVED.get(arrival.state, "warning")
        late = file.changed_at is not None and now - file.changed_at > PATIENCE
        if state == "warning" and late:
            arrival = replace(arrival, words=f"{arrival.words} That is more than a day ago: look at the address.")
            state = "failed"
        found.arrivals.append(arrival)
        found.say("arrival", state, f"{file.dataset}: {arrival.words}", file.dataset)
