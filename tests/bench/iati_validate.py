"""Full validation, report included, beside what lxml needs to parse the same file and check its XSD alone.

Both as whole processes, start-up and output included, on a large real file and on ten copies of it with identifiers of
their own. Runs alternate, and the best of several is taken, because other work on the machine only slows one down.
"""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.figures import Context, Figure, ProcessRun, run_process

FILE = ("iati", "real", "dportal-XM-DAC-41114.xml")
SCHEMA = ("iati", "standard-2.03", "xsd", "iati-activities-schema.xsd")
AS_OF = "2026-11-20"
COPIES = 10
TRIES = 5

#: What anybody would have to do: parse, check the schema, say whether it is kept.
BASELINE = """
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
print(schema.validate(etree.parse(sys.argv[2])))
"""


def bench(context: Context) -> list[Figure]:
    if context.reference is None:
        return []
    found = bench_validate(context.reference)
    figures = []
    for name, each in found["files"].items():
        size = f"{each['activities']:,} activities, {each['megabytes']:.0f} MB, {each['findings']:,} findings"
        lxml = f"lxml parse and XSD {each['lxml']['wall']:.2f} s, {each['lxml']['cpu']:.2f} s of the processor"
        figures += [
            Figure(
                name=f"validate {name} in one process, processor time over lxml's",
                value=each["ratio"],
                unit="×",
                size=size,
                baseline=lxml,
                aim="≤ 1.5",
            ),
            Figure(
                name=f"validate {name} as it is without being told, clock over lxml's",
                value=each["clock"],
                unit="×",
                size=size,
                baseline=lxml,
                aim="≤ 1.5",
            ),
            Figure(
                name=f"validate {name} in one process", value=each["one"]["wall"], unit="s", size=size, baseline=lxml
            ),
            Figure(
                name=f"validate {name} as it is without being told",
                value=each["untold"]["wall"],
                unit="s",
                size=size,
                baseline="same output" if each["same_output"] else "OUTPUT DIFFERS",
            ),
            Figure(
                name=f"validate {name}, peak memory",
                value=each["one"]["peak"],
                unit="MiB",
                size=size,
                baseline=f"lxml {each['lxml']['peak']:.0f}",
            ),
        ]
    figures.append(Figure(name="validate, memory at ten times the size", value=found["growth"], unit="×", aim="≤ 1.25"))
    return figures


def bench_validate(reference: Path) -> dict[str, Any]:
    """Seconds and peak MiB of validation (in ``one`` process, and ``untold`` how many) and of ``lxml`` alone, by file.

    ``ratio`` is processor time of one process over that of lxml, which other work on the machine changes least;
    ``clock`` the same by the clock where nobody says how many processes; ``growth`` is peak memory on the ten copies
    over that on one.
    """
    source = reference.joinpath(*FILE)
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
        longer = Path(folder) / "ten.xml"
        _copies(source, longer)
        files = {
            "one file": _measured(reference, source, TRIES),
            "ten copies": _measured(reference, longer, 1),
        }
    growth = files["ten copies"]["one"]["peak"] / files["one file"]["one"]["peak"]
    return {"files": files, "growth": growth}


def _copies(source: Path, target: Path) -> None:
    """Write the records of a file several times over, each copy with identifiers of its own."""
    content = source.read_bytes()
    start, end = content.index(b"<iati-activity "), content.rindex(b"</iati-activities>")
    with target.open("wb") as out:
        out.write(content[:start])
        for copy in range(COPIES):
            suffix = f"-copy{copy}</iati-identifier>".encode()
            out.write(content[start:end].replace(b"</iati-identifier>", suffix))
        out.write(content[end:])


def _measured(reference: Path, source: Path, tries: int) -> dict[str, Any]:
    schema = str(reference.joinpath(*SCHEMA))
    command = (sys.executable, "-m", "iati", "validate", str(source), "--format", "json", "--as-of", AS_OF)
    alone = (*command, "--jobs", "1")
    lxml, one, untold = [], [], []
    for _ in range(tries):
        lxml.append(run_process(sys.executable, "-c", BASELINE, schema, str(source)))
        one.append(run_process(*alone))
        untold.append(run_process(*command))
    return {
        "lxml": _best(lxml, (sys.executable, "-c", BASELINE, schema, str(source))),
        "one": _best(one, alone),
        "untold": _best(untold, command),
        "ratio": min(run.cpu for run in one) / min(run.cpu for run in lxml),
        "clock": min(run.wall for run in untold) / min(run.wall for run in lxml),
        "same_output": len({hashlib.sha256(run.output).digest() for run in (*one, *untold)}) == 1,
        "activities": _occurrences(source, b"<iati-activity "),
        "megabytes": source.stat().st_size / 2**20,
        "findings": one[0].output.count(b'\n {"rule": '),
    }


#: Runs a command and prints its peak memory in KiB. A process counts the memory of the one it was split off from as its
#: own, so this small one stands between.
PEAK = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = status
print(usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1))
"""


def _best(runs: list[ProcessRun], command: tuple[str, ...]) -> dict[str, float]:
    return {
        "wall": min(run.wall for run in runs),
        "cpu": min(run.cpu for run in runs),
        "peak": int(run_process(sys.executable, "-c", PEAK, *command).output) / 1024,
    }


def _occurrences(path: Path, needle: bytes) -> int:
    """How often a short text occurs in a file, without holding the file."""
    count, rest = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += (rest + block).count(needle)
            rest = block[-len(needle) + 1 :]
    return count
