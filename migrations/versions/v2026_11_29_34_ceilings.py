"""Targets that are ceilings, and results that are told in words."""

import sqlalchemy as sa
from alembic import op

from app.db.types import Code

revision = "2026_11_29_34_ceilings"
down_revision = "2026_11_29_33_indicator_targets"
branch_labels = None
depends_on = None

_COLUMNS = (("result_text", sa.Text()), ("better", Code))


def upgrade() -> None:
    for name, type_ in _COLUMNS:
        op.add_column("framework_items", sa.Column(name, type_, nullable=True))


def downgrade() -> None:
    for name, _ in _COLUMNS:
        op.drop_column("framework_items", name)
