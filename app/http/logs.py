"""Logs as one JSON object a line on standard error; never tokens, bodies or query strings.

Every line that comes of a request, or of the run of a job, has its id.
"""

import json
import logging
from typing import Any

from app.causes import cause

_FIELDS = ("request_id", "method", "route", "status", "milliseconds", "actor")


class JsonLines(logging.Formatter):
    """Formats a record with the fields that the HTTP layer adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if doing := cause():
            entry["request_id"] = doing
        entry.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


#: configuration of logging for the server and each of its workers; uvicorn's own lines of access are left out, since
#: they hold whole addresses, and with them the tokens of calendar feeds
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "app.http.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"uvicorn.access": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
}
