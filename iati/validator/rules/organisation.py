"""Rules for organisation files."""

from __future__ import annotations

from iati.validator.checks.dates import AtMostAYear, InsidePeriod, NotFuture, PeriodOrder
from iati.validator.checks.presence import XML_LANG, DefaultOrEach
from iati.validator.checks.text import KnownPrefix, NarrativeText, NoSpaces, NoSymbols
from iati.validator.rule import Rule
from iati.validator.rules.activity import SPACES, SYMBOLS
from iati.validator.rules.parts import PERIOD_LENGTH, PERIOD_ORDER

_RECORD = "iati-organisation"
_WITH_PERIODS = (
    "total-budget",
    "recipient-country-budget",
    "recipient-org-budget",
    "recipient-region-budget",
    "total-expenditure",
)

_RECORD_RULES = (
    Rule(
        id="1.18.8",
        severity="warning",
        category="identifiers",
        check=KnownPrefix("reporting-org/@ref"),
        advice="The reporting organisation's identifier “{value}” is not that of a registered publisher and does not "
        "begin with the code of a known register. Correct it, for example to GB-COH- and the company's number.",
        record=_RECORD,
    ),
    Rule(
        id="1.12.13",
        severity="warning",
        category="organisation",
        check=NoSymbols("organisation-identifier"),
        advice=SYMBOLS,
        record=_RECORD,
    ),
    Rule(
        id="1.18.13",
        severity="warning",
        category="identifiers",
        check=NoSymbols("reporting-org/@ref"),
        advice=SYMBOLS,
        record=_RECORD,
    ),
    Rule(
        id="1.12.1",
        severity="warning",
        category="organisation",
        check=NoSpaces("organisation-identifier"),
        advice=SPACES,
        record=_RECORD,
    ),
    Rule(
        id="1.17.1",
        severity="warning",
        category="organisation",
        check=NoSpaces("recipient-org-budget/recipient-org/@ref"),
        advice=SPACES,
        needs=("recipient-org-budget",),
        record=_RECORD,
    ),
    Rule(
        id="1.18.1",
        severity="warning",
        category="identifiers",
        check=NoSpaces("reporting-org/@ref"),
        advice=SPACES,
        record=_RECORD,
    ),
    Rule(
        id="11.4.1",
        severity="error",
        category="information",
        check=NotFuture("@last-updated-datetime"),
        advice="The record says it was updated on {value}, after {today}. Put the moment of the last change there.",
        record=_RECORD,
    ),
    Rule(
        id="4.5.1",
        severity="error",
        category="information",
        check=DefaultOrEach(XML_LANG, ("narrative",), XML_LANG),
        advice="The language of this narrative is not known. Add xml:lang to it, or a default to the organisation.",
        record=_RECORD,
    ),
    Rule(
        id="7.8.2",
        severity="error",
        category="financial",
        check=DefaultOrEach("default-currency", ("value", "forecast", "loan-status"), "currency"),
        advice="The currency of this amount is not known. Add currency to it, or default-currency to the organisation.",
        record=_RECORD,
    ),
)

_PERIOD_RULES = (
    *(
        Rule(
            id="8.6.3",
            severity="error",
            category="financial",
            places=((name,),),
            check=PeriodOrder(),
            advice=PERIOD_ORDER,
            record=_RECORD,
        )
        for name in _WITH_PERIODS
    ),
    *(
        Rule(
            id="7.5.3",
            severity="error",
            category="financial",
            places=((name,),),
            check=AtMostAYear(),
            advice=PERIOD_LENGTH,
            record=_RECORD,
        )
        for name in _WITH_PERIODS
    ),
    Rule(
        id="11.3.1",
        severity="error",
        category="financial",
        places=(("recipient-country-budget",),),
        check=InsidePeriod("budget-line/value/@value-date"),
        advice="The value date {value} of the budget line is not in the period from {start} to {end}. Use a day in it.",
        record=_RECORD,
    ),
)

_TEXT_RULES = (
    Rule(
        id="4.3.1",
        severity="error",
        category="information",
        places=(("document-link", "title"),),
        check=NarrativeText(),
        advice="The title is empty. Add a narrative with its text.",
        record=_RECORD,
    ),
    Rule(
        id="4.4.1",
        severity="error",
        category="information",
        places=(("document-link", "description"),),
        check=NarrativeText(),
        advice="The description is empty. Add a narrative with its text, or leave it out.",
        record=_RECORD,
    ),
)

ORGANISATION_RULES = (*_RECORD_RULES, *_PERIOD_RULES, *_TEXT_RULES)
