"""Rules that look at parts of an activity: transactions, organisations, budgets, results, titles."""

from __future__ import annotations

from itertools import chain

from iati.validator.checks.dates import AtMostAYear, PeriodOrder
from iati.validator.checks.presence import HasAttribute, HasNarrative, MeasuredValue, ReferenceAtOneLevel
from iati.validator.checks.shares import OnePerVocabulary
from iati.validator.checks.text import NarrativeText, NoSpaces, NoSymbols, RefOrNarrative
from iati.validator.rule import Place, Rule
from iati.validator.rules.activity import SPACES, SYMBOLS

PERIOD_ORDER = "The period begins on {start}, after it ends on {end}. Correct one of the dates."
PERIOD_LENGTH = (
    "The period from {start} ends {days} days later, on {end}; 365 is the most a budget may last. Split it, or end it "
    "earlier."
)

_PROVIDERS: tuple[Place, ...] = (("transaction", "provider-org"), ("planned-disbursement", "provider-org"))
_RECEIVERS: tuple[Place, ...] = (("transaction", "receiver-org"), ("planned-disbursement", "receiver-org"))
_OWNERS: tuple[Place, ...] = (("other-identifier", "owner-org"),)
_PARTICIPANTS: tuple[Place, ...] = (("participating-org",),)


def _organisation_rules(
    places: tuple[Place, ...], category: str, presence: tuple[str, str], what: str, base: str
) -> tuple[Rule, ...]:
    """The three rules that every reference to an organisation has: named at all, no spaces, no symbols."""
    id_, presence_category = presence
    return (
        Rule(
            id=id_,
            severity="error",
            category=presence_category,
            places=places,
            check=RefOrNarrative(),
            advice=f"The {what} is not named. Add its identifier as ref, or a narrative with its name.",
        ),
        Rule(
            id=f"{base}.13",
            severity="warning",
            category=category,
            places=places,
            check=NoSymbols("@ref"),
            advice=SYMBOLS,
        ),
        Rule(
            id=f"{base}.1", severity="warning", category=category, places=places, check=NoSpaces("@ref"), advice=SPACES
        ),
    )


def _no_spaces(id_: str, places: tuple[Place, ...], category: str, attribute: str) -> Rule:
    return Rule(
        id=id_, severity="warning", category=category, places=places, check=NoSpaces(f"@{attribute}"), advice=SPACES
    )


ORGANISATIONS = (
    *_organisation_rules(_OWNERS, "identifiers", ("6.8.1", "information"), "owner organisation", "1.11"),
    *_organisation_rules(_PROVIDERS, "financial", ("6.9.1", "financial"), "provider organisation", "1.10"),
    _no_spaces("1.4.1", _PROVIDERS, "financial", "provider-activity-id"),
    *_organisation_rules(_RECEIVERS, "financial", ("6.9.2", "financial"), "receiver organisation", "1.15"),
    _no_spaces("1.5.1", _RECEIVERS, "financial", "receiver-activity-id"),
    *_organisation_rules(
        _PARTICIPANTS, "participating", ("6.10.1", "participating"), "participating organisation", "1.8"
    ),
    _no_spaces("1.9.1", _PARTICIPANTS, "participating", "activity-id"),
)

CLASSIFICATIONS = (
    Rule(
        id="107.2.2",
        severity="warning",
        category="financial",
        places=(("transaction",),),
        check=OnePerVocabulary("aid-type", "default"),
        advice="The transaction has {count} aid types of vocabulary {vocabulary}. Keep one of each vocabulary.",
        needs=("aid-type",),
    ),
    Rule(
        id="107.2.2",
        severity="warning",
        category="financial",
        places=(("transaction",),),
        check=OnePerVocabulary("aid-type", "others"),
        advice="The transaction has {count} aid types of vocabulary {vocabulary}. Keep one of each vocabulary.",
        needs=("aid-type",),
    ),
    Rule(
        id="6.14.1",
        severity="error",
        category="classifications",
        places=(("policy-marker",),),
        check=HasAttribute("significance", vocabularies=(None, "", "1")),
        advice="The policy marker of vocabulary 1 does not say how much it matters. Add significance.",
    ),
    Rule(
        id="6.13.1",
        severity="error",
        category="classifications",
        places=(("policy-marker",),),
        check=HasNarrative("99"),
        advice="The policy marker is of your own vocabulary 99, so readers cannot look it up. Add a narrative that "
        "names it.",
    ),
)

PERIODS = (
    Rule(
        id="8.6.3",
        severity="error",
        category="financial",
        places=(("planned-disbursement",),),
        check=PeriodOrder(),
        advice=PERIOD_ORDER,
    ),
    Rule(
        id="8.6.3",
        severity="error",
        category="financial",
        places=(("budget",),),
        check=PeriodOrder(),
        advice=PERIOD_ORDER,
    ),
    Rule(
        id="7.5.3",
        severity="error",
        category="financial",
        places=(("budget",),),
        check=AtMostAYear(),
        advice=PERIOD_LENGTH,
    ),
    Rule(
        id="8.6.1",
        severity="error",
        category="performance",
        places=(("result", "indicator", "period"),),
        check=PeriodOrder(),
        advice=PERIOD_ORDER,
    ),
)

#: Measures whose values are numbers, and the one whose values are words.
NUMERIC = ("1", "2", "3", "4")
QUALITATIVE = ("5",)


def _value_rules(base: str, place: Place, what: str) -> tuple[Rule, ...]:
    """The three rules for the value of a baseline, target or actual."""
    return (
        Rule(
            id=f"{base}.1",
            severity="error",
            category="performance",
            places=(place,),
            check=MeasuredValue("present"),
            measures=NUMERIC,
            advice=f"The {what} has no value, although the indicator is measured in numbers. Add the value, or make "
            "the indicator qualitative (measure 5).",
        ),
        Rule(
            id=f"{base}.2",
            severity="warning",
            category="performance",
            places=(place,),
            check=MeasuredValue("number"),
            measures=NUMERIC,
            advice=f"The value “{{value}}” of the {what} is not a number. Write digits with a decimal point only.",
        ),
        Rule(
            id=f"{base}.3",
            severity="warning",
            category="performance",
            places=(place,),
            check=MeasuredValue("absent"),
            measures=QUALITATIVE,
            advice=f"The {what} of a qualitative indicator has the value “{{value}}”. Leave it out and describe "
            "it in a comment.",
        ),
    )


RESULTS = (
    Rule(
        id="8.11.1",
        severity="error",
        category="performance",
        places=(("result", "indicator"),),
        check=ReferenceAtOneLevel(),
        advice="The result and this indicator both have a reference. Keep it at one of the two.",
    ),
    *_value_rules("8.8", ("result", "indicator", "baseline"), "baseline"),
    *_value_rules("8.9", ("result", "indicator", "period", "target"), "target"),
    *_value_rules("8.10", ("result", "indicator", "period", "actual"), "actual"),
)

_INDICATOR: Place = ("result", "indicator")
#: Elements that may hold documents, and whose documents have titles and descriptions.
_WITH_DOCUMENTS: tuple[Place, ...] = (
    (),
    ("result",),
    _INDICATOR,
    (*_INDICATOR, "baseline"),
    (*_INDICATOR, "period", "target"),
    (*_INDICATOR, "period", "actual"),
)
_TITLED: tuple[Place, ...] = ((), ("result",), _INDICATOR)
_DESCRIBED: tuple[Place, ...] = (
    (),
    ("transaction",),
    ("location",),
    ("result",),
    _INDICATOR,
    ("country-budget-items", "budget-item"),
)
_DOCUMENTS: tuple[Place, ...] = tuple((*place, "document-link") for place in _WITH_DOCUMENTS)

TEXTS = (
    Rule(
        id="4.3.1",
        severity="error",
        category="information",
        places=tuple((*place, "title") for place in chain(_TITLED, _DOCUMENTS)),
        check=NarrativeText(),
        advice="The title is empty. Add a narrative with its text.",
    ),
    Rule(
        id="4.4.1",
        severity="error",
        category="information",
        places=tuple((*place, "description") for place in chain(_DESCRIBED, _DOCUMENTS)),
        check=NarrativeText(),
        advice="The description is empty. Add a narrative with its text, or leave the description out where it is "
        "optional.",
    ),
)

PART_RULES = (*ORGANISATIONS, *CLASSIFICATIONS, *PERIODS, *RESULTS, *TEXTS)
