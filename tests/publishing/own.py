"""Records that are kept here, for the tests of what is published of them."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from app.db.engine import Database
from app.db.funding import Agreement, FundingShare
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner, name_key
from app.db.projects import Classification, Project
from app.db.spending import Allocation, LedgerEntry
from app.domain.terms import AgreementStatus, AllocationKind, PartnerCategory, Stage
from tests.filled import filled

PUBLISHER = "XM-DAC-41302"


def organisation(session: Session, identifier: str, name: str, type_: str) -> Organisation:
    row = Organisation(identifier=identifier, name=name, name_key=name_key(name), type=type_)
    session.add(row)
    session.flush()
    return row


_FIRST = (Organisation, Organisation, Partner, Agreement, Project)


def _first_rows(database: Database) -> tuple[int, ...]:
    """Gives the keys of the publisher, the donor, the partner, the agreement and the project."""
    with database.write("anna") as session:
        publisher = organisation(session, PUBLISHER, "Agency", "40").id or 0
        donor = organisation(session, "XM-DAC-7", "Netherlands", "10").id or 0
        session.add(
            Setup(
                id=1,
                organisation_id=publisher,
                currency="USD",
                default_flow_type="10",
                default_finance_type="110",
                default_aid_type="C01",
                default_tied_status="5",
            )
        )
        partner = Partner(code="NLD", organisation_id=donor, category=PartnerCategory.GOVERNMENT)
        session.add(partner)
        session.flush()
        agreement = _agreement(session, partner.id or 0, "NLD/1").id or 0
        project = _projects(session, publisher, ["GLO/21/01/NLD"])[0].id or 0
        session.add(FundingShare(agreement_id=agreement, project_id=project))
    return publisher, donor, partner.id or 0, agreement, project


def _agreement(session: Session, partner_id: int, reference: str, **values: Any) -> Agreement:
    given = {
        "title": "Better work", "status": AgreementStatus.SIGNED, "signed_on": dt.date(2021, 1, 15),
        "currency": "USD", "amount": Decimal(1000), "modality": "I", "category": 4, "aid_type": "C01",
        "provider_activity": "XM-DAC-7-4000",
    } | values  # fmt: skip
    row = Agreement(reference=reference, partner_id=partner_id, **given)
    session.add(row)
    session.flush()
    return row


def _projects(session: Session, publisher_id: int, codes: Iterable[str], **values: Any) -> list[Project]:
    given = {
        "title": "Better work", "description": "Labour standards in factories.", "stage": Stage.IMPLEMENTATION,
        "planned_start": dt.date(2021, 1, 1), "planned_end": dt.date(2027, 12, 31), "reporting_org_id": publisher_id,
    } | values  # fmt: skip
    rows = [Project(code=code, iati_identifier=f"{PUBLISHER}-{code.replace('/', '-')}", **given) for code in codes]
    session.add_all(rows)
    session.flush()
    for row in rows:
        for at, (kind, code) in enumerate((("country", "KE"), ("sector", "16020"))):
            session.add(Classification(project_id=row.id or 0, kind=kind, ordinal=at, code=code))
    session.flush()
    return rows


class Portfolio:
    """A small portfolio: the organisation's set-up, one partner with an agreement, one project that it funds."""

    publisher: Organisation
    donor: Organisation
    partner: Partner
    agreement: Agreement
    project: Project

    def __init__(self, database: Database) -> None:
        self.database = database
        keys = filled(database, _first_rows)
        with database.read() as session:
            found: list[Any] = [session.get_one(kind, key) for kind, key in zip(_FIRST, keys, strict=True)]
        self.publisher, self.donor, self.partner, self.agreement, self.project = found

    def add_agreement(self, session: Session, reference: str, **values: Any) -> Agreement:
        return _agreement(session, self.partner.id or 0, reference, **values)

    def add_project(self, session: Session, code: str, **values: Any) -> Project:
        return _projects(session, self.publisher.id or 0, [code], **values)[0]

    def add_projects(self, session: Session, codes: Iterable[str]) -> list[Project]:
        return _projects(session, self.publisher.id or 0, codes)

    def post(self, type_: str, date: dt.date, amount: str, **values: Any) -> int:
        """A posting of the ledger; its key."""
        with self.database.write("anna") as session:
            row = LedgerEntry(
                project_id=values.pop("project_id", self.project.id),
                type=type_,
                date=date,
                amount=Decimal(amount),
                currency=values.pop("currency", "USD"),
                **values,
            )
            session.add(row)
            session.flush()
            return row.id or 0

    def allocate(self, year: int, amount: str, **values: Any) -> int:
        """An allocation for a calendar year; its key."""
        with self.database.write("anna") as session:
            row = Allocation(
                project_id=self.project.id or 0,
                period_start=dt.date(year, 1, 1),
                period_end=values.pop("period_end", dt.date(year, 12, 31)),
                kind=values.pop("kind", AllocationKind.ORIGINAL),
                decided_on=values.pop("decided_on", dt.date(year, 1, 1)),
                amount=Decimal(amount),
                currency=values.pop("currency", "USD"),
                agreement_id=values.pop("agreement_id", self.agreement.id),
                **values,
            )
            session.add(row)
            session.flush()
            return row.id or 0

    def change(self, row_class: Any, key: int | None, **values: Any) -> None:
        with self.database.write("anna") as session:
            row = session.get_one(row_class, key)
            for name, value in values.items():
                setattr(row, name, value)

    def add(self, row: Any) -> Any:
        with self.database.write("anna") as session:
            session.add(row)
            session.flush()
        return row
