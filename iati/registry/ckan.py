"""Classic CKAN 2.9 with ckanext-iati: registries that organisations host themselves, and older ones."""

import json
from collections.abc import Mapping
from typing import NoReturn

from iati.registry.dataset import Dataset, Entry, Organisation, Planned
from iati.registry.wire import (
    RegistryFault,
    Request,
    Response,
    Secret,
    Transport,
    Unanswered,
    document,
    heeded,
    host_of,
    items_of,
    number_of,
    part_of,
    text_of,
    unanswered,
)

API = "/api/3/action"
_ROWS = 100
_MOST_PAGES = 500


class Ckan:
    """One registry, with a key."""

    def __init__(self, transport: Transport, base: str, key: Secret, *, timeout: float = 30.0) -> None:
        stem = base.rstrip("/")
        self._base = stem if stem.endswith(API) else stem + API
        self._transport = transport
        self._key = key
        self._timeout = timeout
        self.who = f"The registry {host_of(base)}"

    def organisation(self, identifier: str) -> Organisation:
        """The organisation with that identifier, among those that the key may act for.

        :raises RegistryFault: when there is none.
        """
        mine = self._read("organization_list_for_user", {"permission": "read"}, "find the organisation")
        found = []
        for item in items_of(mine, "result"):
            question = {"id": text_of(item, "id") or text_of(item, "name"), "include_datasets": False}
            shown = part_of(self._read("organization_show", question, "read the organisation"), "result")
            one = _organisation(shown, text_of(item, "capacity"))
            if one.identifier == identifier:
                return one
            found.append(one)
        others = ", ".join(sorted(f"{one.name} ({one.identifier})" for one in found)[:5])
        told = f"It acts for {others}" if others else "It acts for no organisation at all"
        raise RegistryFault(
            f"{self.who} does not let this key act for an organisation with the identifier {identifier}. {told}: "
            "somebody who administers the organisation there has to let its user in."
        )

    def entries(self, organisation: Organisation) -> list[Entry]:
        """Every dataset of the organisation, hidden ones included."""
        found: dict[str, Entry] = {}
        for page in range(_MOST_PAGES):
            question = {
                "fq": f'owner_org:"{organisation.id}"',
                "rows": _ROWS,
                "start": page * _ROWS,
                "include_private": True,
            }
            result = part_of(self._read("package_search", question, "list datasets"), "result")
            listed = [_entry(item) for item in items_of(result, "results")]
            before = len(found)
            found |= {entry.id: entry for entry in listed}
            if len(found) >= (number_of(result, "count") or 0) or len(found) == before:
                break
        return list(found.values())

    def find(self, organisation: Organisation, short_name: str) -> Entry | None:
        """A dataset that the search does not show, since it was removed: its name stays taken by it."""
        entry = self._shown(short_name)
        return entry if entry is not None and entry.owner == organisation.id else None

    def fresh(self, entry: Entry) -> Entry | None:
        """The dataset as it stands now; None: it is gone."""
        return self._shown(entry.id)

    def _shown(self, key: str) -> Entry | None:
        try:
            return _entry(part_of(self._read("package_show", {"id": key}, "read dataset"), "result"))
        except RegistryFault as fault:
            if fault.gone:
                return None
            raise

    def plan_creation(self, organisation: Organisation, dataset: Dataset) -> Planned:
        body = {
            "owner_org": organisation.id,
            "license_id": organisation.default_licence or "notspecified",
            "resources": [{"format": "IATI-XML"}],
        }
        return Planned(method="POST", url=f"{self._base}/package_create", body=_said(body, dataset))

    def plan_update(self, entry: Entry, dataset: Dataset) -> Planned | None:
        """What makes the entry say what the dataset says; None: it does.

        An update replaces the whole record, so that everything that stands there goes along.
        """
        wanted = _said(entry.record, dataset)
        if all(_same(entry.record.get(name), value) for name, value in wanted.items()):
            return None
        return Planned(method="POST", url=f"{self._base}/package_update", body=wanted)

    def plan_removal(self, entry: Entry, *, hide: bool) -> Planned | None:
        """What takes the entry from the public: out of the registry, or hidden; None: it is so already."""
        if not entry.public:
            return None
        if hide:
            return Planned(method="POST", url=f"{self._base}/package_update", body={**entry.record, "private": True})
        return Planned(method="POST", url=f"{self._base}/package_delete", body={"id": entry.id})

    def carry_out(self, planned: Planned) -> str:
        """Sends a request that changes something; gives the id of the dataset, as far as the registry tells it.

        :raises RegistryFault: when the registry did not do it, or it is not clear whether it did.
        """
        action = planned.url.rpartition("/")[2]
        purpose = {"package_create": "create dataset", "package_delete": "remove dataset"}.get(action, "change dataset")
        content = self._ask(planned.url, planned.body or {}, purpose=purpose)
        return text_of(part_of(content, "result"), "id")

    def changes(self, entry: Entry, planned: Planned) -> list[str]:
        """What a change alters, as "field: before → after"."""
        return [
            f"{name}: {_words(entry.record.get(name))} → {_words(value)}"
            for name, value in (planned.body or {}).items()
            if not _same(entry.record.get(name), value)
        ]

    def _read(self, action: str, question: Mapping[str, object], purpose: str) -> Mapping[str, object]:
        return self._ask(f"{self._base}/{action}", question, purpose=purpose, repeatable=True)

    def _ask(
        self, url: str, body: Mapping[str, object], *, purpose: str, repeatable: bool = False
    ) -> Mapping[str, object]:
        request = Request(
            method="POST",
            url=url,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Authorization": self._key.reveal(),
            },
            body=json.dumps(body).encode(),
            timeout=self._timeout,
            repeatable=repeatable,
            purpose=purpose,
        )
        try:
            response = self._transport.send(request)
        except Unanswered as error:
            self._transport.drop_connections()
            raise unanswered(self.who, error) from error
        if response.status >= 500:
            self._transport.drop_connections()
            raise RegistryFault(
                f"{self.who} is out of order (status {response.status}): try again later.", unclear=True
            )
        content = document(heeded(response, self.who), self.who)
        if response.status >= 300 or content.get("success") is not True:
            self._refuse(response, content)
        return content

    def _refuse(self, response: Response, content: Mapping[str, object]) -> NoReturn:
        error = part_of(content, "error")
        kind = text_of(error, "__type")
        faults = "; ".join(
            f"{name}: {_words(value)}" for name, value in error.items() if name not in ("__type", "message")
        )
        said = self._key.out_of(faults or text_of(error, "message"))
        quoted = f" It says: {said}" if said else ""
        if "Not Found" in kind or response.status == 404:
            raise RegistryFault(f"{self.who} has no such record or address.{quoted}", gone=True)
        if "Authorization" in kind or response.status in (401, 403):
            raise RegistryFault(
                f"{self.who} does not allow this: the key is unknown or has ended, or its user is neither editor nor "
                f"administrator of the organisation.{quoted}"
            )
        if response.status == 409 and "already in use" in said:
            raise RegistryFault(
                f"The short name is taken by another dataset in the registry: choose another name for the file."
                f"{quoted}",
                taken=True,
            )
        raise RegistryFault(f"{self.who} does not take the dataset as it is (status {response.status}).{quoted}")


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str("" if value is None else value)


def _same(stands: object, wanted: object) -> bool:
    """Whether a field says the same: numbers are kept as text, and what is not said is not so."""
    return stands == wanted or _words(stands) == _words(wanted) or (not stands and not wanted)


def _organisation(shown: Mapping[str, object], capacity: str) -> Organisation:
    extras = {text_of(item, "key"): text_of(item, "value") for item in items_of(shown, "extras")}
    state = text_of(shown, "state")
    return Organisation(
        id=text_of(shown, "id"),
        identifier=text_of(shown, "publisher_iati_id") or extras.get("publisher_iati_id", ""),
        short_name=text_of(shown, "name"),
        name=text_of(shown, "title") or text_of(shown, "display_name"),
        approved=state == "active" if state else None,
        role=capacity or None,
        default_licence=text_of(shown, "license_id") or extras.get("license_id") or None,
    )


def _said(record: Mapping[str, object], dataset: Dataset) -> dict[str, object]:
    """The record with what the dataset says. A field that the dataset leaves open stays as it is."""
    resources = items_of(record, "resources")
    first = resources[0] if resources else {"format": "IATI-XML"}
    said: dict[str, object] = {
        "name": dataset.short_name,
        "title": dataset.title,
        "resources": [{**first, "url": dataset.url}],
        "filetype": dataset.file_type,
        "private": dataset.visibility == "private",
        "state": "active",
        "license_id": dataset.licence,
        "secondary_publisher": None if dataset.source_type is None else _secondary(record, dataset.source_type),
        "activity_count": None if dataset.activities is None else str(dataset.activities),
        "data_updated": dataset.updated,
        "iati_version": dataset.version,
        "language": dataset.language,
    }
    return {**record, **{name: value for name, value in said.items() if value is not None}}


def _secondary(record: Mapping[str, object], source_type: str) -> str:
    """Who publishes for another; nobody where the organisation tells of its own work."""
    return text_of(record, "secondary_publisher") if source_type == "secondary_source" else ""


def _entry(item: Mapping[str, object]) -> Entry:
    resources = items_of(item, "resources")
    return Entry(
        id=text_of(item, "id"),
        short_name=text_of(item, "name"),
        owner=text_of(item, "owner_org"),
        url=text_of(resources[0], "url") if resources else "",
        title=text_of(item, "title"),
        public=item.get("private") is not True and text_of(item, "state") in ("", "active"),
        record=item,
    )
