"""Keys that came in before they were taken as people see them are told, and brought into that form."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select, update

from app.db import revisions
from app.db.base import key, table
from app.db.engine import Database
from app.db.evaluations import Evaluation
from app.db.former_keys import former_keys, mend_keys
from app.db.funding import Agreement, AgreementRepurposing, AgreementRevision, EarmarkingPreset, FrameworkAgreement
from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.pages import SavedView
from app.db.partners import Partner
from app.db.people import User
from app.db.projects import Project
from app.db.renamed_codes import RenamedCode
from app.db.spending import Allocation
from app.domain.terms import AllocationKind, Consent, EvaluationStatus, Role
from app.funding import history
from app.funding import queries as funding_queries
from app.funding.schemas import RevisionPage as AgreementRevisionPage
from app.http import lists
from app.projects import queries as project_queries
from app.projects.answers import RevisionPage
from app.projects.as_of import project_as_of
from app.projects.views import name_by_codes_of_now
from tests import portfolio


def test_a_key_that_nobody_sees_as_it_is_kept_is_mended_unless_another_record_has_it(database: Database) -> None:
    with database.write("tests") as session:
        for code in ("RO\u200bAF", "CO-A", "CO\u00ad-A", "Cafe\u0301", "ROAP"):
            portfolio.unit(session, code)
    with database.read() as session:
        told = [each.as_sentence() for each in former_keys(session)]
    assert told[0] == "units: the code seen as “ROAF” is kept otherwise (it holds U+200B (zero width space))."
    assert told[1].endswith(
        "(it holds U+00AD (soft hyphen)), and another one has that key: bring the two together by hand."
    )
    assert told[2].startswith("units: the code seen as “Café” is kept otherwise")
    with database.write("tests") as session:
        assert [each.seen for each in mend_keys(session) if not each.stays] == ["ROAF", "Café"]
    with database.read() as session:
        assert [each.seen for each in former_keys(session)] == ["CO-A"]
        assert set(session.scalars(select(Unit.code))) == {"ROAF", "CO-A", "CO\u00ad-A", "Café", "ROAP"}  # type: ignore[call-overload]


def test_what_names_a_partner_or_an_agreement_follows_its_mended_key(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P1")
        agreement = portfolio.agreement(session, "G", key(portfolio.partner(session, "NLD")))
        swe = portfolio.partner(session, "SWE")
        session.flush()
        allocation = Allocation(
            project_id=key(project), period_start=dt.date(2026, 1, 1), period_end=dt.date(2026, 12, 31),
            source="G\u200b1", agreement_id=key(agreement), kind=AllocationKind.ORIGINAL, amount=Decimal(5),
            currency="USD", decided_on=dt.date(2026, 1, 1), recorded_by="tests",
        )  # fmt: skip
        session.add(allocation)
        session.flush()
        # as they were kept before keys were taken as people see them
        odd = {"further_partners": ["S\u00adWE:40"], "joined": {"S\u00adWE": "2026-01-01"}, "framework": "F\u00ad1"}
        of_agreement, of_partner = table(Agreement).c.id == agreement.id, table(Partner).c.id == swe.id
        session.execute(update(table(Agreement)).where(of_agreement).values(reference="G\u200b1", **odd))
        session.execute(
            update(table(Partner)).where(of_partner).values(code="S\u00adWE", framework_agreement="F\u00ad1")
        )
        framework = FrameworkAgreement(partner_id=key(swe), code="F\u00ad1", title="F")
        session.add(framework)
    with database.write("tests") as session:
        mend_keys(session)
    with database.read() as session:
        found = row_by(session, Agreement, "reference", "G1")
        assert found is not None
        assert (found.further_partners, found.joined) == (["SWE:40"], {"SWE": "2026-01-01"})
        assert found.framework == "F1"
        assert session.scalars(select(table(Allocation).c.source)).all() == ["G1"]
        assert session.scalars(select(table(Partner).c.framework_agreement).where(of_partner)).all() == ["F1"]


def test_decisions_that_name_an_officer_by_a_mended_code_are_read_by_the_one_of_now(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        unit = portfolio.unit(session, "U")
        anna = portfolio.officer(session, "anna", key(unit))
        anna.code = "an\u00adna"
        session.flush()
        row = portfolio.project(session, "P1")
        revisions.append(
            session, row, {"officer": "an\u00adna"}, known_on=dt.date(2023, 1, 1), reason="R", recorded_by="tests"
        )
        user = User(name="olga", role=Role.OFFICER)
        session.add(user)
        session.flush()
        session.add(SavedView(user_id=key(user), name="mine", page="projects", query="officer=an%C2%ADna"))
        project_id, officer_id = key(row), key(anna)
    with database.write("tests") as session:
        mend_keys(session)
    with database.write("tests") as session:
        row = session.get_one(Project, project_id)
        # what was decided before is learnt late
        revisions.append(session, row, {"officer": None}, known_on=dt.date(2021, 1, 1), reason="R", recorded_by="tests")
        session.flush()
        assert row.officer_id == officer_id
        assert project_as_of(session, project_id, dt.date(2024, 1, 1)).officer == "anna"
        assert session.scalars(select(SavedView)).one().query == "officer=anna"
        listed = lists.page(session, project_queries.REVISIONS, RevisionPage(), scope="all").items
        name_by_codes_of_now(session, listed)
        assert [one["value"] for one in listed if one["field"] == "officer"] == [None, "anna"]


def test_evaluations_and_agreements_follow_a_mended_partner_and_preset(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        nld, swe = portfolio.partner(session, "NLD"), portfolio.partner(session, "SWE")
        swe.code = "S\u00adWE"
        agreement = portfolio.agreement(session, "G", key(nld), preset="ou\u00adrs")
        for day in (dt.date(1900, 1, 1), dt.date(2026, 1, 1)):
            session.add(EarmarkingPreset(code="ou\u00adrs", valid_from=day, instrument="i", aid_type="C01",
                                         category="4", modality="I", wording="w"))  # fmt: skip
        session.add(AgreementRepurposing(agreement_id=key(agreement), decided_on=dt.date(2026, 1, 1), reason="R",
                                         consent=Consent.NOT_NEEDED, preset="ou\u00adrs"))  # fmt: skip
        session.add(AgreementRevision(
            agreement_id=key(agreement), sequence=1, known_on=dt.date(2025, 1, 1), reason="R", amount=Decimal(1),
            status=agreement.status, preset="ou\u00adrs", modality="I", category=4, recorded_by="tests"))  # fmt: skip
        session.add(Evaluation(reference="E", kind="final", independence="self", status=EvaluationStatus.PLANNED,
                               joint_with=["S\u00adWE", "NLD"]))  # fmt: skip
    with database.write("tests") as session:
        mend_keys(session)
    with database.read() as session:
        kept = session.scalars(select(Agreement)).one()
        assert kept.preset == "ours"
        assert session.scalars(select(AgreementRepurposing)).one().preset == "ours"
        assert [each.terms.preset for each in history.decisions(session, kept)] == ["ours"]
        decided = lists.page(session, funding_queries.REVISIONS, AgreementRevisionPage(), scope="all").items
        history.name_by_codes_of_now(session, decided)
        assert [one["preset"] for one in decided] == ["ours"]
        assert session.scalars(select(Evaluation)).one().joint_with == ["SWE", "NLD"]
        kinds = session.scalars(select(table(RenamedCode).c.kind)).all()
        assert kinds == ["preset"]
