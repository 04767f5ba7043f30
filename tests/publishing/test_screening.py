"""Name and money of a partner whose screening is pending or was refused are held back; the rest is published."""

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from app.db.engine import Database
from app.db.funding import FundingShare
from app.db.partners import Partner
from app.db.projects import Participant, Project
from app.domain.terms import AgreementStatus, PartnerCategory, Screening
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.activities_file import export_activities
from tests.publishing.conftest import TODAY
from tests.publishing.own import Portfolio, organisation
from tests.publishing.xml import ACTIVITY, write

NAME = "Example Company plc"


def export(database: Database) -> tuple[bytes, ExportAccount]:
    out = io.BytesIO()
    account = export_activities(database, out, as_of=TODAY)
    return out.getvalue(), account


def pledge(portfolio: Portfolio, screening: Screening) -> Partner:
    """A company pledges 80,000 to the project, which the Netherlands fund too."""
    with portfolio.database.write("anna") as session:
        company = organisation(session, "XX-COMPANY", NAME, "70")
        partner = Partner(
            code="COMPANY",
            organisation_id=company.id or 0,
            category=PartnerCategory.PRIVATE_SECTOR,
            screening=screening,
        )
        session.add(partner)
        session.flush()
        agreement = portfolio.add_agreement(session, "A-INK", status=AgreementStatus.PLEDGED, signed_on=None,
                                            provider_activity="XX-COMPANY-1")  # fmt: skip
        agreement.partner_id = partner.id or 0
        session.add(FundingShare(agreement_id=agreement.id or 0, project_id=portfolio.project.id or 0))
    day = dt.date(2026, 5, 1)
    portfolio.post("13", day, "80000", agreement_id=agreement.id)
    portfolio.post("11", day, "1000", agreement_id=portfolio.agreement.id)
    portfolio.post("1", day, "7", provider_id=company.id)
    portfolio.post("3", day, "9", receiver_id=company.id)
    portfolio.allocate(2026, "500")
    portfolio.allocate(2026, "80000", agreement_id=agreement.id)
    portfolio.add(
        Participant(project_id=portfolio.project.id or 0, organisation_id=company.id or 0, role="4", ordinal=0)
    )
    return partner


@pytest.mark.parametrize("screening", [Screening.PENDING, Screening.REFUSED])
def test_nothing_of_an_unscreened_partner_goes_out(
    portfolio: Portfolio, database: Database, screening: Screening
) -> None:
    pledge(portfolio, screening)
    written, account = export(database)
    assert b"Company" not in written
    assert b"COMPANY" not in written
    tree = etree.fromstring(written)
    assert tree.xpath("//transaction/value/text()") == ["1000"]
    assert tree.xpath("//budget/value/text()") == ["500"]
    assert tree.xpath("//participating-org/@ref") == ["XM-DAC-7", "XM-DAC-41302"]
    # who implements is not made up in the place of the one that is held back
    assert tree.xpath("//participating-org/@role") == ["1", "2"]
    why = "whose screening is pending" if screening is Screening.PENDING else "whose screening was refused"
    assert {each.reason for each in account.exclusions} == {f"of {NAME}, {why}"}
    kinds = sorted(each.what.rstrip("0123456789 ") for each in account.exclusions)
    assert kinds == ["allocation", *["participating organisation in role"] * 2, *["transaction"] * 3]
    assert all(each.project == portfolio.project.code for each in account.exclusions)


@pytest.mark.parametrize("screening", [Screening.NOT_REQUIRED, Screening.CLEARED])
def test_a_screened_partner_is_named_with_its_money(
    portfolio: Portfolio, database: Database, screening: Screening
) -> None:
    pledge(portfolio, screening)
    written, account = export(database)
    tree = etree.fromstring(written)
    assert account.exclusions == []
    assert sorted(map(Decimal, tree.xpath("//transaction/value/text()"))) == [7, 9, 1000, 80000]
    assert tree.xpath("//budget/value/text()") == ["80500"]


def test_a_kept_form_does_not_outlive_a_clearance(portfolio: Portfolio, database: Database) -> None:
    partner = pledge(portfolio, Screening.CLEARED)
    cleared, _ = export(database)
    assert export(database)[1].reused == 1
    for screening, named in ((Screening.REFUSED, False), (Screening.CLEARED, True), (Screening.PENDING, False)):
        portfolio.change(Partner, partner.id, screening=screening)
        assert (NAME.encode() in export(database)[0]) is named
    # archiving a partner does not name it
    portfolio.change(Partner, partner.id, archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert NAME.encode() not in export(database)[0]
    assert NAME.encode() in cleared


def test_a_partner_that_is_entered_later_holds_its_name_back_from_then_on(
    portfolio: Portfolio, database: Database
) -> None:
    with database.write("anna") as session:
        company = organisation(session, "XX-COMPANY", NAME, "70")
    key = portfolio.project.id or 0
    portfolio.add(Participant(project_id=key, organisation_id=company.id or 0, role="4", ordinal=0))
    assert NAME.encode() in export(database)[0]
    portfolio.add(
        Partner(
            code="COMPANY",
            organisation_id=company.id or 0,
            category=PartnerCategory.PRIVATE_SECTOR,
            screening=Screening.PENDING,
        )
    )
    assert NAME.encode() not in export(database)[0]


def test_what_was_published_before_stays_as_it_was(
    database: Database, tmp_path: Path, take_in: Callable[..., Any]
) -> None:
    take_in(write(tmp_path, ACTIVITY))
    before, _ = export(database)
    with database.write("anna") as session:
        for partner in session.scalars(select(Partner)):
            partner.screening = Screening.REFUSED
    after, account = export(database)
    assert after == before
    assert not any("screening" in each.reason for each in account.exclusions)
    assert b"Netherlands" in after


def test_an_export_that_held_something_back_is_taken_in_again_without_a_change(
    portfolio: Portfolio, database: Database, tmp_path: Path, take_in: Callable[..., Any]
) -> None:
    partner = pledge(portfolio, Screening.CLEARED)
    path = tmp_path / "a.xml"
    export_activities(database, path, as_of=TODAY)
    portfolio.change(Partner, partner.id, screening=Screening.PENDING)
    report = take_in(path)
    assert not [name for name in report.counts if name.startswith(("ledger_entries", "participants"))]
    with database.read() as session:
        assert session.get_one(Project, portfolio.project.id).archived_at is None
