"""Codelists of the standard, the registered publishers and the prefixes of organisation identifiers.

    >>> codes("AidType")["C01"].name
    'Project-type interventions'
    >>> lookup("/iati-activities/iati-activity/sector", "code", "2")
    'SectorCategory'

Every function takes the data directory with the user's refreshed lists; without it the environment variable
EARMARK_DATA_DIR is used, and without that the snapshot in the package. The first use of a list reads that list only.
`iati.codelists.refresh.update` replaces the user's lists; it stands apart because it alone needs an HTTP client.
"""

from pathlib import Path

from iati.codelists.listing import Listing, UnknownListError, show, show_all
from iati.codelists.mapping import Condition, conditions, lookup
from iati.codelists.store import PREFIXES, PUBLISHERS, load_register, load_snapshot
from iati.codelists.table import Code, Codelist, Snapshot

__all__ = [
    "Code",
    "Codelist",
    "Condition",
    "Listing",
    "Snapshot",
    "UnknownListError",
    "code_set",
    "codes",
    "conditions",
    "load_snapshot",
    "lookup",
    "org_id_prefixes",
    "registered_publishers",
    "show",
    "show_all",
]


def codes(name: str, *, data_dir: Path | None = None) -> Codelist:
    """A list by its name, as a mapping of code → Code in published order. KeyError when there is no such list."""
    return load_snapshot(data_dir)[name]


def code_set(name: str, *, data_dir: Path | None = None) -> frozenset[str]:
    """The bare codes of a list, withdrawn ones included. KeyError when there is no such list."""
    return load_snapshot(data_dir).codes_of(name)


def registered_publishers(*, data_dir: Path | None = None) -> frozenset[str]:
    """Identifiers of the organisations that are registered as publishers."""
    return load_register(PUBLISHERS, data_dir).entries


def org_id_prefixes(*, data_dir: Path | None = None) -> frozenset[str]:
    """Prefixes that organisation identifiers are known to begin with, such as ``GB-COH``."""
    return load_register(PREFIXES, data_dir).entries
