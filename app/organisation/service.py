"""Sets the organisation up, and changes its set-up later."""

from typing import Any

from sqlmodel import Session

from app.db.organisation import Setup
from app.db.partners import Organisation, name_key
from app.db.put import Put
from app.domain.access import Actor, Right
from app.domain.codes import known_code
from app.errors import Conflict, Fault, InvalidInput
from app.organisation import queries
from app.organisation.schemas import SetupIn

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
    """Sets the organisation up, or changes what differs. The identifier stays: activities are named after it."""
    actor.require(Right.ADMINISTER)
    faults = [
        Fault(pointer=f"/{field}", rule="codelist", message=f"{value!r} is not in the codelist {codelist}.")
        for field, codelist in _CODELISTS.items()
        if (value := getattr(body, field)) is not None and not known_code(codelist, value)
    ]
    if faults:
        raise InvalidInput(faults)
    setup = queries.find_setup(session)
    organisation = _organisation(session, body, setup)
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
    changed = {name: value for name, value in values.items() if getattr(setup, name) != value}
    for name, value in changed.items():
        setattr(setup, name, value)
    session.flush()
    return Put(setup, "updated" if changed or renamed else "unchanged")


def _organisation(session: Session, body: SetupIn, setup: Setup | None) -> Organisation:
    """The organisation that keeps this portfolio, not flushed; it may be known already from an imported file."""
    organisation = queries.find_organisation(session, body.org_id)
    if setup is not None and (organisation is None or organisation.id != setup.organisation_id):
        raise Conflict(
            "The organisation's identifier cannot change: activities are named after it.",
            [Fault(pointer="/org_id", rule="setup.identifier-fixed", message="Keep the identifier as it is.")],
        )
    values: dict[str, Any] = {
        "name": body.name,
        "name_key": name_key(body.name),
        "type": body.type,
        "name_translations": [list(pair) for pair in body.name_translations],
    }
    if organisation is None:
        organisation = Organisation(identifier=body.org_id, **values)
        session.add(organisation)
    for name, value in values.items():
        if getattr(organisation, name) != value:
            setattr(organisation, name, value)
    return organisation
