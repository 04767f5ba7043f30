"""Country programmes as records."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_27_60_country_programmes"
down_revision = "2026_11_26_95_provider_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "country_programmes",
        sa.Column("id", Key, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("code", Code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("country", Code, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("priorities", sa.JSON(), nullable=False),
        sa.Column("cooperation_framework", sa.Text(), nullable=True),
        sa.Column(
            "alignment",
            sa.Enum(
                "aligned",
                "partly",
                "not-aligned",
                name=op.f("ck_country_programmes_is_alignment"),
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("steering_body", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on",
            name=op.f("ck_country_programmes_dates_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_programmes")),
        sa.UniqueConstraint("code", name=op.f("uq_country_programmes_code")),
    )


def downgrade() -> None:
    op.drop_table("country_programmes")
