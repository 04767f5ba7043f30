"""Files of version 2.01 and 2.02 brought up to 2.03.

Version 2.03 allows nearly all that its forerunners allowed: 2.02 and 2.03 added elements, attributes and codes, and
let more of them repeat. What has to change is little:

* the version of the root;
* in the documents of an organisation, elements of other namespaces stand before the recipient countries and not
  behind them;
* figures of results: the attribute ``value`` of a baseline, target or actual was required, so that an empty one said
  that there is none. It may be absent now, and an empty one breaks the rules for figures, so it is taken out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from iati.copying import copy_records
from iati.model import Activity, Baseline, Measurement, Organisation
from iati.reader import RecordsFile
from iati.reading import Fault
from iati.standard import VERSION

UPGRADABLE = ("2.01", "2.02")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that is different in the upgraded file."""

    #: XPath of the place in the upgraded file
    path: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrade:
    """What an upgrade did, and what it had to leave out because the source does not follow its own version."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]


class NotUpgradable(ValueError):
    """A file of a version that cannot be upgraded."""


def upgrade_records(records: RecordsFile[Any], stream: BinaryIO) -> Upgrade:
    """Write an open file as version 2.03. A file of 2.03 comes out unchanged. Holds one record at a time.

    Raises NotUpgradable for any other version.
    """
    version = records.root.version
    changes: list[Change] = []
    if version in UPGRADABLE:
        changes.append(Change(path=f"/{records.root.name}/@version", message=f"{version} becomes {VERSION}"))
    elif version != VERSION:
        told = f"version {version}" if version else "no version"
        if version and version != version.strip():
            told = f"blanks beside its version ({version.strip()})"
        raise NotUpgradable(f"The file has {told}; only {', '.join(UPGRADABLE)} can be upgraded to {VERSION}.")

    def change(record: Activity | Organisation, index: int) -> None:
        if version != VERSION and isinstance(record, Activity):
            place = f"/iati-activities/iati-activity[{index + 1}]"
            changes.extend(Change(path=place + each.path, message=each.message) for each in upgrade_activity(record))

    faults = copy_records(records, stream, version=VERSION, change=change)
    changes.extend(Change(path=fault.path, message=fault.message) for fault in faults if not fault.lossy)
    return Upgrade(changes=tuple(changes), faults=tuple(fault for fault in faults if fault.lossy))


def upgrade_activity(activity: Activity) -> list[Change]:
    """Bring an activity of version 2.01 or 2.02 up to 2.03 in place; the paths of changes begin below the activity."""
    changes = []
    for path, figure in _figures(activity):
        if figure.value is not None and not figure.value.strip():
            figure.value = None
            changes.append(Change(path=f"{path}/@value", message="an empty figure is taken out: it may be absent now"))
    return changes


def _figures(activity: Activity) -> Iterator[tuple[str, Baseline | Measurement]]:
    for at, result in enumerate(activity.result, start=1):
        for number, indicator in enumerate(result.indicator, start=1):
            place = f"/result[{at}]/indicator[{number}]"
            for order, baseline in enumerate(indicator.baseline, start=1):
                yield f"{place}/baseline[{order}]", baseline
            for order, period in enumerate(indicator.period, start=1):
                for name, figures in (("target", period.target), ("actual", period.actual)):
                    for each, figure in enumerate(figures, start=1):
                        yield f"{place}/period[{order}]/{name}[{each}]", figure
