"""Changes of how money is tied, with the consent of the partner."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_26_60_repurposings"
down_revision = "2026_11_26_60_delivery_control"
branch_labels = None
depends_on = None

_CONSENT = ("pending", "granted", "refused", "not-needed")


def upgrade() -> None:
    op.add_column("agreement_revisions", sa.Column("stated", sa.JSON(), nullable=True))
    op.create_table(
        "agreement_repurposings",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("agreement_id", Key, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "consent",
            sa.Enum(*_CONSENT, name="is_consent", native_enum=False, length=40, create_constraint=True),
            nullable=False,
        ),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("document_url", sa.Text(), nullable=True),
        sa.Column("preset", Code, nullable=True),
        sa.Column("modality", Code, nullable=True),
        sa.Column("aid_type", Code, nullable=True),
        sa.Column("earmarked_for", sa.Text(), nullable=True),
        sa.Column("earmarked_for_refs", sa.JSON(), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "consent <> 'granted' OR consented_on IS NOT NULL", name=op.f("ck_agreement_repurposings_consent_has_day")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_agreement_repurposings_agreement_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_repurposings")),
        sa.UniqueConstraint(
            "agreement_id", "decided_on", name=op.f("uq_agreement_repurposings_agreement_id_decided_on")
        ),
    )
    op.create_index(op.f("ix_agreement_repurposings_agreement_id"), "agreement_repurposings", ["agreement_id"])


def downgrade() -> None:
    op.drop_table("agreement_repurposings")
    op.drop_column("agreement_revisions", "stated")
