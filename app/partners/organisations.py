"""Organisations: one row for each identifier or, without one, for each name; former identifiers are kept."""

from sqlmodel import Session

from app.db import archiving
from app.db.organisation import Setup
from app.db.partners import Organisation, name_key
from app.db.put import assign
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unknown_prefix, unlisted
from app.errors import Conflict, Fault, InvalidInput
from app.inputs import FaultList, Input, Sent, sent
from app.partners import queries
from app.partners.schemas import OrganisationIn
from app.translated import translations, with_text


def create_organisation(session: Session, actor: Actor, body: OrganisationIn) -> Organisation:
    """A new organisation; ``Conflict`` when its identifier, or its name where neither has one, is known already."""
    actor.require(Right.WRITE)
    values = sent(body)
    found = FaultList()
    check_codes(values, found)
    found.refuse()
    if known_as(session, body.identifier, body.name) is not None:
        field = "identifier" if body.identifier else "name"
        message = "There is an organisation with this name already."
        if body.identifier:
            message = "There is an organisation with this identifier already."
        raise Conflict(message, [Fault(pointer=f"/{field}", rule="organisation.known", message=message)])
    organisation = Organisation(name=body.name, name_key=name_key(body.name))
    set_organisation(session, organisation, values)
    session.add(organisation)
    session.flush()
    return organisation


def update_organisation(session: Session, actor: Actor, organisation: Organisation, body: Input) -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed."""
    actor.require(Right.WRITE)
    values = sent(body)
    found = FaultList()
    check_codes(values, found)
    check_identifier(session, organisation, values.get("identifier", organisation.identifier), found, "identifier")
    found.refuse()
    changed = set_organisation(session, organisation, values)
    session.flush()
    return changed


def archive_organisation(session: Session, actor: Actor, organisation: Organisation) -> None:
    actor.require(Right.WRITE)
    archiving.archive(session, organisation)


def restore_organisation(session: Session, actor: Actor, organisation: Organisation) -> None:
    actor.require(Right.WRITE)
    archiving.restore(session, organisation)


def of_identifier(identifier: str | None, pointer: str) -> list[Fault]:
    """What somebody should look at about an identifier: that it begins with no known prefix. Nothing is refused."""
    if identifier is None or (message := unknown_prefix(identifier)) is None:
        return []
    return [Fault(pointer=pointer, rule="organisation.prefix", message=message)]


def known_as(session: Session, identifier: str | None, name: str) -> Organisation | None:
    """The organisation that an identifier or, without one, a name stands for."""
    if identifier is not None:
        return queries.organisation_by_identifier(session, identifier)
    return queries.organisation_by_name(session, name_key(name))


def check_codes(values: Sent, found: FaultList, *, type_field: str = "type") -> None:
    """Faults for codes that the codelists do not hold, and for required fields that were emptied."""
    kind, country = values.get(type_field), values.get("country")
    if kind is not None and not known_code("OrganisationType", kind):
        found.add(type_field, "codelist", unlisted("OrganisationType", kind))
    if country is not None and not known_code("Country", country):
        found.add("country", "codelist", unlisted("Country", country))
    if "name" in values and values["name"] is None:
        found.add("name", "required", "An organisation has a name.")


def check_identifier(
    session: Session, organisation: Organisation, wanted: str | None, found: FaultList, field: str
) -> None:
    """Faults for an identifier that is taken by another organisation, or that would be taken away."""
    if wanted == organisation.identifier:
        return
    setup = session.get(Setup, 1)
    if setup is not None and organisation.id == setup.organisation_id:
        message = (
            "This is the organisation that keeps this portfolio, and activities are named after it: change its "
            "identifier with `earmark organisation identifier`."
        )
        found.add(field, "organisation.own-identifier", message)
        return
    if wanted is None:
        found.add(field, "organisation.identifier-removed", "An identifier can be replaced, but not taken away.")
    elif queries.organisation_by_identifier(session, wanted) is not None:
        found.add(field, "organisation.identifier-taken", f"Another organisation has the identifier {wanted}.")


def set_organisation(session: Session, organisation: Organisation, values: Sent) -> bool:
    """Sets the fields among ``values`` that differ; a replaced identifier joins the former ones."""
    wanted = {name: value for name, value in values.items() if name in ("type", "country")}
    if values.get("name"):
        wanted |= {"name": values["name"], "name_key": name_key(values["name"])}
    wanted["name_translations"] = _translations(organisation.name_translations, values)
    identifier = values.get("identifier")
    if identifier is not None and identifier != organisation.identifier:
        former = [known for known in organisation.former_identifiers if known != identifier]
        if organisation.identifier is not None:
            former.append(organisation.identifier)
        wanted |= {"identifier": identifier, "former_identifiers": former}
    other = queries.organisation_by_name(session, wanted.get("name_key", organisation.name_key))
    if other is not None and other is not organisation and (identifier or organisation.identifier) is None:
        message = "Another organisation has this name; give one of the two its identifier."
        raise InvalidInput([Fault(pointer="/name", rule="organisation.name-taken", message=message)])
    return assign(organisation, wanted)


def _translations(standing: list[list[str]], values: Sent) -> list[list[str]]:
    """The names in further languages: those given take their places, the others stay where they are."""
    kept = standing
    for language, text in translations(values, "name"):
        kept = with_text(kept, language, text)
    return kept
