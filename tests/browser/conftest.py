"""A real browser over the whole application, started once; skipped with the reason where there is none.

``EARMARK_BROWSER=required`` makes its absence an error; ``EARMARK_BROWSER_PATH`` names another one.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.config import Settings
from app.db.engine import open_database
from tests.api import Api
from tests.serving import served
from tests.web import example
from tests.web.people import link

_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
PATIENCE = 180_000.0
"""Milliseconds until something counts as not coming: a busy machine is no fault."""
#: stops of the keyboard on the longest page
_MOST_STOPS = 150
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def program() -> str | None:
    """The browser of this machine."""
    return os.environ.get("EARMARK_BROWSER_PATH") or next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = program()
    if found is None:
        reason = "no Chromium on this machine: `apt-get install chromium-headless-shell`"
        if os.environ.get("EARMARK_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@dataclass(frozen=True, kw_only=True)
class Site:
    """The service on a port of this machine."""

    address: str
    api: Api


@pytest.fixture(scope="session")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Site]:
    """The application with the small portfolio, served."""
    path = tmp_path_factory.mktemp("browser") / "earmark.db"
    shutil.copy(migrated_sqlite, path)
    store = path.with_name("releases")
    settings = Settings(database_url=f"sqlite:///{path}", release_store=store, _env_file=None)  # type: ignore[call-arg]
    database = open_database(settings)
    api = Api(settings, database)
    example.fill(api)
    with served(api.app) as address:
        yield Site(address=address, api=api)
    database.dispose()


@dataclass(kw_only=True)
class Person:
    """Somebody in front of the browser, and all that the browser complained about."""

    page: Page
    site: Site
    complaints: list[str]
    asked: list[str]

    def open(self, path: str) -> None:
        answer = self.page.goto(self.site.address + path)
        assert answer is not None
        assert answer.status < 400, path

    def waits(self) -> None:
        """Until the page and its scripts are there, and what they asked for stands on it.

        What is waited for here are elements: a condition in words of JavaScript is looked at once, and then refused by
        the content policy of the pages, so that it holds only on a machine where it was true at once.
        """
        self.page.wait_for_load_state("load")
        self.page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added", state="detached")

    def is_at(self, key: str) -> None:
        """Waits until the keyboard is on the element with this id."""
        self.page.wait_for_selector(f"[id='{key}']:focus")

    def tabs_to(self, key: str) -> None:
        """Goes by the Tab key alone, from wherever the keyboard is, to the element with this id."""
        self._tab_until("focused.id === wanted", key)

    def tabs_to_link(self, path: str) -> None:
        """The same to a link that leads to this path."""
        self._tab_until("focused.getAttribute('href') === wanted", path)

    def tabs_to_button(self, text: str) -> None:
        """The same to a button with this text."""
        self._tab_until("focused.tagName === 'BUTTON' && focused.innerText === wanted", text)

    def _tab_until(self, reached: str, wanted: str) -> None:
        look = f"""wanted => {{
            const focused = document.activeElement;
            return {reached} ? getComputedStyle(focused).outlineStyle : null;
        }}"""
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            if outline := self.page.evaluate(look, wanted):
                assert outline != "none", f"the keyboard does not show that it is at {wanted}"
                return
        raise AssertionError(f"the Tab key never came to {wanted}")

    def is_calm(self) -> None:
        """Nothing was complained about, and no other host was asked."""
        assert self.complaints == []
        assert [url for url in self.asked if not url.startswith((self.site.address, "data:"))] == []


@pytest.fixture(scope="session")
def sessions(site: Site, chromium: Browser) -> dict[str, str]:
    """Name → cookie state of everybody, signed in once."""
    found = {}
    for name in ("admin", "officer", "evaluator", "publisher", "viewer"):
        context = chromium.new_context()
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(site.address + link(site.api, name))
        page.get_by_role("main").get_by_role("button").click()
        page.wait_for_url(f"{site.address}/")
        found[name] = _kept(context)
        context.close()
    return found


def _kept(context: BrowserContext) -> str:
    return context.cookies()[0]["value"]


@pytest.fixture
def person(site: Site, chromium: Browser, sessions: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Person]:
    """An administrator; ``@pytest.mark.parametrize("person", [options], indirect=True)`` says how the browser is."""
    options = dict(getattr(request, "param", {}))
    name = options.pop("name", "admin")
    context = chromium.new_context(**options)
    context.add_cookies([{"name": "earmark", "value": sessions[name], "url": site.address}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    someone = Person(page=page, site=site, complaints=[], asked=[])
    page.on("console", lambda message: someone.complaints.append(message.text))
    page.on("pageerror", lambda error: someone.complaints.append(str(error)))
    page.on("request", lambda asked: someone.asked.append(asked.url))
    yield someone
    if folder := os.environ.get("EARMARK_ARTIFACTS"):
        page.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
    context.close()
