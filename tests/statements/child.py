"""What a process of its own runs, to compete."""

import contextlib
import io
import os
from collections.abc import Mapping
from typing import Any


def freeze(settings: Mapping[str, str], period: str, as_of: str, start: Any, told: Any) -> None:
    """``earmark statement make`` at the same moment as another one; tells its exit status and what it said."""
    os.environ.update({f"EARMARK_{name.upper()}": value for name, value in settings.items()})
    from app.cli.statements import make

    said = io.StringIO()
    start.wait()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = make(period, as_of)
    told.put((status, said.getvalue()))
