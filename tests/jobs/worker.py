"""What a process of its own runs, to be killed or to compete."""

import datetime as dt
import time
from typing import Any

from app.config import Settings
from app.db.engine import open_database
from app.jobs.runner import run_job
from app.jobs.timetable import job


def run_alerts(settings: dict[str, Any], as_of: str) -> None:
    """Runs the alert job once, deliveries included."""
    chosen = Settings(_env_file=None, **settings)  # type: ignore[call-arg]
    database = open_database(chosen)
    run_job(database, chosen, job("evaluation-alerts"), dt.date.fromisoformat(as_of))
    database.dispose()


def run_alerts_at(settings: dict[str, Any], as_of: str, moment: float) -> None:
    """The same, beginning at a moment of the clock."""
    chosen = Settings(_env_file=None, **settings)  # type: ignore[call-arg]
    database = open_database(chosen)
    time.sleep(max(0.0, moment - time.time()))
    run_job(database, chosen, job("evaluation-alerts"), dt.date.fromisoformat(as_of))
    database.dispose()
