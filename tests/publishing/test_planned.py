"""Payments that are planned to other organisations: kept here, taken over from files, published as such."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from lxml import etree
from sqlalchemy import select

from app.db.engine import Database
from app.db.partners import Partner
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.terms import PartnerCategory, Screening
from app.projects.planned import replace_planned, show_planned
from app.projects.schemas_planned import PlannedPaymentIn
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests.publishing.conftest import TODAY
from tests.publishing.own import Portfolio, organisation
from tests.publishing.xml import ACTIVITY, canonical, write

PLANNED = """
    <planned-disbursement>
      <period-start iso-date="2027-01-01"/><period-end iso-date="2027-06-30"/>
      <value value-date="2026-01-01">40000.00</value>
      <receiver-org ref="KE-NGO-1" receiver-activity-id="KE-NGO-1-A" type="24">
        <narrative>Wellness</narrative>
      </receiver-org>
    </planned-disbursement>
    <transaction ref="C1">"""


def published(path: Path) -> list[tuple[str, ...]]:
    """Receiver, first day and amount of each planned disbursement."""
    return [
        (
            each.findtext("receiver-org/narrative") or "",
            each.find("period-start").get("iso-date"),
            each.findtext("value"),
        )
        for each in etree.parse(path).iterfind(".//planned-disbursement")
    ]


def test_schedule_of_a_file_is_kept_changed_here_and_goes_out(
    database: Database, tmp_path: Path, take_in: Callable[..., object], put_out: Callable[..., Path]
) -> None:
    path = write(tmp_path, ACTIVITY.replace('\n    <transaction ref="C1">', PLANNED))
    take_in(path)
    out = put_out()
    assert (published(out), canonical(out)) == (published(path), canonical(path))
    with database.write("anna") as session:
        project = session.scalars(select(Project)).one()
        (kept,) = show_planned(session, project)
        assert (kept["receiver"], kept["amount"], kept["currency"], kept["from_file"]) == (
            "Wellness", Decimal(40000), "USD", True,
        )  # fmt: skip
        said = PlannedPaymentIn(
            receiver="KE-NGO-1", receiver_activity="KE-NGO-1-A", period_start=dt.date(2027, 1, 1),
            period_end=dt.date(2027, 6, 30), amount=Decimal(40000), currency="USD", decided_on=dt.date(2026, 1, 1),
        )  # fmt: skip
        more = said.model_copy(
            update={"period_start": dt.date(2027, 7, 1), "period_end": None, "amount": Decimal(15000)}
        )
        replace_planned(session, LOCAL, project, [said, more])
        assert [row["from_file"] for row in show_planned(session, project)] == [True, False]
    both = published(put_out())
    assert ("Wellness", "2027-07-01", "15000") in both
    assert set(published(path)) < set(both)
    # the file says nothing of what was entered here, and takes nothing of it away
    take_in(path, overwrite=True)
    assert published(put_out()) == both


def test_schedule_comes_in_as_a_table_and_unscreened_receivers_stay_out(
    database: Database, tmp_path: Path, put_out: Callable[..., Path]
) -> None:
    portfolio = Portfolio(database)
    with database.write("anna") as session:
        receiver = organisation(session, "KE-NGO-1", "Wellness", "24")
        partner = Partner(
            code="WELL",
            organisation_id=receiver.id,
            category=PartnerCategory.OTHER_NON_STATE,
            screening=Screening.CLEARED,
        )
        session.add(partner)
    table = tmp_path / "planned.csv"
    row = f"{portfolio.project.code},WELL,2027-01-01,2027-06-30,40000.50,USD"
    table.write_text(
        "project,receiver,period_start,period_end,amount,currency,decided_on\n"
        f"{row},2026-01-15\n{row.replace('2027-01-01', '2027-04-01')},2026-11-21\n"
    )
    report = import_table(database, LOCAL, kind("planned-payments"), table, today=TODAY)
    assert (report.faults, report.created) == ([], 2)
    assert import_table(database, LOCAL, kind("planned-payments"), table, today=TODAY).unchanged == 2
    # decided tomorrow is not known today
    assert published(put_out()) == [("Wellness", "2027-01-01", "40000.50")]
    table.write_text(
        "project,receiver,period_start,period_end,amount,currency,decided_on\n"
        f"NOWHERE,WELL,2027-01-01,,1,USD,2026-01-15\n{portfolio.project.code},XM-DAC-41302,2027-01-01,2026-01-01,1,USD,2026-01-15\n"
    )
    faults = import_table(database, LOCAL, kind("planned-payments"), table, today=TODAY).faults
    assert [fault.rule for fault in faults] == ["project.unknown", "period.reversed", "planned.itself"]
    with database.write("anna") as session:
        session.get_one(Partner, partner.id).screening = Screening.REFUSED
    assert published(put_out()) == []
