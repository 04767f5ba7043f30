"""Register Your Data: the registry since December 2025."""

import json
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import quote

from iati.registry.dataset import Dataset, Entry, Organisation, Planned
from iati.registry.openid import SignIn
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

API = "/api/v1"
PAGE_SIZE = 500
#: no organisation has more pages; a count that rises for ever is followed no further
_MOST_PAGES = 200
_READINGS = 3


class RegisterYourData:
    """One registry, with a sign-in."""

    def __init__(
        self, transport: Transport, base: str, sign_in: SignIn, *, page_size: int = PAGE_SIZE, timeout: float = 30.0
    ) -> None:
        stem = base.rstrip("/")
        self._base = stem if stem.endswith(API) else stem + API
        self._transport = transport
        self._sign_in = sign_in
        #: the token that was sent last
        self._sent = Secret("")
        self._page_size = page_size
        self._timeout = timeout
        self.who = f"The registry {host_of(base)}"

    def organisation(self, identifier: str) -> Organisation:
        """The organisation with that identifier, among those that the sign-in may act for.

        :raises RegistryFault: when there is none.
        """
        found = [_organisation(item) for item in self._pages("/reporting-orgs", "find the organisation")]
        for one in found:
            if one.identifier == identifier:
                return one
        others = ", ".join(sorted(f"{one.name} ({one.identifier})" for one in found)[:5])
        told = f"It acts for {others}" if others else "It acts for no organisation at all"
        raise RegistryFault(
            f"{self.who} does not let this sign-in act for an organisation with the identifier {identifier}. {told}: "
            "somebody who administers the organisation in IATI Account has to let it in."
        )

    def entries(self, organisation: Organisation) -> list[Entry]:
        """Every dataset of the organisation, hidden ones included."""
        path = f"/reporting-orgs/{quote(organisation.id, safe='')}/datasets"
        return [_entry(item) for item in self._pages(path, "list datasets")]

    def find(self, _organisation: Organisation, _short_name: str) -> Entry | None:
        """A dataset that the list does not show: there is none in this registry."""
        return None

    def fresh(self, entry: Entry) -> Entry | None:
        """The dataset as it stands now; None: it is gone."""
        try:
            content = self._data(self._ask("GET", self._of(entry), purpose="read dataset", repeatable=True))
        except RegistryFault as fault:
            if fault.gone:
                return None
            raise
        return _entry(content)

    def plan_creation(self, organisation: Organisation, dataset: Dataset) -> Planned:
        body = {
            "human_readable_name": dataset.title,
            "licence_id": dataset.licence or organisation.default_licence or "notspecified",
            "owner_organisation_id": organisation.id,
            "short_name": dataset.short_name,
            "source_type": dataset.source_type or "primary_source",
            "url": dataset.url,
            "visibility": dataset.visibility,
        }
        return Planned(method="POST", url=f"{self._base}/datasets", body=body)

    def plan_update(self, entry: Entry, dataset: Dataset) -> Planned | None:
        """What makes the entry say what the dataset says; None: it does.

        A PATCH replaces, so that every field goes along; the visibility only where it changes, since that takes a
        higher role.
        """
        stands = _fields(entry)
        wanted = {
            "human_readable_name": dataset.title,
            "licence_id": dataset.licence or stands["licence_id"] or "notspecified",
            "short_name": dataset.short_name,
            "source_type": dataset.source_type or stands["source_type"] or "primary_source",
            "url": dataset.url,
        }
        if dataset.visibility != stands["visibility"]:
            wanted["visibility"] = dataset.visibility
        if all(stands[name] == value for name, value in wanted.items()):
            return None
        return Planned(method="PATCH", url=self._of(entry), body=wanted)

    def plan_removal(self, entry: Entry, *, hide: bool) -> Planned | None:
        """What takes the entry from the public: out of the registry, or hidden; None: it is hidden already."""
        if not hide:
            return Planned(method="DELETE", url=self._of(entry))
        if not entry.public:
            return None
        stands = _fields(entry)
        return Planned(method="PATCH", url=self._of(entry), body={**stands, "visibility": "private"})

    def carry_out(self, planned: Planned) -> str:
        """Sends a request that changes something; gives the id of the dataset, as far as the registry tells it.

        :raises RegistryFault: when the registry did not do it, or it is not clear whether it did.
        """
        purpose = {"POST": "create dataset", "PATCH": "change dataset", "DELETE": "remove dataset"}[planned.method]
        response = self._ask(planned.method, planned.url, planned.body, purpose=purpose)
        return text_of(self._data(response), "id")

    def changes(self, entry: Entry, planned: Planned) -> list[str]:
        """What a change alters, as "field: before → after"."""
        stands = _fields(entry)
        return [
            f"{name}: {stands.get(name, '')} → {value}"
            for name, value in (planned.body or {}).items()
            if stands.get(name) != value
        ]

    def _of(self, entry: Entry) -> str:
        return f"{self._base}/datasets/{quote(entry.id, safe='')}"

    def _pages(self, path: str, purpose: str) -> list[Mapping[str, object]]:
        """Every item of a list, page by page; read again when it changed on the way.

        A list that stays shorter than its count is taken as it is: some are counted that nobody is shown.
        """
        before: set[str] | None = None
        for _ in range(_READINGS):
            items, counted = self._one_reading(path, purpose)
            if counted is not None and (len(items) >= counted or set(items) == before):
                return list(items.values())
            before = set(items)
        raise RegistryFault(f"{self.who} changes its list while it is read: try again later.")

    def _one_reading(self, path: str, purpose: str) -> tuple[dict[str, Mapping[str, object]], int | None]:
        """The items by id, and how many there should be; None when that changed between two pages.

        The links of the pages are not followed: they may be plain http, which would show the token.
        """
        items: dict[str, Mapping[str, object]] = {}
        counted: int | None = None
        for page in range(1, _MOST_PAGES + 1):
            url = f"{self._base}{path}?page={page}&page_size={self._page_size}"
            content = self._envelope(self._ask("GET", url, purpose=purpose, repeatable=True))
            if not isinstance(content["data"], list):
                raise self._other_form()
            listed = items_of(content, "data")
            pagination = part_of(content, "pagination")
            records = number_of(pagination, "total_records")
            if page > 1 and records != counted:
                return items, None
            counted = records
            before = len(items)
            items |= {text_of(item, "id"): item for item in listed}
            pages = number_of(pagination, "total_pages")
            # where pages are counted one may be empty, since some of it is not shown, and others follow
            uncounted_end = pages is None and (len(listed) < self._page_size or len(items) == before)
            if uncounted_end or (pages is not None and page >= pages):
                break
        return items, len(items) if counted is None else counted

    def _ask(
        self,
        method: str,
        url: str,
        body: Mapping[str, object] | None = None,
        *,
        purpose: str,
        repeatable: bool = False,
    ) -> Response:
        """Sends a request with a token; with a new one when the first is refused, once."""
        for attempt in (1, 2):
            self._sent = self._sign_in.token()
            headers = {"Accept": "application/json", "Authorization": f"Bearer {self._sent.reveal()}"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            request = Request(
                method=method,
                url=url,
                headers=headers,
                body=b"" if body is None else json.dumps(body).encode(),
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
                # it closes the connection after such an answer, without saying so
                self._transport.drop_connections()
            if response.status != 401 or attempt == 2:
                break
            self._sign_in.forget()
        return response

    def _envelope(self, response: Response) -> Mapping[str, object]:
        content = document(heeded(response, self.who), self.who)
        if response.status >= 300 or text_of(content, "status") == "failed":
            self._refuse(response, content)
        if "data" not in content:
            raise self._other_form()
        return content

    def _other_form(self) -> RegistryFault:
        return RegistryFault(f"{self.who} answered in another form than Register Your Data does.", everything=True)

    def _data(self, response: Response) -> Mapping[str, object]:
        return part_of(self._envelope(response), "data")

    def _refuse(self, response: Response, content: Mapping[str, object]) -> NoReturn:
        error = part_of(content, "error")
        status = number_of(error, "status_code") or response.status
        said = self._sent.out_of(text_of(error, "error_msg").strip() or text_of(content, "detail"))
        quoted = f" It says: {said}" if said else ""
        match status:
            case 400 if "validation" in said.lower():
                raise RegistryFault(f"{self.who} does not take the dataset as it is.{quoted}")
            case 400:
                raise RegistryFault(
                    f"{self.who} does not know this client: it has to be registered with the IATI Secretariat before "
                    f"it can change anything.{quoted}",
                    everything=True,
                )
            case 401:
                raise RegistryFault(
                    f"{self.who} does not accept the sign-in, a new token included: look at the audience and at the "
                    f"client.{quoted}",
                    everything=True,
                )
            case 403:
                raise RegistryFault(
                    f"{self.who} does not allow this: the sign-in lacks a scope, or its role in the organisation is "
                    f"too low (a contributor changes datasets; to remove, hide or show one takes an editor or "
                    f"administrator).{quoted}"
                )
            case 404:
                raise RegistryFault(f"{self.who} has no such record or address.{quoted}", gone=True)
            case 409:
                raise RegistryFault(
                    f"The short name is taken by another dataset in the registry: choose another name for the "
                    f"file.{quoted}",
                    taken=True,
                )
            case _ if status >= 500:
                raise RegistryFault(f"{self.who} is out of order (status {status}): try again later.", unclear=True)
            case _:
                raise RegistryFault(f"{self.who} answered {status}.{quoted}")


def _organisation(item: Mapping[str, object]) -> Organisation:
    facts = part_of(item, "metadata")
    approved = facts.get("registry_approved")
    role = item.get("user_role")
    return Organisation(
        id=text_of(item, "id"),
        identifier=text_of(facts, "organisation_identifier"),
        short_name=text_of(facts, "short_name"),
        name=text_of(facts, "human_readable_name"),
        approved=approved if isinstance(approved, bool) else None,
        role=role if isinstance(role, str) else None,
        default_licence=text_of(facts, "default_licence_id") or None,
    )


_FIELDS = ("human_readable_name", "licence_id", "short_name", "source_type", "url", "visibility")


def _fields(entry: Entry) -> dict[str, str]:
    facts = part_of(entry.record, "metadata")
    return {name: text_of(facts, name) for name in _FIELDS}


def _entry(item: Mapping[str, object]) -> Entry:
    facts = part_of(item, "metadata")
    return Entry(
        id=text_of(item, "id"),
        short_name=text_of(facts, "short_name"),
        owner=text_of(item, "owner_organisation_id"),
        url=text_of(facts, "url"),
        title=text_of(facts, "human_readable_name"),
        public=text_of(facts, "visibility") != "private",
        record=item,
    )
