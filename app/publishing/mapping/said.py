"""What a plain transaction says, as texts: most transactions say no more, and come in great numbers.

Such a transaction becomes an element of the model, or at once its XML. That XML is put together of pieces that the one
writer there is wrote: what many transactions share is written once, and only their amounts and words each time.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from typing import Final, NamedTuple

from app.publishing.mapping.binds import write_further
from app.publishing.mapping.glance import Name
from iati.lexical import format_decimal
from iati.markup import attribute, text
from iati.model import (
    AidType,
    Code,
    Country,
    IsoDate,
    Narrative,
    Narratives,
    ProviderOrg,
    ReceiverOrg,
    Transaction,
    TransactionSector,
    Value,
)
from iati.writer import write_transaction

#: an organisation as an element names it: its identifier, and its name
Called = tuple[str | None, Name | None]
NOBODY: Final[Called] = (None, None)


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """What a transaction says besides day, amount and description; many say the same, and share one."""

    provider: Called = NOBODY
    provider_activity: str | None = None
    receiver: Called = NOBODY
    receiver_activity: str | None = None
    sector: str | None = None
    country: str | None = None
    flow_type: str | None = None
    finance_type: str | None = None
    #: of the DAC
    aid_type: str | None = None
    #: how far the money is earmarked: (category in vocabulary 2, modality in vocabulary 3)
    earmarking: tuple[str, str] | None = None
    tied_status: str | None = None

    def put(self, node: Transaction) -> Transaction:
        """Says it of a transaction that does not yet."""
        put_parties(node, self.provider, self.provider_activity, self.receiver, self.receiver_activity)
        put_classes(node, self.sector, self.country, self.flow_type, self.finance_type, self.aid_type, self.tied_status)
        if self.earmarking is not None:
            category, modality = self.earmarking
            node.aid_type += [AidType(code=category, vocabulary="2"), AidType(code=modality, vocabulary="3")]
        return node

    @cached_property
    def xml(self) -> str:
        """Its elements as they stand in a transaction. Raises UnwritableText."""
        return _inside(self.put(Transaction()))


PLAIN: Final = Kind()


class Said(NamedTuple):
    """A transaction as its texts; None: it says nothing of that."""

    ref: str | None
    type: str | None
    date: str | None
    #: digits, with sign and point: nothing that has to be escaped
    amount: str
    currency: str | None
    value_date: str | None
    description: str | None
    kind: Kind


#: a transaction from its texts, in the order of the fields; ten thousands are made in a second
made: Callable[[tuple[str | None, str | None, str | None, str, str | None, str | None, str | None, Kind]], Said] = (
    partial(tuple.__new__, Said)
)


def element_of(put: Said | Transaction) -> Transaction:
    """The element, whichever way it is kept."""
    if isinstance(put, Transaction):
        return put
    ref, type_, date, amount, currency, value_date, description, kind = put
    return kind.put(plain(ref, type_, date, amount, currency, value_date, description))


def plain(
    ref: str | None,
    type_: str | None,
    date: str | None,
    amount: str,
    currency: str | None,
    value_date: str | None,
    description: str | None,
) -> Transaction:
    """A transaction that says when, how much, of what type, and what for."""
    node = _opening(ref, type_, date)
    node.value = Value(text=amount, currency=currency, value_date=value_date)
    if description is not None:
        node.description = Narratives(narrative=[Narrative(text=description)])
    return node


def put_parties(
    node: Transaction,
    provider: Called,
    provider_activity: str | None,
    receiver: Called,
    receiver_activity: str | None,
) -> None:
    """Says of a transaction who gives and who receives."""
    ref, name = provider
    if ref is not None or name is not None or provider_activity is not None:
        node.provider_org = ProviderOrg(ref=ref, provider_activity_id=provider_activity, narrative=_named(ref, name))
    ref, name = receiver
    if ref is not None or name is not None or receiver_activity is not None:
        node.receiver_org = ReceiverOrg(ref=ref, receiver_activity_id=receiver_activity, narrative=_named(ref, name))


def put_classes(
    node: Transaction,
    sector: str | None,
    country: str | None,
    flow_type: str | None,
    finance_type: str | None,
    aid_type: str | None,
    tied_status: str | None,
) -> None:
    """Says of a transaction what the money is for and of what kind."""
    if sector is not None:
        node.sector.append(TransactionSector(code=sector))
    if country is not None:
        node.recipient_country = Country(code=country)
    node.flow_type, node.finance_type, node.tied_status = _code(flow_type), _code(finance_type), _code(tied_status)
    if aid_type is not None:
        node.aid_type.append(AidType(code=aid_type))


def translated(said: Said, translations: Sequence[Sequence[str]] | None) -> Said | Transaction:
    """The transaction with the further languages of its description: with any it is an element."""
    return put_translations(element_of(said), translations) if translations else said


def put_translations(node: Transaction, translations: Sequence[Sequence[str]]) -> Transaction:
    """Says the description of a transaction in further languages."""
    if node.description is None:
        node.description = Narratives(narrative=[Narrative()])
    write_further(node.description.narrative, translations)
    return node


class Texts(NamedTuple):
    """Transactions as they stand in an activity."""

    every: list[str]
    #: the same without those of which others say whether they follow the schema
    to_check: list[str]


NOT_WRITTEN: Final = Texts([], [])


def transactions_xml(transactions: Iterable[Said | Transaction]) -> Texts:
    """Transactions as XML. Raises UnwritableText for characters that XML cannot hold.

    Most say when, how much and of what type, and nothing else but their kind. Days and amounts are written from values,
    and a type or currency may be any text: so of those of one kind either all follow the schema or none.
    """
    kinds: set[Kind] = set()
    every: list[str] = []
    to_check: list[str] = []
    for put in transactions:
        if type(put) is Said:
            ref, type_, date, amount, currency, value_date, description, kind = put
            if ref is None and description is None and type_ and date and amount and currency and value_date:
                before, after = _around(type_, date, currency, value_date, kind)
                xml = f"{before}{amount}{after}"
                every.append(xml)
                if kind not in kinds:
                    kinds.add(kind)
                    to_check.append(xml)
                continue
        xml = _transaction_xml(put)
        every.append(xml)
        to_check.append(xml)
    return Texts(every, to_check)


def _transaction_xml(put: Said | Transaction) -> str:
    if isinstance(put, Transaction):
        return write_transaction(put)
    ref, type_, date, amount, currency, value_date, description, kind = put
    if ref is None:
        start = _start(type_, date)
    else:
        before, after = _around_ref(type_, date)
        start = f"{before}{attribute(ref)}{after}"
    before, after = _around_amount(currency, value_date)
    value = f"{before}{amount}{after}" if amount else _inside(Transaction(value=element_of(put).value))
    if description is None:
        return f"{start}{value}{kind.xml}{_END}"
    if not description:
        return f"{start}{value}{_NO_WORDS}{kind.xml}{_END}"
    return f"{start}{value}{_BEFORE_WORDS}{text(description)}{_AFTER_WORDS}{kind.xml}{_END}"


def iso(day: dt.date | None) -> str | None:
    """A day as files write it."""
    return None if day is None else day.isoformat()


def _code(code: str | None) -> Code | None:
    return None if code is None else Code(code=code)


def _named(ref: str | None, name: Name | None) -> list[Narrative]:
    """The names of an organisation; one that is but its identifier is not printed."""
    if name is None or (name[0] == ref and not name[1]):
        return []
    return [Narrative(text=name[0]), *(Narrative(lang=lang or None, text=text) for lang, text in name[1])]


def _opening(ref: str | None, type_: str | None, date: str | None) -> Transaction:
    """A transaction as far as its day."""
    day = None if date is None else IsoDate(iso_date=date)
    return Transaction(ref=ref, transaction_type=_code(type_), transaction_date=day)


# The pieces: of what the writer wrote of a transaction that holds but a part, its beginning, its inside, its end. The
# value, which every transaction has, stands for what comes after the beginning.

_HELD = write_transaction(Transaction(value=Value()))
_END: Final = _HELD[_HELD.rindex("\n") :]
_ALONE: Final = _HELD[: _HELD.index(">") + 1]
_VALUE: Final = _HELD[len(_ALONE) : -len(_END)]


def _start_of(node: Transaction) -> str:
    node.value = Value()
    return write_transaction(node).removesuffix(f"{_VALUE}{_END}")


def _inside(node: Transaction) -> str:
    inner = write_transaction(node)
    return inner.removeprefix(_ALONE).removesuffix(_END) if inner.endswith(_END) else ""


@lru_cache(maxsize=10_000)
def _start(type_: str | None, date: str | None) -> str:
    """A transaction without reference as far as its day."""
    return _start_of(_opening(None, type_, date))


@lru_cache(maxsize=10_000)
def _around_ref(type_: str | None, date: str | None) -> tuple[str, str]:
    """A transaction as far as its day, before and behind its reference."""
    before, _gap, after = _start_of(_opening(GAP, type_, date)).partition(GAP)
    return before, after


#: stands for a value while what is around it is cut out: a character of nobody's language
GAP: Final = "\ue000"


@lru_cache(maxsize=10_000)
def _around_amount(currency: str | None, value_date: str | None) -> tuple[str, str]:
    """The element of a value before and behind its amount."""
    value = Value(text=GAP, currency=currency, value_date=value_date)
    before, _gap, after = _inside(Transaction(value=value)).rpartition(GAP)
    return before, after


def around_amount(currency: str | None, value_date: dt.date | None) -> tuple[str, str]:
    """The child ``value`` of what stands in an activity, before and behind its amount."""
    return _around_amount(currency or None, iso(value_date))


def amount_xml(amount: Decimal | None, currency: str | None, value_date: dt.date | None) -> str:
    """The child ``value`` of what stands in an activity."""
    if amount is None:
        return _inside(Transaction(value=Value(currency=currency or None, value_date=iso(value_date))))
    before, after = around_amount(currency, value_date)
    return f"{before}{format_decimal(amount)}{after}"


@lru_cache(maxsize=10_000)
def _around(
    type_: str | None, date: str | None, currency: str | None, value_date: str | None, kind: Kind
) -> tuple[str, str]:
    """A transaction without reference and words before and behind its amount."""
    before, after = _around_amount(currency, value_date)
    return f"{_start(type_, date)}{before}", f"{after}{kind.xml}{_END}"


_BEFORE_WORDS, _gap, _AFTER_WORDS = _inside(
    Transaction(description=Narratives(narrative=[Narrative(text=GAP)]))
).partition(GAP)
_NO_WORDS: Final = _inside(Transaction(description=Narratives(narrative=[Narrative()])))
