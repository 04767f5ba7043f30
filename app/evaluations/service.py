"""Rules of change for evaluations.

``create`` refuses an existing reference, ``update`` changes what a body sets, ``put`` does either by the reference
(rows of tables). None of them commits.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.evaluations import Evaluation, EvaluationProject, EvaluationRating
from app.db.lookups import row_by, rows_by, the_setup
from app.db.meant import refuse_look_alike
from app.db.organisation import Unit
from app.db.partners import Partner
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.db.put import Put, assign
from app.db.sides import units_of_evaluation, units_of_subject
from app.db.together import added, altered, part_added, removed, settled
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.domain.evaluation.terms import FINISHED, UNDER_WAY, Independence, Kind
from app.domain.terms import EvaluationStatus
from app.errors import Conflict, Fault
from app.evaluations import queries
from app.evaluations.obligations.queries_store import look_again
from app.evaluations.recommendations import set_days
from app.evaluations.schemas import EvaluationIn, RatingIn
from app.inputs import FaultList, Input, sent

#: columns that a body names, and those of them that never become empty
_COLUMNS = tuple(name for name in EvaluationIn.model_fields if name not in ("projects", "ratings"))
_REQUIRED = ("reference", "kind", "independence", "status", "scope", "published")


def create_evaluation(
    session: Session,
    actor: Actor,
    body: EvaluationIn,
    *,
    today: dt.date,
    pointer: str = "",
    told: FaultList | None = None,
) -> Evaluation:
    """A new evaluation; ``told`` takes what is remarked of one that is stored all the same.

    :raises Conflict: when the reference exists already.
    """
    if queries.evaluation_by_reference(session, body.reference) is not None:
        raise _taken(body.reference, pointer)
    evaluation = Evaluation(
        reference=body.reference,
        kind=body.kind.value,
        independence=body.independence.value,
        status=body.status,
    )
    _store(session, actor, evaluation, body, today=today, pointer=pointer)
    _remark(evaluation, None, told)
    return evaluation


def update_evaluation(
    session: Session,
    actor: Actor,
    evaluation: Evaluation,
    body: Input,
    *,
    today: dt.date,
    pointer: str = "",
    told: FaultList | None = None,
) -> bool:
    """Changes what the body (an ``EvaluationPatch``) sets; tells whether anything differed.

    ``told``: as of a new one.
    """
    reference = sent(body).get("reference")
    if reference not in (None, evaluation.reference) and queries.evaluation_by_reference(session, reference):
        raise _taken(reference, pointer)
    before = evaluation.status
    changed = _store(session, actor, evaluation, body, today=today, pointer=pointer)
    _remark(evaluation, before, told)
    return changed


def put_evaluation(
    session: Session, actor: Actor, body: EvaluationIn, *, today: dt.date, pointer: str = ""
) -> Put[Evaluation]:
    """Creates the evaluation of this reference, or changes what differs."""
    evaluation = queries.evaluation_by_reference(session, body.reference)
    if evaluation is None:
        told = FaultList(pointer)
        made = create_evaluation(session, actor, body, today=today, pointer=pointer, told=told)
        return Put(made, "created", tuple(told.found))
    if evaluation.recorded_kind is not None and evaluation.recorded_kind == body.kind.value:
        # it was recorded as a mid-term, and became interim when the project's end moved
        body = body.model_copy(update={"kind": Kind.INTERIM})
    told, before = FaultList(pointer), evaluation.status
    changed = _store(session, actor, evaluation, body, today=today, pointer=pointer)
    _remark(evaluation, before, told)
    return Put(evaluation, "updated" if changed else "unchanged", tuple(told.found))


def _remark(evaluation: Evaluation, before: EvaluationStatus | None, told: FaultList | None) -> None:
    """What is finished counts from a day; where none is given it is not left unsaid from which."""
    if told is None or evaluation.completed_on is not None or evaluation.status not in FINISHED or before in FINISHED:
        return
    since = evaluation.status_since
    message = "It is finished, and no day says since when: it counts as if it had always been. Enter completed_on."
    if since is not None:
        message = f"It is finished, and no day says since when: it counts from {since} on, when that was recorded."
    told.add("completed_on", "evaluation.finished-without-day", message)


def evaluations_ahead(session: Session, bodies: Sequence[EvaluationIn]) -> None:
    """Reads what :func:`put_evaluation` asks for of each of the records that a batch puts."""
    queries.evaluations_ahead(session, bodies)


def archive_evaluation(session: Session, actor: Actor, evaluation: Evaluation) -> None:
    """Takes an evaluation out of use: it no longer fulfils anything."""
    _keep(session, actor, evaluation, archiving.archive)


def restore_evaluation(session: Session, actor: Actor, evaluation: Evaluation) -> None:
    """Brings an archived evaluation back: it fulfils again what it did."""
    _keep(session, actor, evaluation, archiving.restore)
    # policies may have changed meanwhile
    set_days(session, evaluation)


def _keep(
    session: Session, actor: Actor, evaluation: Evaluation, change: Callable[[Session, Evaluation], None]
) -> None:
    require_change(session, actor, evaluation)
    change(session, evaluation)
    look_again(session, (row.project_id for row in queries.covered(session, key(evaluation))))


def require_change(session: Session, actor: Actor, evaluation: Evaluation) -> None:
    """Raises ``NotAllowed`` for who may not change it."""
    actor.require(Right.EVALUATE)
    if actor.of_a_unit:
        actor.require_unit(*units_of_evaluation(session, key(evaluation)))


def require_covering(actor: Actor, unit_ids: Iterable[int | None]) -> None:
    """Raises ``NotAllowed`` for who may not have projects of these units evaluated together; of none: it is the
    organisation's."""
    actor.require(Right.EVALUATE)
    actor.require_unit(*unit_ids)


def _store(
    session: Session, actor: Actor, evaluation: Evaluation, body: Input, *, today: dt.date, pointer: str
) -> bool:
    actor.require(Right.EVALUATE)
    given = sent(body)
    if evaluation.id is not None:
        require_change(session, actor, evaluation)
    found = FaultList(pointer)
    after = _completed(session, evaluation, body)
    covered_before = (
        set() if evaluation.id is None else {row.project_id for row in queries.covered(session, key(evaluation))}
    )
    projects = _projects(session, given.get("projects"), found)
    if after.scope == "project" and not (covered_before if projects is None else given["projects"]):
        found.add("projects", "evaluation.no-project", "Name the projects it covers.")
    covered = projects if projects is not None else [session.get_one(Project, each) for each in covered_before]
    _check_begun(after, covered, found)
    # whose a subject is can be asked of one that there is
    _check_subject(session, after, found)
    is_moved = (after.scope, after.subject) != (evaluation.scope, evaluation.subject)
    if actor.of_a_unit and (projects is not None or evaluation.id is None or is_moved) and not found.found:
        units = units_of_subject(session, after.scope, after.subject)
        require_covering(actor, units.union(project.unit_id for project in covered))
    rated: list[RatingIn] | None = given.get("ratings")
    _date_status(evaluation, after, today)
    _check(evaluation, after, rated or [], found, today)
    known_partners = rows_by(session, Partner, "code", after.joint_with or [])
    for place, code in enumerate(after.joint_with or []):
        if code not in known_partners:
            found.add(f"joint_with/{place}", "partner.unknown", f"There is no partner {code}.")
    is_new = evaluation.id is None
    if is_new:
        refuse_look_alike(session, found, Evaluation, "reference", evaluation.reference)
    found.refuse()
    if after.kind != evaluation.kind:
        evaluation.recorded_kind = None
    changed = assign(evaluation, {name: getattr(after, name) for name in (*_COLUMNS, "status_since")})
    if is_new:
        added(session, evaluation)
    else:
        settled(session)
    below = False
    if projects is not None:
        below = _cover(session, evaluation, {key(project) for project in projects})
    if rated is not None:
        below = _rate(session, evaluation, {one.criterion: one for one in rated}) or below
    if below and not is_new:
        # what hangs below the row is shown as part of it
        evaluation.version += 1
    changed = changed or below
    if changed or is_new:
        covered_now = {key(project) for project in projects} if projects is not None else set()
        look_again(session, covered_before | covered_now)
        set_days(session, evaluation)
    settled(session)
    return changed


def _projects(session: Session, codes: list[str] | None, found: FaultList) -> list[Project] | None:
    if codes is None:
        return None
    known = rows_by(session, Project, "code", codes)
    for place, code in enumerate(codes):
        if code not in known:
            found.add(f"projects/{place}", "project.unknown", f"There is no project {code}.")
    return [known[code] for code in dict.fromkeys(codes) if code in known]


def _completed(session: Session, evaluation: Evaluation, body: Input) -> Evaluation:
    """The row as it is to be, never stored itself: as the body gives it, else as it stands; with what goes unsaid."""
    given = {name: value for name, value in sent(body).items() if value is not None or name not in _REQUIRED}
    standing = {name: getattr(evaluation, name) for name in (*_COLUMNS, "status_since")}
    after = Evaluation(**standing | {name: value for name, value in given.items() if name in _COLUMNS})
    # a body holds members of the enumerations, the store their values
    after.kind, after.independence = Kind(after.kind).value, Independence(after.independence).value
    after.evaluators = after.evaluators or []
    if after.budget is None:
        after.currency = None
    elif after.currency is None:
        after.currency = the_setup(session).currency
    return after


def _date_status(evaluation: Evaluation, after: Evaluation, today: dt.date) -> None:
    """Dates a change of status by the day it is recorded on, where no day says since when it holds.

    So a past day shows what the evaluation was on it. A new record without days has always been as it says, unless its
    plan lies ahead.
    """
    status, before = after.status, None if evaluation.id is None else evaluation.status
    if status is before or (status in UNDER_WAY and before in UNDER_WAY):
        return
    since, done = evaluation.status_since, after.completed_on
    if before in UNDER_WAY and since is not None and after.started_on is None and (done is None or since <= done):
        after.started_on = since
    if before is EvaluationStatus.CANCELLED:
        after.cancelled_on = None
    if status in FINISHED:
        is_dated = done is not None or before in FINISHED
    elif status is EvaluationStatus.CANCELLED:
        is_dated = after.cancelled_on is not None
    else:
        is_dated = status is EvaluationStatus.PLANNED or after.started_on is not None
    lies_ahead = status in UNDER_WAY and after.planned_start is not None and after.planned_start > today
    after.status_since = today if not is_dated and (before is not None or lies_ahead) else None


def _check(evaluation: Evaluation, after: Evaluation, rated: list[RatingIn], found: FaultList, today: dt.date) -> None:
    if after.budget != evaluation.budget:
        found.ask_thousands("budget", after.budget, after.currency or "")
    starts, ends, done = after.planned_start, after.planned_end, after.completed_on
    if starts is not None and ends is not None and ends < starts:
        found.add("planned_end", "dates-in-order", f"It would end on {ends}, before it starts on {starts}.")
    if done is not None and done > today:
        found.add("completed_on", "evaluation.future-date", f"{done} lies in the future: it is not completed yet.")
    if done is not None and after.status not in FINISHED | {EvaluationStatus.CANCELLED}:
        message = "A report was accepted on that day, so that the status is final or disclosed: correct one of them."
        found.add("completed_on", "evaluation.completed", message)
    given_up = after.cancelled_on
    if given_up is not None and given_up > today:
        found.add("cancelled_on", "evaluation.future-date", f"{given_up} lies in the future: it is not given up yet.")
    if given_up is not None and after.status is not EvaluationStatus.CANCELLED:
        message = "It was given up on that day, so that the status is cancelled: correct one of them."
        found.add("cancelled_on", "evaluation.cancelled", message)
    if after.started_on is not None and done is not None and done < after.started_on:
        found.add("completed_on", "dates-in-order", "It would be completed before it began.")
    if after.scope == "country" and after.country is None:
        found.add("country", "required", "Name the country that is evaluated.")
    elif after.country != evaluation.country and after.country and not known_code("Country", after.country):
        found.add("country", "codelist", unlisted("Country", after.country))
    if after.kind == Kind.MILESTONE:
        found.add("kind", "evaluation.milestone", "A milestone is no evaluation: load it as one of the milestones.")
    if after.quality is not None and after.status not in FINISHED:
        found.add("quality", "evaluation.quality", "The quality of a report is rated once the report is accepted.")
    criteria = [one.criterion for one in rated]
    for name in sorted({name for name in criteria if criteria.count(name) > 1}):
        found.add("ratings", "rating.twice", f"{name} is rated twice.")


def _check_begun(after: Evaluation, covered: Iterable[Project], found: FaultList) -> None:
    """What looks back at work was not completed before any of it began; an appraisal may have been."""
    starts = [each.actual_start or each.planned_start for each in covered]
    known = [start for start in starts if start is not None]
    done = after.completed_on
    if done is None or after.kind == Kind.EVALUABILITY or not known or len(known) < len(starts) or done >= min(known):
        return
    message = f"The work that it looks at began on {min(known)} only: correct one of the days."
    found.add("completed_on", "evaluation.before-start", message)


def _check_subject(session: Session, after: Evaluation, found: FaultList) -> None:
    """What an evaluation of more than projects looks at is named, and is known."""
    known_by: dict[str, type[Unit | CountryProgramme | Project] | None] = {
        "unit": Unit, "theme": None, "country-programme": CountryProgramme, "fund": Project, "flagship": Project,
    }  # fmt: skip
    if after.scope not in known_by:
        if after.subject is not None:
            found.add("subject", "evaluation.subject", f"An evaluation of the scope {after.scope} has no subject.")
        return
    row_class = known_by[after.scope]
    if after.subject is None:
        found.add("subject", "required", f"Name the {after.scope.replace('-', ' ')} that is evaluated.")
    elif row_class is not None and row_by(session, row_class, "code", after.subject) is None:
        message = f"There is no {after.scope.replace('-', ' ')} {after.subject}."
        found.add("subject", "evaluation.subject-unknown", message)


def _cover(session: Session, evaluation: Evaluation, wanted: set[int]) -> bool:
    standing = {row.project_id: row for row in queries.covered(session, key(evaluation))}
    for project_id in wanted - standing.keys():
        part_added(session, EvaluationProject(evaluation_id=key(evaluation), project_id=project_id))
    for project_id in standing.keys() - wanted:
        removed(session, standing[project_id])
    if wanted == standing.keys():
        return False
    settled(session)
    return True


def _rate(session: Session, evaluation: Evaluation, wanted: Mapping[str, RatingIn]) -> bool:
    standing = {row.criterion: row for row in queries.ratings(session, key(evaluation))}
    changed = False
    for criterion, rating in wanted.items():
        row = standing.get(criterion)
        if row is None:
            row = EvaluationRating(evaluation_id=key(evaluation), criterion=criterion, rating=rating.rating)
            row.comment = rating.comment
            part_added(session, row)
            changed = True
            continue
        if assign(row, {"rating": rating.rating, "comment": rating.comment}):
            altered(session, row)
            changed = True
    for criterion in standing.keys() - wanted.keys():
        removed(session, standing[criterion])
        changed = True
    settled(session)
    return changed


def _taken(reference: str, pointer: str) -> Conflict:
    message = f"There is an evaluation {reference} already."
    return Conflict(message, [Fault(pointer=f"{pointer}/reference", rule="unique", message=message)])
