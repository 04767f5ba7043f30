"""How often an address may try to sign in. Each process counts for itself; wrong passwords are counted by all."""

import math
import time
from functools import cache

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

from app.domain.told import Told

#: far more than people need, far fewer than guessing takes
TRIES = RateLimitItemPerMinute(30)


@cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


def count_try(request: Request) -> None:
    """Counts a try to sign in from this address; refuses with 429 and the time to wait when there were too many."""
    address = request.client.host if request.client else ""
    if _limiter().hit(TRIES, "sign-in", address):
        return
    reset = _limiter().get_window_stats(TRIES, "sign-in", address).reset_time
    wait = max(1, math.ceil(reset - time.time()))
    message = Told("Too many attempts to sign in came from this address: wait %(seconds)s seconds.", seconds=wait)
    raise HTTPException(429, message, headers={"Retry-After": str(wait)})


def forget() -> None:
    """Begins to count anew: for tests."""
    _limiter().storage.reset()
