"""Changes of what is kept of projects are noted by portion: what is known of the other portions stays known.

What a row of the ledger is to the organisation hangs on the identifiers of all projects: those are noted apart.
"""

from migrations.stamped import (
    begin_portions,
    end_portions,
    number_portions,
    stamp_part,
    stamp_portions,
    unstamp,
    unstamp_portions,
)

revision = "2026_11_29_40_portions"
down_revision = "2026_11_29_39_room_for_marks"
branch_labels = None
depends_on = None

_TABLES = (
    "allocations", "assessed_projects", "funding_shares", "ledger_entries", "obligations", "project_revisions",
    "projects",
)  # fmt: skip


def upgrade() -> None:
    begin_portions()
    for table in _TABLES:
        stamp_portions(table)
    number_portions("projects")
    stamp_part("projects", "identifiers", ("id", "iati_identifier", "reporting_org_id"))


def downgrade() -> None:
    unstamp("projects", "identifiers")
    for table in _TABLES:
        unstamp_portions(table)
    end_portions()
