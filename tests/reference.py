"""Where the official files of the IATI standard and real published files lie, when they are at hand.

They are not part of the project. Set ``EARMARK_REFERENCE`` to their folder; otherwise the folder ``shared`` beside the
checkout is looked at. Tests that need them carry ``@needs_reference`` and are skipped where they are absent.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("EARMARK_REFERENCE") or Path(__file__).resolve().parents[1].parent / "shared")

needs_reference = pytest.mark.skipif(not (ROOT / "iati").is_dir(), reason="the official files are not at hand")


def reference(*parts: str) -> Path | None:
    """The path below the reference folder, or None when it is not there."""
    path = ROOT.joinpath(*parts)
    return path if path.exists() else None
