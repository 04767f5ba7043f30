"""The values on a project are what its revisions replay to, whatever the order of decisions."""

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.db import revisions as db_revisions
from app.db.engine import Database, open_database
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.revisions import Revision, replay
from app.errors import InvalidInput
from app.projects import as_of
from app.projects.revisions import put_revision
from app.projects.schemas import ProjectPatch, RevisionIn
from app.projects.service import update_project
from tests import portfolio
from tests.portfolio import TODAY

DAYS = st.dates(dt.date(2020, 1, 1), TODAY)


@pytest.fixture(scope="module")
def store(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One database for all examples: every example makes a project of its own."""
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("history") / "earmark.db")
    return open_database(Settings(database_url=f"sqlite:///{path}"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.uuids(),
    decisions=st.lists(
        st.one_of(
            st.tuples(st.just("planned_end"), DAYS, st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)).map(str)),
            st.tuples(st.just("total_budget"), DAYS, st.decimals("0", "999999", places=2).map(lambda d: f"{d:f} EUR")),
            st.tuples(st.just("patch"), DAYS, st.decimals("0", "999999", places=2).map(lambda d: f"{d:f}")),
        ),
        max_size=8,
    ),
)
def test_the_project_equals_the_replay_of_its_revisions(
    store: Database, number: object, decisions: list[tuple[str, dt.date, str]]
) -> None:
    with store.write("anna") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, f"P-{number}", planned_end="2024-01-01", total_budget="5", currency="USD")
        for place, (field, day, value) in enumerate(decisions):
            if field == "patch":
                change = ProjectPatch.model_validate({"total_budget": value, "decided_on": day})
                update_project(session, LOCAL, project, change, today=TODAY)
                continue
            decision = {"project": project.code, "field": field, "decided_on": day, "value": value}
            row = RevisionIn.model_validate({**decision, "reason": f"Decision {place}"})
            put_revision(session, LOCAL, row, today=TODAY)
        project_id = project.id or 0
    with store.read() as session:
        kept = session.get_one(Project, project_id)
        replayed = replay(db_revisions.values(db_revisions.revisions(session, project_id)))
        texts = {name: text for name, text in db_revisions.texts_of(session, kept).items() if text is not None}
        assert texts == replayed
        state = as_of.project_as_of(session, project_id, TODAY)
        assert (state.planned_end, state.total_budget, state.stage) == (
            kept.planned_end,
            kept.total_budget,
            kept.stage,
        )


REVISIONS = st.lists(
    st.builds(
        Revision,
        field=st.sampled_from(("planned_end", "officer")),
        sequence=st.integers(1, 50),
        known_on=DAYS,
        value=st.sampled_from(("a", "b", None)),
    ),
    unique_by=lambda revision: (revision.field, revision.sequence),
)


@given(REVISIONS, DAYS, st.randoms())
def test_what_was_known_depends_neither_on_order_nor_on_later_decisions(
    revisions: list[Revision], day: dt.date, random: object
) -> None:
    known = replay(revisions, as_of=day)
    assert replay([one for one in revisions if one.known_on <= day]) == known
    assert replay(reversed(revisions), as_of=day) == known


def test_what_was_recorded_later_was_not_known_then(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P", total_budget="5", currency="USD")
        project_id = project.id or 0
    with database.read() as session:
        moment = max(row.recorded_at for row in db_revisions.revisions(session, project_id))
    with database.write("anna") as session:
        backdated = {"project": "P", "field": "total_budget", "decided_on": "2021-01-01", "value": "7", "reason": "x"}
        put_revision(session, LOCAL, RevisionIn.model_validate(backdated), today=TODAY)
    with database.read() as session:
        assert as_of.project_as_of(session, project_id, TODAY).total_budget == Decimal(7)
        assert as_of.project_as_of(session, project_id, TODAY, moment).total_budget == Decimal(5)


def test_a_budget_that_was_in_several_currencies_says_in_which_one_it_is(database: Database) -> None:
    def decide(day: str, value: str) -> str:
        body = {"project": "P", "field": "total_budget", "decided_on": day, "value": value, "reason": "x"}
        with database.write("anna") as session:
            return put_revision(session, LOCAL, RevisionIn.model_validate(body), today=TODAY).outcome

    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P", total_budget="5", currency="USD")
    assert decide("2021-01-01", "7") == "created"
    assert decide("2022-01-01", "8 EUR") == "created"
    with pytest.raises(InvalidInput) as refused:
        decide("2021-06-01", "9")
    told = "The budget of the project was in EUR, USD: write which one is meant, as in 9 EUR."
    assert [(fault.rule, fault.message) for fault in refused.value.faults] == [("revision.currency", told)]
    # what is told again is as it was
    assert (decide("2021-01-01", "7"), decide("2022-01-01", "8")) == ("unchanged", "unchanged")
    assert decide("2021-06-01", "9 USD") == "created"
