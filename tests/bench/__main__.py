"""``make bench``: speed and memory, each with its size and with what it is compared with in the same run.

Every bench is a module of this folder with a function ``bench(context) -> Iterable[Figure]``; a figure is
printed as soon as it is there. Names on the command line choose some benches: ``make bench ARGS="export imports"``.
Nothing here passes or fails: figures are for people.
"""

import gc
import os
import sys
import time
from importlib import import_module

from tests.bench.figures import Figure, line, prepared

BENCHES = (
    "iati_roundtrip",
    "iati_validate",
    "iati_generate",
    "export",
    "releases",
    "imports",
    "ledger",
    "evaluations",
    "reports",
    "http",
    "pages",
    "processes",
)


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    # a program that is installed has its modules compiled, so the processes that are measured keep theirs too
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures: list[Figure] = []
    with prepared() as context:
        print(context.describe(), flush=True)
        for name in BENCHES:
            if names and name not in names:
                continue
            started = time.perf_counter()
            print(f"\n{name}", flush=True)
            bench = import_module(f"tests.bench.{name}").bench
            # what is loaded stands: the more a program can do, the more the collector would look through beside
            # what is measured
            gc.freeze()
            for figure in bench(context):
                print(line(figure), flush=True)
                figures.append(figure)
            print(f"  ({time.perf_counter() - started:.0f} s)", flush=True)
    missed = [figure for figure in figures if figure.reached is False]
    print(f"\n{len(figures)} figures; {len(missed)} short of their aim")
    for figure in missed:
        print(f"  {figure.name}: {figure.value} {figure.unit}, aim {figure.aim}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
