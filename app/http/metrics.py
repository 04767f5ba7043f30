"""Counts and durations of requests in the text form that Prometheus reads, summed over all processes of a service.

Processes share their counts through files in the folder that ``PROMETHEUS_MULTIPROC_DIR`` names; prometheus-client
reads that variable itself, when it is first imported. ``earmark serve --workers`` makes such a folder for as long as it
runs. Without the variable a process counts for itself.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.domain.terms import DeliveryState
from app.http.queries import DatabaseFigures

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

    def text(self, told: DatabaseFigures | None) -> bytes:
        """The exposition, UTF-8. ``told``: what the database says; None: it cannot be reached."""
        return generate_latest(self._registry) + generate_latest(_of_database(told))


def _of_database(told: DatabaseFigures | None) -> CollectorRegistry:
    """What every process tells alike, since it stands in the database."""
    registry = CollectorRegistry()
    Gauge("earmark_database_up", "Whether the database answers.", registry=registry).set(told is not None)
    if told is None:
        return registry
    done = Gauge(
        "earmark_job_done_seconds", "When a job was last done, in seconds since 1970.", ["job_name"], registry=registry
    )
    failed = Gauge("earmark_job_failed", "Whether the newest run of a job failed.", ["job_name"], registry=registry)
    for job in told.jobs:
        failed.labels(job.job).set(job.failed)
        if job.done_at is not None:
            done.labels(job.job).set(job.done_at.timestamp())
    messages = Gauge("earmark_messages", "Messages by state.", ["state"], registry=registry)
    for state in DeliveryState:
        messages.labels(state.value).set(told.messages.get(state, 0))
    oldest = Gauge(
        "earmark_messages_oldest_seconds", "How long the oldest message has been due and was not sent.",
        registry=registry,
    )  # fmt: skip
    oldest.set(max((told.at - told.due_since).total_seconds(), 0) if told.due_since else 0)
    return registry
