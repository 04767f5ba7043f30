"""The IATI identifier of an activity: minted from the code, frozen once the world has seen it.

A published identifier changes only through :func:`change_identifier`, and then the one before stays known: it goes out
as an other-identifier of type A3 (previous activity identifier), and no other activity gets it.
"""

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.db.identifiers import has_seen, keep_former, set_identifier
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.renamed import OF_PROJECTS, called_otherwise
from app.domain.access import Actor, Right
from app.domain.terms import Origin
from app.inputs import FaultList
from app.projects import queries
from app.projects.schemas import IdentifierIn


def check_identifier(session: Session, faults: FaultList, identifier: str, project_id: int | None, place: str) -> None:
    """Faults of an identifier that a project is to get."""
    if any(character in identifier for character in "/&|?") or any(character.isspace() for character in identifier):
        faults.add(place, "project.identifier-characters", f"{identifier} may not hold /, &, |, ? or white space.")
    if (holder := queries.identifier_taken(session, identifier, except_id=project_id)) is not None:
        faults.add(
            place,
            "project.identifier-taken",
            f"The identifier {identifier} belongs to project {holder}, or once did: choose another code.",
        )
    elif any(fault.rule == "key.other-capitals" for fault in faults.found):
        return
    elif other := queries.identifier_in_other_capitals(session, identifier, except_id=project_id):
        faults.add(
            place,
            "project.identifier-capitals",
            f"There is an activity {other}, and {identifier} differs from it in capital letters alone, which many who "
            "read activities take for the same: choose another code.",
        )


def check_change(session: Session, project: Project, code: str | None, wanted: str | None, faults: FaultList) -> None:
    """Faults of a new code or identifier that an update brings."""
    if wanted and wanted != project.iati_identifier:
        if has_seen(session, project):
            faults.add(
                "iati_identifier",
                "project.identifier-frozen",
                f"The activity is published as {project.iati_identifier}: an identifier never changes. Should it have "
                "to, an administrator changes it with `earmark project identifier`, and the one before stays known.",
            )
        else:
            check_identifier(session, faults, wanted, project.id, "iati_identifier")
    elif code and _follows(session, project, code):
        check_identifier(session, faults, _minted(session, project, code), project.id, "iati_identifier")


def rename(session: Session, project: Project, code: str, wanted: str | None) -> None:
    """A new code brings a new identifier, as long as the world has not seen the one before."""
    if wanted and wanted != project.iati_identifier:
        set_identifier(session, project, wanted)
    elif _follows(session, project, code):
        set_identifier(session, project, _minted(session, project, code))
    if code != project.code:
        before, project.code = project.code, code
        called_otherwise(session, OF_PROJECTS, before, code)


def _follows(session: Session, project: Project, code: str) -> bool:
    """Whether the identifier follows a new code."""
    return code != project.code and project.origin is Origin.OWN and not has_seen(session, project)


def _minted(session: Session, project: Project, code: str) -> str:
    return minted(session.get_one(Organisation, project.reporting_org_id), code)


def minted(reporter: Organisation, code: str) -> str:
    """The identifier that follows from who reports an activity, and from its code."""
    return f"{reporter.identifier}-{code.replace('/', '-')}"


def change_identifier(
    session: Session, actor: Actor, project: Project, body: IdentifierIn, *, pointer: str = ""
) -> Project:
    """Gives an activity another identifier, even a published one; the one before is kept then.

    :raises InvalidInput: when another activity has, or once had, the identifier.
    """
    actor.require(Right.ADMINISTER)
    before = project.iati_identifier
    if body.identifier == before:
        return project
    faults = FaultList(pointer)
    check_identifier(session, faults, body.identifier, project.id, "identifier")
    faults.refuse()
    if has_seen(session, project):
        project.former_identifiers = [
            *(known for known in project.former_identifiers if known != body.identifier),
            before,
        ]
        reporter = session.get_one(Organisation, project.reporting_org_id).identifier
        keep_former(session, project, reporting_org=reporter, recorded_by=actor.name)
    set_identifier(session, project, body.identifier)
    session.flush()
    why = Change(
        aggregate=f"project:{project.id}",
        action="identifier",
        entity="projects",
        entity_id=str(project.id),
        before={"iati_identifier": before},
        after={"iati_identifier": body.identifier, "reason": body.reason},
    )
    append_events(session, actor.name, [why])
    return project
