"""Processes that share work: no more than it is worth, and none that outlives whoever made it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iati.__main__ import main
from iati.validator import parallel
from tests.iati.test_validator_files import many
from tests.waiting import until

MEBIBYTE = 1 << 20

_SCRIPT = """
import os, sys, threading, time
from iati.processes import workers
if __name__ == "__main__":
    if sys.argv[1] == "spawned":
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    with workers(2) as pool:
        pids = {pool.submit(os.getpid).result(), pool.submit(os.getpid).result()}
        pids |= {each.pid for each in pool._processes.values()}
        print(*pids, flush=True)
        pool.submit(time.sleep, 600).result()
"""


#: the system allows one further process and no second one
_NO_SECOND = """
import errno, multiprocessing.context
from iati.processes import workers
made, start = [], multiprocessing.context.ForkProcess.start
def limited(process):
    if made:
        raise BlockingIOError(errno.EAGAIN, "no more")
    made.append(process)
    start(process)
multiprocessing.context.ForkProcess.start = limited
try:
    workers(2)
except OSError as error:
    print(error.errno == errno.EAGAIN, made[0].is_alive(), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are not forked")
def test_where_not_all_processes_may_be_made_there_is_none_and_nobody_waits_for_one() -> None:
    done = subprocess.run([sys.executable, "-c", _NO_SECOND], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_a_file_has_as_many_processes_as_it_is_worth(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr(parallel, "usable_cores", lambda: cores)
    found = [parallel.jobs_for(size * MEBIBYTE) for size in (0, 1, 3, 4, 12, 500)]
    assert found == [1, 1, 1, min(cores, 2), min(cores, 6), cores]


@pytest.mark.parametrize("made", ["forked", "spawned"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_whoever_made_it(tmp_path: Path, made: str, end: signal.Signals) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script), made], stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert pids
        assert all(_runs(pid) for pid in pids)
        process.send_signal(end)
    until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended; nobody may have asked for its end yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_file_prints_the_same_however_many_processes_it_is_worth(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.xml"
    path.write_bytes(many(700))
    printed = []
    for cores in (1, 2):
        monkeypatch.setattr(parallel, "usable_cores", lambda cores=cores: cores)
        monkeypatch.setattr(parallel, "_WORTH", 1 << 16)
        assert parallel.jobs_for(path.stat().st_size) == cores
        main(["validate", str(path), "--format", "json", "--as-of", "2026-11-20"])
        printed.append(capfdbinary.readouterr())
    assert printed[0] == printed[1]
    assert printed[0].out


def test_one_process_does_it_all_where_the_system_allows_no_further_one(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.xml"
    path.write_bytes(many(20))
    command = ["validate", str(path), "--format", "json", "--as-of", "2026-11-20", "--jobs"]
    main([*command, "1"])
    alone = capfdbinary.readouterr()

    def refused(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(parallel, "workers", refused)
    main([*command, "2"])
    assert capfdbinary.readouterr() == alone
