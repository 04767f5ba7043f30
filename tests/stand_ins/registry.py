"""A strict registry with all that belongs to it: sign-in, both kinds of interface, and a downloader with its index.

It behaves as the real ones were seen to behave, traps included, and misbehaves on order::

    with StandIn() as registry:
        registry.order("500", "PATCH")      # the next PATCH is answered with 500, then the connection is closed
"""

import hashlib
import http.client
import http.server
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from tests.stand_ins.registry_answers import (
    CLIENT,
    GATE,
    KEY,
    REQUIRED,
    SCOPES,
    SECRET,
    File,
    Handler,
    Json,
    Seen,
    meta,
)

__all__ = ["CLIENT", "KEY", "SECRET", "File", "StandIn", "meta"]


class StandIn(http.server.ThreadingHTTPServer):
    """The registry. Everything that a test may look at or change is an attribute."""

    daemon_threads = True

    def __init__(self, *, identifier: str = "XX-OWN", org: str = "own", name: str = "Own organisation") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.organisation: Json = {
            "id": str(uuid.uuid4()),
            "user_role": "editor",
            "reporting_org_actions": [],
            "metadata": {
                "human_readable_name": name,
                "organisation_identifier": identifier,
                "short_name": org,
                "registry_approved": True,
                "default_licence_id": "cc-by",
            },
        }
        #: id → record of Register Your Data
        self.datasets: dict[str, Json] = {}
        #: id → package of CKAN
        self.packages: dict[str, Json] = {}
        self.files: dict[str, File] = {}
        self.index: dict[str, Json] = {}
        self.seen: list[Seen] = []
        #: what is to go wrong: (kind, part of "METHOD path")
        self.orders: list[tuple[str, str]] = []
        self.tokens: dict[str, float] = {}
        self.refresh_tokens: set[str] = set()
        self.codes: dict[str, Mapping[str, str]] = {}
        self.scopes = SCOPES
        self.token_lasts = 3600.0
        #: ids that are counted in lists and not shown
        self.unseen: set[object] = set()
        self.registered = True
        #: between looking for a short name and creating it: what is waited for there
        self.before_creation: Callable[[], object] = lambda: None
        self.let_go = threading.Event()
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked went away; nobody is told."""

    def order(self, kind: str, what: str = "", times: int = 1) -> None:
        """Lets the next requests go wrong that ``what`` is a part of, such as "POST /api/v1/datasets"."""
        self.orders += [(kind, what)] * times

    def ordered(self, method: str, path: str) -> str:
        with self.lock:
            for place, (kind, what) in enumerate(self.orders):
                if what in f"{method} {path}":
                    del self.orders[place]
                    return kind
        return ""

    def of(self, short_name: str) -> list[Json]:
        """The records with that short name."""
        return [one for one in self.datasets.values() if meta(one)["short_name"] == short_name]

    def add(self, *, owner: str = "", **fields: str) -> Json:
        """Puts a dataset into the registry."""
        now = "2026-11-25T00:00:00"
        usual = {**dict.fromkeys(REQUIRED, "x"), "visibility": "public"}
        record: Json = {
            "id": str(uuid.uuid4()),
            "owner_organisation_id": owner or self.organisation["id"],
            "metadata": {**usual, **fields, "last_url_update_date": now, "last_metadata_update_date": now},
            "actions": [],
        }
        self.datasets[str(record["id"])] = record
        return record

    def changing(self) -> list[tuple[str, str]]:
        """Method and path of what changed the registry, or tried to."""
        reading = ("package_show", "package_search", "organization")
        return [
            (one.method, one.path)
            for one in self.seen
            if one.method in ("POST", "PATCH", "DELETE")
            and one.path != "/token"
            and not any(word in one.path for word in reading)
        ]

    def poll(self) -> None:
        """What the downloader does every 20 minutes: takes what is registered, and writes its index."""
        listed = [(key, meta(one)["short_name"], meta(one)["url"], meta(one)["visibility"] == "public")
                  for key, one in self.datasets.items()]  # fmt: skip
        for key, one in self.packages.items():
            resources = one.get("resources")
            if isinstance(resources, list) and one.get("state") == "active":
                listed.append((key, str(one["name"]), resources[0]["url"], not one.get("private")))
        known = {str(name) for _, name, _, public in listed if public}
        self.index = {name: said for name, said in self.index.items() if name in known}
        for key, name, url, public in listed:
            if public:
                self._download(key, str(name), str(url))

    def _download(self, key: str, name: str, url: str) -> None:
        said = self.index.setdefault(name, {"id": key, "short_name": name, "last_known_good_dataset": {}})
        said["source_url"] = url
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        try:
            with urllib.request.urlopen(url, timeout=600) as answer:
                status, body = answer.status, answer.read()
            reason = "" if GATE.match(body.decode()[:6000].replace("\n", "")) else "the content is not IATI XML"
        except urllib.error.HTTPError as error:
            status, body, reason = error.code, b"", f"HTTP status {error.code}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            status, body, reason = 0, b"", str(error)
        said["most_recent_get_attempt"] = {
            "datetime": now,
            "http_status": status,
            "error_occurred": bool(reason),
            "error_details": {"message": reason} if reason else None,
        }
        if not reason:
            said["last_known_good_dataset"] = {
                "hash": hashlib.sha1(body).hexdigest(),
                "downloaded": now,
                "source_url": url,
            }
