"""Results: what an activity set out to achieve, how that is measured, and what was measured."""

from iati.standard.common import CODE, DAY, DOCUMENT_LINK, NARRATIVES, VOCABULARY_URI
from iati.standard.description import FOREIGN, NamedType, Shape, Type, attribute, many, one, optional, some

GROUP = "results"

TITLE_TYPE = "textRequiredType"
DOCUMENT_TYPE = "documentLinkResultBase"
LOCATION_TYPE = "resultLocationBase"

RESULT_LOCATION = Shape(
    name="ResultLocation",
    group=GROUP,
    about="A place of the activity, named by its reference.",
    attributes=(attribute("ref", "Reference of a location of this activity."),),
    children=(FOREIGN,),
)
DIMENSION = Shape(
    name="Dimension",
    group=GROUP,
    about="A category by which a figure is broken down.",
    attributes=(
        attribute("name", "What the figure is broken down by, such as sex or age."),
        attribute("value", "The category to which this figure belongs."),
    ),
    children=(FOREIGN,),
)

_LOCATION = many(
    "location", RESULT_LOCATION, "A place of the activity that the figure is about.", type_name=LOCATION_TYPE
)
_DIMENSION = many("dimension", DIMENSION, "A category that the figure is about.", top_level=True)
_COMMENT = optional("comment", NARRATIVES, "A remark on the figure.", top_level=True, type_name=TITLE_TYPE)
_DOCUMENT = many(
    "document-link", DOCUMENT_LINK, "A document that supports or explains this part.", type_name=DOCUMENT_TYPE
)

BASELINE = Shape(
    name="Baseline",
    group=GROUP,
    about="The state of an indicator before the activity had effect.",
    attributes=(
        attribute("iso-date", "Day on which it was measured.", Type.DATE),
        attribute("year", "Year in which it was measured.", Type.POSITIVE, required=True),
        attribute("value", "The figure measured; absent for qualitative indicators."),
    ),
    children=(_LOCATION, _DIMENSION, _DOCUMENT, _COMMENT, FOREIGN),
)
MEASUREMENT = Shape(
    name="Measurement",
    group=GROUP,
    about="A figure that was aimed at or reached in a period.",
    attributes=(attribute("value", "The figure; absent for qualitative indicators."),),
    children=(_LOCATION, _DIMENSION, _COMMENT, _DOCUMENT, FOREIGN),
    foreign_attributes=False,
)
PERIOD = Shape(
    name="Period",
    group=GROUP,
    about="A stretch of time for which an indicator is followed.",
    children=(
        one("period-start", DAY, "First day of the period."),
        one("period-end", DAY, "Last day of the period."),
        many("target", MEASUREMENT, "What is aimed at by the end of the period."),
        many("actual", MEASUREMENT, "What was reached in the period."),
        FOREIGN,
    ),
)
INDICATOR_REFERENCE = Shape(
    name="IndicatorReference",
    group=GROUP,
    about="The same indicator in a list that others share.",
    attributes=(
        attribute("vocabulary", "The list of indicators.", required=True, codes="IndicatorVocabulary"),
        attribute("code", "The indicator in that list.", required=True),
        attribute("indicator-uri", "Where the list is explained.", Type.URI),
    ),
    children=(FOREIGN,),
)
INDICATOR = Shape(
    name="Indicator",
    group=GROUP,
    about="How a result is measured.",
    attributes=(
        attribute("measure", "Unit or manner of measuring.", required=True, codes="IndicatorMeasure"),
        attribute("ascending", "True (the default) when higher figures are better.", Type.BOOLEAN),
        attribute("aggregation-status", "True when figures may be added to those of others.", Type.BOOLEAN),
    ),
    children=(
        one("title", NARRATIVES, "Name of the indicator.", top_level=True, type_name=TITLE_TYPE),
        optional("description", NARRATIVES, "What the indicator tells.", top_level=True, type_name="descriptionBase"),
        _DOCUMENT,
        many("reference", INDICATOR_REFERENCE, "The same indicator in a shared list."),
        many("baseline", BASELINE, "The state before the activity had effect."),
        many("period", PERIOD, "A period with its targets and what was reached."),
        FOREIGN,
    ),
)
RESULT_REFERENCE = Shape(
    name="ResultReference",
    group=GROUP,
    about="The same result in a framework that others share.",
    attributes=(
        CODE,
        attribute("vocabulary", "The framework.", required=True, codes="ResultVocabulary"),
        VOCABULARY_URI,
    ),
    children=(FOREIGN,),
)
RESULT = Shape(
    name="Result",
    group=GROUP,
    about="Something that the activity is to bring about.",
    attributes=(
        attribute("type", "Output, outcome, impact or other.", required=True, codes="ResultType"),
        attribute("aggregation-status", "True when figures may be added to those of others.", Type.BOOLEAN),
    ),
    children=(
        one("title", NARRATIVES, "Name of the result.", top_level=True, type_name=TITLE_TYPE),
        optional(
            "description", NARRATIVES, "What the result consists of.", top_level=True, type_name="descriptionBase"
        ),
        _DOCUMENT,
        many("reference", RESULT_REFERENCE, "The same result in a shared framework."),
        some("indicator", INDICATOR, "A measure of the result."),
        FOREIGN,
    ),
)

NAMED_TYPES = (
    NamedType(
        name=DOCUMENT_TYPE,
        shape=DOCUMENT_LINK,
        about="A document about a result or a part of one.",
        extends="documentLinkBase",
    ),
    NamedType(name=LOCATION_TYPE, shape=RESULT_LOCATION, about="A place that a figure is about."),
)
