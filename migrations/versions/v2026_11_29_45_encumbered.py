"""What encumbrances bound before they were changed."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, Money, UTCDateTime
from migrations.append_only import guard, unguard
from migrations.stamped import stamp, unstamp

revision = "2026_11_29_45_encumbered"
down_revision = "2026_11_29_44_renamed_codes"
branch_labels = None
depends_on = None

_TABLE = "encumbrance_revisions"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("encumbrance_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", Code, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "encumbrance",
                "advance",
                name="is_encumbrancekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["encumbrance_id"],
            ["encumbrances.id"],
            name=op.f("fk_encumbrance_revisions_encumbrance_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_encumbrance_revisions_project_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encumbrance_revisions")),
        sa.UniqueConstraint(
            "encumbrance_id", "sequence", name=op.f("uq_encumbrance_revisions_encumbrance_id_sequence")
        ),
    )
    op.create_index(op.f("ix_encumbrance_revisions_known_on"), _TABLE, ["known_on"])
    guard(_TABLE)
    stamp(_TABLE)


def downgrade() -> None:
    unstamp(_TABLE)
    unguard(_TABLE)
    op.drop_table(_TABLE)
