"""Whoever asks first waits for nothing that could have been done before."""

import gc
import threading
from collections.abc import Iterator

import pytest

from app import clock
from app.config import Settings
from app.db.engine import Database
from app.db.projects import Project
from app.domain.terms import Role
from app.errors import StorageFailed
from app.evaluations.obligations.fresh import fresh
from app.evaluations.obligations.recompute import rehearse
from app.main import create_app
from app.pace import Apart
from app.web import ahead
from app.web.rendering import environment
from tests.api import Api, TestClient
from tests.queries import count_queries
from tests.web import example
from tests.web.people import AS_BROWSER, signed_in

#: pages that gather figures of the whole portfolio, and those that the dashboard fetches
PAGES = ("/", "/projects", "/delivery", "/evaluations", "/evaluations/coverage", "/dashboard/years",
         "/reports/approvals?period=2022..2026", "/reports/delivery?period=2026&by=unit",
         "/reports/outcomes?period=2026&by=outcome", "/reports/contributors?period=2026&top=10")  # fmt: skip


def test_the_first_look_after_looking_ahead_reads_what_every_look_reads(light_api: Api) -> None:
    example.fill(light_api)
    admin = signed_in(light_api, Role.ADMIN, name="ada")
    # what the sign-in tells once is told
    admin.get("/help")
    today = clock.today(light_api.app.state.settings)
    ahead.look_ahead(light_api.database, today)
    for page in PAGES:
        with count_queries(light_api.database) as first:
            assert admin.get(page).status_code == 200
        with count_queries(light_api.database) as second:
            admin.get(page)
        assert len(first) == len(second), page


def test_what_is_stored_after_looking_ahead_is_told(light_api: Api) -> None:
    example.fill(light_api)
    admin = signed_in(light_api, Role.ADMIN, name="ada")
    today = clock.today(light_api.app.state.settings)
    ahead.look_ahead(light_api.database, today)
    with light_api.database.write("tests") as session:
        project = session.get_one(Project, 1)
        project.title, project.planned_end = "Wells anew", None
    assert "<strong>1</strong>without an end date" in admin.get("/").text
    assert "Wells anew" in admin.get("/projects").text


def test_the_first_change_of_dates_is_rehearsed_and_nothing_is_stored(light_api: Api) -> None:
    example.fill(light_api)
    today = clock.today(light_api.app.state.settings)
    fresh(light_api.database, today)
    with count_queries(light_api.database) as asked:
        rehearse(light_api.database, today)
    assert {statement.partition(" ")[0] for statement in asked} <= {"BEGIN", "SELECT", "WITH", "PRAGMA"}
    assert any("project_revisions" in statement for statement in asked)


@pytest.fixture
def _nothing_apart() -> Iterator[None]:
    """What the tests have put apart is searched as well; afterwards it is apart again.

    It is searched when somebody asks for it alone: all that the tests have loaded would be searched over and over.
    """
    gc.disable()
    gc.unfreeze()
    yield
    gc.freeze()
    gc.enable()


@pytest.mark.usefixtures("_nothing_apart")
def test_what_is_remembered_is_not_searched_for_cycles_in_the_middle_of_a_page(light_api: Api) -> None:
    example.fill(light_api)
    with ahead.looking_ahead(light_api.database, light_api.app.state.settings) as looked:
        assert looked.wait(300)
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("_nothing_apart")
def test_what_the_program_put_apart_itself_when_it_began_is_taken_over(light_api: Api) -> None:
    example.fill(light_api)
    Apart.begin()
    with ahead.looking_ahead(light_api.database, light_api.app.state.settings) as looked:
        assert looked.wait(300)
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("_nothing_apart")
def test_what_somebody_else_has_put_apart_stays_so(light_api: Api) -> None:
    gc.freeze()
    with ahead.looking_ahead(light_api.database, light_api.app.state.settings) as looked:
        assert looked.wait(300)
    assert gc.get_freeze_count() > 0


def test_before_there_is_an_organisation_nothing_is_counted(settings: Settings, database: Database) -> None:
    today = clock.today(settings)
    with count_queries(database) as asked:
        assert not ahead.look_ahead(database, today)
    assert len(asked) == 1
    Api(settings, database)
    assert ahead.look_ahead(database, today)


def test_what_could_not_be_counted_ahead_is_counted_later_and_told_once(
    light_api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([StorageFailed("away"), StorageFailed("away")])
    tried: list[str] = []
    counted = threading.Event()

    def look_ahead(*_: object) -> bool:
        tried.append("once")
        if (failure := next(failures, None)) is not None:
            raise failure
        counted.set()
        return True

    monkeypatch.setattr(ahead, "look_ahead", look_ahead)
    monkeypatch.setattr(ahead, "_OFTEN", 0.01)
    with ahead.looking_ahead(light_api.database, light_api.app.state.settings):
        assert counted.wait(60)
    assert len(tried) == 3
    assert [record.getMessage() for record in caplog.records] == ["nothing was counted ahead: away"]


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_templates_are_compiled_before_they_are_asked_for(language: str) -> None:
    ahead.prepare()
    templates = environment(language)
    assert templates.cache is not None
    assert len(templates.cache) == len(templates.list_templates())


def test_a_service_looks_ahead_while_it_runs_and_stops_with_it(light_api: Api) -> None:
    example.fill(light_api)
    settings = light_api.app.state.settings
    admin = signed_in(light_api, Role.ADMIN, name="ada")
    admin.get("/help")
    with ahead.looking_ahead(light_api.database, settings) as looked:
        assert looked.wait(300)
        with count_queries(light_api.database) as first:
            admin.get("/delivery")
        with count_queries(light_api.database) as second:
            admin.get("/delivery")
        assert len(first) == len(second)
    assert "ahead" not in {thread.name for thread in threading.enumerate()}
    # and so does the whole of it
    service = create_app(settings, light_api.database, like=light_api.app)
    with TestClient(service, headers=AS_BROWSER) as client:
        assert "ahead" in {thread.name for thread in threading.enumerate()}
        assert client.get("/help").status_code == 200
