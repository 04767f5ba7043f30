"""The domain knows no storage, no clock, no input and no floats: told from its source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import app.domain

ROOT = Path(app.domain.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
#: Parts of the standard library that reach outside.
OUTSIDE = {"os", "io", "pathlib", "socket", "sqlite3", "subprocess", "time", "random", "urllib", "http", "logging"}
CLOCKS = {"today", "now", "utcnow"}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield str(node.module)


def test_the_modules_are_found() -> None:
    assert {"money.py", "periods.py", "delivery.py", "changes.py"} <= {path.name for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_of_the_domain_is_pure(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name in imported(tree):
        first = name.split(".")[0]
        pure = name.startswith(("app.domain", "app.errors")) or (
            first in sys.stdlib_module_names and first not in OUTSIDE
        )
        assert pure, f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in CLOCKS, f"line {node.lineno} asks the clock"
            assert called not in {"open", "float", "print"}, f"line {node.lineno} calls {called}"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"a float in line {node.lineno}"
