"""Categories of partners that are no State, told apart: employers, workers, others."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_words_of_categories"
down_revision = "2026_11_25_watched_calendars"
branch_labels = None
depends_on = None

_CHECK = "ck_partners_is_partnercategory"
_BEFORE = (
    "government", "domestic-public", "un-entity", "un-pooled-fund", "ifi", "eu", "other-igo", "private-sector",
    "foundation", "public-institution", "social-partner", "multi-donor",
)  # fmt: skip
_ADDED = ("employers-organisation", "workers-organisation", "other-non-state")
_AFTER = (*_BEFORE[:-1], *_ADDED, _BEFORE[-1])


def upgrade() -> None:
    _allow(_BEFORE, _AFTER)


def downgrade() -> None:
    partner = sa.table("partners", sa.column("category", sa.Text))
    op.execute(partner.update().where(partner.c.category.in_(_ADDED)).values(category="social-partner"))
    _allow(_AFTER, _BEFORE)


def _condition(categories: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{category}'" for category in categories)
    return f"category IN ({listed})"


def _allow(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Puts one check in the place of another; SQLite knows no such change, so that its table is made anew."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(_CHECK), "partners", type_="check")
        op.create_check_constraint(op.f(_CHECK), "partners", _condition(after))
        return
    connection = op.get_bind()
    kept = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'partners' AND sql IS NOT NULL")
    rows = connection.execute(kept).all()
    (made,) = (row.sql for row in rows if row.type == "table")
    _, columns = made.replace(_condition(before), _condition(after)).split("(", 1)
    anew = f"CREATE TABLE partners_anew ({columns}"
    connection.exec_driver_sql(anew)
    connection.exec_driver_sql("INSERT INTO partners_anew SELECT * FROM partners")
    connection.exec_driver_sql("DROP TABLE partners")
    connection.exec_driver_sql("ALTER TABLE partners_anew RENAME TO partners")
    for row in rows:
        if row.type != "table":
            connection.exec_driver_sql(row.sql)
