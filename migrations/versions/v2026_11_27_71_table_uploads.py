"""Tables that people hand in: the file in pieces, how it is written, and what came of it."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_27_71_table_uploads"
down_revision = "2026_11_27_70_oversight"
branch_labels = None
depends_on = None

_JSON = sa.JSON()


def upgrade() -> None:
    states = ("waiting", "checking", "checked", "ordered", "storing", "stored", "failed")
    named = ", ".join(f"'{state}'" for state in states)
    op.create_table(
        "table_uploads",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("user_id", Key, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("written", _JSON, nullable=False),
        sa.Column("state", Code, nullable=False),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.Column("row_wise", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("report", _JSON, nullable=False),
        sa.Column("digest", Code, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(f"state IN ({named})", name=op.f("ck_table_uploads_state_known")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_table_uploads_user_id"),
            ondelete="RESTRICT",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_uploads")),
    )
    op.create_index(op.f("ix_table_uploads_user_id"), "table_uploads", ["user_id"])
    op.create_table(
        "table_upload_pieces",
        sa.Column("id", Key, nullable=False),
        sa.Column("upload_id", Key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["table_uploads.id"],
            name=op.f("fk_table_upload_pieces_upload_id"),
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_upload_pieces")),
        sa.UniqueConstraint("upload_id", "ordinal", name=op.f("uq_table_upload_pieces_upload_id_ordinal")),
    )


def downgrade() -> None:
    op.drop_table("table_upload_pieces")
    op.drop_table("table_uploads")
