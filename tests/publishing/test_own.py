"""What is published of records that are kept here."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from app.db.engine import Database
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.partners import Partner
from app.db.projects import Classification, Contact, Document, Participant, Project
from app.domain.terms import AgreementStatus, AllocationKind, EntryKind, EvaluationStatus, Grain, PartnerCategory
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.activities_file import export_activities
from iati.schema import schema_for
from iati.validator import validate
from tests.publishing.conftest import TODAY
from tests.publishing.own import PUBLISHER, Portfolio, organisation


@pytest.fixture
def portfolio(database: Database) -> Portfolio:
    return Portfolio(database)


class Published:
    """The exported file, asked by XPath below its only activity."""

    def __init__(self, path: Path, account: ExportAccount) -> None:
        self.tree = etree.parse(str(path))
        self.account = account
        self.path = path

    def all(self, path: str) -> list[Any]:
        return list(self.tree.getroot().xpath(f"iati-activity/{path}"))

    def table(self, element: str, *paths: str) -> list[tuple[str, ...]]:
        return [tuple("|".join(map(str, each.xpath(path))) for path in paths) for each in self.all(element)]


@pytest.fixture
def publish(database: Database, tmp_path: Path) -> Any:
    """Exports on a day; whatever the test does, the file is valid."""

    def do(as_of: dt.date = TODAY, **options: Any) -> Published:
        path = tmp_path / "own.xml"
        account = export_activities(database, path, as_of=as_of, **options)
        published = Published(path, account)
        assert not account.written or schema_for("iati-activities").validate(published.tree)
        return published

    return do


def test_clean_project_is_published_without_a_single_error(portfolio: Portfolio, publish: Any) -> None:
    portfolio.post("11", dt.date(2021, 1, 15), "1000", agreement_id=portfolio.agreement.id)
    portfolio.post("1", dt.date(2021, 2, 1), "400", agreement_id=portfolio.agreement.id)
    portfolio.post("4", dt.date(2021, 3, 1), "12.50")
    portfolio.allocate(2021, "1000")
    report = validate(publish().path, as_of=TODAY)
    assert report.valid
    assert [finding for finding in report.findings if finding.severity == "error"] == []


def test_participants_follow_from_the_agreement_and_the_reporting_organisation(
    portfolio: Portfolio, publish: Any
) -> None:
    assert publish().table("participating-org", "@role", "@ref", "@type", "@activity-id") == [
        ("1", "XM-DAC-7", "10", "XM-DAC-7-4000"),
        ("2", PUBLISHER, "40", ""),
        ("4", PUBLISHER, "40", ""),
    ]


def test_explicit_implementer_takes_the_place_of_the_reporting_organisation(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        implementer = organisation(session, "KE-NGO-1", "Workers' Education", "22")
        session.add(
            Participant(project_id=portfolio.project.id or 0, organisation_id=implementer.id or 0, role="4", ordinal=0)
        )
    assert publish().table("participating-org", "@role", "@ref") == [
        ("1", "XM-DAC-7"),
        ("2", PUBLISHER),
        ("4", "KE-NGO-1"),
    ]


def test_cancelled_agreement_names_no_funder(portfolio: Portfolio, publish: Any) -> None:
    portfolio.change(Agreement, portfolio.agreement.id, status=AgreementStatus.CANCELLED)
    assert ("1", "XM-DAC-7") not in publish().table("participating-org", "@role", "@ref")


def test_incoming_money_says_who_gave_it_and_how_far_it_is_earmarked(portfolio: Portfolio, publish: Any) -> None:
    portfolio.post("11", dt.date(2021, 1, 15), "1000.00", agreement_id=portfolio.agreement.id, tied_status="5")
    portfolio.post("1", dt.date(2021, 2, 1), "400", agreement_id=portfolio.agreement.id, tied_status="5")
    told = publish().table(
        "transaction",
        "transaction-type/@code", "value/text()", "provider-org/@ref", "provider-org/@provider-activity-id",
        "aid-type[not(@vocabulary)]/@code", "aid-type[@vocabulary=2]/@code", "aid-type[@vocabulary=3]/@code",
        "tied-status/@code",
    )  # fmt: skip
    assert told == [
        ("11", "1000.00", "XM-DAC-7", "XM-DAC-7-4000", "C01", "4", "I", "5"),
        ("1", "400", "XM-DAC-7", "XM-DAC-7-4000", "C01", "4", "I", ""),
    ]


def test_defaults_of_the_set_up_describe_the_activity(portfolio: Portfolio, publish: Any) -> None:
    published = publish()
    names = ("flow-type", "finance-type", "aid-type", "tied-status")
    codes = [published.all(f"default-{name}/@code") for name in names]
    assert codes == [["10"], ["110"], ["C01"], ["5"]]
    assert published.all("@default-currency") == ["USD"]


def test_expenditure_is_published_by_month_and_disbursements_singly(portfolio: Portfolio, publish: Any) -> None:
    for day, amount in ((3, "10.10"), (17, "20.20"), (30, "-5")):
        portfolio.post("4", dt.date(2021, 3, day), amount, description="salary of somebody")
    portfolio.post("4", dt.date(2021, 4, 2), "7")
    for day in (5, 6):
        portfolio.post("3", dt.date(2021, 3, day), "100", receiver_id=portfolio.donor.id)
    published = publish()
    assert published.table(
        "transaction", "transaction-type/@code", "transaction-date/@iso-date", "value/text()", "receiver-org/@ref"
    ) == [
        ("3", "2021-03-05", "100", "XM-DAC-7"),
        ("3", "2021-03-06", "100", "XM-DAC-7"),
        ("4", "2021-03-30", "25.30", ""),
        ("4", "2021-04-02", "7", ""),
    ]
    assert "salary" not in published.path.read_text()


def test_correction_is_netted_into_what_it_corrects(portfolio: Portfolio, publish: Any) -> None:
    spent = portfolio.post("4", dt.date(2021, 3, 3), "100")
    portfolio.post(
        "4", dt.date(2021, 6, 1), "-40", entry_kind=EntryKind.ADJUSTMENT, adjusts_id=spent, reason="wrong project"
    )
    wrong = portfolio.post("3", dt.date(2021, 3, 3), "9", receiver_id=portfolio.donor.id)
    portfolio.post(
        "3", dt.date(2021, 6, 1), "-9", entry_kind=EntryKind.ADJUSTMENT, adjusts_id=wrong, reason="never paid"
    )
    columns = ("transaction-date/@iso-date", "value/text()")
    assert publish().table("transaction", *columns) == [("2021-03-03", "60")]
    assert publish(dt.date(2021, 5, 31)).table("transaction", *columns) == [
        ("2021-03-03", "9"),
        ("2021-03-03", "100"),
    ]


def test_nothing_dated_after_the_day_is_published(portfolio: Portfolio, publish: Any) -> None:
    portfolio.post("4", dt.date(2021, 3, 3), "1")
    portfolio.post("4", dt.date(2021, 4, 3), "2", value_date=dt.date(2021, 4, 9))
    assert publish(dt.date(2021, 4, 8)).table("transaction", "value/text()") == [("1",)]
    assert publish(dt.date(2021, 4, 9)).table("transaction", "value/text()") == [("1",), ("2",)]


def test_money_from_a_pool_comes_from_the_organisation_itself(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        pool = portfolio.add_project(session, "RBSA", grain=Grain.POOL)
    portfolio.post(
        "3", dt.date(2021, 5, 1), "500", project_id=pool.id, internal=True,
        receiver_activity=portfolio.project.iati_identifier,
    )  # fmt: skip
    portfolio.post("1", dt.date(2021, 5, 1), "500", internal=True, provider_activity=pool.iati_identifier)
    told = publish().table(
        "transaction", "../iati-identifier/text()", "transaction-type/@code", "provider-org/@ref",
        "provider-org/@provider-activity-id", "receiver-org/@ref", "receiver-org/@receiver-activity-id",
    )  # fmt: skip
    project, fund = f"{PUBLISHER}-GLO-21-01-NLD", f"{PUBLISHER}-RBSA"
    assert told == [(project, "1", PUBLISHER, fund, "", ""), (fund, "3", "", "", PUBLISHER, project)]


def test_budget_is_the_sum_of_the_newest_decisions_of_a_period(portfolio: Portfolio, publish: Any) -> None:
    portfolio.allocate(2021, "600", outcome="1")
    portfolio.allocate(2021, "300", outcome="2")
    portfolio.allocate(2021, "350", outcome="2", decided_on=dt.date(2021, 2, 1))
    portfolio.allocate(2021, "700", outcome="1", kind=AllocationKind.REVISED, decided_on=dt.date(2021, 7, 1))
    columns = ("@type", "@status", "value/text()", "value/@value-date")
    assert publish().table("budget", *columns) == [
        ("1", "2", "950", "2021-02-01"),
        ("2", "2", "1050", "2021-07-01"),
    ]
    assert publish(dt.date(2021, 1, 31)).table("budget", *columns) == [("1", "2", "900", "2021-01-01")]


def test_budget_is_indicative_until_every_part_is_signed(portfolio: Portfolio, publish: Any) -> None:
    portfolio.allocate(2021, "600")
    portfolio.allocate(2021, "100", agreement_id=None, source="RB")
    assert publish().table("budget", "@status", "value/text()") == [("1", "700")]


def test_allocation_for_more_than_a_year_is_left_out_and_told(portfolio: Portfolio, publish: Any) -> None:
    portfolio.allocate(2021, "600", period_end=dt.date(2022, 12, 31))
    published = publish()
    assert published.all("budget") == []
    assert "budgets need one of a year at most" in published.account.findings[0].message


@pytest.mark.parametrize(("marker", "significance"), [(3, ["2"]), (2, ["1"]), (1, ["0"]), (None, [])])
def test_gender_marker_becomes_a_policy_marker(
    portfolio: Portfolio, publish: Any, marker: int | None, significance: list[str]
) -> None:
    portfolio.change(Project, portfolio.project.id, gender_marker=marker, outcome="4")
    published = publish()
    assert published.all("policy-marker[@vocabulary=1][@code=1]/@significance") == significance
    assert published.all("tag[@vocabulary=99]/@code") == ["4"]


def test_parent_is_a_related_activity(portfolio: Portfolio, database: Database, publish: Any) -> None:
    with database.write("anna") as session:
        parent = portfolio.add_project(session, "ACCEL", grain=Grain.PROGRAMME)
    portfolio.change(Project, portfolio.project.id, parent_id=parent.id)
    assert publish().table("related-activity", "@type", "@ref") == [("1", f"{PUBLISHER}-ACCEL")]


def test_report_of_a_published_evaluation_is_a_document_of_every_project_it_covers(
    portfolio: Portfolio, publish: Any
) -> None:
    evaluation = portfolio.add(
        Evaluation(
            reference="EV/1", kind="final", independence="independent", title="Final evaluation",
            status=EvaluationStatus.DISCLOSED, completed_on=dt.date(2022, 1, 1), published=True,
            report_url="https://agency.example/final.pdf",
        )
    )  # fmt: skip
    portfolio.add(EvaluationProject(evaluation_id=evaluation.id, project_id=portfolio.project.id or 0))
    assert publish().table("document-link", "@url", "@format", "category/@code", "title/narrative/text()") == [
        ("https://agency.example/final.pdf", "application/pdf", "A07", "Final evaluation")
    ]
    portfolio.change(Evaluation, evaluation.id, published=False)
    assert publish().all("document-link") == []


def test_what_is_withheld_is_left_out_and_listed(portfolio: Portfolio, publish: Any) -> None:
    project_id = portfolio.project.id or 0
    paid = portfolio.post("3", dt.date(2021, 3, 3), "9", withheld_reason="safety of the receiver")
    document = portfolio.add(
        Document(
            project_id=project_id, ordinal=0, url="https://agency.example/a.pdf", format="application/pdf",
            title="Plan", category="A02", embargo_until=dt.date(2027, 1, 1),
        )
    )  # fmt: skip
    contact = portfolio.add(Contact(project_id=project_id, ordinal=0, email="a@agency.example"))
    published = publish()
    assert [published.all(name) for name in ("transaction", "document-link", "contact-info")] == [[], [], []]
    assert [(each.what, each.reason) for each in published.account.exclusions] == [
        (f"contact {contact.id}", "not released"),
        (f"document {document.id}", "under embargo until 2027-01-01"),
        (f"transaction {paid}", "safety of the receiver"),
    ]
    assert len(publish(dt.date(2027, 1, 1)).all("document-link")) == 1


def test_withheld_project_is_listed_and_archived_one_is_gone(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "SECRET", withheld_reason="negotiations")
        old = portfolio.add_project(session, "OLD")
    portfolio.change(Project, old.id, archived_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    published = publish()
    assert published.account.written == 1
    assert [each.as_dict() for each in published.account.exclusions] == [
        {"project": "SECRET", "what": "activity", "reason": "negotiations"}
    ]


def test_project_that_lacks_what_the_schema_needs_is_held_back_and_the_file_stays_valid(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "BARE", description=None, planned_start=None, planned_end=None)
        portfolio.add_project(session, "ODD", title="a bell \x07 rings")
    published = publish()
    assert published.account.written == 1
    assert [(each.project, each.reason) for each in published.account.held_back] == [
        ("BARE", "The project has no description."),
        ("BARE", "The project has no start and no end date."),
        ("ODD", "iati-activity/title/narrative[1]/text: the character U+0007 cannot stand in XML; remove it"),
    ]
    assert published.account.has_faults


def test_place_stands_on_transactions_only_when_the_activity_has_none(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    portfolio.post("4", dt.date(2021, 3, 3), "1", country="UG", sector="11330")
    portfolio.post("4", dt.date(2021, 3, 4), "2", country="KE", sector="11330")
    assert publish().all("transaction/recipient-country") == []
    with database.write("anna") as session:
        for row in session.scalars(select(Classification)):
            session.delete(row)
    assert publish().table("transaction", "recipient-country/@code", "sector/@code", "value/text()") == [
        ("UG", "11330", "1"),
        ("KE", "11330", "2"),
    ]


def test_two_agreements_of_one_partner_name_it_once(portfolio: Portfolio, database: Database, publish: Any) -> None:
    with database.write("anna") as session:
        second = portfolio.add_agreement(session, "NLD/2")
        session.add(FundingShare(agreement_id=second.id or 0, project_id=portfolio.project.id or 0))
    assert len(publish().all("participating-org[@role=1]")) == 1


@pytest.mark.parametrize(
    ("category", "preset", "expected"),
    [
        (PartnerCategory.FOUNDATION, "project", "30"),
        (PartnerCategory.PRIVATE_SECTOR, "project", "30"),
        (PartnerCategory.SOCIAL_PARTNER, "project", "30"),
        (PartnerCategory.DOMESTIC_PUBLIC, "project", "50"),
        (PartnerCategory.GOVERNMENT, "domestic", "50"),
        (PartnerCategory.GOVERNMENT, "project", ""),
    ],
)
def test_money_that_is_no_aid_says_so_on_its_transactions(
    portfolio: Portfolio, publish: Any, category: PartnerCategory, preset: str, expected: str
) -> None:
    portfolio.change(Partner, portfolio.partner.id, category=category)
    portfolio.change(Agreement, portfolio.agreement.id, preset=preset)
    portfolio.post("11", dt.date(2021, 1, 15), "1000", agreement_id=portfolio.agreement.id)
    portfolio.post("1", dt.date(2021, 2, 15), "500", agreement_id=portfolio.agreement.id)
    portfolio.post("1", dt.date(2021, 2, 16), "40", provider_id=portfolio.publisher.id)
    portfolio.post("4", dt.date(2021, 3, 15), "70", agreement_id=portfolio.agreement.id)
    portfolio.post("4", dt.date(2021, 3, 16), "7", agreement_id=portfolio.agreement.id, flow_type="21")
    told = publish().table("transaction", "value/text()", "flow-type/@code")
    assert told == [("1000", expected), ("500", expected), ("40", ""), ("70", expected), ("7", "21")]
    portfolio.change(Project, portfolio.project.id, flow_type=expected or None)
    assert publish().all("transaction/flow-type/@code") == ["21"]


def test_changed_category_of_a_partner_is_published_again(portfolio: Portfolio, publish: Any) -> None:
    portfolio.post("11", dt.date(2021, 1, 15), "1000", agreement_id=portfolio.agreement.id)
    assert publish().all("transaction/flow-type/@code") == []
    portfolio.change(Partner, portfolio.partner.id, category=PartnerCategory.FOUNDATION)
    assert publish().all("transaction/flow-type/@code") == ["30"]
