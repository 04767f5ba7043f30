"""A report asks the database as often of a large portfolio as of a small one, whatever is asked of it."""

import datetime as dt
import sys
from collections.abc import Mapping
from decimal import Decimal

import pytest
from sqlmodel import Session

from app.db import unchanged
from app.db.engine import Database
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.portions import BITS
from app.db.projects import Classification, Project, ProjectRevision
from app.db.spending import Allocation, Encumbrance, ExchangeRate, LedgerEntry
from app.domain.evaluation.terms import Independence, Kind
from app.domain.terms import EvaluationStatus, Stage
from app.evaluations.obligations.fresh import fresh
from app.reports.frame import Report
from app.reports.registry import REPORTS
from app.reports.service import run
from tests import portfolio
from tests.queries import count_queries

TODAY = dt.date(2026, 6, 30)
#: projects of the small portfolio and of the large one; each lies in a portion of its own
SMALL, LARGE = 3, 14
#: days of which reports are asked; on the others duties follow from other facts than those that are kept
DAYS = (TODAY, dt.date(2024, 3, 1), dt.date(2028, 3, 1))
#: so many are read together, kept or looked up, wherever there is a bound
BOUNDS = ("BATCH", "LOOKED_UP", "_BATCH", "_CHUNK", "_LOOKED_UP")
PERIODS = ("2024..2026",)


def fill(session: Session) -> None:
    portfolio.set_up(session)
    portfolio.choose_policies(session)
    for place, code in enumerate(("ROAF", "ROAP"), start=1):
        portfolio.unit(session, code).region = f"region {place}"
        portfolio.officer(session, f"O{place}", place)
    for code in ("FI", "NL", "SE"):
        portfolio.partner(session, code)
    session.add(
        ExchangeRate(currency="EUR", effective_on=dt.date(2020, 1, 1), rate=Decimal("0.9"), recorded_by="tests")
    )


def grow(session: Session, first: int, last: int) -> None:
    """Projects with all that reports tell of them, each with an agreement of its own."""
    for number in range(first, last):
        key = (number << BITS) + 1
        agreement = portfolio.agreement(session, f"A-{number}", number % 3 + 1)
        session.add(
            Project(
                id=key, code=f"P{number}", title=f"Project {number}", stage=Stage.IMPLEMENTATION, reporting_org_id=1,
                iati_identifier=f"XX-OWN-P{number}", unit_id=number % 2 + 1, officer_id=number % 2 + 1,
                outcome=str(number % 3 + 1), planned_start=dt.date(2022, 1, 1), planned_end=dt.date(2026, 9, 1),
                total_budget=Decimal(400_000 * (number % 4 + 1)), budget_currency="USD",
            )
        )  # fmt: skip
        session.flush()
        portfolio.share(session, agreement.id or 0, key)
        session.add(
            ProjectRevision(
                project_id=key, field="planned_end", sequence=1, known_on=dt.date(2025, 6, 1), value="2026-09-01",
                reason="later",
            )
        )  # fmt: skip
        session.add(Classification(project_id=key, kind="country", ordinal=1, code="KE", percentage=Decimal(100)))
        session.add(Classification(project_id=key, kind="sector", ordinal=1, code="15110", percentage=Decimal(100)))
        for year in (2024, 2025, 2026):
            _of_year(session, key, agreement.id or 0, number, year)
        evaluation = Evaluation(
            reference=f"E-{number}", title="Evaluation", kind=Kind.MID_TERM, independence=Independence.INDEPENDENT,
            status=EvaluationStatus.PLANNED, planned_start=dt.date(2026, 3, 1), planned_end=dt.date(2026, 10, 1),
        )  # fmt: skip
        session.add(evaluation)
        session.flush()
        session.add(EvaluationProject(evaluation_id=evaluation.id or 0, project_id=key))
        session.flush()


def _of_year(session: Session, key: int, agreement: int, number: int, year: int) -> None:
    own = {"project_id": key, "agreement_id": agreement, "amount": Decimal(number + 7)}
    session.add(
        Allocation(
            period_start=dt.date(year, 1, 1), period_end=dt.date(year + number % 2, 12, 31), kind="original",
            decided_on=dt.date(year, 1, 1), currency="USD", outcome="2" if number % 2 else "", source="", **own,
        )
    )  # fmt: skip
    for place, (kind, currency) in enumerate((("4", "USD"), ("4", "EUR"), ("1", "USD"))):
        day = dt.date(year, 1 + number % 6, 15)
        document = f"D{number}-{year}-{place}"
        session.add(LedgerEntry(document=document, type=kind, date=day, currency=currency, **own))
    began = dt.date(year, 2, 1)
    session.add(
        Encumbrance(
            document=f"N{number}-{year}", project_id=key, date=began, amount=Decimal(5), currency="USD",
            released_on=began + dt.timedelta(days=60) if number % 2 else None,
        )
    )  # fmt: skip


def asked(report: Report) -> list[tuple[tuple[str, ...], str | None, Mapping[str, str]]]:
    """Dimensions, variants and options of which each report is asked."""
    if report.name == "partner-briefing":
        return [((), None, {"partner": "NL"})]
    by: list[tuple[str, ...]] = [(), *((name,) for name in report.dimensions)]
    if min(len(report.dimensions), report.most_dimensions) > 1 and not report.alternatives:
        by.append(report.dimensions[:2])
    plain = [(each, variant, {}) for variant in report.variants or (None,) for each in by]
    options = [{"support_cost": "out"}] if "support_cost" in report.options else []
    return [
        *[one for one in plain if not (one[0] and one[1] in report.own_rows)],
        *[(each, None, option) for option in options for each in by],
    ]


def counted(database: Database, report: Report) -> dict[tuple[object, ...], int]:
    """How many statements each way takes that the report may be asked for, of whoever asks for the first time."""
    found: dict[tuple[object, ...], int] = {}
    for by, variant, options in asked(report):
        for day in DAYS if report.of_obligations or not report.dimensions else DAYS[:1]:
            for period in (None,) if report.of_everything else PERIODS:
                for again in (False, True):
                    unchanged._of_databases.clear()
                    given = {"by": by, "variant": variant, "options": options, "remembered": again}
                    with database.read() as session, count_queries(database) as seen:
                        run(session, report.name, period=period, as_of=day, **given)
                    found[by, variant, str(options), day, period, again] = len(seen)
    return found


def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portfolio of a dozen projects goes beyond each of them."""
    for name, module in list(sys.modules.items()):
        for bound in BOUNDS:
            if name.startswith("app.") and isinstance(getattr(module, bound, None), int):
                monkeypatch.setattr(module, bound, SMALL)


def test_statements_do_not_grow_with_the_portfolio(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    small_bounds(monkeypatch)
    with database.write("tests") as session:
        fill(session)
        grow(session, 0, SMALL)
    fresh(database, TODAY)
    before = {report.name: counted(database, report) for report in REPORTS}
    with database.write("tests") as session:
        grow(session, SMALL, LARGE)
    fresh(database, TODAY)
    after = {report.name: counted(database, report) for report in REPORTS}
    grown = {
        (name, *way): (count, after[name][way])
        for name, ways in before.items()
        for way, count in ways.items()
        if after[name][way] > count
    }
    assert not grown
