"""The example portfolio's files by themselves, before anything is loaded."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from tests.example.portfolio import FOLDER, KEYS, TABLES, TODAY, codes, days, shares
from tests.reference import needs_reference, reference

HEADERS = {
    "units": "code name head head_email region note",
    "officers": "code name email unit note",
    "partners": "code name name_fr name_es category subcategory iati_ref iati_type country screening cleared_until"
    " note",
    "pools": "code title title_fr title_es description planned_start planned_end status sectors countries regions note",
    "agreements": "reference partner title preset status signed_on starts_on ends_on currency amount"
    " support_cost_rate gross earmarked_for framework modality aid_type note",
    "projects": "code title title_fr title_es description status planned_start planned_end actual_start actual_end"
    " total_budget currency unit officer backstopping_unit parent countries regions sectors sdg outcome gender_marker"
    " mid_term_agreed pilot humanitarian note",
    "funding-shares": "agreement project starts_on ends_on amount percent note",
    "revisions": "project field decided_on value reason note",
    "rates": "currency effective_on rate note",
    "allocations": "project fiscal_year source kind decided_on outcome country amount currency note",
    "instalments": "agreement due_on amount note",
    "transactions": "document project pool agreement type date amount currency value_date description country sector"
    " assistance provider receiver adjusts reason note",
    "encumbrances": "document project date amount currency kind note",
    "evaluations": "reference kind independence projects status planned_start planned_end completed_on manager budget"
    " currency report_url note",
    "recommendations": "reference evaluation text response response_on owner due_on status note",
    "results-framework": "framework level code title target result_total africa americas arab_states asia_pacific"
    " europe_central_asia note",
    "results": "project result type indicator measure baseline_year baseline_value period_start period_end target"
    " actual note",
    "documents": "project url title title_fr title_es category format language document_date note",
    "institutional-budget": "kind period_start period_end country amount currency status value_date note",
    "agreement-amendments": "agreement decided_on reason amount starts_on ends_on support_cost_rate note",
    "report-schedules": "agreement kind first_due every_months final_months note",
    "agreement-reports": "agreement kind due_on submitted_on document_url submitted_by note",
    "agreement-conditions": "agreement code text due_on met_on note",
    "agreement-repurposings": "agreement decided_on reason consent consented_on document_url preset modality aid_type"
    " earmarked_for earmarked_for_refs note",
    "delivery-targets": "scope code period decided_on percent amount currency note",
    "delivery-notes": "project period noted_on problem action owner due_on obstacle escalated",
    "framework-agreements": "code partner title starts_on ends_on themes ceiling currency note",
    "protection-checks": "partner checked_on result valid_until reason note",
    "assistance-types": "code name note",
    "presets": "code valid_from valid_to instrument aid_type modality wording",
    "country-programmes": "code title country starts_on ends_on priorities cooperation_framework alignment"
    " steering_body note",
    "oversight-reports": "reference overseer title issued_on body series unit partner scale_min scale_max report_url"
    " note",
    "assessment-scores": "report section aspect item score",
    "recommendation-actions": "recommendation text owner due_on done_on",
    "frameworks": "code title starts_on ends_on levels closed_on note",
    "framework-targets": "framework code period region target note",
    "framework-tags": "framework code project country_programme fiscal_year source note",
    "framework-crosswalk": "from_framework from_code to_framework to_code note",
    "planned-payments": "project receiver kind period_start period_end amount currency decided_on note",
    "milestones": "strategy code title due_on result reported_on note",
    "result-records": "reference framework indicator year country region projects country_programme sentence quantity"
    " gender_marker sdg marks south_south sources same_as note",
    "lessons": "reference kind title text noted_on evaluation project sectors countries outcomes tags note",
    "risks": "reference project unit cause event consequence likelihood impact owner response opened_on review_on"
    " reviewed_on escalated_on note",
    "indicator-targets": "indicator period decided_on percent source note",
}

VALUES = {
    ("projects", "status"): "pipeline implementation finalisation closed cancelled suspended",
    ("pools", "status"): "pipeline implementation finalisation closed cancelled suspended",
    ("agreements", "status"): "pledged signed completed cancelled",
    ("agreements", "preset"): "assessed rbsa thematic-fund theme-or-region country-programme un-pooled project"
    " donor-initiated in-kind domestic vertical-fund",
    ("partners", "category"): "government domestic-public un-entity un-pooled-fund ifi eu other-igo private-sector"
    " foundation public-institution social-partner multi-donor",
    ("evaluations", "independence"): "self internal independent external",
    ("results", "type"): "output outcome",
    ("results-framework", "level"): "outcome output indicator objective",
    ("transactions", "type"): "1 2 3 4",
    ("encumbrances", "kind"): "encumbrance advance",
    ("allocations", "kind"): "original revised",
    ("institutional-budget", "kind"): "total country",
}

AMOUNTS = {
    "agreements": ("amount", "support_cost_rate"),
    "projects": ("total_budget",),
    "funding-shares": ("amount", "percent"),
    "rates": ("rate",),
    "allocations": ("amount",),
    "instalments": ("amount",),
    "transactions": ("amount",),
    "encumbrances": ("amount",),
    "evaluations": ("budget",),
    "results-framework": ("target", "result_total", "africa", "americas"),
    "results": ("baseline_value", "target", "actual"),
    "institutional-budget": ("amount",),
    "planned-payments": ("amount",),
}

REFERENCES = [
    ("officers", "unit", "units"),
    ("projects", "unit", "units"),
    ("projects", "backstopping_unit", "units"),
    ("projects", "officer", "officers"),
    ("projects", "parent", "projects"),
    ("agreements", "partner", "partners"),
    ("funding-shares", "agreement", "agreements"),
    ("revisions", "project", "projects"),
    ("allocations", "project", "projects"),
    ("instalments", "agreement", "agreements"),
    ("transactions", "project", "projects"),
    ("transactions", "pool", "pools"),
    ("transactions", "agreement", "agreements"),
    ("transactions", "receiver", "partners"),
    ("transactions", "adjusts", "transactions"),
    ("encumbrances", "project", "projects"),
    ("recommendations", "evaluation", "evaluations"),
    ("recommendation-actions", "recommendation", "recommendations"),
    ("assessment-scores", "report", "oversight-reports"),
    ("oversight-reports", "partner", "partners"),
    ("results", "project", "projects"),
    ("documents", "project", "projects"),
    ("agreement-amendments", "agreement", "agreements"),
    ("report-schedules", "agreement", "agreements"),
    ("agreement-reports", "agreement", "agreements"),
    ("agreement-conditions", "agreement", "agreements"),
    ("agreement-repurposings", "agreement", "agreements"),
    ("delivery-notes", "project", "projects"),
    ("framework-agreements", "partner", "partners"),
    ("protection-checks", "partner", "partners"),
    ("transactions", "assistance", "assistance-types"),
    ("framework-tags", "project", "projects"),
    ("framework-tags", "country_programme", "country-programmes"),
    ("planned-payments", "project", "projects"),
    ("planned-payments", "receiver", "partners"),
]


def test_files_are_numbered_in_the_order_in_which_they_load() -> None:
    assert [path.stem for path in sorted(FOLDER.glob("*"))] == [f"{n:02d}-{kind}" for n, kind in enumerate(HEADERS, 1)]


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_are_those_of_the_import(kind: str) -> None:
    assert list(TABLES[kind][0]) == HEADERS[kind].split()


@pytest.mark.parametrize("kind", HEADERS)
def test_keys_are_given_and_unique(kind: str) -> None:
    keys = [tuple(row[column] for column in KEYS[kind]) for row in TABLES[kind]]

    assert len(set(keys)) == len(keys)
    assert all(key[0] for key in keys)


@pytest.mark.parametrize("kind", HEADERS)
def test_every_record_says_whether_it_is_published_or_illustrative(kind: str) -> None:
    silent = {
        "partners", "pools", "funding-shares", "results-framework", "presets", "assessment-scores",
        "recommendation-actions",
    }  # fmt: skip
    # a note on delivery has no further note: its words say so themselves
    notes = [row.get("problem" if kind == "delivery-notes" else "note", "") for row in TABLES[kind]]

    assert [note for note in notes if kind not in silent and not ("published" in note or "Illustrative" in note)] == []


@pytest.mark.parametrize(("kind", "column"), VALUES)
def test_values_are_known_and_each_of_them_is_shown(kind: str, column: str) -> None:
    used = {row[column] for row in TABLES[kind]}
    shown_elsewhere = {"pools": {"pipeline", "finalisation", "closed", "cancelled", "suspended"}}

    assert used == set(VALUES[kind, column].split()) - shown_elsewhere.get(kind, set())


@pytest.mark.parametrize(("kind", "column", "target"), REFERENCES)
def test_references_resolve(kind: str, column: str, target: str) -> None:
    used = {row[column] for row in TABLES[kind]} - {""}

    assert used
    assert used <= codes(target)


def test_shares_evaluations_and_sources_name_what_exists() -> None:
    projects = codes("projects")

    assert {row["project"] for row in TABLES["funding-shares"]} <= projects | codes("pools")
    assert {code for row in TABLES["evaluations"] for code in row["projects"].split("|")} <= projects
    assert {row["source"] for row in TABLES["allocations"]} <= codes("agreements") | codes("pools")


@pytest.mark.parametrize("kind", AMOUNTS)
def test_amounts_are_exact_decimals_with_a_point(kind: str) -> None:
    texts = [row[column] for row in TABLES[kind] for column in AMOUNTS[kind] if row[column]]

    assert texts
    assert all(format(Decimal(text), "f") == text for text in texts)


@pytest.mark.parametrize("kind", ["projects", "pools"])
def test_sectors_make_100_and_countries_with_regions_make_100(kind: str) -> None:
    for row in TABLES[kind]:
        places = shares(row["countries"]) + shares(row["regions"])

        assert sum(percent for _, percent in shares(row["sectors"])) == 100, row["code"]
        assert sum(percent for _, percent in places) == 100, row["code"]
        assert len({code for code, _ in places}) == len(places)


def test_dates_are_in_order_and_what_has_happened_lies_in_the_past() -> None:
    for row, (planned_start, planned_end) in days("projects", "planned_start", "planned_end"):
        assert planned_start is not None
        assert planned_end is None or planned_start <= planned_end, row["code"]
    for row, (start, end) in days("projects", "actual_start", "actual_end"):
        assert end is None or start is not None, row["code"]
        assert (start or TODAY) <= (end or TODAY) <= TODAY, row["code"]
        assert (row["status"] == "closed") <= (end is not None), row["code"]
    for row, (signed, start, end) in days("agreements", "signed_on", "starts_on", "ends_on"):
        assert (signed is None) == (row["status"] == "pledged"), row["reference"]
        assert signed is None or signed <= TODAY
        assert end is None or (start is not None and start <= end), row["reference"]
    for row, (planned_start, planned_end, done) in days("evaluations", "planned_start", "planned_end", "completed_on"):
        assert planned_start is not None
        assert planned_end is not None
        assert planned_start <= planned_end, row["reference"]
        assert (done is not None) == (row["status"] in {"final", "disclosed"}), row["reference"]
        assert done is None or planned_start <= done <= TODAY, row["reference"]


def test_every_decision_has_been_taken_and_the_later_one_is_written_later() -> None:
    decided = [row["decided_on"] for kind in ("allocations", "revisions") for row in TABLES[kind]]
    originals = {
        (row["project"], row["fiscal_year"], row["source"], row["outcome"], row["country"]): row["decided_on"]
        for row in TABLES["allocations"]
        if row["kind"] == "original"
    }
    revised = [row for row in TABLES["allocations"] if row["kind"] == "revised"]

    assert max(decided) <= TODAY.isoformat()
    assert revised
    for row in revised:
        key = (row["project"], row["fiscal_year"], row["source"], row["outcome"], row["country"])
        assert originals[key] < row["decided_on"]


def test_no_transaction_lies_in_the_future_or_before_its_agreement() -> None:
    signed = {row["reference"]: row["signed_on"] for row in TABLES["agreements"]}

    for row, (day, value_date) in days("transactions", "date", "value_date"):
        assert day is not None
        assert day <= TODAY, row["document"]
        assert value_date is None or value_date <= TODAY, row["document"]
        if row["agreement"]:
            assert signed[row["agreement"]] <= row["date"], row["document"]


def test_readme_counts_the_projects_and_pools() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")

    assert f"{len(TABLES['projects'])} projects and {len(TABLES['pools'])} pools" in readme


def test_portfolio_is_wide_enough_to_show_every_case() -> None:
    projects = TABLES["projects"]

    assert len(projects) >= 30
    assert sum("|" in row["countries"] for row in projects) >= 10
    assert sum(bool(row["title_fr"]) for row in projects) >= 10
    assert sum(bool(row["title_es"]) for row in projects) >= 5
    assert {row["gender_marker"] for row in projects} >= {"1", "2", "3"}
    assert {row["mid_term_agreed"] for row in projects} == {"true", ""}
    assert any(not row["total_budget"] for row in projects)
    assert any(not row["planned_end"] for row in projects)
    assert {row["currency"] for row in TABLES["agreements"]} >= {"USD", "EUR", "CHF", "SEK", "NOK", "DKK", "CAD", "JPY"}
    assert {row["status"] for row in TABLES["evaluations"]} >= {"planned", "terms-of-reference", "field-work", "draft"}
    assert any(row["projects"].count("|") >= 2 for row in TABLES["evaluations"])


def test_budgets_stand_on_both_sides_of_every_limit_of_the_policies() -> None:
    budgets = {row["total_budget"] for row in TABLES["projects"]}

    assert budgets >= {"499999.99", "500000", "1000000", "1000000.01", "5000000", "5000000.01"}
    assert budgets >= {"350000", "350000.01"}


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize(
    ("codelist", "kind", "column"),
    [
        ("Sector", "projects", "sectors"),
        ("Sector", "pools", "sectors"),
        ("Country", "projects", "countries"),
        ("Region", "projects", "regions"),
        ("Region", "pools", "regions"),
        ("UNSDG-Targets", "projects", "sdg"),
        ("OrganisationType", "partners", "iati_type"),
        ("Country", "partners", "country"),
        ("DocumentCategory", "documents", "category"),
        ("FileFormat", "documents", "format"),
        ("Language", "documents", "language"),
        ("Currency", "agreements", "currency"),
    ],
)
def test_codes_are_active_in_the_official_codelists(codelist: str, kind: str, column: str) -> None:
    path = reference("iati", "standard-2.03", "codelists", f"{codelist}.xml")
    assert path is not None
    items = ET.parse(path).iter("codelist-item")
    active = {item.findtext("code") for item in items if item.get("status", "active") == "active"}
    used = {part.split(":")[0] for row in TABLES[kind] for part in row[column].split("|") if part}

    assert used
    assert used <= active
