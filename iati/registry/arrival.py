"""Whether a published file has arrived: what the downloader's index says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from iati.registry.preflight import hashes
from iati.registry.wire import (
    RegistryFault,
    Request,
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

#: the index tells of every dataset there is
_MOST_BYTES = 256 * 1024 * 1024

State = Literal["arrived", "waiting", "failing", "other-address", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """What became of a published file."""

    short_name: str
    state: State
    words: str
    #: moment of the last good download, as the index writes it
    downloaded: str = ""
    hash: str = ""
    http_status: int | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "dataset": self.short_name,
            "state": self.state,
            "message": self.words,
            "downloaded": self.downloaded or None,
            "hash": self.hash or None,
            "http_status": self.http_status,
        }


@dataclass(frozen=True, slots=True)
class Index:
    """The downloader's index of one moment: short name → what it says of the dataset."""

    datasets: Mapping[str, Mapping[str, object]] = field(repr=False)

    def arrival(self, short_name: str, url: str, body: bytes) -> Arrival:
        """Whether the downloader has the file whose content is ``body``."""
        said = self.datasets.get(short_name)
        if said is None:
            words = (
                "The downloader does not know this dataset yet: it learns of new ones within about 20 minutes of their "
                "registration."
            )
            return Arrival(short_name=short_name, state="unknown", words=words)
        good, attempt = part_of(said, "last_known_good_dataset"), part_of(said, "most_recent_get_attempt")
        kept, downloaded = text_of(good, "hash") or text_of(said, "hash"), text_of(good, "downloaded")
        status = number_of(attempt, "http_status")

        def told(state: State, words: str) -> Arrival:
            return Arrival(
                short_name=short_name, state=state, words=words, downloaded=downloaded, hash=kept, http_status=status
            )

        source = text_of(said, "source_url")
        if source and source != url:
            return told("other-address", f"The downloader still takes this dataset from {source}.")
        whole, without = hashes(body, kept)
        bare = text_of(good, "hash_excluding_generated_timestamp")
        if kept and (kept == whole or (bare and bare == without)):
            return told("arrived", f"The publication has arrived: downloaded {downloaded or 'at an unknown time'}.")
        if attempt.get("error_occurred") is True or (status is not None and status != 200):
            reason = _reason(attempt.get("error_details")) or f"status {status}"
            copy = f" It still has the copy of {downloaded}, and drops it after 72 hours." if downloaded else ""
            return told("failing", f"The downloader could not take the file: {reason}.{copy}")
        older = f" It has the copy of {downloaded}." if downloaded else ""
        return told(
            "waiting", f"The downloader has not taken the new file yet: it comes by about every 20 minutes.{older}"
        )


def _reason(details: object) -> str:
    if isinstance(details, Mapping):
        return (text_of(details, "message") or text_of(details, "error")).rstrip(".")
    return details.rstrip(".") if isinstance(details, str) else ""


def read_index(transport: Transport, address: str) -> Index:
    """Fetches the index.

    :raises RegistryFault: when it cannot be read.
    """
    who = f"The downloader's index at {host_of(address)}"
    request = Request(
        method="GET",
        url=address,
        headers={"Accept": "application/json"},
        timeout=60.0,
        follow_redirects=True,
        repeatable=True,
        most_bytes=_MOST_BYTES,
        purpose="read the downloader's index",
    )
    try:
        response = transport.send(request)
    except Unanswered as error:
        raise unanswered(who, error) from error
    content = document(heeded(response, who), who)
    datasets = content.get("datasets")
    if response.status != 200 or not isinstance(datasets, list | dict):
        raise RegistryFault(f"{who} is not the index of datasets it should be (status {response.status}).")
    if isinstance(datasets, dict):
        return Index({name: said for name, said in datasets.items() if isinstance(said, dict)})
    return Index({text_of(said, "short_name") or text_of(said, "name"): said for said in items_of(content, "datasets")})
