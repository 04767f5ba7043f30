"""``python -m iati validate``: what it prints, and its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iati.__main__ import main
from iati.validator import validate
from tests.iati.test_validator_files import many
from tests.iati.validated import AS_OF, activity, file
from tests.reference import needs_reference, reference

NO_SECTOR = "The activity has no sector. Add one to the activity, or to each of its transactions."
DAY = ("--as-of", AS_OF.isoformat())


def run(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, bytes, bytes]:
    status = main(["validate", *arguments])
    out, err = capfdbinary.readouterr()
    return status, out, err


def write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_json_is_a_list_with_an_object_for_each_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    good = write(tmp_path, "good.xml", file(activity()))
    bad = write(tmp_path, "bad.xml", file(activity(sectors="")))
    status, out, _ = run(capfdbinary, good, bad, "--format", "json", *DAY)
    first, second = json.loads(out)
    nothing = {"critical": 0, "error": 0, "warning": 0, "advisory": 0}
    assert status == 1
    assert first == {
        "file": good,
        "file_type": "iati-activities",
        "version": "2.03",
        "valid": True,
        "summary": nothing,
        "findings": [],
    }
    assert list(first) == ["file", "file_type", "version", "valid", "summary", "findings"]
    assert second["summary"] == nothing | {"error": 1}
    assert second["findings"] == [
        {
            "rule": "6.2.2",
            "severity": "error",
            "category": "classifications",
            "activity": "XM-DAC-41122-1",
            "path": "/iati-activities/iati-activity[1]",
            "line": 2,
            "message": NO_SECTOR,
        }
    ]


def test_text_names_activity_line_rule_and_advice(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    bad = write(tmp_path, "bad.xml", file(activity(sectors="")))
    status, out, _ = run(capfdbinary, bad, *DAY)
    assert status == 1
    assert out.decode().splitlines() == [
        f"{bad} (iati-activities 2.03): valid; 1 error",
        "  XM-DAC-41122-1",
        "    line 2      error     6.2.2     " + NO_SECTOR,
        "                                    at /iati-activities/iati-activity[1]",
    ]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (file(activity()), 0),
        (file(activity(sectors='<sector code="92010"/>\n')), 0),
        (file(activity().replace("XM-DAC-41122-1", "ZZ-1")), 0),
        (file(activity(sectors="")), 1),
        (file(activity(sectors="<odd/>")), 1),
        (b"no xml", 1),
    ],
)
def test_exit_status_tells_errors_from_warnings(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], content: bytes, status: int
) -> None:
    assert run(capfdbinary, write(tmp_path, "a.xml", content), *DAY)[0] == status


def test_a_file_that_is_not_there_is_wrong_usage_and_the_others_are_judged(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    good = write(tmp_path, "good.xml", file(activity()))
    status, out, err = run(capfdbinary, str(tmp_path / "absent.xml"), good, str(tmp_path), "--format", "json", *DAY)
    assert status == 2
    assert [each["file"] for each in json.loads(out)] == [good]
    assert b"absent.xml: cannot be opened" in err


@pytest.mark.parametrize(
    "words", [["--jobs", "0"], ["--schemas", "/nowhere"], ["--as-of", "soon"], ["--format", "pdf"]]
)
def test_wrong_words_are_wrong_usage(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["validate", write(tmp_path, "a.xml", file(activity())), *words])
    assert stopped.value.code == 2


def test_a_report_larger_than_memory_allows_is_the_same(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "a.xml", many(300))
    _, whole, _ = run(capfdbinary, path, "--format", "json", *DAY)
    monkeypatch.setattr("iati.validator.output._IN_MEMORY", 1000)
    monkeypatch.setattr("iati.validator.output._BLOCK", 1000)
    _, spooled, _ = run(capfdbinary, path, "--format", "json", *DAY)
    assert spooled == whole
    (report,) = json.loads(whole)
    assert [each["rule"] for each in report["findings"]] == [
        each.rule for each in validate(Path(path), as_of=AS_OF).findings
    ]


def test_two_jobs_print_what_one_prints(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = write(tmp_path, "a.xml", many(700))
    for form in ("json", "text"):
        one = run(capfdbinary, path, "--format", form, *DAY)
        assert run(capfdbinary, path, "--format", form, "--jobs", "2", *DAY) == one
        assert one[1]


def command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "iati", "validate", *arguments], capture_output=True, check=False, env=dict(os.environ)
    )


def test_the_command_runs_as_a_program(tmp_path: Path) -> None:
    done = command(write(tmp_path, "a.xml", file(activity(sectors=""))), "--format", "json", *DAY)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert (done.returncode, done.stderr, len(found)) == (1, b"", 1)


@needs_reference
@pytest.mark.reference
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    source = reference("iati", "real", "dportal-XM-DAC-46004.xml")
    assert source is not None
    content = source.read_bytes()
    start, end = content.index(b"<iati-activity "), content.rindex(b"</iati-activities>")
    longer = tmp_path / "longer.xml"
    with longer.open("wb") as out:
        out.write(content[:start])
        for _ in range(10):
            out.write(content[start:end])
        out.write(content[end:])
    peaks = []
    for path in (source, longer):
        program = (
            "import resource, sys; from iati.__main__ import main; main(sys.argv[1:]);"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "validate", str(path), "--format", "json"], capture_output=True, check=True
        )
        peaks.append(int(done.stderr))
    assert peaks[1] < peaks[0] * 1.3
