"""The report ``lessons``: what was learned, by what it is about; for a project, what projects like it learned."""

from collections import Counter

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.lessons import Learned, Match, like
from app.domain.periods import Period
from app.errors import Fault, InvalidInput
from app.evaluations import queries_lessons as queries
from app.reports.calendars import periods_of
from app.reports.frame import Cell, Report, ReportTable, Request

DEFINITION = (
    "Lessons learned and good practices noted by the day. For a project: those of others that share its outcome (3) or "
    "a sector (2) or a country (1) with it; the sum is the score and each counts once; the nearest first and of "
    "equally near ones the newest. By kind or sector or country or outcome or tag: how many there are; one that is "
    "about several counts for each."
)
_LESSON = (
    "lesson", "kind", "title", "text", "noted_on", "evaluation", "project", "sectors", "countries", "outcomes", "tags",
)  # fmt: skip
_ABOUT = ("sector", "country", "outcome", "tag")


def compute(session: Session, request: Request) -> ReportTable:
    """The report in four statements; holds the lessons."""
    fiscal = calendar_of(the_setup(session))
    periods = list(periods_of(request.period, fiscal)) if request.period else []
    lessons = [
        one
        for one in queries.lessons(session)
        if one.noted_on <= request.as_of and (not periods or any(one.noted_on in period for period in periods))
    ]
    project = request.options.get("project")
    columns: tuple[str, ...] = _LESSON
    rows: list[dict[str, Cell]]
    if project is not None:
        about = queries.about_project(session, project)
        if about is None:
            message = f"There is no project {project}."
            raise InvalidInput([Fault(pointer="/query/project", rule="project.unknown", message=message)])
        matches = like(lessons, project, about)
        columns = ("score", "shared", *_LESSON)
        rows = [_match(one) for one in matches]
    elif request.by == ("lesson",):
        rows = [_lesson(one) for one in lessons]
    else:
        columns = (request.by[0], "lessons")
        counts = Counter(value for one in lessons for value in _values(one, request.by[0]))
        rows = [{request.by[0]: value, "lessons": count} for value, count in sorted(counts.items())]
    first = min((one.noted_on for one in lessons), default=request.as_of)
    return ReportTable(
        report="lessons",
        definition=DEFINITION,
        period=request.period or f"{first}..{request.as_of}",
        periods=periods or [Period(start=first, end=request.as_of)],
        as_of=request.as_of,
        columns=columns,
        rows=tuple(rows),
        totals={"lessons": len(rows) if project is not None else len(lessons)},
        figures=frozenset(("score", "lessons")),
        days=frozenset({"noted_on"}),
        variant=request.variant,
    )


def _values(one: Learned, dimension: str) -> list[str]:
    return [one.kind] if dimension == "kind" else one.codes(dimension)


def _lesson(one: Learned) -> dict[str, Cell]:
    return {
        "lesson": one.reference,
        "kind": one.kind,
        "title": one.title,
        "text": one.text,
        "noted_on": one.noted_on.isoformat(),
        "evaluation": one.evaluation,
        "project": one.project,
        "sectors": "|".join(one.codes("sector")) or None,
        "countries": "|".join(one.codes("country")) or None,
        "outcomes": "|".join(one.codes("outcome")) or None,
        "tags": "|".join(one.codes("tag")) or None,
    }


def _match(match: Match) -> dict[str, Cell]:
    return {"score": match.score, "shared": "; ".join(match.shared), **_lesson(match.lesson)}


LESSONS = Report(
    name="lessons",
    definition=DEFINITION,
    dimensions=("lesson", "kind", *_ABOUT),
    variants=(),
    compute=compute,
    options=("project",),
    most_dimensions=1,
    of_everything=True,
)
