"""The organisation's own identifier: put right while nothing is published, changed with the old one kept afterwards.

Activities are named after it. Those that the world has seen keep their identifiers and name the former organisation
identifier (other-identifier B1); those that nobody has seen follow.
"""

from dataclasses import dataclass

from sqlmodel import Session

from app.db.audit import Change, append_events
from app.db.base import key
from app.db.identifiers import set_identifier
from app.db.lookups import the_setup
from app.db.partners import Organisation
from app.db.projects import Project
from app.domain.access import Actor, Right
from app.errors import Fault, InvalidInput
from app.organisation import queries
from app.organisation.schemas import OrganisationIdentifierIn


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """What a change of the organisation's identifier did."""

    #: activities that nobody had seen, and that are named after the new identifier now
    followed: int
    #: activities that the world has seen under identifiers that stay
    kept: int


def is_published(session: Session, organisation: Organisation) -> bool:
    """Whether the world has seen anything that the organisation reports."""
    return queries.published_activities(session, key(organisation)) > 0 or queries.has_published_file(
        session, key(organisation)
    )


def change_identifier(session: Session, actor: Actor, body: OrganisationIdentifierIn) -> Changed:
    """Gives the organisation another identifier.

    An organisation that is known under it already, from a published file, is the same one then: what stood under the
    old identifier moves there.

    :raises InvalidInput: when an activity that follows would get the identifier of another one.
    """
    actor.require(Right.ADMINISTER)
    organisation = session.get_one(Organisation, the_setup(session).organisation_id)
    before, wanted = organisation.identifier, body.identifier
    if wanted == before:
        return Changed(followed=0, kept=queries.published_activities(session, key(organisation)))
    published = is_published(session, organisation)
    following = queries.unseen_projects(session, key(organisation), f"{before}-")
    _refuse_taken(session, following, f"{before}-", f"{wanted}-")
    kept = queries.published_activities(session, key(organisation))
    known = queries.find_organisation(session, wanted)
    if known is not None:
        _become(session, organisation, known)
        organisation = known
    else:
        organisation.identifier = wanted
    former = [each for each in organisation.former_identifiers if each != wanted]
    organisation.former_identifiers = [*former, before] if published and before is not None else former
    for project in following:
        set_identifier(session, project, f"{wanted}-{project.iati_identifier.removeprefix(f'{before}-')}")
    session.flush()
    why = Change(
        aggregate=f"organisations:{organisation.id}",
        action="identifier",
        entity="organisations",
        entity_id=str(organisation.id),
        before={"identifier": before},
        after={"identifier": wanted, "reason": body.reason},
    )
    append_events(session, actor.name, [why])
    return Changed(followed=len(following), kept=kept)


def _refuse_taken(session: Session, projects: list[Project], before: str, after: str) -> None:
    wanted = {after + project.iati_identifier.removeprefix(before): project.code for project in projects}
    faults = [
        Fault(
            pointer="/identifier",
            rule="project.identifier-taken",
            message=f"{wanted[taken]} would be called {taken} as {holder} is: give it another code first.",
        )
        for taken, holder in queries.identifiers_taken(session, list(wanted)).items()
        if holder != wanted[taken]
    ]
    if faults:
        raise InvalidInput(faults)


def _become(session: Session, organisation: Organisation, known: Organisation) -> None:
    """What names the organisation that was set up names the one that is known already."""
    the_setup(session).organisation_id = key(known)
    for row in queries.rows_naming(session, key(organisation)):
        for column in ("reporting_org_id", "organisation_id", "provider_id", "receiver_id"):
            if getattr(row, column, None) == organisation.id:
                setattr(row, column, known.id)
    session.flush()
