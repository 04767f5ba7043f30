"""Rules of change for projects and pools.

``create`` refuses an existing code, ``update`` changes what a body sets, ``put`` does either by the code (rows of
tables). None of them commits.
"""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from app.db import archiving
from app.db import revisions as db_revisions
from app.db.base import key
from app.db.identifiers import has_seen
from app.db.lookups import row_by, rows_by, the_setup
from app.db.meant import refuse_look_alike
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.put import Put, code_remarks
from app.db.together import added, settled
from app.domain import revisions
from app.domain.access import Actor, Right
from app.domain.keys import new_code_refused
from app.domain.shares import Share
from app.domain.stages import move_refused
from app.domain.terms import Grain, Stage
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, Sent, sent
from app.projects import checks, identifiers, queries, queries_ahead, texts
from app.projects.classified import sync
from app.projects.schemas import PoolIn, ProjectIn

#: fields that are columns of the same name and need nothing else
PLAIN = (
    "outcome", "gender_marker", "mid_term_agreed", "pilot", "humanitarian", "south_south", "note", "phase",
    "country_programme", "operationally_closed_on", "financially_closed_on", "activity_scope", "collaboration_type",
    "flow_type", "finance_type", "aid_type", "tied_status", "withheld_reason", "embargo_until",
)  # fmt: skip
#: what a field that is taken away falls back to, where that is not None
EMPTY = {"pilot": False, "south_south": False}


#: where work is still to come
_GOING_ON = frozenset((Stage.PIPELINE.value, Stage.IMPLEMENTATION.value))


def create_project(
    session: Session,
    actor: Actor,
    body: ProjectIn,
    *,
    today: dt.date,
    pointer: str = "",
    grain: Grain = Grain.PROJECT,
    told: FaultList | None = None,
) -> Project:
    """A new project; its first values are known from ``decided_on``, else from today.

    ``told``: takes what is remarked of one that is stored all the same.

    :raises Conflict: when the code exists already.
    """
    if queries.find_project(session, body.code) is not None:
        raise Conflict(
            f"There is a project {body.code} already.",
            [Fault(pointer=f"{pointer}/code", rule="project.exists", message="Choose another code, or update it.")],
        )
    made = _create(session, actor, body, grain, today=today, pointer=pointer, known_on=body.decided_on or today)
    _remark(made, told or FaultList())
    return made


def update_project(
    session: Session,
    actor: Actor,
    project: Project,
    body: Input,
    *,
    today: dt.date,
    pointer: str = "",
    told: FaultList | None = None,
) -> Project:
    """Changes what the body (a ``ProjectPatch``) sets; what it leaves out stays.

    ``told``: takes what is remarked of a new code.
    """
    code = project.code
    _update(session, actor, project, sent(body), today=today, pointer=pointer)
    if told is not None and project.code != code:
        _remark_code(project, told)
    return project


def archive_project(session: Session, actor: Actor, project: Project) -> Project:
    """Takes a project that never came to anything out of lists and reports; nothing below it is lost.

    :raises Conflict: when the world has seen it, or figures of the past rest on it: such a project is closed.
    """
    require_change(actor, project)
    if project.archived_at is None:
        faults = _reasons_to_stay(session, project)
        if faults:
            raise Conflict(" ".join(fault.message for fault in faults), faults)
    archiving.archive(session, project)
    return project


def restore_project(session: Session, actor: Actor, project: Project) -> Project:
    """Brings an archived project back."""
    require_change(actor, project)
    archiving.restore(session, project)
    return project


def require_change(actor: Actor, project: Project, right: Right = Right.WRITE) -> None:
    """Raises ``NotAllowed`` for who may not change it, or what is recorded below it and asks for ``right``."""
    actor.require(right)
    actor.require_unit(project.unit_id)


def _reasons_to_stay(session: Session, project: Project) -> list[Fault]:
    """Why a project cannot be archived, each with the way out."""
    faults = FaultList()
    if has_seen(session, project):
        message = (
            f"{project.code} is published as {project.iati_identifier}, and what is published does not go away: "
            "close or cancel it instead, or say in `withheld_reason` why it is not to be published."
        )
        faults.add("", "project.published", message)
    if queries.has_figures(session, key(project)):
        message = (
            f"Money or an evaluation is recorded for {project.code}, and archiving it would change figures of the "
            "past: close or cancel it instead."
        )
        faults.add("", "project.has-figures", message)
    return faults.found


def create_pool(
    session: Session,
    actor: Actor,
    body: PoolIn,
    *,
    today: dt.date,
    pointer: str = "",
    told: FaultList | None = None,
) -> Project:
    """A new pool; see :func:`create_project`."""
    return create_project(session, actor, _as_project(body), today=today, pointer=pointer, grain=Grain.POOL, told=told)


def put_project(session: Session, actor: Actor, body: ProjectIn, *, today: dt.date, pointer: str = "") -> Put[Project]:
    """Creates or updates by the code.

    Values of a record that does not say when they were decided hold from the beginning, so that dated revisions stand
    above them. A record that repeats what it stated before does not undo decisions that came in between.
    """
    return _put(session, actor, body, Grain.PROJECT, today=today, pointer=pointer)


def projects_ahead(session: Session, bodies: Sequence[ProjectIn]) -> None:
    """Reads what :func:`put_project` asks for of each of the records that a batch puts."""
    queries_ahead.look_ahead(session, bodies)
    reporter = session.get_one(Organisation, the_setup(session).organisation_id)
    new = (body for body in bodies if queries.find_project(session, body.code) is None)
    wanted = {body.iati_identifier for body in bodies if body.iati_identifier}
    queries_ahead.holders_ahead(session, wanted | {identifiers.minted(reporter, body.code) for body in new})


def pools_ahead(session: Session, bodies: Sequence[PoolIn]) -> None:
    """The same for :func:`put_pool`."""
    projects_ahead(session, [_as_project(body) for body in bodies])


def put_pool(session: Session, actor: Actor, body: PoolIn, *, today: dt.date, pointer: str = "") -> Put[Project]:
    """Creates or updates a pool by its code."""
    return _put(session, actor, _as_project(body), Grain.POOL, today=today, pointer=pointer)


def _as_project(body: PoolIn) -> ProjectIn:
    return ProjectIn.model_validate({"status": body.status, **sent(body)})


def _put(
    session: Session, actor: Actor, body: ProjectIn, grain: Grain, *, today: dt.date, pointer: str
) -> Put[Project]:
    project = queries.find_project(session, body.code)
    if project is None:
        known_on = body.decided_on or db_revisions.UNDATED
        made = _create(session, actor, body, grain, today=today, pointer=pointer, known_on=known_on)
        told = FaultList(pointer)
        _remark(made, told)
        return Put(made, "created", tuple(told.found))
    if project.grain is not grain:
        raise Conflict(
            f"{body.code} is a {project.grain.value}, not a {grain.value}.",
            [Fault(pointer=f"{pointer}/code", rule="project.grain", message="Choose another code.")],
        )
    values = sent(body)
    stated = {
        row.field: row.value
        for row in db_revisions.revisions(session, key(project))
        if row.reason == db_revisions.STATED
    }
    changed = _update(session, actor, project, values, today=today, pointer=pointer, stated=stated)
    return Put(project, "updated" if changed else "unchanged")


def _remark(project: Project, told: FaultList) -> None:
    """A project that comes on record as closed may be of before anybody kept the day; it is not left unsaid."""
    _remark_code(project, told)
    if project.stage is Stage.CLOSED and project.grain is Grain.PROJECT and project.actual_end is None:
        message = "It is closed and has no actual end: enter the day on which work ended."
        told.add("actual_end", checks.WITHOUT_END, message)


def _remark_code(project: Project, told: FaultList) -> None:
    told.found.extend(code_remarks(project.code, told.pointer))


def _create(
    session: Session, actor: Actor, body: ProjectIn, grain: Grain, *, today: dt.date, pointer: str, known_on: dt.date
) -> Project:
    actor.require(Right.WRITE)
    values = {name: value for name, value in sent(body).items() if value is not None}
    setup = the_setup(session)
    reporter = session.get_one(Organisation, setup.organisation_id)
    faults = FaultList(pointer)
    references = _references(session, values, faults)
    actor.require_unit(references.get("unit_id"))
    checks.check_dates(faults, values, values, today)
    checks.check_codes(faults, values)
    checks.check_shares(faults, values, {})
    faults.ask_thousands("total_budget", body.total_budget, body.currency or setup.currency)
    if why := new_code_refused(body.code):
        faults.add("code", "code.new", why)
    refuse_look_alike(session, faults, Project, "code", body.code)
    identifier = body.iati_identifier or identifiers.minted(reporter, body.code)
    place = "iati_identifier" if body.iati_identifier else "code"
    identifiers.check_identifier(session, faults, identifier, None, place)
    faults.refuse()
    first = _revised(values, setup.currency)
    begun: Sent = {name: values[name] for name in PLAIN if name in values}
    begun |= references | db_revisions.columns(session, first)
    project = Project(
        grain=grain,
        code=body.code,
        iati_identifier=identifier,
        reporting_org_id=setup.organisation_id,
        title=body.title,
        description=body.description,
        **begun,
    )
    texts.apply(project, values)
    added(session, project)
    sync(session, key(project), values, kept=())
    db_revisions.append(
        session,
        project,
        {field: text for field, text in first.items() if text is not None},
        known_on=known_on,
        reason=body.reason or db_revisions.STATED,
        recorded_by=actor.name,
        known=(),
    )
    settled(session)
    return project


def _update(
    session: Session,
    actor: Actor,
    project: Project,
    values: Sent,
    *,
    today: dt.date,
    pointer: str,
    stated: dict[str, str | None] | None = None,
) -> bool:
    """Applies the values; returns whether anything changed."""
    require_change(actor, project)
    faults = FaultList(pointer)
    references = _references(session, values, faults, project)
    if "unit_id" in references and not faults.found:
        # a project that changes units touches the one that gets it
        actor.require_unit(references["unit_id"])
    current = db_revisions.texts_of(session, project)
    revised = {
        field: text
        for field, text in _revised(values, project.budget_currency or the_setup(session).currency).items()
        if text != current[field] and not (stated is not None and field in stated and stated[field] == text)
    }
    _check_update(session, project, values, revised, faults, today)
    faults.refuse()
    for name in PLAIN:
        if name in values:
            setattr(project, name, EMPTY.get(name) if values[name] is None else values[name])
    for name, referred in references.items():
        setattr(project, name, referred)
    texts.apply(project, values)
    identifiers.rename(session, project, values.get("code") or project.code, values.get("iati_identifier"))
    changed = sync(session, key(project), values)
    if changed:
        project.version += 1
    if revised:
        db_revisions.append(
            session,
            project,
            revised,
            known_on=values.get("decided_on") or today,
            reason=values.get("reason") or db_revisions.STATED,
            recorded_by=actor.name,
        )
    changed = changed or bool(revised) or session.is_modified(project)
    settled(session)
    return changed


def _check_update(
    session: Session,
    project: Project,
    values: Sent,
    revised: dict[str, str | None],
    faults: FaultList,
    today: dt.date,
) -> None:
    closings = ("operationally_closed_on", "financially_closed_on")
    standing = {name: getattr(project, name) for name in (*db_revisions.DATES, *closings)}
    changed = {name: value for name, value in values.items() if name not in db_revisions.DATES or name in revised}
    checks.check_dates(faults, {**standing, **changed}, changed, today)
    checks.check_codes(faults, values)
    if revised.get("total_budget") and "total_budget" in values:
        currency = values.get("currency") or project.budget_currency or the_setup(session).currency
        faults.ask_thousands("total_budget", values["total_budget"], currency)
    if checks.SHARED.keys() & values.keys():
        kept = queries.classifications(session, key(project))
        standing_shares = {
            name: [
                Share(kind=kind, code=row.code, percentage=row.percentage, vocabulary=row.vocabulary)
                for row in kept
                if row.kind == kind
            ]
            for name, kind in checks.SHARED.items()
        }
        checks.check_shares(faults, values, standing_shares)
    if (stage := revised.get("stage")) and (why := move_refused(project.stage, Stage(stage), values.get("reason"))):
        faults.add("status", "project.stage-move", why)
    elif stage or "actual_end" in revised:
        ended = {**standing, **changed}.get("actual_end")
        checks.check_ended(faults, project.grain, Stage(stage or project.stage), ended)
        if stage in _GOING_ON and ended is not None:
            message = f"A project that goes on has not ended: take its actual end ({ended}) away."
            faults.add("actual_end", "project.going-on-after-end", message)
    if (code := values.get("code")) and code != project.code:
        if why := new_code_refused(code):
            faults.add("code", "code.new", why)
        other = queries.find_project(session, code)
        if other is not None:
            faults.add("code", "project.exists", f"There is a project {code} already.")
        refuse_look_alike(session, faults, Project, "code", code, instead_of=project.code)
    identifiers.check_change(session, project, code, values.get("iati_identifier"), faults)


def _references(
    session: Session, values: Sent, faults: FaultList, project: Project | None = None
) -> dict[str, int | None]:
    """Keys of the rows that the values name by code; unknown ones are faults."""
    found: dict[str, int | None] = {}
    units = rows_by(session, Unit, "code", [values.get("unit"), values.get("backstopping_unit")])
    for name in ("unit", "backstopping_unit"):
        if name in values:
            unit = units.get(values[name] or "")
            if values[name] and unit is None:
                faults.add(name, "unit.unknown", f"There is no unit {values[name]}.")
            found[f"{name}_id"] = unit.id if unit else None
    if (code := values.get("officer")) and row_by(session, Officer, "code", code) is None:
        faults.add("officer", "officer.unknown", f"There is no officer {code}.")
    if "parent" in values:
        parent = queries.find_project(session, values["parent"]) if values["parent"] else None
        if values["parent"] and parent is None:
            faults.add("parent", "project.unknown", f"There is no project {values['parent']}.")
        elif parent and project and project.parent_id != parent.id and project.id in queries.parents(session, parent):
            faults.add("parent", "project.parent-circle", f"{parent.code} stands below this project itself.")
        found["parent_id"] = parent.id if parent else None
    return found


def _revised(values: Sent, currency: str) -> dict[str, str | None]:
    """The text forms of the fields whose history is kept, of those the values set."""
    found: dict[str, str | None] = {
        name: None if values[name] is None else values[name].isoformat()
        for name in db_revisions.DATES
        if name in values
    }
    if "total_budget" in values:
        found["total_budget"] = revisions.budget_text(values["total_budget"], values.get("currency") or currency)
    if "officer" in values:
        found["officer"] = values["officer"]
    if "status" in values:
        found["stage"] = Stage(values["status"]).value
    return found
