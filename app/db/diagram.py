"""The tables as diagrams for people, written from the tables themselves: ``python -m app.db.diagram``.

One diagram for each module of tables, in the Mermaid notation for entities and relations. It shows keys and references
only: every further column stands with its meaning in the module. A test holds that the page is what this writes.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, Table, UniqueConstraint
from sqlmodel import SQLModel

import app
from app.db import tables
from app.db.base import table

#: the page that is written
PAGE = Path(app.__file__).parent / "handbook" / "data-model.md"

_HEAD = """\
# The tables

Written by `python -m app.db.diagram` from the modules of `app/db`: change those, then run it again.

Each part below is one module. A diagram shows keys (PK), references (FK) and what is unique (UK); a table of another
part appears by its name alone. `||` is exactly one, `|o` one or none, `o{` any number. Rows of a table marked **kept**
are changed by people, have a version, and are archived instead of deleted. Rows of a table marked **recorded** say when
and by whom they were recorded.
"""


def page() -> str:
    """The whole page."""
    classes = _row_classes()
    parts = (_part(name, own) for name in tables.__all__ if (own := classes.get(f"app.db.{name}")))
    return "\n".join([_HEAD, *parts])


def _row_classes() -> dict[str, list[type[SQLModel]]]:
    """Classes with a table, by their module, in the order in which they are written there."""
    found: dict[str, list[type[SQLModel]]] = {}
    waiting = list(SQLModel.__subclasses__())
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        if hasattr(each, "__table__"):
            found.setdefault(each.__module__, []).append(each)
    return {name: sorted(own, key=_line) for name, own in found.items()}


def _line(row_class: type[SQLModel]) -> int:
    return inspect.getsourcelines(row_class)[1]


def _part(name: str, classes: list[type[SQLModel]]) -> str:
    module = inspect.getdoc(getattr(tables, name)) or ""
    own = [table(each) for each in classes]
    lines = [
        f"## {name.replace('_', ' ').capitalize()}",
        "",
        f"`app/db/{name}.py`: {_first_sentence(module)}",
        "",
        "```mermaid",
    ]
    lines += ["erDiagram", *(line for each in own for line in _entity(each))]
    lines += [line for each in own for line in _references(each)]
    lines += ["```", ""]
    for row_class, each in zip(classes, own, strict=True):
        lines.append(f"- `{each.name}`{_mark(each)}: {_first_sentence(inspect.getdoc(row_class) or '')}")
    return "\n".join([*lines, ""])


def _entity(each: Table) -> Iterator[str]:
    yield f"    {each.name} {{"
    for column in each.columns:
        marks = _marks(each, column)
        if marks:
            yield f"        {type(column.type).__name__} {column.name} {', '.join(marks)}"
    yield "    }"


def _marks(each: Table, column: Column[object]) -> list[str]:
    marks = []
    if column.primary_key:
        marks.append("PK")
    if column.foreign_keys:
        marks.append("FK")
    if column.name in _unique(each):
        marks.append("UK")
    return marks


def _unique(each: Table) -> set[str]:
    """Columns that are unique by themselves or together."""
    together = {
        column.name
        for constraint in each.constraints
        if isinstance(constraint, UniqueConstraint)
        for column in constraint.columns
    }
    return together | {column.name for index in each.indexes if index.unique for column in index.columns}


def _references(each: Table) -> Iterator[str]:
    for column in each.columns:
        for reference in column.foreign_keys:
            one = "|o" if column.nullable else "||"
            many = "o|" if column.unique or column.primary_key else "o{"
            yield f"    {reference.column.table.name} {one}--{many} {each.name} : {column.name}"


def _mark(each: Table) -> str:
    names = set(each.columns.keys())
    if {"version", "archived_at"} <= names:
        return " (**kept**)"
    return " (**recorded**)" if "recorded_at" in names else ""


def _first_sentence(text: str) -> str:
    """The first paragraph on one line."""
    return " ".join(text.split("\n\n")[0].split()).replace("``", "`")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
