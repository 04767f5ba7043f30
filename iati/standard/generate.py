"""Writes every file that follows from the description: ``python -m iati.standard.generate``.

The files are committed; a test proves that they are what the description gives.
"""

from collections.abc import Iterator
from pathlib import Path

from iati.standard.emit_json import json_module, json_schema
from iati.standard.emit_model import model_modules, model_package
from iati.standard.emit_reader import reader_module
from iati.standard.emit_reference import reference_page
from iati.standard.emit_schema import schema_files
from iati.standard.emit_writer import writer_module

ROOT = Path(__file__).resolve().parents[2]


def generated_files() -> Iterator[tuple[str, str]]:
    """(path below the project's root, text) of every generated file."""
    yield "iati/model/__init__.py", model_package()
    for module, source in model_modules():
        yield f"iati/model/{module}.py", source
    yield "iati/generated/reader.py", reader_module()
    yield "iati/generated/writer.py", writer_module()
    yield "iati/generated/json.py", json_module()
    yield "schemas/iati-record.schema.json", json_schema()
    yield "schemas/REFERENCE.md", reference_page()
    for name, text in schema_files():
        yield f"schemas/{name}", text


def main() -> None:
    """Write the files where they differ."""
    for name, text in generated_files():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
