"""Rules that look at an activity as a whole."""

from __future__ import annotations

from iati.validator.checks import presence
from iati.validator.checks.dates import DateOrder, NotFuture
from iati.validator.checks.presence import (
    ActivityOrEachTransaction,
    AnyOf,
    DefaultOrEach,
    Never,
    NotAtBothLevels,
    OwnSectorsNamed,
    RecipientInEachTransaction,
    StartDate,
)
from iati.validator.checks.shares import (
    AllCountries,
    AllHavePercentage,
    DefaultVocabularyToo,
    InRange,
    OnePerVocabulary,
    OnlyOneIs100,
    Shared,
    SumTo100,
)
from iati.validator.checks.text import BeginsWith, Distinct, KnownPrefix, NoSpaces, NoSymbols
from iati.validator.rules.model import Rule

SPACES = "Remove the white space around the identifier “{value}”."
SYMBOLS = "The identifier “{value}” holds one of the symbols / & | ?. Use an identifier without them."

_SECTORS = Shared("sector", "default")
_OTHER_SECTORS = Shared("sector", "others")
_REGIONS = Shared("recipient-region")
_BUDGET_ITEMS = Shared("country-budget-items", items="budget-item")

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
        advice="The identifier “{value}” does not begin with that of the reporting organisation. Begin it with "
        "“{prefix}”, or name the former organisation identifier in an other-identifier of type B1.",
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

SECTORS = (
    Rule(
        id="6.2.2",
        severity="error",
        category="classifications",
        check=AnyOf(("sector", "transaction/sector")),
        advice="The activity has no sector. Add one to the activity, or to each of its transactions.",
    ),
    Rule(
        id="6.7.2",
        severity="error",
        category="classifications",
        check=ActivityOrEachTransaction("sector"),
        advice="This transaction has no sector and neither has the activity. Add one to every transaction, or to the "
        "activity.",
        needs=("transaction",),
    ),
    Rule(
        id="2.1.2",
        severity="error",
        category="classifications",
        check=Never("Its condition on the number of sectors names no vocabulary that exists."),
        advice="The sectors of vocabulary {vocabulary} add up to {sum}. Make their percentages add up to 100.",
        needs=("sector",),
    ),
    Rule(
        id="2.1.1",
        severity="error",
        category="classifications",
        check=AllHavePercentage(_OTHER_SECTORS),
        advice="There are several sectors of vocabulary {vocabulary}, but this one has no percentage. Give each its "
        "share.",
        needs=("sector",),
    ),
    Rule(
        id="2.1.4",
        severity="error",
        category="classifications",
        check=OnlyOneIs100(_OTHER_SECTORS),
        advice="The only sector of vocabulary {vocabulary} has {value} per cent. Make it 100 or leave the percentage "
        "out.",
        needs=("sector",),
    ),
    Rule(
        id="2.1.2",
        severity="error",
        category="classifications",
        check=SumTo100(_SECTORS, counted_by_percentage=True),
        advice="The sectors of vocabulary {vocabulary} add up to {sum}. Make their percentages add up to 100.",
        needs=("sector",),
    ),
    Rule(
        id="12.3.1",
        severity="error",
        category="classifications",
        check=InRange("sector"),
        advice="The percentage “{value}” of the sector is not between 0 and 100. Correct it.",
        needs=("sector",),
    ),
    Rule(
        id="2.2.1",
        severity="error",
        category="classifications",
        check=OwnSectorsNamed(),
        advice="The sector “{code}” is of your own vocabulary {vocabulary}, so readers cannot look it up. Add a "
        "narrative that names it.",
        needs=("sector",),
    ),
    Rule(
        id="102.1.1",
        severity="warning",
        category="information",
        check=DefaultVocabularyToo("sector"),
        advice="All sectors are of other vocabularies, such as {vocabulary}. Add the sector in vocabulary 1 (OECD DAC) "
        "too.",
        needs=("sector",),
    ),
    Rule(
        id="2.1.1",
        severity="error",
        category="classifications",
        check=AllHavePercentage(_SECTORS),
        advice="There are several sectors of vocabulary {vocabulary}, but this one has no percentage. Give each its "
        "share.",
        needs=("sector",),
    ),
    Rule(
        id="2.1.4",
        severity="error",
        category="classifications",
        check=OnlyOneIs100(_SECTORS),
        advice="The only sector of vocabulary {vocabulary} has {value} per cent. Make it 100 or leave the percentage "
        "out.",
        needs=("sector",),
    ),
    Rule(
        id="6.6.2",
        severity="error",
        category="classifications",
        check=NotAtBothLevels(("sector",)),
        advice="The activity and this transaction both have sectors. Keep one, or the other for all transactions.",
        needs=("sector",),
    ),
)

GEOGRAPHY = (
    Rule(
        id="3.4.1",
        severity="error",
        category="geo",
        check=AllHavePercentage(_REGIONS),
        advice="There are several regions of vocabulary {vocabulary}, but this one has no percentage. Give each its "
        "share.",
        needs=("recipient-region",),
    ),
    Rule(
        id="3.4.4",
        severity="error",
        category="geo",
        check=OnlyOneIs100(Shared("recipient-region", without="recipient-country")),
        advice="The only region of vocabulary {vocabulary} has {value} per cent. Make it 100 or leave the percentage "
        "out.",
        needs=("recipient-region",),
    ),
    Rule(
        id="3.4.2",
        severity="error",
        category="geo",
        check=SumTo100(Shared("recipient-region", along="recipient-country")),
        advice="The countries and the regions of vocabulary {vocabulary} add up to {sum}. Make their percentages add "
        "up to 100.",
        needs=("recipient-region",),
    ),
    Rule(
        id="3.1.2",
        severity="error",
        category="geo",
        check=SumTo100(AllCountries()),
        advice="The recipient countries add up to {sum}. Make their percentages add up to 100.",
        needs=("recipient-country",),
    ),
    Rule(
        id="12.1.1",
        severity="error",
        category="geo",
        check=InRange("recipient-country"),
        advice="The percentage “{value}” of the country is not between 0 and 100. Correct it.",
        needs=("recipient-country",),
    ),
    Rule(
        id="12.1.1",
        severity="error",
        category="geo",
        check=InRange("recipient-region"),
        advice="The percentage “{value}” of the region is not between 0 and 100. Correct it.",
        needs=("recipient-region",),
    ),
    Rule(
        id="3.6.2",
        severity="error",
        category="financial",
        check=NotAtBothLevels(("recipient-country", "recipient-region")),
        advice="The activity and this transaction both name a recipient country or region. Keep them at the activity, "
        "or at every transaction.",
    ),
    Rule(
        id="3.7.1",
        severity="error",
        category="financial",
        check=Never("What it asks for is a list of transactions, and a list is never false, not even an empty one."),
        advice="No recipient country or region is given. Name one at the activity, or at every transaction.",
    ),
    Rule(
        id="3.7.2",
        severity="error",
        category="financial",
        check=RecipientInEachTransaction(),
        advice="This transaction names no recipient country or region and neither does the activity. Name one at every "
        "transaction, or at the activity.",
        needs=("transaction",),
    ),
    Rule(
        id="3.1.1",
        severity="error",
        category="geo",
        check=AllHavePercentage(AllCountries()),
        advice="There are several recipient countries, but this one has no percentage. Give each its share.",
        needs=("recipient-country",),
    ),
    Rule(
        id="3.1.4",
        severity="error",
        category="geo",
        check=OnlyOneIs100(AllCountries()),
        advice="The only recipient country has {value} per cent. Make it 100 or leave the percentage out.",
        needs=("recipient-country",),
    ),
)

MONEY = (
    Rule(
        id="7.9.2",
        severity="warning",
        category="financial",
        check=SumTo100(_BUDGET_ITEMS),
        advice="The budget items of vocabulary {vocabulary} add up to {sum}. Make their percentages add up to 100.",
        needs=("country-budget-items",),
    ),
    Rule(
        id="7.9.1",
        severity="warning",
        category="financial",
        check=AllHavePercentage(_BUDGET_ITEMS, one_is_enough=True),
        advice="There are several budget items of vocabulary {vocabulary}, and none has a percentage. Give each its "
        "share.",
        needs=("country-budget-items",),
    ),
    Rule(
        id="7.9.4",
        severity="warning",
        category="financial",
        check=OnlyOneIs100(_BUDGET_ITEMS),
        advice="The only budget item of vocabulary {vocabulary} has {value} per cent. Make it 100 or leave the "
        "percentage out.",
        needs=("country-budget-items",),
    ),
    Rule(
        id="12.2.1",
        severity="error",
        category="financial",
        check=InRange("capital-spend"),
        advice="The percentage “{value}” of capital spend is not between 0 and 100. Correct it.",
        needs=("capital-spend",),
    ),
    Rule(
        id="12.2.1",
        severity="error",
        category="financial",
        check=InRange("country-budget-items", items="budget-item"),
        advice="The percentage “{value}” of the budget item is not between 0 and 100. Correct it.",
        needs=("country-budget-items",),
    ),
    Rule(
        id="107.1.2",
        severity="warning",
        category="financial",
        check=OnePerVocabulary("default-aid-type", "others"),
        advice="There are {count} default aid types of vocabulary {vocabulary}. Keep one of each vocabulary.",
        needs=("default-aid-type",),
    ),
    Rule(
        id="107.1.2",
        severity="warning",
        category="financial",
        check=OnePerVocabulary("default-aid-type", "default"),
        advice="There are {count} default aid types of vocabulary {vocabulary}. Keep one of each vocabulary.",
        needs=("default-aid-type",),
    ),
    Rule(
        id="107.1.1",
        severity="warning",
        category="information",
        check=DefaultVocabularyToo("default-aid-type"),
        advice="The default aid type is only given in other vocabularies, such as {vocabulary}. Add it in vocabulary 1 "
        "(OECD DAC) too.",
        needs=("default-aid-type",),
    ),
    Rule(
        id="107.2.1",
        severity="warning",
        category="financial",
        check=DefaultVocabularyToo("transaction/aid-type"),
        advice="The aid types of the transactions are only given in other vocabularies, such as {vocabulary}. Add them "
        "in vocabulary 1 (OECD DAC) too.",
        needs=("transaction",),
    ),
)

ACTIVITY_RULES = (*IDENTIFIERS, *DATES, *DEFAULTS, *SECTORS, *GEOGRAPHY, *MONEY)
