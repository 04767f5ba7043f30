"""Thousands of files: a line for each, every process busy, and on again after a kill."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from iati.__main__ import main
from iati.validator import corpus, validate
from tests.iati.validated import AS_OF, activity, file

DAY = ("--as-of", AS_OF.isoformat())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with 40 files in two folders: some have an error, some are no XML."""
    for number in range(40):
        below = tmp_path / "files" / str(number % 2)
        below.mkdir(parents=True, exist_ok=True)
        faulty = {0: b"<iati-", 1: file(activity(sectors=""), activity(identifier="XM-DAC-41122-2", sectors=""))}
        (below / f"{number:02}.xml").write_bytes(faulty.get(number % 5, file(activity())))
    return tmp_path / "files"


def lines(report: Path) -> list[corpus.FileReport]:
    return sorted(map(json.loads, report.read_bytes().splitlines()), key=lambda line: str(line["file"]))


def test_a_line_says_of_each_file_what_the_validator_says(files: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    assert main(["validate", str(files), "--report", str(report), "--jobs", "2", *DAY]) == 1
    told = lines(report)
    assert [line["file"] for line in told] == sorted(map(str, files.rglob("*.xml")))
    for line in told:
        whole = validate(Path(line["file"]), as_of=AS_OF)
        assert (line["valid"], line["summary"]) == (whole.valid, whole.summary)
        assert sum(rule["count"] for rule in line["rules"]) == len(whole.findings)
    [rule] = lines(report)[0 if "01.xml" in told[0]["file"] else 20]["rules"]
    assert rule == {
        "rule": "6.2.2", "severity": "error", "count": 2, "activity": "XM-DAC-41122-1", "line": 2,
        "path": "/iati-activities/iati-activity[1]",
        "message": "The activity has no sector. Add one to the activity, or to each of its transactions.",
    }  # fmt: skip


DYING = """
import os, signal, sys
from iati.__main__ import main
from iati.validator import corpus

add, done = corpus.ReportFile.add, []

def add_some(self, report):
    if len(done) == 12:
        self._out.write(b'{"file": "cut o')
        self._out.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(report)
    add(self, report)

corpus.ReportFile.add = add_some
main(sys.argv[1:])
"""


def test_a_killed_run_goes_on_and_does_no_file_twice(files: Path, tmp_path: Path) -> None:
    whole, report = tmp_path / "whole.jsonl", tmp_path / "report.jsonl"
    main(["validate", str(files), "--report", str(whole), *DAY])
    command = ["validate", str(files), "--report", str(report), *DAY]
    assert subprocess.run([sys.executable, "-c", DYING, *command], check=False).returncode == -signal.SIGKILL
    before = report.read_bytes()
    assert len(before.splitlines()) == 13
    assert main([*command, "--resume", "--jobs", "2"]) == 1
    assert report.read_bytes().startswith(before.removesuffix(b'{"file": "cut o'))
    assert len(report.read_bytes().splitlines()) == 40
    assert lines(report) == lines(whole)


def test_going_on_does_again_what_has_changed_and_leaves_what_it_is_not_asked_about(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.jsonl"
    main(["validate", str(files), "--report", str(report), *DAY])
    changed = files / "1" / "01.xml"
    changed.write_bytes(file(activity()))
    capsys.readouterr()
    main(["validate", str(files / "1"), "--report", str(report), "--resume", *DAY])
    assert capsys.readouterr().out == f"20 files, 1 of them now: {report}\n"
    told = {line["file"]: line for line in lines(report)}
    assert len(told) == 40
    assert told[str(changed)]["rules"] == []


def test_another_report_is_never_written_over(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.jsonl"
    report.write_text("my notes\n")
    for words in ([], ["--resume"]):
        assert main(["validate", str(files), "--report", str(report), *words, *DAY]) == 2
    assert report.read_text() == "my notes\n"
    told = capsys.readouterr().err
    assert "is there already: go on with it by --resume, or remove it." in told
    assert "line 1 is not a line of such a report" in told


def dies(path: str | os.PathLike[str], *, as_of: date, jobs: int = 1) -> corpus.FileReport:
    """What validates a file, where one of them takes its process with it."""
    if str(path).endswith("07.xml"):
        os.kill(os.getpid(), signal.SIGKILL)
    return corpus.validate_file(path, as_of=as_of, jobs=jobs)


def test_a_file_that_kills_its_process_costs_no_other_its_report(files: Path) -> None:
    paths = corpus.files_below([files])
    told = {report["file"]: report for report in corpus.validate_corpus(paths, as_of=AS_OF, jobs=2, one=dies)}
    assert len(told) == 40
    assert [name for name, report in told.items() if "failed" in report] == [str(files / "1" / "07.xml")]


def test_a_large_file_is_shared_out_and_the_rest_goes_by_size(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def shared(path: str | os.PathLike[str], *, as_of: date, jobs: int = 1) -> corpus.FileReport:
        asked.append(jobs)
        return corpus.validate_file(path, as_of=as_of, jobs=jobs)

    large = files / "large.xml"
    large.write_bytes(file(*(activity(identifier=f"XM-DAC-41122-{number}", sectors="") for number in range(400))))
    monkeypatch.setattr(corpus, "LARGE", large.stat().st_size - 1)
    [report] = corpus.validate_corpus([large], as_of=AS_OF, jobs=2, one=shared)
    assert asked == [2]
    assert report["summary"]["error"] == 400
