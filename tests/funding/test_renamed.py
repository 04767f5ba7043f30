"""What agreements and projects name by a code goes with it when it gets another one, at every door."""

import pytest
from sqlalchemy import select, update

from app.config import Settings
from app.db.base import key, table, utc_now
from app.db.engine import Database
from app.db.evaluations import Evaluation
from app.db.former_keys import mend_keys
from app.db.funding import Agreement
from app.db.lookups import row_by
from app.db.pages import SavedView
from app.db.people import AuditEvent, User
from app.db.projects import Project
from app.funding import history
from tests import portfolio
from tests.api import Api

REFS = ["project:A/1", "outcome:1", "country:KE"]


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    made = Api(settings, database)
    client = made.client()
    rows: list[tuple[str, dict[str, object]]] = [
        ("/partners", {"code": "NLD", "name": "Netherlands", "category": "government"}),
        ("/framework-items", {"framework": "2026-27", "level": "outcome", "code": "1", "title": "One"}),
        ("/framework-items", {"framework": "2026-27", "level": "outcome", "code": "2", "title": "Two"}),
        ("/projects", {"code": "A/1", "title": "A", "status": "implementation", "planned_start": "2026-01-01",
                       "outcome": "1:60|2:40"}),
        ("/projects", {"code": "B", "title": "B", "status": "implementation", "outcome": "1",
                       "planned_start": "2026-01-01", "description": "B."}),
        ("/projects", {"code": "C", "title": "C", "status": "implementation", "outcome": "11"}),
        ("/agreements", {"reference": "G", "partner": "NLD", "title": "G", "preset": "project", "status": "signed",
                         "signed_on": "2026-01-15", "currency": "USD", "amount": "1000", "earmarked_for_refs": REFS}),
        ("/agreements/1/shares", {"project": "A/1", "percent": "100"}),
        ("/allocations", {"project": "B", "fiscal_year": "2026", "source": "RB", "kind": "original", "outcome": "1",
                          "decided_on": "2026-02-01", "amount": "50", "currency": "USD"}),
        ("/institutional-budgets", {"kind": "need", "line": "1", "period_start": "2026-01-01",
                                    "period_end": "2027-12-31", "amount": "900", "currency": "USD"}),
        ("/lessons", {"reference": "L", "kind": "lesson", "title": "L", "text": "L", "noted_on": "2026-01-01",
                      "outcomes": ["1", "2"]}),
        ("/evaluations", {"reference": "E", "kind": "final", "independence": "self", "projects": ["A/1"],
                          "status": "planned", "evidence_on": ["outcome:1", "standards"]}),
    ]  # fmt: skip
    for route, body in rows:
        answer = client.post(route, json=body)
        assert answer.status_code == 201, (route, answer.text)
    return made


def changed(api: Api, route: str, **body: object) -> None:
    client = api.client()
    seen = client.get(route).headers["etag"]
    answer = client.patch(route, json=body, headers={"If-Match": seen})
    assert answer.status_code == 200, answer.text


def refs(api: Api) -> list[str]:
    found: list[str] = api.client().get("/agreements/1").json()["earmarked_for_refs"]
    return found


def contributions(api: Api) -> set[str]:
    answer = api.client().get("/reports/approvals?period=2026&by=objective&as_of=2026-11-20")
    return {row["objective"] for row in answer.json()["rows"]}


def test_purposes_follow_a_project_in_records_decisions_reports_and_the_audit_trail(api: Api) -> None:
    changed(api, "/projects/1", code="A/2")
    assert refs(api) == ["project:A/2", "outcome:1", "country:KE"]
    with api.database.read() as session:
        agreement = session.scalars(select(Agreement)).one()
        # what was decided under the code before is read under the one of now
        told = [each.terms.earmarked_for_refs for each in history.decisions(session, agreement)]
        event = session.scalars(
            select(AuditEvent).where(table(AuditEvent).c.entity == "agreements").order_by(table(AuditEvent).c.id.desc())
        ).first()
    assert set(told) == {("project:A/2", "outcome:1", "country:KE")}
    assert event is not None
    assert (event.before, event.after) == (
        {"earmarked_for_refs": REFS},
        {"earmarked_for_refs": ["project:A/2", "outcome:1", "country:KE"]},
    )
    changed(api, "/projects/1", code="A/3")
    assert refs(api)[0] == "project:A/3"
    # an amendment afterwards is about nothing but what it says
    answer = api.client().post("/agreements/1/amendments", json={
        "decided_on": "2026-05-01", "amount": "1200", "reason": "More"})  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert refs(api)[0] == "project:A/3"


def test_another_project_that_gets_the_former_code_is_not_what_was_meant_before(api: Api) -> None:
    changed(api, "/projects/1", code="A/2")
    changed(api, "/projects/2", code="A/1")
    changed(api, "/projects/2", code="B/9")
    assert refs(api)[0] == "project:A/2"
    with api.database.read() as session:
        agreement = session.scalars(select(Agreement)).one()
        told = {each.terms.earmarked_for_refs[0] for each in history.decisions(session, agreement)}
    assert told == {"project:A/2"}


def test_all_that_names_an_outcome_follows_its_new_code(api: Api) -> None:
    with api.database.write("tests") as session:
        (user,) = session.scalars(select(table(User).c.id).limit(1)).all()
        session.add(SavedView(user_id=user, name="mine", page="projects", query="outcome=1&q=1"))
    changed(api, "/framework-items/1", code="1A")
    client = api.client()
    outcomes = {each["code"]: each["outcome"] for each in client.get("/projects").json()["items"]}
    assert outcomes == {"A/1": "1A:60|2:40", "B": "1A", "C": "11"}
    assert refs(api) == ["project:A/1", "outcome:1A", "country:KE"]
    assert contributions(api) == {"outcome:1A"}
    assert [each["outcome"] for each in client.get("/allocations").json()["items"]] == ["1A"]
    assert [each["line"] for each in client.get("/institutional-budgets").json()["items"]] == ["1A"]
    assert client.get("/lessons/1").json()["outcomes"] == ["1A", "2"]
    assert client.get("/evaluations/1").json()["evidence_on"] == ["outcome:1A", "standards"]
    with api.database.read() as session:
        assert session.scalars(select(SavedView)).one().query == "outcome=1A&q=1"
        events = session.scalars(select(AuditEvent).where(table(AuditEvent).c.entity == "projects")).all()
    assert [(each.before, each.after) for each in events if each.action == "update"] == [
        ({"outcome": "1:60|2:40"}, {"outcome": "1A:60|2:40"}),
        ({"outcome": "1"}, {"outcome": "1A"}),
    ]


def test_what_is_published_names_the_outcome_as_it_is_called_now(api: Api) -> None:
    def tags() -> list[str]:
        shown = api.client().get("/projects/B/iati").json()["xml"] or ""
        return [line.strip() for line in shown.splitlines() if "<tag " in line]

    def moved() -> int:
        with api.database.read() as session:
            return session.get_one(Project, 2).content_version

    before, then = tags(), moved()
    changed(api, "/framework-items/1", code="1A")
    assert 'code="1"' in before[0]
    assert 'code="1A"' in tags()[0]
    assert moved() > then


def test_a_code_that_another_framework_has_too_names_that_one_still(api: Api) -> None:
    body = {"framework": "2024-25", "level": "outcome", "code": "1", "title": "One"}
    assert api.client().post("/framework-items", json=body).status_code == 201
    changed(api, "/framework-items/1", code="1A")
    assert refs(api) == REFS


def set_aside(api: Api) -> dict[str, str]:
    answer = api.client().get("/reports/delivery?period=2026&by=outcome&as_of=2026-11-20")
    assert answer.status_code == 200, answer.text
    return {row["outcome"]: row["allocation"] for row in answer.json()["rows"] if row["allocation"] != "0"}


#: what names an outcome, by what it is
NAMING: dict[str, tuple[str, dict[str, object]]] = {
    "allocation": ("/allocations", {
        "project": "B", "fiscal_year": "2026", "source": "RB", "kind": "original", "outcome": "A",
        "decided_on": "2026-02-01", "amount": "30", "currency": "USD"}),
    "project": ("/projects", {"code": "D", "title": "D", "status": "implementation", "outcome": "A"}),
    "shares of a project": ("/projects", {"code": "D", "title": "D", "status": "implementation",
                                          "outcome": "1:60|A:40"}),
    "need": ("/institutional-budgets", {"kind": "need", "line": "A", "period_start": "2026-01-01",
                                        "period_end": "2027-12-31", "amount": "1", "currency": "USD"}),
    "lesson": ("/lessons", {"reference": "M", "kind": "lesson", "title": "M", "text": "M", "noted_on": "2026-01-01",
                            "outcomes": ["1", "A"]}),
    "purpose": ("/agreements", {"reference": "H", "partner": "NLD", "title": "H", "preset": "project",
                                "status": "signed", "signed_on": "2026-01-15", "currency": "USD", "amount": "1",
                                "earmarked_for_refs": ["outcome:A"]}),
    "item of another framework": ("/framework-items", {"framework": "2024-25", "level": "outcome", "code": "A",
                                                       "title": "Another"}),
    "item of another level": ("/framework-items", {"framework": "2026-27", "level": "output", "code": "A",
                                                   "title": "Another"}),
}  # fmt: skip


@pytest.mark.parametrize("named", sorted(NAMING))
def test_a_code_that_names_another_outcome_is_no_new_code(api: Api, named: str) -> None:
    client = api.client()
    route, body = NAMING[named]
    assert client.post(route, json=body).status_code == 201
    before = set_aside(api)
    seen = client.get("/framework-items/1").headers["etag"]
    answer = client.patch("/framework-items/1", json={"code": "A"}, headers={"If-Match": seen})
    assert answer.status_code == 409, answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["rule"]) == ("/code", "framework.code-taken")
    assert "add A as an item of its own" in fault["message"]
    assert set_aside(api) == before
    assert client.get("/framework-items/1").json()["code"] == "1"


def test_a_code_of_which_nothing_goes_may_be_any(api: Api) -> None:
    client = api.client()
    for route, body in NAMING.values():
        assert client.post(route, json=body).status_code == 201 or body.get("code") == "D"
    # nothing names 7, so that nothing is mixed up: the item gets the code that records have for it already
    made = client.post("/framework-items", json={
        "framework": "2026-27", "level": "outcome", "code": "7", "title": "Seven"}).json()  # fmt: skip
    changed(api, f"/framework-items/{made['id']}", code="A")
    # another framework's 1 is what records name from now on
    item = {"framework": "2024-25", "level": "outcome", "code": "1", "title": "One"}
    assert client.post("/framework-items", json=item).status_code == 201
    before = set_aside(api)
    changed(api, "/framework-items/1", code="9")
    assert set_aside(api) == before


def test_a_code_of_the_same_outcome_in_another_framework_is_taken_and_given_back(api: Api) -> None:
    item = {"framework": "2024-25", "level": "outcome", "code": "A", "title": "One"}
    made = api.client().post("/framework-items", json=item)
    assert made.status_code == 201
    before = set_aside(api)
    changed(api, "/framework-items/1", code="A")
    assert set_aside(api) == {"A" if outcome == "1" else outcome: amount for outcome, amount in before.items()}
    # and the former code is free again
    changed(api, f"/framework-items/{made.json()['id']}", code="B")
    changed(api, "/framework-items/1", code="1")
    assert set_aside(api) == before


def test_archived_agreements_and_evaluations_follow_too(api: Api) -> None:
    with api.database.write("tests") as session:
        for row_class in (Agreement, Evaluation):
            session.execute(update(table(row_class)).values(archived_at=utc_now()))
    changed(api, "/framework-items/1", code="1A")
    with api.database.read() as session:
        agreement, evaluation = session.scalars(select(Agreement)).one(), session.scalars(select(Evaluation)).one()
        assert agreement.earmarked_for_refs[1] == "outcome:1A"
        assert evaluation.evidence_on == ["outcome:1A", "standards"]
        assert agreement.archived_at is not None


def test_purposes_follow_a_key_that_was_mended(database: Database) -> None:
    with database.write("tests") as session:
        portfolio.set_up(session)
        project = portfolio.project(session, "P1")
        portfolio.agreement(session, "G", key(portfolio.partner(session, "NLD")))
        session.flush()
        session.execute(update(table(Agreement)).values(earmarked_for_refs=["project:P\u00ad1"]))
        # as it was kept before keys were taken as people see them
        session.execute(update(table(Project)).where(table(Project).c.id == project.id).values(code="P\u00ad1"))
    with database.write("tests") as session:
        mend_keys(session)
    with database.read() as session:
        found = row_by(session, Agreement, "reference", "G")
        assert found is not None
        assert found.earmarked_for_refs == ["project:P1"]
