"""The organisation file: forward budgets, spending and documents of one organisation."""

from iati.standard import common
from iati.standard.common import (
    AMOUNT,
    COUNTRY,
    DOCUMENT_ATTRIBUTES,
    DOCUMENT_PARTS,
    NAMES,
    NARRATIVES,
    PERIOD,
    REPORTING_ORG,
    TRANSLATIONS,
    VOCABULARY_URI,
)
from iati.standard.description import (
    FOREIGN,
    Document,
    NamedType,
    Shape,
    Type,
    attribute,
    many,
    one,
    some,
)

GROUP = "organisation"
DOCUMENT_TYPE = "documentLinkWithReceipientCountry"

_STATUS = attribute("status", "Indicative or committed; indicative when absent.", codes="BudgetStatus")

LINE = Shape(
    name="BudgetLine",
    group=GROUP,
    about="A part of a budget or of spending.",
    attributes=(attribute("ref", "The organisation's own reference of the line."),),
    children=(AMOUNT, TRANSLATIONS, FOREIGN),
)
_LINES = many("budget-line", LINE, "A part of the budget.")

TOTAL_BUDGET = Shape(
    name="TotalBudget",
    group=GROUP,
    about="All that the organisation is to spend in a period.",
    attributes=(_STATUS,),
    children=(*PERIOD, AMOUNT, _LINES, FOREIGN),
)
RECIPIENT_ORG = Shape(
    name="RecipientOrg",
    group=GROUP,
    about="An organisation that is funded.",
    attributes=(attribute("ref", "Identifier of the organisation."),),
    children=(TRANSLATIONS, FOREIGN),
    foreign_attributes=False,
)
RECIPIENT_ORG_BUDGET = Shape(
    name="RecipientOrgBudget",
    group=GROUP,
    about="What another organisation is to receive for its own use in a period.",
    attributes=(_STATUS,),
    children=(one("recipient-org", RECIPIENT_ORG, "Who is to receive it."), *PERIOD, AMOUNT, _LINES, FOREIGN),
)
BUDGET_REGION = Shape(
    name="BudgetRegion",
    group=GROUP,
    about="The region of a budget.",
    attributes=(
        common.REGION_VOCABULARY,
        VOCABULARY_URI,
        attribute("code", "The region.", codes=common.REGION_CODES),
    ),
    children=(NAMES, FOREIGN),
)
RECIPIENT_REGION_BUDGET = Shape(
    name="RecipientRegionBudget",
    group=GROUP,
    about="What is to be spent in a region in a period.",
    attributes=(_STATUS,),
    children=(one("recipient-region", BUDGET_REGION, "Where it is to be spent."), *PERIOD, AMOUNT, _LINES, FOREIGN),
)
RECIPIENT_COUNTRY_BUDGET = Shape(
    name="RecipientCountryBudget",
    group=GROUP,
    about="What is to be spent in a country in a period.",
    attributes=(_STATUS,),
    children=(one("recipient-country", COUNTRY, "Where it is to be spent."), *PERIOD, AMOUNT, _LINES, FOREIGN),
)
TOTAL_EXPENDITURE = Shape(
    name="TotalExpenditure",
    group=GROUP,
    about="All that the organisation spent in a period.",
    children=(*PERIOD, AMOUNT, many("expense-line", LINE, "A part of the spending."), FOREIGN),
)
ORGANISATION_DOCUMENT = Shape(
    name="OrganisationDocumentLink",
    group=GROUP,
    about="A public document about the organisation, on the web.",
    attributes=DOCUMENT_ATTRIBUTES,
    children=(*DOCUMENT_PARTS, many("recipient-country", COUNTRY, "A country that the document is about.")),
)

ORGANISATION = Shape(
    name="Organisation",
    group=GROUP,
    about="One organisation and its plans.",
    attributes=(
        attribute("last-updated-datetime", "When the record last changed.", Type.DATETIME),
        common.DEFAULT_LANGUAGE,
        attribute("default-currency", "Currency of amounts that name none.", codes="Currency"),
    ),
    children=(
        one("organisation-identifier", common.ANYTHING, "Identifier of the organisation."),
        one("name", NARRATIVES, "Name of the organisation.", top_level=True),
        one("reporting-org", REPORTING_ORG, "The organisation that publishes the record.", top_level=True),
        many("total-budget", TOTAL_BUDGET, "All that it is to spend in a period.", top_level=True),
        many("recipient-org-budget", RECIPIENT_ORG_BUDGET, "What another organisation is to receive.", top_level=True),
        many("recipient-region-budget", RECIPIENT_REGION_BUDGET, "What is to be spent in a region.", top_level=True),
        many(
            "recipient-country-budget",
            RECIPIENT_COUNTRY_BUDGET,
            "What is to be spent in a country.",
            top_level=True,
        ),
        many("total-expenditure", TOTAL_EXPENDITURE, "All that it spent in a period.", top_level=True),
        many(
            "document-link", ORGANISATION_DOCUMENT, "A public document about the organisation.", type_name=DOCUMENT_TYPE
        ),
        FOREIGN,
    ),
)

_RECORD = some("iati-organisation", ORGANISATION, "One organisation.", top_level=True)
ROOT = Shape(
    name="Organisations",
    group=GROUP,
    about="A file of organisations.",
    attributes=(
        attribute("version", "Version of the standard that the file follows.", required=True, codes="Version"),
        attribute("generated-datetime", "When the file was made.", Type.DATETIME),
    ),
    children=(_RECORD, FOREIGN),
)
_ROOT = one("iati-organisations", ROOT, "The whole file.", top_level=True)

DOCUMENT = Document(
    root=_ROOT,
    record=_RECORD,
    top_level=(
        _ROOT,
        _RECORD,
        *(child for child in ORGANISATION.elements if child.top_level and child.shape is not REPORTING_ORG),
    ),
    named_types=(
        NamedType(
            name=DOCUMENT_TYPE,
            shape=ORGANISATION_DOCUMENT,
            about="A document about an organisation, with the countries that it is about.",
            extends="documentLinkBase",
        ),
    ),
)
