"""The flat tables of the portfolio itself: who, what, where, and what it is about."""

from app.domain.terms import AgreementStatus, Grain, PartnerCategory, Stage
from app.tabular.flat import queries, reading
from app.tabular.flat.reading import dated, statement
from app.tabular.flat.shape import (
    FlatColumn,
    FlatTable,
    Reference,
    amount,
    day,
    flag,
    integer,
    moment,
    text,
    to,
    words,
)

_ARCHIVED = flag("archived", "It is kept since others name it, and is not used any more.")
_ACTIVITY = text("activity", "Code of the activity.", required=True)
#: money beside which its value in the organisation's currency stands
CONVERTED: tuple[FlatColumn, ...] = (
    amount("reporting_amount", "The amount in the organisation's currency, rounded to four decimals; empty: no rate."),
    text("reporting_currency", "The organisation's currency.", required=True),
    amount("usd_rate", "Units of the currency per US dollar by which it was converted."),
)

UNIT = FlatTable(
    name="unit",
    title="Units",
    meaning="One row for each responsible unit.",
    columns=(
        text("unit", "Code of the unit.", required=True),
        text("name", "Its name.", required=True),
        text("region", "The region it belongs to."),
        _ARCHIVED,
    ),
    key=("unit",),
    read=statement(queries.units),
)
OFFICER = FlatTable(
    name="officer",
    title="Officers",
    meaning="One row for each person who is named on activities, without addresses.",
    columns=(
        text("officer", "Code of the officer.", required=True),
        text("name", "The officer's name.", required=True),
        text("unit", "Code of the officer's unit.", required=True),
        _ARCHIVED,
    ),
    key=("officer",),
    references=(to("unit", "unit"),),
    read=statement(queries.officers),
)
PARTNER = FlatTable(
    name="partner",
    title="Partners",
    meaning="One row for each organisation that funds, or may fund, activities.",
    columns=(
        text("partner", "Code of the partner.", required=True),
        text("name", "Its name.", required=True),
        text("identifier", "Its identifier in IATI."),
        text("country", "ISO code of its country."),
        text("category", "What kind of partner it is.", required=True, values=words(PartnerCategory)),
        text("subcategory", "A finer kind, in the organisation's own words."),
        _ARCHIVED,
    ),
    key=("partner",),
    read=statement(queries.partners),
)
AGREEMENT = FlatTable(
    name="agreement",
    title="Agreements",
    meaning="One row for each agreement with the terms that hold on the day. The day of the signature is the approval.",
    columns=(
        text("agreement", "Reference of the agreement.", required=True),
        text("partner", "Code of the partner that signed it; others may give a part.", required=True),
        text("title", "Its title.", required=True),
        text("status", "How far it is.", required=True, values=words(AgreementStatus)),
        day("signed_on", "Day of the signature, which is the day of the approval."),
        day("starts_on", "First day."),
        day("ends_on", "Last day."),
        amount("amount", "The amount in force, in the currency of the agreement.", required=True),
        text("currency", "ISO code of the currency.", required=True),
        *CONVERTED,
        amount("support_cost_rate", "Percent added to direct cost."),
        flag("gross", "The amount includes the support cost."),
        text("preset", "The way of earmarking that an officer picked."),
        text("modality", "Letter A to L of the Grand Bargain.", required=True),
        integer("category", "1 unearmarked to 4 tightly earmarked.", required=True),
        text("framework", "Code of the framework agreement it was signed under."),
        _ARCHIVED,
    ),
    key=("agreement",),
    references=(to("partner", "partner"),),
    dated=True,
    read=reading.in_reporting_currency(reading.money(dated(queries.agreements), on=("signed_on",))),
)
ACTIVITY = FlatTable(
    name="activity",
    title="Activities",
    meaning=(
        "One row for each project, pool and programme that is not archived. Of a past day: with the status, the dates, "
        "the budget and the officer as they were known then."
    ),
    columns=(
        _ACTIVITY,
        text("iati_identifier", "The identifier under which it is published.", required=True),
        text("grain", "What the activity stands for.", required=True, values=words(Grain)),
        text("title", "Its title.", required=True),
        text("description", "What it is about."),
        text("status", "Its stage; empty: not known yet on that day.", values=words(Stage)),
        day("planned_start", "The day on which it was to begin."),
        day("planned_end", "The day on which it is to end."),
        day("actual_start", "The day on which it began."),
        day("actual_end", "The day on which it ended."),
        amount("total_budget", "Its whole budget."),
        text("currency", "ISO code of the currency of the budget."),
        text("unit", "Code of the responsible unit."),
        text("officer", "Code of the officer in charge."),
        text("parent", "Code of the activity it is part of."),
        text("outcome", "Code of the outcome of the results framework."),
        flag("humanitarian", "It is humanitarian."),
        flag("pilot", "It is a pilot."),
        integer("gender_marker", "0 to 3."),
        flag("published", "The world has seen it."),
        flag("draft", "The record breaks the standard somewhere and is held back."),
        day("embargo_until", "It is not published before this day."),
        moment("updated_at", "When the record was changed last."),
    ),
    key=("activity",),
    references=(to("unit", "unit"), to("officer", "officer"), to("activity", "activity", by="parent")),
    dated=True,
    read=reading.activities,
)


def _classified(kind: str, title: str, meaning: str, *columns: FlatColumn, **defaults: str) -> FlatTable:
    name = kind.replace("-", "_")
    return FlatTable(
        name=name,
        title=title,
        meaning=meaning,
        columns=(integer(name, "Number of the row.", required=True), _ACTIVITY, *columns),
        key=(name,),
        references=(to("activity", "activity"),),
        read=reading.with_default(lambda: queries.classifications(kind), **defaults),
    )


_SHARE = amount("percentage", "The part of the activity in percent; empty: the whole of it.")
COUNTRY = _classified(
    "country",
    "Countries of activities",
    "One row for each country of an activity. Percentages of countries and regions of an activity make 100 together.",
    text("code", "ISO code of the country.", required=True),
    _SHARE,
)
REGION = _classified(
    "region",
    "Regions of activities",
    "One row for each region of an activity, beside its countries.",
    text("vocabulary", "Code of the IATI list RegionVocabulary.", required=True),
    text("code", "Code of the region in that vocabulary.", required=True),
    _SHARE,
    vocabulary="1",
)
SECTOR = _classified(
    "sector",
    "Sectors of activities",
    "One row for each sector of an activity. Each vocabulary makes 100 by itself: take one of them before adding up.",
    text("vocabulary", "Code of the IATI list SectorVocabulary.", required=True),
    text("code", "Code of the sector in that vocabulary.", required=True),
    _SHARE,
    vocabulary="1",
)
POLICY_MARKER = _classified(
    "policy-marker",
    "Policy markers of activities",
    "One row for each policy marker of an activity.",
    text("vocabulary", "Code of the IATI list PolicyMarkerVocabulary.", required=True),
    text("code", "Code of the marker in that vocabulary.", required=True),
    text("significance", "Code of the IATI list PolicySignificance."),
    vocabulary="1",
)
TAG = _classified(
    "tag",
    "Tags of activities",
    "One row for each tag of an activity, goals and targets of sustainable development among them.",
    text("vocabulary", "Code of the IATI list TagVocabulary."),
    text("code", "Code in that vocabulary.", required=True),
)
PARTICIPANT = FlatTable(
    name="participant",
    title="Organisations of activities",
    meaning="One row for each part that an organisation has in an activity, beyond what agreements say.",
    columns=(
        integer("participant", "Number of the row.", required=True),
        _ACTIVITY,
        text("role", "Code of the IATI list OrganisationRole.", required=True),
        text("organisation", "Name of the organisation.", required=True),
        text("identifier", "Its identifier in IATI."),
    ),
    key=("participant",),
    references=(to("activity", "activity"),),
    read=statement(queries.participants),
)
LOCATION = FlatTable(
    name="location",
    title="Places of activities",
    meaning="One row for each place below the country.",
    columns=(
        integer("location", "Number of the row.", required=True),
        _ACTIVITY,
        text("name", "Name of the place."),
        amount("latitude", "Degrees north of the equator."),
        amount("longitude", "Degrees east of Greenwich."),
        text("exactness", "Code of the IATI list GeographicExactness."),
    ),
    key=("location",),
    references=(to("activity", "activity"),),
    read=reading.locations,
)
RELATED = FlatTable(
    name="related",
    title="Related activities",
    meaning="One row for each other activity, of anybody, that an activity is related to.",
    columns=(
        integer("related", "Number of the row.", required=True),
        _ACTIVITY,
        text("type", "Code of the IATI list RelatedActivityType.", required=True),
        text("identifier", "Identifier of the other activity.", required=True),
    ),
    key=("related",),
    references=(to("activity", "activity"),),
    read=statement(queries.related),
)
DOCUMENT = FlatTable(
    name="document",
    title="Documents",
    meaning="One row for each document of an activity, of an evaluation, or of the organisation itself.",
    columns=(
        integer("document", "Number of the row.", required=True),
        text("activity", "Code of the activity; empty: of the organisation."),
        text("evaluation", "Reference of the evaluation."),
        text("title", "Its title.", required=True),
        text("url", "Its address.", required=True),
        text("format", "Its media type.", required=True),
        text("category", "Code of the IATI list DocumentCategory.", required=True),
        text("language", "ISO code of its language."),
        day("document_date", "Day of the document."),
    ),
    key=("document",),
    references=(to("activity", "activity"), to("evaluation", "evaluation")),
    read=statement(queries.documents),
)
#: columns that name an activity and an agreement
OF_AGREEMENT: tuple[Reference, ...] = (to("activity", "activity"), to("agreement", "agreement"))
