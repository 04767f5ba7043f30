"""Whether a part of an element says what columns say of it, and nothing else.

Most elements of most files are plain: their columns say all there is to them. That is seen by looking at what each
field holds, which takes a fraction of rendering the columns and comparing. Whatever is not seen to be plain here is
rendered; so these functions may say no too often, but never yes too often.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from iati.lexical import format_decimal
from iati.model import (
    AidType,
    Code,
    Country,
    IsoDate,
    Narrative,
    Narratives,
    ProviderOrg,
    ReceiverOrg,
    TransactionSector,
    Value,
)

#: a name and its further languages, as columns hold them
Name = tuple[str, tuple[tuple[str, str], ...]]


class _Extensible(Protocol):
    """An element that may hold what other namespaces add."""

    foreign_attributes: tuple[tuple[str, str], ...]
    foreign: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Together:
    """A field that several columns say together, or one says as it may stand several times."""

    field: str
    columns: tuple[str, ...]
    #: told what the field holds and the columns' values
    says: Callable[..., bool]


def _bare(found: _Extensible) -> bool:
    return not found.foreign_attributes and not found.foreign


def bare_code(found: Code) -> str | None:
    """The code of an element that says nothing else."""
    return found.code if _bare(found) else None


def bare_words(found: Narratives) -> str | None:
    """The words of a text in one language, which is not named."""
    return _only_text(found.narrative) if _bare(found) else None


def _only_text(narratives: Sequence[Narrative]) -> str | None:
    if len(narratives) != 1:
        return None
    only = narratives[0]
    return only.text if only.lang is None and not only.foreign_attributes else None


def bare_name(found: ProviderOrg | ReceiverOrg) -> Name | None:
    """What an organisation is called that has an identifier and a name in one language, or an identifier alone."""
    if found.type is not None or not _bare(found):
        return None
    name = _only_text(found.narrative) if found.narrative else found.ref
    return None if name is None or (found.narrative and name == found.ref) else (name, ())


def only_sector(found: Sequence[TransactionSector]) -> str | None:
    """The code of the only sector, of the list that is meant where none is named."""
    if len(found) != 1:
        return None
    only = found[0]
    named = only.vocabulary is not None or only.vocabulary_uri is not None
    return None if named or only.narrative or not _bare(only) else only.code


def only_aid_type(found: Sequence[AidType]) -> str | None:
    """The same of the only aid type."""
    if len(found) != 1:
        return None
    only = found[0]
    return only.code if only.vocabulary is None and _bare(only) else None


def bare_country(found: Country) -> str | None:
    """The code of a country of which nothing else is said."""
    return None if found.narrative or not _bare(found) else found.code


def says_code(found: Code | None, code: str) -> bool:
    return found is not None and bare_code(found) == code


def says_day(found: IsoDate | None, day: dt.date) -> bool:
    return found is not None and found.iso_date == day.isoformat() and _bare(found)


def says_words(found: Narratives | None, words: str) -> bool:
    return found is not None and bare_words(found) == words


def _says_value(found: Value | None, amount: Decimal | None, currency: str, value_date: dt.date | None) -> bool:
    return (
        found is not None
        and found.text == ("" if amount is None else format_decimal(amount))
        and found.currency == (currency or None)
        and found.value_date == (None if value_date is None else value_date.isoformat())
        and not found.foreign_attributes
    )


def _says_provider(found: ProviderOrg | None, ref: str | None, name: Name | None, activity: str | None) -> bool:
    if found is None:
        return ref is None and name is None and activity is None
    return found.provider_activity_id == activity and _says_party(found, ref, name)


def _says_receiver(found: ReceiverOrg | None, ref: str | None, name: Name | None, activity: str | None) -> bool:
    if found is None:
        return ref is None and name is None and activity is None
    return found.receiver_activity_id == activity and _says_party(found, ref, name)


def _says_party(found: ProviderOrg | ReceiverOrg, ref: str | None, name: Name | None) -> bool:
    return name is not None and found.ref == ref and bare_name(found) == name


def _says_sector(found: Sequence[TransactionSector], code: str | None) -> bool:
    return not found if code is None else only_sector(found) == code


def _says_aid_type(found: Sequence[AidType], code: str | None) -> bool:
    return not found if code is None else only_aid_type(found) == code


def _says_country(found: Country | None, code: str | None) -> bool:
    return found is None if code is None else found is not None and bare_country(found) == code


MONEY: Final = Together(field="value", columns=("amount", "currency", "value_date"), says=_says_value)
PROVIDER: Final = Together(
    field="provider_org", columns=("provider_ref", "provider_name", "provider_activity"), says=_says_provider
)
RECEIVER: Final = Together(
    field="receiver_org", columns=("receiver_ref", "receiver_name", "receiver_activity"), says=_says_receiver
)
#: what a transaction is for
PURPOSE: Final = (
    Together(field="sector", columns=("sector",), says=_says_sector),
    Together(field="recipient_country", columns=("country",), says=_says_country),
    Together(field="aid_type", columns=("aid_type",), says=_says_aid_type),
)
