"""A small portfolio for tests: the organisation's set-up, units, officers, partners, agreements, the real codelists."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from app.db.funding import Agreement, FundingShare
from app.db.organisation import Officer, Setup, Unit
from app.db.partners import Organisation, Partner, name_key
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.domain.terms import AgreementStatus, PartnerCategory
from app.evaluations.policies.service import put_policy
from app.founding import start_texts
from app.projects.schemas import PoolIn, ProjectIn
from app.projects.service import put_pool, put_project
from app.publishing.codes import code_checker

TODAY = dt.date(2026, 11, 20)


#: the lists of the standard, as the program asks them
known = code_checker(None)


def set_up(session: Session, *, currency: str = "USD", closed_until: dt.date | None = None) -> Setup:
    """The organisation's set-up, if there is none yet; rules see the codelists of the standard."""
    use_codelists(known)
    setup = session.get(Setup, 1)
    if setup is None:
        own = organisation(session, "XX-OWN", "Own organisation")
        setup = Setup(id=1, organisation_id=own.id or 0, currency=currency)
        session.add(setup)
    setup.closed_until = closed_until
    session.flush()
    return setup


def choose_policies(session: Session) -> None:
    """The evaluation policies that ship as a start, chosen."""
    for text in start_texts():
        put_policy(session, LOCAL, text, today=None)


def organisation(session: Session, identifier: str | None, name: str) -> Organisation:
    row = Organisation(identifier=identifier, name=name, name_key=name_key(name))
    session.add(row)
    session.flush()
    return row


def unit(session: Session, code: str) -> Unit:
    row = Unit(code=code, name=f"Unit {code}")
    session.add(row)
    session.flush()
    return row


def officer(session: Session, code: str, unit_id: int) -> Officer:
    row = Officer(code=code, name=f"Officer {code}", email=f"{code}@unit.example.org", unit_id=unit_id)
    session.add(row)
    session.flush()
    return row


def partner(session: Session, code: str, category: PartnerCategory = PartnerCategory.GOVERNMENT) -> Partner:
    row = Partner(code=code, organisation_id=organisation(session, f"XX-{code}", code).id or 0, category=category)
    session.add(row)
    session.flush()
    return row


def agreement(session: Session, reference: str, partner_id: int, amount: str = "1000", **values: Any) -> Agreement:
    row = Agreement(
        reference=reference,
        partner_id=partner_id,
        title=reference,
        status=AgreementStatus.SIGNED,
        signed_on=dt.date(2020, 1, 1),
        currency="USD",
        amount=Decimal(amount),
        modality="I",
        category=4,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def share(session: Session, agreement_id: int, project_id: int, percent: str = "100") -> FundingShare:
    row = FundingShare(agreement_id=agreement_id, project_id=project_id, percent=Decimal(percent))
    session.add(row)
    session.flush()
    return row


def project(session: Session, code: str = "RAF/20/50/NLD", **values: Any) -> Project:
    """A project as a table would bring it."""
    body = ProjectIn.model_validate({"code": code, "title": f"Project {code}", "status": "implementation", **values})
    return put_project(session, LOCAL, body, today=TODAY).row


def pool(session: Session, code: str = "RBSA", **values: Any) -> Project:
    body = PoolIn.model_validate({"code": code, "title": f"Pool {code}", **values})
    return put_pool(session, LOCAL, body, today=TODAY).row
