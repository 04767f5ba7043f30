"""Records that did not change since they were published: their bytes are copied from the file that they are in.

So they are neither fetched from the database nor written one by one, and the world gets what it has.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from app.domain.datasets import WHOLE, Part, Split
from app.domain.periods import FiscalCalendar
from app.publishing.exporting.fragments import Kept
from app.publishing.exporting.rows import BriefRow
from app.publishing.releasing.judging import Judging
from app.publishing.releasing.parts import part_of
from app.publishing.releasing.records import Before, Placed


def spared(before: Before, judging: Judging, projects: Sequence[BriefRow], kept: Mapping[int, Kept]) -> Collection[int]:
    """Of some projects, in the order of their identifiers, those whose stored fragments are public as they are, of
    which everything is known, and nothing of it forbids them."""
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
        and was.entry.project_id == project["id"]
        and was.entry.code == project["code"]
        and judging.passes(fragment)
    }


def parted(
    records: Sequence[Placed], before: Before, split: Split, calendar: FiscalCalendar
) -> Iterator[tuple[Part, Sequence[Placed]]]:
    """Records that are spared, in their order, with their parts of the portfolio: those in a row that are of one part
    together."""
    if split is Split.WHOLE:
        yield WHOLE, records
        return
    for part, some in groupby(records, key=lambda was: part_of(before.xml(was).decode(), split, calendar)):
        yield part, list(some)
