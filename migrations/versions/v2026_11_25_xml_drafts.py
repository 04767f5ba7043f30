"""Records that break the standard are kept as drafts, with what is wrong with them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_xml_drafts"
down_revision = "2026_11_25_written_messages"
branch_labels = None
depends_on = None

TABLES = ("projects", "organisation_files")


def upgrade() -> None:
    for name in TABLES:
        op.add_column(name, sa.Column("findings", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    for name in TABLES:
        op.drop_column(name, "findings")
