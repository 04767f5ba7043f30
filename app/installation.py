"""Checks at start-up that the program is of one piece.

The distribution installs four packages with common names (``app``, ``iati``, ``schemas``, ``migrations``). Another
distribution, or a folder on the path, could hide one of them; the program would then run with somebody else's half.
"""

from importlib.util import find_spec
from pathlib import Path

from app.errors import NotSetUp

PACKAGES = ("app", "iati", "schemas", "migrations")


def require_one_place() -> None:
    """Raises ``NotSetUp`` when the four packages do not lie beside each other."""
    places: dict[str, Path | None] = {}
    for name in PACKAGES:
        spec = find_spec(name)
        places[name] = Path(spec.origin).resolve().parents[1] if spec is not None and spec.origin else None
    if len(set(places.values())) != 1 or None in places.values():
        found = "; ".join(f"{name} in {place or 'no place'}" for name, place in places.items())
        raise NotSetUp(
            f"The parts of Earmark come from different places ({found}): install it in an environment of its own."
        )
