"""Every decision on an agreement holds all of its terms, and what the money is for stands as references too."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Money
from migrations.append_only import guard, unguard

revision = "2026_11_26_01_agreement_terms"
down_revision = "2026_11_25_yearly_needs"
branch_labels = None
depends_on = None

#: terms that had no history: what the agreement says now is what was recorded all along
_CARRIED = (
    "starts_on", "support_cost_rate", "gross", "preset", "modality", "category", "aid_type", "corporate_wording",
    "earmarked_for",
)  # fmt: skip


def _refs() -> sa.Column[list[str]]:
    return sa.Column("earmarked_for_refs", sa.JSON(), nullable=False, server_default="[]")


def upgrade() -> None:
    op.add_column("agreements", _refs())
    for column in (
        sa.Column("kind", Code, nullable=False, server_default="entered"),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("support_cost_rate", Money(), nullable=True),
        sa.Column("gross", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("preset", Code, nullable=True),
        sa.Column("modality", Code, nullable=True),
        sa.Column("category", sa.Integer(), nullable=True),
        sa.Column("aid_type", Code, nullable=True),
        sa.Column("corporate_wording", sa.Text(), nullable=True),
        sa.Column("earmarked_for", sa.Text(), nullable=True),
        _refs(),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
    ):
        op.add_column("agreement_revisions", column)
    agreement = sa.table("agreements", sa.column("id"), *(sa.column(name) for name in _CARRIED))
    past = sa.table("agreement_revisions", sa.column("agreement_id"), *(sa.column(name) for name in _CARRIED))
    unguard("agreement_revisions")
    for name in _CARRIED:
        said = sa.select(agreement.c[name]).where(agreement.c.id == past.c.agreement_id).scalar_subquery()
        op.execute(sa.update(past).values({name: said}))
    op.execute("UPDATE agreement_revisions SET kind = 'amended' WHERE sequence > 1")
    op.execute("UPDATE agreement_revisions SET kind = 'ended' WHERE status IN ('completed', 'cancelled')")
    guard("agreement_revisions")


def downgrade() -> None:
    for name in ("note", "consented_on", "earmarked_for_refs", *reversed(_CARRIED), "kind"):
        op.drop_column("agreement_revisions", name)
    op.drop_column("agreements", "earmarked_for_refs")
