"""What a process of its own runs, to be killed or to compete."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

from app.config import Settings
from app.db.engine import open_database
from app.jobs.runner import run_job
from app.jobs.timetable import job
from tests.kills.points import walk


def run_alerts(settings: dict[str, Any], as_of: str, last: int, through: str) -> None:
    """Runs the alert job once, deliveries included; dies at point ``last`` of its work.

    Where the job has fewer points, their number is left in the file ``through``.
    """
    points = walk(last, Path(through).with_suffix(".died"))
    chosen = Settings(_env_file=None, **settings)  # type: ignore[call-arg]
    database = open_database(chosen)
    run_job(database, chosen, job("evaluation-alerts"), dt.date.fromisoformat(as_of))
    database.dispose()
    Path(through).write_text(str(len(points.names)), encoding="utf-8")


def run_alerts_at(settings: dict[str, Any], as_of: str, moment: float) -> None:
    """The same, beginning at a moment of the clock."""
    chosen = Settings(_env_file=None, **settings)  # type: ignore[call-arg]
    database = open_database(chosen)
    time.sleep(max(0.0, moment - time.time()))
    run_job(database, chosen, job("evaluation-alerts"), dt.date.fromisoformat(as_of))
    database.dispose()
