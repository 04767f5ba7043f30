"""The activity itself and the lists below it, but for money and results."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.terms import Stage
from app.publishing.mapping.binds import (
    attribute,
    code,
    day,
    decimal,
    first_of,
    first_text,
    flag,
    further_texts,
    party,
    translations,
    words,
    write_first,
    write_further,
)
from app.publishing.mapping.shape import ALWAYS, Bind, Shape
from iati.lexical import BLANKS, format_datetime, parse_date, parse_datetime
from iati.model import (
    Activity,
    ActivityDate,
    AidType,
    BareText,
    Code,
    ContactInfo,
    Description,
    DocumentLink,
    Location,
    Narrative,
    Narratives,
    ParticipatingOrg,
    Point,
    PolicyMarker,
    RecipientCountry,
    RecipientRegion,
    RelatedActivity,
    ReportingOrg,
    Sector,
    Tag,
    Text,
    Uri,
)

#: IATI activity date types in the order in which they are rendered
DATES = (("planned_start", "1"), ("actual_start", "2"), ("planned_end", "3"), ("actual_end", "4"))

#: the system of coordinates that the standard prescribes
WGS84 = "http://www.opengis.net/def/crs/EPSG/0/4326"


def _identifier() -> Bind[Activity]:
    def read(node: Activity) -> str:
        return node.iati_identifier.text.strip(BLANKS) if node.iati_identifier else ""

    def write(node: Activity, value: str) -> None:
        if node.iati_identifier is None:
            node.iati_identifier = Text()
        node.iati_identifier.text = value

    return Bind("iati_identifier", read, write, blank="")


def _general(node: Activity) -> Description | None:
    """The description of no or the general type; others stay in the remainder."""
    return next((each for each in node.description if each.type in (None, "1")), None)


def _write_general(node: Activity) -> Description:
    found = _general(node)
    if found is None:
        found = Description(type="1")
        node.description.insert(0, found)
    return found


def _description() -> Bind[Activity]:
    def read(node: Activity) -> str | None:
        found = _general(node)
        return None if found is None else first_text(found.narrative)

    def write(node: Activity, value: str | None) -> None:
        if value is None:
            node.description = [each for each in node.description if each.type not in (None, "1")]
        else:
            write_first(_write_general(node).narrative, value)

    return Bind("description", read, write)


def _description_translations() -> Bind[Activity]:
    def read(node: Activity) -> list[list[str]]:
        found = _general(node)
        return [] if found is None else further_texts(found.narrative)

    def write(node: Activity, value: list[list[str]]) -> None:
        write_further(_write_general(node).narrative, value)

    return Bind("description_translations", read, write, blank=[])


def _activity_date(column: str, type_: str) -> Bind[Activity]:
    order = [each for _, each in DATES]

    def find(node: Activity) -> ActivityDate | None:
        return next((each for each in node.activity_date if each.type == type_), None)

    def read(node: Activity) -> dt.date | None:
        found = find(node)
        return None if found is None else parse_date(found.iso_date)

    def write(node: Activity, value: dt.date | None) -> None:
        if value is None:
            node.activity_date = [each for each in node.activity_date if each.type != type_]
            return
        found = find(node)
        if found is not None:
            found.typed_iso_date = value
            return
        before = order[: order.index(type_)]
        at = max((at for at, each in enumerate(node.activity_date, start=1) if each.type in before), default=0)
        node.activity_date.insert(at, ActivityDate(type=type_, iso_date=value.isoformat()))

    return Bind(column, read, write)


def _stage() -> Bind[Activity]:
    def read(node: Activity) -> Stage:
        try:
            return Stage.from_iati((node.activity_status and node.activity_status.code) or "")
        except ValueError:
            return Stage.IMPLEMENTATION

    def write(node: Activity, value: Stage) -> None:
        if node.activity_status is None:
            node.activity_status = Code()
        node.activity_status.code = value.iati_code

    return Bind("stage", read, write, blank=ALWAYS)


def dac_code(kinds: list[AidType]) -> str | None:
    """The first aid type of the DAC list."""
    return next((each.code for each in kinds if each.vocabulary in (None, "1")), None)


def aid_type(field: str, column: str) -> Bind[object]:
    """The first aid type of the DAC list; those of other vocabularies stay in the remainder."""

    def write(node: object, value: str | None) -> None:
        kinds: list[AidType] = getattr(node, field)
        if value is None:
            setattr(node, field, [each for each in kinds if each.vocabulary not in (None, "1")])
            return
        found = next((each for each in kinds if each.vocabulary in (None, "1")), None)
        if found is None:
            kinds.insert(0, AidType(code=value))
        else:
            found.code = value

    return Bind(column, lambda node: dac_code(getattr(node, field)), write)


def _changed_at() -> Bind[Activity]:
    def read(node: Activity) -> dt.datetime | None:
        found = parse_datetime(node.last_updated_datetime)
        if found is None or found.tzinfo is not None:
            return found
        return found.replace(tzinfo=dt.UTC)

    def write(node: Activity, value: dt.datetime | None) -> None:
        node.last_updated_datetime = None if value is None else format_datetime(value.astimezone(dt.UTC))

    return Bind("content_changed_at", read, write)


_BEFORE_DATES: tuple[Bind[Activity], ...] = (
    _identifier(),
    *party("reporting_org", "reporting", ReportingOrg),
    Bind(
        "reporting_type",
        lambda node: node.reporting_org.type if node.reporting_org else None,
        lambda node, value: setattr(node.reporting_org, "type", value),
        named_by="reporting_ref",
    ),
    words("title", required=True),
    translations("title", "title_translations"),
    _description(),
    _description_translations(),
    attribute("lang", "language"),
    attribute("default_currency"),
    flag("humanitarian"),
    _stage(),
)
_AFTER_DATES: tuple[Bind[Activity], ...] = (
    code("activity_scope"),
    code("collaboration_type"),
    code("default_flow_type", "flow_type"),
    code("default_finance_type", "finance_type"),
    aid_type("default_aid_type", "aid_type"),
    code("default_tied_status", "tied_status"),
    _changed_at(),
)
_UNDATED: Shape[Activity] = Shape(Activity, *_BEFORE_DATES, *_AFTER_DATES)


def _render_activity(columns: Mapping[str, object]) -> Activity:
    """An activity with its dates in their order, which binds have to look for one by one."""
    node = _UNDATED.render(columns)
    for column, type_ in DATES:
        day = columns[column]
        if isinstance(day, dt.date):
            node.activity_date.append(ActivityDate(type=type_, iso_date=day.isoformat()))
    return node


#: the activity without the lists of :data:`LISTS`
ACTIVITY: Shape[Activity] = Shape(
    Activity,
    *_BEFORE_DATES,
    *(_activity_date(column, type_) for column, type_ in DATES),
    *_AFTER_DATES,
    render=_render_activity,
)

PARTICIPANT: Shape[ParticipatingOrg] = Shape(
    ParticipatingOrg,
    *party("", "organisation"),
    replace(attribute("type", "organisation_type"), named_by="organisation_ref"),
    attribute("role", required=True),
    attribute("activity_id", "activity"),
)
COUNTRY: Shape[RecipientCountry] = Shape(RecipientCountry, attribute("code", required=True), decimal("percentage"))
REGION: Shape[RecipientRegion] = Shape(
    RecipientRegion, attribute("vocabulary"), attribute("code", required=True), decimal("percentage")
)
SECTOR: Shape[Sector] = Shape(Sector, attribute("vocabulary"), attribute("code", required=True), decimal("percentage"))
TAG: Shape[Tag] = Shape(Tag, attribute("vocabulary"), attribute("code", required=True))
MARKER: Shape[PolicyMarker] = Shape(
    PolicyMarker, attribute("vocabulary"), attribute("code", required=True), attribute("significance")
)

#: kind of classification → (field of the activity, shape)
CLASSIFICATIONS: dict[str, tuple[str, Shape[Any]]] = {
    "country": ("recipient_country", COUNTRY),
    "region": ("recipient_region", REGION),
    "sector": ("sector", SECTOR),
    "tag": ("tag", TAG),
    "policy-marker": ("policy_marker", MARKER),
}
#: what only some kinds of classification have
CLASSIFICATION_EXTRAS = ("vocabulary", "percentage", "significance")

CONTACT: Shape[ContactInfo] = Shape(
    ContactInfo,
    attribute("type"),
    words("organisation"),
    words("department"),
    words("person_name", "person"),
    words("job_title"),
    first_of("telephone", "telephone", lambda value: Text(text=value), lambda node: str(node.text)),
    first_of("email", "email", lambda value: Text(text=value), lambda node: str(node.text)),
    first_of("website", "website", lambda value: Uri(text=value), lambda node: str(node.text)),
    first_of(
        "mailing_address",
        "address",
        lambda value: Narratives(narrative=[Narrative(text=value)]),
        lambda node: first_text(node.narrative),
    ),
)


def _position() -> Bind[Location]:
    def read(node: Location) -> str | None:
        return node.point.pos.text if node.point and node.point.pos else None

    def write(node: Location, value: str | None) -> None:
        if value is None:
            node.point = None
            return
        if node.point is None:
            node.point = Point(srs_name=WGS84)
        node.point.pos = BareText(text=value)

    return Bind("position", read, write)


LOCATION: Shape[Location] = Shape(
    Location,
    attribute("ref", "reference"),
    words("name"),
    _position(),
    code("exactness"),
    code("location_class"),
)


def _first_code(field: str, column: str, *, required: bool) -> Bind[object]:
    def read(node: object) -> str | None:
        found: list[Code] = getattr(node, field)
        return (found[0].code if found else None) or ("" if required else None)

    def write(node: object, value: str | None) -> None:
        found: list[Code] = getattr(node, field)
        if value is None:
            found.clear()
        elif found:
            found[0].code = value
        else:
            found.append(Code(code=value))

    blank = "" if required else None
    return Bind(column, read, write, blank=blank, field=field, held=lambda text: [Code(code=text)])


DOCUMENT: Shape[DocumentLink] = Shape(
    DocumentLink,
    attribute("url", required=True),
    attribute("format", required=True),
    words("title", required=True),
    translations("title", "title_translations"),
    _first_code("category", "category", required=True),
    _first_code("language", "language", required=False),
    day("document_date"),
)

LINK: Shape[RelatedActivity] = Shape(
    RelatedActivity, attribute("type", required=True), attribute("ref", "identifier", required=True)
)

#: lists of the activity that stand in tables of their own
LISTS = (
    "participating_org",
    "contact_info",
    "recipient_country",
    "recipient_region",
    "location",
    "sector",
    "tag",
    "policy_marker",
    "budget",
    "planned_disbursement",
    "transaction",
    "document_link",
    "related_activity",
    "result",
)
