"""Transactions that are kept here, by the rules of the mapping, and the money of published files as it was.

- Expenditure is published by month and classification, so that vouchers and payroll stay private; everything else
  singly. Corrections are netted into what they correct.
- Nothing that is dated after the day of the publication.
"""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from operator import itemgetter

from app.domain.earmarking import flow_type
from app.domain.ledger import TransactionType
from app.domain.money import exact_sum
from app.domain.terms import EntryKind
from app.publishing.exporting.fetch import Rows
from app.publishing.exporting.ledger import netted, roots
from app.publishing.exporting.parts import Composed, Exclusion, party
from app.publishing.exporting.queries import Columns
from app.publishing.mapping.money import BUDGET, TRANSACTION
from iati.model import AidType, Transaction

#: what becomes of expenditure, for whoever looks at an export
EXPENDITURE_BY_MONTH = (
    "Expenditure is published as one sum for each month and classification, dated on the last posting of the month, "
    "without descriptions and document numbers."
)
#: transactions by which money comes in under an agreement
INCOMING = (TransactionType.INCOMING_FUNDS, TransactionType.INCOMING_COMMITMENT, TransactionType.INCOMING_PLEDGE)
#: transactions that say how far the money is tied
_COMMITMENTS = (TransactionType.OUTGOING_COMMITMENT, TransactionType.INCOMING_COMMITMENT)


def put_transactions(composed: Composed, project: Columns, rows: Rows) -> None:
    """The postings of the ledger that are kept here, in the order of their dates."""
    ledger = rows.of("ledger_entries", project["id"])
    net = netted(ledger, composed.days)
    own = [each for each in ledger if each["ordinal"] is None and each["entry_kind"] is EntryKind.POSTING]
    _remark_currencies(composed, ledger)
    shown: list[Columns] = []
    for each in own:
        value_date = each["value_date"] or each["date"]
        if not (composed.days.reached(each["date"]) and composed.days.reached(value_date)):
            continue
        if each["id"] in net:
            if net[each["id"]] is None:
                continue
            each["amount"] = net[each["id"]]
        if each["withheld_reason"]:
            exclusion = Exclusion(
                project=project["code"], what=f"transaction {each['id']}", reason=each["withheld_reason"]
            )
            composed.exclusions.append(exclusion)
        else:
            shown.append(each)
    agreements = {each["agreement_id"]: each for each in rows.agreements.get(project["id"], ())}
    for each in shown:
        agreement = agreements.get(each["agreement_id"])
        each["flow_type"] = each["flow_type"] or _flow_type(each, agreement, project["flow_type"], rows)
    places = _places(composed, shown)
    summed = [each for each in shown if _aggregated(each)]
    rendered = [
        *_singles(project, rows, agreements, [each for each in shown if not _aggregated(each)], places),
        *_aggregates(summed, places),
    ]
    if summed:
        composed.notes.append(EXPENDITURE_BY_MONTH)
    rendered.sort(key=lambda item: item[0])
    for _order, element, keys in rendered:
        composed.put("transaction", element, "ledger_entries", *keys)


def _flow_type(entry: Columns, agreement: Columns | None, default: str | None, rows: Rows) -> str | None:
    """The flow type of the money by who gave it, where that differs from the activity's default."""
    if entry["internal"]:
        return None
    category = rows.categories.get(entry["provider_id"]) if entry["type"] in INCOMING else None
    if category is None and agreement is not None:
        category = agreement["partner_category"]
    if category is None:
        return None
    found = flow_type(category, agreement["preset"] if agreement is not None else None)
    return None if found == default else found


_NOTHING: Columns = dict.fromkeys(bind.column for bind in TRANSACTION.binds)

#: a rendered transaction with what orders it and the rows that made it
_Rendered = tuple[tuple[dt.date, str, int], Transaction, tuple[int, ...]]


def _aggregated(entry: Columns) -> bool:
    return bool(entry["type"] == TransactionType.EXPENDITURE)


def _places(composed: Composed, entries: list[Columns]) -> tuple[str, ...]:
    """Columns of place and purpose that transactions carry: only those that the activity itself does not state, and
    only when every transaction has them. What is lost by that is remarked."""
    activity = composed.activity
    countries = {each.code for each in activity.recipient_country}
    sectors = {each.code for each in activity.sector if each.vocabulary in (None, "1")}
    above = (
        ("country", "countries", bool(activity.recipient_country or activity.recipient_region), countries),
        ("sector", "sectors", bool(activity.sector), sectors),
    )
    alone = not composed.sources.get("transaction")
    found = []
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


def _blank(entry: Columns, places: tuple[str, ...]) -> Columns:
    """The columns of a transaction that rows of every type share."""
    return {
        **_NOTHING,
        "type": entry["type"],
        "currency": entry["currency"],
        "flow_type": entry["flow_type"],
        "finance_type": entry["finance_type"],
        "tied_status": entry["tied_status"] if entry["type"] in _COMMITMENTS else None,
        **{name: entry[name] for name in places},
    }


def _singles(
    project: Columns, rows: Rows, agreements: dict[int, Columns], entries: list[Columns], places: tuple[str, ...]
) -> list[_Rendered]:
    found: list[_Rendered] = []
    for entry in entries:
        columns = _blank(entry, places)
        said = ("date", "amount", "description", "description_translations", "reference", "receiver_activity")
        columns.update({name: entry[name] for name in said})
        columns["value_date"] = entry["value_date"] or entry["date"]
        agreement = agreements.get(entry["agreement_id"]) if entry["type"] in INCOMING else None
        provider, activity = entry["provider_id"], entry["provider_activity"]
        if agreement is not None and not entry["internal"]:
            provider = provider or agreement["organisation_id"]
            activity = activity or agreement["provider_activity"]
        elif entry["internal"] and entry["type"] in INCOMING:
            provider = provider or project["reporting_org_id"]
        if entry["internal"] and entry["type"] not in INCOMING and entry["receiver_id"] is None:
            entry["receiver_id"] = project["reporting_org_id"]
        party(columns, "provider", rows, provider)
        party(columns, "receiver", rows, entry["receiver_id"])
        columns["provider_activity"] = activity
        element = TRANSACTION.render(columns)
        element.aid_type = _aid_types(entry, agreement)
        found.append(((entry["date"], entry["type"], entry["id"]), element, (entry["id"],)))
    return found


def _aid_types(entry: Columns, agreement: Columns | None) -> list[AidType]:
    """The DAC's type, and how far an agreement earmarks: category in vocabulary 2, modality in vocabulary 3."""
    dac = entry["aid_type"] or (agreement["aid_type"] if agreement else None)
    found = [AidType(code=dac)] if dac else []
    if agreement is not None:
        found.append(AidType(code=str(agreement["category"]), vocabulary="2"))
        found.append(AidType(code=agreement["modality"], vocabulary="3"))
    return found


def _aggregates(entries: list[Columns], places: tuple[str, ...]) -> list[_Rendered]:
    """Expenditure by month and classification, dated on the last posting of the month."""
    months: dict[tuple[object, ...], list[Columns]] = defaultdict(list)
    classification = itemgetter("currency", "flow_type", "finance_type", "aid_type", *places)
    for entry in entries:
        day = entry["date"]
        months[(day.year, day.month, *classification(entry))].append(entry)
    found: list[_Rendered] = []
    for some in months.values():
        amount = exact_sum(each["amount"] for each in some)
        if not amount:
            continue
        day = max(each["date"] for each in some)
        columns = {**_blank(some[0], places), "date": day, "value_date": day, "amount": amount}
        element = TRANSACTION.render(columns)
        if some[0]["aid_type"]:
            element.aid_type = [AidType(code=some[0]["aid_type"])]
        keys = tuple(each["id"] for each in some)
        found.append(((day, some[0]["type"], min(keys)), element, keys))
    return found


def _remark_currencies(composed: Composed, ledger: list[Columns]) -> None:
    by_key = {each["id"]: each for each in ledger}
    for key, root in roots(ledger).items():
        if root in by_key and by_key[key]["currency"] != by_key[root]["currency"]:
            composed.remarks.append(
                f"The correction {key} is in {by_key[key]['currency']}, what it corrects in "
                f"{by_key[root]['currency']}; it is left out. Post it in the same currency."
            )


def put_file_budgets(composed: Composed, project: Columns, rows: Rows) -> None:
    """Budgets of a published file: the newest row of each place."""
    found = [each for each in rows.of("allocations", project["id"]) if each["ordinal"] is not None]
    replaced = {each["supersedes_id"] for each in found}
    currency = project["default_currency"] or ""
    for each in sorted(found, key=lambda row: (row["ordinal"], row["id"])):
        if each["id"] not in replaced and not each["withdrawn"]:
            composed.put("budget", BUDGET.build(each, each["remainder"], currency), "allocations", each["id"])


def put_file_transactions(composed: Composed, project: Columns, rows: Rows, net: dict[int, Decimal | None]) -> None:
    """Transactions of a published file, but for withdrawn ones.

    ``net``: amounts of corrected rows, None for those that are gone.
    """
    found = [each for each in rows.of("ledger_entries", project["id"]) if each["ordinal"] is not None]
    currency = project["default_currency"] or ""
    found.sort(key=lambda row: (row["ordinal"], row["id"]))
    for each in found:
        if each["id"] in net:
            if net[each["id"]] is None:
                continue
            each["amount"] = net[each["id"]]
        party(each, "provider", rows, each["provider_id"])
        party(each, "receiver", rows, each["receiver_id"])
        element = TRANSACTION.build(each, each["remainder"], currency)
        if each["withheld_reason"]:
            reason = each["withheld_reason"]
            exclusion = Exclusion(project=project["code"], what=f"transaction {each['id']}", reason=reason)
            composed.hide("transaction", element, "ledger_entries", each["id"], exclusion)
        else:
            composed.put("transaction", element, "ledger_entries", each["id"])
