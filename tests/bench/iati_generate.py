"""Generating activity files: our model and writer beside okfn-iati, the peer on the package index, in the same run.

Both sides start from the same plain facts, build their own models of them and write a file, each as a whole process.
The two files are compared by meaning, so that nobody wins by leaving something out. The peer is no dependency of the
project: name an interpreter that has it in EARMARK_BENCH_PEER_PYTHON; without it only our side is measured.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from iati.diff import compare
from tests.bench import generate_facts
from tests.bench.figures import Context, Figure, run_process

HERE = Path(__file__).parent
ACTIVITIES = 2_000
MANY = 20_000


def bench(_context: Context) -> list[Figure]:
    found = bench_generate()
    size = f"{found['activities']:,} activities, {found['megabytes']:.1f} MB"
    peer = found["peer"]
    figures = [
        Figure(
            name="generation, build and write",
            value=found["per_second"],
            unit="activities/s",
            size=size,
            baseline=f"okfn-iati {peer['per_second']:,.0f}" if peer else "okfn-iati is not at hand",
        ),
        Figure(
            name="generation, peak memory",
            value=found["peak_many"],
            unit="MiB",
            size=f"{MANY:,} activities",
            baseline=f"{found['peak']:.0f} at {ACTIVITIES:,}"
            + (f"; okfn-iati {peer['peak']:.0f} at {ACTIVITIES:,}" if peer else ""),
        ),
    ]
    if peer:
        figures.append(
            Figure(
                name="generation, times as fast as okfn-iati",
                value=found["per_second"] / peer["per_second"],
                unit="×",
                size=size,
                baseline="same meaning" if peer["same"] else "the two files differ in meaning",
            )
        )
    return figures


def bench_generate() -> dict[str, Any]:
    """Speed (activities per second) and peak memory (MiB) of our side, and under ``peer`` the peer's, or None."""
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as name:
        folder = Path(name)
        facts, ours, theirs = folder / "facts.json", folder / "ours.xml", folder / "theirs.xml"
        generate_facts.write(facts, MANY)
        many = _measure(sys.executable, "-m", "tests.bench.generate_ours", str(facts), str(ours))
        generate_facts.write(facts, ACTIVITIES)
        own = _measure(sys.executable, "-m", "tests.bench.generate_ours", str(facts), str(ours))
        peer = None
        if interpreter := _peer():
            found = _measure(interpreter, str(HERE / "generate_peer.py"), str(facts), str(theirs))
            peer = {**found, "same": compare(ours, theirs).same}
        return {
            "activities": ACTIVITIES,
            "megabytes": ours.stat().st_size / 1e6,
            **own,
            "peak_many": many["peak"],
            "peer": peer,
        }


def _measure(*command: str) -> dict[str, float]:
    run = run_process(*command)
    return {"per_second": ACTIVITIES / float(run.output), "peak": run.peak}


def _peer() -> str | None:
    """The interpreter that has the peer; None when none is named or it lacks it."""
    interpreter = os.environ.get("EARMARK_BENCH_PEER_PYTHON")
    if not interpreter:
        return None
    present = subprocess.run([interpreter, "-c", "import okfn_iati"], capture_output=True, check=False)
    return interpreter if present.returncode == 0 else None
