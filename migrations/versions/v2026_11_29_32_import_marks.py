"""The text of an activity beside which its record is known to say the same: read again, it need not be compared."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code, Key

revision = "2026_11_29_32_import_marks"
down_revision = "2026_11_29_31_judged_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_marks",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("made_by", Code, nullable=False),
        sa.Column("digest", Code, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_import_marks_project_id"),
            ondelete="CASCADE",
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_marks")),
        sa.UniqueConstraint("project_id", name=op.f("uq_import_marks_project_id")),
    )


def downgrade() -> None:
    op.drop_table("import_marks")
