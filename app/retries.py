"""Repeated attempts, and how they are told: in the log, by what went wrong, without addresses, headers or bodies.

A command that waits for something that is away ends with its own message, so the attempts before it are no warning.
"""

import logging

from stamina import instrumentation
from stamina import retry_context as attempts

__all__ = ["attempts"]

log = logging.getLogger("earmark.retries")


def _tell(details: instrumentation.RetryDetails) -> None:
    failed = type(details.caused_by).__name__
    log.info("attempt %d failed (%s); the next one in %.1f seconds", details.retry_num, failed, details.wait_for)


instrumentation.set_on_retry_hooks([_tell])
