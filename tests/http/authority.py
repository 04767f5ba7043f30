"""Two units with the same records each, and a line for every route that changes something: who may call it.

``ROUTES`` says for each route which right it asks for, whose it is (``Scope``), and a body that works. ``LINKS`` says
what a route must refuse to an officer of a unit although one side of the record is the officer's own.
"""

import datetime as dt
import re
import shutil
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.config import Settings
from app.db.alerts import Alert
from app.db.engine import open_database
from app.db.projects import Project
from app.domain.access import Right
from app.domain.terms import Origin, Role
from tests.api import Api, TestClient

SIDES = ("OWN", "OTHER")


class Scope(StrEnum):
    """Whose a record is, seen by an officer of a unit."""

    #: of one unit: its officers only
    UNIT = "unit"
    #: shared by all units: every officer
    ALL = "all"
    #: of the organisation as a whole: no officer of a unit
    WHOLE = "whole"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a route asks for. ``{noun}`` in path and body is filled with what the side of the call has."""

    right: Right
    scope: Scope
    body: dict[str, Any] = field(default_factory=dict)


def _write(scope: Scope = Scope.UNIT, **body: Any) -> Line:
    return Line(right=Right.WRITE, scope=scope, body=body)


def _evaluate(scope: Scope = Scope.UNIT, **body: Any) -> Line:
    return Line(right=Right.EVALUATE, scope=scope, body=body)


def _publish(**body: Any) -> Line:
    return Line(right=Right.PUBLISH, scope=Scope.WHOLE, body=body)


def _administer(**body: Any) -> Line:
    return Line(right=Right.ADMINISTER, scope=Scope.WHOLE, body=body)


AGREEMENT = {"reference": "A-NEW", "partner": "NLD", "title": "New", "preset": "project", "status": "pledged",
             "currency": "USD", "amount": "10"}  # fmt: skip
ALLOCATION = {"project": "{side}/1", "fiscal_year": "2027", "source": "A-{side}", "kind": "original",
              "decided_on": "2026-03-01", "amount": "5", "currency": "USD"}  # fmt: skip
TARGET = {"scope": "unit", "code": "{side}", "period": "2027", "decided_on": "2026-03-01", "percent": "80"}
PROJECT = {"code": "{side}/NEW", "title": "New", "status": "pipeline", "unit": "{side}"}
EVALUATION = {"reference": "E-NEW", "kind": "final", "independence": "self", "projects": ["{side}/1"],
              "status": "planned"}  # fmt: skip
TRANSACTION = {"document": "T-NEW", "project": "{side}/1", "agreement": "A-{side}", "type": "expenditure",
               "date": "2026-03-01", "amount": "5", "currency": "USD"}  # fmt: skip
LEDGER = "document,project,type,date,amount,currency\nL-NEW,{side}/1,expenditure,2026-03-01,5,USD\n"
DOCUMENT = {"url": "https://example.org/new", "title": "Report", "category": "A07", "format": "application/pdf"}
RESULT = {"project": "{side}/1", "result": "New", "type": "output", "indicators": []}
RATE = {"currency": "EUR", "effective_on": "2026-04-01", "rate": "0.9"}
#: currency,effective_on,rate
RATES = "Y3VycmVuY3ksZWZmZWN0aXZlX29uLHJhdGUKR0JQLDIwMjYtMDQtMDEsMC44Cg=="
BUDGET = {"kind": "total", "period_start": "2027-01-01", "period_end": "2027-12-31", "amount": "5", "currency": "USD"}
RECORD = {"reference": "R-NEW", "framework": "2026-27", "indicator": "1.1", "year": 2026, "country": "KE",
          "sentence": "A law was passed.", "projects": ["{side}/1"]}  # fmt: skip
ITEM = {"framework": "2026-27", "level": "outcome", "code": "2", "title": "Two"}
POLICY = """
policy: new
title: New
source: Own rules
confidence: stated
rules: [{id: final, require: {kind: final, independence: self}, source: Own rules, confidence: stated}]
"""
PRESET = {"code": "new", "instrument": "project-specific", "modality": "I", "aid_type": "C01", "wording": "earmarked",
          "valid_from": "2026-01-01"}  # fmt: skip

RISK = {"reference": "K-NEW", "project": "{side}/1", "cause": "C", "event": "E", "consequence": "S", "likelihood": 2,
        "impact": 2, "opened_on": "2026-01-01", "review_on": "2027-01-01"}  # fmt: skip

ROUTES: dict[str, Line] = {
    "POST /agreements": _write(Scope.ALL, **AGREEMENT),
    "PATCH /agreements/{agreement}": _write(title="Changed"),
    "DELETE /agreements/{agreement_over}": _write(),
    "POST /agreements/{agreement_over}/restore": _write(),
    "POST /agreements/{agreement}/report-schedules": _write(kind="financial", first_due="2027-03-31"),
    "DELETE /agreements/{agreement}/report-schedules/{schedule}": _write(),
    "POST /agreements/{agreement}/report-schedules/{schedule}/restore": _write(),
    "POST /agreements/{agreement}/reports": _write(kind="financial", due_on="2027-03-31"),
    "DELETE /agreements/{agreement}/reports/{donor_report}": _write(),
    "POST /agreements/{agreement}/reports/{donor_report}/restore": _write(),
    "POST /agreements/{agreement}/conditions": _write(code="9", text="Met"),
    "DELETE /agreements/{agreement}/conditions/{condition}": _write(),
    "POST /agreements/{agreement}/conditions/{condition}/restore": _write(),
    "POST /imports/{ledger}": _write(csv=LEDGER),
    "POST /projects/{draft}/corrections": _write(corrections=[{"path": "title/narrative[1]", "value": "New"}]),
    "POST /framework-agreements": _write(Scope.ALL, code="F-NEW", partner="NLD", title="Programme"),
    "DELETE /framework-agreements/{framework}": _write(Scope.ALL),
    "POST /framework-agreements/{framework}/restore": _write(Scope.ALL),
    "POST /results-frameworks": _write(
        Scope.WHOLE, code="NEW", title="New", starts_on="2026-01-01", ends_on="2026-12-31"
    ),
    "DELETE /results-frameworks/{version}": _write(Scope.WHOLE),
    "POST /results-frameworks/{version}/restore": _write(Scope.WHOLE),
    "POST /results-frameworks/carry": _write(Scope.WHOLE, from_framework="2026-27", to_framework="PLAN", dry_run=True),
    "POST /framework-targets": _write(Scope.WHOLE, framework="2026-27", code="1", period="2027", target="5"),
    "DELETE /framework-targets/{item_target}": _write(Scope.WHOLE),
    "POST /framework-targets/{item_target}/restore": _write(Scope.WHOLE),
    "POST /framework-tags": _write(framework="2026-27", code="1", project="{side}/2"),
    "DELETE /framework-tags/{tag}": _write(),
    "POST /framework-tags/{tag}/restore": _write(),
    "POST /framework-crosswalk": _write(
        Scope.WHOLE, from_framework="2026-27", from_code="1", to_framework="PLAN", to_code="B"
    ),
    "DELETE /framework-crosswalk/{way}": _write(Scope.WHOLE),
    "POST /framework-crosswalk/{way}/restore": _write(Scope.WHOLE),
    "POST /result-records": _write(**RECORD),
    "DELETE /result-records/{record}": _write(),
    "POST /result-records/{record}/restore": _write(),
    "POST /country-programmes": _write(Scope.ALL, code="KEN-NEW", title="Kenya", country="KE"),
    "DELETE /country-programmes/{programme}": _write(Scope.ALL),
    "POST /country-programmes/{programme}/restore": _write(Scope.ALL),
    "POST /partners/{partner}/protection-checks": _write(
        Scope.ALL, checked_on="2026-01-01", result="passed", reason="Seen"
    ),
    "DELETE /partners/{partner}/protection-checks/{check}": _write(Scope.ALL),
    "POST /partners/{partner}/protection-checks/{check}/restore": _write(Scope.ALL),
    "POST /assistance-types": _administer(code="new", name="New"),
    "DELETE /assistance-types/{assistance}": _administer(),
    "POST /assistance-types/{assistance}/restore": _administer(),
    "POST /agreements/{agreement}/repurposings": _write(
        decided_on="2026-03-01", reason="Agreed", consent="pending", earmarked_for="Theme: work"
    ),
    "POST /agreements/{agreement}/amendments": _write(decided_on="2026-03-01", reason="Agreed", ends_on="2028-12-31"),
    "POST /agreements/{agreement}/instalments": _write(due_on="2027-01-01", amount="5"),
    "PATCH /agreements/{agreement}/instalments/{instalment}": _write(amount="6"),
    "DELETE /agreements/{agreement}/instalments/{instalment}": _write(),
    "POST /agreements/{agreement}/instalments/{instalment}/restore": _write(),
    "POST /agreements/{agreement}/shares": _write(project="{side}/2", amount="1"),
    "PATCH /agreements/{agreement}/shares/{share}": _write(amount="2"),
    "DELETE /agreements/{agreement}/shares/{share}": _write(),
    "POST /agreements/{agreement}/shares/{share}/restore": _write(),
    "POST /alerts/{alert}/acknowledge": _evaluate(),
    "POST /alerts/{alert}/snooze": _evaluate(until="2999-01-01"),
    "POST /allocations": _write(**ALLOCATION),
    "PUT /allocations": _write(**ALLOCATION),
    "POST /allocations/{allocation}/withdraw": _write(reason="Wrong"),
    "POST /calendar-feeds": _evaluate(unit="{side}"),
    "DELETE /calendar-feeds/{feed}": _evaluate(),
    "POST /delivery-notes": _write(
        project="{side}/1",
        period="2026",
        noted_on="2026-03-01",
        problem="Slow",
        action="Act",
        owner="Ann",
        due_on="2026-05-01",
    ),
    "POST /delivery-targets": Line(right=Right.WRITE, scope=Scope.UNIT, body=TARGET),
    "POST /documents": _write(project="{side}/1", **DOCUMENT),
    "PATCH /documents/{document}": _write(title="Changed"),
    "DELETE /documents/{document}": _write(),
    "POST /documents/{document}/restore": _write(),
    "POST /encumbrances": _write(document="N-NEW", project="{side}/1", date="2026-02-01", amount="5", currency="USD"),
    "PATCH /encumbrances/{encumbrance}": _write(amount="6"),
    "DELETE /encumbrances/{encumbrance}": _write(),
    "POST /encumbrances/{encumbrance}/restore": _write(),
    "POST /encumbrances/{encumbrance}/liquidate": _write(document="L-NEW", date="2026-03-01", amount="1"),
    "POST /evaluations": _evaluate(**EVALUATION),
    "PATCH /evaluations/{evaluation}": _evaluate(title="Changed"),
    "DELETE /evaluations/{evaluation}": _evaluate(),
    "POST /evaluations/{evaluation}/restore": _evaluate(),
    "POST /framework-items": _write(Scope.WHOLE, **ITEM),
    "PATCH /framework-items/{item}": _write(Scope.WHOLE, title="Changed"),
    "DELETE /framework-items/{item}": _write(Scope.WHOLE),
    "POST /framework-items/{item}/restore": _write(Scope.WHOLE),
    "POST /institutional-budgets": _write(Scope.WHOLE, **BUDGET),
    "PATCH /institutional-budgets/{budget}": _write(Scope.WHOLE, amount="6"),
    "DELETE /institutional-budgets/{budget}": _write(Scope.WHOLE),
    "POST /institutional-budgets/{budget}/restore": _write(Scope.WHOLE),
    "POST /obligations/{obligation}/reschedule": _evaluate(due_on="2998-01-01", reason="Later", approver="Chief"),
    "POST /obligations/{obligation}/waive": _evaluate(reason="Covered", approver="Chief"),
    "POST /obligations/{waived}/take-back-waiver": _evaluate(reason="Owed after all", approver="Chief"),
    "POST /officers": _administer(code="new", name="New", email="new@example.org", unit="{side}"),
    "PATCH /officers/{officer}": _administer(name="Changed"),
    "DELETE /officers/{officer_idle}": _administer(),
    "POST /officers/{officer}/handover": _administer(to="idle-{side}", reason="Left"),
    "POST /officers/{officer}/restore": _administer(),
    "POST /organisations": _write(Scope.ALL, name="New"),
    "PATCH /organisations/{organisation}": _write(Scope.ALL, name="Changed"),
    "DELETE /organisations/{organisation}": _write(Scope.ALL),
    "POST /organisations/{organisation}/restore": _write(Scope.ALL),
    "POST /partners": _write(Scope.ALL, code="NEW", name="New", category="government"),
    "PATCH /partners/{partner}": _write(Scope.ALL, note="Changed"),
    "DELETE /partners/{partner_idle}": _write(Scope.ALL),
    "POST /partners/{partner}/restore": _write(Scope.ALL),
    "POST /policies": _administer(document=POLICY),
    "POST /policies/check": _evaluate(Scope.ALL, document=POLICY),
    "POST /policies/compare": _evaluate(Scope.ALL, document=POLICY),
    "POST /policies/{policy}/retire": _administer(),
    "POST /pools": _write(Scope.WHOLE, code="{side}-NEW", title="New"),
    "POST /presets": _administer(**PRESET),
    "PATCH /presets/{preset}": _administer(valid_to="2026-12-31"),
    "DELETE /presets/{preset}": _administer(),
    "POST /presets/{preset}/restore": _administer(),
    "POST /projects": _write(**PROJECT),
    "PATCH /projects/{project}": _write(title="Changed"),
    "DELETE /projects/{project_idle}": _write(),
    "POST /projects/{project}/contacts": _write(person="New"),
    "PATCH /projects/{project}/contacts/{contact}": _write(person="Changed"),
    "DELETE /projects/{project}/contacts/{contact}": _write(),
    "POST /projects/{project}/contacts/{contact}/restore": _write(),
    "POST /projects/{project}/documents": _write(**DOCUMENT),
    "POST /projects/{project}/identifier": _administer(identifier="XX-OWN-{side}-CHANGED", reason="Merged"),
    "PUT /projects/{project}/links": _write(items=[]),
    "PUT /projects/{project}/locations": _write(items=[{"name": "Kisumu"}]),
    "PUT /projects/{project}/planned-payments": _write(items=[]),
    "PUT /projects/{project}/participants": _write(items=[]),
    "POST /projects/{project_idle}/restore": _write(),
    "POST /projects/{project}/revisions": _write(
        field="planned_end", decided_on="2026-03-01", value="2030-01-01", reason="Late"
    ),
    "POST /rates": _write(Scope.WHOLE, **RATE),
    "PUT /rates": _write(Scope.WHOLE, **RATE),
    "POST /lessons": _evaluate(
        reference="L-NEW", kind="lesson", title="New", text="Learned.", noted_on="2026-01-01", project="{side}/1"
    ),
    "PATCH /lessons/{lesson}": _evaluate(title="Changed"),
    "DELETE /lessons/{lesson}": _evaluate(),
    "POST /lessons/{lesson}/restore": _evaluate(),
    "POST /risks": _write(**RISK),
    "PATCH /risks/{risk}": _write(event="Changed"),
    "DELETE /risks/{risk}": _write(),
    "POST /risks/{risk}/restore": _write(),
    "POST /milestones": _evaluate(strategy="S", code="NEW", title="Plan", due_on="2027-01-01", unit="{side}"),
    "PATCH /milestones/{milestone}": _evaluate(title="Changed"),
    "DELETE /milestones/{milestone}": _evaluate(),
    "POST /milestones/{milestone}/restore": _evaluate(),
    "POST /oversight-reports": _evaluate(
        reference="IA-NEW", overseer="internal-audit", title="Audit", issued_on="2026-01-01", unit="{side}"
    ),
    "PATCH /oversight-reports/{oversight}": _evaluate(title="Changed"),
    "DELETE /oversight-reports/{oversight}": _evaluate(),
    "POST /oversight-reports/{oversight}/restore": _evaluate(),
    "POST /recommendations": _evaluate(reference="R-NEW", evaluation="E-{side}", text="Do."),
    "PATCH /recommendations/{recommendation}": _evaluate(text="Changed"),
    "DELETE /recommendations/{recommendation}": _evaluate(),
    "POST /recommendations/{recommendation}/restore": _evaluate(),
    "POST /recommendations/{recommendation}/actions": _evaluate(text="Act."),
    "PATCH /recommendations/actions/{action}": _evaluate(text="Changed"),
    "DELETE /recommendations/actions/{action}": _evaluate(),
    "POST /recommendations/actions/{action}/restore": _evaluate(),
    "POST /registry/checks": _publish(),
    "POST /redactions": _publish(project="{side}/1", reason="Safety"),
    "POST /releases": _publish(as_of="2026-11-20"),
    "POST /releases/{release}/approve": _publish(),
    "POST /releases/{release_approved}/publish": _publish(),
    "POST /releases/{release_public}/withdraw": _publish(reason="Wrong"),
    "POST /results": _write(**RESULT),
    "PATCH /results/{result}": _write(result="Changed"),
    "DELETE /results/{result}": _write(),
    "POST /results/{result}/restore": _write(),
    "POST /tokens": _administer(user="user-{side}"),
    "DELETE /tokens/{token}": _administer(),
    "POST /transactions": _write(**TRANSACTION),
    "POST /imports": _evaluate(Scope.ALL, kind="rates", file="rates.csv", content=RATES),
    "POST /imports/{import}/store": _evaluate(Scope.ALL),
    "POST /imports/{import}/check": _evaluate(Scope.ALL),
    "POST /units": _administer(code="NEW", name="New"),
    "PATCH /units/{unit}": _administer(name="Changed"),
    "DELETE /units/{unit_idle}": _administer(),
    "POST /units/{unit}/restore": _administer(),
    "POST /users": _administer(name="new", role="viewer"),
    "PATCH /users/{user}": _administer(role="evaluator"),
    "DELETE /users/{user}": _administer(),
    "POST /users/{user}/restore": _administer(),
}

#: a posted row never changes: whoever may write is told so
REFUSED_TO_ALL = {"PATCH /transactions/{transaction}"}

#: ends of addresses below a record that is changed as it was seen
_UNDER_A_VERSION = ("/restore", "/liquidate", "/identifier")

_BOTH = ["OWN/1", "OTHER/1"]
_TRANSFER = {**TRANSACTION, "agreement": None, "project": "OWN/1", "pool": "OTHER-POOL"}
#: route with its body, seen from the unit OWN: one side is the unit's own, another is not
LINKS: dict[str, tuple[str, dict[str, Any]]] = {
    "a share of nothing opens another unit's agreement": (
        "POST /agreements/{OTHER:agreement}/shares", {"project": "OWN/1", "percent": "0"}),
    "an own agreement takes on another unit's project": (
        "POST /agreements/{OWN:agreement}/shares", {"project": "OTHER/1", "amount": "1"}),
    "a common agreement is doubled": ("PATCH /agreements/{OWN:common}", {"amount": "2000"}),
    "a common agreement is amended": (
        "POST /agreements/{OWN:common}/amendments", {"decided_on": "2026-03-01", "reason": "More", "amount": "2000"}),
    "a common agreement is cancelled": ("PATCH /agreements/{OWN:common}", {"status": "cancelled"}),
    "a common agreement gets an instalment": (
        "POST /agreements/{OWN:common}/instalments", {"due_on": "2027-01-01", "amount": "5"}),
    "the own share of a common agreement grows": (
        "PATCH /agreements/{OWN:common}/shares/{OWN:common_share}", {"amount": "700"}),
    "the own share of a common agreement ends": ("DELETE /agreements/{OWN:common}/shares/{OWN:common_share}", {}),
    "an agreement whose shares ended still has another unit's money": (
        "PATCH /agreements/{OTHER:received}", {"amount": "2000"}),
    "a cluster names one own project": ("POST /evaluations", {**EVALUATION, "projects": _BOTH}),
    "an own evaluation takes on another unit's project": ("PATCH /evaluations/{OWN:evaluation}", {"projects": _BOTH}),
    "another unit's evaluation is drawn to an own project": (
        "PATCH /evaluations/{OTHER:evaluation}", {"projects": ["OWN/1"]}),
    "a cluster is marked as done": (
        "PATCH /evaluations/{OWN:cluster}", {"status": "final", "completed_on": "2026-05-01"}),
    "a cluster lets go of another unit's project": ("PATCH /evaluations/{OWN:cluster}", {"projects": ["OWN/1"]}),
    "a cluster is archived": ("DELETE /evaluations/{OWN:cluster}", {}),
    "a cluster is restored": ("POST /evaluations/{OWN:cluster}/restore", {}),
    "the own share of a common agreement is restored": (
        "POST /agreements/{OWN:common}/shares/{OWN:common_share}/restore", {}),
    "a cluster gets a recommendation": (
        "POST /recommendations", {"reference": "R-NEW", "evaluation": "E-CLUSTER", "text": "Do."}),
    "a cluster's recommendation is answered": (
        "PATCH /recommendations/{OWN:cluster_recommendation}", {"response": "rejected"}),
    "a recommendation moves to an audit of another unit": (
        "PATCH /recommendations/{OWN:recommendation}", {"report": "IA-OTHER"}),
    "a lesson moves to another unit's project": ("PATCH /lessons/{OWN:lesson}", {"project": "OTHER/1"}),
    "a risk moves to another unit": ("PATCH /risks/{OWN:risk}", {"unit": "OTHER"}),
    "a milestone moves to another unit": ("PATCH /milestones/{OWN:milestone}", {"unit": "OTHER"}),
    "an audit moves to another unit": ("PATCH /oversight-reports/{OWN:oversight}", {"unit": "OTHER"}),
    "a recommendation moves to another unit's evaluation": (
        "PATCH /recommendations/{OWN:recommendation}", {"evaluation": "E-OTHER"}),
    "another unit's pool pays an own project": ("POST /transactions", {**_TRANSFER, "type": "disbursement"}),
    "an own project receives from another unit's pool": (
        "POST /transactions", {**_TRANSFER, "type": "incoming-funds"}),
    "an own pool pays another unit's project": (
        "POST /transactions", {**_TRANSFER, "type": "disbursement", "project": "OTHER/1", "pool": "OWN-POOL"}),
    "an own project spends another unit's agreement": ("POST /transactions", {**TRANSACTION, "agreement": "A-OTHER"}),
    "an own project is promised another unit's agreement": ("POST /allocations", {**ALLOCATION, "source": "A-OTHER"}),
    "an own encumbrance moves to another unit's project": (
        "PATCH /encumbrances/{OWN:encumbrance}", {"project": "OTHER/1"}),
    "an own project is handed to another unit": ("PATCH /projects/{OWN:project}", {"unit": "OTHER"}),
    "an own project leaves its unit": ("PATCH /projects/{OWN:project}", {"unit": None}),
    "a project is made in another unit": ("POST /projects", {**PROJECT, "unit": "OTHER"}),
    "a document goes to another unit's project": ("POST /documents", {**DOCUMENT, "project": "OTHER/1"}),
    "a document goes to the organisation": ("POST /documents", DOCUMENT),
    "an evaluation is the organisation's": (
        "POST /evaluations", {**EVALUATION, "projects": [], "scope": "institution"}),
    "a result goes to another unit's project": ("POST /results", {**RESULT, "project": "OTHER/1"}),
}  # fmt: skip


def filled(value: Any, nouns: dict[str, str]) -> Any:
    """A path or body with its ``{noun}`` replaced."""
    if isinstance(value, str):
        for noun, text in nouns.items():
            value = value.replace(f"{{{noun}}}", text)
        return value
    if isinstance(value, list):
        return [filled(item, nouns) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, nouns) for name, item in value.items()}
    return value


class Portfolio:
    """Both units' records in a file of SQLite; each call that changes something gets a copy of it."""

    def __init__(self, migrated: Path, folder: Path) -> None:
        self.path = folder / "portfolio.db"
        shutil.copy(migrated, self.path)
        self.api = Api(_settings(self.path), open_database(_settings(self.path)))
        self.nouns: dict[str, dict[str, str]] = {side: {"side": side} for side in SIDES}
        self._fill(self.api.client(name="founder"))
        unit = int(self.nouns["OWN"]["unit"])
        self.clients = {
            **{role.value: self.api.client(role, name=role.value) for role in Role},
            "officer of the unit": self.api.client(Role.OFFICER, name="of the unit", unit_id=unit),
        }
        self.api.database.dispose()
        self.copied = self.path.with_name("copy.db")
        self.api.app.state.database = self.database = open_database(_settings(self.copied))
        #: whether the copy is as the portfolio; what is refused for want of a right stores nothing
        self.untouched = False

    def _open_copy(self) -> None:
        """The application works on a copy, which is as the portfolio was filled."""
        self.database.dispose()
        for left in self.copied.parent.glob(f"{self.copied.name}*"):
            left.unlink()
        shutil.copy(self.path, self.copied)
        self.untouched = True

    def call(self, who: str, route: str, body: dict[str, Any], side: str = "OWN") -> int:
        """The status of a call to the portfolio as it was filled."""
        if not self.untouched:
            self._open_copy()
        method, path = route.split(" ")
        pairs = {f"{name}:{noun}": text for name, nouns in self.nouns.items() for noun, text in nouns.items()}
        nouns = self.nouns[side] | pairs
        client, address, headers = self.clients[who], filled(path, nouns), {}
        if method != "POST" or path.endswith(_UNDER_A_VERSION):
            shown = client.get(re.sub("|".join(f"{end}$" for end in _UNDER_A_VERSION), "", address))
            headers = {"If-Match": shown.headers["etag"]} if "etag" in shown.headers else {}
        if set(body) == {"csv"}:
            content = filled(body["csv"], nouns)
            answer = client.post(address, content=content, headers={"Content-Type": "text/csv"})
        else:
            answer = client.request(method, address, json=filled(body, nouns), headers=headers)
        self.untouched = answer.status_code == 403
        return answer.status_code

    def _fill(self, admin: TestClient) -> None:
        def made(route: str, **body: Any) -> str:
            answer = admin.post(route, json=body)
            assert answer.status_code == 201, (route, body, answer.text)
            return str(answer.json()["id"])

        shared = {
            "partner": made("/partners", code="NLD", name="Netherlands", category="government"),
            "partner_idle": made("/partners", code="IDLE", name="Idle", category="government"),
            "organisation": made("/organisations", name="Some organisation"),
            "framework": made("/framework-agreements", code="F", partner="NLD", title="Programme"),
            "programme": made("/country-programmes", code="KEN", title="Kenya", country="KE"),
            "assistance": made("/assistance-types", code="training", name="Training"),
            "item": made("/framework-items", framework="2026-27", level="outcome", code="1", title="One"),
            "budget": made("/institutional-budgets", **{**BUDGET, "period_start": "2026-01-01",
                                                        "period_end": "2026-12-31"}),
            "policy": made("/policies", document=POLICY.replace("policy: new", "policy: standing")),
        }  # fmt: skip
        shared["import"] = made("/imports", kind="rates", file="rates.csv", content=RATES)
        shared["version"] = made(
            "/results-frameworks", code="PLAN", title="Plan", starts_on="2028-01-01", ends_on="2029-12-31"
        )
        made("/framework-items", framework="2026-27", level="indicator", code="1.1", title="One")
        for code in ("A", "B"):
            made("/framework-items", framework="PLAN", level="objective", code=code, title=code)
        shared["item_target"] = made("/framework-targets", framework="2026-27", code="1", period="2026", target="5")
        shared["way"] = made(
            "/framework-crosswalk", from_framework="2026-27", from_code="1", to_framework="PLAN", to_code="A"
        )
        shared["ledger"] = "ledger"
        shared["preset"] = made("/presets", **{**PRESET, "code": "standing"})
        made("/presets", **{**PRESET, "code": "project"})
        for side in SIDES:
            self.nouns[side] |= shared | {"unit": made("/units", code=side, name=side)}
            self.nouns[side]["unit_idle"] = made("/units", code=f"{side}-IDLE", name="Idle")
        for side in SIDES:
            self._fill_side(made, side, self.nouns[side])
        self._fill_common(made)

    def _fill_side(self, made: Any, side: str, nouns: dict[str, str]) -> None:
        def own(route: str, body: dict[str, Any]) -> str:
            return str(made(route, **filled(body, nouns)))

        nouns["officer"] = own("/officers", {"code": "ofc-{side}", "name": "O", "email": "o@example.org", "unit": side})
        nouns["officer_idle"] = own(
            "/officers", {"code": "idle-{side}", "name": "I", "email": "i@example.org", "unit": side}
        )
        nouns["user"] = own("/users", {"name": "user-{side}", "role": "viewer"})
        nouns["token"] = own("/tokens", {"user": "user-{side}"})
        dates = {"planned_start": "2024-03-01", "planned_end": "2027-02-28", "total_budget": "900000"}
        for code, noun in (("1", "project"), ("2", "second"), ("IDLE", "project_idle")):
            body = {"code": f"{side}/{code}", "title": code, "status": "implementation", "unit": side, **dates}
            nouns[noun] = own("/projects", {**body, "officer": "ofc-{side}"})
        nouns["record"] = own("/result-records", {**RECORD, "reference": "R-{side}"})
        nouns["tag"] = own("/framework-tags", {"framework": "2026-27", "code": "1", "project": "{side}/1"})
        nouns["pool"] = own("/pools", {"code": "{side}-POOL", "title": "Pool"})
        self._change(f"/projects/{nouns['pool']}", unit=side)
        signed = {**AGREEMENT, "status": "signed", "signed_on": "2026-01-15", "amount": "1000"}
        nouns["agreement"] = own("/agreements", {**signed, "reference": "A-{side}"})
        agreement = f"/agreements/{nouns['agreement']}"
        nouns["share"] = own(f"{agreement}/shares", {"project": "{side}/1", "amount": "900"})
        nouns["instalment"] = own(f"{agreement}/instalments", {"due_on": "2026-06-01", "amount": "5"})
        over = {**signed, "reference": "OVER-{side}", "status": "completed"}
        nouns["check"] = (
            nouns["check"]
            if "check" in nouns
            else own(
                f"/partners/{nouns['partner']}/protection-checks",
                {"checked_on": "2025-01-01", "result": "passed", "reason": "Seen"},
            )
        )
        nouns["schedule"] = own(f"{agreement}/report-schedules", {"kind": "substantive", "first_due": "2026-12-31"})
        nouns["donor_report"] = own(f"{agreement}/reports", {"kind": "substantive", "due_on": "2026-06-30"})
        nouns["condition"] = own(f"{agreement}/conditions", {"code": "1", "text": "Office opened"})
        nouns["agreement_over"] = own("/agreements", over)
        own(f"/agreements/{nouns['agreement_over']}/shares", {"project": "{side}/1", "amount": "1"})
        nouns["allocation"] = own("/allocations", {**ALLOCATION, "fiscal_year": "2026"})
        nouns["transaction"] = own("/transactions", {**TRANSACTION, "document": "T-{side}"})
        encumbrance = {"document": "N-{side}", "project": "{side}/1", "date": "2026-02-01", "amount": "5"}
        nouns["encumbrance"] = own("/encumbrances", {**encumbrance, "currency": "USD"})
        nouns["evaluation"] = own("/evaluations", {**EVALUATION, "reference": "E-{side}"})
        nouns["recommendation"] = own(
            "/recommendations", {"reference": "R-{side}", "evaluation": "E-{side}", "text": "Do."}
        )
        lesson = {"reference": "L-{side}", "kind": "lesson", "title": "L", "text": "L.", "noted_on": "2026-01-01"}
        nouns["lesson"] = own("/lessons", {**lesson, "project": "{side}/1"})
        nouns["risk"] = own("/risks", {**RISK, "reference": "K-{side}"})
        milestone = {"strategy": "S", "code": "{side}", "title": "Plan", "due_on": "2027-01-01", "unit": "{side}"}
        nouns["milestone"] = own("/milestones", milestone)
        audit = {"reference": "IA-{side}", "overseer": "internal-audit", "title": "Audit", "issued_on": "2026-01-01"}
        nouns["oversight"] = own("/oversight-reports", {**audit, "unit": "{side}"})
        nouns["action"] = own(f"/recommendations/{nouns['recommendation']}/actions", {"text": "Act."})
        nouns["document"] = own("/documents", {**DOCUMENT, "project": "{side}/1", "url": "https://example.org/1"})
        nouns["contact"] = own(f"/projects/{nouns['project']}/contacts", {"person": "P"})
        nouns["result"] = own("/results", {**RESULT, "result": "Standing"})
        nouns["feed"] = own("/calendar-feeds", {"unit": side})
        owed = self.api.client().get("/obligations", params={"project": f"{side}/2"}).json()["items"]
        nouns["obligation"] = str(owed[0]["id"])
        (waived,) = self.api.client().get("/obligations", params={"project": f"{side}/1"}).json()["items"]
        nouns["waived"] = str(waived["id"])
        decision = {"reason": "Covered", "approver": "Chief"}
        assert self.api.client().post(f"/obligations/{waived['id']}/waive", json=decision).status_code == 200
        with self.api.database.write("tests") as session:
            alert = Alert(subject_kind="obligation", subject_id=int(nouns["obligation"]), rung="final-0",
                          project_id=int(nouns["project"]), rung_on=dt.date(2026, 1, 1), due_on=dt.date(2026, 1, 1),
                          as_of=dt.date(2026, 1, 1), message="Due.", recorded_by="tests")  # fmt: skip
            session.add(alert)
            place = session.get_one(Project, int(nouns["project"]))
            finding = {"rule": "0.3.1", "severity": "critical", "message": "Wrong.", "file": "file.xml", "line": 1,
                       "path": "", "repairable": False}  # fmt: skip
            draft = Project(code=f"{side}/DRAFT", iati_identifier=f"XX-{side}-DRAFT", title="Draft",
                            reporting_org_id=place.reporting_org_id, unit_id=place.unit_id, origin=Origin.IMPORTED,
                            stage=place.stage, findings=[finding])  # fmt: skip
            session.add(draft)
        nouns["draft"] = str(draft.id)
        nouns["alert"] = str(alert.id)

    def _change(self, address: str, **body: Any) -> None:
        client = self.api.client()
        answer = client.patch(address, json=body, headers={"If-Match": client.get(address).headers["etag"]})
        assert answer.status_code == 200, answer.text

    def _fill_common(self, made: Any) -> None:
        nouns = self.nouns["OWN"]
        signed = {**AGREEMENT, "status": "signed", "signed_on": "2026-01-15", "amount": "1000"}
        nouns["common"] = made("/agreements", **{**signed, "reference": "A-COMMON"})
        nouns["common_share"] = made(f"/agreements/{nouns['common']}/shares", project="OWN/1", amount="300")
        made(f"/agreements/{nouns['common']}/shares", project="OTHER/1", amount="300")
        nouns["cluster"] = made("/evaluations", **{**EVALUATION, "reference": "E-CLUSTER", "projects": _BOTH})
        nouns["cluster_recommendation"] = made(
            "/recommendations", reference="R-CLUSTER", evaluation="E-CLUSTER", text="Do."
        )
        others = self.nouns["OTHER"]
        others["received"] = made("/agreements", **{**signed, "reference": "A-RECEIVED"})
        receipt = {**TRANSACTION, "document": "T-RECEIVED", "project": "OTHER/1", "agreement": "A-RECEIVED"}
        made("/transactions", **{**receipt, "type": "incoming-funds"})
        self._fill_releases(made)

    def _fill_releases(self, made: Any) -> None:
        """One that is public, one that is approved, one that is prepared."""
        steps = (("release_public", ("approve", "publish")), ("release_approved", ("approve",)), ("release", ()))
        for amount, (noun, acts) in enumerate(steps, start=7):
            self._change(f"/institutional-budgets/{self.nouns['OWN']['budget']}", amount=str(amount))
            found = made("/releases", as_of="2026-11-20")
            for act in acts:
                answer = self.api.client().post(f"/releases/{found}/{act}", json={})
                assert answer.status_code == 200, answer.text
            for side in SIDES:
                self.nouns[side][noun] = found


def _settings(path: Path) -> Settings:
    return Settings(  # type: ignore[call-arg]
        database_url=f"sqlite:///{path}", release_store=path.with_name("store"), _env_file=None
    )
