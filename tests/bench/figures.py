"""What the benches share: figures with their aims, databases to fill, processes to measure."""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.postgres import PostgresServer, binaries
from tests.reference import ROOT


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured number: what, how much, on how large an input, compared with what."""

    name: str
    value: float
    unit: str
    #: size of what was worked on, such as "5,000 activities"
    size: str = ""
    #: what it is compared with, with its own figure
    baseline: str = ""
    #: "≥ 1500", "≤ 4", …; empty: none
    aim: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the aim was reached; None when there is none."""
        if not self.aim:
            return None
        sign, limit = self.aim.split()
        return self.value >= float(limit) if sign == "≥" else self.value <= float(limit)


@dataclass(kw_only=True)
class Context:
    """Where a bench works."""

    #: an empty folder
    folder: Path
    #: the official files; None where they are not at hand
    reference: Path | None
    server: PostgresServer | None
    _databases: int = field(default=0)

    def database_urls(self) -> dict[str, str]:
        """Addresses of new, empty databases: SQLite, and PostgreSQL where its binaries are."""
        self._databases += 1
        urls = {"SQLite": f"sqlite:///{self.folder / f'bench{self._databases}.db'}"}
        if self.server:
            urls["PostgreSQL"] = self.server.create(f"bench{self._databases}")
        return urls

    def describe(self) -> str:
        return (
            f"Python {platform.python_version()}, {os.cpu_count()} cores, "
            f"official files {'at hand' if self.reference else 'absent'}, "
            f"PostgreSQL {'at hand' if self.server else 'absent'}"
        )


@contextmanager
def prepared() -> Iterator[Context]:
    reference = ROOT if (ROOT / "iati").is_dir() else None
    folder_of_binaries = binaries()
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
        if folder_of_binaries is None:
            yield Context(folder=Path(folder), reference=reference, server=None)
            return
        with PostgresServer(folder_of_binaries) as server:
            yield Context(folder=Path(folder), reference=reference, server=server)


@dataclass(frozen=True, kw_only=True)
class ProcessRun:
    """A whole process: seconds of wall clock and of processor, memory in MiB, what it printed."""

    wall: float
    cpu: float
    #: the most it had, pages of files that it looked at in place included
    peak: float
    #: the most of its own, as far as was seen every few milliseconds; 0 where the system does not tell
    own: float
    output: bytes


def run_process(*command: str, environment: dict[str, str] | None = None) -> ProcessRun:
    """Runs ``command`` to its end in a process of its own and measures it with the operating system's accounts."""
    started, peak, own = time.perf_counter(), 0.0, 0.0
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, env={**os.environ, **(environment or {})})
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            memory = _memory(process.pid)
            peak, own = max(peak, memory.get("VmHWM", 0.0)), max(own, memory.get("RssAnon", 0.0))
            time.sleep(0.005)
        wall = time.perf_counter() - started
        _pid, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    return ProcessRun(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=peak or usage.ru_maxrss / _MAXRSS_IN_MIB,
        own=own,
        output=printed,
    )


#: units of ``ru_maxrss`` in a MiB
_MAXRSS_IN_MIB = 1024 if sys.platform != "darwin" else 1024 * 1024


def _memory(pid: int) -> dict[str, float]:
    """The memory of a running process by the system's names for it, in MiB; empty where the system does not tell.

    The account of an ended process also holds what its parent had when it was forked, which may be more.
    """
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    sizes = (line.split() for line in told.splitlines() if line.endswith(" kB"))
    return {size[0].rstrip(":"): int(size[1]) / 1024 for size in sizes}


def peak_memory() -> float:
    """Peak memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MAXRSS_IN_MIB


def line(figure: Figure) -> str:
    """A figure as a line, aligned with others."""
    number = f"{figure.value:,.2f}" if abs(figure.value) < 100 else f"{figure.value:,.0f}"
    aim = f"aim {figure.aim}{'' if figure.reached else '  ← short'}" if figure.aim else ""
    told = "; ".join(part for part in (figure.size, figure.baseline) if part)
    return f"  {figure.name:<66} {number:>9} {figure.unit:<12} {aim:<20} {told}".rstrip()
