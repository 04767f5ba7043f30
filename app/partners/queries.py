"""Reads of partners and organisations."""

import datetime as dt
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.db.agreements import gives
from app.db.base import table
from app.db.funding import Agreement
from app.db.lookups import row_by
from app.db.partners import Organisation, Partner, ProtectionCheck
from app.db.together import Fact
from app.domain.terms import AgreementStatus
from app.http import lists
from app.http.lists import (
    Listing,
    Shown,
    at_least,
    at_most,
    contains,
    contains_in_any_language,
    equals,
    sort,
    unless_archived,
)

_partner, _organisation = table(Partner).c, table(Organisation).c

PARTNERS = Listing(
    name="partners",
    statement=select(
        _partner.id,
        _partner.code,
        _organisation.name,
        _organisation.name_translations,
        _partner.category,
        _partner.subcategory,
        _organisation.identifier.label("iati_ref"),
        _organisation.type.label("iati_type"),
        _organisation.country,
        _organisation.former_identifiers,
        _partner.screening,
        _partner.cleared_until,
        _partner.screening_reason,
        _partner.excluded_sectors,
        _partner.framework_agreement,
        _partner.framework_starts_on,
        _partner.framework_ends_on,
        _partner.framework_themes,
        _partner.note,
        _partner.organisation_id,
        _partner.version,
        _partner.archived_at,
        _organisation.version.label("organisation_version"),
    ).join_from(table(Partner), table(Organisation), _organisation.id == _partner.organisation_id),
    key=_partner.id,
    sorts={
        "code": sort(_partner.code),
        "name": sort(_organisation.name),
        "category": sort(_partner.category),
        "cleared_until": sort(_partner.cleared_until),
        "id": sort(_partner.id),
    },
    filters={
        "archived": unless_archived(_partner.archived_at),
        "code": equals(_partner.code),
        "category": equals(_partner.category),
        "screening": equals(_partner.screening),
        "country": equals(_organisation.country),
        "iati_ref": equals(_organisation.identifier),
        "cleared_until_from": at_least(_partner.cleared_until),
        "cleared_until_to": at_most(_partner.cleared_until),
        "q": contains_in_any_language(_partner.code, _organisation.name, texts=_organisation.name_translations),
    },
    usual_sort="code",
)

ORGANISATIONS = Listing(
    name="organisations",
    statement=select(
        _organisation.id,
        _organisation.name,
        _organisation.name_translations,
        _organisation.identifier,
        _organisation.former_identifiers,
        _organisation.type,
        _organisation.country,
        _organisation.version,
        _organisation.archived_at,
    ),
    key=_organisation.id,
    sorts={
        "name": sort(_organisation.name),
        "identifier": sort(_organisation.identifier),
        "id": sort(_organisation.id),
    },
    filters={
        "archived": unless_archived(_organisation.archived_at),
        "identifier": equals(_organisation.identifier),
        "type": equals(_organisation.type),
        "country": equals(_organisation.country),
        "q": contains(_organisation.name, _organisation.identifier),
    },
    usual_sort="name",
)


def show_partner(session: Session, partner_id: int) -> Shown | None:
    return lists.one(session, PARTNERS, _partner.id == partner_id)


def show_organisation(session: Session, organisation_id: int) -> Shown | None:
    return lists.one(session, ORGANISATIONS, _organisation.id == organisation_id)


#: what a batch knows: the organisations without an identifier, by their names
NAMED: Final = Fact[str, Organisation]()


def partner_by_code(session: Session, code: str) -> Partner | None:
    return row_by(session, Partner, "code", code)


def organisation_by_identifier(session: Session, identifier: str) -> Organisation | None:
    return row_by(session, Organisation, "identifier", identifier)


def organisation_by_name(session: Session, key: str) -> Organisation | None:
    """The organisation without an identifier that has this name."""
    if (named := NAMED.known(session)) is not None:
        return named.get(key)
    return session.scalars(
        select(Organisation).where(_organisation.name_key == key, _organisation.identifier.is_(None))
    ).one_or_none()


def has_open_agreements(session: Session, partner_id: int) -> bool:
    """Whether the partner has agreements that are pledged or signed."""
    agreement = table(Agreement).c
    found = session.execute(
        select(agreement.id)
        .where(
            gives(partner_id),
            agreement.status.in_([AgreementStatus.PLEDGED, AgreementStatus.SIGNED]),
            agreement.archived_at.is_(None),
        )
        .limit(1)
    )
    return found.first() is not None


_check = table(ProtectionCheck).c

PROTECTION_CHECKS = Listing(
    name="checks of protection",
    statement=select(
        _check.id,
        table(Partner).c.code.label("partner"),
        _check.checked_on,
        _check.result,
        _check.valid_until,
        _check.reason,
        _check.note,
        _check.version,
        _check.archived_at,
    ).join_from(table(ProtectionCheck), table(Partner), table(Partner).c.id == _check.partner_id),
    key=_check.id,
    sorts={"checked_on": sort(_check.checked_on), "id": sort(_check.id)},
    filters={"archived": unless_archived(_check.archived_at)},
    usual_sort="checked_on",
)


def find_protection_check(session: Session, partner_id: int, checked_on: dt.date) -> ProtectionCheck | None:
    return session.scalars(
        select(ProtectionCheck).where(_check.partner_id == partner_id, _check.checked_on == checked_on)
    ).one_or_none()
