"""Organisational planning and commitments: documents of the organisation file.

The index gives this component 15 points in eight equal parts. Two of them, the quality of freedom-of-information law or
disclosure policy and the accessibility of the organisation's data portal, are judged by people; see `NOT_COMPUTED`.
"""

from collections.abc import Callable
from decimal import Decimal

from iati.score.facts import Organisation
from iati.score.indicator import Component, Indicator

_WEIGHT = Decimal("1.875")

#: What the index judges and files cannot show: name, weight, why.
NOT_COMPUTED = (
    ("Quality of freedom-of-information law or disclosure policy", _WEIGHT, "judged from the law or policy itself"),
    ("Accessibility of the data portal", _WEIGHT, "judged from the organisation's web site"),
)


def strategy(organisation: Organisation) -> bool:
    """A document of category B02 (strategy of the organisation)."""
    return "B02" in organisation.document_categories


def annual_report(organisation: Organisation) -> bool:
    """A document of category B01 (annual report)."""
    return "B01" in organisation.document_categories


def allocation_policy(organisation: Organisation) -> bool:
    """A document of category B04 (how aid is allocated)."""
    return "B04" in organisation.document_categories


def procurement_policy(organisation: Organisation) -> bool:
    """A document of category B05 (how goods and services are bought)."""
    return "B05" in organisation.document_categories


def country_strategy(organisation: Organisation) -> bool:
    """A document of category B03, B11 or B13 (strategy for a country or sector, or an understanding with a country)."""
    return bool(organisation.document_categories & {"B03", "B11", "B13"})


def audit(organisation: Organisation) -> bool:
    """A document of category B06 (audit of the organisation)."""
    return "B06" in organisation.document_categories


def _indicator(key: str, name: str, test: Callable[[Organisation], bool]) -> Indicator:
    return Indicator(id=key, name=name, component=Component.PLANNING, weight=_WEIGHT, organisation_tests=(test,))


INDICATORS = (
    _indicator("strategy", "Organisation strategy", strategy),
    _indicator("annual-report", "Annual report", annual_report),
    _indicator("allocation-policy", "Allocation policy", allocation_policy),
    _indicator("procurement-policy", "Procurement policy", procurement_policy),
    _indicator("country-strategy", "Country or sector strategy", country_strategy),
    _indicator("audit", "Audit", audit),
)
