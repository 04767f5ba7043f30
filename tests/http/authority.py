"""A line for every route that changes something: who may call it, of two units with the same records each.

``ROUTES`` says for each route which right it asks for, whose it is (``Scope``), and a body that works. ``LINKS`` says
what a route must refuse to an officer of a unit although one side of the record is the officer's own.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.domain.access import Right

SIDES = ("OWN", "OTHER")
#: a day that is to come, whenever this is run
COMING = str(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=400))


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
    "POST /indicator-targets": Line(
        right=Right.WRITE,
        scope=Scope.WHOLE,
        body={"indicator": "voluntary_share", "period": "2027", "decided_on": "2026-03-01", "percent": "48"},
    ),
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
    "POST /obligations/{obligation}/reschedule": _evaluate(due_on=COMING, reason="Later", approver="Chief"),
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
    "PUT /books": _administer(closed_until="2025-12-31"),
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
    "PUT /views": Line(right=Right.READ, scope=Scope.ALL, body={"page": "projects", "items": []}),
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


BOTH = ["OWN/1", "OTHER/1"]
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
    "a cluster names one own project": ("POST /evaluations", {**EVALUATION, "projects": BOTH}),
    "an own evaluation takes on another unit's project": ("PATCH /evaluations/{OWN:evaluation}", {"projects": BOTH}),
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
    "an evaluation that names no projects is the organisation's": (
        "POST /evaluations", {name: value for name, value in {**EVALUATION, "scope": "institution"}.items()
                              if name != "projects"}),
    "a result goes to another unit's project": ("POST /results", {**RESULT, "project": "OTHER/1"}),
    "an evaluation of another unit names an own project": (
        "POST /evaluations", {**EVALUATION, "projects": ["OWN/1"], "scope": "unit", "subject": "OTHER"}),
    "an evaluation of another unit's fund names an own project": (
        "POST /evaluations", {**EVALUATION, "projects": ["OWN/1"], "scope": "fund", "subject": "OTHER-POOL"}),
    "an evaluation of a theme names an own project": (
        "POST /evaluations", {**EVALUATION, "projects": ["OWN/1"], "scope": "theme", "subject": "Gender"}),
    "an own evaluation becomes one of another unit": (
        "PATCH /evaluations/{OWN:evaluation}", {"scope": "unit", "subject": "OTHER"}),
    "an own evaluation becomes the organisation's": (
        "PATCH /evaluations/{OWN:evaluation}", {"scope": "institution"}),
    "an own lesson comes from another unit's evaluation": (
        "PATCH /lessons/{OWN:lesson}", {"evaluation": "E-OTHER"}),
    "an own lesson is nobody's": (
        "PATCH /lessons/{OWN:lesson}", {"project": None}),
    "a record of results counts for another unit's project": (
        "POST /result-records", {**RECORD, "projects": BOTH}),
    "another unit's project is tagged": (
        "POST /framework-tags", {"framework": "2026-27", "code": "1", "project": "OTHER/1"}),
    "a risk of another unit's project is drawn to the own one": (
        "PATCH /risks/{OTHER:risk}", {"project": "OWN/1"}),
    "another unit's encumbrance is drawn to an own project": (
        "PATCH /encumbrances/{OTHER:encumbrance}", {"project": "OWN/1"}),
}  # fmt: skip
