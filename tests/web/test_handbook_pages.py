"""The handbook as pages: every page, link, term and definition leads somewhere, and no HTML of its own gets through."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from app.domain.terms import Role
from app.web import handbook
from tests.api import Api
from tests.web.people import signed_in, stranger

TEMPLATES = Path(handbook.__file__).parent / "templates"


def links() -> Iterator[tuple[str, str]]:
    """(page, address) of every link of the handbook."""
    for name in handbook.names():
        found = handbook.page(name)
        assert found is not None
        for address in re.findall(r'href="([^"]+)"', found.html):
            yield name, unescape(address)


def test_every_link_of_the_handbook_leads_to_a_page_and_a_place_on_it() -> None:
    for name, address in links():
        path, _, anchor = address.partition("#")
        if address.startswith(("http://", "https://")):
            continue
        target = handbook.page({"/help": "index", "": name}.get(path) or path.removeprefix("/help/"))
        assert target is not None, (name, address)
        assert not anchor or anchor in target.anchors, (name, address)


def test_every_figure_of_a_page_leads_to_its_definition() -> None:
    glossary = handbook.page("glossary")
    assert glossary is not None
    assert set(handbook.FIGURES.values()) <= glossary.anchors
    used = {
        name for path in TEMPLATES.rglob("*.html") for name in re.findall(r"meaning\('([\w-]+)'\)", path.read_text())
    }
    assert used == set(handbook.FIGURES)
    for anchor in {*handbook.FIGURES.values(), "modality", "category", "preset"}:
        assert f'id="{anchor}"' in glossary.html, anchor


def test_html_in_a_page_stays_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "handbook").mkdir()
    source = "# T\n\n<script>x</script> <b id=x>b</b> [a](javascript:alert(1)) ![i](data:text/html,x)\n\n**<i>**: y\n"
    (tmp_path / "handbook" / "trial.md").write_text(source)
    monkeypatch.setattr(handbook, "files", lambda _: tmp_path)
    handbook.names.cache_clear()
    found = handbook.page.__wrapped__("trial")
    handbook.names.cache_clear()
    assert found is not None
    assert not re.search(r"<(script|b|i|img)\b|href=\"javascript", found.html)
    assert "&lt;script&gt;" in found.html


def test_everybody_reads_and_searches_the_handbook_in_their_own_layout(light_api: Api) -> None:
    nobody, somebody = stranger(light_api), signed_in(light_api, Role.VIEWER, language="fr")
    for name in handbook.names():
        address = "/help" if name == "index" else f"/help/{name}"
        assert nobody.get(address).status_code == 200, name
    assert "Published activities" in nobody.get("/help/glossary").text
    assert "max-age=300" in nobody.get("/help").headers["cache-control"]
    own = somebody.get("/help/glossary")
    assert "Le manuel est en anglais" in unescape(own.text)
    assert own.headers["cache-control"] == "private, no-store"
    hits = nobody.get("/help?q=rate of delivery expenditure")
    assert "/help/glossary#delivery-rate" in hits.text
    assert "Nothing was found" in nobody.get("/help?q=<b>zzz</b>").text
    assert "<b>zzz" not in nobody.get("/help?q=<b>zzz</b>").text
    for former, now in (("/handbook", "/help"), ("/handbook/running.md", "/help/running"), ("/help/index", "/help")):
        assert nobody.get(former).headers["location"] == now
    for address in ("/help/nothing", "/handbook/nothing", "/help/..%2fconfig", "/help/" + "x" * 500):
        assert nobody.get(address).status_code == 404, address
