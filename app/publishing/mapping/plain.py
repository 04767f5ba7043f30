"""Transactions that say no more than their columns, read in one go: most of a file are so.

What is not seen to be plain is left to the shape of the transaction, which knows all that it may say; so these
functions may say no too often, but never yes too often.
"""

import datetime as dt

from app.publishing.mapping.binds import exact
from app.publishing.mapping.glance import (
    Name,
    bare_code,
    bare_country,
    bare_name,
    bare_words,
    only_aid_type,
    only_sector,
)
from iati.lexical import BLANKS, LexicalError, format_decimal, parse_date
from iati.model import (
    Code,
    ProviderOrg,
    ReceiverOrg,
    Transaction,
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
        "description": None if node.description is None else _told(bare_words(node.description)),
        "description_translations": None,
        "provider_ref": provider_ref,
        "provider_name": provider_name,
        "provider_activity": None if provider is None else provider.provider_activity_id,
        "receiver_ref": receiver_ref,
        "receiver_name": receiver_name,
        "receiver_activity": None if receiver is None else receiver.receiver_activity_id,
        "sector": _told(only_sector(node.sector)) if node.sector else None,
        "country": None if node.recipient_country is None else _told(bare_country(node.recipient_country)),
        "flow_type": _code(node.flow_type),
        "finance_type": _code(node.finance_type),
        "aid_type": _told(only_aid_type(node.aid_type)) if node.aid_type else None,
        "tied_status": _code(node.tied_status),
    }


def _told(text: str | None) -> str:
    if text is None:
        raise _NotPlainError
    return text


def _code(found: Code | None) -> str | None:
    return None if found is None else _told(bare_code(found) or None)


def _day(text: str | None) -> dt.date:
    day = parse_date(text)
    if day is None or text != day.isoformat():
        raise _NotPlainError
    return day


def _called(found: ProviderOrg | ReceiverOrg) -> tuple[str | None, Name]:
    ref, name = found.ref, bare_name(found)
    if name is None or (ref is not None and (not ref or ref != ref.strip(BLANKS))):
        raise _NotPlainError
    return ref, name
