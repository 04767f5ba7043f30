"""What outcomes need beside the organisation's own budget, and which agreements the offices in the countries raised."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_yearly_needs"
down_revision = "2026_11_25_xml_drafts"
branch_labels = None
depends_on = None

#: name of each check, its condition before (none: it was not there) and after
_CHECKS = (
    (
        "ck_institutional_budgets_kind_known",
        "kind IN ('total', 'country', 'expenditure')",
        "kind IN ('total', 'country', 'expenditure', 'need')",
    ),
    (
        "ck_institutional_budgets_country_on_country_budgets",
        "(kind = 'country') = (country <> '')",
        "kind = 'need' OR (kind = 'country') = (country <> '')",
    ),
    ("ck_institutional_budgets_need_of_an_outcome", "", "kind <> 'need' OR line <> ''"),
)


def upgrade() -> None:
    op.add_column("agreements", sa.Column("mobilised_locally", sa.Boolean(), nullable=False, server_default=sa.false()))
    _check_anew([(name, after) for name, _, after in _CHECKS])


def downgrade() -> None:
    op.execute("DELETE FROM institutional_budgets WHERE kind = 'need'")
    _check_anew([(name, before) for name, before, _ in _CHECKS if before])
    op.drop_column("agreements", "mobilised_locally")


def _check_anew(checks: list[tuple[str, str]]) -> None:
    """Puts these checks in the place of those of the same names.

    SQLite knows no such change, so its table is made anew: from its own words, because amounts have a collation that
    a table read back and described again would lose.
    """
    connection = op.get_bind()
    names = [op.f(name) for name, _, _ in _CHECKS]
    if connection.dialect.name == "postgresql":
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE institutional_budgets DROP CONSTRAINT IF EXISTS {name}")
        for name, condition in checks:
            op.create_check_constraint(op.f(name), "institutional_budgets", condition)
        return
    kept = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'institutional_budgets' AND sql IS NOT NULL")
    rows = connection.execute(kept).all()
    (made,) = (row.sql for row in rows if row.type == "table")
    _, _, inside = made.partition("(")
    lines = [line for line in inside.rstrip().removesuffix(")").split("\n") if not any(name in line for name in names)]
    words = "\n".join(lines).rstrip().rstrip(",")
    added = ", \n".join(f"\tCONSTRAINT {name} CHECK ({condition})" for name, condition in checks)
    connection.exec_driver_sql(f"CREATE TABLE institutional_budgets_anew ({words}, \n{added}\n)")
    connection.exec_driver_sql("INSERT INTO institutional_budgets_anew SELECT * FROM institutional_budgets")
    connection.exec_driver_sql("DROP TABLE institutional_budgets")
    connection.exec_driver_sql("ALTER TABLE institutional_budgets_anew RENAME TO institutional_budgets")
    for row in rows:
        if row.type != "table":
            connection.exec_driver_sql(row.sql)
