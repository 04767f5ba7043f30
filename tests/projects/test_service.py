"""Rules of change for projects: codes and identifiers, stages, percentages, unit scope, second imports."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from app.db import revisions
from app.db.engine import Database
from app.db.projects import Project
from app.db.publishing import PublishedActivity
from app.db.results import FrameworkItem
from app.domain.access import LOCAL, Actor
from app.domain.terms import Role, Stage
from app.errors import Conflict, InvalidInput, NotAllowed, NotSetUp
from app.projects import queries
from app.projects.as_of import project_as_of
from app.projects.documents import put_document
from app.projects.findings import findings
from app.projects.revisions import put_revision
from app.projects.schemas import DocumentIn, PoolIn, ProjectIn, ProjectPatch, RevisionIn
from app.projects.service import create_project, put_pool, put_project, update_project
from app.spending.allocations import put_allocation
from app.spending.schemas import AllocationIn
from tests import portfolio
from tests.portfolio import TODAY


def body(code: str = "RAF/20/50/NLD", **values: Any) -> ProjectIn:
    return ProjectIn.model_validate({"code": code, "title": "Cocoa", "status": "implementation", **values})


def rules(error: pytest.ExceptionInfo[InvalidInput]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.rule) for fault in error.value.faults}


def test_nothing_is_kept_before_the_set_up(database: Database) -> None:
    with database.write("anna") as session, pytest.raises(NotSetUp):
        put_project(session, LOCAL, body(), today=TODAY)


def test_codes_that_differ_in_slash_and_hyphen_only_are_refused(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "RAF/20/50")
        with pytest.raises(InvalidInput) as error:
            put_project(session, LOCAL, body("RAF-20/50"), today=TODAY)
        assert rules(error) == {("/code", "project.identifier-taken")}


def test_an_identifier_that_was_once_published_is_never_minted_anew(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        kept = portfolio.project(session, "OLD")
        for identifier in ("XX-OWN-RAF-20-50", "XX-OTHER"):
            session.add(PublishedActivity(identifier=identifier, project_id=kept.id or 0))
        session.flush()
        with pytest.raises(InvalidInput) as error:
            create_project(session, LOCAL, body("RAF/20/50"), today=TODAY)
        assert rules(error) == {("/code", "project.identifier-taken")}
        assert put_project(session, LOCAL, body("RAF/20/5"), today=TODAY).outcome == "created"


def test_a_published_identifier_stays_when_the_code_changes(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        fresh, published = portfolio.project(session, "A/1"), portfolio.project(session, "B/1")
        published.identifier_frozen = True
        for project, code in ((fresh, "A/2"), (published, "B/2")):
            update_project(session, LOCAL, project, ProjectPatch.model_validate({"code": code}), today=TODAY)
        assert (fresh.code, fresh.iati_identifier) == ("A/2", "XX-OWN-A-2")
        assert (published.code, published.iati_identifier) == ("B/2", "XX-OWN-B-1")
        with pytest.raises(InvalidInput) as error:
            change = ProjectPatch.model_validate({"iati_identifier": "XX-OWN-B-9"})
            update_project(session, LOCAL, published, change, today=TODAY)
        assert rules(error) == {("/iati_identifier", "project.identifier-frozen")}


def test_an_existing_publication_is_taken_over_with_its_identifier(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        taken = portfolio.project(session, "A/1", iati_identifier="XM-DAC-41302-103456")
        assert taken.iati_identifier == "XM-DAC-41302-103456"


def test_a_closed_project_has_an_end_or_that_is_told(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        made = put_project(session, LOCAL, body(status="closed"), today=TODAY)
        assert [(fault.pointer, fault.rule) for fault in made.findings] == [
            ("/actual_end", "project.closed-without-end")
        ]
        ended = put_project(session, LOCAL, body("A/1", status="closed", actual_end="2026-01-31"), today=TODAY)
        assert ended.findings == ()
        with pytest.raises(InvalidInput) as error:
            change = ProjectPatch.model_validate({"actual_end": None})
            update_project(session, LOCAL, ended.row, change, today=TODAY)
        assert rules(error) == {("/actual_end", "project.closed-without-end")}


def test_no_decision_takes_the_end_of_a_closed_project_away(database: Database) -> None:
    def decision(day: str, value: str | None) -> RevisionIn:
        told = {"project": "A/1", "field": "actual_end", "decided_on": day, "value": value, "reason": "A mistake"}
        return RevisionIn.model_validate(told)

    with database.write("anna") as session:
        portfolio.set_up(session)
        put_project(session, LOCAL, body("A/1", status="closed", actual_end="2026-01-31"), today=TODAY)
        with pytest.raises(InvalidInput) as error:
            put_revision(session, LOCAL, decision("2026-03-01", None), today=TODAY)
        assert rules(error) == {("/value", "project.closed-without-end")}
        put_revision(session, LOCAL, decision("2026-03-02", "2026-02-28"), today=TODAY)
        # what was decided before another end was is history
        assert put_revision(session, LOCAL, decision("2026-03-01", None), today=TODAY).outcome == "created"
        project = queries.find_project(session, "A/1")
        assert project is not None
        assert project.actual_end == dt.date(2026, 2, 28)


def test_an_existing_code_is_a_conflict_for_create(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        create_project(session, LOCAL, body(), today=TODAY)
        with pytest.raises(Conflict, match="already"):
            create_project(session, LOCAL, body(), today=TODAY)


@pytest.mark.parametrize(
    ("values", "pointer", "rule"),
    [
        ({"planned_start": "2025-01-02", "planned_end": "2025-01-01"}, "/planned_end", "project.dates-order"),
        ({"actual_end": "2026-11-21"}, "/actual_end", "project.future-date"),
        ({"financially_closed_on": "2026-01-01"}, "/financially_closed_on", "project.closing-order"),
        ({"countries": [{"code": "KE", "percentage": "99"}]}, "/countries", "percentages.not-100"),
        ({"countries": [{"code": "KE"}, {"code": "UG"}]}, "/countries", "percentages.not-100"),
        (
            {"countries": [{"code": "KE", "percentage": "60"}], "regions": [{"code": "998", "percentage": "60"}]},
            "/countries",
            "percentages.not-100",
        ),
        ({"sectors": [{"code": "16020"}, {"code": "16020"}]}, "/sectors", "percentages.not-100"),
        ({"sectors": [{"code": "99"}]}, "/sectors/0/code", "code.unknown"),
        ({"sdg": ["8.99"]}, "/sdg/0", "code.unknown"),
        ({"flow_type": "11"}, "/flow_type", "code.unknown"),
        ({"officer": "nobody"}, "/officer", "officer.unknown"),
        ({"parent": "NONE"}, "/parent", "project.unknown"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    database: Database, values: dict[str, Any], pointer: str, rule: str
) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        with pytest.raises(InvalidInput) as error:
            put_project(session, LOCAL, body(**values), today=TODAY)
        assert (pointer, rule) in rules(error)
        assert queries.find_project(session, "RAF/20/50/NLD") is None


def test_regions_of_two_vocabularies_each_make_a_whole_with_the_countries(database: Database) -> None:
    regions = [{"code": "298", "percentage": "40"}, {"code": "AFR", "percentage": "40", "vocabulary": "99"}]
    with database.write("anna") as session:
        portfolio.set_up(session)
        countries = [{"code": "KE", "percentage": "60"}]
        assert put_project(session, LOCAL, body(countries=countries, regions=regions), today=TODAY).outcome == "created"


@pytest.mark.parametrize(
    ("before", "after", "reason", "allowed"),
    [
        ("pipeline", "implementation", None, True),
        ("pipeline", "closed", None, False),
        ("implementation", "closed", None, True),
        ("closed", "implementation", None, False),
        ("closed", "implementation", "A claim came in late", True),
        ("suspended", "implementation", None, True),
        ("cancelled", "closed", "Why not", False),
    ],
)
def test_stages_move_by_their_rules(
    database: Database, before: str, after: str, reason: str | None, allowed: bool
) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P", status=before)
        ended = {"actual_end": "2026-10-31"} if after == "closed" else {}
        change = ProjectPatch.model_validate({"status": after, **ended, **({"reason": reason} if reason else {})})
        if allowed:
            assert update_project(session, LOCAL, project, change, today=TODAY).stage is Stage(after)
        else:
            with pytest.raises(InvalidInput) as error:
                update_project(session, LOCAL, project, change, today=TODAY)
            assert rules(error) == {("/status", "project.stage-move")}


def test_a_project_is_not_closed_without_the_day_on_which_it_ended(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P")
        with pytest.raises(InvalidInput) as error:
            update_project(session, LOCAL, project, ProjectPatch.model_validate({"status": "closed"}), today=TODAY)
        assert rules(error) == {("/actual_end", "project.closed-without-end")}
        ended = ProjectPatch.model_validate({"actual_end": "2026-10-31"})
        update_project(session, LOCAL, project, ended, today=TODAY)
        closed = update_project(session, LOCAL, project, ProjectPatch.model_validate({"status": "closed"}), today=TODAY)
        assert closed.stage is Stage.CLOSED
        again = {"status": "implementation", "reason": "A second phase was found money for"}
        with pytest.raises(InvalidInput) as error:
            update_project(session, LOCAL, project, ProjectPatch.model_validate(again), today=TODAY)
        assert rules(error) == {("/actual_end", "project.going-on-after-end")}
        going_on = ProjectPatch.model_validate(again | {"actual_end": None})
        assert update_project(session, LOCAL, project, going_on, today=TODAY).stage is Stage.IMPLEMENTATION


def test_a_project_is_not_put_below_itself(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        top = portfolio.project(session, "TOP")
        portfolio.project(session, "MIDDLE", parent="TOP")
        portfolio.project(session, "LEAF", parent="MIDDLE")
        with pytest.raises(InvalidInput) as error:
            update_project(session, LOCAL, top, ProjectPatch.model_validate({"parent": "LEAF"}), today=TODAY)
        assert rules(error) == {("/parent", "project.parent-circle")}


def test_officers_of_a_unit_leave_other_units_alone(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        own, other = portfolio.unit(session, "OWN"), portfolio.unit(session, "OTHER")
        officer = Actor(name="bela", role=Role.OFFICER, unit_id=own.id)
        assert put_project(session, officer, body("MINE", unit="OWN"), today=TODAY).outcome == "created"
        portfolio.project(session, "THEIRS", unit="OTHER")
        assert other.code == "OTHER"
        with pytest.raises(NotAllowed):
            put_project(session, officer, body("THEIRS", title="Taken"), today=TODAY)
        with pytest.raises(NotAllowed):
            put_project(session, officer, body("NOBODYS"), today=TODAY)


def test_the_same_row_twice_changes_nothing_and_another_value_is_a_revision(database: Database) -> None:
    first = body(planned_end="2025-12-31", total_budget="100.10", currency="USD", sdg=["8.5"], pilot=True)
    with database.write("anna") as session:
        portfolio.set_up(session)
        outcomes = [put_project(session, LOCAL, first, today=TODAY).outcome for _ in range(2)]
        assert outcomes == ["created", "unchanged"]
        put = put_project(session, LOCAL, body(planned_end="2026-12-31"), today=TODAY)
        assert (put.outcome, put.row.planned_end) == ("updated", dt.date(2026, 12, 31))
        rows = [row for row in revisions.revisions(session, put.row.id or 0) if row.field == "planned_end"]
        assert [(row.value, row.known_on) for row in rows] == [
            ("2025-12-31", dt.date(1900, 1, 1)),
            ("2026-12-31", TODAY),
        ]


def test_a_repeated_record_does_not_undo_the_decisions_taken_since(database: Database) -> None:
    """The table of projects tells how they began, that of revisions what was decided; both may be loaded again."""
    record = body(planned_start="2023-01-01", planned_end="2025-12-31")
    extension = RevisionIn.model_validate(
        {"project": record.code, "field": "planned_end", "decided_on": "2024-05-01", "value": "2027-06-30"}
        | {"reason": "Extension at no cost"}
    )
    with database.write("anna") as session:
        portfolio.set_up(session)
        outcomes = []
        for _ in range(2):
            outcomes.append(put_project(session, LOCAL, record, today=TODAY).outcome)
            outcomes.append(put_revision(session, LOCAL, extension, today=TODAY).outcome)
        assert outcomes == ["created", "created", "unchanged", "unchanged"]
        kept = queries.find_project(session, record.code)
        assert kept is not None
        assert kept.planned_end == dt.date(2027, 6, 30)
        # a record that says something new is a decision of its own
        changed = put_project(session, LOCAL, body(planned_end="2028-01-31"), today=TODAY)
        assert (changed.outcome, changed.row.planned_end) == ("updated", dt.date(2028, 1, 31))


def test_columns_that_a_row_leaves_out_stay(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P", outcome="3", countries=[{"code": "KE"}], title_fr="Titre")
        put = put_project(session, LOCAL, body("P", title="New"), today=TODAY)
        assert (put.row.title, put.row.outcome, put.row.title_translations) == ("New", "3", [["fr", "Titre"]])
        assert [row.code for row in queries.classifications(session, put.row.id or 0)] == ["KE"]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"field": "planned_end", "value": "soon"}, "/value"),
        ({"field": "planned_end", "value": "2019-12-31"}, "/value"),
        ({"field": "total_budget", "value": "-5"}, "/value"),
        ({"field": "total_budget", "value": "5 QQQ"}, "/value"),
        ({"field": "officer", "value": "nobody"}, "/value"),
        ({"field": "actual_end", "value": "2026-12-31"}, "/value"),
        ({"field": "planned_end", "value": "2027-01-01", "decided_on": "2026-11-21"}, "/decided_on"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(database: Database, values: dict[str, str], pointer: str) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P", planned_start="2020-01-01", planned_end="2025-12-31")
        decision = {"project": "P", "decided_on": "2025-01-01", "reason": "Because", **values}
        with pytest.raises(InvalidInput) as error:
            put_revision(session, LOCAL, RevisionIn.model_validate(decision), today=TODAY)
        assert {found for found, _ in rules(error)} == {pointer}


def test_a_corrected_decision_stands_behind_the_first_and_counts(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P", total_budget="100", currency="USD")
        decision = {"project": "P", "field": "total_budget", "decided_on": "2025-01-01", "reason": "More money"}
        outcomes = [
            put_revision(session, LOCAL, RevisionIn.model_validate({**decision, "value": value}), today=TODAY).outcome
            for value in ("150", "150 USD", "160.5 EUR")
        ]
        assert outcomes == ["created", "unchanged", "updated"]
        assert (project.total_budget, project.budget_currency) == (Decimal("160.5"), "EUR")
        assert project_as_of(session, project.id or 0, dt.date(2024, 12, 31)).total_budget == Decimal(100)


def test_a_pool_and_a_project_do_not_share_a_code(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        pool = PoolIn.model_validate({"code": "RBSA", "title": "Account", "ends_on": "2025-12-31"})
        assert put_pool(session, LOCAL, pool, today=TODAY).outcome == "created"
        assert put_pool(session, LOCAL, pool, today=TODAY).outcome == "unchanged"
        with pytest.raises(Conflict, match="is a pool"):
            put_project(session, LOCAL, body("RBSA"), today=TODAY)


def test_documents_are_matched_by_project_and_address(database: Database) -> None:
    document = {
        "url": "https://documents.example.org/a.pdf", "title": "Report", "category": "A07", "format": "application/pdf",
    }  # fmt: skip
    with database.write("anna") as session:
        portfolio.set_up(session)
        portfolio.project(session, "P")
        outcomes = [
            put_document(session, LOCAL, DocumentIn.model_validate({**document, **values})).outcome
            for values in ({}, {}, {"project": "P"}, {"project": "P", "title": "Final report"})
        ]
        assert outcomes == ["created", "unchanged", "created", "updated"]
        with pytest.raises(InvalidInput) as error:
            put_document(session, LOCAL, DocumentIn.model_validate({**document, "category": "Z9", "language": "qq"}))
        assert rules(error) == {("/category", "code.unknown"), ("/language", "code.unknown")}


def allocate(session: Any, year: str, amount: str, currency: str = "USD") -> None:
    body_ = AllocationIn.model_validate(
        {"project": "P", "fiscal_year": year, "kind": "original", "decided_on": f"{year}-01-15"}
        | {"amount": amount, "currency": currency}
    )
    put_allocation(session, LOCAL, body_, today=TODAY)


def found_rules(session: Any, project: Project) -> set[str]:
    return {finding.rule for finding in findings(session, project.id or 0, TODAY)}


def test_a_total_budget_that_differs_from_the_allocations_is_found(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P", total_budget="100.10", currency="USD")
        assert "project.budget-differs" not in found_rules(session, project)
        allocate(session, "2024", "60.05")
        found = {finding.rule: finding.message for finding in findings(session, project.id or 0, TODAY)}
        assert "by 40.05" in found["project.budget-differs"]
        allocate(session, "2025", "40.05")
        assert "project.budget-differs" not in found_rules(session, project)
        allocate(session, "2026", "1", "EUR")
        assert "project.budget-incomparable" in found_rules(session, project)
        project.outcome = "1:60|9.9:40"
        assert "project.outcome-unknown" not in found_rules(session, project), "no framework says which there are"
        session.add(FrameworkItem(framework="2026-27", level="outcome", code="1", title="Dialogue"))
        session.flush()
        found = {finding.rule: finding.message for finding in findings(session, project.id or 0, TODAY)}
        assert "the outcome 9.9:" in found["project.outcome-unknown"]


def test_what_is_lacking_in_a_running_project_is_found(database: Database) -> None:
    with database.write("anna") as session:
        portfolio.set_up(session)
        unit = portfolio.unit(session, "UNIT")
        portfolio.officer(session, "aex", unit.id or 0)
        poor = portfolio.project(session, "POOR", planned_end="2026-11-19")
        good = portfolio.project(
            session, "GOOD", planned_start="2024-01-01", planned_end="2027-12-31", actual_start="2024-01-01",
            unit="UNIT", officer="aex", countries=[{"code": "KE"}], sectors=[{"code": "16020"}],
        )  # fmt: skip
        assert found_rules(session, poor) == {
            "project.end-passed", "project.no-actual-start", "project.no-officer", "project.no-unit",
            "project.no-place", "project.no-sector",
        }  # fmt: skip
        assert found_rules(session, good) == set()
