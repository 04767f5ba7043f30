"""Records that did not change since they were published: their bytes are copied from the file that they are in.

So they are neither fetched from the database nor written one by one, and the world gets what it has.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from app.domain.datasets import WHOLE, Part, Split
from app.domain.periods import FiscalCalendar
from app.publishing.exporting.fragments import Known
from app.publishing.releasing.parts import part_of
from app.publishing.releasing.records import Before, Placed
from iati.validator.apart import Judged


def spared(before: Before, activities: Sequence[Known]) -> Collection[int]:
    """Of some activities, in the order of their identifiers, those whose stored fragments are public as they are, and
    nothing that is said of them forbids them."""
    public = before.coming(activities[-1].identifier)
    whole = {place for place in {was.place for was in public.values()} if before.whole(place)}
    return {
        activity.project_id
        for activity in activities
        if activity.hash is not None
        and activity.judged is not None
        and activity.scored is not None
        and (was := public.get(activity.identifier)) is not None
        and was.entry.content == activity.hash
        and was.entry.stamp is not None
        and was.place in whole
        and was.entry.project_id == activity.project_id
        and was.entry.code == activity.code
        and not Judged.may_forbid(activity.judged)
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
