"""Shapes that several parts of the standard share."""

from iati.standard.description import (
    FOREIGN,
    NamedType,
    Shape,
    Type,
    attribute,
    by_vocabulary,
    many,
    one,
    optional,
    some,
)

GROUP = "common"

CURRENCY = attribute(
    "currency", "Currency of the amount; without it the record's default currency holds.", codes="Currency", shared=True
)
VALUE_DATE = attribute(
    "value-date", "Day whose exchange rate converts the amount.", Type.DATE, required=True, shared=True
)
LANGUAGE = attribute("xml:lang", "Language of the text.", Type.LANGUAGE, codes="Language")
DEFAULT_LANGUAGE = attribute("xml:lang", "Language of texts that name none.", Type.LANGUAGE, codes="Language")
CODE = attribute("code", "The code.", required=True)
VOCABULARY_URI = attribute("vocabulary-uri", "Where a vocabulary of the publisher's own is explained.", Type.URI)

NARRATIVE = Shape(
    name="Narrative",
    group=GROUP,
    about="Free text in one language.",
    attributes=(LANGUAGE,),
    text=Type.STRING,
)
TRANSLATIONS = some("narrative", NARRATIVE, "The text, once for each language.", top_level=True)
NAMES = many("narrative", NARRATIVE, "A name or note, once for each language.", top_level=True)

NARRATIVES = Shape(
    name="Narratives",
    group=GROUP,
    about="A text in one or more languages.",
    children=(TRANSLATIONS, FOREIGN),
)

TEXT = Shape(name="Text", group=GROUP, about="A plain text without a language.", text=Type.STRING)
URI = Shape(name="Uri", group=GROUP, about="A web address as text.", text=Type.URI)
BARE_TEXT = Shape(
    name="BareText",
    group=GROUP,
    about="A plain text on an element that takes no attributes.",
    text=Type.STRING,
    foreign_attributes=False,
)
BARE_DECIMAL = Shape(
    name="BareDecimal",
    group=GROUP,
    about="A number on an element that takes no attributes.",
    text=Type.DECIMAL,
    foreign_attributes=False,
)
CODED = Shape(name="Code", group=GROUP, about="A code of one codelist.", attributes=(CODE,), children=(FOREIGN,))
DAY = Shape(
    name="IsoDate",
    group=GROUP,
    about="A day.",
    attributes=(attribute("iso-date", "The day.", Type.DATE, required=True),),
    children=(FOREIGN,),
)
VALUE = Shape(
    name="Value",
    group=GROUP,
    about="An amount of money.",
    attributes=(CURRENCY, VALUE_DATE),
    text=Type.DECIMAL,
)

ORGANISATION_TYPE = attribute("type", "Kind of organisation.", codes="OrganisationType")
REPORTING_ORG = Shape(
    name="ReportingOrg",
    group=GROUP,
    about="The organisation that publishes the record.",
    attributes=(
        attribute("ref", "Identifier of the organisation.", required=True),
        attribute("type", "Kind of organisation.", required=True, codes="OrganisationType"),
        attribute("secondary-reporter", "True when it retells data that others are responsible for.", Type.BOOLEAN),
    ),
    children=(some("narrative", NARRATIVE, "Its name, once for each language.", top_level=True), FOREIGN),
)

COUNTRY = Shape(
    name="Country",
    group=GROUP,
    about="A country without a share.",
    attributes=(attribute("code", "The country.", required=True, codes="Country"),),
    children=(NAMES, FOREIGN),
)
REGION_CODES = by_vocabulary(default="Region")
REGION_VOCABULARY = attribute("vocabulary", "List of regions; 1 when absent.", codes="RegionVocabulary")

PERIOD = (
    one("period-start", DAY, "First day of the period."),
    one("period-end", DAY, "Last day of the period."),
)
AMOUNT = one("value", VALUE, "The amount.", type_name="currencyType")

DOCUMENT_PARTS = (
    one("title", NARRATIVES, "Title of the document.", top_level=True, type_name="textRequiredType"),
    optional("description", NARRATIVES, "What the document holds.", type_name="descriptionBase"),
    some("category", CODED, "What kind of document it is.", codes="DocumentCategory"),
    many("language", CODED, "A language in which the document is written.", codes="Language"),
    optional("document-date", DAY, "Day on which the document was issued."),
    FOREIGN,
)
DOCUMENT_ATTRIBUTES = (
    attribute("url", "Where the document can be fetched.", Type.URI, required=True),
    attribute("format", "Media type of the file.", required=True, codes="FileFormat"),
)
DOCUMENT_LINK = Shape(
    name="DocumentLink",
    group=GROUP,
    about="A public document about the record, on the web.",
    attributes=DOCUMENT_ATTRIBUTES,
    children=DOCUMENT_PARTS,
)

AID_TYPE = Shape(
    name="AidType",
    group=GROUP,
    about="The type of aid in one vocabulary.",
    attributes=(
        attribute(
            "code",
            "The type.",
            required=True,
            codes=by_vocabulary(default="AidType", v2="EarmarkingCategory", v4="CashandVoucherModalities"),
        ),
        attribute("vocabulary", "List of types; 1 when absent.", codes="AidTypeVocabulary"),
    ),
    children=(FOREIGN,),
)

ANYTHING = Shape(
    name="OrganisationIdentifier",
    group="organisation",
    about="The organisation's identifier; the standard sets no limits to what stands in this element.",
    text=Type.STRING,
    anything=True,
)

#: Top-level elements of the part of the schema that both kinds of file include.
TOP_LEVEL = (
    one("narrative", NARRATIVE, "Free text in one language.", top_level=True),
    one("title", NARRATIVES, "A title.", top_level=True, type_name="textRequiredType"),
    one("description", NARRATIVES, "A description.", top_level=True, type_name="descriptionBase"),
    one("comment", NARRATIVES, "A remark.", top_level=True, type_name="textRequiredType"),
    one("reporting-org", REPORTING_ORG, "The organisation that publishes the record.", top_level=True),
)

OPTIONAL_NARRATIVES = Shape(
    name="OptionalNarratives",
    group=GROUP,
    about="A text in any number of languages, perhaps none.",
    children=(NAMES, FOREIGN),
)

NAMED_TYPES = (
    NamedType(name="descriptionBase", shape=NARRATIVES, about="A description in one or more languages."),
    NamedType(name="textType", shape=OPTIONAL_NARRATIVES, about="A text that may be missing."),
    NamedType(name="textRequiredType", shape=NARRATIVES, about="A text in one or more languages."),
    NamedType(name="documentLinkBase", shape=DOCUMENT_LINK, about="A document on the web."),
    NamedType(name="currencyType", shape=VALUE, about="An amount of money."),
)
