"""Saved views are mailed: how often, and the day on which the newest mail was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_30_view_digests"
down_revision = "2026_11_28_65_institution_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("saved_views") as batch:
        batch.add_column(sa.Column("digest", sa.String(), nullable=True))
        batch.add_column(sa.Column("digest_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("saved_views") as batch:
        batch.drop_column("digest_on")
        batch.drop_column("digest")
