"""Which organisations the world has seen an organisation file of: an export alone counts as published."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime
from migrations.append_only import guard, unguard

revision = "2026_11_26_90_published_bodies"
down_revision = "2026_11_26_80_several_partners"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_organisations",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("identifier", Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_organisations")),
        sa.UniqueConstraint("identifier", name=op.f("uq_published_organisations_identifier")),
    )
    guard("published_organisations")


def downgrade() -> None:
    unguard("published_organisations")
    op.drop_table("published_organisations")
