"""Duties as they are known by portion of the projects are those that are judged of all of them at once."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlmodel import Session

from app.config import Settings
from app.db.base import table
from app.db.engine import Database, open_database
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.organisation import Unit
from app.db.portions import BITS
from app.db.projects import Project, ProjectRevision
from app.domain.evaluation.terms import Independence, Kind
from app.domain.periods import Period
from app.domain.terms import EvaluationStatus, Stage
from app.evaluations.obligations.due import due, views_due
from app.evaluations.obligations.fresh import fresh
from app.evaluations.obligations.queries_stamps import watermark
from app.evaluations.obligations.remembered import due_remembered
from app.reports.service import coverage
from tests import portfolio
from tests.queries import count_queries

KEYS = (1, 2, 3, (1 << BITS) - 1, 1 << BITS, (1 << BITS) + 1, 5 << BITS)
#: this one is archived, and the others are not
LEFT = KEYS[3]
ACTIVE = tuple(key for key in KEYS if key != LEFT)
TODAY = dt.date(2026, 6, 30)
WITHIN = 400


def fill(session: Session) -> None:
    portfolio.set_up(session)
    portfolio.choose_policies(session)
    for code in ("ROAF", "ROAP"):
        portfolio.unit(session, code)
    partner = portfolio.partner(session, "FI")
    agreement = portfolio.agreement(session, "A-1", partner.id or 0)
    for key in KEYS:
        begun(session, key)
        portfolio.share(session, agreement.id or 0, key)


def begun(session: Session, key: int) -> None:
    days = {"planned_start": dt.date(2022 + key % 3, 1, 1), "planned_end": dt.date(2026 + key % 2, 9, 1)}
    session.add(
        Project(
            id=key, code=f"P{key}", title=f"Project {key}", stage=Stage.IMPLEMENTATION, reporting_org_id=1,
            iati_identifier=f"XX-OWN-P{key}", unit_id=1 + key % 2, total_budget=Decimal(400_000 * (1 + key % 4)),
            budget_currency="USD", **days,
        )
    )  # fmt: skip
    session.flush()


def some(session: Session, chance: random.Random) -> Project:
    return session.get_one(Project, chance.choice(ACTIVE))


def redate(session: Session, chance: random.Random) -> None:
    project = some(session, chance)
    project.planned_end = dt.date(2026, chance.randint(1, 12), chance.randint(1, 28))
    assert project.id is not None
    number = session.scalar(
        select(func.count()).where(
            table(ProjectRevision).c.project_id == project.id, table(ProjectRevision).c.field == "planned_end"
        )
    )
    session.add(
        ProjectRevision(
            project_id=project.id, field="planned_end", sequence=(number or 0) + 1, known_on=dt.date(2026, 6, 1),
            value=project.planned_end.isoformat(), reason="later",
        )
    )  # fmt: skip


def move(session: Session, chance: random.Random) -> None:
    some(session, chance).unit_id = chance.choice(session.scalars(select(table(Unit).c.id)).all())


def rename(session: Session, chance: random.Random) -> None:
    some(session, chance).title = f"Called {chance.random()}"


def archive(session: Session, _chance: random.Random) -> None:
    """Archives a project, or restores it."""
    left = session.scalar(select(table(Project).c.archived_at).where(table(Project).c.id == LEFT))
    values = {"at": None if left else "2026-06-01 00:00:00", "id": LEFT}
    session.execute(text("UPDATE projects SET archived_at = :at, version = version + 1 WHERE id = :id"), values)


def evaluate(session: Session, chance: random.Random) -> None:
    """An evaluation of two projects, mostly of two portions."""
    number = session.scalar(select(func.count()).select_from(table(Evaluation))) or 0
    done = chance.random() < 0.5
    evaluation = Evaluation(
        reference=f"E-{number}", title="Evaluation", kind=Kind.FINAL, independence=Independence.INDEPENDENT,
        status=EvaluationStatus.DISCLOSED if done else EvaluationStatus.PLANNED, planned_start=dt.date(2026, 3, 1),
        planned_end=dt.date(2026, 10, 1), completed_on=dt.date(2026, 5, 1) if done else None,
    )  # fmt: skip
    session.add(evaluation)
    session.flush()
    assert evaluation.id is not None
    for key in chance.sample(ACTIVE, 2):
        session.add(EvaluationProject(evaluation_id=evaluation.id, project_id=key))


def sign_later(session: Session, chance: random.Random) -> None:
    session.execute(text(f"UPDATE agreements SET signed_on = '2021-0{chance.randint(1, 9)}-01', version = version + 1"))


def begin_project(session: Session, chance: random.Random) -> None:
    highest = session.scalar(select(func.max(table(Project).c.id))) or 0
    begun(session, highest + chance.choice((1, 1 << BITS)))


CHANGES: tuple[Callable[[Session, random.Random], object], ...] = (
    redate, redate, move, rename, archive, evaluate, sign_later, begin_project,
)  # fmt: skip


def assert_the_same(database: Database) -> None:
    fresh(database, TODAY)
    with database.read() as session:
        assert list(due_remembered(session, TODAY, within=WITHIN)) == due(session, TODAY, within=WITHIN)
        (by_unit,) = coverage(session, period="2024..2027", as_of=TODAY, groupings=[("unit",)])
        span = Period(start=dt.date(2024, 1, 1), end=dt.date(2027, 12, 31))
        told: dict[str, Counter[str]] = {}
        for one in views_due(session, span.start, span.end, TODAY):
            if one.due is None or one.due in span:
                told.setdefault(one.row.unit or "", Counter())[str(one.state)] += 1
        assert {str(row["unit"]) for row in by_unit.rows} == told.keys()
        for row in by_unit.rows:
            states = told[str(row["unit"])]
            assert row["required"] == states.total() - states["cannot-tell"]
            assert (row["done"], row["overdue"], row["cannot_tell"]) == (
                states["done"], states["overdue"], states["cannot-tell"],
            )  # fmt: skip


def test_duties_by_portion_are_those_of_all_projects_whatever_is_stored(database: Database) -> None:
    chance = random.Random(4)
    with database.write("tests") as session:
        fill(session)
    assert_the_same(database)
    other = open_database(Settings(database_url=database.engine.url.render_as_string(hide_password=False)))
    for number in range(32):
        store = chance.choice((database, other))
        with store.write("tests") as session:
            if number % 4 == 3:
                with session.begin_nested() as part:
                    CHANGES[number % len(CHANGES)](session, chance)
                    part.rollback()
            CHANGES[(number * 3) % len(CHANGES)](session, chance)
        assert_the_same(database)
        with database.read() as one, other.read() as another:
            assert watermark(one, spending=True) == watermark(another, spending=True)
    with database.read() as session:
        # on a former day what stands follows from what was known then
        former = TODAY - dt.timedelta(days=60)
        assert list(due_remembered(session, former, within=WITHIN)) == due(session, former, within=WITHIN)
    other.dispose()


def test_only_the_portion_is_judged_anew_of_which_something_was_stored(database: Database) -> None:
    with database.write("tests") as session:
        fill(session)
    assert_the_same(database)
    with database.write("tests") as session:
        session.get_one(Project, KEYS[-1]).title = "Called otherwise"
    with database.read() as session, count_queries(database) as seen:
        due_remembered(session, TODAY, within=WITHIN)
    assert len([each for each in seen if "obligations.opens_on <= " in each]) == 1
