"""Changes of the tables on which figures stand are noted, so that figures are remembered as long as they hold."""

from migrations.stamped import begin, end, stamp, unstamp

revision = "2026_11_29_35_stamps"
down_revision = "2026_11_29_34_ceilings"
branch_labels = None
depends_on = None

_TABLES = (
    "agreement_conditions", "agreement_duties", "agreement_reports", "agreement_repurposings", "agreement_revisions",
    "agreements", "allocations", "assessed_projects", "assessment_scores", "assessments", "assistance_types",
    "classifications", "contacts", "country_programmes", "delivery_notes", "delivery_statement_rows",
    "delivery_statements", "delivery_targets", "documents", "earmarking_presets", "encumbrances",
    "evaluation_policies", "evaluation_projects", "evaluation_ratings", "evaluations", "exchange_rates",
    "framework_agreements", "framework_items", "framework_tags", "framework_targets", "framework_ways",
    "funding_share_revisions", "funding_shares", "indicator_baselines", "indicator_periods", "indicator_targets",
    "indicators", "instalment_revisions", "instalments", "institutional_budget_revisions", "institutional_budgets",
    "ledger_entries", "lesson_tags", "lessons", "links", "locations", "obligation_decisions", "obligations",
    "officers", "organisation_files", "organisations", "oversight_reports", "participants", "partners",
    "period_values", "planned_payments", "project_revisions", "projects", "protection_checks", "published_activities",
    "published_organisations", "recommendation_actions", "recommendations", "redactions", "registry_entries",
    "releases", "report_schedules", "result_record_projects", "result_records", "results", "results_frameworks",
    "risks", "setup", "strategy_milestones", "units", "waivers_taken_back",
)  # fmt: skip


def upgrade() -> None:
    begin()
    for table in _TABLES:
        stamp(table)


def downgrade() -> None:
    for table in _TABLES:
        unstamp(table)
    end()
