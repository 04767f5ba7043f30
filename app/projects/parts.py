"""What hangs below a project besides money and results: contacts, locations, participants, links."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.lookups import organisation_named
from app.db.projects import Contact, Link, Location, Participant, Project
from app.db.put import assign
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.inputs import FaultList, Input, sent
from app.projects import queries_below
from app.projects.schemas import ContactIn, LinkIn, LocationIn, ParticipantIn

Part = TypeVar("Part", Location, Link, Participant)

#: what a contact says of whom to ask
_REACHED = frozenset({"organisation", "department", "person", "job_title", "telephone", "email", "website", "address"})


def create_contact(session: Session, actor: Actor, project: Project, body: ContactIn, *, pointer: str = "") -> Contact:
    _require(actor, project)
    _check_contact(body.type, pointer)
    _check_reached(body.model_dump(), pointer)
    row = Contact(
        project_id=key(project), ordinal=queries_below.next_ordinal(session, Contact, project.id), **body.model_dump()
    )
    session.add(row)
    session.flush()
    return row


def update_contact(
    session: Session, actor: Actor, project: Project, row: Contact, body: Input, *, pointer: str = ""
) -> Contact:
    _require(actor, project)
    values = sent(body)
    _check_contact(values.get("type"), pointer)
    if values.keys() & _REACHED:
        _check_reached({name: values.get(name, getattr(row, name)) for name in _REACHED}, pointer)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def archive_contact(session: Session, actor: Actor, project: Project, row: Contact) -> Contact:
    _require(actor, project)
    archiving.archive(session, row)
    return row


def restore_contact(session: Session, actor: Actor, project: Project, row: Contact) -> Contact:
    _require(actor, project)
    archiving.restore(session, row)
    return row


def replace_locations(
    session: Session, actor: Actor, project: Project, items: Sequence[LocationIn], *, pointer: str = ""
) -> None:
    """Makes the locations of the project exactly those given; what a published file said further of a row stays."""
    _require(actor, project)
    faults = FaultList(pointer)
    wanted = []
    for place, item in enumerate(items):
        if not (item.reference or item.name or item.latitude or item.longitude):
            message = "Say where it is: by a name, a reference, or latitude and longitude."
            faults.add(f"items/{place}", "location.empty", message)
        if (item.latitude is None) is not (item.longitude is None):
            faults.add(f"items/{place}", "location.position", "Give latitude and longitude, or neither.")
        position = None if item.latitude is None else f"{item.latitude} {item.longitude}"
        if position and (abs(Decimal(item.latitude or 0)) > 90 or abs(Decimal(item.longitude or 0)) > 180):
            faults.add(f"items/{place}", "location.position", f"{position} is not a place on earth.")
        codes = (
            ("exactness", "GeographicExactness", item.exactness),
            ("location_class", "GeographicLocationClass", item.location_class),
        )
        for name, codelist, code in codes:
            if code is not None and not known_code(codelist, code):
                faults.add(f"items/{place}/{name}", "code.unknown", unlisted(codelist, code))
        wanted.append(
            {
                "reference": item.reference,
                "name": item.name,
                "position": position,
                "exactness": item.exactness,
                "location_class": item.location_class,
            }
        )
    faults.refuse()
    _replace(session, Location, project, queries_below.locations(session, key(project)), wanted)


def replace_links(
    session: Session, actor: Actor, project: Project, items: Sequence[LinkIn], *, pointer: str = ""
) -> None:
    """Makes the links of the project exactly those given."""
    _require(actor, project)
    faults = FaultList(pointer)
    for place, item in enumerate(items):
        if not known_code("RelatedActivityType", item.type):
            faults.add(f"items/{place}/type", "code.unknown", unlisted("RelatedActivityType", item.type))
        if item.identifier == project.iati_identifier:
            faults.add(f"items/{place}/identifier", "link.itself", "A project is not related to itself.")
    faults.refuse()
    wanted = [item.model_dump() for item in items]
    _replace(session, Link, project, queries_below.links(session, key(project)), wanted)


def replace_participants(
    session: Session, actor: Actor, project: Project, items: Sequence[ParticipantIn], *, pointer: str = ""
) -> None:
    """Makes the participants of the project exactly those given; organisations nobody knows yet are made."""
    _require(actor, project)
    faults = FaultList(pointer)
    for place, item in enumerate(items):
        if not known_code("OrganisationRole", item.role):
            faults.add(f"items/{place}/role", "code.unknown", unlisted("OrganisationRole", item.role))
    faults.refuse()
    wanted = [
        {
            "organisation_id": organisation_named(session, item.organisation).id,
            "role": item.role,
            "activity": item.activity,
        }
        for item in items
    ]
    kept = [row for row, _organisation in queries_below.participants(session, key(project))]
    _replace(session, Participant, project, kept, wanted)


def _require(actor: Actor, project: Project) -> None:
    actor.require(Right.WRITE)
    actor.require_unit(project.unit_id)


def _check_reached(values: Mapping[str, object], pointer: str) -> None:
    """A contact that says nothing is nobody."""
    if not any(values[name] for name in _REACHED):
        faults = FaultList(pointer)
        faults.add("person", "contact.empty", "Say whom to ask: a person, an office, or an address of any kind.")
        faults.refuse()


def _check_contact(code: str | None, pointer: str) -> None:
    faults = FaultList(pointer)
    if code is not None and not known_code("ContactType", code):
        faults.add("type", "code.unknown", unlisted("ContactType", code))
    faults.refuse()


def _replace(
    session: Session,
    row_class: type[Part],
    project: Project,
    kept: Sequence[Part],
    wanted: Sequence[Mapping[str, object]],
) -> None:
    """Rows that say the same stay, others go or come; the order is that of ``wanted``."""
    free = list(kept)
    for ordinal, values in enumerate(wanted):
        row = next((row for row in free if all(getattr(row, name) == value for name, value in values.items())), None)
        if row is None:
            row = row_class(project_id=key(project), ordinal=ordinal)
            assign(row, values)
            session.add(row)
        else:
            free.remove(row)
            row.ordinal = ordinal
    for row in free:
        session.delete(row)
    # the rows have no version of their own: the project's covers them
    project.version += 1
    session.flush()
