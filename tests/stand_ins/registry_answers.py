"""What the registry of the tests answers: sign-in, files, and both kinds of interface, as strict as the real one."""

import base64
import hashlib
import http.client
import http.server
import json
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from tests.stand_ins.registry import StandIn

CLIENT, SECRET, KEY = "earmark-client", "s3cret-of-the-client", "key-of-ckan-0123"
SCOPES = "ryd ryd:reporting_org ryd:dataset ryd:dataset:update ryd:dataset:delete"
GATE = re.compile(r"^(<\?xml[^>]*>)?\s*(<!--[^>]*-->\s*)*\s*<iati-(activities|organisations)")
REQUIRED = ("human_readable_name", "licence_id", "short_name", "source_type", "url")

Json = dict[str, object]
EMPTY: dict[str, str] = {}


@dataclass
class File:
    """What lies at a public address below ``/files/``."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    #: None: as GET
    head_status: int | None = None
    head_headers: dict[str, str] | None = None
    pause: float = 0


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    query: str
    body: str
    #: number of the connection it came over
    connection: int


def meta(record: Json) -> dict[str, object]:
    found = record["metadata"]
    assert isinstance(found, dict)
    return found


def failed(status: int, words: str) -> Json:
    """The envelope of a failure."""
    return {"status": "failed", "data": None, "error": {"status_code": status, "error_msg": words}}


class Failed(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers requests, one connection each."""

    server: "StandIn"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.connection_number = id(self)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        self.answer()

    def do_HEAD(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PATCH(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/files/"):
            self.file(parts.path)
            return
        self.server.seen.append(Seen(self.command, parts.path, parts.query, body.decode(), self.connection_number))
        order = self.server.ordered(self.command, parts.path)
        if self.before(order):
            return
        try:
            if parts.path.startswith("/api/v1"):
                status, content = self.register_your_data(parts.path, parts.query, body, order)
            elif parts.path.startswith("/api/3/action/"):
                status, content = self.ckan(parts.path.removeprefix("/api/3/action/"), body)
            else:
                status, content = self.sign_in(parts.path, parts.query, body)
        except Failed as failure:
            status = failure.status
            content = failed(failure.status, failure.words)
        if order == "drop-after":
            self.close_connection = True
        elif order == "500-after":
            self.broken()
        else:
            self.send(status, content)
        if status == 500:
            self.close_connection = True

    def before(self, order: str) -> bool:
        """Does what was ordered instead of an answer; gives whether there was anything."""
        match order:
            case "drop":
                self.close_connection = True
            case "slow":
                self.server.let_go.wait()
                self.close_connection = True
            case "500":
                self.broken()
            case "html":
                self.send(200, b"<!DOCTYPE html><html><body>Please log in</body></html>", kind="text/html")
            case "maintenance":
                self.send(503, b"<html><body>Maintenance</body></html>", kind="text/html")
            case "redirect":
                self.send(302, b"", headers={"Location": "https://elsewhere.example.org/api"})
            case "busy":
                self.send(429, b"Too Many Requests", kind="text/plain", headers={"Retry-After": "0"})
            case "null":
                self.send(200, {"status": "success", "data": None, "error": None})
            case "half":
                self.send(200, b'{"status": "success", "data": [', headers={"Content-Length": "5000"})
                self.close_connection = True
            case _:
                return self.refused(order)
        return True

    def refused(self, order: str) -> bool:
        """The same for answers that are whole and say no."""
        match order:
            case "later":
                self.send(429, {}, headers={"Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT"})
            case "gateway":
                self.send(502, b"", kind="text/plain")
            case "text":
                self.send(400, b'"Bad request - JSON Error"')
            case "failed":
                self.send(200, failed(400, "Data validation error: Field 'url': not valid") | {"success": False})
            case "claim":
                self.send(400, failed(400, "The token lacks the claim azp."))
            case "echo":
                said = f"no good: {self.headers.get('Authorization')}"
                self.send(403, failed(403, said) | {"success": False, "error": {"message": said, "error_msg": said}})
            case "409":
                self.send(409, failed(409, "there is already a dataset"))
            case _:
                return False
        return True

    def broken(self) -> None:
        """500, and the connection is closed without saying so."""
        self.send(500, failed(500, "Internal error"))
        self.close_connection = True

    def send(
        self, status: int, content: Json | bytes, *, kind: str = "application/json", headers: dict[str, str] = EMPTY
    ) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def file(self, path: str) -> None:
        found = self.server.files.get(path.removeprefix("/files/"), File(b"not found", status=404))
        self.server.let_go.wait(found.pause)
        head = self.command == "HEAD"
        headers = found.headers if not head or found.head_headers is None else found.head_headers
        self.send_response(found.head_status if head and found.head_status is not None else found.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if not head:
            self.wfile.write(found.body)

    # sign-in, and the downloader's index

    def sign_in(self, path: str, query: str, body: bytes) -> tuple[int, Json]:
        server = self.server
        match path:
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": server.url,
                    "token_endpoint": f"{server.url}/token",
                    "authorization_endpoint": f"{server.url}/authorize",
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }
            case "/authorize":
                asked = {name: values[0] for name, values in parse_qs(query).items()}
                assert asked["code_challenge_method"] == "S256"
                assert "offline_access" in asked["scope"].split()
                code = secrets.token_urlsafe(8)
                server.codes[code] = asked
                return 200, {"goes_to": f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"}
            case "/token":
                return self.token({name: values[0] for name, values in parse_qs(body.decode()).items()})
            case "/index/datasets-full.json":
                return 200, {"datasets": list(server.index.values())}
            case _:
                return 404, {"detail": "Not Found"}

    def token(self, form: Mapping[str, str]) -> tuple[int, Json]:
        server = self.server
        name, _, secret = (
            base64.b64decode(self.headers.get("Authorization", "Basic ").split()[-1]).decode().partition(":")
        )
        if (name, secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        refresh = ""
        match form["grant_type"]:
            case "client_credentials":
                pass
            case "refresh_token":
                if form["refresh_token"] not in server.refresh_tokens:
                    return 400, {"error": "invalid_grant"}
                server.refresh_tokens.discard(form["refresh_token"])
                refresh = secrets.token_urlsafe(16)
            case "authorization_code":
                asked = server.codes.pop(form["code"], None)
                digest = hashlib.sha256(form["code_verifier"].encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                if (
                    asked is None
                    or challenge != asked["code_challenge"]
                    or form["redirect_uri"] != asked["redirect_uri"]
                ):
                    return 400, {"error": "invalid_grant"}
                refresh = secrets.token_urlsafe(16)
            case _:
                return 400, {"error": "unsupported_grant_type"}
        access = secrets.token_urlsafe(24)
        server.tokens[access] = time.monotonic() + server.token_lasts
        given: Json = {"access_token": access, "token_type": "Bearer", "expires_in": int(server.token_lasts)}
        if refresh:
            server.refresh_tokens.add(refresh)
            given["refresh_token"] = refresh
        return 200, {**given, "scope": server.scopes}

    # Register Your Data

    def allow(self, *scopes: str) -> None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        ends = self.server.tokens.get(token)
        if kind != "Bearer" or ends is None or ends < time.monotonic():
            raise Failed(401, "There is a problem with your credentials.")
        if missing := [scope for scope in ("ryd", *scopes) if scope not in self.server.scopes.split()]:
            raise Failed(403, f"missing scope {missing}")
        if self.command != "GET" and not self.server.registered:
            raise Failed(400, "The client application is not known.")

    def register_your_data(self, path: str, query: str, body: bytes, order: str) -> tuple[int, Json]:
        server, steps = self.server, path.removeprefix("/api/v1/").split("/")
        if order == "expired":
            server.tokens.clear()
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        organisation = str(server.organisation["id"])
        match self.command, steps:
            case "GET", ["reporting-orgs"]:
                self.allow("ryd:reporting_org")
                return self.page([server.organisation], asked, order)
            case "GET", ["reporting-orgs", key, "datasets"]:
                self.allow("ryd:dataset")
                if key != organisation:
                    raise Failed(404, "There is no organisation with that ID in the Registry.")
                mine = [one for one in server.datasets.values() if one["owner_organisation_id"] == key]
                return self.page(mine, asked, order)
            case "POST", ["datasets"]:
                self.allow("ryd:dataset")
                return 201, self.create(self.fields(body, (*REQUIRED, "owner_organisation_id", "visibility")))
            case "GET" | "PATCH" | "DELETE", ["datasets", key]:
                return 200, self.one(key, body)
            case _:
                raise Failed(404, "Not Found")

    def one(self, key: str, body: bytes) -> Json:
        server = self.server
        self.allow({"GET": "ryd:dataset", "PATCH": "ryd:dataset:update"}.get(self.command, "ryd:dataset:delete"))
        record = server.datasets.get(key)
        if record is None:
            raise Failed(404, f"There is no dataset with ID {key} in the Registry.")
        role = server.organisation["user_role"]
        if self.command == "DELETE":
            if role == "contributor":
                raise Failed(403, "There is a problem with your credentials.")
            del server.datasets[key]
            return {"status": "success", "data": None, "error": None}
        if self.command == "PATCH":
            fields = self.fields(body, REQUIRED)
            shown = fields.get("visibility", meta(record)["visibility"])
            if role == "contributor" and shown != meta(record)["visibility"]:
                raise Failed(403, "There is a problem with your credentials.")
            others = [one for one in server.of(fields["short_name"]) if one is not record]
            if others:
                raise Failed(409, f"already a dataset with short_name '{fields['short_name']}'")
            meta(record).update(fields)
        return {"status": "success", "data": record, "error": None}

    def create(self, fields: dict[str, str]) -> Json:
        server = self.server
        try:
            uuid.UUID(fields["owner_organisation_id"])
        except ValueError:
            raise Failed(500, "Internal error") from None
        if server.of(fields["short_name"]):
            raise Failed(409, f"there is already a dataset with short_name '{fields['short_name']}' in the Registry.")
        # it looks first and creates then: two at once make two
        server.before_creation()
        owner = fields.pop("owner_organisation_id")
        return {"status": "success", "data": server.add(owner=owner, **fields), "error": None}

    def fields(self, body: bytes, required: tuple[str, ...]) -> dict[str, str]:
        given = json.loads(body)
        for name in required:
            if not isinstance(given.get(name), str):
                raise Failed(400, f"Data validation error: Field '{name}': Field required")
        return {name: str(value) for name, value in given.items()}

    def page(self, items: list[Json], asked: Mapping[str, str], order: str) -> tuple[int, Json]:
        page, size = int(asked.get("page", "1")), int(asked.get("page_size", "100"))
        if not 1 <= size <= 500:
            raise Failed(400, "Data validation error: Field 'page_size': at most 500")
        total = len(items) + (3 if order == "count" else 0)
        pages = max(1, -(-total // size))
        link = f"http://plain.example.org{self.path}"
        return 200, {
            "status": "success",
            "error": None,
            "data": [one for one in items[(page - 1) * size : page * size] if one["id"] not in self.server.unseen],
            "pagination": {
                "page": page,
                "page_size": size,
                "total_pages": pages,
                "total_records": total,
                "links": {"first": link, "last": link, "next": link if page < pages else None, "prev": None},
            },
        }

    # classic CKAN

    def ckan(self, action: str, body: bytes) -> tuple[int, Json]:
        given = json.loads(body)
        if self.headers.get("Authorization") != KEY:
            return self.ckan_error(403, {"__type": "Authorization Error", "message": "Access denied"})
        facts, server = meta(self.server.organisation), self.server
        owner = {"id": server.organisation["id"], "name": facts["short_name"], "title": facts["human_readable_name"]}
        match action:
            case "organization_list_for_user":
                return self.result([{**owner, "capacity": server.organisation["user_role"]}])
            case "organization_show":
                state = "active" if facts["registry_approved"] else "approval_needed"
                return self.result({**owner, "state": state, "publisher_iati_id": facts["organisation_identifier"]})
            case "package_search":
                live = [one for one in server.packages.values() if one["state"] == "active"]
                first = int(given.get("start", 0))
                return self.result({"count": len(live), "results": live[first : first + int(given["rows"])]})
            case "package_show" | "package_delete":
                wanted = given["id"]
                found = [one for one in server.packages.values() if wanted in (one["id"], one["name"])]
                if not found:
                    return self.ckan_error(404, {"__type": "Not Found Error", "message": "Not found"})
                if action == "package_delete":
                    found[0]["state"] = "deleted"
                    return self.result(None)
                return self.result(found[0])
            case "package_create" | "package_update":
                return self.package(given, facts["short_name"])
            case _:
                return self.ckan_error(400, {"message": "Action name not known"})

    def package(self, given: Json, organisation: object) -> tuple[int, Json]:
        name, resources = str(given.get("name", "")), given.get("resources")
        faults: dict[str, list[str]] = {}
        if not re.fullmatch(r"[a-z0-9_-]{2,100}", name) or not name.startswith(f"{organisation}-"):
            faults["name"] = [f"Must begin with {organisation}-"]
        if not isinstance(resources, list) or len(resources) != 1 or not resources[0].get("url"):
            faults["resources"] = ["Exactly one resource with a url"]
        if given.get("filetype") not in ("activity", "organisation"):
            faults["filetype"] = ["Missing value"]
        key = str(given.get("id") or "")
        if not key and any(one["name"] == name for one in self.server.packages.values()):
            faults["name"] = ["That URL is already in use."]
        if faults:
            return self.ckan_error(409, {"__type": "Validation Error", **faults})
        key = key or str(uuid.uuid4())
        # an update replaces the whole record
        self.server.packages[key] = {"private": False, "state": "active", **given, "id": key}
        return self.result(self.server.packages[key])

    def result(self, content: object) -> tuple[int, Json]:
        return 200, {"help": "", "success": True, "result": content}

    def ckan_error(self, status: int, error: Json) -> tuple[int, Json]:
        return status, {"help": "", "success": False, "error": error}
