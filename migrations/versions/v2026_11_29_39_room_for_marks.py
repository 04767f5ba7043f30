"""A page of projects keeps room for the next version of each of its rows.

Every import marks the projects whose published content it changes. No index has the columns of a mark, so that the new
version of a row that finds room in its page leaves the twelve indexes alone, which takes a fifth of the time. Without
room the table gets as large at the first import that marks all of it.
"""

from alembic import op

revision = "2026_11_29_39_room_for_marks"
down_revision = "2026_11_29_37_project_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE projects SET (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE projects RESET (fillfactor)")
