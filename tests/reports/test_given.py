"""What was given, against printed tables: annual approvals by donor, averages of two periods, money raised locally.

The figures lie in ``tests/golden``: approvals in thousands of US dollars, as printed, and what the same tables print
of them. ``undated`` is money whose year the print does not show; the rows "(undated)" close the printed columns.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session

from app.db.engine import Database
from app.domain.access import LOCAL
from app.reports.frame import Cell, ReportTable
from app.reports.service import run
from app.tabular.registry import kind
from app.tabular.service import TableReport, import_table
from tests import portfolio
from tests.portfolio import TODAY
from tests.queries import count_queries

GOLDEN = Path(__file__).parents[1] / "golden"
YEARS = [str(year) for year in range(2000, 2005)]
CATEGORIES = {
    "Multi-bilateral donors": "government",
    "Direct trust funds": "domestic-public",
    "Non-state actors": "foundation",
    "IFIs (banks)": "ifi",
    "United Nations": "un-entity",
    "European Union": "eu",
}
#: how the print calls groups in its subtotals
SUBTOTALS = {
    "Subtotal multi-bi donors": "Multi-bilateral donors",
    "Subtotal non-state actors": "Non-state actors",
    "Subtotal United Nations": "United Nations",
}
Row = dict[str, str]


def code(*names: str) -> str:
    """Names as codes are written."""
    return re.sub("[^A-Za-z0-9]+", "-", " ".join(names))


def golden(name: str) -> list[Row]:
    with (GOLDEN / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def load(database: Database, folder: Path, name: str, rows: Sequence[Mapping[str, str]]) -> TableReport:
    """Through the door that an office uses."""
    path = folder / f"{name}.csv"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)
    report = import_table(database, LOCAL, kind(name), path, today=TODAY)
    assert not report.faults, report.faults[:3]
    return report


def partner(name: str, category: str, **more: str) -> Row:
    return {"code": code(name), "name": name, "category": category, **more}


def agreement(reference: str, donor: str, year: str, amount: str, **more: str) -> Row:
    row = {
        "reference": code(reference),
        "partner": code(donor),
        "title": reference,
        "preset": "project",
        "status": "completed",
    }
    row |= {"signed_on": f"{year}-06-30", "currency": "USD", "amount": amount}
    return row | more


@pytest.fixture
def office(database: Database) -> Database:
    with database.write("tests") as session:
        portfolio.set_up(session)
    return database


def load_approvals(database: Database, folder: Path) -> TableReport:
    rows = golden("approvals.csv")
    partners = {f"{row['donor']} {row['group']}": row["group"] for row in rows}
    load(
        database,
        folder,
        "partners",
        [partner(name, CATEGORIES[group], subcategory=group) for name, group in partners.items()],
    )
    return load(
        database,
        folder,
        "agreements",
        [
            agreement(f"{row['donor']} {row['group']} {year}", f"{row['donor']} {row['group']}", year, row[year])
            for row in rows
            for year in YEARS
            if int(row[year] or 0)
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Given:
    """The printed approvals, those of the five years before, and what their import told."""

    database: Database
    report: TableReport


@pytest.fixture(scope="module")
def given(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Given:
    with shared_database.write("tests") as session:
        portfolio.set_up(session)
    report = load_approvals(shared_database, tmp_path_factory.mktemp("approvals"))
    load_earlier(shared_database, tmp_path_factory.mktemp("earlier"))
    return Given(database=shared_database, report=report)


def by_first(table: ReportTable) -> dict[str, dict[str, Cell]]:
    return {str(row[table.columns[0]]): row for row in table.rows}


def approvals(database: Database, *by: str, period: str = "2000..2004", **asked: str) -> ReportTable:
    with database.read() as session:
        return run(
            session,
            "approvals",
            period=period,
            as_of=TODAY,
            by=by,
            variant=asked.pop("variant", None),
            currency=asked.pop("currency", None),
            options=asked,
        )


MEASURES = {"row_total": "total", "annual_average": "average", "share_of_total": "share"}


def printed(table: str) -> Iterator[Row]:
    yield from (row for row in golden("approvals_printed.csv") if row["table"] == table)


def differs(row: Row, computed: Decimal) -> bool:
    """Whether a figure is further from the printed one than the rounding of the print explains."""
    return abs(computed - Decimal(row["printed"])) > Decimal(row["tolerance"])


def test_old_agreements_of_unscreened_partners_load_with_findings(given: Given) -> None:
    report = given.report
    findings = {finding.rule for finding in report.findings}
    unscreened = [row for row in golden("approvals.csv") if row["group"] == "Non-state actors"]
    assert findings == {"agreement.signed-unscreened"}
    assert len(report.findings) == sum(bool(int(row[year] or 0)) for row in unscreened for year in YEARS)
    assert "screening is pending" in report.findings[0].message
    assert report.findings[0].row


def test_annual_approvals_by_donor_are_the_printed_ones(given: Given) -> None:
    donors, groups = by_first(approvals(given.database, "partner")), by_first(approvals(given.database, "subcategory"))
    total = approvals(given.database).totals
    undated = {row["donor"]: Decimal(row["undated"] or 0) for row in golden("approvals.csv")}
    group_of = {row["donor"]: row["group"] for row in golden("approvals.csv")}
    wrong = []
    for row in printed("Annex 2"):
        item, measure = row["item"], row["measure"]
        column = MEASURES.get(measure, row["period"])
        if item == "Total donors":
            computed = Decimal(str(total[column]))
        elif item in SUBTOTALS:
            computed = Decimal(str(groups[SUBTOTALS[item]][column]))
        else:
            found = donors.get(code(item, group_of.get(item, "")), {})
            without_year = undated.get(item, Decimal(0))
            computed = Decimal(str(found.get(column) or 0))
            if measure == "row_total":
                computed += without_year
            elif measure == "annual_average":
                computed += without_year / 5
            elif measure == "share_of_total":
                computed += 100 * without_year / Decimal(str(total["total"]))
        if differs(row, computed):
            wrong.append((item, measure, row["period"], row["printed"], str(computed)))
    assert not wrong


def load_earlier(database: Database, folder: Path) -> None:
    """The averages of 1995 to 1999 that are printed, as one amount a year."""
    averages = {
        row["item"]: row["printed"]
        for row in printed("Table V.1")
        if (row["measure"], row["period"]) == ("annual_average", "1995-1999")
    }
    names = {"United Nations": "UN", "Multi-bilateral donors": "MULTI", "Other sources": "OTHER"}
    groups = {"United Nations": "United Nations", "Multi-bilateral donors": "Multi-bilateral donors"}
    load(
        database,
        folder,
        "partners",
        [partner(name, CATEGORIES[groups.get(item, "European Union")]) for item, name in names.items()],
    )
    load(
        database,
        folder,
        "agreements",
        [
            agreement(f"{name} {year}", name, str(year), averages[item])
            for item, name in names.items()
            for year in range(1995, 2000)
        ],
    )


def test_change_compares_with_as_long_a_time_before(given: Given) -> None:
    for asked in (approvals(given.database), approvals(given.database, compare="1995..1999")):
        rows = by_first(asked)
        assert asked.remarks == (
            "Change compares the average of 2000-01-01 to 2004-12-31 with that of 1995-01-01 to 1999-12-31.",
        )
        for row in printed("Table V.1"):
            if row["measure"] == "change_between_periods" and row["item"] != "Other sources":
                group = {"Total": None, "United Nations": "un-entity", "Multi-bilateral donors": "government"}
                named = group[row["item"]]
                found = asked.totals if named is None else rows[named]
                assert not differs(row, Decimal(str(found["change"]))), row
    halves = approvals(given.database, period="1995..2004")
    assert halves.totals["change"] == approvals(given.database).totals["change"]
    assert "Nothing is on record of the time before 1995-01-01." in halves.remarks[0]


def test_groups_of_two_periods_are_the_printed_ones(given: Given) -> None:
    for period in ("1995-1999", "2000-2004"):
        table = approvals(given.database, period=period.replace("-", ".."))
        rows = by_first(table)
        own = {"United Nations": ["un-entity"], "Multi-bilateral donors": ["government"], "Total": list(rows)}
        own["Other sources"] = [name for name in rows if name not in ("un-entity", "government")]
        for row in printed("Table V.1"):
            if row["period"] == period:
                column = MEASURES[row["measure"]]
                computed = sum(Decimal(str(rows[name][column])) for name in own[row["item"]])
                assert not differs(row, Decimal(computed)), (row, computed)


LOCAL_MEASURES = {
    "total_xbtc": "total",
    "share_of_total_xbtc": "share",
    "locally_mobilized": "locally_mobilised",
    "share_of_locally_mobilized": "share_of_locally_mobilised",
    "local_share_of_xbtc": "local_share",
}


@pytest.mark.parametrize(("table", "dimension"), [("Annex 1A", "category"), ("Annex 1B", "objective")])
def test_money_raised_locally_is_the_printed_part(office: Database, tmp_path: Path, table: str, dimension: str) -> None:
    rows = list(printed(table))
    amounts = {(row["item"], row["measure"]): Decimal(row["printed"]) for row in rows}
    items = [item for item in dict.fromkeys(row["item"] for row in rows) if item != "Total"]
    categories = CATEGORIES | {"Other intergovernmental organizations": "other-igo"}
    codes = {item: categories.get(item, "government") for item in items}
    load(
        office,
        tmp_path,
        "partners",
        [partner(item, codes[item]) for item in items],
    )
    agreements = []
    for item in items:
        raised, whole = amounts[item, "locally_mobilized"], amounts[item, "total_xbtc"]
        local = agreement(f"{item} local", item, "2003", str(raised), mobilised_locally="true", earmarked_for=item)
        other = agreement(f"{item} other", item, "2004", str(whole - raised), earmarked_for=item)
        agreements += [local, other]
    load(office, tmp_path, "agreements", agreements)
    found = approvals(office, dimension, period="2002..2004", variant="mobilised-locally")
    by_item = by_first(found)
    for row in rows:
        name = codes.get(row["item"], "") if dimension == "category" else row["item"]
        cells = found.totals if row["item"] == "Total" else by_item[name]
        assert not differs(row, Decimal(str(cells[LOCAL_MEASURES[row["measure"]]]))), row


@pytest.mark.parametrize("year", ["2018", "2019", "2020"])
def test_contributors_have_the_printed_order(office: Database, tmp_path: Path, year: str) -> None:
    rows = [row for row in golden("contributors.csv") if row["year"] == year and row["kind"] != "total"]
    names = dict.fromkeys(row["contributor"] for row in rows)
    load(office, tmp_path, "partners", [partner(name, "government") for name in names])
    presets = {"assessed": "assessed", "non_core": "project"}
    load(
        office,
        tmp_path,
        "agreements",
        [
            agreement(f"{row['kind']} {row['contributor']}", row["contributor"], year, row["amount"])
            | {"preset": presets[row["kind"]]}
            for row in rows
        ],
    )
    for kind_, name in (("assessed", "assessed"), ("non_core", "non-core")):
        asked = [row for row in rows if row["kind"] == kind_]
        with office.read() as session:
            table = run(session, "contributors", period=year, as_of=TODAY, options={"kind": name})
        shown = [(str(row["partner"]), str(row["amount"])) for row in table.rows]
        assert shown == [
            (code(row["contributor"]), row["amount"]) for row in sorted(asked, key=lambda r: int(r["rank"]))
        ]
        assert [row["rank"] for row in table.rows] == list(range(1, len(asked) + 1))
        assert table.rows[-1]["cumulative_share"] == "100.00"
    with office.read() as session:
        table = run(session, "contributors", period=year, as_of=TODAY, options={"kind": "all", "top": "1"})
    assert [row["partner"] for row in table.rows] == ["United-States", "all others"]
    first = next(row for row in golden("contributors.csv") if (row["year"], row["kind"]) == (year, "total"))
    assert table.rows[0]["amount"] == first["amount"]


def earmarked(session: Session, **options: str) -> ReportTable:
    basis = {name: value for name, value in options.items() if name in ("basis", "kind")}
    return run(session, "earmarking", period="2020-21", as_of=TODAY, options=basis)


def test_the_two_indicators_have_their_own_names(office: Database, tmp_path: Path) -> None:
    load(office, tmp_path, "partners", [partner("NLD", "government")])
    given = {"rbsa": "4", "thematic-fund": "5", "country-programme": "4", "project": "87", "assessed": "117.39"}
    load(
        office,
        tmp_path,
        "agreements",
        [agreement(preset, "NLD", "2020", amount, preset=preset) for preset, amount in given.items()],
    )
    aims = {"decided_on": "2020-01-01", "period": "2020-21"}
    load(
        office,
        tmp_path,
        "indicator-targets",
        [
            {"indicator": "unearmarked_and_lightly_share", "percent": "15", "source": "Programme", **aims},
            {"indicator": "voluntary_share", "percent": "46", "source": "", **aims},
            {"indicator": "joint_un_share", "percent": "4", "source": "", **aims, "period": "2020"},
        ],
    )
    with office.read() as session:
        table = earmarked(session)
        assert table.totals["unearmarked_and_lightly_target"] == "15.00"
        assert table.totals["unearmarked_and_lightly_to_target"] == "-2.00"
        assert table.remarks[-2:] == (
            "The target of unearmarked_and_lightly_share is 15 % (Programme); the share is 13.00 %, 2 points below.",
            "The target of voluntary_share is 46 %; the share is 46.00 %, on target.",
        )
        # that of another period is not this one's
        assert "joint_un_target" not in table.totals
        assert {row["category"]: (row["amount"], row["share"]) for row in table.rows} == {
            "1": ("4", "4.00"), "2": ("5", "5.00"), "3": ("4", "4.00"), "4": ("87", "87.00"),
        }  # fmt: skip
        assert table.totals["unearmarked_and_softly_share"] == "9.00"
        assert table.totals["unearmarked_and_lightly_share"] == "13.00"  # against a target of 15
        assert table.totals["voluntary_share"] == "46.00"  # against a target of 48
        everything = earmarked(session, kind="all")
    assert everything.rows[0] == {"category": "1", "meaning": "unearmarked", "amount": "121.39", "share": "55.84"}
    assert everything.totals["unearmarked_and_lightly_share"] == "13.00"
    assert "unearmarked_and_lightly_share: 13.00" in everything.as_text()
    # decisions count from their day on, and one without a figure takes the target away
    load(
        office,
        tmp_path,
        "indicator-targets",
        [{"indicator": "voluntary_share", "percent": "", "source": "", **aims, "decided_on": "2021-01-01"}],
    )
    with office.read() as session:
        assert "voluntary_target" not in earmarked(session).totals


def test_reports_need_a_constant_number_of_statements(office: Database, tmp_path: Path) -> None:
    def ask() -> dict[str, int]:
        counts = {}
        for name in ("approvals", "contributors", "earmarking", "support-cost"):
            with office.read() as session, count_queries(office) as seen:
                run(session, name, period="2000..2004", as_of=TODAY)
            counts[name] = len(seen)
        return counts

    before = ask()
    load_approvals(office, tmp_path)
    assert ask() == before
    # what was renamed since decisions were made is one of them
    assert max(before.values()) <= 9
