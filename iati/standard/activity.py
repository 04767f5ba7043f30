"""The activities file: who does what, where, for what, with which money and result."""

from iati.standard import common, finance, results
from iati.standard.common import (
    AID_TYPE,
    CODE,
    CODED,
    DOCUMENT_LINK,
    NAMES,
    NARRATIVES,
    ORGANISATION_TYPE,
    REPORTING_ORG,
    TEXT,
    TRANSLATIONS,
    URI,
    VOCABULARY_URI,
)
from iati.standard.description import (
    FOREIGN,
    Coded,
    Document,
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

GROUP = "activity"
TEXT_TYPE = "textRequiredType"

DESCRIPTION = Shape(
    name="Description",
    group=GROUP,
    about="What the activity is about, seen from one side.",
    attributes=(attribute("type", "General, objectives, target groups or other.", codes="DescriptionType"),),
    children=(TRANSLATIONS, FOREIGN),
)
PARTICIPATING_ORG = Shape(
    name="ParticipatingOrg",
    group=GROUP,
    about="An organisation that takes part in the activity.",
    attributes=(
        attribute("ref", "Identifier of the organisation."),
        ORGANISATION_TYPE,
        attribute(
            "role", "Whether it funds, answers for, extends or implements.", required=True, codes="OrganisationRole"
        ),
        attribute("activity-id", "The activity of that organisation to which this one corresponds."),
        attribute("crs-channel-code", "Its code as a channel of delivery.", codes="CRSChannelCode"),
    ),
    children=(NAMES, FOREIGN),
)
OWNER_ORG = Shape(
    name="OwnerOrg",
    group=GROUP,
    about="The organisation that gave another identifier.",
    attributes=(attribute("ref", "Identifier of the organisation."),),
    children=(NAMES, FOREIGN),
)
OTHER_IDENTIFIER = Shape(
    name="OtherIdentifier",
    group=GROUP,
    about="Another identifier of the activity, or a former one of its publisher.",
    attributes=(
        attribute("ref", "The identifier.", required=True),
        attribute("type", "What kind of identifier it is.", required=True, codes="OtherIdentifierType"),
    ),
    children=(optional("owner-org", OWNER_ORG, "Who gave the identifier."), FOREIGN),
)
ACTIVITY_DATE = Shape(
    name="ActivityDate",
    group=GROUP,
    about="A planned or actual start or end.",
    attributes=(
        attribute("type", "Planned or actual, start or end.", required=True, codes="ActivityDateType"),
        attribute("iso-date", "The day.", Type.DATE, required=True),
    ),
    children=(NAMES, FOREIGN),
)
CONTACT_INFO = Shape(
    name="ContactInfo",
    group=GROUP,
    about="Whom to ask about the activity.",
    attributes=(attribute("type", "What the contact is for.", codes="ContactType"),),
    children=(
        optional("organisation", NARRATIVES, "The organisation to ask.", type_name=TEXT_TYPE),
        optional("department", NARRATIVES, "The department to ask.", type_name=TEXT_TYPE),
        optional("person-name", NARRATIVES, "The person to ask.", type_name=TEXT_TYPE),
        optional("job-title", NARRATIVES, "The person's function.", type_name=TEXT_TYPE),
        many("telephone", TEXT, "A telephone number."),
        many("email", TEXT, "A mail address."),
        many("website", URI, "A web page."),
        many("mailing-address", NARRATIVES, "A postal address.", type_name=TEXT_TYPE),
        FOREIGN,
    ),
)
RECIPIENT_COUNTRY = Shape(
    name="RecipientCountry",
    group=GROUP,
    about="A country that benefits, with its share.",
    attributes=(
        attribute("code", "The country.", required=True, codes="Country"),
        attribute("percentage", "Its share of the activity in percent.", Type.DECIMAL),
    ),
    children=(NAMES, FOREIGN),
)
RECIPIENT_REGION = Shape(
    name="RecipientRegion",
    group=GROUP,
    about="A region that benefits, with its share.",
    attributes=(
        attribute("code", "The region.", required=True, codes=common.REGION_CODES),
        common.REGION_VOCABULARY,
        VOCABULARY_URI,
        attribute("percentage", "Its share of the activity in percent.", Type.DECIMAL),
    ),
    children=(NAMES, FOREIGN),
)
LOCATION_ID = Shape(
    name="LocationId",
    group=GROUP,
    about="The place in a gazetteer.",
    attributes=(CODE, attribute("vocabulary", "The gazetteer.", required=True, codes="GeographicVocabulary")),
    children=(FOREIGN,),
)
ADMINISTRATIVE = Shape(
    name="Administrative",
    group=GROUP,
    about="An administrative area in which the place lies.",
    attributes=(
        attribute("code", "The area.", required=True, codes=(Coded(codelist="Country", vocabulary="A4"),)),
        attribute("vocabulary", "The list of areas.", required=True, codes="GeographicVocabulary"),
        attribute("level", "Its level, counted from 0 for the country.", Type.NON_NEGATIVE),
    ),
    children=(FOREIGN,),
)
POINT = Shape(
    name="Point",
    group=GROUP,
    about="A point on the earth.",
    attributes=(attribute("srsName", "The system of coordinates.", required=True),),
    children=(one("pos", common.BARE_TEXT, "Latitude and longitude in degrees, a blank between them."), FOREIGN),
)
LOCATION = Shape(
    name="Location",
    group=GROUP,
    about="A place of the activity below the level of countries.",
    attributes=(attribute("ref", "The publisher's own reference of the place."),),
    children=(
        optional(
            "location-reach",
            CODED,
            "Whether the activity happens there or its beneficiaries live there.",
            codes="GeographicLocationReach",
        ),
        many("location-id", LOCATION_ID, "The place in a gazetteer."),
        optional("name", NARRATIVES, "Name of the place.", type_name=TEXT_TYPE),
        optional("description", NARRATIVES, "What the place is.", type_name=TEXT_TYPE),
        optional("activity-description", NARRATIVES, "What the activity does there.", type_name=TEXT_TYPE),
        many("administrative", ADMINISTRATIVE, "An administrative area in which it lies."),
        optional("point", POINT, "Its coordinates."),
        optional("exactness", CODED, "Whether the coordinates are exact.", codes="GeographicExactness"),
        optional("location-class", CODED, "Its broad kind.", codes="GeographicLocationClass"),
        optional("feature-designation", CODED, "Its precise kind.", codes="LocationType"),
        FOREIGN,
    ),
)
SECTOR = Shape(
    name="Sector",
    group=GROUP,
    about="A sector that the activity serves, with its share.",
    attributes=(
        finance.SECTOR_VOCABULARY,
        VOCABULARY_URI,
        attribute("code", "The sector.", required=True, codes=finance.SECTOR_CODES),
        attribute("percentage", "Its share within its vocabulary in percent.", Type.DECIMAL),
    ),
    children=(NAMES, FOREIGN),
)
TAG = Shape(
    name="Tag",
    group=GROUP,
    about="A label of any classification, without a share.",
    attributes=(
        attribute(
            "code",
            "The label.",
            required=True,
            codes=(Coded(codelist="UNSDG-Goals", vocabulary="2"), Coded(codelist="UNSDG-Targets", vocabulary="3")),
        ),
        attribute("vocabulary", "The classification.", required=True, codes="TagVocabulary"),
        VOCABULARY_URI,
    ),
    children=(NAMES, FOREIGN),
)
HUMANITARIAN_SCOPE = Shape(
    name="HumanitarianScope",
    group=GROUP,
    about="An emergency or an appeal to which the activity answers.",
    attributes=(
        attribute("type", "Emergency or appeal.", required=True, codes="HumanitarianScopeType"),
        attribute(
            "vocabulary", "The list of emergencies or appeals.", required=True, codes="HumanitarianScopeVocabulary"
        ),
        VOCABULARY_URI,
        CODE,
    ),
    children=(NAMES, FOREIGN),
)
POLICY_MARKER = Shape(
    name="PolicyMarker",
    group=GROUP,
    about="A policy that the activity pursues, with its weight.",
    attributes=(
        attribute("vocabulary", "List of policies; 1 when absent.", codes="PolicyMarkerVocabulary"),
        VOCABULARY_URI,
        attribute("code", "The policy.", required=True, codes=by_vocabulary(default="PolicyMarker")),
        attribute("significance", "How much the policy weighs.", codes="PolicySignificance"),
    ),
    children=(NAMES, FOREIGN),
)
RELATED_ACTIVITY = Shape(
    name="RelatedActivity",
    group=GROUP,
    about="Another activity that belongs with this one.",
    attributes=(
        attribute("ref", "Identifier of that activity.", required=True),
        attribute("type", "Parent, child, sibling and so on.", required=True, codes="RelatedActivityType"),
    ),
    children=(FOREIGN,),
    foreign_attributes=False,
)
LEGACY_DATA = Shape(
    name="LegacyData",
    group=GROUP,
    about="A field of the publisher's own system as it stands there.",
    attributes=(
        attribute("name", "Name of the field there.", required=True),
        attribute("value", "Content of the field.", required=True),
        attribute("iati-equivalent", "The element of the standard that comes closest.", Type.NMTOKEN),
    ),
    children=(FOREIGN,),
    foreign_attributes=False,
)
CONDITION = Shape(
    name="Condition",
    group=GROUP,
    about="A condition of the activity.",
    attributes=(attribute("type", "Policy, performance or fiduciary.", required=True, codes="ConditionType"),),
    children=(TRANSLATIONS, FOREIGN),
    foreign_attributes=False,
)
CONDITIONS = Shape(
    name="Conditions",
    group=GROUP,
    about="Whether conditions are attached, and which.",
    attributes=(attribute("attached", "True when there are conditions.", Type.BOOLEAN, required=True),),
    children=(many("condition", CONDITION, "One condition."), FOREIGN),
)

_CHILDREN = (
    one("iati-identifier", TEXT, "Identifier of the activity, unique in the world.", top_level=True),
    one("reporting-org", REPORTING_ORG, "The organisation that publishes the activity.", top_level=True),
    one("title", NARRATIVES, "Short title of the activity.", type_name=TEXT_TYPE),
    some("description", DESCRIPTION, "A longer account of the activity."),
    some("participating-org", PARTICIPATING_ORG, "An organisation that takes part.", top_level=True),
    many("other-identifier", OTHER_IDENTIFIER, "Another identifier.", top_level=True),
    one("activity-status", CODED, "The stage the activity is in.", codes="ActivityStatus", top_level=True),
    some("activity-date", ACTIVITY_DATE, "A planned or actual start or end.", top_level=True),
    many("contact-info", CONTACT_INFO, "Whom to ask.", top_level=True),
    optional("activity-scope", CODED, "How far the activity reaches.", codes="ActivityScope", top_level=True),
    many("recipient-country", RECIPIENT_COUNTRY, "A country that benefits.", top_level=True),
    many("recipient-region", RECIPIENT_REGION, "A region that benefits.", top_level=True),
    many("location", LOCATION, "A place of the activity.", top_level=True),
    many("sector", SECTOR, "A sector that the activity serves.", top_level=True),
    many("tag", TAG, "A label of any classification.", top_level=True),
    optional(
        "country-budget-items",
        finance.COUNTRY_BUDGET_ITEMS,
        "How it fits into the recipient country's budget.",
        top_level=True,
    ),
    many("humanitarian-scope", HUMANITARIAN_SCOPE, "An emergency or appeal that it answers.", top_level=True),
    many("policy-marker", POLICY_MARKER, "A policy that it pursues.", top_level=True),
    optional("collaboration-type", CODED, "Who works with whom.", codes="CollaborationType", top_level=True),
    optional("default-flow-type", CODED, "Kind of flow of its transactions.", codes="FlowType", top_level=True),
    optional("default-finance-type", CODED, "Instrument of its transactions.", codes="FinanceType", top_level=True),
    many("default-aid-type", AID_TYPE, "Type of aid of its transactions.", top_level=True, type_name="aidTypeBase"),
    optional("default-tied-status", CODED, "Whether its transactions are tied.", codes="TiedStatus", top_level=True),
    many("budget", finance.BUDGET, "What is to be spent in a period.", top_level=True),
    many("planned-disbursement", finance.PLANNED_DISBURSEMENT, "A payment that is planned.", top_level=True),
    optional("capital-spend", finance.CAPITAL_SPEND, "The share that is investment.", top_level=True),
    many("transaction", finance.TRANSACTION, "Money committed, moved or spent.", top_level=True),
    many("document-link", DOCUMENT_LINK, "A public document about the activity.", type_name="documentLinkBase"),
    many("related-activity", RELATED_ACTIVITY, "Another activity that belongs with it.", top_level=True),
    many("legacy-data", LEGACY_DATA, "A field of the publisher's own system.", top_level=True),
    optional("conditions", CONDITIONS, "Conditions of the activity.", top_level=True),
    many("result", results.RESULT, "Something that it is to bring about.", top_level=True),
    optional("crs-add", finance.CRS_ADD, "Further data for creditor reporting.", top_level=True),
    optional("fss", finance.FSS, "Forward spending plans.", top_level=True),
    FOREIGN,
)
ACTIVITY = Shape(
    name="Activity",
    group=GROUP,
    about="One project, programme or other piece of work.",
    attributes=(
        attribute("last-updated-datetime", "When the record last changed.", Type.DATETIME),
        common.DEFAULT_LANGUAGE,
        attribute("default-currency", "Currency of amounts that name none.", codes="Currency"),
        attribute("humanitarian", "True when all or part of it is humanitarian aid.", Type.BOOLEAN),
        attribute("hierarchy", "Its level among the publisher's activities, 1 at the top.", Type.INT),
        attribute("linked-data-uri", "The activity's own address as linked data.", Type.URI),
        attribute("budget-not-provided", "Why there is no budget.", codes="BudgetNotProvided"),
    ),
    children=_CHILDREN,
)

_RECORD = some("iati-activity", ACTIVITY, "One activity.", top_level=True)
ROOT = Shape(
    name="Activities",
    group=GROUP,
    about="A file of activities.",
    attributes=(
        attribute("version", "Version of the standard that the file follows.", required=True, codes="Version"),
        attribute("generated-datetime", "When the file was made.", Type.DATETIME),
        attribute("linked-data-default", "Address under which the activities are linked data.", Type.URI),
    ),
    children=(_RECORD, FOREIGN),
)
_ROOT = one("iati-activities", ROOT, "The whole file.", top_level=True)

DOCUMENT = Document(
    root=_ROOT,
    record=_RECORD,
    top_level=(
        _ROOT,
        _RECORD,
        *(child for child in ACTIVITY.elements if child.top_level and child.shape is not REPORTING_ORG),
        one("dimension", results.DIMENSION, "A category that a figure is about.", top_level=True),
    ),
    named_types=(
        NamedType(name="aidTypeBase", shape=AID_TYPE, about="A type of aid in one vocabulary."),
        *results.NAMED_TYPES,
    ),
)
