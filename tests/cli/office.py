"""A small office whose figures can be told by heart.

Of GLO/24/01/NLD (USD 2 million, 2024 to 2026) the final evaluation is due on its last day and the mid-term was due half
way; in 2025 it was allocated 1,000 and spent 250.50. RAF/24/02/NLD says nothing of its budget.
"""

import datetime as dt
import tempfile
from pathlib import Path

from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.founding import found, start_texts
from app.organisation.schemas import SetupIn
from app.tabular.registry import kind
from app.tabular.service import import_table
from tests.portfolio import known

TODAY = dt.date(2026, 11, 20)

TABLES = {
    "units": """\
code,name,head_email
GVA,Geneva,head@unit.example.org
""",
    "officers": """\
code,name,email,unit
ana,Ana Example,ana@unit.example.org,GVA
""",
    "partners": """\
code,name,category
NLD,Netherlands,government
""",
    "agreements": """\
reference,partner,title,preset,status,signed_on,starts_on,ends_on,currency,amount
A-1,NLD,Partnership,project,signed,2023-12-01,2024-01-01,2026-12-31,USD,2000000
""",
    "projects": """\
code,title,description,status,planned_start,planned_end,actual_start,total_budget,currency,unit,officer,countries,sectors
GLO/24/01/NLD,Decent work,Work for all.,implementation,2024-01-01,2026-12-31,2024-01-01,2000000,USD,GVA,ana,KE:60|TZ:40,16020
RAF/24/02/NLD,Skills,Skills for all.,implementation,2024-03-01,2026-12-31,2024-03-01,,,GVA,ana,KE,16020
""",  # noqa: E501 - a row of a table is a line
    "funding-shares": """\
agreement,project,amount
A-1,GLO/24/01/NLD,2000000
""",
    "allocations": """\
project,fiscal_year,kind,decided_on,amount,currency
GLO/24/01/NLD,2025,original,2024-12-15,1000,USD
""",
    "transactions": """\
document,project,type,date,amount,currency
D-1,GLO/24/01/NLD,4,2025-03-01,250.5,USD
""",
}


def fill(database: Database) -> None:
    """Sets the organisation up and brings the tables in."""
    use_codelists(known)
    setup = SetupIn(org_id="XM-EX-1", name="Example organisation", type="40", currency="USD", default_aid_type="C01")
    with database.write(LOCAL.name) as session:
        found(session, LOCAL, setup, start_texts())
    with tempfile.TemporaryDirectory() as folder:
        for name, content in TABLES.items():
            path = Path(folder) / f"{name}.csv"
            path.write_text(content, encoding="utf-8")
            report = import_table(database, LOCAL, kind(name), path, today=TODAY)
            assert not report.faults, (name, report.faults)
