"""The frame of the command line, and the guide in the package."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from lxml import etree

import iati
from iati.__main__ import main
from iati.commands import COMMANDS


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_of_the_overview_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert f"python -m iati {name}" in capsys.readouterr().out


def test_every_module_of_a_command_is_in_the_overview() -> None:
    folder = Path(import_module("iati.commands").__file__ or "").parent
    modules = {path.stem for path in folder.glob("*.py") if "def add_parser(" in path.read_text(encoding="utf-8")}
    assert modules == {name for name, _ in COMMANDS}


@pytest.mark.parametrize("arguments", [[], ["wash"], ["roundtrip"], ["upgrade", "a", "b", "c"]])
def test_wrong_usage_ends_with_status_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m iati")


def test_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    source = tmp_path / "a.xml"
    record = "<iati-activity><iati-identifier>A</iati-identifier></iati-activity>"
    source.write_text(f'<iati-activities version="2.03">{record * 20_000}</iati-activities>', encoding="utf-8")
    command = f"{sys.executable} -m iati roundtrip {source} | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout == '<?xml version="1.0" encoding="UTF-8"?>\n'
    assert done.stderr == ""


def test_guide_in_the_package_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.xml").write_text('<iati-activities version="2.03"><iati-activity/></iati-activities>', encoding="utf-8")
    guide = iati.__doc__ or ""
    code = "\n".join(line[4:] for line in guide.splitlines() if line.startswith("    "))
    exec(compile(code, "guide", "exec"), {})
    assert etree.parse("new.xml").getroot()[0].get("default-currency") == "USD"
    named = [line.split("``")[1] for line in guide.splitlines() if line.startswith("``iati.")]
    assert [import_module(name).__name__ for name in named] == named
