"""``make cluster``: an office of many processes on this machine, which loses one of them after the other.

PostgreSQL with a synchronous standby, PgBouncer, nginx, a mail server, web processes and workers are started with the
settings that ``earmark deploy`` prints. While clients read and write and a release is published, a web process, a
worker in the middle of its job, the pooler and at last the primary are killed. Afterwards every write that was
acknowledged has to be there once.

``CLUSTER_SECONDS`` and ``CLUSTER_PROJECTS`` say how long and how much; exit status 1 when something was lost.
"""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.cluster.office import Office
from tests.cluster.people import Readers, Writers, told

SECONDS = float(os.environ.get("CLUSTER_SECONDS", "300"))
PROJECTS = int(os.environ.get("CLUSTER_PROJECTS", "20000"))
CLIENTS = 32


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def main() -> int:
    """The drill; gives the exit status."""
    missing = [name for name in ("pgbouncer", "nginx", "pg_basebackup") if shutil.which(name) is None]
    if missing:
        print(f"Not on this machine: {', '.join(missing)}. Debian has them as postgresql, pgbouncer, nginx-light.")
        return 2
    with tempfile.TemporaryDirectory(prefix="earmark-cluster-") as folder:
        return drill(Path(folder))


def drill(folder: Path) -> int:
    say(f"an office with {PROJECTS:,} projects is put together")
    with Office(folder, projects=PROJECTS) as office:
        writers = Writers(office, CLIENTS * 3 // 8)
        readers = Readers(office, CLIENTS - CLIENTS * 3 // 8)
        say(f"{CLIENTS} clients read and write for {SECONDS:.0f} s")
        releasing = threading.Thread(target=office.release, daemon=True)
        with readers, writers:
            started = time.monotonic()

            def at(part: float, what: str) -> None:
                time.sleep(max(0.0, started + part * SECONDS - time.monotonic()))
                say(what)

            at(0.05, "a release is prepared, approved and published")
            releasing.start()
            at(0.20, "a web process is killed")
            office.web[0].kill(signal.SIGKILL)
            at(0.25, "it is started again")
            office.web[0].start()
            at(0.35, "a worker is killed in the middle of its job")
            office.workers[0].kill(signal.SIGKILL)
            at(0.40, "it is started again")
            office.workers[0].start()
            at(0.55, "the pooler is killed, and started again after a second")
            office.pooler.process.kill()
            office.pooler.process.wait()
            time.sleep(1)
            office.pooler.start()
            at(0.75, "the primary is killed; the standby is promoted, and the pooler is told")
            office.fail_over()
            at(1.0, "the clients stop")
        releasing.join(timeout=600)
        say("what is left to be told is told")
        office.settle()
        faults = [*writers.surprises, *readers.broken, *office.faults(writers.acknowledged)]
        for line in told(office, writers, readers):
            print(f"   {line}")
        for fault in faults:
            print(f"   FAULT: {fault}")
        say("something was lost" if faults else "nothing was lost and nothing doubled")
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
