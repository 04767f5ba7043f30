"""Where records are named by a code rather than by their key: brings what is named there under its new code.

All of it by statements, since what is archived, posted or decided does not change otherwise; the audit trail tells it.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select, update
from sqlmodel import Session

from app.db.audit import Change
from app.db.base import Kept, Row, table, utc_now
from app.db.changelog import actor_of, note_changes, touch
from app.db.dated import BUDGETS, append, decisions
from app.db.evaluations import Evaluation
from app.db.funding import Agreement, AgreementRepurposing
from app.db.lessons import LessonTag
from app.db.partners import Partner
from app.db.projects import Project
from app.db.renamed_codes import called_now
from app.db.revisions import UNDATED
from app.db.spending import Allocation, InstitutionalBudget
from app.domain.outcomes import outcome_codes, outcome_shares, written_outcomes
from app.domain.partners import read_part, write_part
from app.domain.purposes import Purpose, PurposeKind

#: columns that hold references such as ``project:A``
_REFERENCES: tuple[tuple[type[Kept], str], ...] = (
    (Agreement, "earmarked_for_refs"),
    (AgreementRepurposing, "earmarked_for_refs"),
    (Evaluation, "evidence_on"),
)
#: whose chain of events rows belong to, other than their own: what it is called, and the column with its key
_CHAINS: dict[type[Row], tuple[str, str]] = {
    Project: ("project", "id"),
    Allocation: ("project", "project_id"),
    AgreementRepurposing: ("agreement", "agreement_id"),
}
#: so many rows are changed by one statement
_BATCH = 500


def purposes(session: Session, kind: PurposeKind, before: str, after: str) -> None:
    """References to what is called otherwise now, wherever they stand."""
    for row_class, name in _REFERENCES:
        column = table(row_class).c[name]

        def now(standing: list[str]) -> list[str]:
            return list(dict.fromkeys(called_now(each, kind, before, after) for each in standing))

        # how letters of a code are written inside JSON depends on the database; the kind is written one way
        _change(session, row_class, name, cast(column, String).contains(f"{kind.value}:"), now)


def outcome_of_projects(session: Session, before: str, after: str) -> None:
    """Projects work towards the outcome under its new code, and are published so."""

    def now(standing: str) -> str:
        if before not in outcome_codes(standing):
            return standing
        return written_outcomes((after if code == before else code, share) for code, share in outcome_shares(standing))

    touch(session, _change(session, Project, "outcome", _naming(before), now))


def outcome_of_allocations(session: Session, before: str, after: str) -> None:
    """Money set aside for the outcome is so under its new code."""
    _change(session, Allocation, "outcome", table(Allocation).c.outcome == before, lambda _standing: after)


def outcome_of_needs(session: Session, before: str, after: str) -> None:
    """What the outcome needs is told under its new code; decisions are told anew, each of its day."""
    need = table(InstitutionalBudget).c
    for row in session.scalars(
        select(InstitutionalBudget).where(need.kind == "need", need.line == before, need.archived_at.is_(None))
    ).all():
        told = decisions(session, BUDGETS, row)
        standing = {name: getattr(row, name) for name in BUDGETS.values}
        said = [
            ({name: getattr(each, name) for name in BUDGETS.values}, each.known_on, each.withdrawn) for each in told
        ]
        for values, known_on, withdrawn in said or [(standing, UNDATED, False)]:
            new = None if withdrawn else values | {"line": after}
            append(session, BUDGETS, row, new, known_on=known_on, recorded_by=actor_of(session))


def outcome_of_lessons(session: Session, before: str, after: str) -> None:
    """Lessons are about the outcome under its new code."""
    tag = table(LessonTag).c
    _change(session, LessonTag, "code", (tag.kind == "outcome") & (tag.code == before), lambda _standing: after)


def partner_of_agreements(session: Session, before: str, after: str) -> None:
    """What other partners give of an agreement, as ``SWE:40``, and when they joined."""
    agreement = table(Agreement).c

    def shares(standing: list[str]) -> list[str]:
        return [
            write_part(after, part[1]) if (part := read_part(text)) is not None and part[0] == before else text
            for text in standing
        ]

    def days(standing: dict[str, str]) -> dict[str, str]:
        return {after if code == before else code: day for code, day in standing.items()}

    _change(session, Agreement, "further_partners", cast(agreement.further_partners, String) != "[]", shares)
    _change(session, Agreement, "joined", agreement.joined.is_not(None), days)


def partner_of_evaluations(session: Session, before: str, after: str) -> None:
    """Evaluations made jointly with the partner are so under its new code."""

    def now(standing: list[str]) -> list[str]:
        return [after if code == before else code for code in standing]

    _change(session, Evaluation, "joint_with", table(Evaluation).c.joint_with.is_not(None), now)


def preset_of_agreements(session: Session, before: str, after: str) -> None:
    """Agreements, and changes of how they are earmarked, have the preset under its new name."""
    for row_class in (Agreement, AgreementRepurposing):
        _change(session, row_class, "preset", table(row_class).c.preset == before, lambda _standing: after)


def source_of_allocations(session: Session, before: str, after: str) -> None:
    """Money set aside from the agreement is so under its new reference."""
    allocation = table(Allocation).c
    # a source of own resources may have the same name
    naming = (allocation.source == before) & allocation.agreement_id.is_not(None)
    _change(session, Allocation, "source", naming, lambda _standing: after)


def framework_of_partners(session: Session, before: str, after: str) -> None:
    """Agreements and partners under the framework agreement are so under its new code."""
    _change(session, Agreement, "framework", table(Agreement).c.framework == before, lambda _standing: after)
    naming = table(Partner).c.framework_agreement == before
    _change(session, Partner, "framework_agreement", naming, lambda _standing: after)


def names_outcome(session: Session, code: str) -> bool:
    """Whether anything names an outcome by a code: projects, money set aside or needed, lessons, purposes of
    agreements or evidence of evaluations, in use or archived, since what was known on a day before stays known."""
    reference = str(Purpose(kind=PurposeKind.OUTCOME, code=code))
    project, need, tag = table(Project).c, table(InstitutionalBudget).c, table(LessonTag).c
    allocation = table(Allocation).c
    plain = (
        select(allocation.id).where(allocation.outcome == code),
        select(need.id).where(need.kind == "need", need.line == code),
        select(tag.id).where(tag.kind == "outcome", tag.code == code),
    )
    if any(session.execute(each.limit(1)).first() is not None for each in plain):
        return True
    worded = select(project.outcome).where(_naming(code)).distinct()
    if any(code in outcome_codes(standing) for standing in session.scalars(worded)):
        return True
    for row_class, name in _REFERENCES:
        column = table(row_class).c[name]
        found = session.scalars(select(column).where(cast(column, String).contains(f"{PurposeKind.OUTCOME.value}:")))
        if any(reference in (standing or ()) for standing in found):
            return True
    return False


def _naming(code: str) -> ColumnElement[bool]:
    """Projects whose outcomes may name the code, alone or with its share; others may contain it too."""
    return table(Project).c.outcome.contains(code, autoescape=True)


def _change(
    session: Session,
    row_class: type[Row],
    name: str,
    naming: ColumnElement[bool],
    now: Callable[[Any], Any],
) -> set[int]:
    """Gives a column of the rows that name something the value that ``now`` makes of what stands; gives their keys."""
    session.flush()
    rows = table(row_class)
    prefix, owner = _CHAINS.get(row_class, (str(row_class.__tablename__), "id"))
    found = session.execute(select(rows.c.id, rows.c[owner], rows.c[name]).where(naming).order_by(rows.c.id)).all()
    changed = [
        (key_, owner_key, standing, after)
        for key_, owner_key, standing in found
        if standing is not None and (after := now(standing)) != standing
    ]
    alike: dict[str, list[tuple[int, Any]]] = {}
    for key_, _owner, _standing, after in changed:
        alike.setdefault(repr(after), []).append((key_, after))
    new_version = {"version": rows.c.version + 1, "updated_at": utc_now()} if issubclass(row_class, Kept) else {}
    for group in alike.values():
        for begin in range(0, len(group), _BATCH):
            batch = group[begin : begin + _BATCH]
            keys = [key_ for key_, _after in batch]
            session.execute(update(rows).where(rows.c.id.in_(keys)).values({name: batch[0][1], **new_version}))
    note_changes(
        session,
        [
            Change(
                aggregate=f"{prefix}:{owner_key}",
                action="update",
                entity=str(row_class.__tablename__),
                entity_id=str(key_),
                before={name: standing},
                after={name: after},
            )
            for key_, owner_key, standing, after in changed
        ],
    )
    keys_changed = {key_ for key_, *_ in changed}
    for row in [each for each in session.identity_map.values() if isinstance(each, row_class)]:
        if row.id in keys_changed:
            session.expire(row)
    return keys_changed
