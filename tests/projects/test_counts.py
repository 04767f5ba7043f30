"""What a list of projects counts is what one statement over all of them counts, whatever was stored by whomever."""

import datetime as dt
import random
from collections import Counter
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlmodel import Session

from app.config import Settings
from app.db.base import table
from app.db.engine import Database, open_database
from app.db.organisation import Officer, Unit
from app.db.portions import BITS
from app.db.projects import Classification, Project
from app.db.publishing import PublishedActivity
from app.domain.terms import Role, Stage
from app.projects import queries_counts
from app.projects.answers import ProjectPage
from tests import portfolio
from tests.api import Api
from tests.queries import count_queries
from tests.web.people import signed_in

#: keys of projects in three portions
KEYS = (1, 2, 3, (1 << BITS) - 1, 1 << BITS, (1 << BITS) + 1, 21 << BITS)
ALL, ARCHIVED = ProjectPage(), ProjectPage(archived=True)
ASKED = (
    ProjectPage(status=[Stage.IMPLEMENTATION]),
    ProjectPage(status=[Stage.IMPLEMENTATION], open_end=True),
    ProjectPage(published=False),
    ProjectPage(draft=True),
)


def fill(session: Session) -> None:
    portfolio.set_up(session)
    for code in ("ROAF", "ROAP"):
        unit = portfolio.unit(session, code)
        portfolio.officer(session, f"O-{code}", unit.id or 0)
    for key in KEYS:
        session.add(
            Project(
                id=key, code=f"P{key}", title=f"Project {key}", stage=Stage.IMPLEMENTATION, reporting_org_id=1,
                iati_identifier=f"XX-OWN-P{key}", unit_id=1 + key % 2, officer_id=1, total_budget=Decimal(key),
                budget_currency="USD",
            )
        )  # fmt: skip
        session.flush()


def redate(project: Project, chance: random.Random) -> None:
    project.planned_end = chance.choice((None, dt.date(2027, 1, chance.randint(1, 31))))


def stage(project: Project, chance: random.Random) -> None:
    project.stage = chance.choice(list(Stage))


def move(project: Project, chance: random.Random) -> None:
    project.unit_id, project.officer_id = chance.choice((None, 1, 2)), chance.choice((None, 1, 2))


def budget(project: Project, chance: random.Random) -> None:
    amount = chance.choice((None, Decimal(chance.randint(1, 10**6)).scaleb(-2)))
    project.total_budget, project.budget_currency = amount, chance.choice(("USD", "EUR")) if amount else None


def archive(project: Project, _chance: random.Random) -> None:
    project.archived_at = None if project.archived_at else dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


CHANGES = (redate, stage, move, budget, archive)


def elsewhere(session: Session, chance: random.Random) -> None:
    """What the counts stand on beside projects: countries, publications, what units are called."""
    match chance.randint(0, 2):
        case 0:
            highest = session.scalar(select(func.max(table(Classification).c.ordinal))) or 0
            project, code = chance.choice(KEYS[:3]), chance.choice(("KE", "UG"))
            session.add(Classification(project_id=project, kind="country", ordinal=highest + 1, code=code))
        case 1:
            session.get_one(Unit, 1).code = f"U{chance.random()}"
        case _:
            session.execute(text("UPDATE projects SET planned_end = NULL WHERE id = 1"))


def told(session: Session) -> list[object]:
    lists = [(queries_counts.facets(session, page), queries_counts.budgets(session, page)) for page in (ALL, ARCHIVED)]
    numbers = [queries_counts.counted(session, ASKED, of_all=of_all) for of_all in (True, False)]
    assert [*numbers[0]] == [*numbers[1]]
    return [lists, [*numbers[0]]]


def expected(session: Session) -> list[object]:
    """The same, of each project read by itself."""
    units = {row.id: row.code for row in session.scalars(select(Unit))}
    officers = {row.id: row.code for row in session.scalars(select(Officer))}
    countries = [(row.project_id, row.code) for row in session.scalars(select(Classification)) if row.kind == "country"]
    every = list(session.scalars(select(Project)))
    active = [each for each in every if each.archived_at is None]
    seen = {row.project_id for row in session.scalars(select(PublishedActivity))}
    lists = []
    for own in (active, every):
        keys = {each.id for each in own}
        facets: dict[str, Counter[object]] = {
            "status": Counter(each.stage for each in own),
            "grain": Counter(each.grain for each in own),
            "unit": Counter(units[each.unit_id] for each in own if each.unit_id),
            "officer": Counter(officers[each.officer_id] for each in own if each.officer_id),
            "country": Counter(code for key, code in countries if key in keys),
        }
        shown = {
            name: sorted(number.items(), key=lambda pair: (-pair[1], str(pair[0]))) for name, number in facets.items()
        }
        money: dict[str, list[Decimal]] = {}
        for each in own:
            if each.total_budget is not None:
                money.setdefault(str(each.budget_currency), []).append(each.total_budget)
        lists.append((shown, [(code, sum(money[code], Decimal(0)), len(money[code])) for code in sorted(money)]))
    running = [each for each in active if each.stage is Stage.IMPLEMENTATION]
    unseen = [each for each in active if each.id not in seen]
    drafts = [each for each in active if each.findings is not None]
    endless = [each for each in running if each.planned_end is None]
    return [lists, [len(running), len(endless), len(unseen), len(drafts)]]


def test_counts_of_all_projects_are_those_of_each_whatever_is_stored(database: Database) -> None:
    chance = random.Random(5)
    with database.read() as session:
        assert told(session)[1] == [0, 0, 0, 0]
    with database.write("tests") as session:
        fill(session)
    other = open_database(Settings(database_url=database.engine.url.render_as_string(hide_password=False)))
    for number in range(40):
        with database.read() as session:
            assert told(session) == expected(session), number
        with chance.choice((database, other)).write("tests") as session:
            if number % 4 == 3:
                elsewhere(session, chance)
            else:
                project = session.get_one(Project, chance.choice(KEYS))
                # nothing of what is archived changes but that it is
                change = archive if project.archived_at else chance.choice(CHANGES)
                if change is not archive or project.id not in KEYS[:3]:
                    change(project, chance)
                session.flush()
                assert told(session) == expected(session), "who stores it sees it"
    other.dispose()


def test_only_the_portion_is_counted_anew_of_which_something_was_stored(database: Database) -> None:
    with database.write("tests") as session:
        fill(session)
    with database.read() as session:
        told(session)
    with database.write("tests") as session:
        session.get_one(Project, KEYS[-1]).planned_end = dt.date(2027, 1, 1)
    with database.read() as session, count_queries(database) as seen:
        queries_counts.facets(session, ALL)
        queries_counts.budgets(session, ALL)
        queries_counts.counted(session, ASKED, of_all=True)
    # its rows, its countries and its numbers, and what units and officers are called; one asks how the tables stand
    assert len(seen) == 6


def test_the_figures_of_a_large_portfolio_are_told_to_the_last_project(light_api: Api) -> None:
    """Lists are counted up to ten thousand, and then say that there are more; a figure has no room to say so."""
    number = 10_003
    with light_api.database.write("tests") as session:
        portfolio.set_up(session)
    with light_api.database.write("tests") as session:
        for key in range(1, number + 1):
            called = f"P{key}"
            session.add(
                Project(
                    id=key, code=called, title="Wells", stage=Stage.IMPLEMENTATION, reporting_org_id=1,
                    iati_identifier=f"XX-OWN-{called}",
                )
            )  # fmt: skip
    assert f"<strong>{number:,}</strong>projects in implementation" in signed_in(light_api, Role.ADMIN).get("/").text
