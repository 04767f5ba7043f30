"""Reading, modelling and writing a large real file, beside what lxml alone needs to parse it and write it again."""

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from iati.copying import copy_records
from iati.jsonform import from_json, to_json
from iati.model import Activity
from iati.reader import read_activities
from iati.writer import write_activity
from tests.bench.figures import Context, Figure, run_process

FILE = ("iati", "real", "dportal-XM-DAC-41114.xml")
COPIES = 10
#: Each figure is the best of this many tries, because other work on the machine only ever slows one down.
TRIES = 5


def bench(context: Context) -> list[Figure]:
    """Activities a second on one core, and the memory of whole processes at one and at ten times the size."""
    if context.reference is None:
        return []
    source = context.reference.joinpath(*FILE)
    xml = source.read_bytes()
    count = sum(1 for _ in read_activities(xml))
    size = f"{count:,} activities, {len(xml) / 2**20:.0f} MB"

    def figure(name: str, work: Callable[[], object], aim: str = "", against: str = "") -> Figure:
        rate = count / _seconds(work)
        return Figure(name=name, value=rate, unit="activities/s", size=size, baseline=against, aim=aim)

    alone = count / _seconds(lambda: etree.tostring(etree.fromstring(xml)))
    baseline = f"lxml alone, parse and serialise, no model: {alone:,.0f}"
    # What keeps many objects alive comes last: the collector would look through them during the other figures.
    figures = [
        figure("read, model, write", lambda: copy_records(read_activities(xml), io.BytesIO()), "≥ 2500", baseline),
        figure("read into the model", lambda: [record.index for record in read_activities(xml)]),
    ]
    models = [record.model for record in read_activities(xml) if record.model is not None]
    forms = [to_json(model) for model in models]
    return [
        *figures,
        figure("write the model", lambda: [write_activity(model) for model in models]),
        figure("model to JSON form", lambda: [to_json(model) for model in models]),
        figure("JSON form to model", lambda: [from_json(Activity, form) for form in forms]),
        *_memory(context, source),
    ]


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time, best of several tries."""
    best = float("inf")
    for _ in range(TRIES):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def _memory(context: Context, source: Path) -> list[Figure]:
    """Peak memory of ``python -m iati roundtrip`` on the file and on ten copies of it with identifiers of their own."""
    large = context.folder / "large.xml"
    xml = source.read_bytes()
    start, end = xml.index(b"<iati-activity "), xml.rindex(b"</iati-activities>")
    with large.open("wb") as stream:
        stream.write(xml[:start])
        for copy in range(COPIES):
            stream.write(xml[start:end].replace(b"<iati-identifier>", b"<iati-identifier>%d-" % copy))
        stream.write(xml[end:])
    one, ten = _roundtrip(source, context.folder), _roundtrip(large, context.folder)
    name, size = "peak memory of a round trip", f"{len(xml) / 2**20:.0f} MB"
    return [
        Figure(name=name, value=one, unit="MiB", size=size),
        Figure(
            name=f"{name}, ten times the size",
            value=ten,
            unit="MiB",
            size=f"{COPIES} × {size}",
            baseline=f"{one:.0f} MiB for one",
            aim=f"≤ {one * 1.2:.0f}",
        ),
    ]


#: Run between us and the command: what a process inherits from its parent counts as its own memory, so be small.
_PROBE = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def _roundtrip(path: Path, folder: Path) -> float:
    command = (sys.executable, "-m", "iati", "roundtrip", str(path), "--out", str(folder / "out.xml"))
    printed = run_process(sys.executable, "-c", _PROBE, *command).output
    return int(printed) / (1024 if sys.platform != "darwin" else 1024 * 1024)
