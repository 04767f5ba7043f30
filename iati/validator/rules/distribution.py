"""Rules about how an activity is shared between sectors, countries, regions, budget items and aid types."""

from __future__ import annotations

from iati.validator.checks.presence import (
    ActivityOrEachTransaction,
    AnyOf,
    Never,
    NotAtBothLevels,
    OwnSectorsNamed,
    RecipientInEachTransaction,
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
from iati.validator.rule import Rule

_SECTORS = Shared("sector", "default")
_OTHER_SECTORS = Shared("sector", "others")
_REGIONS = Shared("recipient-region")
_BUDGET_ITEMS = Shared("country-budget-items", items="budget-item")

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

DISTRIBUTION_RULES = (*SECTORS, *GEOGRAPHY, *MONEY)
