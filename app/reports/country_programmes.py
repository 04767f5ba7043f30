"""The report ``country-programmes``: how many are in force, and how many go with the UN cooperation framework."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.contributions import percent_of
from app.domain.programmes import Alignment, in_force, unnamed_framework
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.printing import percent
from app.reports.queries_results import ProgrammeRecord, programme_records

DIMENSIONS = ("country", "programme", "region")
DEFINITION = (
    "Country programmes that have a day in the period (an end that is not on record is no limit) as they stand by now. "
    "Aligned or partly or not: with the United Nations cooperation framework of the country. Unknown: nobody said. The "
    "aligned share is aligned programmes over all of the row in percent; partly aligned and unknown ones count below "
    "the line only. Projects are those that name the programme and are not archived."
)
_COUNTS = ("programmes", "aligned", "partly", "not_aligned", "unknown", "projects")


def compute(session: Session, request: Request) -> ReportTable:
    """The report in one statement more than the set-up takes."""
    periods = periods_of(request.period, calendar_of(the_setup(session)))
    found = [
        each
        for each in programme_records(session)
        if any(in_force(each.starts_on, each.ends_on, period.start, period.end) for period in periods)
    ]
    groups: dict[tuple[str, ...], list[ProgrammeRecord]] = defaultdict(list)
    for each in found:
        named = {"country": each.country, "programme": each.code, "region": each.region}
        groups[tuple(named[name] for name in request.by)].append(each)
    remarks = (
        f"{each.code}: {remark}" for each in found if (remark := unnamed_framework(each.alignment, each.framework))
    )
    return ReportTable(
        report="country-programmes",
        definition=DEFINITION,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        columns=(*request.by, *_COUNTS, "aligned_share"),
        rows=tuple({**dict(zip(request.by, key, strict=True)), **_figures(own)} for key, own in sorted(groups.items())),
        totals=_figures(found),
        figures=frozenset((*_COUNTS, "aligned_share")),
        remarks=tuple(remarks),
    )


def _figures(found: Sequence[ProgrammeRecord]) -> dict[str, Cell]:
    def of(alignment: Alignment | None) -> int:
        return sum(1 for each in found if each.alignment is alignment)

    aligned = of(Alignment.ALIGNED)
    share = percent_of(Decimal(aligned), Decimal(len(found)))
    return {
        "programmes": len(found),
        "aligned": aligned,
        "partly": of(Alignment.PARTLY),
        "not_aligned": of(Alignment.NOT_ALIGNED),
        "unknown": of(None),
        "projects": sum(each.projects for each in found),
        "aligned_share": percent(share),
    }


COUNTRY_PROGRAMMES = Report(
    name="country-programmes", definition=DEFINITION, dimensions=DIMENSIONS, variants=(), compute=compute
)
