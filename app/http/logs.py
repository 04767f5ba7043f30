"""Logs as one JSON object a line on standard error; never tokens, bodies or query strings."""

import json
import logging
import sys

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
        entry.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def log_as_json(level: int = logging.INFO) -> None:
    """Sends everything the process logs to standard error; ``earmark serve`` calls this once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
