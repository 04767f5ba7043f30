"""Rules about an activity as a whole: its identifiers, dates and defaults."""

from __future__ import annotations

from iati.validator.checks import presence
from iati.validator.checks.dates import DateOrder, NotFuture
from iati.validator.checks.presence import DefaultOrEach, StartDate
from iati.validator.checks.text import BeginsWith, Distinct, KnownPrefix, NoSpaces, NoSymbols
from iati.validator.rule import Rule

SPACES = "Remove the white space {where} the identifier “{value}”."
SYMBOLS = "The identifier “{value}” holds one of the symbols / & | ?. Use an identifier without them."

IDENTIFIERS = (
    Rule(
        id="1.1.3",
        severity="error",
        category="identifiers",
        check=Distinct(("reporting-org/@ref", "iati-identifier")),
        advice="The activity has the same identifier as its reporting organisation, “{value}”. Give the activity an "
        "identifier of its own: the organisation's, a hyphen, and something unique.",
    ),
    Rule(
        id="1.1.21",
        severity="warning",
        category="identifiers",
        check=BeginsWith("iati-identifier", ("reporting-org/@ref", "other-identifier[@type='B1']/@ref"), "-"),
        advice="The identifier “{value}” does not begin with that of the reporting organisation. {reason}",
    ),
    Rule(
        id="1.14.8",
        severity="warning",
        category="identifiers",
        check=KnownPrefix("reporting-org/@ref"),
        advice="The reporting organisation's identifier “{value}” is not that of a registered publisher and does not "
        "begin with the code of a known register. Correct it, for example to GB-COH- and the company's number.",
    ),
    Rule(
        id="1.3.13",
        severity="warning",
        category="identifiers",
        check=NoSymbols("iati-identifier", unless="publisher-prefix"),
        advice=SYMBOLS,
    ),
    Rule(
        id="1.14.13",
        severity="warning",
        category="identifiers",
        check=NoSymbols("reporting-org/@ref"),
        advice=SYMBOLS,
    ),
    Rule(id="1.3.1", severity="warning", category="identifiers", check=NoSpaces("iati-identifier"), advice=SPACES),
    Rule(id="1.14.1", severity="warning", category="identifiers", check=NoSpaces("reporting-org/@ref"), advice=SPACES),
    Rule(
        id="1.16.1",
        severity="warning",
        category="identifiers",
        check=NoSpaces("other-identifier[@type='B1']/@ref"),
        advice=SPACES,
        needs=("other-identifier",),
    ),
    Rule(
        id="1.6.1",
        severity="warning",
        category="identifiers",
        check=NoSpaces("other-identifier[@type='A3']/@ref"),
        advice=SPACES,
        needs=("other-identifier",),
    ),
    Rule(
        id="1.7.1",
        severity="warning",
        category="relations",
        check=NoSpaces("related-activity/@ref"),
        advice=SPACES,
        needs=("related-activity",),
    ),
)

DATES = (
    Rule(
        id="6.11.1",
        severity="error",
        category="information",
        check=StartDate(),
        advice="The activity has no start date. Add an activity-date of type 1 (planned start) or 2 (actual start).",
    ),
    Rule(
        id="11.1.1",
        severity="error",
        category="information",
        check=NotFuture("@last-updated-datetime"),
        advice="The activity says it was updated on {value}, after {today}. Put the moment of the last change there.",
    ),
    Rule(
        id="11.1.2",
        severity="error",
        category="iati",
        check=DateOrder("activity-date[@type='1']/@iso-date", "activity-date[@type='3']/@iso-date"),
        advice="The planned start {start} comes after the planned end {end}. Correct one of them.",
        needs=("activity-date",),
    ),
    Rule(
        id="11.1.3",
        severity="error",
        category="iati",
        check=DateOrder("activity-date[@type='2']/@iso-date", "activity-date[@type='4']/@iso-date"),
        advice="The actual start {start} comes after the actual end {end}. Correct one of them.",
        needs=("activity-date",),
    ),
    Rule(
        id="11.1.4",
        severity="error",
        category="iati",
        check=NotFuture("activity-date[@type='2']/@iso-date"),
        advice="The actual start {value} is after {today}. Until it has happened, make it a planned start (type 1).",
        needs=("activity-date",),
    ),
    Rule(
        id="11.1.5",
        severity="error",
        category="iati",
        check=NotFuture("activity-date[@type='4']/@iso-date"),
        advice="The actual end {value} is after {today}. Until it has happened, make it a planned end (type 3).",
        needs=("activity-date",),
    ),
    Rule(
        id="11.2.1",
        severity="error",
        category="financial",
        check=NotFuture("transaction/transaction-date/@iso-date"),
        advice="The transaction of {value} is after {today}. Publish transactions once they have happened.",
        needs=("transaction",),
    ),
    Rule(
        id="11.2.2",
        severity="error",
        category="financial",
        check=NotFuture("transaction/value/@value-date"),
        advice="The value date {value} of the transaction is after {today}. Use a day on which the rate is known.",
        needs=("transaction",),
    ),
)

DEFAULTS = (
    Rule(
        id="4.1.1",
        severity="error",
        category="information",
        check=DefaultOrEach(presence.XML_LANG, ("narrative",), presence.XML_LANG),
        advice="The language of this narrative is not known. Add xml:lang to it, or to the activity as its default.",
    ),
    Rule(
        id="7.8.1",
        severity="error",
        category="financial",
        check=DefaultOrEach("default-currency", ("value", "forecast", "loan-status"), "currency"),
        advice="The currency of this amount is not known. Add currency to it, or default-currency to the activity.",
    ),
)

ACTIVITY_RULES = (*IDENTIFIERS, *DATES, *DEFAULTS)
