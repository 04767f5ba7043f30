"""``make cluster``: an office of many processes on this machine, which loses one of them after the other.

PostgreSQL with a synchronous standby, PgBouncer, nginx, an S3-compatible store, a mail server, web processes and
workers are started with the settings that ``earmark deploy`` prints. While clients read and write and a release follows
the one that is public, a web process, a worker in the middle of its job, the pooler and at last the primary are killed.
Afterwards every write that was acknowledged has to be there once, every duty told once, and whoever fetched the public
file has to have got the bytes of one release or the other. At last the moment before the clients came is brought back
from a base backup and the archive.

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

from tests.cluster.holding import faults
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
            at(0.35, "workers are started, and the one that has taken the alerts is killed in the middle of them")
            killed = office.kill_at_work()
            at(0.45, "it is started again")
            killed.start()
            at(0.55, "the pooler is killed, and started again after a second")
            office.pooler.process.kill()
            office.pooler.process.wait()
            time.sleep(1)
            office.pooler.start()
            at(0.75, "the primary is killed; the standby is promoted, and the pooler is told")
            office.fail_over()
            at(1.0, "the clients go on until the release is out, and stop")
            releasing.join(timeout=600)
            readers.see_both()
        say("what is left to be told is told")
        office.settle()
        for line in told(office, writers, readers):
            print(f"   {line}")
        found = faults(office, writers, readers)
        for fault in found:
            print(f"   FAULT: {fault}")
        say("something was lost" if found else "nothing was lost and nothing doubled")
        return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
