"""Rules of change for partners: identifiers, categories, and the screening of those that are not States."""

from collections.abc import Sequence

from sqlmodel import Session

from app.db import archiving
from app.db.base import key
from app.db.meant import refuse_look_alike
from app.db.partners import Organisation, Partner, name_key
from app.db.put import Put, assign, code_remarks
from app.db.together import added, altered, settled
from app.domain import earmarking
from app.domain.access import Actor, Right
from app.domain.keys import new_code_refused
from app.domain.terms import PartnerCategory, Screening
from app.errors import Conflict, Fault
from app.inputs import FaultList, Input, Sent, sent
from app.partners import organisations, queries, queries_ahead
from app.partners.schemas import PartnerIn
from app.translated import language_field

_OWN_FIELDS = (
    "code", "category", "subcategory", "screening", "cleared_until", "framework_agreement", "framework_starts_on",
    "framework_ends_on", "framework_themes", "screening_reason", "excluded_sectors", "note",
)  # fmt: skip


def create_partner(session: Session, actor: Actor, body: PartnerIn) -> Partner:
    """A new partner; ``Conflict`` when its code is taken."""
    actor.require(Right.WRITE)
    if queries.partner_by_code(session, body.code) is not None:
        raise _code_taken(body.code)
    return _create(session, body, "")


def update_partner(session: Session, actor: Actor, partner: Partner, body: Input) -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed."""
    actor.require(Right.WRITE)
    return _update(session, partner, sent(body), "")


def put_partner(session: Session, actor: Actor, body: PartnerIn, *, pointer: str = "") -> Put[Partner]:
    """Creates the partner of this code, or changes what differs."""
    actor.require(Right.WRITE)
    partner = queries.partner_by_code(session, body.code)
    told = tuple(organisations.of_identifier(body.iati_ref, f"{pointer}/iati_ref"))
    if partner is None:
        return Put(_create(session, body, pointer), "created", (*told, *code_remarks(body.code, pointer)))
    return Put(partner, "updated" if _update(session, partner, sent(body), pointer) else "unchanged", told)


def partners_ahead(session: Session, bodies: Sequence[PartnerIn]) -> None:
    """Reads what :func:`put_partner` asks for of each of the records that a batch puts."""
    queries_ahead.look_ahead(session, bodies)


def archive_partner(session: Session, actor: Actor, partner: Partner) -> None:
    """Takes a partner out of use; ``Conflict`` while it has agreements that are pledged or signed."""
    actor.require(Right.WRITE)
    if queries.has_open_agreements(session, key(partner)):
        raise Conflict("The partner has agreements that are pledged or signed: complete or cancel them first.")
    archiving.archive(session, partner)


def restore_partner(session: Session, actor: Actor, partner: Partner) -> None:
    actor.require(Right.WRITE)
    archiving.restore(session, partner)


def remarks(
    category: PartnerCategory, iati_type: str | None, code: str, identifier: str | None = None
) -> list[dict[str, str]]:
    """What somebody should look at: a type that does not go with the category, an identifier with an unknown prefix, a
    code that looks like a formula."""
    doubted = [*organisations.of_identifier(identifier, "/iati_ref"), *code_remarks(code)]
    told = [{"rule": one.rule, "message": one.message, "pointer": one.pointer} for one in doubted]
    if iati_type is None:
        return told
    found = earmarking.organisation_type_findings(earmarking.PartnerCategory(category.value), iati_type, subject=code)
    return told + [{"rule": one.rule, "message": one.message, "pointer": one.pointer or ""} for one in found]


def _create(session: Session, body: PartnerIn, pointer: str) -> Partner:
    values = sent(body)
    found = FaultList(pointer)
    if why := new_code_refused(body.code):
        found.add("code", "code.new", why)
    refuse_look_alike(session, found, Partner, "code", body.code)
    category = earmarking.PartnerCategory(body.category.value)
    values["iati_type"] = body.iati_type or earmarking.organisation_type(category)
    if body.screening is None:
        values["screening"] = Screening.PENDING if category in earmarking.SCREENED else Screening.NOT_REQUIRED
    _check(values, found)
    found.refuse()
    organisation = organisations.known_as(session, body.iati_ref, body.name)
    is_new = organisation is None
    organisation = organisation or Organisation(name=body.name, name_key=name_key(body.name))
    organisations.set_organisation(session, organisation, _of_organisation(values))
    if is_new:
        added(session, organisation)
    else:
        altered(session, organisation)
        settled(session)
    own = {name: values[name] for name in _OWN_FIELDS if values.get(name) is not None}
    partner = Partner(organisation_id=key(organisation), **own)
    added(session, partner)
    return partner


def _update(session: Session, partner: Partner, values: Sent, pointer: str) -> bool:
    organisation = session.get_one(Organisation, partner.organisation_id)
    found = FaultList(pointer)
    for name in ("code", "category", "screening"):
        if name in values and values[name] is None:
            del values[name]
    if values.get("code", partner.code) != partner.code:
        found.add("code", "key-fixed", "The code stays: other records name the partner by it.")
    standing = {name: getattr(partner, name) for name in _OWN_FIELDS}
    _check({**standing, **values}, found)
    wanted = values.get("iati_ref", organisation.identifier)
    adopted = None
    if wanted is not None and organisation.identifier is None:
        # a partner kept by its name turns out to be an organisation that published files name already
        adopted = queries.organisation_by_identifier(session, wanted)
    if adopted is None:
        organisations.check_identifier(session, organisation, wanted, found, "iati_ref")
    found.refuse()
    own = {name: values[name] for name in _OWN_FIELDS if name in values}
    if own.get("framework_themes", ()) is None:
        own["framework_themes"] = []
    if adopted is not None:
        organisation = adopted
        own["organisation_id"] = adopted.id
    changed = organisations.set_organisation(session, organisation, _of_organisation(values))
    changed = assign(partner, own) or changed
    altered(session, organisation)
    settled(session)
    return changed


def _of_organisation(values: Sent) -> Sent:
    """The organisation's fields among a partner's."""
    renamed = {"iati_ref": "identifier", "iati_type": "type"}
    shared = {"name", "country", "iati_ref", "iati_type"}
    return {
        renamed.get(name, name): value
        for name, value in values.items()
        if name in shared or language_field(name, ("name",))
    }


def _check(values: Sent, found: FaultList) -> None:
    organisations.check_codes(values, found, type_field="iati_type")
    if values.get("cleared_until") is not None and values.get("screening") is not Screening.CLEARED:
        message = "Only a partner whose screening is cleared has a day until which it is: leave one of the two out."
        found.add("cleared_until", "partner.clearance", message)
    starts, ends = values.get("framework_starts_on"), values.get("framework_ends_on")
    if starts is not None and ends is not None and ends < starts:
        found.add("framework_ends_on", "dates-in-order", "The framework agreement ends before it starts.")


def _code_taken(code: str) -> Conflict:
    message = f"There is a partner {code} already."
    return Conflict(message, [Fault(pointer="/code", rule="unique", message=message)])
