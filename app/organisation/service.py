"""Sets the organisation up, and changes its set-up later."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from app.db.organisation import Setup
from app.db.partners import Organisation, name_key
from app.db.put import Put, assign
from app.domain.access import Actor, Right
from app.domain.codes import known_code, unlisted
from app.errors import Conflict, Fault, InvalidInput
from app.organisation import identifiers, queries
from app.organisation.schemas import OrganisationIdentifierIn, SetupIn

#: letters of a language that the codelist has
_LISTED = 2
#: field of the set-up → codelist its value comes from
_CODELISTS = {
    "type": "OrganisationType",
    "currency": "Currency",
    "language": "Language",
    "default_flow_type": "FlowType",
    "default_finance_type": "FinanceType",
    "default_tied_status": "TiedStatus",
    "default_aid_type": "AidType",
}


def put_setup(session: Session, actor: Actor, body: SetupIn) -> Put[Setup]:
    """Sets the organisation up, or changes what differs.

    A mistyped identifier is put right while nothing is published; ``Conflict`` with the way out afterwards.
    """
    actor.require(Right.ADMINISTER)
    if faults := code_faults(body.model_dump()):
        raise InvalidInput(faults)
    setup = queries.find_setup(session)
    corrected = setup is not None and _correct(session, actor, setup, body.org_id)
    organisation = _organisation(session, body)
    renamed = session.is_modified(organisation)
    session.flush()
    values = body.model_dump(exclude={"org_id", "name", "type", "name_translations"})
    values["languages"] = list(dict.fromkeys([body.language, *body.languages]))
    values["organisation_id"] = organisation.id
    if setup is None:
        setup = Setup(id=1, **values)
        session.add(setup)
        session.flush()
        return Put(setup, "created")
    changed = assign(setup, values)
    session.flush()
    return Put(setup, "updated" if changed or renamed or corrected else "unchanged")


def code_faults(values: Mapping[str, object]) -> list[Fault]:
    """A fault for each value of the set-up that is not on its codelist."""
    coded = [(field, codelist, values.get(field)) for field, codelist in _CODELISTS.items()]
    further = [(f"languages/{place}", each) for place, each in enumerate(_listed(values, "languages"))]
    further += [
        (f"name_translations/{place}/0", each[0]) for place, each in enumerate(_listed(values, "name_translations"))
    ]
    # the list has languages of two letters alone; one that has none of them, such as Tetum, is written in three
    coded += [(place, "Language", each) for place, each in further if len(str(each)) == _LISTED]
    return [
        Fault(pointer=f"/{field}", rule="codelist", message=unlisted(codelist, str(value)))
        for field, codelist, value in coded
        if value is not None and not known_code(codelist, str(value))
    ]


def _listed(values: Mapping[str, object], field: str) -> list[Any] | tuple[Any, ...]:
    found = values.get(field)
    return found if isinstance(found, list | tuple) else []


def _correct(session: Session, actor: Actor, setup: Setup, wanted: str) -> bool:
    """Puts a mistyped identifier right, if it is one that nobody has seen; tells whether it differed."""
    organisation = session.get_one(Organisation, setup.organisation_id)
    if organisation.identifier == wanted:
        return False
    if identifiers.is_published(session, organisation):
        message = (
            f"What is published names the organisation {organisation.identifier}: keep it, or change it with "
            f"`earmark organisation identifier {wanted} --reason …`, which keeps the old one known."
        )
        raise Conflict(
            "The organisation's identifier is published.",
            [Fault(pointer="/org_id", rule="setup.identifier-published", message=message)],
        )
    correction = OrganisationIdentifierIn(identifier=wanted, reason="Set up again with another identifier")
    identifiers.change_identifier(session, actor, correction)
    return True


def _organisation(session: Session, body: SetupIn) -> Organisation:
    """The organisation that keeps this portfolio, not flushed; it may be known already from an imported file."""
    organisation = queries.find_organisation(session, body.org_id)
    if organisation is None:
        organisation = Organisation(identifier=body.org_id, name=body.name, name_key=name_key(body.name))
        session.add(organisation)
    values = {
        "name": body.name,
        "name_key": name_key(body.name),
        "type": body.type,
        "name_translations": [list(pair) for pair in body.name_translations],
    }
    assign(organisation, values)
    return organisation
