"""Two units with the same records each, in a file of SQLite, for the calls of the matrix of authority."""

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

from app.config import Settings
from app.db.alerts import Alert
from app.db.engine import open_database
from app.db.projects import Project
from app.domain.terms import Origin, Role
from tests.api import Api, TestClient
from tests.http.authority import (
    AGREEMENT,
    ALLOCATION,
    BOTH,
    BUDGET,
    DOCUMENT,
    EVALUATION,
    POLICY,
    PRESET,
    RATES,
    RECORD,
    RESULT,
    RISK,
    SIDES,
    TRANSACTION,
)

#: ends of addresses below a record that is changed as it was seen
_UNDER_A_VERSION = ("/restore", "/liquidate", "/identifier")


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
        self.api = Api(settings_of(self.path), open_database(settings_of(self.path)))
        self.nouns: dict[str, dict[str, str]] = {side: {"side": side} for side in SIDES}
        self._fill(self.api.client(name="founder"))
        unit = int(self.nouns["OWN"]["unit"])
        self.clients = {
            **{role.value: self.api.client(role, name=role.value) for role in Role},
            "officer of the unit": self.api.client(Role.OFFICER, name="of the unit", unit_id=unit),
        }
        self.api.database.dispose()
        self.copied = self.path.with_name("copy.db")
        self.api.app.state.database = self.database = open_database(settings_of(self.copied))
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
        nouns["cluster"] = made("/evaluations", **{**EVALUATION, "reference": "E-CLUSTER", "projects": BOTH})
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


def settings_of(path: Path) -> Settings:
    return Settings(  # type: ignore[call-arg]
        database_url=f"sqlite:///{path}", release_store=path.with_name("store"), _env_file=None
    )
