"""People sign in through their office's provider; whatever it answers wrongly lets nobody in and says what to do."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.config import Settings
from app.db.organisation import Officer
from app.db.pages import WebSession
from app.db.people import AuditEvent, User
from app.domain.terms import Role
from app.errors import UsageError
from app.web import limits
from app.web.signin import mapping, oidc
from tests.api import Api, TestClient
from tests.stand_ins.openid import CLIENT, SECRET, Provider
from tests.web.people import FROM_HERE, stranger, user

RULES = """
roles:
  admin: [earmark-admin]
  publisher: [iati-publishing]
  evaluator: [EVAL-*]
  officer: [earmark-officers]
units: {unit-HQ: HEAD, "unit-(.+)": "\\\\1"}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    """The provider as it behaves when nothing is ordered; what was read of it before is forgotten."""
    oidc.provider_of.cache_clear()
    limits.forget()
    running.order = ""
    running.claims = {"sub": "s-1", "preferred_username": "anna", "roles": ["earmark-officers"], "unit": "unit-ROAF"}
    running.seen.clear()
    return running


def opened(api: Api, provider: Provider, tmp_path: Path, **more: object) -> Api:
    """The application with the provider in its settings."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    chosen: Settings = api.settings.model_copy(
        update={
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_unit_claim": "unit",
            "oidc_mapping": rules,
            "oidc_allow_private": True,
            "oidc_timeout": 60,
            **more,
        }
    )
    api.app.state.settings = chosen
    return api


def answer(browser: TestClient, *, to: str = "/projects") -> str:
    """Begins at our page, is led to the provider, and gives the path with which it leads back."""
    begun = browser.get("/sign-in/provider", params={"to": to})
    assert begun.status_code == 303, begun.text
    sent = httpx.get(begun.headers["location"], trust_env=False, timeout=None)
    assert sent.status_code == 307, sent.text
    back = urlsplit(sent.headers["location"])
    return f"{back.path}?{back.query}"


def test_the_account_signs_in_and_its_role_and_unit_are_those_that_the_provider_tells(
    api: Api, provider: Provider, tmp_path: Path
) -> None:
    opened(api, provider, tmp_path)
    unit = api.unit("ROAF")
    browser = stranger(api)
    page = browser.get("/sign-in?to=/projects").text
    assert "Sign in with your organisation" in page
    assert 'href="/sign-in/provider?to=/projects"' in page
    back = answer(browser, to="/projects?stage=active")
    arrived = browser.get(back)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/projects?stage=active")
    assert browser.get("/projects").status_code == 200
    # the answer is good once: the cookie of its beginning is gone
    assert browser.get(back).status_code == 403

    provider.claims["roles"] = ["EVAL-2026"]
    # keys that changed meanwhile are read anew
    provider.new_key()
    assert browser.get(answer(browser, to="//evil.example.org")).headers["location"] == "/"
    with api.database.read() as session:
        person = session.scalars(select(User).where(User.name == "anna")).one()
        assert (person.role, person.unit_id) == (Role.EVALUATOR, None)
        assert (person.openid_issuer, person.openid_subject) == (provider.issuer, "s-1")
        trail = session.scalars(select(AuditEvent).where(AuditEvent.entity == "users").order_by("id")).all()
    assert {event.actor for event in trail} == {"by provider"}
    assert [event.after["role"] for event in trail if event.after and "role" in event.after] == ["officer", "evaluator"]
    assert (trail[0].after or {})["unit_id"] == unit
    assert provider.seen.count("/.well-known/openid-configuration") == 1
    assert provider.seen.count("/keys") == 2

    out = browser.post("/sign-out", headers=FROM_HERE)
    assert provider.issuer + "/logout?id_token_hint=" in out.text
    assert browser.get("/projects").status_code == 303


HOSTILE = {
    "wrong-issuer": "could not be proven",
    "wrong-audience": "could not be proven",
    "two-audiences": "could not be proven",
    "wrong-nonce": "could not be proven",
    "wrong-key": "could not be proven",
    "unknown-key": "could not be proven",
    "none": "could not be proven",
    "shared-secret": "could not be proven",
    "no-token": "could not be proven",
    "expired": "could not be proven",
    "from-the-future": "could not be proven",
    "no-end": "could not be proven",
    "other-subject": "could not be proven",
    "no-iss": "could not be proven",
    "other-iss": "could not be proven",
    "denied": "was broken off",
    "slow": "cannot be reached",
    "redirect": "cannot be reached",
}


def test_each_hostile_answer_is_a_page_that_says_what_to_do_and_signs_nobody_in(
    light_api: Api, provider: Provider, tmp_path: Path
) -> None:
    opened(light_api, provider, tmp_path)
    light_api.unit("ROAF")
    browser = stranger(light_api)
    for order, words in HOSTILE.items():
        limits.forget()
        provider.order = order
        if order == "slow":
            opened(light_api, provider, tmp_path, oidc_timeout=0.5)
        page = browser.get(answer(browser))
        assert page.status_code in (403, 503), order
        assert words in page.text, order
        assert "To the sign-in page" in page.text
        assert "Traceback" not in page.text
        assert "earmark=" not in page.headers.get("set-cookie", ""), order
    assert "/elsewhere" not in provider.seen
    with light_api.database.read() as session:
        assert session.scalars(select(WebSession)).all() == []
        assert session.scalars(select(User)).all() == []


def test_an_answer_that_was_not_begun_here_or_changed_on_its_way_signs_nobody_in(
    light_api: Api, provider: Provider, tmp_path: Path
) -> None:
    opened(light_api, provider, tmp_path)
    browser, other = stranger(light_api), stranger(light_api, "fr")
    back = answer(browser)
    # another browser is given the address: a person would be signed in as somebody else
    told = other.get(back)
    assert told.status_code == 403
    assert "n’a pas été commencée dans ce navigateur" in told.text
    assert other.get("/sign-in/provider/back").status_code == 403
    other.cookies.set("earmark-sign-in", "not what we wrote")
    assert other.get(back).status_code == 403
    # a verifier of another sign-in does not fit the code
    query = parse_qs(urlsplit(back).query)
    answer(browser)
    begun = browser.cookies["earmark-sign-in"]
    mine = oidc.Begun.model_validate_json(oidc.base64.urlsafe_b64decode(begun + "=" * (-len(begun) % 4)))
    mixed = browser.get(
        "/sign-in/provider/back", params={"code": query["code"][0], "state": mine.state, "iss": provider.issuer}
    )
    assert "could not be proven" in mixed.text
    assert browser.get("/projects").status_code == 303


def test_who_is_known_and_may_not_come_in_reads_why_and_can_sign_out(
    light_api: Api, provider: Provider, tmp_path: Path
) -> None:
    opened(light_api, provider, tmp_path)
    light_api.unit("ROAF")
    browser = stranger(light_api)

    def told(**claims: object) -> str:
        limits.forget()
        provider.claims |= claims
        page = browser.get(answer(browser))
        assert page.status_code == 403, page.text
        assert provider.issuer + "/logout?" in page.text
        return page.text

    page = told(roles=["<b>cooks</b>"])
    assert "no role in Earmark belongs to it" in page
    assert "&lt;b&gt;cooks&lt;/b&gt;" in page
    assert "no unit belongs to your account" in told(roles=["earmark-officers"], unit="nothing")
    assert "not in use here" in told(unit="unit-NONE")
    assert browser.get("/projects").status_code == 303
    provider.claims |= {"unit": "unit-ROAF"}
    assert browser.get(answer(browser)).status_code == 303
    with light_api.database.write("tests") as session:
        person = session.scalars(select(User)).one()
        person.archived_at = person.created_at
    assert "You may no longer use Earmark." in told()


def test_a_user_made_by_hand_is_taken_over_only_by_a_verified_address_and_only_if_the_office_says_so(
    light_api: Api, provider: Provider, tmp_path: Path
) -> None:
    opened(light_api, provider, tmp_path)
    unit = light_api.unit("ROAF")
    user(light_api, Role.VIEWER, name="anna")
    with light_api.database.write("tests") as session:
        officer = Officer(code="aa", name="Anna", email="Anna@example.org", unit_id=unit)
        session.add(officer)
        session.flush()
        session.scalars(select(User)).one().officer_id = officer.id
    provider.claims |= {"email": "anna@example.org", "email_verified": True, "sub": "s-7"}
    assert stranger_in(light_api) == "anna@example.org"
    opened(light_api, provider, tmp_path, oidc_adopt_by_email=True)
    provider.claims |= {"sub": "s-9", "email_verified": True}
    assert stranger_in(light_api) == "anna"


def test_without_a_mail_address_people_are_new_and_whose_name_is_taken_reads_which_claim_would_tell(
    light_api: Api, provider: Provider, tmp_path: Path
) -> None:
    light_api.unit("ROAF")
    user(light_api, Role.VIEWER, name="anna")
    del provider.claims["preferred_username"]
    # nobody is adopted here: what is told first and is free is the name
    opened(light_api, provider, tmp_path)
    for subject, email, expected in (("s-4", "", "s-4"), ("s-5", "anna@example.org", "anna@example.org")):
        provider.claims |= {"sub": subject, "email": email}
        assert stranger_in(light_api) == expected
    opened(light_api, provider, tmp_path, oidc_adopt_by_email=True)
    provider.claims |= {"sub": "s-6", "preferred_username": "new"}
    assert stranger_in(light_api) == "new"
    provider.claims |= {"sub": "s-8", "preferred_username": "anna"}
    for email, verified, told in (
        (None, None, ("is not there", "is not there")),
        (["anna@example.org"], True, ("is not there", "true")),
        ("anna@example.org", "true", ("anna@example.org", "&#34;true&#34;")),
        ("anna@example.org", False, ("anna@example.org", "false")),
    ):
        limits.forget()
        provider.claims |= {"email": email, "email_verified": verified}
        browser = stranger(light_api)
        page = browser.get(answer(browser))
        assert page.status_code == 403
        assert "no verified mail address tells whether that is you" in page.text
        for claim, value in zip(("email", "email_verified"), told, strict=True):
            assert f"<code>{claim}</code></th><td>{value}</td>" in page.text, (email, verified)
        assert browser.get("/projects").status_code == 303
    # one who has an account of the service is somebody else, whom no address leads to
    provider.claims |= {"sub": "s-9", "preferred_username": "new"}
    assert stranger_in(light_api) == "s-9"
    # however the name is written, and whichever of the claims says it
    provider.claims |= {"sub": "s-10", "preferred_username": "newest", "email": "\u200banna "}
    browser = stranger(light_api)
    assert browser.get(answer(browser)).status_code == 403


def stranger_in(api: Api) -> str:
    """Signs in with a new browser; gives the name of the user."""
    browser = stranger(api)
    arrived = browser.get(answer(browser))
    assert arrived.status_code == 303, arrived.text
    with api.database.read() as session:
        last = session.scalars(select(WebSession).order_by("id")).all()[-1]
        person = session.get(User, last.user_id)
    assert person is not None
    return person.name


def test_a_provider_that_is_not_there_or_is_another_is_told_before_anybody_is_led_away(
    light_api: Api, provider: Provider, tmp_path: Path
) -> None:
    provider.order = "wrong-discovery"
    for more in ({}, {"oidc_issuer": "http://127.0.0.1:9"}, {"oidc_allow_private": False}):
        oidc.provider_of.cache_clear()
        opened(light_api, provider, tmp_path, **more)
        page = stranger(light_api).get("/sign-in/provider")
        assert page.status_code == 503
        assert "cannot be reached" in page.text
    opened(light_api, provider, tmp_path, sign_in="links")
    assert stranger(light_api).get("/sign-in/provider").status_code == 404


RULED = mapping.rules_of(
    {
        "roles": {"admin": ["a"], "evaluator": ["EVAL-*"], "officer": ["o"], "viewer": ["*"]},
        "units": {"unit-HQ": "HEAD", "unit-(.+)": r"\1"},
    }
)
CLOSED = mapping.rules_of({"roles": {"officer": ["o"]}})


@pytest.mark.parametrize(
    ("rules", "claims", "expected"),
    [
        (RULED, {"roles": ["o", "a"]}, (Role.ADMIN, None, None)),
        (RULED, {"roles": ["EVAL-1", "o"]}, (Role.EVALUATOR, None, None)),
        (RULED, {"groups": ["a"]}, (Role.ADMIN, None, None)),
        (RULED, {"roles": [], "groups": ["a"]}, (Role.VIEWER, None, None)),
        (RULED, {"roles": "a"}, (Role.ADMIN, None, None)),
        (RULED, {"roles": "a o"}, (Role.VIEWER, None, None)),
        (RULED, {"roles": {"a": 1}}, (Role.VIEWER, None, None)),
        (RULED, {}, (Role.VIEWER, None, None)),
        (RULED, {"_claim_names": {"groups": "src1"}}, (None, None, "groups-elsewhere")),
        (RULED, {"roles": ["a"], "_claim_names": {"groups": "src1"}}, (Role.ADMIN, None, None)),
        (RULED, {"roles": ["o"], "unit": ["x", "unit-B"]}, (Role.OFFICER, "B", None)),
        (RULED, {"roles": ["o"], "unit": ["unit-B", "unit-HQ"]}, (Role.OFFICER, "HEAD", None)),
        (RULED, {"roles": ["o"], "unit": ["unit-B", "unit-C"]}, (Role.OFFICER, None, "several-units")),
        (RULED, {"roles": ["o"], "unit": 7}, (Role.OFFICER, None, "unit")),
        (RULED, {"roles": ["o"]}, (Role.OFFICER, None, "unit")),
        (CLOSED, {"roles": ["O"]}, (None, None, "role")),
        (CLOSED, {"roles": ["o", 3, None, "\ud800"], "unit": "B"}, (Role.OFFICER, "B", None)),
        (mapping.USUAL, {"roles": ["earmark-publisher"]}, (Role.PUBLISHER, None, None)),
        (mapping.USUAL, {"roles": ["admin"]}, (None, None, "role")),
    ],
)
def test_claims_give_a_role_and_a_unit_or_what_is_missing(
    rules: mapping.Rules, claims: dict[str, object], expected: tuple[Role | None, str | None, str | None]
) -> None:
    given = mapping.outcome(rules, claims, roles_claim="roles", unit_claim="unit")
    assert (given.role, given.unit, given.missing) == expected


def test_claims_that_lie_deeper_are_found_and_a_name_with_dots_goes_first() -> None:
    claims = {"realm": {"roles": ["a"]}, "https://x.org/roles": ["EVAL-1"]}
    for claim, role in (
        ("realm.roles", Role.ADMIN),
        ("https://x.org/roles", Role.EVALUATOR),
        ("realm.no", Role.VIEWER),
    ):
        assert mapping.outcome(RULED, claims, roles_claim=claim, unit_claim="").role is role


def test_an_empty_setting_gives_the_usual_rules_and_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert mapping.read_rules(Path()) is mapping.read_rules(None) is mapping.USUAL
    with pytest.raises(UsageError) as refused:
        mapping.read_rules(tmp_path / "none.yaml")
    assert "none.yaml cannot be read" in refused.value.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "write `roles:`"),
        ({"roles": {"boss": ["a"]}}, "no role boss"),
        ({"roles": {"admin": "a"}}, "a list of groups for admin"),
        ({"roles": {"admin": ["*"]}}, "only viewer"),
        ({"roles": {}, "unit": {}}, "no part unit"),
        ({"roles": {}, "units": {"(": "A"}}, "do not fit together"),
        ({"roles": {}, "units": {"a": r"\1"}}, "do not fit together"),
    ],
)
def test_rules_that_are_none_are_refused_with_their_place(content: object, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        mapping.rules_of(content)
    assert words in refused.value.message
