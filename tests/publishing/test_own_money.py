"""What is published of money that is kept here: transactions, budgets, and what they are converted by."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import Agreement, FundingShare
from app.db.partners import Partner
from app.db.projects import Classification, Project
from app.db.spending import ExchangeRate
from app.domain.terms import AllocationKind, EntryKind, Grain, PartnerCategory
from tests.publishing.own import PUBLISHER, Portfolio


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
    told = published.account.findings[0].message
    assert "whose parts are in several currencies, for want of a rate of exchange" in told
    assert told.endswith("EUR (2021-01-01).")


def test_line_decided_anew_in_another_currency_counts_once(portfolio: Portfolio, publish: Any) -> None:
    rate(portfolio, "EUR", dt.date(2020, 12, 1), "0.8")
    portfolio.allocate(2021, "600")
    portfolio.allocate(2021, "500", currency="EUR", decided_on=dt.date(2021, 2, 1))
    assert publish().table("budget", "value/text()", "value/@currency") == [("500", "EUR")]


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
