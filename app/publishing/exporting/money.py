"""Transactions that are kept here, by the rules of the mapping, and the money of published files as it was.

- Expenditure is published by month and classification, so that vouchers and payroll stay private; everything else
  singly. Corrections are netted into what they correct.
- Nothing that is dated after the day of the publication.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Final, Literal, NamedTuple

from app.domain.earmarking import flow_type
from app.domain.ledger import TransactionType
from app.domain.money import exact_sum
from app.domain.terms import EntryKind
from app.publishing.exporting.givers import Givers, givers_of, is_shared, split
from app.publishing.exporting.ledger import Net, netted
from app.publishing.exporting.parts import Composed, Days, Exclusion, party
from app.publishing.exporting.rows import AgreementRow, EntryRow, ProjectRow, Rows, of
from app.publishing.mapping.money import TRANSACTION
from app.publishing.mapping.said import NOBODY, Called, Kind, Said, element_of, iso, made, translated
from iati.lexical import format_decimal
from iati.model import RecipientCountry, RecipientRegion, Sector, Transaction

#: what becomes of expenditure, for whoever looks at an export
EXPENDITURE_BY_MONTH = (
    "Expenditure is published as one sum for each month and classification, dated on the last posting of the month, "
    "without descriptions and document numbers."
)
#: transactions by which money comes in under an agreement
INCOMING = (TransactionType.INCOMING_FUNDS, TransactionType.INCOMING_COMMITMENT, TransactionType.INCOMING_PLEDGE)
#: the same, as they stand in the ledger
_COMING_IN, _EXPENDITURE = frozenset(each.value for each in INCOMING), TransactionType.EXPENDITURE.value
#: transactions that say how far the money is tied
_COMMITMENTS = (TransactionType.OUTGOING_COMMITMENT, TransactionType.INCOMING_COMMITMENT)


class Shown(NamedTuple):
    """A posting that is published, with what is published of it."""

    entry: EntryRow
    #: corrections netted
    amount: Decimal
    flow_type: str | None


def put_transactions(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Those of a published file in their places, then those that are kept here in the order of their dates."""
    ledger = of(rows.entries, project["id"])
    net = netted(ledger, composed.days)
    for correction, posting in net.unlike:
        composed.remarks.append(
            f"The correction {correction.id} is in {correction.currency}, what it corrects in {posting.currency}; "
            "it is left out. Post it in the same currency."
        )
    own = [each for each in ledger if each.ordinal is None]
    if len(own) < len(ledger):
        of_file = [
            (each.ordinal, each.id, each)
            for each in ledger
            # what takes back a row whose currency is none has the place of that row
            if each.ordinal is not None and each.entry_kind is EntryKind.POSTING
        ]
        of_file.sort(key=itemgetter(0, 1))
        for _ordinal, _key, each in of_file:
            _put_of_file(composed, project, rows, each, net)
    if own:
        _put_own(composed, project, rows, own, net)


def _put_of_file(composed: Composed, project: ProjectRow, rows: Rows, entry: EntryRow, net: Net) -> None:
    """A transaction of a published file, unless it was withdrawn."""
    amount = net.of(entry)
    if amount is None:
        return
    put: Said | Transaction
    if entry.remainder is None:
        value_date = entry.value_date
        said = made(
            (
                entry.reference,
                entry.type or None,
                entry.date.isoformat(),
                format_decimal(amount),
                entry.currency or None,
                None if value_date is None else value_date.isoformat(),
                entry.description,
                _kind(entry, rows),
            )
        )
        put = translated(said, translations) if (translations := entry.description_translations) else said
    else:
        columns = {
            **entry._asdict(),
            "amount": amount,
            **party("provider", rows, entry.provider_id),
            **party("receiver", rows, entry.receiver_id),
        }
        put = TRANSACTION.overlay(columns, entry.remainder, project["default_currency"] or "")
    if reason := entry.withheld_reason:
        exclusion = Exclusion(project=project["code"], what=f"transaction {entry.id}", reason=reason)
        composed.hide("transaction", element_of(put), "ledger_entries", entry.id, exclusion)
    else:
        composed.put_transactions((put,), ((entry.id,),))


#: the columns that a :class:`Kind` is made of
_of_kind: Callable[[EntryRow], tuple[object, ...]] = itemgetter(
    slice(EntryRow._fields.index("provider_id"), EntryRow._fields.index("tied_status") + 1)
)


def _kind(entry: EntryRow, rows: Rows) -> Kind:
    """What a posting says besides day, amount and description; made once for all of the batch that say the same."""
    columns = _of_kind(entry)
    kind = rows.kinds.get(columns)
    if kind is None:
        kind = rows.kinds[columns] = Kind(
            provider=_called(rows, entry.provider_id),
            provider_activity=entry.provider_activity,
            receiver=_called(rows, entry.receiver_id),
            receiver_activity=entry.receiver_activity,
            sector=entry.sector,
            country=entry.country,
            flow_type=entry.flow_type,
            finance_type=entry.finance_type,
            aid_type=entry.aid_type,
            tied_status=entry.tied_status,
        )
    return kind


def _called(rows: Rows, organisation: int | None) -> Called:
    """How an organisation is called in an element that names it."""
    if organisation is None:
        return NOBODY
    ref, name, _type = rows.organisations[organisation]
    return ref, name


#: what tells how a posting is published: agreement, type, day, amount, currency, types of flow, finance and aid, why
#: it is withheld
_Sorting = tuple[int | None, str, dt.date, Decimal, str, str | None, str | None, str | None, str | None]
_sorting: Callable[[EntryRow], _Sorting] = attrgetter(
    "agreement_id", "type", "date", "amount", "currency", "flow_type", "finance_type", "aid_type", "withheld_reason"
)


def _put_own(composed: Composed, project: ProjectRow, rows: Rows, ledger: list[EntryRow], net: Net) -> None:
    """The postings that are kept here, in the order of their dates."""
    givers = givers_of(of(rows.agreements, project["id"]))
    agreements = {key: some[0] for key, some in givers.items()}
    default = project["flow_type"]
    months: _Months = {}
    singles: list[Shown] = []
    for each in _reached([each for each in ledger if each.entry_kind is EntryKind.POSTING], composed.days):
        agreement_id, type_, date, posted, currency, flow, finance, aid, withheld = _sorting(each)
        amount = net.amounts.get(each.id, posted) if net.amounts else posted
        if amount is None:
            continue
        if withheld:
            exclusion = Exclusion(project=project["code"], what=f"transaction {each.id}", reason=withheld)
            composed.exclusions.append(exclusion)
            continue
        if not flow and (agreement_id is not None or type_ in _COMING_IN):
            flow = _flow_type(each, _of_entry(each, agreements), default, rows)
        if type_ != _EXPENDITURE:
            singles.append(Shown(each, amount, flow or None))
            continue
        alike = (date.year, date.month, currency, flow or None, finance, aid)
        if (known := months.get(alike)) is None:
            months[alike] = [each]
        else:
            known.append(each)
    places = _places(composed, [*chain.from_iterable(months.values()), *[each.entry for each in singles]])
    if months:
        composed.notes.append(EXPENDITURE_BY_MONTH)
    rendered = [*_singles(project, rows, givers, singles, places), *_aggregates(months, net, places)]
    rendered.sort(key=itemgetter(0))
    composed.put_transactions([said for _, said, _ in rendered], [keys for _, _, keys in rendered])


def _reached(postings: list[EntryRow], days: Days) -> list[EntryRow]:
    """Those whose days have come: nearly always all, which the newest of them tells."""
    ahead = [each.date for each in postings]
    ahead += [each.value_date for each in postings if each.value_date is not None]
    if not ahead or days.reached(max(ahead)):
        return postings
    return [each for each in postings if days.reached(each.date) and days.reached(each.value_date)]


def _of_entry(entry: EntryRow, agreements: Mapping[int, AgreementRow]) -> AgreementRow | None:
    """The agreement that a posting belongs to."""
    return None if entry.agreement_id is None else agreements.get(entry.agreement_id)


def _flow_type(entry: EntryRow, agreement: AgreementRow | None, default: str | None, rows: Rows) -> str | None:
    """The flow type of the money by who gave it, where that differs from the activity's default."""
    if entry.internal:
        return None
    provider = entry.provider_id if entry.type in INCOMING else None
    category = None if provider is None else rows.categories.get(provider)
    if category is None and agreement is not None:
        category = agreement["partner_category"]
    if category is None:
        return None
    found = flow_type(category, agreement["preset"] if agreement is not None else None)
    return None if found == default else found


#: expenditure that is told as one sum: year, month, currency, type of flow, type of finance, type of aid → postings
_Months = dict[tuple[int, int, str, str | None, str | None, str | None], list[EntryRow]]

#: columns of place and purpose
Place = Literal["country", "sector"]

#: a transaction with what orders it and the rows that made it
_Rendered = tuple[tuple[dt.date, str, int], Said | Transaction, tuple[int, ...]]


#: why places or purposes of transactions are left out: the project has its own, or some transactions have none
_STATED: Final[Mapping[Place, str]] = {
    "country": "The countries of its transactions are left out, because the project states its own: take them off the "
    "project to publish those of each transaction.",
    "sector": "The sectors of its transactions are left out, because the project states its own: take them off the "
    "project to publish those of each transaction.",
}
_NOT_EVERY: Final[Mapping[Place, str]] = {
    "country": "The countries of its transactions are left out, because not every transaction has one: give one to "
    "each, or give them to the project.",
    "sector": "The sectors of its transactions are left out, because not every transaction has one: give one to each, "
    "or give them to the project.",
}


def _places(composed: Composed, entries: list[EntryRow]) -> tuple[Place, ...]:
    """Columns of place and purpose that transactions carry: only those that the activity itself does not state, and
    only when every transaction has them. What is lost by that is remarked."""
    alone = not composed.sources.get("transaction")
    found: list[Place] = []
    names: tuple[Place, ...] = ("country", "sector")
    for name in names:
        said = set(map(attrgetter(name), entries))
        named = said - {None, ""}
        if not named:
            continue
        stated, codes = _stated(composed, name)
        if stated:
            if len(codes) > 1 or named != codes:
                composed.remarks.append(_STATED[name])
        elif alone and said == named:
            found.append(name)
        else:
            composed.remarks.append(_NOT_EVERY[name])
    return tuple(found)


def _stated(composed: Composed, place: Place) -> tuple[bool, set[str | None]]:
    """Whether the activity itself states its countries or regions, or its sectors; and the codes."""
    if place == "sector":
        sectors = composed.elements("sector", Sector)
        return bool(sectors), {each.code for each in sectors if each.vocabulary in (None, "1")}
    countries = composed.elements("recipient_country", RecipientCountry)
    stated = bool(countries or composed.elements("recipient_region", RecipientRegion))
    return stated, {each.code for each in countries}


def _singles(
    project: ProjectRow,
    rows: Rows,
    givers: Mapping[int, Givers],
    entries: list[Shown],
    places: tuple[Place, ...],
) -> list[_Rendered]:
    found: list[_Rendered] = []
    for shown, agreement in _by_giver(project, rows, givers, entries):
        entry = shown.entry
        incoming = entry.type in INCOMING
        provider, activity, receiver = entry.provider_id, entry.provider_activity, entry.receiver_id
        if agreement is not None and not entry.internal:
            provider = provider or agreement["organisation_id"]
            activity = activity or agreement["provider_activity"]
        elif entry.internal and incoming:
            provider = provider or project["reporting_org_id"]
        if entry.internal and not incoming:
            receiver = receiver or project["reporting_org_id"]
        kind = Kind(
            provider=_called(rows, provider),
            provider_activity=activity,
            receiver=_called(rows, receiver),
            receiver_activity=entry.receiver_activity,
            sector=entry.sector if "sector" in places else None,
            country=entry.country if "country" in places else None,
            flow_type=shown.flow_type,
            finance_type=entry.finance_type,
            aid_type=entry.aid_type or (agreement["aid_type"] if agreement else None) or None,
            earmarking=None if agreement is None else (str(agreement["category"]), agreement["modality"]),
            tied_status=entry.tied_status if entry.type in _COMMITMENTS else None,
        )
        day = entry.date.isoformat()
        said = Said(
            ref=entry.reference,
            type=entry.type or None,
            date=day,
            amount=format_decimal(shown.amount),
            currency=entry.currency or None,
            value_date=iso(entry.value_date) or day,
            description=entry.description,
            kind=kind,
        )
        put = translated(said, entry.description_translations)
        found.append(((entry.date, entry.type, entry.id), put, (entry.id,)))
    return found


def _by_giver(
    project: ProjectRow, rows: Rows, givers: Mapping[int, Givers], entries: list[Shown]
) -> Iterator[tuple[Shown, AgreementRow | None]]:
    """Each posting with the agreement that it comes in under; one that names no partner is shared out among all."""
    for shown in entries:
        entry, agreement_id = shown.entry, shown.entry.agreement_id
        known = givers.get(agreement_id, []) if agreement_id is not None and entry.type in INCOMING else []
        if not is_shared(entry, known):
            named = (each for each in known if each["organisation_id"] == entry.provider_id)
            yield shown, next(named, known[0] if known else None)
            continue
        for each, amount in split(shown.amount, entry.currency, known):
            if amount and each["organisation_id"] not in rows.unscreened:
                flow = entry.flow_type or _flow_type(entry, each, project["flow_type"], rows)
                yield Shown(entry, amount, flow), each


def _aggregates(months: _Months, net: Net, places: tuple[Place, ...]) -> Iterator[_Rendered]:
    """Expenditure by month and classification, dated on the last posting of the month."""
    for (_year, _month, currency, flow, finance, aid), some in months.items():
        for (sector, country), alike in _by_place(some, places) if places else ((_NOWHERE, some),):
            first, keys = alike[0], tuple([each.id for each in alike])
            day, amount = first.date, net.of(first) if net.amounts else first.amount
            if len(alike) > 1:
                amount = exact_sum([found for each in alike if (found := net.of(each)) is not None])
                day = max([each.date for each in alike])
            if amount:
                text, kind = day.isoformat(), _kind_of((sector, country, flow, finance, aid))
                said = made((None, first.type, text, format_decimal(amount), currency or None, text, None, kind))
                yield (day, first.type, min(keys)), said, keys


def _by_place(
    entries: list[EntryRow], places: tuple[Place, ...]
) -> Iterable[tuple[tuple[str | None, str | None], list[EntryRow]]]:
    """Postings by those of sector and country that transactions carry."""
    found: dict[tuple[str | None, str | None], list[EntryRow]] = {}
    for each in entries:
        place = each.sector if "sector" in places else None, each.country if "country" in places else None
        found.setdefault(place, []).append(each)
    return found.items()


#: neither sector nor country
_NOWHERE = (None, None)
#: sector, country, type of flow, type of finance, type of aid
_Classes = tuple[str | None, str | None, str | None, str | None, str | None]


@lru_cache(maxsize=1000)
def _kind_of(classes: _Classes) -> Kind:
    sector, country, flow, finance, aid = classes
    return Kind(sector=sector, country=country, flow_type=flow, finance_type=finance, aid_type=aid or None)
