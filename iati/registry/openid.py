"""Signing in to a registry through its OpenID provider.

Two ways: a program with a secret of its own (client credentials), and a person who signed in once with a browser,
whose refresh token goes on (authorization code with PKCE and ``offline_access``). How long a token lasts is counted
from the moment in which it came, by the caller's clock alone, so that clocks may differ.
"""

import base64
import hashlib
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

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
    number_of,
    text_of,
    unanswered,
)

#: what the calls of this library need
SCOPES = ("ryd", "ryd:reporting_org", "ryd:dataset", "ryd:dataset:update", "ryd:dataset:delete")
_WELL_KNOWN = "/.well-known/openid-configuration"
#: a token is renewed so many seconds before it ends
_EARLY = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A client as it is registered with the provider."""

    #: of the provider, or of its discovery document
    issuer: str
    client_id: str
    secret: Secret = field(default_factory=lambda: Secret(""))
    scopes: tuple[str, ...] = SCOPES
    #: empty: the provider asks for none
    audience: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """What a discovery document tells."""

    token_endpoint: str
    authorization_endpoint: str
    #: whether the secret goes into the body rather than into a header
    secret_in_body: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """What a provider gives."""

    access: Secret
    #: seconds; None: it does not tell
    lasts: float | None
    #: empty: none came
    refresh: Secret
    #: scopes that were given; empty: those that were asked for
    scopes: tuple[str, ...]


class SignIn(Protocol):
    """Gives tokens."""

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """Scopes that were asked for and not given, as far as the provider tells."""
        ...

    def token(self) -> Secret:
        """A token that has not ended.

        :raises RegistryFault: when the provider gives none.
        """
        ...

    def forget(self) -> None:
        """The token was refused: the next one is asked for anew."""
        ...


def discover(transport: Transport, issuer: str) -> Provider:
    """What the provider's discovery document says.

    :raises RegistryFault: when there is none.
    """
    address = issuer if issuer.endswith(_WELL_KNOWN) else issuer.rstrip("/") + _WELL_KNOWN
    who = f"The sign-in service {host_of(address)}"
    request = Request(
        method="GET",
        url=address,
        headers={"Accept": "application/json"},
        repeatable=True,
        purpose="sign-in: discovery",
    )
    response = _send(transport, request, who)
    if response.status == 404:
        raise RegistryFault(f"{who} has no discovery document at {address}: look at its address.", everything=True)
    content = document(heeded(response, who), who)
    token = text_of(content, "token_endpoint")
    if response.status != 200 or urlsplit(token).scheme not in ("https", "http"):
        raise RegistryFault(f"{who} names no place to get tokens from (status {response.status}).", everything=True)
    if urlsplit(address).scheme == "https" and urlsplit(token).scheme != "https":
        raise RegistryFault(f"{who} wants the secret to be sent without encryption: it is not.", everything=True)
    methods = content.get("token_endpoint_auth_methods_supported")
    offered = methods if isinstance(methods, list) else []
    return Provider(
        token_endpoint=token,
        authorization_endpoint=text_of(content, "authorization_endpoint"),
        secret_in_body="client_secret_post" in offered and "client_secret_basic" not in offered,
    )


def ask(transport: Transport, provider: Provider, client: Client, grant: Mapping[str, str]) -> Tokens:
    """Asks for tokens.

    :raises RegistryFault: when the provider gives none.
    """
    who = f"The sign-in service {host_of(provider.token_endpoint)}"
    form = dict(grant)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if client.secret and not provider.secret_in_body:
        both = f"{quote_plus(client.client_id)}:{quote_plus(client.secret.reveal())}"
        headers["Authorization"] = "Basic " + base64.b64encode(both.encode()).decode()
    else:
        form["client_id"] = client.client_id
        if client.secret:
            form["client_secret"] = client.secret.reveal()
    request = Request(
        method="POST",
        url=provider.token_endpoint,
        headers=headers,
        body=urlencode(form).encode(),
        # a code or a refresh token may be used once only
        repeatable=grant.get("grant_type") == "client_credentials",
        purpose=f"sign-in: {grant.get('grant_type', '')}",
    )
    response = _send(transport, request, who)
    content = document(heeded(response, who), who)
    access = text_of(content, "access_token")
    if response.status != 200 or not access:
        raise _refused(who, response.status, content, grant.get("grant_type", ""))
    lasts = number_of(content, "expires_in")
    return Tokens(
        access=Secret(access),
        lasts=None if lasts is None else float(lasts),
        refresh=Secret(text_of(content, "refresh_token")),
        scopes=tuple(text_of(content, "scope").split()),
    )


def _refused(who: str, status: int, content: Mapping[str, object], grant: str) -> RegistryFault:
    error = text_of(content, "error")
    if status >= 500:
        return RegistryFault(f"{who} is out of order (status {status}): try again later.", everything=True)
    words = {
        "invalid_client": "does not know this client or its secret: look at the client id and the secret",
        "unauthorized_client": "does not let this client sign in in this way: ask the IATI Secretariat",
        "invalid_scope": "does not let this client have the scopes it asks for: ask the IATI Secretariat",
        "invalid_grant": "does not accept the sign-in any more: sign in again"
        if grant == "refresh_token"
        else "does not accept this sign-in",
        "invalid_request": "does not accept the request: it may want an audience",
    }.get(error, f"gave no token (status {status}{f', {error}' if error else ''})")
    return RegistryFault(f"{who} {words}.", everything=True)


def _send(transport: Transport, request: Request, who: str) -> Response:
    try:
        return transport.send(request)
    except Unanswered as error:
        raise RegistryFault(unanswered(who, error).words, everything=True) from error


class _Held(ABC):
    """A token in hand, and when it ends."""

    def __init__(self, transport: Transport, client: Client, now: Callable[[], float]) -> None:
        self._transport = transport
        self._client = client
        self._now = now
        self._provider: Provider | None = None
        self._tokens: Tokens | None = None
        self._ends: float | None = None
        self._missing_scopes: tuple[str, ...] = ()

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        return self._missing_scopes

    def token(self) -> Secret:
        if self._tokens is None or (self._ends is not None and self._now() >= self._ends):
            if self._provider is None:
                self._provider = discover(self._transport, self._client.issuer)
            self._tokens = self._ask(self._provider)
            lasts = self._tokens.lasts
            self._ends = None if lasts is None else self._now() + max(lasts - _EARLY, lasts / 2)
            given = self._tokens.scopes
            self._missing_scopes = tuple(each for each in self._client.scopes if given and each not in given)
        return self._tokens.access

    def forget(self) -> None:
        self._tokens = None

    @abstractmethod
    def _ask(self, provider: Provider) -> Tokens:
        """New tokens of the provider."""

    def _wanted(self) -> dict[str, str]:
        wanted = {"scope": " ".join(self._client.scopes)} if self._client.scopes else {}
        return wanted | ({"audience": self._client.audience} if self._client.audience else {})


class ClientCredentials(_Held):
    """Signs a program in."""

    def _ask(self, provider: Provider) -> Tokens:
        grant = {"grant_type": "client_credentials", **self._wanted()}
        return ask(self._transport, provider, self._client, grant)


class Refreshing(_Held):
    """Goes on with the sign-in of a person.

    ``read`` gives the refresh token that was kept last; ``keep`` is given the one that takes its place, before the new
    access token is used: a provider that changes it accepts the old one no more. ``alone`` keeps others from doing the
    same at once.
    """

    def __init__(
        self,
        transport: Transport,
        client: Client,
        now: Callable[[], float],
        *,
        read: Callable[[], Secret],
        keep: Callable[[Secret], None],
        alone: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        super().__init__(transport, client, now)
        self._read = read
        self._keep = keep
        self._alone = alone

    def _ask(self, provider: Provider) -> Tokens:
        with self._alone():
            return self._renewed(provider)

    def _renewed(self, provider: Provider) -> Tokens:
        before = self._read()
        if not before:
            raise RegistryFault("Nobody has signed in to the registry yet: sign in first.", everything=True)
        grant = {"grant_type": "refresh_token", "refresh_token": before.reveal()}
        tokens = ask(self._transport, provider, self._client, grant)
        if tokens.refresh and tokens.refresh.reveal() != before.reveal():
            self._keep(tokens.refresh)
        return tokens


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A sign-in with a browser that has begun."""

    #: where the person goes
    address: str
    #: proves that the answer belongs to it
    state: str
    verifier: Secret
    redirect: str


def begin(provider: Provider, client: Client, redirect: str) -> Begun:
    """The address at which a person signs in; the provider sends the browser back to ``redirect`` with a code."""
    if not provider.authorization_endpoint:
        raise RegistryFault(
            "The sign-in service has no page to sign in at: use a secret of the client.", everything=True
        )
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect,
        "scope": " ".join(("openid", "offline_access", *client.scopes)),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if client.audience:
        query["audience"] = client.audience
    joint = "&" if "?" in provider.authorization_endpoint else "?"
    address = f"{provider.authorization_endpoint}{joint}{urlencode(query)}"
    return Begun(address=address, state=state, verifier=Secret(verifier), redirect=redirect)


def finish(transport: Transport, provider: Provider, client: Client, begun: Begun, answer: Mapping[str, str]) -> Tokens:
    """Changes the code that came back for tokens.

    ``answer`` is the query of the address that the browser was sent back to.

    :raises RegistryFault: when the person was refused, the answer belongs to another sign-in, or no token that goes on
        came.
    """
    if answer.get("error"):
        raise RegistryFault(f"The sign-in was not completed ({answer['error']}).", everything=True)
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()) or not answer.get("code"):
        raise RegistryFault("This answer belongs to another sign-in: begin again.", everything=True)
    grant = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": begun.redirect,
        "code_verifier": begun.verifier.reveal(),
    }
    tokens = ask(transport, provider, client, grant)
    if not tokens.refresh:
        raise RegistryFault(
            "The sign-in service gave no token that goes on (refresh token): the client must be allowed "
            "offline_access. Ask the IATI Secretariat.",
            everything=True,
        )
    return tokens
