"""Which registry is meant, what its settings lack, and a client that speaks to it."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.config import Settings
from iati.registry.ckan import Ckan
from iati.registry.ensure import Registry
from iati.registry.openid import Client, ClientCredentials, Refreshing, SignIn
from iati.registry.register import RegisterYourData
from iati.registry.wire import Secret, Transport

#: what a person kept of a sign-in, in the data folder; readable by nobody else
SIGN_IN_FILE = "registry-sign-in.json"


def missing_settings(settings: Settings) -> list[str]:
    """What has to be set before anything can be registered, each as a sentence."""
    if not settings.registry_kind:
        return ["EARMARK_REGISTRY_KIND is not set: write register-your-data, or ckan for a registry of your own."]
    missing = []
    if not settings.registry_url.startswith(("https://", "http://")):
        missing.append("EARMARK_REGISTRY_URL is not set: the address of the registry's interface.")
    if settings.registry_kind == "ckan":
        if not settings.registry_key.get_secret_value():
            missing.append("EARMARK_REGISTRY_KEY is not set: the key of a user of the registry.")
        return missing
    if not settings.registry_issuer.startswith(("https://", "http://")):
        missing.append("EARMARK_REGISTRY_ISSUER is not set: the address of the provider of sign-ins.")
    if not settings.registry_client_id:
        missing.append(
            "EARMARK_REGISTRY_CLIENT_ID is not set: the IATI Secretariat gives it when it registers a client."
        )
    if settings.registry_sign_in == "client":
        if not settings.registry_client_secret.get_secret_value():
            missing.append("EARMARK_REGISTRY_CLIENT_SECRET is not set: it comes with the client id.")
    elif not (settings.data_dir / SIGN_IN_FILE).is_file():
        missing.append("Nobody has signed in to the registry yet: run earmark registry sign-in.")
    return missing


def client_of(settings: Settings) -> Client:
    """The client as the provider knows it."""
    return Client(
        issuer=settings.registry_issuer,
        client_id=settings.registry_client_id,
        secret=Secret(settings.registry_client_secret.get_secret_value()),
        scopes=tuple(settings.registry_scopes.split()),
        audience=settings.registry_audience,
    )


def registry_of(settings: Settings, transport: Transport, sign_in: SignIn | None = None) -> Registry:
    """A client for the registry of the settings, of which nothing is missing. ``sign_in``: one that is under way."""
    if settings.registry_kind == "ckan":
        key = Secret(settings.registry_key.get_secret_value())
        return Ckan(transport, settings.registry_url, key, timeout=settings.registry_timeout)
    signed = sign_in or sign_in_of(settings, transport)
    return RegisterYourData(transport, settings.registry_url, signed, timeout=settings.registry_timeout)


def sign_in_of(settings: Settings, transport: Transport) -> SignIn:
    """The way to sign in to Register Your Data."""
    client = client_of(settings)
    if settings.registry_sign_in == "client":
        return ClientCredentials(transport, client, time.monotonic)
    kept = KeptSignIn(settings.data_dir / SIGN_IN_FILE, client.issuer, client.client_id)
    return Refreshing(transport, client, time.monotonic, read=kept.read, keep=kept.keep, alone=kept.alone)


class KeptSignIn:
    """The refresh token of a person, in a file that only this user of the machine may read.

    It stands in no database and so in no backup: after a move somebody signs in again.
    """

    def __init__(self, path: Path, issuer: str, client_id: str) -> None:
        self._path = path
        self._of = {"issuer": issuer, "client": client_id}

    def read(self) -> Secret:
        """The token; empty when there is none of this client."""
        with suppress(OSError, ValueError):
            kept: object = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(kept, dict) and {**self._of, "token": kept.get("token")} == kept:
                return Secret(str(kept["token"]))
        return Secret("")

    def keep(self, token: Secret) -> None:
        """Keeps a token in the place of the one before."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:  # noqa: PTH123
            stream.write(json.dumps({**self._of, "token": token.reveal()}).encode())
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self._path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other processes of this machine from renewing at once: a provider may take each token only once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _lock(handle)
            yield
        finally:
            os.close(handle)


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # a system without such locks
        return
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX)
