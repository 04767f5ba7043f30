"""The money of the example portfolio hangs together, and every published figure stands in it."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

import pytest

from tests.example.portfolio import TABLES, current_allocations, is_transfer, rate, total


def test_shares_of_an_agreement_make_its_amount() -> None:
    shared: dict[str, Decimal] = defaultdict(Decimal)
    amounts = {row["reference"]: Decimal(row["amount"]) for row in TABLES["agreements"]}
    for row in TABLES["funding-shares"]:
        whole = amounts[row["agreement"]]
        shared[row["agreement"]] += Decimal(row["amount"]) if row["amount"] else whole * Decimal(row["percent"]) / 100

    assert shared == amounts


def test_receipts_stay_within_the_agreement() -> None:
    amounts = {row["reference"]: Decimal(row["amount"]) for row in TABLES["agreements"]}
    currencies = {row["reference"]: row["currency"] for row in TABLES["agreements"]}
    received: dict[str, Decimal] = defaultdict(Decimal)
    for row in TABLES["transactions"]:
        if row["agreement"] and row["type"] == "1":
            assert row["currency"] == currencies[row["agreement"]], row["document"]
            received[row["agreement"]] += Decimal(row["amount"])

    assert len(received) > 50
    assert [reference for reference, amount in received.items() if not 0 <= amount <= amounts[reference]] == []


def test_instalments_of_a_schedule_make_the_agreement() -> None:
    amounts = {row["reference"]: Decimal(row["amount"]) for row in TABLES["agreements"]}
    promised: dict[str, Decimal] = defaultdict(Decimal)
    for row in TABLES["instalments"]:
        promised[row["agreement"]] += Decimal(row["amount"])

    assert len(promised) >= 10
    assert promised == {reference: amounts[reference] for reference in promised}


def test_newest_allocations_make_the_newest_budget() -> None:
    budgets = {row["code"]: Decimal(row["total_budget"]) for row in TABLES["projects"] if row["total_budget"]}
    for row in sorted(TABLES["revisions"], key=lambda row: row["decided_on"]):
        if row["field"] == "total_budget":
            budgets[row["project"]] = Decimal(row["value"])
    allocated: dict[str, Decimal] = defaultdict(Decimal)
    for (project, *_), amount in current_allocations().items():
        allocated[project] += amount

    assert {code for code in budgets if code not in allocated} == {"JOR/20/02/CAN", "YEM/24/01/CAN"}
    assert {code: budgets[code] for code in allocated if code in budgets} == {
        code: amount for code, amount in allocated.items() if code in budgets
    }


def test_expenditure_stays_within_the_budget_over_a_project_s_life() -> None:
    budgets = {row["code"]: Decimal(row["total_budget"]) for row in TABLES["projects"] if row["total_budget"]}
    for row in TABLES["revisions"]:
        if row["field"] == "total_budget":
            budgets[row["project"]] = max(budgets[row["project"]], Decimal(row["value"]))
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in TABLES["transactions"]:
        if row["type"] in {"3", "4"} and not is_transfer(row):
            spent[row["project"]] += Decimal(row["amount"])

    assert len(spent) >= 60
    assert [code for code, amount in spent.items() if code in budgets and amount > budgets[code]] == []


def test_delivery_of_2021_is_neither_full_nor_the_same_everywhere() -> None:
    allocated: dict[str, Decimal] = defaultdict(Decimal)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for (project, year, *_), amount in current_allocations().items():
        if year == "2021":
            allocated[project] += amount
    for row in TABLES["transactions"]:
        if row["type"] in {"3", "4"} and row["date"].startswith("2021") and not is_transfer(row):
            spent[row["project"]] += Decimal(row["amount"])
    rates = {code: spent[code] / allocated[code] * 100 for code in allocated}

    assert rates["GLO/19/13/NLD"] == 62
    assert rates["RAS/20/15/DEU"] == 112
    assert spent.keys() - allocated.keys() == {"JOR/20/02/CAN"}
    assert min(rates.values()) < 40
    assert sum(spent.values()) / sum(allocated.values()) < 1


def test_expenditure_names_an_agreement_that_funds_the_project() -> None:
    funding = {(row["agreement"], row["project"]) for row in TABLES["funding-shares"]}
    pooled = {row["project"] for row in TABLES["transactions"] if is_transfer(row)} | {"GHA/03/50/NLD"}
    spent = [row for row in TABLES["transactions"] if row["type"] in {"3", "4"} and not is_transfer(row)]

    assert all((row["agreement"], row["project"]) in funding for row in spent if row["agreement"])
    assert {row["project"] for row in spent if not row["agreement"]} == pooled


def test_only_corrections_and_refunds_are_negative() -> None:
    negative = [row for row in TABLES["transactions"] if Decimal(row["amount"]) <= 0]

    assert negative
    assert all(row["adjusts"] or (row["type"] == "1" and "returned" in row["description"]) for row in negative)


def test_transfers_have_both_sides_and_corrections_say_what_and_why() -> None:
    sides: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in filter(is_transfer, TABLES["transactions"]):
        sides[row["pool"], row["project"], row["date"], row["amount"]].append(row["type"])
    corrections = [row for row in TABLES["transactions"] if row["adjusts"]]

    assert len(sides) >= 20
    assert all(sorted(types) == ["1", "3"] for types in sides.values())
    assert len(corrections) >= 2
    assert all(row["reason"] for row in corrections)
    assert any(row["type"] == "1" and Decimal(row["amount"]) < 0 for row in TABLES["transactions"])


def test_every_amount_has_a_rate_on_its_day() -> None:
    used = {(row["currency"], row["date"]) for row in TABLES["transactions"]}
    used |= {(row["currency"], row["signed_on"]) for row in TABLES["agreements"] if row["signed_on"]}
    used |= {(row["currency"], row["decided_on"]) for row in TABLES["allocations"]}

    assert {currency for currency, _ in used} > {"USD"}
    assert all(rate(currency, dt.date.fromisoformat(day)) > Decimal(0) for currency, day in used)


@pytest.mark.parametrize(
    ("agreement", "amount", "currency"),
    [
        ("NLD-2019-PROSPECTS", "94000000", "USD"),
        ("NLD-2020-ASSESSED", "5365000", "USD"),
        ("USA-2020-ASSESSED", "86970000", "USD"),
        ("CHN-2020-ASSESSED", "47478000", "USD"),
        ("JPN-2020-ASSESSED", "33871000", "USD"),
        ("IND-2004-INDUS", "20000000", "USD"),
        ("USA-2004-INDUS", "20000000", "USD"),
    ],
)
def test_published_agreements_stand_with_their_amount(agreement: str, amount: str, currency: str) -> None:
    row = next(row for row in TABLES["agreements"] if row["reference"] == agreement)

    assert (row["amount"], row["currency"]) == (amount, currency)
    assert "As published" in row["note"]


@pytest.mark.parametrize(("agreement", "years"), [("NLD-2018-RBSA", 4), ("NLD-2017-BETTERWORK", 5)])
def test_the_netherlands_pay_two_and_a_half_million_euros_a_year(agreement: str, years: int) -> None:
    paid = [row for row in TABLES["transactions"] if row["agreement"] == agreement and row["type"] == "1"]

    assert [(row["amount"], row["currency"]) for row in paid] == [("2500000", "EUR")] * years
    assert len({row["date"][:4] for row in paid}) == years


def test_nine_contributions_make_the_published_34_4_million_of_rbsa_income_in_2020_21() -> None:
    rows = [
        row
        for row in TABLES["transactions"]
        if row["pool"] == "RBSA" and row["type"] == "1" and not row["project"] and row["date"][:4] in {"2020", "2021"}
    ]
    received = sum(Decimal(row["amount"]) / rate(row["currency"], dt.date.fromisoformat(row["date"])) for row in rows)

    assert len({row["agreement"] for row in rows}) == 9
    assert Decimal(34_350_000) < received < Decimal(34_450_000)


def test_rbsa_expenditure_of_2020_21_by_outcome_is_the_published_one() -> None:
    outcomes = {row["code"]: row["outcome"] for row in TABLES["projects"]}
    funded = {row["project"] for row in TABLES["transactions"] if row["pool"] == "RBSA" and is_transfer(row)}
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in TABLES["transactions"]:
        if row["project"] in funded and row["type"] in {"3", "4"} and not is_transfer(row):
            assert row["date"][:4] in {"2020", "2021"}
            spent[outcomes[row["project"]]] += Decimal(row["amount"])

    published = {
        "1": "4.1",
        "2": "3.2",
        "3": "7",
        "4": "4.2",
        "5": "2.1",
        "6": "0.5",
        "7": "4.4",
        "8": "1.6",
        "A": "4.5",
    }
    assert spent == {outcome: Decimal(millions) * 1_000_000 for outcome, millions in published.items()}
    assert sum(spent.values()) == 31_600_000


@pytest.mark.parametrize(
    ("project", "budget"),
    [("IND/04/50/MUL", "40000000"), ("RLA/05/50/SPA", "5500000"), ("GHA/03/50/NLD", "1000000")],
)
def test_published_budgets_of_older_projects_stand(project: str, budget: str) -> None:
    assert next(row for row in TABLES["projects"] if row["code"] == project)["total_budget"] == budget


def test_prize_of_the_skills_challenge_is_50_000_dollars_to_the_domestic_workers_of_zimbabwe() -> None:
    paid = [row for row in TABLES["transactions"] if row["receiver"] == "DWAZ" and row["type"] == "3"]

    assert total(paid) == 50_000


@pytest.mark.parametrize(
    ("project", "indicator", "actual"),
    [
        ("MOZ/18/01/UND", "Households reached", "1700000"),
        ("LBN/19/02/MUL", "Workdays created", "1200000"),
        ("LBN/19/02/MUL", "People benefiting", "21500"),
        ("GLO/17/55/MUL", "Factory ambassadors trained", "218"),
        ("UKR/17/01/DNK", "Students", "139800"),
        ("NGA/20/02/MUL", "Women tested", "6680"),
        ("TZA/20/03/NOR", "People trained", "14440"),
        ("SAF/03/50/CHE", "Operating efficiency", "74.4"),
    ],
)
def test_published_results_stand(project: str, indicator: str, actual: str) -> None:
    found = [row for row in TABLES["results"] if row["project"] == project and row["indicator"] == indicator]

    assert [row["actual"] for row in found] == [actual]


def test_results_framework_makes_the_896_published_results_by_region() -> None:
    counted = [
        row
        for row in TABLES["results-framework"]
        if row["framework"] == "2020-21"
        and row["level"] == "indicator"
        and row["africa"]
        and "unit:" not in row["note"]
    ]
    regions = ("africa", "americas", "arab_states", "asia_pacific", "europe_central_asia")

    assert sum(Decimal(row["result_total"]) for row in counted) == 896
    assert [sum(int(row[region]) for row in counted) for region in regions] == [329, 186, 82, 195, 104]
