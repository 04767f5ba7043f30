"""What is published of records that are kept here."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from app.db.engine import Database
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.partners import Partner
from app.db.projects import Classification, Contact, Document, Participant, Project, ProjectRevision
from app.db.results import Baseline, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import ExchangeRate
from app.domain.terms import AgreementStatus, AllocationKind, EntryKind, EvaluationStatus, Grain, PartnerCategory, Stage
from app.publishing.exporting.account import ExportAccount, Remark
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


def test_allocation_for_a_biennium_is_split_by_days_over_its_fiscal_years(portfolio: Portfolio, publish: Any) -> None:
    portfolio.allocate(2023, "1000.01", period_end=dt.date(2024, 12, 31))
    columns = ("@type", "period-start/@iso-date", "period-end/@iso-date", "value/text()")
    assert publish().table("budget", *columns) == [
        ("1", "2023-01-01", "2023-12-31", "499.32"),
        ("1", "2024-01-01", "2024-12-31", "500.69"),
    ]


def test_allocation_that_ends_before_it_starts_is_left_out_and_told(portfolio: Portfolio, publish: Any) -> None:
    portfolio.allocate(2021, "600", period_end=dt.date(2020, 12, 31))
    published = publish()
    assert published.all("budget") == []
    assert "a period that ends before it starts" in published.account.findings[0].message


def rate(portfolio: Portfolio, currency: str, day: dt.date, value: str) -> None:
    portfolio.add(ExchangeRate(currency=currency, effective_on=day, rate=Decimal(value)))


def test_budgets_of_one_period_in_several_currencies_are_one_by_the_rates_of_the_decisions(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        second = portfolio.add_agreement(session, "NLD/2", currency="EUR")
    portfolio.add(FundingShare(agreement_id=second.id or 0, project_id=portfolio.project.id or 0))
    rate(portfolio, "EUR", dt.date(2020, 12, 1), "0.8")
    rate(portfolio, "EUR", dt.date(2021, 6, 1), "0.9")
    portfolio.allocate(2021, "600")
    portfolio.allocate(2021, "100", agreement_id=second.id, currency="EUR")
    portfolio.allocate(
        2021, "200", agreement_id=second.id, currency="EUR", kind=AllocationKind.REVISED, decided_on=dt.date(2021, 7, 1)
    )
    published = publish()
    assert published.table("budget", "@type", "value/text()", "value/@currency", "value/@value-date") == [
        ("1", "725.00", "USD", "2021-01-01"),
        ("2", "822.22", "USD", "2021-07-01"),
    ]
    assert "is published in USD, by the rates" in published.account.findings[0].message


def test_budgets_under_agreements_of_one_currency_take_that_currency(portfolio: Portfolio, publish: Any) -> None:
    portfolio.change(Agreement, portfolio.agreement.id, currency="EUR")
    rate(portfolio, "EUR", dt.date(2020, 12, 1), "0.8")
    portfolio.allocate(2021, "100", outcome="1")
    portfolio.allocate(2021, "100", outcome="2", currency="EUR")
    assert publish().table("budget", "value/text()", "value/@currency") == [("180.00", "EUR")]


def test_budget_that_lacks_a_rate_is_left_out_and_told(portfolio: Portfolio, publish: Any) -> None:
    portfolio.allocate(2021, "100", outcome="1")
    portfolio.allocate(2021, "100", outcome="2", currency="EUR")
    published = publish()
    assert published.all("budget") == []
    assert "whose parts are in several currencies, because" in published.account.findings[0].message


def test_line_decided_anew_in_another_currency_counts_once(portfolio: Portfolio, publish: Any) -> None:
    rate(portfolio, "EUR", dt.date(2020, 12, 1), "0.8")
    portfolio.allocate(2021, "600")
    portfolio.allocate(2021, "500", currency="EUR", decided_on=dt.date(2021, 2, 1))
    assert publish().table("budget", "value/text()", "value/@currency") == [("500", "EUR")]


CLOSED = {
    "stage": Stage.CLOSED,
    "planned_start": dt.date(2019, 1, 1),
    "planned_end": dt.date(2022, 12, 31),
    "actual_start": dt.date(2019, 2, 1),
    "actual_end": dt.date(2023, 3, 31),
}


@pytest.mark.parametrize(
    ("as_of", "status", "dates"),
    [
        (dt.date(2019, 1, 15), "1", [("1", "2019-02-01"), ("3", "2022-12-31")]),
        (dt.date(2022, 2, 1), "2", [("1", "2019-01-01"), ("2", "2019-02-01"), ("3", "2022-12-31")]),
        (dt.date(2023, 2, 1), "2", [("1", "2019-01-01"), ("2", "2019-02-01"), ("3", "2023-03-31")]),
        (
            dt.date(2023, 3, 31),
            "4",
            [("1", "2019-01-01"), ("2", "2019-02-01"), ("3", "2022-12-31"), ("4", "2023-03-31")],
        ),
    ],
)
def test_as_of_a_past_day_nothing_that_lay_ahead_has_happened(
    portfolio: Portfolio, publish: Any, as_of: dt.date, status: str, dates: list[tuple[str, str]]
) -> None:
    portfolio.change(Project, portfolio.project.id, **CLOSED)
    publish(dt.date(2026, 1, 1))
    published = publish(as_of)
    assert published.all("activity-status/@code") == [status]
    assert published.table("activity-date", "@type", "@iso-date") == dates
    rules = {each.rule for each in validate(published.path, as_of=as_of).findings}
    assert not rules & {"11.1.3", "11.1.5"}


def test_dates_and_stage_are_those_decided_by_the_day(portfolio: Portfolio, database: Database, publish: Any) -> None:
    decisions = (
        ("stage", dt.date(2021, 1, 1), "implementation"),
        ("planned_start", dt.date(2021, 1, 1), "2021-01-01"),
        ("planned_end", dt.date(2021, 1, 1), "2024-12-31"),
        ("planned_end", dt.date(2024, 6, 1), "2027-12-31"),
        ("stage", dt.date(2025, 6, 1), "suspended"),
    )
    for at, (field, day, value) in enumerate(decisions):
        portfolio.add(
            ProjectRevision(
                project_id=portfolio.project.id or 0, field=field, sequence=at, known_on=day, value=value, reason="so"
            )
        )
    portfolio.change(Project, portfolio.project.id, stage=Stage.SUSPENDED)

    def told(day: dt.date) -> list[Any]:
        published = publish(day)
        return published.all("activity-status/@code") + published.all("activity-date[@type=3]/@iso-date")

    assert told(dt.date(2025, 6, 1)) == ["6", "2027-12-31"]
    assert told(dt.date(2025, 5, 31)) == ["2", "2027-12-31"]
    assert told(dt.date(2024, 5, 31)) == ["2", "2024-12-31"]
    assert told(TODAY) == ["6", "2027-12-31"]
    assert told(dt.date(2020, 12, 31)) == ["2", "2024-12-31"]


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


def add_evaluation(portfolio: Portfolio, **values: Any) -> None:
    """A published evaluation of the portfolio's project."""
    given = {
        "reference": "EV/1", "kind": "final", "independence": "independent", "status": EvaluationStatus.DISCLOSED,
        "completed_on": dt.date(2022, 1, 1), "published": True,
    } | values  # fmt: skip
    evaluation = portfolio.add(Evaluation(**given))
    portfolio.add(EvaluationProject(evaluation_id=evaluation.id, project_id=portfolio.project.id or 0))


@pytest.mark.parametrize(
    "address", ["https://[tbd]", "https://[e.org/r.pdf", "https://e.org/a[1].pdf", "https://e.org:x/"]
)
@pytest.mark.parametrize("column", ["report_url", "response_url"])
def test_stored_address_that_is_none_holds_one_activity_back_and_never_the_file(
    portfolio: Portfolio, database: Database, publish: Any, address: str, column: str
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    add_evaluation(portfolio, **{column: address})
    published = publish()
    assert published.all("iati-identifier/text()") == [f"{PUBLISHER}-GOOD"]
    (held,) = published.account.held_back
    assert held.project == "GLO/21/01/NLD"
    assert held.reason.startswith(f"The evaluation EV/1 has the address “{address}”: write a web address such as")


def test_stored_addresses_of_documents_and_contacts_are_looked_at_too(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    project_id = portfolio.project.id or 0
    given = {"url": "https://[tbd]", "format": "application/pdf", "title": "Plan", "category": "A02"}
    portfolio.add(Document(project_id=project_id, ordinal=0, **given))
    portfolio.add(Contact(project_id=project_id, ordinal=0, website="https://[tbd]", released=True))
    published = publish()
    assert published.account.written == 1
    assert [each.reason.split(" has ")[0] for each in published.account.held_back] == [
        "The contact 1",
        "The document “Plan”",
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://agency.example/final.pdf?version=2#page=3", "application/pdf"),
        ("https://agency.example/final", "text/html"),
        ("https://agency.example/final.xyz~1", "text/html"),
        ("https://agency.example", "text/html"),
    ],
)
def test_media_type_of_a_report_is_told_by_its_ending(
    portfolio: Portfolio, publish: Any, address: str, expected: str
) -> None:
    add_evaluation(portfolio, report_url=address)
    assert publish().all("document-link/@format") == [expected]


def test_record_that_breaks_the_schema_is_held_back_with_what_to_do(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    portfolio.change(Project, portfolio.project.id, language="not a language")
    published = publish()
    assert published.account.written == 1
    (held,) = published.account.held_back
    assert held.project == "GLO/21/01/NLD"
    assert held.reason.startswith("Write a language such as en or pt-BR for xml:lang of <iati-activity>")


def add_indicator(
    portfolio: Portfolio, measure: str, *, baseline: str | None = None, target: str | None = None
) -> Indicator:
    """A result with one indicator, as it was stored before its values were checked."""
    result = portfolio.add(Result(project_id=portfolio.project.id or 0, ordinal=0, type="1", title="Skills"))
    indicator: Indicator = portfolio.add(Indicator(result_id=result.id, ordinal=0, measure=measure, title="Trained"))
    portfolio.add(Baseline(indicator_id=indicator.id or 0, ordinal=0, year=2020, value=baseline))
    period = portfolio.add(
        IndicatorPeriod(
            indicator_id=indicator.id or 0, ordinal=0, starts_on=dt.date(2021, 1, 1), ends_on=dt.date(2021, 12, 31)
        )
    )
    portfolio.add(PeriodValue(period_id=period.id, kind="target", ordinal=0, value=target))
    return indicator


def test_words_of_a_qualitative_indicator_are_published_as_comments(portfolio: Portfolio, publish: Any) -> None:
    add_indicator(portfolio, "5", baseline="Low", target="High")
    published = publish()
    assert published.all("result//@value") == []
    assert published.all("result//comment/narrative/text()") == ["Low", "High"]
    report = validate(published.path, as_of=TODAY)
    assert [each.rule for each in report.findings if each.rule.startswith("8.")] == []


@pytest.mark.parametrize(
    ("baseline", "target", "said"),
    [
        ("0", "1,000", "The target of 2021-01-01 to 2021-12-31 of the indicator “Trained” cannot be published."),
        ("0", "50%", "Write the number alone, 50"),
        ("0", "many", "“many” is not a number"),
        (None, "5", "The baseline of 2020 of the indicator “Trained” has no value"),
    ],
)
def test_stored_value_that_is_no_number_holds_its_activity_back(
    portfolio: Portfolio, database: Database, publish: Any, baseline: str | None, target: str, said: str
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "GOOD")
    add_indicator(portfolio, "1", baseline=baseline, target=target)
    published = publish()
    assert published.account.written == 1
    assert [said in each.reason for each in published.account.held_back] == [True]


def test_result_without_an_indicator_is_left_out_and_told(portfolio: Portfolio, publish: Any) -> None:
    portfolio.add(Result(project_id=portfolio.project.id or 0, ordinal=0, type="1", title="Skills"))
    published = publish()
    assert published.all("result") == []
    assert [each.message for each in published.account.findings] == [
        "The result “Skills” is left out: add an indicator, which it must have."
    ]


def test_sums_of_expenditure_are_told_whether_rendered_or_stored(portfolio: Portfolio, publish: Any) -> None:
    assert publish().account.findings == []
    portfolio.post("4", dt.date(2021, 3, 3), "10", description="Number document")
    for _ in range(2):
        (finding,) = publish().account.findings
        assert (finding.rule, finding.project) == ("earmark.export.expenditure-by-month", None)
        assert "one sum for each month" in finding.message
        assert "without descriptions and document numbers" in finding.message


def test_country_and_sector_of_a_transaction_are_published_or_named_as_left_out(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    portfolio.post("3", dt.date(2021, 3, 3), "1", country="KE", sector="16020")

    def told() -> list[str]:
        findings = publish().account.findings
        return [each.message.partition(" of its")[0] for each in findings if each.rule == "earmark.export.left-out"]

    assert told() == []
    portfolio.post("3", dt.date(2021, 3, 4), "2", country="UG", sector="11330")
    assert told() == ["The countries", "The sectors"]
    with database.write("anna") as session:
        for row in session.scalars(select(Classification)):
            session.delete(row)
    assert told() == []
    portfolio.post("3", dt.date(2021, 3, 5), "3", country="UG")
    assert told() == ["The sectors"]
    assert publish().all("transaction/recipient-country/@code") == ["KE", "UG", "UG"]


def test_what_is_said_of_several_projects_is_said_once() -> None:
    account = ExportAccount()
    account.findings += [Remark(rule="r", project=f"P{number}", message="Left out.") for number in range(7)]
    account.findings += [Remark(rule="r", project="Q", message="Odd."), Remark(rule="r", message="All.")]
    assert account.as_lines() == ["7 projects (P0, P1, P2, P3, P4 and 2 more): Left out.", "Q: Odd.", "All."]
