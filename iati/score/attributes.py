"""Project attributes."""

from decimal import Decimal

from iati.score.facts import Activity, longest_narrative
from iati.score.indicator import Component, Indicator

TITLE_CHARACTERS, DESCRIPTION_CHARACTERS = 10, 80
#: Finance without a planned end: equity, shares in funds and the like.
_OPEN_ENDED_FINANCE = {"501", "433", "432", "1100", "210"}
#: Aid that does not happen in a place: core support, imputed costs, debt relief, administration.
_PLACELESS_AID = {"B01", "B02", "F01", "H01", "H02", "H03", "H04", "H05", "G01"}
#: Aid whose conditions are not set activity by activity.
_UNCONDITIONAL_AID = _PLACELESS_AID | {"A01", "A02", "B03", "B04", "D01", "D02", "E01", "E02"}
#: The region for aid that no single country or region receives.
_NO_REGION = "998"


def title(activity: Activity) -> bool:
    """A title of at least 10 characters in one of its languages."""
    return longest_narrative(activity.all("title")) >= TITLE_CHARACTERS


def description(activity: Activity) -> bool:
    """A description of at least 80 characters in one of its languages."""
    return longest_narrative(activity.all("description")) >= DESCRIPTION_CHARACTERS


def planned_start(activity: Activity) -> bool:
    """A planned start (date type 1)."""
    return "1" in activity.values("activity-date", "type")


def planned_end(activity: Activity) -> bool | None:
    """A planned end (date type 3). Not asked of finance that has none, such as equity."""
    given = {*activity.values("default-finance-type", "code"), *activity.in_transactions("finance-type", "code")}
    return None if given & _OPEN_ENDED_FINANCE else "3" in activity.values("activity-date", "type")


def actual_start(activity: Activity) -> bool | None:
    """An actual start (date type 2). Asked once the activity is under way, being finished or closed."""
    return "2" in activity.values("activity-date", "type") if activity.has_begun else None


def actual_end(activity: Activity) -> bool | None:
    """An actual end (date type 4). Asked once the activity is being finished or closed."""
    return "4" in activity.values("activity-date", "type") if activity.has_status("3", "4") else None


def status(activity: Activity) -> bool:
    """A status from the codelist."""
    return activity.setting.is_on("ActivityStatus", activity.statuses)


def contact(activity: Activity) -> bool:
    """Someone to ask."""
    return bool(activity.all("contact-info"))


def sector(activity: Activity) -> bool:
    """A sector, for the activity or in a transaction."""
    return bool(activity.all("sector")) or activity.has_in_transactions("sector")


def sector_codes(activity: Activity) -> bool:
    """Every sector of the DAC vocabulary (1, or none named) is a purpose code of the list, and there is one."""
    sectors = [*activity.all("sector"), *activity.all_in_transactions("sector")]
    codes = [str(each.get("code", "")) for each in sectors if each.get("vocabulary") in {None, "1"}]
    return activity.setting.is_on("Sector", codes)


def _is_in_a_place(activity: Activity) -> bool:
    return (
        activity.has_begun
        and _NO_REGION not in activity.values("recipient-region", "code")
        and not (activity.default_aid_types | activity.transaction_aid_types) & _PLACELESS_AID
    )


def location(activity: Activity) -> bool | None:
    """A place below the level of the country. Not asked of aid that has no place."""
    return bool(activity.all("location")) if _is_in_a_place(activity) else None


def location_found(activity: Activity) -> bool | None:
    """A place given by a point, or by a code of a known gazetteer or of administrative areas.

    Not asked of aid that has no place.
    """
    if not _is_in_a_place(activity):
        return None
    places = activity.all("location")
    coded = [each for place in places for tag in ("administrative", "location-id") for each in place.iterfind(tag)]
    return any(place.find("point") is not None for place in places) or any(
        activity.setting.is_on("GeographicVocabulary", [str(each.get("vocabulary", ""))]) for each in coded
    )


def _may_have_conditions(activity: Activity) -> bool:
    return activity.has_begun and not activity.default_aid_types & _UNCONDITIONAL_AID


def conditions(activity: Activity) -> bool | None:
    """It is stated whether there are conditions, and which. Not asked of aid that has none of its own."""
    return bool(activity.all("conditions")) if _may_have_conditions(activity) else None


def conditions_document(activity: Activity) -> bool | None:
    """A document of category A04 (conditions). Not asked where it is stated that there are no conditions."""
    without = any(value.strip() in {"0", "false"} for value in activity.values("conditions", "attached"))
    if without or not _may_have_conditions(activity):
        return None
    return "A04" in activity.document_categories


def identifier(activity: Activity) -> bool:
    """The identifier begins with the reporting organisation's, or with a former one (other identifier of type B1)."""
    former = [str(each.get("ref", "")) for each in activity.all("other-identifier") if each.get("type") == "B1"]
    return any(prefix and activity.identifier.startswith(prefix) for prefix in (activity.publisher, *former))


INDICATORS = tuple(
    Indicator(id=key, name=name, component=Component.ATTRIBUTES, weight=Decimal(weight), activity_tests=tests)
    for key, name, weight, tests in (
        ("title", "Title", "1.00", (title,)),
        ("description", "Description", "3.00", (description,)),
        ("planned-dates", "Planned dates", "1.00", (planned_start, planned_end)),
        ("actual-dates", "Actual dates", "1.00", (actual_start, actual_end)),
        ("status", "Current status", "1.00", (status,)),
        ("contact", "Contact details", "1.00", (contact,)),
        ("sectors", "Sectors", "2.50", (sector, sector_codes)),
        ("location", "Sub-national location", "3.50", (location, location_found)),
        ("conditions", "Conditions", "3.50", (conditions, conditions_document)),
        ("identifier", "Unique identifier", "2.50", (identifier,)),
    )
)
