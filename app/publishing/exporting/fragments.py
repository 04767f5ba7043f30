"""Rendered activities that are kept, so that the next publication renders only what changed.

A fragment holds for one version of a project's content, one mapping (with the set-up and the parent it was rendered
with) and a span of days, since embargoes end and dated rows are reached without anything being written.
"""

import datetime as dt
import json
import re
from hashlib import sha256

from sqlmodel import Session

from app.publishing.exporting import queries_fragments as queries
from app.publishing.exporting.rows import ProjectRow, SetupRow

#: rises when the same rows are rendered otherwise
MAPPING = "3"

_LAST_UPDATED = re.compile(r' last-updated-datetime="[^"]*"')


def mapping_of(setup: SetupRow | None) -> str:
    """The mapping and the set-up that a fragment is rendered with."""
    said = json.dumps(setup, ensure_ascii=False, sort_keys=True, default=str)
    return f"{MAPPING}:{sha256(said.encode()).hexdigest()[:16]}"


def content_hash(xml: str) -> str:
    """SHA-256 of an activity without the moment of its last change."""
    return sha256(_LAST_UPDATED.sub("", xml, count=1).encode()).hexdigest()


def stored(session: Session, mappings: dict[int, str], versions: dict[int, int], as_of: dt.date) -> dict[int, str]:
    """The fragments that hold, by project. ``mappings``, ``versions``: what they must have been rendered from."""
    found = queries.fragments(session, list(mappings), as_of)
    return {
        key: xml
        for key, (version, mapping, xml) in found.items()
        if version == versions[key] and mapping == mappings[key]
    }


def row(project: ProjectRow, mapping: str, first: dt.date, last: dt.date, xml: str) -> dict[str, object]:
    """A fragment as it is stored."""
    return {
        "project_id": project["id"],
        "content_version": project["content_version"],
        "mapping_version": mapping,
        "valid_from": first,
        "valid_until": last,
        "hash": content_hash(xml),
        "xml": xml,
    }
