"""Rules of our own. They speak up where the official ones overlook something, and never make a file invalid."""

from __future__ import annotations

from typing import Final

from iati.validator.checks import own
from iati.validator.rule import Rule

WITHDRAWN_CODE: Final = Rule(
    id="earmark.withdrawn-code",
    severity="advisory",
    category="codes",
    advice="The code “{value}” of the list {codelist} has been withdrawn. Use one that is in force.",
)

_LANGUAGE = "The language “{value}” is not in the list Language. Use the two letters of ISO 639-1, such as en or fr."
_EMPTY = "The narrative is empty. Write its text, or leave the element out."

OWN_RULES: Final = (
    WITHDRAWN_CODE,
    Rule(
        id="earmark.future-transaction",
        severity="warning",
        category="financial",
        places=(("transaction", "transaction-date"),),
        check=own.LaterFutureDates("iso-date"),
        advice="The transaction of {value} is after {today}. Publish transactions once they have happened.",
    ),
    Rule(
        id="earmark.future-transaction",
        severity="warning",
        category="financial",
        places=(("transaction", "value"),),
        check=own.LaterFutureDates("value-date"),
        advice="The value date {value} is after {today}. Use a day on which the rate is known.",
    ),
    Rule(
        id="earmark.future-actual-date",
        severity="warning",
        category="information",
        places=(("activity-date",),),
        check=own.LaterActualDates(),
        advice="The actual date {value} is after {today}. Until it has happened, publish it as a planned date.",
    ),
    *(
        Rule(
            id="earmark.language-unknown",
            severity="warning",
            category="information",
            check=own.KnownLanguage(),
            advice=_LANGUAGE,
            record=record,
        )
        for record in ("iati-activity", "iati-organisation")
    ),
    *(
        Rule(
            id="earmark.narrative-empty",
            severity="warning",
            category="information",
            check=own.NarrativesNotEmpty(),
            advice=_EMPTY,
            record=record,
        )
        for record in ("iati-activity", "iati-organisation")
    ),
    Rule(
        id="earmark.budget-not-provided",
        severity="warning",
        category="financial",
        check=own.NoBudgetWithReason(),
        advice="The activity says why it has no budget, but it has {count}. Remove budget-not-provided or the budgets.",
        needs=("budget",),
    ),
    Rule(
        id="earmark.sector-sum",
        severity="warning",
        category="classifications",
        check=own.OtherSectorsTo100(),
        advice="The sectors of vocabulary {vocabulary} add up to {sum}. Make their percentages add up to 100.",
        needs=("sector",),
    ),
    Rule(
        id="earmark.region-sum",
        severity="warning",
        category="geo",
        check=own.RegionsWithoutVocabularyTo100(),
        advice="The countries and the regions without a vocabulary add up to {sum}. Change their percentages so that "
        "they make 100, and name the vocabulary.",
        needs=("recipient-region",),
    ),
    Rule(
        id="earmark.status-dates",
        severity="warning",
        category="information",
        check=own.StatusFitsDates(),
        advice="{contradiction}.",
        needs=("activity-status",),
    ),
    Rule(
        id="earmark.budget-overlap",
        severity="warning",
        category="financial",
        check=own.BudgetsApart(),
        advice="The budget begins on {start}, before another of the same type and status ends on {end}. Let one "
        "follow the other, so that nothing is counted twice.",
        needs=("budget",),
    ),
    Rule(
        id="earmark.identifier-changed",
        severity="warning",
        category="identifiers",
        check=own.NotItsOwnFormer(),
        advice="The activity gives its present identifier “{value}” as a former one. Put the former one there, or "
        "remove the other-identifier.",
        needs=("other-identifier",),
    ),
)
