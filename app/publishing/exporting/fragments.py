"""Rendered activities that are kept, so that the next publication renders only what changed.

A fragment holds for one version of a project's content, one mapping (with the set-up and the parent it was rendered
with) and a span of days, since embargoes end and dated rows are reached without anything being written.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256

from sqlmodel import Session

from app.publishing.exporting import queries_fragments as queries
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.queries_fragments import Kept, Known
from app.publishing.exporting.rows import BriefRow, SetupRow

__all__ = [
    "Judgement", "Kept", "Known", "Rendered", "Spared", "Sparing", "Told", "content_hash", "mapping_of", "restamped",
    "row_of", "stamp_of", "stored", "told",
]  # fmt: skip

#: rises when the same rows are rendered otherwise
MAPPING = "8"

#: the moment of the last change in the start tag of a record, as it is written here
_STAMP = re.compile(r'\A<iati-(?:activity|organisation)(?: [^\s=]+="[^"]*")*?( last-updated-datetime="([^"]*)")')


def mapping_of(setup: SetupRow | None) -> str:
    """The mapping and the set-up that a fragment is rendered with."""
    said = json.dumps(setup, ensure_ascii=False, sort_keys=True, default=str)
    return f"{MAPPING}:{sha256(said.encode()).hexdigest()[:16]}"


def content_hash(xml: str) -> str:
    """SHA-256 of a record without the moment of its last change."""
    found = _STAMP.match(xml)
    return sha256((xml if found is None else xml[: found.start(1)] + xml[found.end(1) :]).encode()).hexdigest()


def stamp_of(xml: str) -> str | None:
    """The moment of a record's last change, as written; None when it says none."""
    found = _STAMP.match(xml)
    return None if found is None else found[2]


def restamped(xml: str, stamp: str) -> str:
    """A record with another moment of its last change; one that says none stays so."""
    found = _STAMP.match(xml)
    return xml if found is None else xml[: found.start(2)] + stamp + xml[found.end(2) :]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spared:
    """Activities in a row that come without XML, because whoever asked has that of their stored fragments."""

    activities: Sequence[Known]


#: of activities, in the order of their identifiers, the keys of those of which no XML is needed
Sparing = Callable[[Sequence[Known]], Collection[int]]


def stored(
    session: Session,
    mappings: dict[int, str],
    versions: dict[int, int],
    as_of: dt.date,
    *,
    brief: bool = False,
) -> dict[int, Kept]:
    """The fragments that hold, by project. ``mappings``, ``versions``: what they must have been rendered from.

    ``brief``: without their XML.
    """
    return {
        key: kept
        for key, kept in queries.fragments(session, list(mappings), as_of, brief=brief).items()
        if kept.content_version == versions[key] and kept.mapping_version == mappings[key]
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a rendering leaves out of an activity."""

    #: (what, reason) of what is kept out on purpose
    exclusions: list[tuple[str, str]] = field(default_factory=list)
    #: what could not be said, in sentences
    remarks: list[str] = field(default_factory=list)


_NOTHING = Told()


def told(kept: Kept | Known) -> Told:
    """What a stored fragment leaves out."""
    if kept.told is None:
        return _NOTHING
    said = json.loads(kept.told)
    return Told(exclusions=[(what, reason) for what, reason in said["exclusions"]], remarks=list(said["remarks"]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What the rules and the transparency tests say about a fragment, by which lists, and for which days."""

    judged: str
    scored: str
    judged_by: str
    judged_from: dt.date
    #: None: for good, unless the content changes
    judged_until: dt.date | None


_UNJUDGED: dict[str, object] = dict.fromkeys(each.name for each in fields(Judgement))


@dataclass(slots=True)
class Rendered:
    """One activity as XML, or why there is none."""

    project: BriefRow
    #: None: it is held back
    xml: str | None
    #: None when the XML came from a stored fragment
    composed: Composed | None
    #: the stored fragment that it came from
    kept: Kept | None = None
    #: whether it came from a published file and was never changed here
    as_imported: bool = False
    #: what whoever takes it has found out about it; kept with the fragment for the next time
    judgement: Judgement | None = None
    _content: str | None = None

    @property
    def content(self) -> str:
        """The hash of its content. Only of what is not held back."""
        if self._content is None:
            self._content = self.kept.hash if self.kept is not None else content_hash(self.xml or "")
        return self._content


def row_of(rendered: Rendered, mapping: str) -> dict[str, object] | None:
    """A fragment as it is stored; None when there is nothing to store."""
    xml, composed, kept, judgement = rendered.xml, rendered.composed, rendered.kept, rendered.judgement
    if xml is None or (composed is None and judgement is None):
        return None
    if composed is not None:
        first, last = composed.days.first, composed.days.last
        said = {
            "exclusions": [(each.what, each.reason) for each in composed.exclusions],
            "remarks": composed.remarks,
        }
        left_out = json.dumps(said, ensure_ascii=False) if composed.exclusions or composed.remarks else None
    elif kept is not None:
        first, last, left_out = kept.valid_from, kept.valid_until, kept.told
    else:
        return None
    return {
        "project_id": rendered.project["id"],
        "content_version": rendered.project["content_version"],
        "mapping_version": mapping,
        "valid_from": first,
        "valid_until": last,
        "hash": rendered.content,
        "xml": xml,
        "told": left_out,
        **(_UNJUDGED if judgement is None else asdict(judgement)),
    }
