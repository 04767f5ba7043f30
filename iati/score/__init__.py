"""The tests of the Aid Transparency Index that can be computed from a publisher's files.

    >>> result = score([Path("activities.xml"), Path("organisation.xml")], as_of=date(2026, 11, 20))
    >>> result.score, result.attainable
    (Decimal('61.37'), Decimal('96.25'))

The index weighs its indicators in five components. The tests and weights here are those of its automated part, with
procurement and networked data given by their parts; what people judge is left out and named in `Score.left_out`. An
indicator's points are its weight times the share of records that pass, averaged over its tests. Only current
activities are looked at. The index itself also samples documents by hand, multiplies by how often data is published,
and removes activities that it finds out of scope, so its result may be lower.
"""

from iati.score.assess import (
    INDICATORS,
    ComponentResult,
    IndicatorResult,
    LeftOut,
    Outcomes,
    Score,
    Scorer,
    Tester,
    TestResult,
    score,
)
from iati.score.indicator import Component, Indicator, describe

__all__ = [
    "INDICATORS",
    "Component",
    "ComponentResult",
    "Indicator",
    "IndicatorResult",
    "LeftOut",
    "Outcomes",
    "Score",
    "Scorer",
    "TestResult",
    "Tester",
    "describe",
    "score",
]
