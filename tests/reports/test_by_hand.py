"""Small portfolios with figures that were reckoned by hand from the meaning of the words, not by the program.

Each document of a file in ``hand`` is a portfolio: the rule it goes for, the tables that go in as officers write them,
and what reports answer. Of a row only the columns stand there that the rule is about.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.db.base import utc_now
from app.db.engine import Database
from app.domain.access import LOCAL
from app.evaluations.obligations.fresh import fresh
from app.reports.frame import ReportTable
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests import portfolio
from tests.portfolio import TODAY

FOLDER = Path(__file__).parent / "hand"


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """A portfolio and its answers."""

    #: the rule, in a sentence
    rule: str
    #: kind of table → CSV, in the order in which they go in
    tables: Mapping[str, str]
    #: the same, of what is learnt later; an answer that has ``recorded: before`` does not know it
    later: Mapping[str, str]
    #: each with the report, what is asked, and ``rows``, ``totals`` or ``remarks``
    answers: list[dict[str, Any]]
    #: of the organisation's own set-up
    organisation: Mapping[str, Any]


def _read() -> list[ByHand]:
    return [
        ByHand(organisation=found.pop("organisation", {}), later=found.pop("later", {}), **found)
        for path in sorted(FOLDER.glob("*.yaml"))
        for found in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("own", _read(), ids=lambda own: own.rule)
def test_the_figures_are_those_reckoned_by_hand(own: ByHand, database: Database, tmp_path: Path) -> None:
    with database.write("tests") as session:
        setup = portfolio.set_up(session)
        for name, value in own.organisation.items():
            setattr(setup, name, value)
    _load(database, own.tables, tmp_path)
    moment = utc_now()
    _load(database, own.later, tmp_path)
    if any(answer["report"] in ("partner-briefing", "evaluations") for answer in own.answers):
        fresh(database, TODAY)
    for answer in own.answers:
        asked = dict(answer)
        rows, totals, remarks = (asked.pop(part, None) for part in ("rows", "totals", "remarks"))
        where = asked.pop("where", {})
        recorded_at = moment if asked.pop("recorded", "") == "before" else None
        table = _run(database, asked, recorded_at)
        told = [row for row in table.rows if all(row[name] == value for name, value in where.items())]
        if rows is not None:
            assert len(told) == len(rows), (answer, told)
            found = [{name: row[name] for name in wanted} for row, wanted in zip(told, rows, strict=True)]
            assert _plain(found) == _plain(rows), answer
        if totals is not None:
            assert _plain([{name: table.totals[name] for name in totals}]) == _plain([totals]), answer
        if remarks is not None:
            assert list(table.remarks) == remarks, answer


def _load(database: Database, tables: Mapping[str, str], folder: Path) -> None:
    for name, content in tables.items():
        path = folder / f"{name}.csv"
        path.write_text(content, encoding="utf-8")
        report = import_table(database, LOCAL, kind(name), path, today=TODAY)
        assert not report.faults, (name, report.faults)


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """With numbers whose decimals do not matter: 100.00 is 100."""
    return [{name: _number(value) for name, value in row.items()} for row in rows]


def _number(value: Any) -> Any:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value.isoformat() if isinstance(value, dt.date) else value


def _run(database: Database, asked: dict[str, Any], recorded_at: dt.datetime | None) -> ReportTable:
    name, by = asked.pop("report"), tuple(asked.pop("by", ()))
    as_of: dt.date = asked.pop("as_of", TODAY)
    period, currency, variant = (asked.pop(part, None) for part in ("period", "currency", "variant"))
    with database.read() as session:
        return run(
            session,
            name,
            period=period,
            as_of=as_of,
            by=by,
            currency=currency,
            variant=variant,
            recorded_at=recorded_at,
            options=asked,
        )
