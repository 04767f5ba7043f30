"""The flat tables of money."""

from app.domain.terms import AllocationKind, EncumbranceKind, EntryKind
from app.tabular.flat import queries_money, reading
from app.tabular.flat.reading import dated, in_reporting_currency, money, statement
from app.tabular.flat.records import CONVERTED, OF_AGREEMENT
from app.tabular.flat.shape import FlatTable, amount, day, flag, integer, moment, text, to, words

_ACTIVITY = text("activity", "Code of the activity.", required=True)
_CURRENCY = text("currency", "ISO code of the currency.", required=True)

FUNDING_SHARE = FlatTable(
    name="funding_share",
    title="Funding shares",
    meaning="One row for each part of an agreement that funds an activity.",
    columns=(
        integer("funding_share", "Number of the row.", required=True),
        text("agreement", "Reference of the agreement.", required=True),
        _ACTIVITY,
        day("starts_on", "First day; empty: from the beginning."),
        day("ends_on", "Last day; empty: to the end."),
        amount("amount", "The part as an amount."),
        amount("percent", "The part in percent of the agreement, where it has no amount."),
        _CURRENCY,
    ),
    key=("funding_share",),
    references=OF_AGREEMENT,
    read=statement(queries_money.funding_shares),
)
INSTALMENT = FlatTable(
    name="instalment",
    title="Instalments",
    meaning="One row for each payment that an agreement promises.",
    columns=(
        text("agreement", "Reference of the agreement.", required=True),
        day("due_on", "The day on which it is due.", required=True),
        amount("amount", "The amount promised.", required=True),
        _CURRENCY,
    ),
    key=("agreement", "due_on"),
    references=(to("agreement", "agreement"),),
    read=statement(queries_money.instalments),
)
ALLOCATION = FlatTable(
    name="allocation",
    title="Allocations",
    meaning=(
        "One row for each amount set aside for an activity in a period from one source: the decision that counts on "
        "the day. The delivery rate divides by the sum of these."
    ),
    columns=(
        integer("allocation", "Number of the row.", required=True),
        _ACTIVITY,
        day("period_start", "First day of the period."),
        day("period_end", "Last day of the period."),
        text("source", "Name of the source of own resources, or reference of the agreement."),
        text("agreement", "Reference of the agreement."),
        text("kind", "What the decision was.", required=True, values=words(AllocationKind)),
        day("decided_on", "Day of the decision.", required=True),
        text("outcome", "Code of the outcome of the results framework."),
        text("country", "ISO code of the country."),
        amount("amount", "The amount in full, not the difference to the decision before.", required=True),
        text("currency", "ISO code of the currency."),
        *CONVERTED,
    ),
    key=("allocation",),
    references=OF_AGREEMENT,
    dated=True,
    read=in_reporting_currency(money(reading.allocations, on=("value_date", "period_start", "decided_on"))),
)
TRANSACTION = FlatTable(
    name="transaction",
    title="Transactions",
    meaning=(
        "One row of the ledger each. Corrections and withdrawals are rows of their own that carry the difference, so "
        "that sums are right. For spending add up where expenditure is true; internal rows move money within the "
        "organisation."
    ),
    columns=(
        integer("transaction", "Number of the row.", required=True),
        text("document", "Number of the voucher or posting."),
        _ACTIVITY,
        text("agreement", "Reference of the agreement."),
        text("type", "Code of the IATI list TransactionType.", required=True),
        day("date", "Day of the posting.", required=True),
        day("value_date", "Day whose rate of exchange counts; empty: the day of the posting."),
        amount("amount", "The amount as posted; of a correction the difference.", required=True),
        text("currency", "ISO code of the currency."),
        *CONVERTED,
        flag("expenditure", "It counts as spending: of type 4, or of type 3 to others."),
        flag("internal", "It moves money within the organisation."),
        text("description", "What it was for."),
        text("country", "ISO code of the country."),
        text("sector", "Code of the sector."),
        text("assistance", "Type of assistance, a code of the organisation's list."),
        text("provider", "Name of who gave."),
        text("provider_activity", "Identifier of the giver's activity."),
        text("receiver", "Name of who got."),
        text("receiver_activity", "Identifier of the receiver's activity."),
        text("entry_kind", "Why the row exists.", required=True, values=words(EntryKind)),
        integer("adjusts", "Number of the row that it corrects."),
        text("reason", "Why it was corrected."),
        moment("recorded_at", "When it was recorded."),
    ),
    key=("transaction",),
    references=(*OF_AGREEMENT, to("transaction", "transaction", by="adjusts")),
    dated=True,
    read=in_reporting_currency(money(dated(queries_money.transactions), on=("value_date", "date"))),
)
ENCUMBRANCE = FlatTable(
    name="encumbrance",
    title="Encumbrances",
    meaning="One row for each amount reserved, or advanced and not yet accounted for. It is not spent.",
    columns=(
        text("encumbrance", "Number of the document.", required=True),
        _ACTIVITY,
        text("kind", "Reserved or advanced.", required=True, values=words(EncumbranceKind)),
        day("date", "Day of the document.", required=True),
        amount("amount", "The amount.", required=True),
        _CURRENCY,
        *CONVERTED,
        day("released_on", "The day on which it ended."),
    ),
    key=("encumbrance",),
    references=(to("activity", "activity"),),
    dated=True,
    read=in_reporting_currency(money(dated(queries_money.encumbrances), on=("date",))),
)
RATE = FlatTable(
    name="rate",
    title="Rates of exchange",
    meaning="One row for each rate of a currency from a day on.",
    columns=(
        _CURRENCY,
        day("effective_on", "The day from which it holds.", required=True),
        amount("rate", "Units of the currency per US dollar.", required=True),
    ),
    key=("currency", "effective_on"),
    dated=True,
    read=dated(queries_money.rates),
)
DELIVERY_MONTH = FlatTable(
    name="delivery_month",
    title="Delivery in frozen statements",
    meaning=(
        "One row for each activity in a statement of a month or year, as it was known when the statement was made. "
        "A statement never changes; what is known today is in the tables transaction and allocation."
    ),
    columns=(
        text("kind", "Statement of a month or of a year.", required=True, values=("month", "year")),
        text("period", "The month or year, such as 2026-03.", required=True),
        day("period_start", "First day of the period.", required=True),
        day("period_end", "Last day of the period.", required=True),
        day("as_of", "The day from which the statement looks.", required=True),
        _ACTIVITY,
        text("unit", "Code of the unit on that day."),
        text("officer", "Code of the officer on that day."),
        amount("allocation", "The allocation; empty: none, or a rate was missing."),
        amount("expenditure", "The expenditure; empty: a rate was missing."),
        amount("encumbrance", "The encumbrance; empty: a rate was missing."),
        _CURRENCY,
    ),
    key=("kind", "period_start", "activity"),
    references=(to("activity", "activity"),),
    read=statement(queries_money.delivery),
)
