"""What the layout promises, held by reading the source."""

import ast
import re
import subprocess
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from app.db import diagram
from tests.commands import commands_named, misnamed

ROOT = Path(__file__).resolve().parents[1]
STATEMENTS = frozenset({"select", "insert", "update", "delete", "text"})
#: where statements may be written
STATEMENT_PLACES = re.compile(r"app/(db/.*|[a-z]+/(.+/)?queries[a-z_]*)\.py")


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def statement_calls(path: Path) -> list[str]:
    """Calls of SQLAlchemy's statement functions in a module, as "line: name"."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"sqlalchemy", "sqlmodel"}
        for alias in node.names
        if alias.name in STATEMENTS
    }
    return [
        f"{node.lineno}: {node.func.id}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in imported
    ]


def circle_of(imports: Mapping[str, set[str]]) -> list[str]:
    """Modules each of which imports the next, the last one the first; empty where there are none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_is_imported_by_what_it_imports() -> None:
    """Neither when it is loaded, nor in a function, nor for the types alone: who reads one need not read the other."""
    graph = grimp.build_graph("app", "iati", "schemas", "migrations", cache_dir=None)
    assert circle_of({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}) == []


def test_the_rule_about_circles_sees_one() -> None:
    assert circle_of({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    assert not circle_of({"a": {"b", "c"}, "b": {"c"}})


def test_statements_stand_only_in_queries() -> None:
    found = {
        str(path.relative_to(ROOT)): calls
        for path in sources("app")
        if not STATEMENT_PLACES.fullmatch(str(path.relative_to(ROOT))) and (calls := statement_calls(path))
    }
    assert found == {}


def test_the_rule_about_statements_sees_a_statement(tmp_path: Path) -> None:
    module = tmp_path / "service.py"
    module.write_text("from selectors import select\n\nrows = select(1)\n")
    assert statement_calls(module) == []
    module.write_text("from sqlmodel import select as pick\n\nrows = pick(1)\n")
    assert statement_calls(module) == ["3: pick"]
    module.write_text("from sqlalchemy import select\n\nrows = select(1)\n")
    assert statement_calls(module) == ["3: select"]


def test_nobody_but_the_boundary_commits() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("app")
        if path.parent.name != "db"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert offenders == []


@pytest.mark.parametrize("folder", ["app/domain"])
def test_rules_ask_no_clock(folder: str) -> None:
    clocks = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow|time\.time)\b")
    assert [str(path) for path in sources(folder) if clocks.search(path.read_text(encoding="utf-8"))] == []


def test_no_test_measures_time() -> None:
    """A slow machine is no failure: speed is measured in benches."""
    clocks = re.compile(r"\b(perf_counter|process_time|timeit)\b")
    found = [path for path in sources("tests") if "bench" not in path.parts and path != Path(__file__)]
    assert [str(path) for path in found if clocks.search(path.read_text(encoding="utf-8"))] == []


def test_the_lock_and_the_project_name_no_package_host() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    hosts = re.compile("|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs\.org"]))
    found = [
        name
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file() and hosts.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
    lock = (ROOT / "requirements" / "base.txt").read_text()
    assert lock.count("--hash=sha256:") > lock.count("==") > 10
    assert "://" not in lock


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((ROOT / "app" / "handbook").glob("*.md"))],
    ids=lambda page: page.name,
)
def test_texts_name_commands_that_exist(page: Path) -> None:
    lines = list(commands_named(page.read_text(encoding="utf-8")))
    assert page.name != "README.md" or len(lines) > 15
    assert [wrong for line in lines if (wrong := misnamed(line))] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("earmark db upgrade | check | backup FILE", None),
        ("earmark token list|revoke", None),
        ("earmark export activities [--out FILE] --drafts", None),
        ("earmark token list|lose", "there is no command lose"),
        ("earmark database check", "there is no command database"),
        ("earmark db", "a command is missing"),
        ("earmark export activities --file F", "there is no option --file"),
    ],
)
def test_the_rule_about_commands_sees_one_that_is_wrong(line: str, wrong: str | None) -> None:
    assert misnamed(line) == (None if wrong is None else f"{line}: {wrong}")


def test_the_handbook_shows_the_tables_as_they_are() -> None:
    assert diagram.PAGE.read_text(encoding="utf-8") == diagram.page(), "run: python -m app.db.diagram"


def frozen_exceptions(path: Path) -> list[str]:
    """Exceptions that are frozen dataclasses."""
    return [
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(re.search(r"(Exception|Error|Fault)$", ast.unparse(base)) for base in node.bases)
        and any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]


def test_no_exception_is_frozen(tmp_path: Path) -> None:
    """A context manager sets the traceback of an exception that passes through it, which a frozen one refuses."""
    assert {path.name: found for path in sources("app", "iati") if (found := frozen_exceptions(path))} == {}
    module = tmp_path / "faults.py"
    module.write_text("@dataclass(frozen=True)\nclass Fault(Exception):\n    line: int\n")
    assert frozen_exceptions(module) == ["Fault"]
