"""What the world sees: the published files and nothing else, without a sign-in, in pages that may be kept."""

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from app.config import Settings
from app.db.engine import open_database
from app.db.partners import Organisation
from app.db.projects import Project
from app.domain.codes import use_codelists
from app.publishing.codes import names_of
from app.publishing.releasing import queries as releasing
from app.publishing.releasing.store import FileStore
from app.publishing.world import index, queries
from app.web.charts import world as charts
from tests.api import TestClient, service
from tests.portfolio import known
from tests.publishing.releasing.office import Office, day
from tests.web.people import AS_BROWSER

PAGES = ("/public", "/public/projects", "/public/partners", "/public/data")
PROJECT = "/public/projects/XM-DAC-41302-GLO-21-01-NLD"


@pytest.fixture
def office(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Office]:
    """An office that has published nothing yet."""
    shutil.copy(migrated_sqlite, tmp_path / "public.db")
    use_codelists(known)
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'public.db'}", release_store=tmp_path / "store", _env_file=None
    )  # type: ignore[call-arg]
    database = open_database(settings)
    yield Office(settings, database)
    database.dispose()


@pytest.fixture
def world(office: Office) -> TestClient:
    """A browser of somebody whom nobody knows."""
    return TestClient(service(office.settings, office.database), headers=AS_BROWSER, follow_redirects=False)


def test_the_world_sees_what_was_published_and_nothing_that_was_typed_since(office: Office, world: TestClient) -> None:
    for path in PAGES:
        assert "Nothing is published yet" in world.get(path).text, path
    office.release()
    office.change(Project, office.project.id, title="Not yet public", embargo_until=None)
    shown = world.get(PROJECT)
    assert shown.status_code == 200
    assert "Better work" in shown.text
    assert "Kenya" in shown.text
    pages = "".join(world.get(path).text for path in (*PAGES, PROJECT))
    assert "Not yet public" not in pages
    assert "Netherlands" in world.get("/public/partners").text
    assert "Better work" in world.get("/public/projects?q=BETTER netherlands&country=KE").text
    assert "No published activity fits" in world.get("/public/projects?country=UG").text
    assert "Better work" in world.get("/public/data/activities.csv").text
    assert "Kenya: 1 activity" in unescape(world.get("/public").text)
    told = [
        json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', world.get(path).text)[0])
        for path in ("/public", PROJECT, "/public/data")
    ]
    assert [each["@type"] for each in told] == ["Organization", "Project", "Dataset"]
    assert told[1]["identifier"] == "XM-DAC-41302-GLO-21-01-NLD"
    assert told[2]["distribution"][0]["contentUrl"].endswith(".xml")
    # a release later the world sees what it says, and the index of the one before is gone
    office.release()
    assert "Not yet public" in world.get(PROJECT).text
    assert len(list(office.settings.file_store.glob("world-*.sqlite"))) == 1
    office.withdraw("wrong", "xm-dac-41302-activities")
    assert world.get(PROJECT).status_code == 404
    assert "Nothing is published yet" in world.get("/public").text


def test_partners_and_the_organisation_are_called_in_the_language_and_no_column_is_empty(
    office: Office, world: TestClient
) -> None:
    office.change(Organisation, office.donor.id, name_translations=[["fr", "Pays-Bas"]])
    office.change(Organisation, office.publisher.id, name_translations=[["fr", "Bureau"]])
    office.post("1", day("2021-03-03"), "100", agreement_id=office.agreement.id)
    office.release()
    with office.database.read() as session:
        files = [each for each in releasing.files_in_public(session) if each.file_type == "iati-activities"]
    path = index.ready(FileStore(office.settings.file_store), files)
    assert path is not None
    # what has no name in the language is called by its first one
    called = {"en": ("Netherlands", "Agency"), "fr": ("Pays-Bas", "Bureau"), "es": ("Netherlands", "Agency")}
    for language, (partner, organisation) in called.items():
        with index.opened(path) as found:
            (counted,) = queries.partners(found, language)
            assert (counted.name, counted.activities) == (partner, 1), language
            assert queries.reporting(found, language) == [organisation], language
        listed = world.get(f"/public/partners?lang={language}").text
        assert [each for each in ("Netherlands", "Pays-Bas") if f">{each}</a>" in listed] == [partner]
        page = world.get(f"/public/partners/{counted.key}?lang={language}").text
        assert f"<h1>{partner}</h1>" in page
        front = world.get(f"/public?lang={language}").text
        assert [each for each in ("Agency", "Bureau") if each in front] == [organisation]
    table = world.get(f"/public/partners/{counted.key}?lang=en").text.partition("<caption>Money by year")[2]
    header = re.findall("<th [^>]*>(.*?)</th>", table.partition("</thead>")[0])
    assert header == ["Year", "Currency", "Received"]
    data = world.get("/public/data?lang=fr").text
    assert "tout le portefeuille" in data
    assert "\u00a0ko" in data


def test_public_pages_may_be_kept_speak_three_languages_and_set_no_cookie(office: Office, world: TestClient) -> None:
    office.release()
    pending, seen = ["/public", "/public?lang=fr", "/public?lang=es"], dict[str, int]()
    while pending:
        address = pending.pop()
        path = urlsplit(address).path
        if address in seen or not path.startswith("/public"):
            continue
        answer = world.get(address)
        seen[address] = answer.status_code
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        if "etag" in answer.headers:
            again = world.get(address, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert len(answer.content) < 60_000
            assert not re.search(r">\s*None\s*<", answer.text)
            pending += [urljoin(address, unescape(each)) for each in re.findall(r'href="([^"#]+)', answer.text)]
    assert set(seen.values()) == {200}
    assert len(seen) > 15
    assert "Qui finance" in world.get("/public", headers={"Accept-Language": "fr"}).text


def test_bad_addresses_lead_to_a_page_and_the_setting_takes_all_away(office: Office, world: TestClient) -> None:
    office.release()
    for address in (
        "/public/projects/nothing",
        "/public/partners/%00x",
        "/public/partners/<script>",
        "/public/nowhere",
    ):
        assert world.get(address).status_code in (404, 422), address
    for query in ("after=-1", "after=x", "after=99999999999", "status=%E2%88%9E", "q=" + "x" * 5000, "lang=xx"):
        assert world.get(f"/public/projects?{query}").status_code == 200, query
    assert "Disallow: /\n" in world.get("/robots.txt").text
    closed = office.settings.model_copy(update={"public_pages": False})
    shut = TestClient(service(closed, office.database), headers=AS_BROWSER)
    assert [shut.get(path).status_code for path in (*PAGES, PROJECT)] == [404] * 5
    assert "Allow: /public" not in shut.get("/robots.txt").text


def test_a_large_publication_is_read_beside_and_told_so(
    office: Office, world: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.release()
    waiting: list[tuple[Any, ...]] = []
    monkeypatch.setattr(index, "_AT_ONCE", 0)
    monkeypatch.setattr(index, "_beside", lambda *given: waiting.append(given))
    first = world.get("/public")
    assert (first.status_code, first.headers["retry-after"]) == (503, "30")
    world.get("/public")
    assert len(waiting) == 1
    index._make_beside(*waiting[0])
    assert world.get("/public").status_code == 200
    with office.database.read() as session:
        files = [each for each in releasing.files_in_public(session) if each.file_type == "iati-activities"]
    assert index.path_of(FileStore(office.settings.file_store), files).exists()


def test_every_country_has_a_place_on_the_map_and_every_circle_is_in_the_picture() -> None:
    known_places = charts.towns()
    # islands without people, which no time zone names
    assert set(names_of("Country")) - set(known_places) <= {"BV", "HM"}
    for country, spot in known_places.items():
        x, y = charts.place(*spot)
        assert 0 <= x <= charts.WIDTH, country
        assert country in ("AQ",) or 0 <= y <= charts.HEIGHT, country
    steps = re.findall(r"M(\d+) (\d+)l([^z]+)z", charts.land())
    assert len(steps) > 50
    for x, y, rest in steps:
        numbers = [int(each) for each in re.findall(r"-?\d+", rest)]
        at_x, at_y = int(x), int(y)
        for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
            # no line jumps across the picture where the earth is cut
            assert abs(step_x) < 120
            at_x, at_y = at_x + step_x, at_y + step_y
            assert 0 <= at_x <= charts.WIDTH
            assert -1 <= at_y <= charts.HEIGHT
