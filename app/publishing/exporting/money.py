"""Transactions that are kept here, by the rules of the mapping, and the money of published files as it was.

- Expenditure is published by month and classification, so that vouchers and payroll stay private; everything else
  singly. Corrections are netted into what they correct.
- Nothing that is dated after the day of the publication.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Literal, NamedTuple

from app.domain.earmarking import flow_type
from app.domain.ledger import TransactionType
from app.domain.money import exact_sum
from app.domain.terms import EntryKind
from app.publishing.exporting.givers import Givers, givers_of, is_shared, split
from app.publishing.exporting.ledger import Net, netted
from app.publishing.exporting.parts import Composed, Exclusion, party
from app.publishing.exporting.rows import AgreementRow, EntryRow, ProjectRow, Rows, of
from app.publishing.mapping.money import TRANSACTION, plain_transaction
from iati.model import AidType, Code, Country, Transaction, TransactionSector

#: what becomes of expenditure, for whoever looks at an export
EXPENDITURE_BY_MONTH = (
    "Expenditure is published as one sum for each month and classification, dated on the last posting of the month, "
    "without descriptions and document numbers."
)
#: transactions by which money comes in under an agreement
INCOMING = (TransactionType.INCOMING_FUNDS, TransactionType.INCOMING_COMMITMENT, TransactionType.INCOMING_PLEDGE)
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
            f"The correction {correction['id']} is in {correction['currency']}, what it corrects in "
            f"{posting['currency']}; it is left out. Post it in the same currency."
        )
    of_file = [(each["ordinal"], each["id"], each) for each in ledger if each["ordinal"] is not None]
    for _ordinal, _key, each in sorted(of_file, key=itemgetter(0, 1)):
        _put_of_file(composed, project, rows, each, net)
    _put_own(composed, project, rows, [each for each in ledger if each["ordinal"] is None], net)


def _put_of_file(composed: Composed, project: ProjectRow, rows: Rows, entry: EntryRow, net: Net) -> None:
    """A transaction of a published file, unless it was withdrawn."""
    amount = net.of(entry)
    if amount is None:
        return
    columns = {
        **entry,
        "amount": amount,
        **party("provider", rows, entry["provider_id"]),
        **party("receiver", rows, entry["receiver_id"]),
    }
    element = TRANSACTION.build(columns, entry["remainder"], project["default_currency"] or "")
    if reason := entry["withheld_reason"]:
        exclusion = Exclusion(project=project["code"], what=f"transaction {entry['id']}", reason=reason)
        composed.hide("transaction", element, "ledger_entries", entry["id"], exclusion)
    else:
        composed.put("transaction", element, "ledger_entries", entry["id"])


def _put_own(composed: Composed, project: ProjectRow, rows: Rows, ledger: list[EntryRow], net: Net) -> None:
    """The postings that are kept here, in the order of their dates."""
    givers = givers_of(of(rows.agreements, project["id"]))
    agreements = {key: some[0] for key, some in givers.items()}
    shown: list[Shown] = []
    for each in ledger:
        days = (each["date"], each["value_date"] or each["date"])
        if each["entry_kind"] is not EntryKind.POSTING or not all(composed.days.reached(day) for day in days):
            continue
        amount = net.of(each)
        if amount is None:
            continue
        if reason := each["withheld_reason"]:
            exclusion = Exclusion(project=project["code"], what=f"transaction {each['id']}", reason=reason)
            composed.exclusions.append(exclusion)
            continue
        flow = each["flow_type"] or _flow_type(each, _of_entry(each, agreements), project["flow_type"], rows)
        shown.append(Shown(each, amount, flow))
    places = _places(composed, [each.entry for each in shown])
    summed = [each for each in shown if _aggregated(each.entry)]
    rendered = [
        *_singles(project, rows, givers, [each for each in shown if not _aggregated(each.entry)], places),
        *_aggregates(summed, places),
    ]
    if summed:
        composed.notes.append(EXPENDITURE_BY_MONTH)
    for _order, element, keys in sorted(rendered, key=itemgetter(0)):
        composed.put("transaction", element, "ledger_entries", *keys)


def _of_entry(entry: EntryRow, agreements: Mapping[int, AgreementRow]) -> AgreementRow | None:
    """The agreement that a posting belongs to."""
    return None if entry["agreement_id"] is None else agreements.get(entry["agreement_id"])


def _flow_type(entry: EntryRow, agreement: AgreementRow | None, default: str | None, rows: Rows) -> str | None:
    """The flow type of the money by who gave it, where that differs from the activity's default."""
    if entry["internal"]:
        return None
    provider = entry["provider_id"] if entry["type"] in INCOMING else None
    category = None if provider is None else rows.categories.get(provider)
    if category is None and agreement is not None:
        category = agreement["partner_category"]
    if category is None:
        return None
    found = flow_type(category, agreement["preset"] if agreement is not None else None)
    return None if found == default else found


_NOTHING: dict[str, object] = dict.fromkeys(bind.column for bind in TRANSACTION.binds)

#: columns of place and purpose
Place = Literal["country", "sector"]

#: a rendered transaction with what orders it and the rows that made it
_Rendered = tuple[tuple[dt.date, str, int], Transaction, tuple[int, ...]]


def _aggregated(entry: EntryRow) -> bool:
    return entry["type"] == TransactionType.EXPENDITURE


def _places(composed: Composed, entries: list[EntryRow]) -> tuple[Place, ...]:
    """Columns of place and purpose that transactions carry: only those that the activity itself does not state, and
    only when every transaction has them. What is lost by that is remarked."""
    activity = composed.activity
    countries = {each.code for each in activity.recipient_country}
    sectors = {each.code for each in activity.sector if each.vocabulary in (None, "1")}
    above: tuple[tuple[Place, str, bool, set[str | None]], ...] = (
        ("country", "countries", bool(activity.recipient_country or activity.recipient_region), countries),
        ("sector", "sectors", bool(activity.sector), sectors),
    )
    alone = not composed.sources.get("transaction")
    found: list[Place] = []
    for name, several, stated, codes in above:
        named = {each[name] for each in entries if each[name]}
        if not named:
            continue
        if stated:
            if len(codes) > 1 or named != codes:
                composed.remarks.append(
                    f"The {several} of its transactions are left out, because the project states its own: take them "
                    "off the project to publish those of each transaction."
                )
        elif alone and all(each[name] for each in entries):
            found.append(name)
        else:
            composed.remarks.append(
                f"The {several} of its transactions are left out, because not every transaction has one: give one to "
                "each, or give them to the project."
            )
    return tuple(found)


def _blank(shown: Shown, places: tuple[Place, ...]) -> dict[str, object]:
    """The columns of a single transaction that are taken as they are."""
    entry = shown.entry
    return {
        **_NOTHING,
        "type": entry["type"],
        "currency": entry["currency"],
        "flow_type": shown.flow_type,
        "finance_type": entry["finance_type"],
        "tied_status": entry["tied_status"] if entry["type"] in _COMMITMENTS else None,
        **{name: entry[name] for name in places},
    }


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
        incoming = entry["type"] in INCOMING
        provider, activity, receiver = entry["provider_id"], entry["provider_activity"], entry["receiver_id"]
        if agreement is not None and not entry["internal"]:
            provider = provider or agreement["organisation_id"]
            activity = activity or agreement["provider_activity"]
        elif entry["internal"] and incoming:
            provider = provider or project["reporting_org_id"]
        if entry["internal"] and not incoming:
            receiver = receiver or project["reporting_org_id"]
        columns = {
            **_blank(shown, places),
            "date": entry["date"],
            "value_date": entry["value_date"] or entry["date"],
            "amount": shown.amount,
            "description": entry["description"],
            "description_translations": entry["description_translations"],
            "reference": entry["reference"],
            **party("provider", rows, provider),
            "provider_activity": activity,
            **party("receiver", rows, receiver),
            "receiver_activity": entry["receiver_activity"],
        }
        element = TRANSACTION.render(columns)
        element.aid_type = _aid_types(entry, agreement)
        found.append(((entry["date"], entry["type"], entry["id"]), element, (entry["id"],)))
    return found


def _by_giver(
    project: ProjectRow, rows: Rows, givers: Mapping[int, Givers], entries: list[Shown]
) -> Iterator[tuple[Shown, AgreementRow | None]]:
    """Each posting with the agreement that it comes in under; one that names no partner is shared out among all."""
    for shown in entries:
        entry, agreement_id = shown.entry, shown.entry["agreement_id"]
        known = givers.get(agreement_id, []) if agreement_id is not None and entry["type"] in INCOMING else []
        if not is_shared(entry, known):
            named = (each for each in known if each["organisation_id"] == entry["provider_id"])
            yield shown, next(named, known[0] if known else None)
            continue
        for each, amount in split(shown.amount, entry["currency"], known):
            if amount and each["organisation_id"] not in rows.unscreened:
                flow = entry["flow_type"] or _flow_type(entry, each, project["flow_type"], rows)
                yield Shown(entry, amount, flow), each


def _aid_types(entry: EntryRow, agreement: AgreementRow | None) -> list[AidType]:
    """The DAC's type, and how far an agreement earmarks: category in vocabulary 2, modality in vocabulary 3."""
    dac = entry["aid_type"] or (agreement["aid_type"] if agreement else None)
    found = [AidType(code=dac)] if dac else []
    if agreement is not None:
        found.append(AidType(code=str(agreement["category"]), vocabulary="2"))
        found.append(AidType(code=agreement["modality"], vocabulary="3"))
    return found


def _aggregates(entries: list[Shown], places: tuple[Place, ...]) -> list[_Rendered]:
    """Expenditure by month and classification, dated on the last posting of the month."""
    months: dict[tuple[object, ...], list[Shown]] = defaultdict(list)
    for shown in entries:
        entry, day = shown.entry, shown.entry["date"]
        classification = (entry["currency"], shown.flow_type, entry["finance_type"], entry["aid_type"])
        months[(day.year, day.month, *classification, *[entry[name] for name in places])].append(shown)
    found: list[_Rendered] = []
    for some in months.values():
        amount = some[0].amount if len(some) == 1 else exact_sum(each.amount for each in some)
        if not amount:
            continue
        first = some[0].entry
        day = max(each.entry["date"] for each in some)
        element = plain_transaction(first["type"], day, amount, first["currency"])
        if some[0].flow_type is not None:
            element.flow_type = Code(code=some[0].flow_type)
        if first["finance_type"] is not None:
            element.finance_type = Code(code=first["finance_type"])
        if first["aid_type"]:
            element.aid_type = [AidType(code=first["aid_type"])]
        if "sector" in places and first["sector"] is not None:
            element.sector = [TransactionSector(code=first["sector"])]
        if "country" in places and first["country"] is not None:
            element.recipient_country = Country(code=first["country"])
        keys = tuple(each.entry["id"] for each in some)
        found.append(((day, first["type"], min(keys)), element, keys))
    return found
