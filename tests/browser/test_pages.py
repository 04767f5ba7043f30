"""What people meet in a real browser: readable by all, by keyboard alone, without scripts, narrow, dark, in three
languages, and nothing asks another host."""

import re
from pathlib import Path

import axe_playwright_python
import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser

from tests.browser.conftest import PATIENCE, QUIET, Person, Site, program

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ("/", "/projects", "/projects/1", "/projects/1/money", "/projects/1/evaluations", "/projects/1/history",
         "/projects/1/publication", "/projects/1/edit", "/projects/new", "/history", "/admin/people", "/account",
         "/codes/Sector", "/spreadsheets", "/dashboard", "/dashboard/years", "/evaluations", "/risks", "/encumbrances",
         "/reports/approvals?period=2023..2026")  # fmt: skip


#: what is open to everybody
OPEN = ("/public", "/public/data", "/help/glossary", "/help/checking", "/help/decisions")


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


#: how large the text of pictures is
SIZES = "() => [...document.querySelectorAll('.chart text')].map(each => getComputedStyle(each).fontSize)"
#: the figures of the dashboard come one by one
TILES_ARE_THERE = """() => document.querySelectorAll(".tiles > section").length
    === document.querySelectorAll(".tiles .report-figure").length"""


@pytest.mark.slow
@pytest.mark.parametrize("person", LOOKS, indirect=True, ids=["wide", "narrow and dark in French"])
def test_every_page_can_be_read_by_all(person: Person) -> None:
    found = {}
    for path in (*PAGES, *OPEN):
        person.open(path)
        if path == "/dashboard":
            person.page.wait_for_function(TILES_ARE_THERE)
        if (faults := faults_of(person)) or overflows(person):
            found[path] = faults or ["scrolls sideways"]
    assert found == {}
    person.is_calm()


@pytest.mark.parametrize("person", [{"name": "officer"}], indirect=True)
def test_an_officers_day_by_keyboard_alone(person: Person, tmp_path: Path) -> None:
    _finds_a_project(person)
    _records_an_allocation_with_a_fault_and_mends_it(person)
    _plans_an_evaluation(person)
    _hands_in_a_workbook_with_two_faults_and_the_mended_one(person, tmp_path)
    _prints_a_briefing_on_one_sheet(person)
    assert [each for each in person.complaints if "422" not in each] == []


def _follows(person: Person, path: str) -> None:
    """To the page behind a link, by keyboard."""
    person.tabs_to_link(path)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url(person.site.address + path)
    person.waits()


def _types(person: Person, **texts: str) -> None:
    """Fills fields by keyboard. Of a list one letter: it forgets what was typed when the next one comes late."""
    for name, text in texts.items():
        person.tabs_to(f"f-{name}")
        person.page.keyboard.type(text)


def _is_told(person: Person, sentence: str) -> None:
    person.page.get_by_role("status").filter(has_text=sentence).first.wait_for()
    person.waits()


def _finds_a_project(person: Person) -> None:
    page = person.page
    person.open("/projects")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    _types(person, q="wells")
    page.wait_for_url("**/projects?**q=wells**")
    person.waits()
    person.is_at("f-q")
    _follows(person, "/projects/1")


def _records_an_allocation_with_a_fault_and_mends_it(person: Person) -> None:
    page = person.page
    _follows(person, "/projects/1/money")
    _follows(person, "/projects/1/allocations/new")
    _types(person, fiscal_year="2027", source="NLD-1", kind="o", amount="12,5")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    person.waits()
    # the summary has the focus, its first link leads to the field
    person.is_at("summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    person.is_at("f-amount")
    page.keyboard.press("Control+A")
    page.keyboard.type("12,500")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/1/money**")
    _is_told(person, "The allocation is stored.")
    assert page.get_by_text("12,500.00 USD").count() == 1


def _plans_an_evaluation(person: Person) -> None:
    page = person.page
    _follows(person, "/projects/1/evaluations")
    _follows(person, "/projects/1/evaluations/new")
    _types(person, reference="EV-2", kind="f", independence="e", planned_end="12312026")
    page.keyboard.press("Enter")
    _is_told(person, "The evaluation is stored.")
    row = page.get_by_role("row", name="EV-2")
    assert [text in row.inner_text() for text in ("Final", "External", "31 Dec 2026")] == [True, True, True]


def _hands_in_a_workbook_with_two_faults_and_the_mended_one(person: Person, folder: Path) -> None:
    page = person.page
    head = ("code", "title", "status", "planned_end")
    good, bad = ("RAF/2", "Pumps", "implementation", "2027-12-31"), ("RAF/2", "Pumps", "underway", "2027-12-31")
    _workbook(folder / "with-faults.xlsx", head, bad, ("RAF/3", "Taps", "pipeline", "soon"))
    _workbook(folder / "mended.xlsx", head, good, ("RAF/3", "Taps", "pipeline", "2028-06-30"))
    _follows(person, "/spreadsheets")
    person.tabs_to("f-kind")
    page.keyboard.press("p")
    for _ in range(page.locator("#f-kind option").count()):
        if page.locator("#f-kind").input_value() == "projects":
            break
        page.keyboard.press("ArrowDown")
    assert page.locator("#f-kind").input_value() == "projects"
    _hands_in(person, folder / "with-faults.xlsx")
    page.get_by_role("heading", name="There are 2 faults in 2 rows").wait_for()
    person.waits()
    faults = page.get_by_role("table", name="Faults").inner_text()
    assert [text in faults for text in ("underway", "soon")] == [True, True]
    _hands_in(person, folder / "mended.xlsx")
    page.get_by_text("The table has no faults.").wait_for()
    person.waits()
    person.tabs_to_button("Store these differences")
    page.keyboard.press("Enter")
    _is_told(person, "The table is stored. 2 records are new")


def _workbook(path: Path, *rows: tuple[str, ...]) -> None:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def _hands_in(person: Person, file: Path) -> None:
    person.tabs_to("f-file")
    # the dialog that Enter opens is the browser's own, and not each of its builds opens one without a screen
    person.page.locator("#f-file:focus").set_input_files(file)
    person.tabs_to_button("Check the table")
    person.page.keyboard.press("Enter")
    person.page.get_by_role("heading", level=1, name=file.name).wait_for()


_FILLED = """most => {
    for (const list of document.querySelectorAll(".sheet-of-paper tbody, .sheet-of-paper ul"))
        while (list.children.length < most) list.append(list.lastElementChild.cloneNode(true));
}"""


def _prints_a_briefing_on_one_sheet(person: Person) -> None:
    _follows(person, "/partners")
    _follows(person, "/partners/1")
    _follows(person, "/partners/1/briefing")
    for fill in (0, 6):
        # of a partner with much to tell as well
        person.page.evaluate(_FILLED, fill)
        sheet = person.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1, fill


def _presses(person: Person, button: str, told: str) -> None:
    person.tabs_to_button(button)
    person.page.keyboard.press("Enter")
    _is_told(person, told)


@pytest.mark.parametrize("person", [{"name": "officer"}], indirect=True)
def test_an_officer_reserves_money_and_says_by_keyboard_alone_that_it_became_less(person: Person) -> None:
    page = person.page
    person.open("/projects/1/money")
    _follows(person, "/projects/1/encumbrances/new")
    _types(person, document="EN-9", kind="e", amount="40,000", currency="USD", date="02012026")
    _presses(person, "Save", "The encumbrance is stored.")
    _follows(person, page.get_by_role("link", name="EN-9").get_attribute("href") or "")
    assert page.get_by_text("Nothing has changed since it was recorded.").is_visible()
    own = page.url.removeprefix(person.site.address)
    _follows(person, f"{own}/edit")
    person.tabs_to("f-amount")
    page.keyboard.press("Control+A")
    page.keyboard.type("35,000")
    _types(person, changed_on="03312099")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    person.waits()
    assert page.get_by_role("alert").get_by_text("lies in the future").is_visible()
    assert page.locator("#f-amount").input_value() == "35,000"
    _types(person, changed_on="03312026")
    _presses(person, "Save", "The encumbrance is stored.")
    assert "40,000 → 35,000" in page.locator("main .tasks").inner_text()
    assert "31 Mar 2026" in page.locator("main .tasks").inner_text()
    assert faults_of(person) == []
    assert [each for each in person.complaints if "422" not in each] == []


@pytest.mark.parametrize("person", [{"name": "officer"}], indirect=True)
def test_a_head_of_unit_asks_for_what_is_slow_by_keyboard_alone(person: Person) -> None:
    person.open("/")
    _follows(person, "/delivery")
    _follows(person, "/delivery/notes")
    _follows(person, "/delivery/notes/new")
    _types(person, project="RAF/1", problem="No bids came in", action="The tender is opened again", owner="Ann")
    _types(person, due_on="12312030")
    _presses(person, "Save", "The note is stored.")
    assert person.page.get_by_text("No bids came in").is_visible()
    person.is_calm()


@pytest.mark.parametrize("person", [{"name": "evaluator"}], indirect=True)
def test_an_evaluation_manager_moves_a_due_date_by_keyboard_alone(person: Person) -> None:
    person.open("/")
    _follows(person, "/evaluations")
    duty = person.page.locator("main a[href^='/evaluations/duties/']").first.get_attribute("href")
    assert duty is not None
    _follows(person, duty)
    _follows(person, f"{duty}/reschedule")
    _types(person, due_on="12312030", reason="The partner asks for it", approver="Head of evaluation")
    _presses(person, "Save", "The due date is moved.")
    assert person.page.get_by_text("31 Dec 2030").first.is_visible()
    person.is_calm()


@pytest.mark.parametrize("person", [{"name": "publisher"}], indirect=True)
def test_a_publisher_prepares_a_release_by_keyboard_alone(person: Person) -> None:
    person.open("/")
    _follows(person, "/publish")
    _presses(person, "Prepare a release", "is prepared. Nothing is public yet.")
    assert person.page.get_by_role("heading", name="2 Check").is_visible()
    person.is_calm()


@pytest.mark.parametrize("person", [{"name": "viewer"}], indirect=True)
def test_a_director_comes_from_a_figure_to_its_report_by_keyboard_alone(person: Person) -> None:
    person.open("/")
    _follows(person, "/reports")
    _follows(person, "/dashboard")
    report = person.page.locator("main h2 a[href^='/reports/']").first.get_attribute("href")
    assert report is not None
    _follows(person, report)
    assert person.page.get_by_role("link", name="CSV").is_visible()
    person.is_calm()


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


@pytest.mark.parametrize("person", [{"viewport": {"width": 320, "height": 700}}], indirect=True)
def test_where_the_page_is_narrow_figures_stay_whole_and_captions_and_days_can_be_read(person: Person) -> None:
    page = person.page
    person.open("/")
    # larger figures than the example has
    heights = page.evaluate("""() => [...document.querySelectorAll(".figures strong")].map(each => {
        each.textContent = "5"; const before = each.clientHeight;
        each.textContent = "5,703,602,000"; return [before, each.clientHeight];
    })""")
    assert heights
    assert all(one_line == now for one_line, now in heights), heights
    assert not overflows(person)
    person.open("/delivery")
    page.wait_for_selector(".scroll caption")
    assert page.evaluate("""() => {
        const caption = document.querySelector(".scroll caption");
        return caption.clientWidth <= caption.closest(".scroll").clientWidth;
    }""")
    person.open("/evaluations")
    # a day with its window: 30 Sept 2026 – 31 Mar 2027 in two lines, and not in six
    broad = page.evaluate("""() => [...document.querySelectorAll("td.when")].map(each => each.clientWidth)""")
    assert broad
    assert min(broad) >= 120
    assert not overflows(person)


def test_a_picture_that_moves_sideways_can_be_moved_by_the_keyboard(person: Person) -> None:
    page = person.page
    person.open("/projects/1/money")
    assert page.locator("figure:has(> .chart)").count()
    assert page.locator("figure[tabindex]").count() == 0
    page.set_viewport_size({"width": 150, "height": 700})
    page.wait_for_selector("figure[tabindex='0'][aria-label]", state="attached")
    page.set_viewport_size({"width": 1280, "height": 700})
    page.wait_for_selector("figure[tabindex]", state="detached")
    person.is_calm()


def test_with_text_twice_as_large_pictures_grow_and_no_page_is_wider_than_a_narrow_window(
    site: Site, chromium: Browser, sessions: dict[str, str]
) -> None:
    large = chromium.browser_type.launch(
        executable_path=program(), args=[*QUIET, "--blink-settings=defaultFontSize=32"]
    )
    wide, sizes = [], set()
    try:
        for width in (1280, 320):
            context = large.new_context(viewport={"width": width, "height": 700}, locale="fr-FR")
            context.add_cookies([{"name": "earmark", "value": sessions["admin"], "url": site.address}])
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            for path in (
                "/",
                "/projects",
                "/projects/1/money",
                "/projects/1/evaluations",
                "/delivery",
                "/dashboard/years",
            ):
                page.goto(site.address + path)
                sizes |= set(page.evaluate(SIZES))
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    wide.append((path, width))
            context.close()
    finally:
        large.close()
    assert (sizes, wide) == ({"26px"}, [])
