"""Counts and durations of requests in the text form that Prometheus reads. Each process counts for itself."""

from collections import Counter
from threading import Lock

#: upper limits of the classes of duration, in seconds
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_HELP = """\
# HELP earmark_requests_total Requests answered, by method, route and status.
# TYPE earmark_requests_total counter
"""
_HELP_DURATION = """\
# HELP earmark_request_seconds Time until the answer was sent, in seconds.
# TYPE earmark_request_seconds histogram
"""


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self._counts: Counter[str] = Counter()

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[method, route, status] += 1
            self._counts[route] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds
            for limit in BUCKETS:
                if seconds <= limit:
                    self._buckets[route, limit] += 1

    def text(self) -> str:
        """The exposition: one line for each counter, in a stable order."""
        with self._lock:
            requests = sorted(self._requests.items())
            buckets, counts, seconds = dict(self._buckets), dict(self._counts), dict(self._seconds)
        lines = [_HELP]
        for (method, route, status), count in requests:
            lines.append(
                f'earmark_requests_total{{method="{method}",route="{_quoted(route)}",status="{status}"}} {count}\n'
            )
        lines.append(_HELP_DURATION)
        for route in sorted(counts):
            label = f'route="{_quoted(route)}"'
            lines.extend(
                f'earmark_request_seconds_bucket{{{label},le="{limit:g}"}} {buckets.get((route, limit), 0)}\n'
                for limit in BUCKETS
            )
            lines.append(f'earmark_request_seconds_bucket{{{label},le="+Inf"}} {counts[route]}\n')
            lines.append(f"earmark_request_seconds_sum{{{label}}} {seconds[route]:.6f}\n")
            lines.append(f"earmark_request_seconds_count{{{label}}} {counts[route]}\n")
        return "".join(lines)


def _quoted(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
