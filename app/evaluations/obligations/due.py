"""The due list and the calendar of a year, as of any day."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from sqlmodel import Session

from app.db.lookups import row_by
from app.db.organisation import Unit
from app.db.portions import ALL, OfKeys, Some
from app.db.rates import stored_rates
from app.db.shapes import InOrder
from app.domain.evaluation.obligations import bases_used
from app.domain.evaluation.replay import Replayed, replay
from app.domain.evaluation.states import is_listed
from app.domain.evaluation.terms import Basis, State
from app.errors import Fault, InvalidInput
from app.evaluations.obligations import queries_due, queries_facts, queries_stamps
from app.evaluations.obligations.copies import Copied, copies_of, match
from app.evaluations.obligations.facts import load
from app.evaluations.obligations.institution import institution_views
from app.evaluations.obligations.queries_institution import of_unit, standing
from app.evaluations.obligations.rows import InstitutionRow, LabelRow, ObligationRow, OwedRow
from app.evaluations.obligations.views import CANNOT_TELL, Line, View, of_standing, of_unknown, views, views_in_order
from app.evaluations.policies.rulebook import in_use

#: an obligation on a day, as it is kept or as it follows from the facts of that day
ProjectView = View[OwedRow] | View[Line]
#: the same, or one of the institution
AnyView = ProjectView | View[InstitutionRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRow:
    """One line of the due list."""

    #: key of the obligation; None when it follows from facts of another day than the ones computed
    obligation: int | None
    project: str
    title: str
    unit: str | None
    officer: str | None
    #: None when nothing at all can be told
    kind: str | None
    number: int
    independence: str | None
    state: str
    window_opens: dt.date | None
    due: dt.date | None
    late: dt.date | None
    reason: str
    rules: tuple[str, ...]
    #: reference of the evaluation that is planned or under way
    evaluation: str | None = None
    #: what is not known, for what cannot be told
    missing: str | None = None
    rescheduled: str | None = None
    #: of the institution: whom it obliges, such as "unit ROAF"; it stands in ``project`` too
    subject: str | None = None
    #: of the institution: what the duty is through all its changes
    key: str | None = None

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it."""
        content: dict[str, object] = {
            "project": self.project if self.subject is None else None,
            "kind": self.kind,
            "independence": self.independence,
            "state": self.state,
            "window_opens": _iso(self.window_opens),
            "due": _iso(self.due),
            "late": _iso(self.late),
            "reason": self.reason,
            "rules": list(self.rules),
            "officer": self.officer,
            "evaluation": self.evaluation,
            "obligation": self.obligation,
            "unit": self.unit,
        }
        if self.number:
            content["number"] = self.number
        if self.missing is not None:
            content["missing"] = self.missing
        if self.rescheduled is not None:
            content["rescheduled"] = self.rescheduled
        if self.subject is not None:
            content |= {"subject": self.subject, "title": self.title}
        return content


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def due(session: Session, as_of: dt.date, *, within: int = 0, unit: str | None = None) -> list[DueRow]:
    """What is open with its window opened, or due within so many days, and all that cannot be told; by due date.

    Call :func:`app.evaluations.obligations.recompute.refresh` before. Projects of which other facts were known on
    ``as_of`` than on the day of the computation are judged anew, in memory. Raises ``OverflowError`` for days outside
    the calendar.
    """
    if unit is not None and row_by(session, Unit, "code", unit) is None:
        raise InvalidInput([Fault(pointer="/query/unit", rule="unit.unknown", message=f"There is no unit {unit}.")])
    until = as_of + dt.timedelta(days=within)
    rows = queries_due.due_candidates(session, as_of, until, unit)
    otherwise = set(known_otherwise(session, as_of))
    found: list[AnyView] = [*views(session, [row for row in rows if row.project_id not in otherwise], as_of)]
    found += judged_anew(session, sorted(otherwise), as_of, unit)
    own = (standing(),) if unit is None else (standing(), of_unit(unit))
    found += institution_views(session, as_of, *own)
    return sorted(_listed(found, as_of, within), key=order)


def due_of(session: Session, some: Some, as_of: dt.date, *, within: int) -> Iterator[tuple[int, DueRow]]:
    """What :func:`due` says of some projects, on the day of the last recomputation or later, with the keys of these; in
    no order."""
    rows = queries_due.due_candidates_of(session, some, as_of, as_of + dt.timedelta(days=within))
    otherwise = queries_due.facts_coming_of(session, some, as_of)
    for one in _judged(session, some, rows, set(otherwise), as_of):
        yield from ((one.row.project_id, row) for row in _listed([one], as_of, within))


def _judged(
    session: Session, some: Some, rows: Iterator[OwedRow], otherwise: Collection[int], as_of: dt.date
) -> Iterator[ProjectView]:
    """Rows of some projects, which come in the order of these; those ``otherwise`` are judged anew."""
    yield from views_in_order(session, some, (row for row in rows if row.project_id not in otherwise), as_of)
    yield from judged_anew(session, sorted(otherwise), as_of, None)


#: tables of which what is owed by projects stands on their own rows alone; of others whether an activity is kept here
OF_PROJECTS = frozenset({
    "assessed_projects", "funding_shares", "ledger_entries", "obligations", "project_revisions", "projects",
})  # fmt: skip


def institution_due(session: Session, as_of: dt.date, *, within: int) -> list[DueRow]:
    """What :func:`due` says of the institution."""
    return list(_listed(institution_views(session, as_of, standing()), as_of, within))


def _listed(found: Iterable[AnyView], as_of: dt.date, within: int) -> Iterator[DueRow]:
    for one in found:
        listed = one.standing is not None and is_listed(one.standing, State(one.state), as_of, within_days=within)
        if listed or one.state == CANNOT_TELL:
            yield due_row(one)


def order(row: DueRow) -> tuple[bool, dt.date, str, str, int, int]:
    return (row.due is None, row.due or dt.date.max, row.project, row.kind or "", row.number, row.obligation or 0)


def due_row(one: AnyView) -> DueRow:
    row, obligation, standing = one.row, one.obligation, one.standing
    moved = standing.reschedule if standing is not None else None
    return DueRow(
        obligation=row.id,
        project=row.project,
        title=row.project_title,
        unit=row.unit,
        officer=row.officer,
        kind=row.kind,
        number=row.number,
        independence=one.independence,
        state=str(one.state),
        window_opens=obligation.opens if obligation else None,
        due=one.due,
        late=obligation.late if obligation else None,
        reason=one.reason,
        rules=tuple(row.rules),
        evaluation=one.reference,
        missing=row.missing,
        subject=row.project if isinstance(row, InstitutionRow) else None,
        key=row.key if isinstance(row, InstitutionRow) else None,
        rescheduled=f"from {row.due_on} by {moved.approved_by}: {moved.reason}" if moved and obligation else None,
    )


def known_otherwise(session: Session, as_of: dt.date) -> list[int]:
    """Projects whose facts of the day differ from those their kept obligations follow from."""
    last = queries_stamps.last_assessment(session)
    if last is None:
        return []
    coming = queries_due.facts_coming(session, as_of)
    if as_of >= last.as_of:
        return coming
    rulebook = in_use(session).rulebook
    begins = [*(day for day, _ in rulebook.former), *(day for day in (rulebook.first_in_force,) if day is not None)]
    if any(as_of < day for day in begins):
        return queries_facts.keys_of(session, ALL)
    spending = Basis.ACTUAL in bases_used(rulebook)
    return sorted({*coming, *queries_facts.projects_changed_after(session, as_of, spending=spending)})


def judged_anew(session: Session, ids: list[int], as_of: dt.date, unit: str | None) -> Iterator[View[Line]]:
    """What stood by what was known on the day, replayed in memory; ``unit`` leaves other units' projects out."""
    if not ids:
        return
    rulebook = in_use(session).rulebook
    rates = stored_rates(session)
    spending = Basis.ACTUAL in bases_used(rulebook)
    some = OfKeys(ids)
    labels = InOrder(queries_due.labels_in_order(session, some, unit), attrgetter("id"))
    kept = InOrder(queries_facts.obligations(session, some), attrgetter("project_id"))
    for one in load(session, ids, as_of, rates, spending=spending):
        for label in labels.of(one.id):
            replayed = replay(one.history, rulebook, rates, as_of)
            yield from _views(label, replayed, kept.of(one.id), as_of)


def _views(label: LabelRow, replayed: Replayed, kept: list[ObligationRow], as_of: dt.date) -> Iterator[View[Line]]:
    copies = copies_of(replayed)
    matched, _ = match(kept, copies)
    keys = {place: row.id for place, row in matched.items()}
    for place, copied in enumerate(copies):
        if not copied.stands:
            continue
        row = _line(label, copied, keys.get(place))
        if place < len(replayed.owed):
            yield of_standing(row, replayed.owed[place].standing, replayed.evaluations, as_of)
        else:
            unknown = replayed.untold[place - len(replayed.owed)].unknown
            yield of_unknown(row, unknown, replayed.evaluations, as_of)


def _line(label: LabelRow, copied: Copied, key: int | None) -> Line:
    return Line(
        id=key,
        project_id=label.id,
        project=label.project,
        project_title=label.project_title,
        stage=label.stage,
        unit_id=label.unit_id,
        unit=label.unit,
        officer_id=label.officer_id,
        officer=label.officer,
        key=copied.key,
        kind=copied.kind,
        number=copied.number,
        independence=copied.independence,
        due_on=copied.due_on,
        reason=copied.reason,
        rules=copied.rules,
        missing=copied.missing,
    )


def are_kept(session: Session, as_of: dt.date) -> bool:
    """Whether obligations are kept as they stand on the day but for the facts that come to count: the day is that of
    the last recomputation or later."""
    last = queries_stamps.last_assessment(session)
    return last is not None and as_of >= last.as_of


def views_due_of(session: Session, some: Some, first: dt.date, last: dt.date, as_of: dt.date) -> Iterator[ProjectView]:
    """As :func:`views_due`, of some projects, on a day on which they :func:`are_kept`; those that are judged anew come
    behind the others, and both in the order of their projects."""
    rows = queries_due.falling_due_of(session, some, first, last)
    return _judged(session, some, rows, set(queries_due.facts_coming_of(session, some, as_of)), as_of)


def views_due(
    session: Session, first: dt.date, last: dt.date, as_of: dt.date, *, some: Some = ALL
) -> Iterator[ProjectView]:
    """What falls due in the span, or might (rescheduled), and what cannot be told, as known on ``as_of``.

    The caller decides by the due date that counts. A constant number of statements; little is held at a time.
    """
    rows = queries_due.falling_due_of(session, some, first, last)
    otherwise = set(known_otherwise(session, as_of))
    if otherwise and some is not ALL:
        otherwise &= set(queries_facts.keys_of(session, some))
    return _judged(session, some, rows, otherwise, as_of)
