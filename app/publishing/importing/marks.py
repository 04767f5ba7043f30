"""Activities that say in a file what they said when they were read before: nothing of them has to be compared.

A mark stands for the text of an activity, byte for byte, beside which its record is known to say the same, so that
nothing would be changed and nothing told. It holds for one version of the record's content, as a rendered activity that
is kept does, and for one release of this program. What is marked is only what came from files alone: what else an
activity says may change with other records, or with the day.
"""

import datetime as dt
from collections.abc import Mapping
from hashlib import sha256

from app import __version__
from app.domain.terms import Origin
from app.publishing.exporting.fragments import MAPPING
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rows import ProjectRow

#: rises when the same text is read otherwise, or when more is told of it
_READING = "1"
#: what a mark was made by
MADE_BY = f"{__version__}:{MAPPING}:{_READING}"


class Texts:
    """Tells texts of one file apart, by their bytes and the namespaces that they inherit."""

    def __init__(self, namespaces: Mapping[str | None, str]) -> None:
        self._beginning = sha256(repr(sorted(namespaces.items(), key=str)).encode())

    def digest(self, xml: bytes) -> str:
        found = self._beginning.copy()
        found.update(xml)
        return found.hexdigest()


def mark(project_id: int, content_version: int, digest: str) -> dict[str, object]:
    """A mark as it is stored."""
    return {
        "project_id": project_id,
        "content_version": content_version,
        "made_by": MADE_BY,
        "digest": digest,
    }


def from_files_alone(project: ProjectRow, composed: Composed) -> bool:
    """Whether what a record says follows from its rows, all of which files brought, and is the same on every day."""
    return (
        project["origin"] is Origin.IMPORTED
        and project["parent_id"] is None
        and (composed.days.first, composed.days.last) == (dt.date.min, dt.date.max)
        and all(keys for sources in composed.sources.values() for _table, keys in sources)
    )
