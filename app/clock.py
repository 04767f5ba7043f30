"""Today, in the organisation's time zone. Only commands, routes and the timetable ask; everything below takes a day."""

import datetime as dt
from zoneinfo import ZoneInfo

from app.config import Settings


def today(settings: Settings) -> dt.date:
    """The date now in the configured time zone."""
    return dt.datetime.now(ZoneInfo(settings.timezone)).date()
