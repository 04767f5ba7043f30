"""Signing in: as a program, and as a person who goes on with a refresh token."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.publishing.registering.network import Network
from iati.registry.openid import Client, ClientCredentials, Refreshing, begin, discover, finish
from iati.registry.wire import RegistryFault, Request, Response, Secret
from tests.stand_ins import registry as played
from tests.stand_ins.registry import StandIn

REDIRECT = "http://127.0.0.1:9/signed-in"


class Answers:
    """A way out that gives what it is told, and keeps what was asked."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answers.pop(0)

    def drop_connections(self) -> None:
        """There are none."""


def discovered(**more: object) -> Response:
    import json

    content = {"token_endpoint": "https://id.example.org/token", **more}
    return Response(status=200, body=json.dumps(content).encode())


def test_token_is_kept_until_shortly_before_its_end_by_the_own_clock_alone(
    stand_in: StandIn, network: Network, client: Client, clock: list[float]
) -> None:
    sign_in = ClientCredentials(network, client, lambda: clock[0])
    first = sign_in.token().reveal()
    clock[0] = 3500.0
    assert sign_in.token().reveal() == first
    clock[0] = 3541.0
    assert sign_in.token().reveal() != first


def test_scopes_that_were_not_given_are_known(stand_in: StandIn, network: Network, client: Client) -> None:
    stand_in.scopes = "ryd ryd:reporting_org ryd:dataset"
    sign_in = ClientCredentials(network, client, lambda: 0.0)
    sign_in.token()
    assert sign_in.missing_scopes == ("ryd:dataset:update", "ryd:dataset:delete")


def test_person_signs_in_with_a_browser_and_the_refresh_token_goes_on(
    stand_in: StandIn, network: Network, client: Client, clock: list[float]
) -> None:
    provider = discover(network, client.issuer)
    begun = begin(provider, client, REDIRECT)
    assert "audience" not in parse_qs(urlsplit(begun.address).query)
    back = httpx.get(begun.address, timeout=None).json()["goes_to"]
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    kept = [finish(network, provider, client, begun, answer).refresh]
    sign_in = Refreshing(network, client, lambda: clock[0], read=lambda: kept[-1], keep=kept.append)
    first = sign_in.token().reveal()
    clock[0] = 4000.0
    assert sign_in.token().reveal() != first
    # the provider takes each refresh token once
    assert len({secret.reveal() for secret in kept}) == 3
    stand_in.refresh_tokens.clear()
    sign_in.forget()
    with pytest.raises(RegistryFault, match="does not accept the sign-in any more: sign in again"):
        sign_in.token()
    with pytest.raises(RegistryFault, match="belongs to another sign-in"):
        finish(network, provider, client, begun, {**answer, "state": "other"})
    with pytest.raises(RegistryFault, match=r"not completed \(access_denied\)"):
        finish(network, provider, client, begun, {"error": "access_denied"})


def test_audience_and_secret_go_where_the_provider_wants_them() -> None:
    given = Response(status=200, body=b'{"access_token": "t", "expires_in": 60}')
    way = Answers(discovered(token_endpoint_auth_methods_supported=["client_secret_post"]), given)
    client = Client(issuer="https://id.example.org", client_id="me", secret=Secret("hidden"), audience="ryd-api")
    assert ClientCredentials(way, client, lambda: 0.0).token().reveal() == "t"
    form = parse_qs(way.asked[1].body.decode())
    assert (form["audience"], form["client_secret"]) == (["ryd-api"], ["hidden"])
    assert "Authorization" not in way.asked[1].headers


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response(status=401, body=b'{"error": "invalid_client"}'), "does not know this client or its secret"),
        (Response(status=400, body=b'{"error": "invalid_scope"}'), "does not let this client have the scopes"),
        (Response(status=400, body=b'{"error": "unauthorized_client"}'), "ask the IATI Secretariat"),
        (Response(status=200, body=b"{}"), "gave no token"),
        (Response(status=502, body=b"{}"), "is out of order"),
        (Response(status=200, body=b"<html>"), "answered with a web page"),
    ],
)
def test_refusals_are_told_in_words(answer: Response, words: str) -> None:
    client = Client(issuer="https://id.example.org", client_id="me", secret=Secret("hidden"))
    with pytest.raises(RegistryFault, match=words) as told:
        ClientCredentials(Answers(discovered(), answer), client, lambda: 0.0).token()
    assert told.value.everything
    assert "hidden" not in told.value.words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response(status=404, body=b"{}"), "has no discovery document"),
        (Response(status=200, body=b"{}"), "names no place to get tokens from"),
        (discovered(token_endpoint="http://id.example.org/token"), "without encryption: it is not"),
    ],
)
def test_provider_that_is_none_is_told(answer: Response, words: str) -> None:
    with pytest.raises(RegistryFault, match=words):
        discover(Answers(answer), "https://id.example.org")


def test_wrong_secret_and_nobody_signed_in(stand_in: StandIn, network: Network) -> None:
    wrong = Client(issuer=stand_in.url, client_id=played.CLIENT, secret=Secret("wrong"))
    with pytest.raises(RegistryFault, match="look at the client id and the secret"):
        ClientCredentials(network, wrong, lambda: 0.0).token()
    nobody = Refreshing(network, wrong, lambda: 0.0, read=lambda: Secret(""), keep=lambda _: None)
    with pytest.raises(RegistryFault, match="Nobody has signed in"):
        nobody.token()
