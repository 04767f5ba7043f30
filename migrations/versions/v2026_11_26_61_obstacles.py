"""Alerts about obstacles to delivery that officers escalate."""

from alembic import op

from migrations.append_only import guard, unguard
from migrations.checks import check_anew

revision = "2026_11_26_61_obstacles"
down_revision = "2026_11_26_60_repurposings"
branch_labels = None
depends_on = None

_KINDS = "subject_kind IN ('obligation', 'recommendation', 'response', 'instalment', 'agreement', 'duty'{further})"


def upgrade() -> None:
    check_anew("alerts", {"ck_alerts_subject_kind_known": _KINDS.format(further=", 'delivery'")})


def downgrade() -> None:
    unguard("alerts")
    op.execute("DELETE FROM message_alerts WHERE alert_id IN (SELECT id FROM alerts WHERE subject_kind = 'delivery')")
    op.execute("DELETE FROM alert_events WHERE alert_id IN (SELECT id FROM alerts WHERE subject_kind = 'delivery')")
    op.execute("DELETE FROM alerts WHERE subject_kind = 'delivery'")
    check_anew("alerts", {"ck_alerts_subject_kind_known": _KINDS.format(further="")})
    guard("alerts")
