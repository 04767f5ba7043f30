"""Which tables were imported, and the keys of the newest file of each source."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key, UTCDateTime

revision = "2026_11_26_11_table_imports"
down_revision = "2026_11_26_10_registries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "table_imports",
        sa.Column("id", Key, nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("source", Code, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_imports")),
    )
    op.create_table(
        "table_import_lines",
        sa.Column("id", Key, nullable=False),
        sa.Column("import_id", Key, nullable=False),
        sa.Column("key", Code, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["table_imports.id"],
            name=op.f("fk_table_import_lines_import_id"),
            ondelete="RESTRICT",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_import_lines")),
        sa.UniqueConstraint("import_id", "key", name=op.f("uq_table_import_lines_import_id_key")),
    )


def downgrade() -> None:
    op.drop_table("table_import_lines")
    op.drop_table("table_imports")
