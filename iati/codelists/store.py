"""Where codelists, publishers and prefixes come from: the user's refreshed data first, else the packaged snapshot.

Refreshed data lies in the folder ``codelists`` of a data directory. The directory is given by the caller or by the
environment variable EARMARK_DATA_DIR; without either, only the package is looked at.
"""

import json
import os
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path

from iati.codelists import table
from iati.codelists.table import Snapshot

CODELISTS = "codelists.tsv"
PUBLISHERS = "registered-publishers.json"
PREFIXES = "org-id-prefixes.json"
_SUPPLEMENT = "supplement.tsv"


@dataclass(frozen=True, kw_only=True)
class Register:
    """A flat list of identifiers or prefixes as it stood on one date."""

    entries: frozenset[str]
    taken_on: date
    origin: str  #: where it was taken from, in words or as an address

    def render(self) -> str:
        """The register as JSON, one entry a line, sorted: the same entries give the same text."""
        value = {"snapshot": self.taken_on.isoformat(), "origin": self.origin, "entries": sorted(self.entries)}
        return json.dumps(value, ensure_ascii=False, indent=0) + "\n"


def data_folder(data_dir: Path | None) -> Path | None:
    """The folder of refreshed data, whether or not it exists yet; None when no data directory is named."""
    given = data_dir or os.environ.get("EARMARK_DATA_DIR")
    return Path(given) / "codelists" if given else None


def load_snapshot(data_dir: Path | None = None) -> Snapshot:
    """The lists in force, with those the project adds. Read once; read again when the user's file has changed."""
    return _snapshot(*_locate(CODELISTS, data_dir))


def state(data_dir: Path | None = None) -> str:
    """Tells the lists in force from those of another time; what was found by them holds as long as it stays."""
    _path, changed, size = _locate(CODELISTS, data_dir)
    return f"{load_snapshot(data_dir).taken_on}:{changed}:{size}"


def load_register(name: str, data_dir: Path | None = None) -> Register:
    """The register in force: `PUBLISHERS` or `PREFIXES`. Read once per state of the file."""
    return _register(name, *_locate(name, data_dir))


def _locate(name: str, data_dir: Path | None) -> tuple[Path | None, int, int]:
    """The user's file with what tells its states apart, or (None, 0, 0) for the packaged one."""
    folder = data_folder(data_dir)
    if folder is not None and (path := folder / name).is_file():
        state = path.stat()
        return path, state.st_mtime_ns, state.st_size
    return None, 0, 0


def _packaged(name: str) -> str:
    return resources.files("iati.codelists").joinpath(name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def load_supplement() -> Snapshot:
    """The lists that the project adds to the official ones."""
    return table.read(_packaged(_SUPPLEMENT))


@lru_cache(maxsize=8)
def _snapshot(path: Path | None, _changed: int, _size: int) -> Snapshot:
    found = table.read(path.read_text(encoding="utf-8") if path else _packaged(CODELISTS))
    added = load_supplement()
    lists = {name: added[name] for name in added} | {name: found.section(name) for name in found}
    return Snapshot(taken_on=found.taken_on, origin=found.origin, lists=lists)


@lru_cache(maxsize=8)
def _register(name: str, path: Path | None, _changed: int, _size: int) -> Register:
    value = json.loads(path.read_text(encoding="utf-8") if path else _packaged(name))
    return Register(
        entries=frozenset(value["entries"]), taken_on=date.fromisoformat(value["snapshot"]), origin=value["origin"]
    )
