"""Transactions that say no more than their columns, read in one go: most of a file are so.

What is not seen to be plain is left to the shape of the transaction, which knows all that it may say; so these
functions may say no too often, but never yes too often.
"""

import datetime as dt
from collections.abc import Sequence

from app.publishing.mapping.binds import exact
from app.publishing.mapping.glance import Name
from iati.lexical import BLANKS, LexicalError, format_decimal, parse_date
from iati.model import (
    AidType,
    Code,
    Country,
    Narrative,
    Narratives,
    ProviderOrg,
    ReceiverOrg,
    Transaction,
    TransactionSector,
)


class _NotPlainError(Exception):
    """Something of the element is in no column."""


def read_plain(node: Transaction) -> dict[str, object] | None:
    """The columns of a plain transaction with a currency of its own; None for any other."""
    if (
        node.humanitarian is not None
        or node.disbursement_channel is not None
        or node.recipient_region is not None
        or node.foreign_attributes
        or node.foreign
    ):
        return None
    try:
        return _columns(node)
    except (_NotPlainError, LexicalError):
        return None


def _columns(node: Transaction) -> dict[str, object]:
    day, value, provider, receiver = node.transaction_date, node.value, node.provider_org, node.receiver_org
    if day is None or day.foreign_attributes or day.foreign:
        raise _NotPlainError
    if value is None or not value.currency or value.foreign_attributes:
        raise _NotPlainError
    amount = exact(value.text)
    if amount is None or value.text != format_decimal(amount):
        raise _NotPlainError
    type_ = _code(node.transaction_type)
    if type_ is None:
        raise _NotPlainError
    provider_ref, provider_name = (None, None) if provider is None else _called(provider)
    receiver_ref, receiver_name = (None, None) if receiver is None else _called(receiver)
    return {
        "reference": node.ref,
        "type": type_,
        "date": _day(day.iso_date),
        "amount": amount,
        "currency": value.currency,
        "value_date": None if value.value_date is None else _day(value.value_date),
        "description": None if node.description is None else _words(node.description),
        "description_translations": None,
        "provider_ref": provider_ref,
        "provider_name": provider_name,
        "provider_activity": None if provider is None else provider.provider_activity_id,
        "receiver_ref": receiver_ref,
        "receiver_name": receiver_name,
        "receiver_activity": None if receiver is None else receiver.receiver_activity_id,
        "sector": _only(node.sector) if node.sector else None,
        "country": None if node.recipient_country is None else _place(node.recipient_country),
        "flow_type": _code(node.flow_type),
        "finance_type": _code(node.finance_type),
        "aid_type": _only(node.aid_type) if node.aid_type else None,
        "tied_status": _code(node.tied_status),
    }


def _code(found: Code | None) -> str | None:
    if found is None:
        return None
    if not found.code or found.foreign_attributes or found.foreign:
        raise _NotPlainError
    return found.code


def _day(text: str | None) -> dt.date:
    day = parse_date(text)
    if day is None or text != day.isoformat():
        raise _NotPlainError
    return day


def _words(found: Narratives) -> str:
    if found.foreign_attributes or found.foreign:
        raise _NotPlainError
    return _text(found.narrative)


def _text(narratives: Sequence[Narrative]) -> str:
    """A text in one language, which is not named."""
    if len(narratives) != 1 or narratives[0].lang is not None or narratives[0].foreign_attributes:
        raise _NotPlainError
    return narratives[0].text


def _called(found: ProviderOrg | ReceiverOrg) -> tuple[str | None, Name]:
    """An organisation by its identifier and a name in one language, or by its identifier alone."""
    ref = found.ref
    if found.type is not None or found.foreign_attributes or found.foreign:
        raise _NotPlainError
    if ref is not None and (not ref or ref != ref.strip(BLANKS)):
        raise _NotPlainError
    if not found.narrative:
        if ref is None:
            raise _NotPlainError
        return ref, (ref, ())
    name = _text(found.narrative)
    if name == ref:
        raise _NotPlainError
    return ref, (name, ())


def _only(found: Sequence[TransactionSector | AidType]) -> str:
    """The only code, of the list that is meant where none is named."""
    only = found[0]
    more = isinstance(only, TransactionSector) and (only.narrative or only.vocabulary_uri is not None)
    if len(found) != 1 or only.vocabulary is not None or only.code is None or more:
        raise _NotPlainError
    if only.foreign_attributes or only.foreign:
        raise _NotPlainError
    return only.code


def _place(found: Country) -> str:
    if found.code is None or found.narrative or found.foreign_attributes or found.foreign:
        raise _NotPlainError
    return found.code
