"""Hands the codelists of the standard to the rules that ask for them, and keeps them up to date."""

import datetime as dt
import os
from pathlib import Path

from app.domain.codes import KnownCode
from app.errors import Fault, InvalidInput
from iati import codelists
from iati.codelists import refresh


def code_checker(data_dir: Path | None = None) -> KnownCode:
    """Tells whether a codelist holds a code; withdrawn codes are known too.

    ``data_dir``: folder of refreshed lists. The library finds it through the environment, and so do the processes that
    it starts for validation.
    """
    if data_dir is not None:
        os.environ["EARMARK_DATA_DIR"] = str(data_dir)

    def known(list_name: str, code: str, /) -> bool:
        return code in codelists.code_set(list_name)

    return known


def update(source: str, data_dir: Path, *, today: dt.date) -> list[str]:
    """Replaces the lists that ``source`` (a folder, a file or an address) holds; returns what changed, a line each.

    All or nothing: ``InvalidInput`` lists every fault.
    """
    found = refresh.update(source, taken_on=today, data_dir=data_dir)
    if found.faults:
        faults = [Fault(pointer="", rule="codelists.source", message=fault) for fault in found.faults]
        raise InvalidInput(faults, "The codelists stay as they were.")
    return [str(change) for change in found.changes]


def show(name: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of a list; ``publishers`` and ``org-id-prefixes`` are lists too."""
    try:
        listing = codelists.show(name)
    except codelists.UnknownListError as error:
        fault = Fault(pointer="", rule="codelists.unknown", message=str(error))
        raise InvalidInput([fault], "There is no such list.") from error
    return list(listing.columns), [list(row) for row in listing.rows]
