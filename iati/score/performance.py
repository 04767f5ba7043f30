"""Performance."""

from decimal import Decimal

from iati.score.facts import Activity
from iati.score.indicator import Component, Indicator


def _is_work(activity: Activity, *excluded: str) -> bool:
    """Whether the activity has begun and is of no aid type for which the question makes no sense."""
    return activity.has_begun and not activity.default_aid_types & {"G01", *excluded}


def objectives(activity: Activity) -> bool | None:
    """A document of category A02 or a description of type 2 (objectives). Not asked of administration."""
    if not _is_work(activity):
        return None
    return "A02" in activity.document_categories or "2" in activity.values("description", "type")


def appraisal(activity: Activity) -> bool | None:
    """A document of category A01 (impact appraisal). Not asked of core contributions and administration."""
    return "A01" in activity.document_categories if _is_work(activity, "B02") else None


def evaluation(activity: Activity) -> bool | None:
    """A document of category A07 (review or evaluation).

    Asked of activities that are being finished or closed; one that is under way passes when it has one already. Not
    asked of administration.
    """
    if "G01" in activity.default_aid_types:
        return None
    if "A07" in activity.document_categories:
        return True
    return False if activity.has_status("3", "4") else None


def results(activity: Activity) -> bool | None:
    """Results as data. Not asked of debt relief and administration."""
    return bool(activity.all("result")) if _is_work(activity, "F01") else None


def results_document(activity: Activity) -> bool | None:
    """A document of category A08 (results). Not asked of debt relief and administration."""
    return "A08" in activity.document_categories if _is_work(activity, "F01") else None


INDICATORS = tuple(
    Indicator(id=key, name=name, component=Component.PERFORMANCE, weight=Decimal("5.00"), activity_tests=tests)
    for key, name, tests in (
        ("objectives", "Objectives", (objectives,)),
        ("appraisal", "Pre-project impact appraisals", (appraisal,)),
        ("evaluation", "Reviews and evaluations", (evaluation,)),
        ("results", "Results", (results, results_document)),
    )
)
