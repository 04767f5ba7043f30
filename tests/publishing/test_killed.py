"""An import that is killed from outside, without a chance to tidy up."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db.base import table
from app.db.engine import Database
from app.db.projects import Project
from app.db.publishing import ImportRun
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.publishing.importing.run import BATCH
from app.publishing.service import import_files
from tests.publishing.conftest import TODAY
from tests.publishing.xml import numbered, write

_IMPORT = """
import sys
from datetime import date
from pathlib import Path
from app.config import Settings
from app.db.engine import open_database
from app.domain.access import LOCAL
from app.publishing.service import import_files
import_files(open_database(Settings(database_url=sys.argv[1])), [Path(sys.argv[2])], LOCAL, as_of=date(2026, 11, 20))
"""


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table(Project))) or 0


@pytest.mark.slow
def test_killed_process_leaves_whole_batches_and_the_same_import_completes_them(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    count = BATCH * 6
    path = write(tmp_path, *(numbered(number) for number in range(count)))
    process = subprocess.Popen([sys.executable, "-c", _IMPORT, database_url, str(path)])
    deadline = time.monotonic() + 60
    while not stored(database) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = stored(database)
    assert 0 < left < count
    assert left % BATCH == 0
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(table(LedgerEntry))) == left * 3
        assert session.scalars(select(table(ImportRun).c.outcome)).all() == ["running"]
    (report,) = import_files(database, [path], LOCAL, as_of=TODAY).files
    assert (report.counts["activities_unchanged"], report.counts["activities_created"]) == (left, count - left)
