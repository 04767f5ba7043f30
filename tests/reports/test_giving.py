"""Reports on what was given: amendments on their own days, gross amounts, ties, receipts and expenditure."""

import datetime as dt
import shutil
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.config import Settings
from app.db.control import IndicatorTarget
from app.db.engine import Database, open_database
from app.domain.access import LOCAL
from app.domain.contributions import Indicator
from app.domain.money import exact_sum
from app.domain.terms import PartnerCategory, Role, Screening
from app.errors import InvalidInput
from app.funding.schemas import AgreementIn, InstalmentIn
from app.funding.service import put_agreement
from app.funding.shares import put_instalment
from app.reports.earmarking import NO_TARGETS
from app.reports.frame import ReportTable
from app.reports.registry import REPORTS
from app.reports.service import run
from app.reports.writers import to_csv
from app.spending.schemas import RateIn, TransactionIn
from app.spending.service import put_rate, put_transaction
from tests import portfolio
from tests.api import Api
from tests.conftest import nothing_stays
from tests.portfolio import TODAY

GIVEN = ("approvals", "contributors", "earmarking", "receipts", "support-cost")


def agree(session: Session, reference: str, amount: str, signed_on: str = "2024-05-01", **values: Any) -> None:
    body = {"reference": reference, "partner": "NLD", "title": reference, "preset": "project", "status": "signed"}
    body |= {"signed_on": signed_on, "currency": "USD", "amount": amount, **values}
    put_agreement(session, LOCAL, AgreementIn.model_validate(body), today=TODAY)


def rate(session: Session, currency: str, effective_on: str, rate: str) -> None:
    body = {"currency": currency, "effective_on": effective_on, "rate": rate}
    put_rate(session, LOCAL, RateIn.model_validate(body))


def post(session: Session, document: str, project: str, amount: str, type_: str, **values: Any) -> None:
    row = {"document": document, "project": project, "type": type_, "date": "2024-06-01", "amount": amount}
    row |= {"currency": "USD", **values}
    put_transaction(session, LOCAL, TransactionIn.model_validate(row), today=TODAY)


def report(session: Session, name: str, period: str = "2024", *by: str, **asked: Any) -> ReportTable:
    as_of = asked.pop("as_of", TODAY)
    variant = asked.pop("variant", None)
    return run(session, name, period=period, as_of=as_of, by=by, variant=variant, options=asked)


def column(table: ReportTable, name: str) -> dict[str, Any]:
    return {str(row[table.columns[0]]): row[name] for row in table.rows}


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Database:
    with shared_database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.partner(session, "NLD")
        portfolio.partner(session, "SWE")
        portfolio.partner(session, "MPTF", PartnerCategory.UN_POOLED_FUND)
        portfolio.project(session, "COCOA")
        portfolio.pool(session, "RBSA")
    return shared_database


@pytest.fixture
def session(office: Database) -> Iterator[Session]:
    """A writing session on what the tests share, of which nothing stays."""
    with nothing_stays(office) as session:
        yield session


def test_an_amendment_counts_on_its_own_day(session: Session) -> None:
    agree(session, "N-1", "1000", "2023-05-01")
    agree(session, "N-1", "1400", "2023-05-01", decided_on="2024-03-01", reason="Second phase")
    agree(session, "N-1", "1300", "2023-05-01", decided_on="2025-03-01", reason="Less was needed")
    table = report(session, "approvals", "2023..2025")
    assert [table.totals[name] for name in ("2023", "2024", "2025", "total")] == ["1000", "400", "-100", "1300"]
    assert report(session, "approvals", "2023..2025", as_of=dt.date(2024, 2, 29)).totals["total"] == "1000"
    assert report(session, "approvals", "2023..2025", as_of=dt.date(2023, 4, 30)).rows == ()
    assert "later amendment" in table.definition


def test_receipts_stand_against_what_was_agreed_and_due(session: Session) -> None:
    """0.8 euro buy a dollar on the day of the signature, and 1 euro from 2024 on."""
    for day, figure in (("2023-01-01", "0.8"), ("2024-01-01", "1")):
        rate(session, "EUR", day, figure)
    agree(session, "E-1", "1000", "2023-05-01", currency="EUR")
    agree(session, "E-1", "1200", "2023-05-01", currency="EUR", decided_on="2024-07-01", reason="More")
    for day, amount in (("2023-06-01", "300"), ("2024-05-01", "400"), ("2025-05-01", "300")):
        body = InstalmentIn.model_validate({"agreement": "E-1", "due_on": day, "amount": amount})
        put_instalment(session, LOCAL, body, today=TODAY)
    for number, (day, amount, currency) in enumerate(
        (("2023-06-01", "300", "EUR"), ("2024-06-01", "200", "EUR"), ("2024-06-02", "80", "USD"))
    ):
        post(session, f"E-{number}", "COCOA", amount, "incoming-funds", agreement="E-1", currency=currency, date=day)
    post(session, "E-9", "COCOA", "5", "incoming-funds")

    def told(period: str, **asked: Any) -> dict[str, Any]:
        (row,) = report(session, "receipts", period, **asked).rows
        return {name: value for name, value in row.items() if name not in ("agreement", "partner", "currency")}

    # of the instalment of May 400 were due, and 280 had come
    assert told("2024") == {
        "opening": "700.00", "agreed": "200.00", "received": "280.00", "cancelled": "0.00", "open": "620.00",
        "due": "700.00", "late": "120.00", "days_late": 244,
        "at_signature": "350.00", "at_receipt": "280.00", "exchange_gain": "-70.00",
    }  # fmt: skip
    table = report(session, "receipts", "2024", "partner")
    assert (table.columns[:2], table.totals["open"]) == (("partner", "currency"), "620.00")
    assert table.remarks == ("Money came in the period that names no agreement: it is in no row.",)
    before = told("2024", as_of=dt.date(2024, 5, 31))
    assert [before[name] for name in ("agreed", "open", "late", "days_late")] == ["0", "700", "400", 30]
    assert report(session, "receipts", "2024", kind="assessed").rows == ()
    agree(session, "E-1", "1200", "2023-05-01", currency="EUR", status="cancelled", decided_on="2025-02-01")
    ended = told("2025")
    assert [ended[name] for name in ("opening", "cancelled", "open", "late")] == ["620.00", "620.00", "0.00", "0.00"]
    assert report(session, "receipts", "2026").rows == ()


def test_pledges_are_no_approvals_and_a_cancellation_takes_nothing_back(session: Session) -> None:
    agree(session, "N-1", "10", None, status="pledged")  # type: ignore[arg-type]
    assert report(session, "approvals").rows == ()
    agree(session, "N-1", "10", "2024-02-01")
    agree(session, "N-1", "10", "2024-02-01", status="cancelled", decided_on="2025-04-01")
    assert report(session, "approvals").totals["total"] == "10"
    # nor does it give anybody a place in the year of the cancellation
    assert report(session, "approvals", "2025").rows == report(session, "contributors", "2025").rows == ()


def test_only_voluntary_non_core_money_is_approved_unless_asked(session: Session) -> None:
    for preset, amount in (("assessed", "100"), ("rbsa", "20"), ("project", "3")):
        agree(session, preset, amount, preset=preset)
    totals = {kind: report(session, "approvals", kind=kind).totals["total"] for kind in ("non-core", "voluntary")}
    assert totals == {"non-core": "3", "voluntary": "23"}
    assert report(session, "approvals").totals["total"] == "3"
    assert report(session, "approvals", kind="all").totals["total"] == "123"
    with pytest.raises(InvalidInput) as refused:
        report(session, "approvals", kind="core")
    assert [fault.pointer for fault in refused.value.faults] == ["/query/kind"]


def test_amounts_stated_without_support_cost_are_told_with_it(session: Session) -> None:
    agree(session, "NET", "1000000", gross=False)
    assert report(session, "approvals").totals["total"] == "1130000.00"
    table = report(session, "support-cost")
    assert table.rows[0] == {
        "agreement": "NET", "agreed_rate": "13", "standard_rate": "13", "gross": "1130000.00", "net": "1000000",
        "charged": "130000.00", "shortfall": "0",
    }  # fmt: skip


def test_a_donor_that_pays_less_than_full_cost_is_told(session: Session) -> None:
    agree(session, "CHEAP", "1070000", support_cost_rate="7")
    agree(session, "FULL", "1130000")
    agree(session, "CORE", "107", preset="rbsa")
    agree(session, "DUES", "5", preset="assessed")
    table = report(session, "support-cost")
    lacking = {reference: Decimal(amount) for reference, amount in column(table, "shortfall").items()}
    assert lacking == {"CHEAP": 60000, "CORE": 0, "FULL": 0}
    assert column(table, "charged")["CORE"] == "7"
    assert [remark for remark in table.remarks if "full cost" in remark] == [
        "CHEAP pays 7 % of support cost where full cost is 13 %: 60000.00 USD of it are borne by others."
    ]
    (by_partner,) = report(session, "support-cost", "2024", "partner").rows
    assert (by_partner["agreed_rate"], by_partner["standard_rate"]) == ("10.00", "13.00")


def test_each_amount_is_converted_by_the_rate_of_its_own_day(session: Session) -> None:
    agree(session, "E-1", "90", "2024-02-01", currency="EUR")
    table = report(session, "approvals", "2024", "partner")
    assert set(table.rows[0].values()) == {"NLD", None}
    assert "There is no rate of EUR on or before 2024-02-01." in table.remarks
    rate(session, "EUR", "2024-01-01", "0.9")
    rate(session, "EUR", "2024-03-01", "0.5")
    agree(session, "E-1", "100", "2024-02-01", currency="EUR", decided_on="2024-04-01", reason="More")
    table = report(session, "approvals")
    assert table.totals["total"] == "120.00"
    assert [str(used) for used in table.rates] == ["EUR 0.9 per USD from 2024-01-01", "EUR 0.5 per USD from 2024-03-01"]
    assert b"rate" in to_csv(table)


def test_partners_with_the_same_amount_share_a_rank(session: Session) -> None:
    for partner, amount in (("NLD", "50"), ("SWE", "50"), ("MPTF", "20")):
        agree(session, partner, amount, partner=partner)
    table = report(session, "contributors")
    assert [tuple(row.values()) for row in table.rows] == [
        (1, "NLD", "50", "41.66", "41.66"),
        (1, "SWE", "50", "41.67", "83.33"),
        (3, "MPTF", "20", "16.67", "100.00"),
    ]
    assert "NLD and SWE share rank 1." in table.remarks
    top = report(session, "contributors", top="2")
    assert [row["partner"] for row in top.rows] == ["NLD", "SWE", "all others"]
    assert top.totals == table.totals
    yearly = report(session, "contributors", "2023..2024")
    assert yearly.columns == ("rank", "partner", "2023", "2024", "amount", "share", "cumulative_share", "growth")


def test_earmarking_by_receipts_and_by_expenditure(session: Session) -> None:
    agree(session, "SOFT", "100", preset="thematic-fund", starts_on="2024-01-01", ends_on="2025-12-31")
    agree(session, "TIGHT", "300", partner="MPTF", starts_on="2024-01-01", ends_on="2025-12-30")
    body = InstalmentIn.model_validate({"agreement": "TIGHT", "due_on": "2024-07-01", "amount": "300"})
    put_instalment(session, LOCAL, body, today=TODAY)
    post(session, "R1", "COCOA", "30", "1", agreement="SOFT")
    post(session, "R2", "COCOA", "10", "1", agreement="TIGHT")
    post(session, "R3", "COCOA", "5", "1")
    post(session, "R4", "COCOA", "7", "1", pool="RBSA")
    post(session, "E1", "COCOA", "4", "4", agreement="TIGHT")
    approved = report(session, "earmarking")
    assert column(approved, "share") == {"2": "25.00", "4": "75.00"}
    assert approved.totals == {
        "amount": "400", "share": "100.00", "unearmarked_and_softly_share": "25.00",
        "unearmarked_and_lightly_share": "25.00", "multi_annual_share": "25.00", "predictable_share": "75.00",
        "joint_un_share": "75.00", "voluntary_share": "100.00",
    }  # fmt: skip
    received = report(session, "earmarking", basis="receipts")
    assert column(received, "amount") == {"2": "30", "4": "10", "not attributed": "5"}
    assert column(received, "share") == {"2": "75.00", "4": "25.00", "not attributed": None}
    assert "5 USD name no agreement and are not attributed." in received.remarks
    spent = report(session, "earmarking", "2024", "partner", basis="expenditure")
    assert column(spent, "amount") == {"MPTF": "4"}
    both = report(session, "earmarking", "2023..2024", "year", "modality")
    assert [(row["year"], row["modality"]) for row in both.rows] == [("2024", "E"), ("2024", "I")]
    # dues are no part of the indicators, whatever the rows count
    agree(session, "DUES", "9", preset="assessed")
    agree(session, "OPEN", "9")
    undated = "1 agreement lacks its first or last day and counts as not multi-annual."
    assert undated in report(session, "earmarking", kind="all").remarks


def test_a_signature_of_this_year_is_refused_where_screening_is_pending(session: Session) -> None:
    portfolio.partner(session, "INK", PartnerCategory.PUBLIC_INSTITUTION).screening = Screening.PENDING
    session.flush()
    with pytest.raises(InvalidInput) as refused:
        agree(session, "I-1", "1", "2026-01-01", partner="INK")
    assert [fault.rule for fault in refused.value.faults] == ["agreement.screening"]
    body = {"reference": "I-1", "partner": "INK", "title": "Old", "preset": "project", "status": "signed"}
    body |= {"signed_on": "2025-12-31", "currency": "USD", "amount": "1", "support_cost_rate": "3"}
    made = put_agreement(session, LOCAL, AgreementIn.model_validate(body), today=TODAY)
    assert [finding.rule for finding in made.findings] == ["agreement.signed-unscreened", "agreement.below-full-cost"]


@pytest.mark.parametrize(
    ("signed_on", "findings"), [("2024-06-30", []), ("2024-07-01", ["agreement.signed-unscreened"])]
)
def test_an_old_signature_after_the_clearance_had_ended_is_remarked(
    session: Session, signed_on: str, findings: list[str]
) -> None:
    ink = portfolio.partner(session, "INK", PartnerCategory.PRIVATE_SECTOR)
    ink.screening, ink.cleared_until = Screening.CLEARED, dt.date(2024, 6, 30)
    session.flush()
    body = {"reference": "I-1", "partner": "INK", "title": "Old", "preset": "project", "status": "signed"}
    body |= {"signed_on": signed_on, "currency": "USD", "amount": "1"}
    made = put_agreement(session, LOCAL, AgreementIn.model_validate(body), today=TODAY)
    assert [finding.rule for finding in made.findings] == findings
    listed = report(session, "agreement-findings", "")
    assert [row["finding"] for row in listed.rows] == ["unscreened"] * len(findings)
    if findings:
        assert "2024-07-01, when the clearance of INK had ended on 2024-06-30" in str(listed.rows[0]["message"])


@pytest.mark.parametrize(
    ("cleared_until", "says"),
    [("2025-06-30", None), ("2025-06-29", "INK joined I-1 on 2025-06-30, when its clearance")],
)
def test_a_partner_that_joined_later_is_measured_by_the_day_it_joined(
    session: Session, cleared_until: str, says: str | None
) -> None:
    ink = portfolio.partner(session, "INK", PartnerCategory.PRIVATE_SECTOR)
    ink.screening, ink.cleared_until = Screening.CLEARED, dt.date.fromisoformat(cleared_until)
    portfolio.partner(session, "PEN", PartnerCategory.PRIVATE_SECTOR)
    session.flush()
    body = {"reference": "I-1", "partner": "PEN", "title": "Old", "preset": "project", "status": "signed"}
    # the agreement itself was signed within the clearance of either, or long before it
    body |= {"signed_on": "2024-01-15", "currency": "USD", "amount": "1", "reason": "Joined"}
    put_agreement(session, LOCAL, AgreementIn.model_validate(body), today=TODAY)
    joining = AgreementIn.model_validate(body | {"further_partners": ["INK:40"], "decided_on": "2025-06-30"})
    put_agreement(session, LOCAL, joining, today=TODAY)
    # a change of its part alone changes nothing of that
    again = AgreementIn.model_validate(body | {"further_partners": ["INK:30"], "decided_on": "2025-09-30"})
    put_agreement(session, LOCAL, again, today=TODAY)
    messages = [str(row["message"]) for row in report(session, "agreement-findings", "").rows]
    assert [message.startswith(says or "?") for message in messages] == ([True] if says else [])


def test_whether_money_is_joint_follows_each_partner_and_not_the_one_that_leads(session: Session) -> None:
    agree(session, "J-1", "1000", gross=True, further_partners=["MPTF:40"])
    table = report(session, "approvals", "2024", "category", "joint-un")
    assert [tuple(row[name] for name in ("category", "joint-un", "total")) for row in table.rows] == [
        ("government", "no", "600.00"), ("un-pooled-fund", "yes", "400.00"),
    ]  # fmt: skip
    assert report(session, "earmarking", "2024").totals["joint_un_share"] == "40.00"
    agree(session, "J-2", "1000", gross=True, partner="MPTF", further_partners=["NLD:10"])
    table = report(session, "earmarking", "2024", "partner", "joint-un")
    assert [tuple(row[name] for name in ("partner", "joint-un", "amount")) for row in table.rows] == [
        ("MPTF", "yes", "1300.00"), ("NLD", "no", "700.00"),
    ]  # fmt: skip
    assert table.totals["joint_un_share"] == "65.00"


def test_the_share_of_one_category_is_not_measured_by_the_target_of_all(session: Session) -> None:
    agree(session, "N-1", "1000", gross=True)
    session.add(
        IndicatorTarget(
            indicator=Indicator.JOINT_UN,
            period_start=dt.date(2024, 1, 1),
            period_end=dt.date(2024, 12, 31),
            decided_on=dt.date(2024, 1, 1),
            percent=Decimal(0),
        )
    )
    session.flush()
    usual = report(session, "earmarking", "2024")
    narrowed = report(session, "earmarking", "2024", category="government")
    assert usual.totals["joint_un_target"] == "0.00"
    assert "The target of joint_un_share is 0 %; the share is 0.00 %, on target." in usual.remarks
    assert NO_TARGETS not in usual.definition
    assert not [name for name in narrowed.totals if "target" in name]
    assert not [remark for remark in narrowed.remarks if "target" in remark]
    assert NO_TARGETS in narrowed.definition


def test_definitions_hold_no_comma_and_every_report_has_a_sentence() -> None:
    for each in REPORTS:
        assert each.sentence.count(". ") == 0
        if each.name in (*GIVEN, "portfolio", "pipeline"):
            assert "," not in each.definition, each.name


def test_http_gives_the_same_reports(api: Api) -> None:
    with api.database.write("tests") as session:
        portfolio.set_up(session)
        portfolio.partner(session, "NLD")
        agree(session, "N-1", "10.50", preset="rbsa")
    client = api.client(Role.VIEWER)
    told = client.get("/reports/approvals?period=2024&kind=voluntary&by=partner").json()
    as_of = dt.date.fromisoformat(told["as_of"])
    with api.database.read() as session:
        table = report(session, "approvals", "2024", "partner", kind="voluntary", as_of=as_of)
    assert told == table.as_dict()


AMOUNTS = st.decimals("0.01", "1e7", places=2)
PARTS = st.lists(
    st.tuples(st.sampled_from(["NLD", "SWE", "MPTF"]), st.sampled_from(["USD", "EUR", "JPY"]), AMOUNTS, st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(PARTS)
def test_rows_sum_to_the_total_whatever_they_are_grouped_by(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[str, str, Decimal, bool]]
) -> None:
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("given") / "given.sqlite")
    database = open_database(Settings(database_url=f"sqlite:///{path}"))
    with database.write("tests") as session:
        portfolio.set_up(session)
        for code in ("NLD", "SWE", "MPTF"):
            portfolio.partner(session, code)
        rate(session, "EUR", "2020-01-01", "0.913")
        rate(session, "JPY", "2020-01-01", "147.7")
        for number, (partner, currency, amount, gross) in enumerate(parts):
            more = {"partner": partner, "currency": currency, "gross": gross}
            # yen have no decimals
            figure = amount.to_integral_value(ROUND_CEILING) if currency == "JPY" else amount
            agree(session, f"A-{number}", format(figure, "f"), f"{2022 + number % 3}-02-01", **more)
        totals = set()
        for by in (("category",), ("partner",), ("partner", "category"), ("objective",)):
            table = report(session, "approvals", "2022..2024", *by)
            for name in ("2022", "2023", "2024", "total"):
                printed = [Decimal(str(row[name])) for row in table.rows]
                assert exact_sum(printed) == Decimal(str(table.totals[name]))
            assert exact_sum(Decimal(str(row["share"])) for row in table.rows) == 100
            totals.add(table.totals["total"])
        totals |= {report(session, "contributors", "2022..2024").totals["amount"]}
        totals |= {report(session, "earmarking", "2022..2024", "year").totals["amount"]}
        totals |= {report(session, "support-cost", "2022..2024").totals["gross"]}
        assert len({Decimal(str(total)) for total in totals}) == 1
    database.dispose()
