"""Obligations as a copy of what the dated facts say: decisions in force, days of evaluations, no digest of facts."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key

revision = "2026_11_25_replayed_obligations"
down_revision = "2026_11_25_published_activities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("obligations", sa.Column("waiver_id", Key, nullable=True))
    op.add_column("obligations", sa.Column("reschedule_id", Key, nullable=True))
    obligation = sa.table("obligations", sa.column("id"), sa.column("waiver_id"), sa.column("reschedule_id"))
    decision = sa.table("obligation_decisions", sa.column("id"), sa.column("obligation_id"), sa.column("kind"))

    def newest(kind: str) -> sa.ScalarSelect:
        about = sa.and_(decision.c.obligation_id == obligation.c.id, decision.c.kind == kind)
        return sa.select(sa.func.max(decision.c.id)).where(about).correlate(obligation).scalar_subquery()

    op.execute(sa.update(obligation).values(waiver_id=newest("waiver"), reschedule_id=newest("reschedule")))
    op.add_column("evaluations", sa.Column("cancelled_on", sa.Date(), nullable=True))
    op.add_column("evaluations", sa.Column("status_since", sa.Date(), nullable=True))
    op.add_column("evaluations", sa.Column("recorded_kind", Code, nullable=True))
    op.add_column("evaluation_projects", sa.Column("interim_since", sa.Date(), nullable=True))
    op.drop_column("assessed_projects", "digest")
    op.drop_column("assessed_projects", "revision_id")
    # what was computed by the day on which somebody asked is computed anew, from the facts
    op.execute("DELETE FROM assessed_projects")
    op.execute("DELETE FROM assessments")


def downgrade() -> None:
    op.execute("DELETE FROM assessed_projects")
    op.execute("DELETE FROM assessments")
    op.add_column("assessed_projects", sa.Column("digest", Code, nullable=False, server_default=""))
    op.add_column("assessed_projects", sa.Column("revision_id", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("evaluation_projects", "interim_since")
    op.drop_column("evaluations", "recorded_kind")
    op.drop_column("evaluations", "status_since")
    op.drop_column("evaluations", "cancelled_on")
    op.drop_column("obligations", "reschedule_id")
    op.drop_column("obligations", "waiver_id")
