"""Sign-in through an OpenID provider: authorization code with PKCE, and every check of what comes back.

The provider is believed only as far as it proves what it says: the answer belongs to a sign-in that began in this
browser (state, nonce and verifier in a short-lived cookie), its token is signed with a key of the issuer that was
configured, is for this client and for now. All requests go through the outbound guard, without redirects.
"""

import base64
import binascii
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc import jwk, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from pydantic import BaseModel, ConfigDict, ValidationError

from app.config import Settings
from app.http import outbound

#: signatures that are believed: with keys that only the provider has
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 60
#: how long a sign-in may take from its beginning
BEGUN_FOR = 600
_FRESH = 3600.0
#: bytes of an answer
_LARGEST = 1_000_000
_LONGEST_SUBJECT = 255

Claims = Mapping[str, object]


class Unreachable(Exception):
    """The provider cannot be reached, or does not answer as one does. The words are for the log."""


class Untrue(Exception):
    """What came back is not proven to come from the provider for this sign-in. The words are for the log."""


class _Document(BaseModel):
    """What a discovery document says, as far as it is used."""

    model_config = ConfigDict(frozen=True, strict=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False


class Begun(BaseModel):
    """A sign-in that has begun, as the cookie of the browser holds it."""

    model_config = ConfigDict(frozen=True, strict=True)

    state: str
    nonce: str
    verifier: str
    #: path of ours to go to afterwards
    to: str
    #: seconds of the clock at which it began
    at: float

    def packed(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")


def begun_of(cookie: str | None, state: str | None) -> Begun | None:
    """The sign-in that this browser began and this answer belongs to; None when there is none."""
    if not cookie or not state:
        return None
    try:
        begun = Begun.model_validate_json(base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
    except (ValidationError, binascii.Error, ValueError):
        return None
    same = secrets.compare_digest(begun.state.encode(), state.encode("utf-8", "replace"))
    return begun if same and 0 <= time.time() - begun.at <= BEGUN_FOR else None


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    claims: Claims
    #: what the provider wants to see when the person signs out
    id_token: str = field(repr=False)


class Provider:
    """The provider of this office, with what is known of it. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer
        self._lock = threading.Lock()
        self._document: _Document | None = None
        self._read_at = 0.0
        self._keys: jwk.KeySet | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.oidc_name

    def begin(self, to: str, back: str) -> tuple[Begun, str]:
        """A new sign-in, and the address at the provider that it goes on at. ``back`` is our address for its answer.

        :raises Unreachable: when the provider does not tell where.
        """
        document = self._discovered()
        begun = Begun(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            to=to,
            at=time.time(),
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back,
            "scope": self._settings.oidc_scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return begun, _with_query(document.authorization_endpoint, query)

    def check_sender(self, issuer: str | None) -> None:
        """Refuses an answer that another provider sent (RFC 9207).

        :raises Untrue: when ``iss`` of the answer is another one, or is left out by a provider that sends it.
        """
        document = self._discovered()
        if issuer is None and not document.authorization_response_iss_parameter_supported:
            return
        if issuer != document.issuer:
            raise Untrue("the answer names another issuer")

    def finish(self, begun: Begun, code: str, back: str) -> Person:
        """The person whom the provider signed in.

        :raises Unreachable: when the provider does not answer.
        :raises Untrue: when what it answers does not hold.
        """
        document = self._discovered()
        token, access = self._exchange(document, begun, code, back)
        claims = self._checked(token, begun.nonce)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not (0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable()):
            raise Untrue("the token names nobody")
        if document.userinfo_endpoint and access:
            more = self._fetch("GET", document.userinfo_endpoint, headers={"Authorization": f"Bearer {access}"})
            if more.get("sub") != subject:
                raise Untrue("userinfo is about somebody else")
            # what is signed goes before what is not
            claims = {**more, **claims}
        return Person(subject=subject, claims=claims, id_token=token)

    def farewell(self, id_token: str, back: str) -> str | None:
        """The address at which the person signs out at the provider too; None when there is none, or no answer."""
        try:
            document = self._discovered()
        except Unreachable:
            return None
        if document.end_session_endpoint is None:
            return None
        query = {
            "id_token_hint": id_token,
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": back,
        }
        return _with_query(document.end_session_endpoint, query)

    def _discovered(self) -> _Document:
        with self._lock:
            if self._document is not None and time.monotonic() - self._read_at < _FRESH:
                return self._document
        content = self._fetch("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            document = _Document.model_validate(content)
        except ValidationError as error:
            raise Unreachable(f"its discovery document lacks {error.errors()[0]['loc']}") from error
        if document.issuer != self._issuer:
            raise Unreachable(f"its discovery document names another issuer: {document.issuer[:200]!r}")
        for name in (
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "end_session_endpoint",
        ):
            address = getattr(document, name)
            if address is not None and not self._may_ask(address):
                raise Unreachable(f"{name} of its discovery document is no https address")
        with self._lock:
            self._document, self._read_at, self._keys = document, time.monotonic(), None
        return document

    def _may_ask(self, address: str) -> bool:
        """Whether nothing is sent in the open: http is for providers of the inner network only."""
        scheme = urlsplit(address).scheme
        return scheme == "https" or (scheme == "http" and self._settings.oidc_allow_private)

    def _exchange(self, document: _Document, begun: Begun, code: str, back: str) -> tuple[str, str]:
        """The ID token and the access token (perhaps empty) for a code."""
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": begun.verifier,
        }
        headers = {}
        secret = settings.oidc_client_secret.get_secret_value()
        if settings.oidc_client_auth == "basic":
            both = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
        else:
            form |= {"client_id": settings.oidc_client_id, "client_secret": secret}
        content = self._fetch("POST", document.token_endpoint, headers=headers, form=form)
        token, access = content.get("id_token"), content.get("access_token")
        if not isinstance(token, str):
            raise Untrue("no ID token came")
        return token, access if isinstance(access, str) else ""

    def _checked(self, token: str, nonce: str) -> Claims:
        """The claims of an ID token that holds."""
        try:
            claims = self._decoded(token)
            rules = jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._settings.oidc_client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Untrue(f"the ID token does not hold: {type(error).__name__} {error}") from error
        audience = claims.get("aud")
        party = claims.get("azp")
        if (isinstance(audience, list) and len(audience) > 1 and party is None) or (
            party is not None and party != self._settings.oidc_client_id
        ):
            raise Untrue("the ID token is for another client")
        return claims

    def _decoded(self, token: str) -> dict[str, object]:
        """The claims of a token whose signature holds; keys are read again, once, for one that is not known."""
        keys = self._keys
        if keys is not None:
            try:
                return _signed(token, keys)
            except InvalidKeyIdError:
                pass
        keys = self._key_set()
        return _signed(token, keys)

    def _key_set(self) -> jwk.KeySet:
        content = self._fetch("GET", self._discovered().jwks_uri)
        found = content.get("keys")
        keys: list[jwk.Key] = []
        for each in found if isinstance(found, list) else []:
            if not isinstance(each, dict) or each.get("kty") not in ("RSA", "EC") or each.get("use", "sig") != "sig":
                continue
            try:
                keys.append(jwk.import_key(each))
            except (JoseError, ValueError, TypeError, KeyError):
                # others of the set may serve
                continue
        self._keys = jwk.KeySet(keys)
        return self._keys

    def _fetch(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        """The JSON object that an address answers with, in the time and the size that an answer may have."""
        settings = self._settings
        if not self._may_ask(address):
            raise Unreachable("its address has to begin with https://")
        until = time.monotonic() + settings.oidc_timeout
        body = bytearray()
        try:
            with (
                outbound.client(timeout=settings.oidc_timeout, allow_private=settings.oidc_allow_private) as client,
                client.stream(
                    method, address, headers={"Accept": "application/json", **(headers or {})}, data=form
                ) as answer,
            ):
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _LARGEST or time.monotonic() > until:
                        raise Unreachable(f"{method} {_where(address)}: the answer is too large or too slow")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise Unreachable(f"{method} {_where(address)}: {type(error).__name__} {error}") from error
        if 400 <= status < 500 and method == "POST":
            raise Untrue(f"{method} {_where(address)}: refused with {status}")
        if status != 200:
            raise Unreachable(f"{method} {_where(address)}: answered {status}")
        try:
            content: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{method} {_where(address)}: the answer is no JSON") from error
        if not isinstance(content, dict):
            raise Unreachable(f"{method} {_where(address)}: the answer is no object")
        return content


def _signed(token: str, keys: jwk.KeySet) -> dict[str, object]:
    def key_of(told: jwk.GuestProtocol) -> jwk.Key:
        headers = told.headers()
        kid, family = headers.get("kid"), "EC" if str(headers.get("alg")).startswith("ES") else "RSA"
        fitting = [each for each in keys.keys if each.key_type == family and kid in (None, each.kid)]
        if len(fitting) != 1:
            raise InvalidKeyIdError("no key, or not one alone, fits the token")
        return fitting[0]

    return dict(jwt.decode(token, key_of, algorithms=ALGORITHMS).claims)


def _where(address: str) -> str:
    """An address for the log, without its query."""
    return address.partition("?")[0][:200]


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return address + ("&" if "?" in address else "?") + urlencode(query)


@lru_cache(maxsize=8)
def provider_of(settings: Settings) -> Provider | None:
    """The provider that the settings name; None when they name none."""
    if "oidc" not in settings.sign_in.split(",") or not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    return Provider(settings)
