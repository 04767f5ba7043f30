"""Tables go in whole or not at all, with every fault's row and column; a second time they change nothing."""

import csv
import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import demo
from app.db.base import table
from app.db.engine import Database
from app.db.organisation import Officer, Unit
from app.db.people import AuditEvent
from app.db.projects import Project
from app.domain.access import LOCAL
from app.domain.codes import use_codelists
from app.errors import UsageError
from app.organisation.service import put_setup
from app.projects.service import archive_project
from app.publishing.codes import code_checker
from app.reports.service import run
from app.tabular.registry import KINDS, kind
from app.tabular.service import TableReport, import_table
from tests.filled import filled
from tests.queries import count_queries
from tests.tabular.conftest import Example

TODAY = dt.date(2026, 11, 20)
_event = table(AuditEvent).c

UNITS = "code,name\nROAF,Africa\n"


@pytest.fixture(autouse=True)
def codes() -> None:
    use_codelists(code_checker(None))


def fill(database: Database) -> None:
    with database.write("anna") as session:
        put_setup(session, LOCAL, demo.ORGANISATION)


@pytest.fixture
def office(database: Database) -> Database:
    filled(database, fill)
    return database


def load(database: Database, name: str, content: str, folder: Path, **options: bool) -> TableReport:
    path = folder / f"{name}.csv"
    path.write_text(content, encoding="utf-8")
    return import_table(database, LOCAL, kind(name), path, today=TODAY, **options)


def count(database: Database, row: type[Unit] | type[Officer] | type[Project] | type[AuditEvent]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table(row))) or 0


def test_the_example_portfolio_goes_in_and_a_second_time_changes_nothing(example: Example) -> None:
    office = example.database
    paths = sorted(demo.PORTFOLIO.glob("*.csv"))
    # the example has no drafts, and so no corrections of drafts
    assert {path.stem.split("-", 1)[1] for path in paths} == {each.name for each in KINDS} - {"corrections"}
    for name, report in example.reports.items():
        assert (report.faults, report.created) == ([], report.rows), name
    events = count(office, AuditEvent)
    for path in paths:
        report = import_table(office, LOCAL, kind(path.stem.split("-", 1)[1]), path, today=TODAY)
        assert (report.faults, report.unchanged, report.stored) == ([], report.rows, False), path.name
    assert count(office, AuditEvent) == events
    with office.read() as session:
        totals = run(session, "delivery", period="2021", as_of=TODAY, by=("project",)).as_dict()["totals"]
    # computed independently from the files
    assert Decimal(totals["allocation"]) == Decimal("96846529")
    assert Decimal(totals["expenditure"]) == Decimal("88243834.81")
    assert Decimal(totals["rate"]).quantize(Decimal("0.01")) == Decimal("91.12")


def test_one_bad_row_keeps_all_out_and_every_fault_is_listed(office: Database, tmp_path: Path) -> None:
    content = (
        "code,name,email,unit\nann,Ann,ann@example.org,ROAF\nbob,,bob@example.org,ROAF\ncy,Cy,cy@example.org,NOWHERE\n"
    )
    load(office, "units", UNITS, tmp_path)
    report = load(office, "officers", content, tmp_path)
    assert [(fault.row, fault.column) for fault in report.faults] == [(3, "name"), (4, "unit")]
    assert (report.stored, count(office, Officer)) == (False, 0)


def test_row_by_row_the_good_ones_stay(office: Database, tmp_path: Path) -> None:
    load(office, "units", UNITS, tmp_path)
    content = "code,name,email,unit\nann,Ann,ann@example.org,ROAF\nbob,,bob@example.org,ROAF\n"
    report = load(office, "officers", content, tmp_path, row_wise=True)
    assert (report.created, report.stored, [fault.row for fault in report.faults]) == (1, True, [3])
    assert count(office, Officer) == 1


def test_a_trial_run_tells_what_would_happen_and_stores_nothing(office: Database, tmp_path: Path) -> None:
    report = load(office, "units", UNITS, tmp_path, dry_run=True)
    assert (report.created, report.stored, count(office, Unit)) == (1, False, 0)


def test_a_row_may_name_one_that_stands_further_down(office: Database, tmp_path: Path) -> None:
    content = "code,title,status,parent\nA/1,Child,pipeline,A/2\nA/2,Parent,pipeline,\n"
    report = load(office, "projects", content, tmp_path)
    assert (report.faults, report.created) == ([], 2)


def test_a_table_of_projects_takes_as_many_statements_whatever_its_length(office: Database, tmp_path: Path) -> None:
    load(office, "units", UNITS, tmp_path)
    load(office, "officers", "code,name,email,unit\nann,Ann,ann@example.org,ROAF\n", tmp_path)

    def asked(prefix: str, number: int, ends: str, unit: str) -> tuple[int, TableReport]:
        """How many statements a table takes of which two rows in three say what is given, and what came of it."""
        rows = []
        for n in range(number):
            changes, countries = n % 3 > 0, "KE:60|UG:40" if n % 3 == 1 and ends > "2028" else "KE"
            said = (ends, "ann", unit) if changes else ("2027-01-31", "ann", "")
            parent = f"{prefix}/0" if n % 3 == 2 else ""
            rows.append(f"{prefix}/{n},Title,implementation,2024-01-01,{','.join(said)},{countries},16020,{parent}\n")
        header = "code,title,status,planned_start,planned_end,officer,unit,countries,sectors,parent\n"
        with count_queries(office) as statements:
            report = load(office, "projects", header + "".join(rows), tmp_path)
        return len(statements), report

    for ends, unit in (("2027-06-30", "ROAF"), ("2028-06-30", "ROAF"), ("2020-06-30", "NOWHERE")):
        (few, _), (many, report) = (asked(prefix, number, ends, unit) for prefix, number in (("A", 36), ("B", 60)))
        assert few == many, ends
        came = (report.created, report.updated, report.unchanged, len(report.faults))
        assert came == {"2027": (60, 0, 0, 0), "2028": (0, 40, 20, 0), "2020": (0, 0, 20, 80)}[ends[:4]]
    with office.read() as session:
        chains = session.execute(select(_event.aggregate, _event.entity).order_by(_event.id)).all()
    for name, header, row in (
        (
            "allocations",
            "project,fiscal_year,source,kind,decided_on,amount,currency",
            "B/{0},{1},RB,original,2024-01-15,5,USD",
        ),
        ("evaluations", "reference,kind,independence,status,projects,ratings", "{1}-{0},final,internal,planned,B/{0},"),
    ):
        asked_of = []
        for number, year in ((52, 2024), (60, 2025)):
            rows = "".join(row.format(n, year) + "\n" for n in range(number))
            with count_queries(office) as statements:
                assert load(office, name, f"{header}\n{rows}", tmp_path).created == number
            asked_of.append(len(statements))
        assert asked_of[1] <= asked_of[0], name
    created = [chain for chain, entity in chains if chain.startswith("project:") and entity != "projects"]
    assert created[:240] == sorted(created[:240], key=lambda chain: int(chain.split(":")[1])), "project by project"


def test_rows_that_go_in_together_are_refused_as_they_are_alone(office: Database, tmp_path: Path) -> None:
    header = "code,title,status,parent,iati_identifier\n"
    first = "A,Title,pipeline,,\nB,Title,pipeline,,\nC,Title,pipeline,,\nGONE,Title,pipeline,,\n"
    assert load(office, "projects", header + first, tmp_path).created == 4
    with office.write("anna") as session:
        archive_project(session, LOCAL, session.scalars(select(Project).where(table(Project).c.code == "GONE")).one())
    before = count(office, AuditEvent)
    rows = "GONE,Other,pipeline,,\nA,Title,pipeline,B,\nB,Title,pipeline,A,\nN,Title,pipeline,C,\nC,Title,pipeline,N,\n"
    report = load(office, "projects", header + rows, tmp_path, row_wise=True)
    assert [(fault.row, fault.rule) for fault in report.faults] == [
        (2, "archived"), (4, "project.parent-circle"), (6, "project.parent-circle"),
    ]  # fmt: skip
    assert (report.created, report.updated) == (1, 1)
    with office.read() as session:
        events = select(_event.action, _event.entity).where(_event.id > before).order_by(_event.id)
        told = [tuple(row) for row in session.execute(events) if row[1] == "projects"]
    assert told == [("update", "projects"), ("create", "projects")]
    # one takes an identifier that another row was to have: what came before the refusal is told once
    before = count(office, AuditEvent)
    taken = "A,Title,pipeline,B,XM-EX-1-Y\nY,Title,pipeline,,XM-EX-1-Y\n"
    report = load(office, "projects", header + taken, tmp_path, row_wise=True)
    assert (report.updated, report.created, [fault.row for fault in report.faults]) == (1, 0, [3])
    assert count(office, AuditEvent) == before + 1


def test_rows_that_go_in_together_tell_the_story_of_rows_that_go_in_alone(office: Database, tmp_path: Path) -> None:
    tables = (
        ("units", "code,name,head\n", "{0}U,{0} unit,{1}\n{0}V,{0} other,\n{0} X,Spaces,\n"),
        ("officers", "code,name,email,unit\n", "{0}O,Ann,{1}@example.org,{0}U\n{0}P,Bo,b@example.org,{0}W\n"),
        (
            "partners",
            "code,name,category,iati_ref,country,name_fr\n",
            "{0}1,{0} Ministry,government,XM-{0}-1,KE,{1}\n{0}2,{0} Fund,foundation,,,\n{0}3,Bank,ifi,,Kenya,\n",
        ),
        # one takes the name of another, two are one organisation, and one gets to be known by its identifier
        ("partners", "code,name,category,iati_ref\n", "{0}1,{0} Fund,government,XM-{0}-1\n{0}5,{0} Fund,foundation,\n"),
        (
            "partners",
            "code,name,category,iati_ref\n",
            "{0}2,{0} Fund,foundation,XM-{0}-2\n{0}6,{0},other-igo,XM-{0}-2\n",
        ),
    )
    told = []
    for prefix, ahead in (("zza", True), ("zzb", False)):
        with office.read() as session:
            # not their count: what is tried and taken back takes numbers too
            before, story = session.scalar(select(func.max(_event.id))) or 0, []
        for name, header, rows in tables:
            whole = kind(name) if ahead else replace(kind(name), ahead=None)
            for said in ("one", "two", "two"):
                path = tmp_path / f"{name}.csv"
                path.write_text(header + rows.format(prefix, said), encoding="utf-8")
                report = import_table(office, LOCAL, whole, path, today=TODAY, row_wise=True)
                faults = [(fault.row, fault.column, fault.message) for fault in report.faults]
                story.append((report.created, report.updated, report.unchanged, faults))
        with office.read() as session:
            events = session.execute(
                select(_event.entity, _event.action, _event.before, _event.after)
                .where(_event.id > before, _event.entity != "imports")
                .order_by(_event.id)
            )
            story += [tuple(row) for row in events]
        told.append(re.sub(rf"'(organisation_|unit_)?id': [0-9]+|{prefix}", "", repr(story)))
    assert told[0] == told[1]


def test_a_key_that_stands_twice_is_a_fault(office: Database, tmp_path: Path) -> None:
    report = load(office, "units", UNITS + "ROAF,Afrique\n", tmp_path)
    assert [(fault.row, fault.rule) for fault in report.faults] == [(3, "table.repeated-key")]
    assert count(office, Unit) == 0


def test_a_period_written_in_two_ways_is_one_key(office: Database, tmp_path: Path) -> None:
    assert load(office, "projects", "code,title,status\nA/1,Title,implementation\n", tmp_path).created == 1
    columns = "project,fiscal_year,source,kind,decided_on,amount,currency\n"
    ways = ("2025", "2025-01-01..2025-12-31", "FY2025")
    written = "".join(f"A/1,{way},RB,original,2025-01-15,{100 + n},USD\n" for n, way in enumerate(ways))
    report = load(office, "allocations", columns + written, tmp_path)
    assert [(fault.row, fault.rule) for fault in report.faults] == [
        (3, "table.repeated-key"),
        (4, "table.repeated-key"),
    ]
    assert "Row 2 has the same project, fiscal_year" in report.faults[0].message
    assert not report.stored
    halves = "".join(f"A/1,{way},RB,original,2025-01-15,100,USD\n" for way in ("2025", "2025-Q1", "2025-26"))
    assert load(office, "allocations", columns + halves, tmp_path).created == 3, "a quarter is another period"


def test_a_day_of_a_key_written_in_two_ways_is_one_key(office: Database, tmp_path: Path) -> None:
    rates = "dates=dmy\ncurrency,effective_on,rate\nEUR,31.01.2025,0.9\nEUR,31/1/2025,0.91\n"
    report = load(office, "rates", rates, tmp_path)
    assert [(fault.row, fault.rule) for fault in report.faults] == [(4, "table.repeated-key")]


@pytest.mark.parametrize(
    ("columns", "row", "column"),
    [
        ("code,title,status", "A/1,Title,sleeping", "status"),
        ("code,title,status,planned_start", "A/1,Title,pipeline,31.12.2024", "planned_start"),
        ("code,title,status,planned_start,planned_end", "A/1,Title,pipeline,2024-02-01,2024-01-01", "planned_end"),
        ("code,title,status,total_budget,currency", 'A/1,Title,pipeline,"1,000",USD', "total_budget"),
        ("code,title,status,total_budget,currency", "A/1,Title,pipeline,-5,USD", "total_budget"),
        ("code,title,status,total_budget,currency", "A/1,Title,pipeline,5,XYZ", "currency"),
        ("code,title,status,countries", "A/1,Title,pipeline,KE:60|UG:30", "countries"),
        ("code,title,status,countries", "A/1,Title,pipeline,XX:100", "countries"),
        ("code,title,status,sectors", "A/1,Title,pipeline,99999:100", "sectors"),
        ("code,title,status,unit", "A/1,Title,pipeline,NOWHERE", "unit"),
        ("code,title,status", "A/1,Ti\x0ctle,pipeline", "title"),
    ],
)
def test_a_bad_cell_is_told_by_its_column(
    office: Database, tmp_path: Path, columns: str, row: str, column: str
) -> None:
    report = load(office, "projects", f"{columns}\n{row}\n", tmp_path)
    assert {(fault.row, fault.column) for fault in report.faults} == {(2, column)}
    assert count(office, Project) == 0


@pytest.mark.parametrize("each", KINDS, ids=lambda each: each.name)
def test_a_template_explains_each_column_and_its_example_parses(each: object) -> None:
    found = kind(str(getattr(each, "name", "")))
    header, example, meanings = found.template()
    assert set(found.required) <= set(header)
    assert [name for name, _ in meanings][: len(header)] == header
    assert all(cell for name, cell in zip(header, example, strict=True) if name in found.required)
    found.parse({name: cell for name, cell in zip(header, example, strict=True) if cell})


def test_columns_are_those_that_offices_were_promised() -> None:
    promised = {
        "units": "code name head head_email region",
        "officers": "code name email unit",
        "partners": "code name name_fr name_es category subcategory iati_ref iati_type country screening cleared_until",
        "agreements": "reference partner title preset status signed_on starts_on ends_on currency amount "
        "support_cost_rate gross earmarked_for framework modality aid_type",
        "funding-shares": "agreement project starts_on ends_on amount percent",
        "projects": "code title title_fr title_es description status planned_start planned_end actual_start actual_end "
        "total_budget currency unit officer backstopping_unit parent countries regions sectors sdg outcome "
        "gender_marker mid_term_agreed pilot humanitarian note",
        "revisions": "project field decided_on value reason",
        "allocations": "project fiscal_year source kind decided_on outcome country amount currency",
        "transactions": "document project pool agreement type date amount currency value_date description country "
        "sector assistance provider receiver adjusts reason",
        "encumbrances": "document project date amount currency kind",
        "rates": "currency effective_on rate",
        "instalments": "agreement due_on amount",
        "evaluations": "reference kind independence projects status planned_start planned_end completed_on manager "
        "budget currency report_url",
        "recommendations": "reference evaluation text response response_on owner due_on status",
        "results-framework": "framework level code title target result_total",
    }
    for name, columns in promised.items():
        assert not set(columns.split()) - set(kind(name).model.model_fields), name


def test_a_table_of_pools_may_use_the_former_names_of_its_days(office: Database, tmp_path: Path) -> None:
    report = load(office, "pools", "code,title,starts_on,ends_on\nRB,Regular,2020-01-01,2025-12-31\n", tmp_path)
    assert (report.faults, report.created) == ([], 1)
    again = "code,title,planned_start,planned_end\nRB,Regular,2020-01-01,2025-12-31\n"
    assert load(office, "pools", again, tmp_path).unchanged == 1
    wrong = load(office, "pools", "code,title,starts_on\nRB,Regular,31.12.2024\n", tmp_path)
    assert [(fault.row, fault.column) for fault in wrong.faults] == [(2, "starts_on")]
    header, _, _ = kind("pools").template()
    assert {"planned_start", "planned_end", "unit"} <= set(header)
    assert "starts_on" not in header


def test_an_unknown_kind_names_the_others() -> None:
    with pytest.raises(UsageError, match="projects"):
        kind("spreadsheets")


def test_headers_of_the_example_are_read_in_any_order(office: Database, tmp_path: Path) -> None:
    with (demo.PORTFOLIO / "01-units.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    lines = [";".join(reversed(rows[0].keys()))]
    lines += [";".join(f'"{cell}"' for cell in reversed(row.values())) for row in rows]
    report = load(office, "units", "\n".join(lines) + "\n", tmp_path)
    assert (report.faults, report.created) == ([], len(rows))


def test_an_empty_cell_leaves_a_value_and_a_dash_takes_it_away(office: Database, tmp_path: Path) -> None:
    assert load(office, "units", 'code,name,note\nU,Unit,Old\nV,Other,"""-"""\n', tmp_path).faults == []
    assert load(office, "units", "code,name,note\nU,Unit,\nV,Other,\n", tmp_path).unchanged == 2
    with office.read() as session:
        assert [row.note for row in session.scalars(select(Unit).order_by(Unit.code))] == ["Old", "-"]
    assert load(office, "units", "code,name,note\nU,Unit,-\n", tmp_path).updated == 1
    assert load(office, "units", "code,name\nU,-\n", tmp_path).faults == []
    with office.read() as session:
        assert [(row.name, row.note) for row in session.scalars(select(Unit).where(Unit.code == "U"))] == [("-", None)]
