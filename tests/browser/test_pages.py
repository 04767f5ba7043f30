"""What people meet in a real browser: readable by all, by keyboard alone, without scripts, narrow, dark, in three
languages, and nothing asks another host."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests.browser.conftest import Person

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ("/", "/projects", "/projects/1", "/projects/1/money", "/projects/1/evaluations", "/projects/1/history",
         "/projects/1/publication", "/projects/1/edit", "/projects/new", "/history", "/admin/people", "/account",
         "/codes/Sector", "/spreadsheets", "/dashboard",
         "/reports/approvals?period=2023..2026")  # fmt: skip


#: what is open to everybody
OPEN = ("/public", "/public/data", "/help/glossary")


def faults_of(person: Person) -> list[str]:
    """What axe finds on the page: rule and the first element that breaks it."""
    person.page.evaluate(AXE)
    found = person.page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    assert len(found["passes"]) > 10
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


def overflows(person: Person) -> bool:
    return bool(person.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


LOOKS = [
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark", "locale": "fr-FR"},
]


@pytest.mark.slow
@pytest.mark.parametrize("person", LOOKS, indirect=True, ids=["wide", "narrow and dark in French"])
def test_every_page_can_be_read_by_all(person: Person) -> None:
    found = {}
    for path in (*PAGES, *OPEN):
        person.open(path)
        if (faults := faults_of(person)) or overflows(person):
            found[path] = faults or ["scrolls sideways"]
    assert found == {}
    person.is_calm()


@pytest.mark.parametrize("person", [{"name": "officer"}], indirect=True)
def test_an_allocation_is_recorded_and_mended_by_keyboard_alone(person: Person) -> None:
    page = person.page
    person.open("/projects")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.locator("#f-q").focus()
    page.keyboard.type("wells")
    page.wait_for_url("**/projects?**q=wells**")
    person.waits()
    person.is_at("f-q")
    page.get_by_role("link", name="RAF/1", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/1")
    person.open("/projects/1/allocations/new")
    for key, text in (("f-fiscal_year", "2027"), ("f-source", "NLD-1"), ("f-amount", "12,5")):
        page.locator(f"#{key}").focus()
        page.keyboard.type(text)
    page.locator("#f-kind").focus()
    # one letter: a list forgets what was typed when the next one comes late
    page.keyboard.press("o")
    page.locator("#f-amount").focus()
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    person.waits()
    # the summary has the focus, its first link leads to the field
    person.is_at("summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    person.is_at("f-amount")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Control+A")
    page.keyboard.type("12,500")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/1/money**")
    person.waits()
    assert page.get_by_role("status").first.inner_text() == "The allocation is stored."
    assert page.get_by_text("12,500 USD").count() == 1
    assert [each for each in person.complaints if "422" not in each] == []


@pytest.mark.parametrize("person", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_filter_works_and_nothing_is_missing(person: Person) -> None:
    person.open("/projects")
    person.page.locator("#f-q").fill("nothing like this")
    person.page.get_by_role("button", name="Filter").click()
    assert person.page.get_by_text("No project fits these filters.").is_visible()
    person.is_calm()


def test_a_project_prints_on_paper_without_what_is_for_screens(person: Person) -> None:
    person.open("/projects/1")
    person.page.emulate_media(media="print")
    assert not person.page.locator(".ways").is_visible()
    assert person.page.get_by_role("heading", level=1).is_visible()
