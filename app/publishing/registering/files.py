"""Published files as registries are to know them, and what came of each."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from iati.registry.dataset import FileType, Planned

#: the kinds of published file by their root elements
FILE_TYPES: dict[str, FileType] = {"iati-activities": "activity", "iati-organisations": "organisation"}

Done = Literal["created", "updated", "unchanged", "withdrawn", "absent", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedFile:
    """A file that is public."""

    #: short name of the dataset, which begins with that of its publisher in the registry
    dataset: str
    #: everybody gets it there, without login
    address: str
    #: root element: iati-activities | iati-organisations
    file_type: str
    #: identifier of the organisation that publishes it
    reporting_org: str
    #: 1 to 255 characters, for people
    title: str
    #: number of activities, or of organisations
    records: int
    sha256: str
    #: moment of its newest content
    content_at: dt.datetime | None = None
    #: since when the address gives it
    changed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawnFile:
    """A dataset that is public no more."""

    dataset: str
    reporting_org: str
    #: where its file was
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetOutcome:
    """What came of a dataset in the registry; with a dry run, what would."""

    dataset: str
    done: Done
    #: why it failed, or what was altered, in words of a publisher; empty: nothing to say
    words: str = ""
    #: key in the registry; empty: it is not there
    entry: str = ""
    #: what would be sent; only of a dry run
    planned: Planned | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "dataset": self.dataset,
            "outcome": self.done,
            "message": self.words,
            "entry": self.entry or None,
            "request": self.planned.as_dict() if self.planned is not None else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """What came of all datasets."""

    outcomes: tuple[DatasetOutcome, ...] = ()
    #: why nothing was registered at all; empty: it was
    not_set_up: str = ""

    @property
    def failed(self) -> bool:
        return any(outcome.done == "failed" for outcome in self.outcomes)
