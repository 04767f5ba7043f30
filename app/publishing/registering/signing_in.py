"""A person signs in to the registry with a browser, once; the program goes on with what came of it."""

from urllib.parse import parse_qs, urlsplit

import httpx

from app.config import Settings
from app.errors import Conflict, UsageError
from app.publishing.registering.network import Network
from app.publishing.registering.settings import SIGN_IN_FILE, KeptSignIn, client_of
from iati.registry.openid import Begun, begin, discover, finish
from iati.registry.wire import RegistryFault


def begin_sign_in(settings: Settings, redirect: str, *, beneath: httpx.BaseTransport | None = None) -> Begun:
    """The address at which a person signs in.

    :raises UsageError: when the settings ask for no such sign-in.
    :raises Conflict: when the provider has none.
    """
    if settings.registry_kind != "register-your-data" or settings.registry_sign_in != "person":
        raise UsageError(
            "A person signs in to Register Your Data only: set EARMARK_REGISTRY_KIND=register-your-data and "
            "EARMARK_REGISTRY_SIGN_IN=person."
        )
    if not settings.registry_issuer or not settings.registry_client_id:
        raise UsageError("EARMARK_REGISTRY_ISSUER and EARMARK_REGISTRY_CLIENT_ID are not set.")
    with Network(allow_private=settings.registry_allow_private, beneath=beneath) as network:
        try:
            client = client_of(settings)
            return begin(discover(network, client.issuer), client, redirect)
        except RegistryFault as fault:
            raise Conflict(fault.words) from fault


def finish_sign_in(
    settings: Settings, begun: Begun, address: str, *, beneath: httpx.BaseTransport | None = None
) -> None:
    """Keeps what the sign-in gave. ``address``: where the browser ended.

    :raises Conflict: when nothing came of it.
    """
    answer = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    client = client_of(settings)
    with Network(allow_private=settings.registry_allow_private, beneath=beneath) as network:
        try:
            tokens = finish(network, discover(network, client.issuer), client, begun, answer)
        except RegistryFault as fault:
            raise Conflict(fault.words) from fault
    kept = KeptSignIn(settings.data_dir / SIGN_IN_FILE, client.issuer, client.client_id)
    with kept.alone():
        kept.keep(tokens.refresh)
