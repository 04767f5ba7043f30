"""The organisation file."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.db.engine import Database
from app.db.evaluations import Evaluation
from app.db.projects import Document
from app.db.spending import InstitutionalBudget
from app.domain.access import LOCAL
from app.domain.terms import EvaluationStatus
from app.errors import NotSetUp
from app.publishing.exporting.account import ExportAccount
from app.publishing.service import export_organisation, import_files
from iati.schema import schema_for
from iati.validator import validate
from tests.publishing.conftest import TODAY, sizes
from tests.publishing.own import PUBLISHER, Portfolio
from tests.reference import needs_reference, reference

RECORD = f"""<?xml version="1.0"?>
<iati-organisations version="2.03">
  <iati-organisation last-updated-datetime="2024-01-02T03:04:05Z" xml:lang="en" default-currency="USD">
    <organisation-identifier>{PUBLISHER}</organisation-identifier>
    <name><narrative>Agency</narrative></name>
    <reporting-org ref="{PUBLISHER}" type="40"><narrative>Agency</narrative></reporting-org>
    <total-budget status="1">
      <period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/>
      <value value-date="2024-01-01">1000.10</value>
    </total-budget>
    <document-link url="https://agency.example/plan.pdf" format="application/pdf">
      <title><narrative>Plan</narrative></title><category code="B02"/>
    </document-link>
  </iati-organisation>
</iati-organisations>
"""


def take_in(database: Database, path: Path) -> Any:
    return import_files(database, [path], LOCAL, as_of=TODAY).files[0]


def put_out(database: Database, folder: Path, name: str = "out.xml") -> tuple[Any, ExportAccount, Path]:
    path = folder / name
    account = export_organisation(database, path, as_of=TODAY)
    tree = etree.parse(str(path))
    assert schema_for("iati-organisations").validate(tree)
    return tree.getroot(), account, path


def budget(**values: Any) -> InstitutionalBudget:
    given = {
        "kind": "total", "period_start": dt.date(2026, 1, 1), "period_end": dt.date(2026, 12, 31),
        "amount": Decimal("500.50"), "currency": "USD", "value_date": dt.date(2026, 1, 1),
    } | values  # fmt: skip
    return InstitutionalBudget(**given)


def test_nothing_to_say_before_the_set_up(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotSetUp):
        export_organisation(database, tmp_path / "out.xml", as_of=TODAY)
    assert list(tmp_path.glob("*.xml")) == []


def test_imported_record_comes_out_as_it_went_in(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "org.xml"
    path.write_text(RECORD)
    assert take_in(database, path).counts["organisation_files_created"] == 1
    before = sizes(database)
    assert take_in(database, path).counts["organisation_files_unchanged"] == 1
    root, _, out = put_out(database, tmp_path)
    assert root[0].find("total-budget/value").text == "1000.10"
    assert take_in(database, out).counts["organisation_files_unchanged"] == 1
    assert sizes(database) == {**before, "published_organisations": 1}, "only what went out is known anew"
    assert put_out(database, tmp_path, "again.xml")[2].read_bytes() == out.read_bytes()


def test_newer_record_takes_the_place_of_the_old_one(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "org.xml"
    path.write_text(RECORD)
    take_in(database, path)
    path.write_text(RECORD.replace("1000.10", "2000"))
    assert take_in(database, path).counts["organisation_files_updated"] == 1
    root, _, _ = put_out(database, tmp_path)
    assert root[0].find("total-budget/value").text == "2000"


def test_record_that_breaks_the_schema_is_a_draft_until_a_mended_file_comes(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "org.xml"
    path.write_text(RECORD.replace("<name><narrative>Agency</narrative></name>", ""))
    report = take_in(database, path)
    assert (report.counts["organisation_files_created"], report.counts["drafts"]) == (1, 1)
    assert {fault.rule for fault in report.faults if fault.severity == "critical"} == {"0.3.1"}
    out = tmp_path / "out.xml"
    account = export_organisation(database, out, as_of=TODAY)
    assert (account.written, [each.what for each in account.held_back]) == (0, ["organisation"])
    assert "Add <name>" in account.held_back[0].reason
    assert export_organisation(database, out, as_of=TODAY, drafts=True).written == 1
    path.write_text(RECORD)
    assert take_in(database, path).counts["organisation_files_updated"] == 1
    assert export_organisation(database, out, as_of=TODAY).held_back == []


def test_own_budgets_and_documents_make_a_valid_file_without_errors(database: Database, tmp_path: Path) -> None:
    portfolio = Portfolio(database)
    portfolio.add(budget())
    portfolio.add(budget(line="1", line_title="Employment", amount=Decimal(100)))
    portfolio.add(budget(kind="country", country="KE", status="committed"))
    portfolio.add(budget(kind="expenditure", period_start=dt.date(2025, 1, 1), period_end=dt.date(2025, 12, 31)))
    portfolio.add(
        Document(ordinal=0, url="https://agency.example/a.pdf", format="application/pdf", title="Plan", category="B02")
    )
    portfolio.add(
        Evaluation(
            reference="EV/KE", kind="ex-post", independence="independent", title="Country programme of Kenya",
            status=EvaluationStatus.DISCLOSED, scope="country", country="KE", published=True,
            report_url="https://agency.example/ke.pdf",
        )
    )  # fmt: skip
    root, account, path = put_out(database, tmp_path)
    record = root[0]
    assert account.written == 1
    assert record.xpath("total-budget/value/text()") == ["500.50"]
    assert record.xpath("total-budget/budget-line/@ref") == ["1"]
    assert record.xpath("recipient-country-budget[@status=2]/recipient-country/@code") == ["KE"]
    assert record.xpath("total-expenditure/period-start/@iso-date") == ["2025-01-01"]
    assert record.xpath("document-link/category/@code") == ["B02", "B10"]
    report = validate(path, as_of=TODAY)
    assert [finding for finding in report.findings if finding.severity in ("critical", "error")] == []


def test_budget_of_more_than_a_year_is_left_out_and_told(database: Database, tmp_path: Path) -> None:
    portfolio = Portfolio(database)
    portfolio.add(budget(period_end=dt.date(2027, 12, 31)))
    root, account, _ = put_out(database, tmp_path)
    assert root[0].findall("total-budget") == []
    assert "more than a year" in account.findings[0].message


def test_own_budgets_take_the_place_of_imported_ones(database: Database, tmp_path: Path) -> None:
    portfolio = Portfolio(database)
    path = tmp_path / "org.xml"
    path.write_text(RECORD)
    take_in(database, path)
    portfolio.add(budget())
    root, _, _ = put_out(database, tmp_path)
    assert root[0].xpath("total-budget/value/text()") == ["500.50"]
    assert root[0].xpath("document-link/@url") == ["https://agency.example/plan.pdf"]


@needs_reference
@pytest.mark.reference
def test_real_record_comes_out_as_it_went_in(database: Database, tmp_path: Path) -> None:
    path = reference("iati", "real", "org-asian-dev-bank-org.xml")
    assert path is not None
    take_in(database, path)
    root, _, _ = put_out(database, tmp_path)
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    wanted = etree.parse(str(path), parser).getroot()[0]
    found = etree.fromstring(etree.tostring(root), parser)[0]
    assert etree.tostring(found, method="c14n") == etree.tostring(wanted, method="c14n")


def test_older_record_replaces_nothing_unasked(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "org.xml"
    path.write_text(RECORD)
    take_in(database, path)
    path.write_text(RECORD.replace("2024-01-02T", "2023-01-02T").replace("1000.10", "900"))
    report = take_in(database, path)
    assert report.counts["organisation_files_kept"] == 1
    assert "The file is older: it was last updated 2023-01-02 03:04" in report.as_text()
    assert report.kept[0].differs == ("last-updated-datetime", "total-budget")
    (asked,) = import_files(database, [path], LOCAL, as_of=TODAY, overwrite=True).files
    assert asked.counts["organisation_files_updated"] == 1


def test_record_in_two_files_of_an_import_is_taken_from_the_first(database: Database, tmp_path: Path) -> None:
    first, second = tmp_path / "a.xml", tmp_path / "b.xml"
    first.write_text(RECORD)
    second.write_text(RECORD.replace("1000.10", "2000"))
    one, two = import_files(database, [first, second], LOCAL, as_of=TODAY).files
    assert (one.counts["organisation_files_created"], two.counts["organisation_files_refused"]) == (1, 1)
    assert "a.xml (line 3) has this record too" in two.as_text()
