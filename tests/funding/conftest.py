"""What agreements stand on: the organisation, partners, projects, a unit of its own for one of them."""

import pytest

from app.db.engine import Database
from app.db.organisation import Setup, Unit
from app.db.partners import Organisation, Partner, name_key
from app.db.projects import Project
from app.domain.codes import use_codelists
from app.domain.terms import PartnerCategory, Screening, Stage
from app.publishing.codes import code_checker
from tests.filled import filled

PARTNERS = {
    "NLD": (PartnerCategory.GOVERNMENT, Screening.NOT_REQUIRED),
    "TEXTIL": (PartnerCategory.PRIVATE_SECTOR, Screening.PENDING),
    "REFUSED": (PartnerCategory.FOUNDATION, Screening.REFUSED),
}


@pytest.fixture
def store(database: Database) -> Database:
    """A database with partners NLD, TEXTIL and REFUSED, and projects A/1 (unit ROAF), B/2 and C/3."""
    use_codelists(code_checker(None))
    filled(database, _fill)
    return database


def _fill(database: Database) -> None:
    with database.write("tests") as session:
        own = Organisation(identifier="XX-1", name="Own", name_key="own", type="40")
        unit = Unit(code="ROAF", name="Africa")
        session.add_all([own, unit])
        session.flush()
        session.add(Setup(id=1, organisation_id=own.id or 0, currency="USD"))
        for code, (category, screening) in PARTNERS.items():
            organisation = Organisation(name=f"Partner {code}", name_key=name_key(f"Partner {code}"))
            session.add(organisation)
            session.flush()
            session.add(
                Partner(code=code, organisation_id=organisation.id or 0, category=category, screening=screening)
            )
        for code in ("A/1", "B/2", "C/3"):
            session.add(
                Project(
                    code=code,
                    iati_identifier=f"XX-1-{code.replace('/', '-')}",
                    reporting_org_id=own.id or 0,
                    title=code,
                    stage=Stage.IMPLEMENTATION,
                    unit_id=unit.id if code == "A/1" else None,
                )
            )
