"""The report ``evaluations``, variants ``cycle`` and ``evidence``: what clusters save, quality, and what is shown."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.domain.contributions import percent_of
from app.domain.money import WORKING, plain, round_places
from app.domain.periods import Period
from app.evaluations.queries import Cycle, finished
from app.reports.frame import Cell, ReportTable, Request
from app.reports.printing import percent

CYCLE = (
    "Evaluations whose report was accepted in the period, by kind: clusters cover several projects or take the place "
    "of several evaluations; replaced is what they take the place of, as recorded or else the projects covered; saved "
    "is replaced less the clusters. Joint ones have a partner. Quality is the mean rating of reports from 1 to 6. With "
    "terms and with participants are shares of all."
)
EVIDENCE = "Of evaluations whose report was accepted in the period the share that gives evidence on a subject."
_COLUMNS = (
    "evaluations", "clusters", "replaced", "replaced_per_cluster", "saved", "joint", "rated", "quality",
    "with_terms_percent", "with_participants_percent",
)  # fmt: skip


def cycle(session: Session, request: Request, periods: Sequence[Period]) -> ReportTable:
    """Either variant, in one statement; holds the evaluations of the period."""
    found = [one for one in finished(session, request.as_of) if any(one.completed_on in each for each in periods)]
    columns: tuple[str, ...]
    if request.variant == "evidence":
        columns = ("evidence_on", "evaluations", "share")
        counts = Counter(subject for one in found for subject in set(one.evidence_on or ()))
        rows: list[dict[str, Cell]] = [
            {"evidence_on": subject, "evaluations": count, "share": _share(count, len(found))}
            for subject, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        totals: dict[str, Cell] = {"evaluations": len(found)}
    else:
        columns = ("kind", *_COLUMNS)
        kinds = sorted({one.kind for one in found})
        rows = [{"kind": kind, **_cells([one for one in found if one.kind == kind])} for kind in kinds]
        totals = _cells(found)
    return ReportTable(
        report="evaluations",
        definition=EVIDENCE if request.variant == "evidence" else CYCLE,
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        columns=columns,
        rows=tuple(rows),
        totals=totals,
        figures=frozenset(columns[1:]),
        variant=request.variant,
    )


def _cells(found: Sequence[Cycle]) -> dict[str, Cell]:
    clusters = [one for one in found if one.covers > 1 or one.replaces is not None]
    replaced = sum(one.covers if one.replaces is None else one.replaces for one in clusters)
    ratings = [one.quality for one in found if one.quality is not None]
    return {
        "evaluations": len(found),
        "clusters": len(clusters),
        "replaced": replaced,
        "replaced_per_cluster": _mean(replaced, len(clusters)),
        "saved": replaced - len(clusters),
        "joint": sum(bool(one.joint_with) for one in found),
        "rated": len(ratings),
        "quality": _mean(sum(ratings), len(ratings)),
        "with_terms_percent": _share(sum(one.terms_url is not None for one in found), len(found)),
        "with_participants_percent": _share(sum(bool(one.participants) for one in found), len(found)),
    }


def _mean(total: int, count: int) -> str | None:
    return plain(round_places(WORKING.divide(Decimal(total), Decimal(count)), 1)) if count else None


def _share(part: int, whole: int) -> str | None:
    return percent(percent_of(Decimal(part), Decimal(whole)))
