"""Budgets and transactions."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.terms import AllocationKind
from app.publishing.mapping.activity import aid_type
from app.publishing.mapping.binds import (
    AMOUNT,
    attribute,
    code,
    day,
    party,
    translations,
    words,
)
from app.publishing.mapping.glance import MONEY, PROVIDER, PURPOSE, RECEIVER
from app.publishing.mapping.plain import read_plain
from app.publishing.mapping.said import iso, plain, put_classes, put_parties, put_translations
from app.publishing.mapping.shape import ALWAYS, Bind, Shape
from iati.lexical import format_decimal
from iati.model import (
    Budget,
    Country,
    IsoDate,
    PlannedDisbursement,
    ProviderOrg,
    ReceiverOrg,
    Transaction,
    TransactionSector,
    Value,
)

#: IATI budget type
KINDS = {AllocationKind.ORIGINAL: "1", AllocationKind.REVISED: "2"}


def _kind() -> Bind[Budget | PlannedDisbursement]:
    def write(node: Budget | PlannedDisbursement, value: AllocationKind) -> None:
        node.type = KINDS[value.published]

    return Bind(
        "kind",
        lambda node: AllocationKind.REVISED if node.type == "2" else AllocationKind.ORIGINAL,
        write,
        blank=ALWAYS,
        field="type",
        text=lambda value: KINDS[value.published],
    )


def _render_budget(columns: Mapping[str, Any]) -> Budget:
    """A budget without a detour through its binds."""
    amount, start, end, value_date = (columns[name] for name in ("amount", "period_start", "period_end", "value_date"))
    return Budget(
        type=KINDS[columns["kind"]],
        status=columns["status"],
        period_start=None if start is None else IsoDate(iso_date=start.isoformat()),
        period_end=None if end is None else IsoDate(iso_date=end.isoformat()),
        value=Value(
            text="" if amount is None else format_decimal(amount),
            currency=columns["currency"] or None,
            value_date=None if value_date is None else value_date.isoformat(),
        ),
    )


BUDGET: Shape[Budget] = Shape(
    Budget,
    _kind(),
    attribute("status"),
    day("period_start"),
    day("period_end"),
    *AMOUNT,
    render=_render_budget,
    together=(MONEY,),
)


def _activity_of(child: str, field: str, column: str, node_type: Callable[[], object]) -> Bind[object]:
    def read(node: object) -> str | None:
        found = getattr(node, child)
        return None if found is None else getattr(found, field)

    def write(node: object, value: str | None) -> None:
        found = getattr(node, child)
        if found is None:
            if value is None:
                return
            found = node_type()
            setattr(node, child, found)
        setattr(found, field, value)

    return Bind(column, read, write)


def _country() -> Bind[Transaction]:
    def write(node: Transaction, value: str | None) -> None:
        if value is None:
            node.recipient_country = None
        elif node.recipient_country is None:
            node.recipient_country = Country(code=value)
        else:
            node.recipient_country.code = value

    return Bind("country", lambda node: node.recipient_country.code if node.recipient_country else None, write)


def _sector() -> Bind[Transaction]:
    """The first sector of the DAC list; those of other vocabularies stay in the remainder."""

    def find(node: Transaction) -> TransactionSector | None:
        return next((each for each in node.sector if each.vocabulary in (None, "1")), None)

    def read(node: Transaction) -> str | None:
        found = find(node)
        return None if found is None else found.code

    def write(node: Transaction, value: str | None) -> None:
        found = find(node)
        if value is None:
            node.sector = [each for each in node.sector if each.vocabulary not in (None, "1")]
        elif found is None:
            node.sector.insert(0, TransactionSector(code=value))
        else:
            found.code = value

    return Bind("sector", read, write)


def _translations() -> Bind[object]:
    """As other translations, but NULL when there are none."""
    plain = translations("description", "description_translations")

    def write(node: object, value: list[list[str]] | None) -> None:
        plain.write(node, value or [])

    return Bind(plain.column, lambda node: plain.read(node) or None, write)


def _render(columns: Mapping[str, Any]) -> Transaction:
    """A transaction without a detour through its binds."""
    node = plain(
        columns["reference"],
        columns["type"] or None,
        iso(columns["date"]),
        "" if columns["amount"] is None else format_decimal(columns["amount"]),
        columns["currency"] or None,
        iso(columns["value_date"]),
        columns["description"],
    )
    put_parties(
        node,
        (columns["provider_ref"], columns["provider_name"]),
        columns["provider_activity"],
        (columns["receiver_ref"], columns["receiver_name"]),
        columns["receiver_activity"],
    )
    put_classes(
        node,
        columns["sector"],
        columns["country"],
        columns["flow_type"],
        columns["finance_type"],
        columns["aid_type"],
        columns["tied_status"],
    )
    translations = columns["description_translations"]
    return put_translations(node, translations) if translations else node


PLANNED: Shape[PlannedDisbursement] = Shape(
    PlannedDisbursement,
    _kind(),
    day("period_start"),
    day("period_end"),
    *AMOUNT,
    *party("provider_org", "provider", ProviderOrg),
    _activity_of("provider_org", "provider_activity_id", "provider_activity", ProviderOrg),
    *party("receiver_org", "receiver", ReceiverOrg),
    _activity_of("receiver_org", "receiver_activity_id", "receiver_activity", ReceiverOrg),
    together=(MONEY, PROVIDER, RECEIVER),
)

TRANSACTION: Shape[Transaction] = Shape(
    Transaction,
    attribute("ref", "reference"),
    code("transaction_type", "type", required=True),
    day("transaction_date", "date"),
    *AMOUNT,
    words("description"),
    _translations(),
    *party("provider_org", "provider", ProviderOrg),
    _activity_of("provider_org", "provider_activity_id", "provider_activity", ProviderOrg),
    *party("receiver_org", "receiver", ReceiverOrg),
    _activity_of("receiver_org", "receiver_activity_id", "receiver_activity", ReceiverOrg),
    _sector(),
    _country(),
    code("flow_type"),
    code("finance_type"),
    aid_type("aid_type", "aid_type"),
    code("tied_status"),
    render=_render,
    read_plain=read_plain,
    together=(MONEY, PROVIDER, RECEIVER, *PURPOSE),
)
