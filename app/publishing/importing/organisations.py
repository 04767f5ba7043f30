"""Organisations that files name: known by identifier, else by folded name; made when they are not known.

Imports never rename an organisation: what a file calls it otherwise stays with the element that says so.
"""

import re
from collections.abc import Collection, Iterable
from hashlib import sha256

from sqlmodel import Session

from app.db.audit import Change, plain
from app.db.partners import Organisation, Partner, name_key
from app.domain.keys import seen_or_as_it_is
from app.domain.terms import PartnerCategory, Screening
from app.publishing.importing import queries as store
from app.publishing.importing.queries import OrganisationRow
from app.publishing.importing.rows import kept
from app.publishing.mapping.record import Part, Party

#: IATI organisation type → partner category
CATEGORY_OF_TYPE = {
    "10": PartnerCategory.GOVERNMENT,
    "11": PartnerCategory.GOVERNMENT,
    "15": PartnerCategory.PUBLIC_INSTITUTION,
    "21": PartnerCategory.SOCIAL_PARTNER,
    "22": PartnerCategory.SOCIAL_PARTNER,
    "23": PartnerCategory.SOCIAL_PARTNER,
    "24": PartnerCategory.SOCIAL_PARTNER,
    "30": PartnerCategory.MULTI_DONOR,
    "40": PartnerCategory.OTHER_IGO,
    "60": PartnerCategory.FOUNDATION,
    "70": PartnerCategory.PRIVATE_SECTOR,
    "71": PartnerCategory.PRIVATE_SECTOR,
    "72": PartnerCategory.PRIVATE_SECTOR,
    "73": PartnerCategory.PRIVATE_SECTOR,
    "80": PartnerCategory.PUBLIC_INSTITUTION,
    "90": PartnerCategory.MULTI_DONOR,
}

#: what the identifiers of the DAC's channel codes tell, which is finer than the type
_CHANNELS = (
    (re.compile(r"XM-DAC-41\d{3}$"), PartnerCategory.UN_ENTITY),
    (re.compile(r"XM-DAC-42\d{3}$|XI-IATI-EC_"), PartnerCategory.EU),
    (re.compile(r"XM-DAC-(44|46)\d{3}$"), PartnerCategory.IFI),
    (re.compile(r"XM-DAC-(43|45|47)\d{3}$"), PartnerCategory.OTHER_IGO),
    (re.compile(r"XM-DAC-\d{1,3}(-|$)|[A-Z]{2}-GOV-"), PartnerCategory.GOVERNMENT),
)


def category_of(identifier: str | None, type_: str | None) -> tuple[PartnerCategory, str | None]:
    """The partner category of an organisation, and a remark when neither identifier nor type tell it."""
    for pattern, category in _CHANNELS:
        if identifier and pattern.match(identifier):
            return category, None
    if type_ in CATEGORY_OF_TYPE:
        return CATEGORY_OF_TYPE[type_], None
    return PartnerCategory.MULTI_DONOR, "kind of organisation not stated in the file"


def key_of(party: Party) -> str:
    """What an organisation is known by: identifiers and folded names do not meet, because the latter have no case."""
    return f"ref:{party.ref}" if party.ref else f"name:{name_key(party.name[0])}"


def resolve(session: Session, parts: Iterable[Part]) -> tuple[dict[str, OrganisationRow], list[Change]]:
    """The rows of all organisations that parts name, by :func:`key_of`; unknown ones are made."""
    wanted: dict[str, Party] = {}
    for part in parts:
        for _prefix, party in part.named:
            wanted.setdefault(key_of(party), party)
    found = _known(session, wanted)
    missing = {key: party for key, party in wanted.items() if key not in found}
    if not missing:
        return found, []
    rows = [
        {
            "identifier": party.ref,
            "name": party.name[0],
            "name_key": name_key(party.name[0]),
            "name_translations": [list(each) for each in party.name[1]],
            "type": party.type,
            "country": None,
            "former_identifiers": [],
            **kept(),
        }
        for party in missing.values()
    ]
    store.add_missing(session, Organisation, rows)
    made = _known(session, missing)
    changes = [
        Change(
            aggregate=f"organisations:{row.id}",
            action="import",
            entity="organisations",
            entity_id=str(row.id),
            after={"identifier": row.identifier, "name": row.name, "type": row.type},
        )
        for row in made.values()
    ]
    return {**found, **made}, changes


def _known(session: Session, wanted: dict[str, Party]) -> dict[str, OrganisationRow]:
    refs = {party.ref for party in wanted.values() if party.ref}
    keys = {name_key(party.name[0]) for party in wanted.values() if not party.ref}
    return {
        f"ref:{row.identifier}" if row.identifier else f"name:{row.name_key}": row
        for row in store.organisations_named(session, refs, keys)
    }


def make_partners(
    session: Session, organisations: Collection[OrganisationRow]
) -> tuple[dict[int, tuple[int, str]], list[Change]]:
    """The partners that organisations are, by the organisation's key: (key, code); unknown ones are made."""
    by_key = {row.id: row for row in organisations}
    found = store.partners_of(session, by_key)
    missing = [row for key, row in sorted(by_key.items()) if key not in found]
    if not missing:
        return found, []
    rows = []
    for row in missing:
        category, remark = category_of(row.identifier, row.type)
        rows.append(
            {
                "code": partner_code(row.identifier, row.name),
                "organisation_id": row.id,
                "category": category,
                "subcategory": None,
                "screening": Screening.NOT_REQUIRED,
                "cleared_until": None,
                "screening_reason": None,
                "excluded_sectors": [],
                "framework_agreement": None,
                "framework_starts_on": None,
                "framework_ends_on": None,
                "framework_themes": [],
                "note": remark,
                **kept(),
            }
        )
    store.add_missing(session, Partner, rows)
    made = store.partners_of(session, [row.id for row in missing])
    changes = [
        Change(
            aggregate=f"partners:{made[row['organisation_id']][0]}",
            action="import",
            entity="partners",
            entity_id=str(made[row["organisation_id"]][0]),
            after={"code": row["code"], "category": plain(row["category"])},
        )
        for row in rows
        if row["organisation_id"] in made
    ]
    return {**found, **made}, changes


def partner_code(identifier: str | None, name: str) -> str:
    """The identifier, or a name made safe and told apart from similar ones; the same for the same organisation."""
    if identifier:
        return seen_or_as_it_is(identifier)
    folded = name_key(name)
    readable = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:40]
    return f"{readable or 'unnamed'}-{sha256(folded.encode()).hexdigest()[:8]}"
