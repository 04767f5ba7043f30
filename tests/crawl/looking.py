"""One page of each kind in a real browser: what axe finds, what the console says, which hosts are asked."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Browser

from tests.api import TestClient

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 180_000.0


def look(browser: Browser, site: str, client: TestClient, pages: Iterable[str]) -> Iterator[str]:
    """Faults of the pages, as the person sees them who is signed in with ``client``."""
    language = str(client.headers["accept-language"])
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=language)
    context.set_default_timeout(PATIENCE)
    if secret := client.cookies.get("earmark"):
        context.add_cookies([{"name": "earmark", "value": secret, "url": site}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda asked: said.append(f"asks {asked.url}") if not asked.url.startswith(site) else None)
    for address in pages:
        page.goto(site + address)
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        said += [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                said.append(f"scrolls sideways at {width}")
        page.set_viewport_size({"width": 1280, "height": 900})
        yield from (f"{address}: {each}" for each in said)
        said.clear()
    context.close()
