"""Counts and durations of requests in the text form that Prometheus reads, summed over all processes of a service.

Processes share their counts through files in the folder that ``PROMETHEUS_MULTIPROC_DIR`` names; prometheus-client
reads that variable itself, when it is first imported. ``earmark serve --workers`` makes such a folder for as long as it
runs. Without the variable a process counts for itself.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

#: names the folder in which processes share their counts
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

#: upper limits of the classes of duration, in seconds
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

# when a counter was first used tells nobody anything, and doubles the lines
disable_created_metrics()


class Metrics:
    """The counters of a service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        # counters that are in files are read from there, for all processes, and not from this one's registry
        own = None if SHARED_FOLDER in os.environ else self._registry
        self._requests = Counter(
            "earmark_requests", "Requests answered, by method, route and status.", ["method", "route", "status"],
            registry=own,
        )  # fmt: skip
        self._seconds = Histogram(
            "earmark_request_seconds", "Time until the answer was sent, in seconds.", ["route"],
            registry=own, buckets=BUCKETS,
        )  # fmt: skip
        if own is None:
            MultiProcessCollector(self._registry)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """The exposition, UTF-8."""
        return generate_latest(self._registry)
