"""What the world has seen: identifiers are frozen by the export, and nothing leaves a file unseen."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.projects import Project
from app.db.publishing import ImportRun, PublishedActivity
from app.domain.access import LOCAL, Actor
from app.domain.codes import use_codelists
from app.domain.terms import Role, Stage
from app.errors import Conflict, InvalidInput, NotAllowed
from app.organisation.identifiers import change_identifier as change_organisation
from app.organisation.schemas import OrganisationIdentifierIn
from app.projects import service
from app.projects.identifiers import change_identifier
from app.projects.schemas import IdentifierIn, ProjectIn, ProjectPatch
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.activities_file import export_activities
from app.publishing.exporting.organisation_file import export_organisation
from tests.portfolio import known
from tests.publishing.conftest import TODAY
from tests.publishing.own import PUBLISHER, Portfolio

CODE, IDENTIFIER = "GLO/21/01/NLD", f"{PUBLISHER}-GLO-21-01-NLD"


@pytest.fixture
def portfolio(database: Database) -> Portfolio:
    use_codelists(known)
    return Portfolio(database)


def export(database: Database, *, as_of: dt.date = TODAY, **options: Any) -> tuple[Any, ExportAccount]:
    """The file as a tree, and the account; None when nothing was written."""
    out = io.BytesIO()
    account = export_activities(database, out, as_of=as_of, **options)
    return (etree.fromstring(out.getvalue()) if out.getvalue() else None), account


def update(database: Database, project_code: str = CODE, /, **values: Any) -> None:
    with database.write("anna") as session:
        project = session.scalars(select(Project).where(table(Project).c.code == project_code)).one()
        body = ProjectPatch.model_validate(values)
        service.update_project(session, LOCAL, project, body, today=TODAY)


def identifiers(tree: Any) -> list[str]:
    return list(tree.xpath("//iati-identifier/text()"))


def test_an_exported_activity_keeps_its_identifier_when_its_code_changes(
    portfolio: Portfolio, database: Database
) -> None:
    update(database, code="BEFORE")
    tree, _ = export(database)
    assert identifiers(tree) == [f"{PUBLISHER}-BEFORE"]
    update(database, "BEFORE", code="AFTER")
    tree, account = export(database)
    assert identifiers(tree) == [f"{PUBLISHER}-BEFORE"]
    assert (account.gone, account.findings) == ([], [])
    with pytest.raises(InvalidInput) as refused:
        update(database, "AFTER", iati_identifier=f"{PUBLISHER}-OTHER")
    (fault,) = refused.value.faults
    assert (fault.rule, "earmark project identifier" in fault.message) == ("project.identifier-frozen", True)


def test_a_pool_is_an_activity_too(portfolio: Portfolio, database: Database) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "RBSA", grain="pool")
    export(database, projects=["RBSA"])
    update(database, "RBSA", code="RBSA2")
    assert identifiers(export(database, projects=["RBSA2"])[0]) == [f"{PUBLISHER}-RBSA"]


def test_what_no_file_held_is_not_frozen(portfolio: Portfolio, database: Database) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "BARE", description=None)
    _, account = export(database)
    assert [each.project for each in account.held_back] == ["BARE"]
    update(database, "BARE", code="BARE2", description="Work for all.")
    assert f"{PUBLISHER}-BARE2" in identifiers(export(database)[0])


def test_an_export_that_fails_half_way_freezes_nothing(portfolio: Portfolio, database: Database) -> None:
    class Full(io.BytesIO):
        def write(self, _content: Any, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        export_activities(database, Full(), as_of=TODAY)
    with database.read() as session:
        assert session.scalars(select(PublishedActivity)).all() == []


@pytest.mark.parametrize("of_more", [False, True])
def test_what_leaves_the_file_is_told_with_who_and_when(
    portfolio: Portfolio, database: Database, of_more: bool
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "OTHER")
    if of_more:
        with database.write("anna") as session:
            portfolio.add_projects(session, [f"MORE{number:03}" for number in range(600)])
    export(database)
    portfolio.change(Project, portfolio.project.id, withheld_reason="safety of staff")
    _, account = export(database)
    (gone,) = account.gone
    assert (gone.project, gone.identifier) == (CODE, IDENTIFIER)
    today = dt.datetime.now(dt.UTC).date()
    assert gone.reason == f"safety of staff (set on {today} by anna)"
    assert account.as_lines()[0] == f"gone: {CODE} ({IDENTIFIER}): {gone.reason}"
    assert export(database, projects=["OTHER"])[1].gone == []


def test_an_archived_an_embargoed_and_an_invalid_activity_are_gone(portfolio: Portfolio, database: Database) -> None:
    with database.write("anna") as session:
        kept = [portfolio.add_project(session, code) for code in ("A", "B", "C", "D")]
    export(database)
    portfolio.change(Project, kept[0].id, archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    portfolio.change(Project, kept[1].id, embargo_until=dt.date(2027, 1, 1))
    portfolio.change(Project, kept[2].id, description=None)
    tree, account = export(database)
    assert identifiers(tree) == [f"{PUBLISHER}-D", IDENTIFIER]
    told = {each.project: each.reason for each in account.gone}
    assert told.keys() == {"A", "B", "C"}
    assert told["A"].startswith("archived on ")
    assert told["A"].endswith(" by anna")
    assert told["B"].startswith("under embargo until 2027-01-01 (set on ")
    assert told["C"] == "The project has no description."
    # it comes back: nothing is gone
    portfolio.change(Project, kept[0].id, archived_at=None)
    portfolio.change(Project, kept[1].id, embargo_until=None)
    portfolio.change(Project, kept[2].id, description="Work.")
    assert export(database)[1].gone == []


def test_an_exported_project_is_closed_not_archived(portfolio: Portfolio, database: Database) -> None:
    export(database)
    with database.write("anna") as session, pytest.raises(Conflict, match="close or cancel it instead"):
        service.archive_project(session, LOCAL, session.get_one(Project, portfolio.project.id))
    portfolio.change(Project, portfolio.project.id, stage=Stage.CLOSED)
    assert identifiers(export(database)[0]) == [IDENTIFIER]


def test_an_administrator_changes_an_identifier_and_the_former_one_goes_out(
    portfolio: Portfolio, database: Database, tmp_path: Path, take_in: Callable[..., Any]
) -> None:
    old = tmp_path / "old.xml"
    export_activities(database, old, as_of=TODAY)
    body = IdentifierIn(identifier=f"{PUBLISHER}-NEW", reason="It named a person")
    with database.write("anna") as session:
        project = session.get_one(Project, portfolio.project.id)
        with pytest.raises(NotAllowed):
            change_identifier(session, Actor(name="bob", role=Role.OFFICER), project, body)
        change_identifier(session, LOCAL, project, body)
    tree, account = export(database)
    assert identifiers(tree) == [f"{PUBLISHER}-NEW"]
    (former,) = tree.findall(".//other-identifier")
    assert (former.get("type"), former.get("ref"), former.find("owner-org").get("ref")) == ("A3", IDENTIFIER, PUBLISHER)
    (told,) = account.findings
    assert told.message == f"The activity {IDENTIFIER} is called {PUBLISHER}-NEW from now on."
    assert account.gone == []
    assert export(database)[1].findings == []
    # nobody gets the former one, neither by a new record nor by the older file
    with database.write("anna") as session, pytest.raises(InvalidInput, match="1 fault") as refused:
        again = ProjectIn.model_validate({"code": CODE + "x", "title": "T", "status": "implementation",
                                          "iati_identifier": IDENTIFIER})  # fmt: skip
        service.create_project(session, LOCAL, again, today=TODAY)
    assert refused.value.faults[0].rule == "project.identifier-taken"
    report = take_in(old)
    assert [(each.rule, each.activity) for each in report.faults if each.severity == "critical"] == [
        ("earmark.import.former-identifier", IDENTIFIER)
    ]
    assert identifiers(export(database)[0]) == [f"{PUBLISHER}-NEW"]


def test_a_file_that_states_a_former_identifier_changes_nothing(
    portfolio: Portfolio, database: Database, tmp_path: Path, take_in: Callable[..., Any]
) -> None:
    export(database)
    with database.write("anna") as session:
        project = session.get_one(Project, portfolio.project.id)
        change_identifier(session, LOCAL, project, IdentifierIn(identifier=f"{PUBLISHER}-NEW", reason="Why"))
    first = tmp_path / "new.xml"
    export_activities(database, first, as_of=TODAY)
    assert take_in(first).counts["activities_unchanged"] == 1
    second = tmp_path / "again.xml"
    export_activities(database, second, as_of=TODAY)
    assert first.read_bytes() == second.read_bytes()


def test_an_organisation_changes_its_identifier_and_what_is_published_keeps_its_own(
    portfolio: Portfolio, database: Database
) -> None:
    export(database)
    with database.write("anna") as session:
        portfolio.add_project(session, "LATER")
    with database.write("anna") as session:
        body = OrganisationIdentifierIn(identifier="XM-EX-9", reason="Registered elsewhere")
        done = change_organisation(session, LOCAL, body)
    assert (done.kept, done.followed) == (1, 1)
    tree, account = export(database)
    assert identifiers(tree) == [IDENTIFIER, "XM-EX-9-LATER"]
    assert set(tree.xpath("//reporting-org/@ref")) == {"XM-EX-9"}
    (former,) = tree.findall(".//other-identifier")
    assert former.getparent().findtext("iati-identifier") == IDENTIFIER
    assert (former.get("type"), former.get("ref"), former.find("owner-org").get("ref")) == ("B1", PUBLISHER, "XM-EX-9")
    assert [each.rule for each in account.findings] == ["earmark.export.other-reporter"]
    assert export(database)[1].findings == []


def test_without_an_activity_there_is_no_file_and_what_was_there_stays(
    portfolio: Portfolio, database: Database, tmp_path: Path
) -> None:
    export(database)
    portfolio.change(Project, portfolio.project.id, description=None)
    path = tmp_path / "a.xml"
    path.write_text("before")
    account = export_activities(database, path, as_of=TODAY)
    assert path.read_text() == "before"
    assert (account.written, account.has_faults) == (0, True)
    assert account.nothing == "No file was written: none of the activities may be published, for the reasons above."
    assert [(each.project, each.reason) for each in account.gone] == [(CODE, "The project has no description.")]
    assert export(database)[0] is None


def test_without_any_project_there_is_no_file_either(database: Database, tmp_path: Path) -> None:
    account = export_activities(database, tmp_path / "a.xml", as_of=TODAY)
    assert account.nothing == (
        "No file was written: there is no activity yet; add projects, or import published files."
    )
    assert list(tmp_path.glob("*.xml")) == []


def test_what_an_import_refused_is_told_at_the_export(portfolio: Portfolio, database: Database) -> None:
    for refused in (3, 1):
        counts = {"activities_read": 3, "activities_refused": refused}
        portfolio.add(ImportRun(kind="iati", file_name="a.xml", actor="anna", outcome="done", counts=counts))
    portfolio.add(ImportRun(kind="iati", file_name="b.xml", actor="anna", outcome="done", counts={}))
    (told,) = export(database)[1].findings
    assert told.message.startswith("1 activity was refused at the last import of a.xml (")
    assert export(database, projects=[CODE])[1].findings == []


def test_an_organisation_without_identifier_gets_no_organisation_file(
    portfolio: Portfolio, database: Database, tmp_path: Path
) -> None:
    portfolio.change(type(portfolio.publisher), portfolio.publisher.id, type=None)
    path = tmp_path / "o.xml"
    account = export_organisation(database, path, as_of=TODAY)
    assert (path.exists(), account.has_faults, account.written) == (False, True, 0)


@pytest.mark.parametrize("drafts", [False, True])
def test_an_exported_organisation_file_alone_counts_as_published(database: Database, drafts: bool) -> None:
    use_codelists(known)
    portfolio = Portfolio(database)
    portfolio.change(Project, portfolio.project.id, withheld_reason="not yet")
    for _ in range(2):
        export_organisation(database, io.BytesIO(), as_of=TODAY, drafts=drafts)
    with database.write("anna") as session:
        change_organisation(session, LOCAL, OrganisationIdentifierIn(identifier="XM-DAC-41399", reason="merged"))
    with database.read() as session:
        former = session.get_one(type(portfolio.publisher), portfolio.publisher.id).former_identifiers
    assert former == ([] if drafts else [PUBLISHER])
