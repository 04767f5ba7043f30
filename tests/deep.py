"""How many examples tests look at that draw what they try: few in each run of the suite, many in ``make deep``.

Those that Hypothesis draws, and those that are drawn by a seed, which are marked ``drawn``.
"""

import os

import pytest
from hypothesis import settings

#: how many times the examples of the suite
FACTOR = int(os.environ.get("EARMARK_EXAMPLES", "1"))
#: the first seed
_FIRST = int(os.environ.get("EARMARK_SEED", "0"))
#: a run of its own for them, which looks at others each time
DEEP = FACTOR > 1


def seeds(few: int) -> range:
    """For the parameter of a test that draws by a seed: as many as the suite tries, or so many times others."""
    return range(_FIRST, _FIRST + few * FACTOR)


def deepen(items: list[pytest.Item]) -> None:
    """Lets each of these tests that draws examples look at so many more."""
    for item in items:
        test = getattr(item, "obj", None)
        usual = getattr(test, "_hypothesis_internal_use_settings", None)
        if usual is not None and not hasattr(test, "usual_examples"):
            vars(test).update(
                usual_examples=usual.max_examples,
                _hypothesis_internal_use_settings=settings(usual, max_examples=usual.max_examples * FACTOR),
            )
