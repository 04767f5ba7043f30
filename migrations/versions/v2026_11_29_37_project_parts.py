"""Changes of projects are noted apart: of what figures are made of, and of all that is shown.

Every posting changes of a project what tells of its publication, and nothing else.
"""

from migrations.stamped import stamp_part, unstamp

revision = "2026_11_29_37_project_parts"
down_revision = "2026_11_29_36_done_obligations"
branch_labels = None
depends_on = None

_FIGURES = (
    "id", "created_at", "archived_at", "grain", "code", "iati_identifier", "identifier_frozen", "in_parts",
    "former_identifiers", "origin", "reporting_org_id", "language", "default_currency", "stage", "planned_start",
    "planned_end", "actual_start", "actual_end", "operationally_closed_on", "financially_closed_on", "total_budget",
    "budget_currency", "unit_id", "officer_id", "backstopping_unit_id", "parent_id", "phase", "outcome",
    "country_programme", "gender_marker", "mid_term_agreed", "pilot", "humanitarian", "south_south", "activity_scope",
    "collaboration_type", "flow_type", "finance_type", "aid_type", "tied_status", "withheld_reason", "embargo_until",
    "findings",
)  # fmt: skip
_WORDS = ("title", "title_translations", "description", "description_translations", "note")


def upgrade() -> None:
    stamp_part("projects", "figures", _FIGURES)
    stamp_part("projects", "words", (*_FIGURES, *_WORDS))


def downgrade() -> None:
    unstamp("projects", "figures")
    unstamp("projects", "words")
