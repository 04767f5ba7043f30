"""The report ``under-delivery``: projects whose pace leads below the threshold, and what is done about each."""

from decimal import Decimal

from sqlmodel import Session

from app.db.lookups import calendar_of, the_setup
from app.domain.delivery import Variant, paces, rates_in_percent, sum_known
from app.domain.money import in_percent, plain
from app.reports import queries_control
from app.reports.calendars import periods_of
from app.reports.delivery_facts import gather
from app.reports.delivery_sums import Question
from app.reports.frame import Cell, Report, ReportTable, Request
from app.reports.options import number as whole_number
from app.reports.printing import amount, amounts
from app.reports.spent import missing_remarks, whole_of

#: percent of the allocation that is to be spent by the end of the period
THRESHOLD = 70
DEFINITION = (
    "Projects whose projected delivery stays below the threshold ({threshold} % unless another is asked for) with the "
    "problem and the action that their officers noted. Delivery is expenditure over allocation; projected is the rate "
    "at the end of the period if money goes on being spent as it was so far. The note is the newest one about the "
    "period that was known on the day. Support cost is included on both sides."
)
_NAMED = 20


def compute(session: Session, request: Request) -> ReportTable:
    """The report in a constant number of statements."""
    fiscal = calendar_of(the_setup(session))
    periods = periods_of(request.period, fiscal)
    period = periods[0] if len(periods) == 1 else whole_of(periods)
    threshold = whole_number(request, "threshold") or THRESHOLD
    question = Question(
        request=request,
        variant=Variant.EXPENDITURE,
        groups=("project",),
        periods=[period],
        fiscal=fiscal,
    )
    gathered = gather(session, question)
    figures = {name: gathered.cells.figures(name, 0) for name in ("allocation", "expenditure")}
    paces_of = paces(figures["allocation"], figures["expenditure"], period, request.as_of, fiscal)
    limit = Decimal(threshold).scaleb(-2)
    slow = [(number, own) for number in gathered.order if (own := paces_of[number]) and own.projected < limit]
    notes = queries_control.notes(
        session, period.start, period.end, as_of=request.as_of, recorded_at=request.recorded_at
    )
    exact = {name: [column[number] for number, _ in slow] for name, column in figures.items()}
    sums = {name: sum_known(column) for name, column in exact.items()}
    shown = {
        name: amounts(column, sums[name], request.currency, derived=gathered.derived) for name, column in exact.items()
    }
    rates = rates_in_percent([exact["allocation"], exact["expenditure"]], Variant.EXPENDITURE)
    projected = in_percent((own.projected for _, own in slow), 2)
    projects = {project.code: project for project in gathered.projects.values()}
    rows: list[dict[str, Cell]] = []
    silent = []
    for place, (number, _) in enumerate(slow):
        project = projects[str(gathered.keys[number][0])]
        note = notes.get(project.id)
        if note is None:
            silent.append(project.code)
        rows.append(
            {
                "project": project.code,
                "unit": project.unit,
                "officer": project.officer,
                "allocation": shown["allocation"][place],
                "expenditure": shown["expenditure"][place],
                "rate": rates[place],
                "projected": projected[place],
                "problem": note.problem if note else None,
                "action": note.action if note else None,
                "owner": note.owner if note else None,
                "due_on": note.due_on.isoformat() if note and note.due_on else None,
                "noted_on": note.noted_on.isoformat() if note else None,
                "escalated": None if note is None else "yes" if note.escalated else "no",
            }
        )
    columns = ("project", "unit", "officer", "allocation", "expenditure", "rate", "projected", "problem", "action",
               "owner", "due_on", "noted_on", "escalated")  # fmt: skip
    totals: dict[str, Cell] = {
        **{name: amount(figure, request.currency, derived=gathered.derived) for name, figure in sums.items()},
        "rate": rates_in_percent([[figure] for figure in sums.values()], Variant.EXPENDITURE)[0],
        "without_note": len(silent),
    }
    return ReportTable(
        report="under-delivery",
        definition=DEFINITION.format(threshold=plain(Decimal(threshold))),
        period=request.period,
        periods=periods,
        as_of=request.as_of,
        currency=request.currency,
        columns=columns,
        rows=tuple(rows),
        totals=totals,
        figures=frozenset(("allocation", "expenditure", "rate", "projected")),
        days=frozenset({"due_on", "noted_on"}),
        remarks=(*missing_remarks([gathered.cells.lacking(0)]), *_without_note(silent)),
        rates=gathered.used,
    )


def _without_note(codes: list[str]) -> list[str]:
    if not codes:
        return []
    named = ", ".join(codes[:_NAMED]) + (f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else "")
    return [f"Nobody has noted the problem and the action taken for {named}."]


UNDER_DELIVERY = Report(
    name="under-delivery",
    definition=DEFINITION.format(threshold=THRESHOLD),
    dimensions=("project",),
    variants=(),
    compute=compute,
    options=("threshold",),
)
