"""Records that did not change since they were published: their bytes are copied from the file that they are in.

So they are neither fetched from the database nor written one by one, and the world gets what it has.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from app.domain.datasets import WHOLE, Part, Split
from app.domain.periods import FiscalCalendar
from app.publishing.exporting.fragments import Kept
from app.publishing.exporting.rows import BriefRow
from app.publishing.releasing.judging import Judging
from app.publishing.releasing.parts import part_of
from app.publishing.releasing.records import Before, Copied, Placed


def spared(before: Before, judging: Judging, projects: Sequence[BriefRow], kept: Mapping[int, Kept]) -> Collection[int]:
    """Of the stored fragments of some projects, in the order of their identifiers, those that are public as they are
    and of which everything is known."""
    if not projects:
        return ()
    public = before.coming(projects[-1]["iati_identifier"])
    whole = {place for place in {was.place for was in public.values()} if before.whole(place)}
    return {
        project["id"]
        for project in projects
        if (fragment := kept.get(project["id"])) is not None
        and (was := public.get(project["iati_identifier"])) is not None
        and was.entry.content == fragment.hash
        and was.entry.stamp is not None
        and was.place in whole
        and judging.holds(fragment)
    }


def copied(
    before: Before, was: Placed | None, split: Split, calendar: FiscalCalendar
) -> tuple[Copied, str | None, Part]:
    """Where a record that is spared is copied from, the moment that the world knows of it, and its part of the
    portfolio."""
    if was is None or isinstance(was.place, Path):
        raise RuntimeError("a record is spared only where it can be copied")
    entry = was.entry
    part = WHOLE if split is Split.WHOLE else part_of(before.xml(was).decode(), split, calendar)
    return Copied(was.place, entry.start, entry.length), entry.stamp, part
