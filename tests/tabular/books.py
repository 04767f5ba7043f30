"""Workbooks as programs and people make them, with the traps that a reader falls into."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ["code", "title", "amount"]


def book(path: Path, *rows: list[object], fill: Callable[[Workbook, Worksheet], None] | None = None) -> Path:
    """A workbook of one sheet; ``fill`` may change it before it is saved."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(row)
    if fill is not None:
        fill(workbook, sheet)
    workbook.save(path)
    return path


def rewritten(
    source: Path, target: Path, change: Callable[[str, bytes], bytes | None], added: dict[str, bytes] | None = None
) -> Path:
    """The archive with each part as ``change`` gives it (None leaves the part out), and further parts."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return target


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Replaces bytes in the cells of the first sheet."""
    return lambda name, content: content.replace(old, new) if name == "xl/worksheets/sheet1.xml" else content
