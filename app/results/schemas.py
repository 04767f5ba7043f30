"""What goes in and comes out about the logframe of projects and the organisation's results framework."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from app.domain.regions import region_called
from app.http.fields import Output, RemarkOut
from app.http.lists import KeptPage
from app.inputs import Amount, CodeText, Day, Input, KeyLine, Line, ListCode, Partial, Reference, StartDay, Text, Value

#: IATI result types by the names people write
RESULT_TYPES = {"output": "1", "outcome": "2", "impact": "3", "other": "9"}
#: IATI indicator measures by the names people write
MEASURES = {"unit": "1", "percentage": "2", "nominal": "3", "ordinal": "4", "qualitative": "5"}


def _code_among(words: Mapping[str, str]) -> BeforeValidator:
    """Takes a word, or its IATI code, for the code that is kept; what is neither is told by the words."""

    def code(value: object) -> str:
        given = value.strip().lower() if isinstance(value, str) else ""
        if given in words.values():
            return given
        if given not in words:
            raise ValueError(f"Write one of {', '.join(words)}.")
        return words[given]

    return BeforeValidator(code)


def word_of(words: Mapping[str, str], code: str) -> str:
    """The word that people write for a code that is kept; a code without a word stands for itself."""
    return next((word for word, known in words.items() if known == code), code)


def _among(words: Mapping[str, str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [*words, *words.values()]})


ResultType = Annotated[Literal["1", "2", "3", "9"], _code_among(RESULT_TYPES), _among(RESULT_TYPES)]
Measure = Annotated[Literal["1", "2", "3", "4", "5"], _code_among(MEASURES), _among(MEASURES)]
Year = Annotated[int, Field(ge=1900, le=2200)]


class ResultIn(Input):
    """One period of one indicator of a result.

    Table: ``results``, matched by project, result, indicator and period; baseline and measure belong to the indicator,
    the type to the result, and the last row that names them counts.
    """

    project: CodeText = Field(description="Code of the project", examples=["RAF/20/50/NLD"])
    result: KeyLine = Field(description="Title of the result", examples=["Inspectors enforce the law"])
    type: ResultType = Field(default="1", description="output, outcome, impact or other", examples=["output"])
    indicator: KeyLine = Field(description="Title of the indicator", examples=["Inspectors trained"])
    measure: Measure = Field(
        default="1", description="unit, percentage, nominal, ordinal or qualitative", examples=["unit"]
    )
    baseline_year: Year | None = Field(default=None, description="Year of the baseline", examples=["2024"])
    baseline_value: Value | None = Field(default=None, description="Value of the baseline", examples=["0"])
    period_start: StartDay | None = Field(default=None, description="First day of the period", examples=["2026-01-01"])
    period_end: Day | None = Field(default=None, description="Last day of the period", examples=["2026-12-31"])
    target: Value | None = Field(default=None, description="Target of the period", examples=["120"])
    actual: Value | None = Field(default=None, description="Value reached in the period", examples=["95"])
    note: Text | None = Field(default=None, description="Internal note of the result, never published")


#: what stands beside the regions in a report, or what one of the columns of the table is nearly called
_NO_REGIONS = frozenset(
    (
        "outcome", "output", "indicator", "objective", "level", "code", "title", "unit", "target", "targets", "result",
        "results", "result_total", "total", "over_target", "indicators", "above", "on", "below", "against_target",
        "baseline", "basis", "loaded", "note", "notes", "year", "period", "measure",
    )
)  # fmt: skip


def _region(name: str) -> str:
    if re.sub(r"[\s_-]+", "_", name.casefold()) in _NO_REGIONS:
        raise ValueError(f"“{name}” is no region: leave the column out, or correct its name.")
    return region_called(name)


def _regions_once(given: object) -> object:
    """Two columns of one region would leave one figure."""
    if isinstance(given, Mapping):
        known: dict[str, str] = {}
        for name in given:
            other = known.setdefault(region_called(str(name).strip()), str(name))
            if other != str(name):
                raise ValueError(f"{other} and {name} are the same region: keep one.")
    return given


#: a region of the organisation by its code or name; the five usual ones are kept by their codes
RegionName = Annotated[KeyLine, StringConstraints(max_length=60), AfterValidator(_region)]
Regions = Annotated[dict[RegionName, Amount], BeforeValidator(_regions_once)]


def _in_figures(value: object) -> object:
    """Printed plans have targets such as “unmodified” in the column of the figures."""
    if isinstance(value, str) and value.strip() and not any(sign.isdigit() for sign in value):
        raise ValueError("Here goes a number: what is told in words goes into target_text or result_text.")
    return value


#: a target or a result, which some plans tell in words
Figure = Annotated[Amount, BeforeValidator(_in_figures)]


class FrameworkIn(Input):
    """An outcome, output or indicator, or an item of another level, of a results framework.

    Table: ``results-framework``, matched by framework, level and code; every further column is a region.
    """

    framework: Reference = Field(description="Biennium or code of the framework", examples=["2026-27"])
    level: ListCode = Field(
        description="outcome, output or indicator, or another level such as objective", examples=["indicator"]
    )
    code: ListCode = Field(description="Code within the framework", examples=["1.1.2"])
    title: Line = Field(description="Title", examples=["Labour inspectorates modernised"])
    target: Figure | None = Field(default=None, description="Target", examples=["15"])
    result_total: Figure | None = Field(default=None, description="Result over all regions", examples=["12"])
    regions: Regions = Field(default_factory=dict, max_length=60, description="Result by region")
    note: Text | None = Field(default=None, description="Internal note")
    unit: Line | None = Field(
        default=None,
        description="What it counts, such as countries; other units are not summed",
        examples=["countries"],
    )
    measure: Literal["number", "percentage", "qualitative"] | None = Field(
        default=None, description="number, percentage or qualitative", examples=["number"]
    )
    target_text: Line | None = Field(
        default=None, description="What is aimed at, of an indicator that is told in words"
    )
    baseline_year: Year | None = Field(default=None, description="Year of the baseline", examples=["2025"])
    baseline_value: Value | None = Field(default=None, description="Value of the baseline", examples=["0"])
    result_text: Line | None = Field(
        default=None, description="What was reached, of an indicator that is told in words"
    )
    better: Literal["higher", "lower"] | None = Field(
        default=None, description="lower where the target is a ceiling, such as 3 months at most; empty: higher"
    )


class FullBaseline(Input):
    year: Year
    value: Line | None = None
    comment: Text | None = None


class FullPeriod(Input):
    period_start: StartDay | None = None
    period_end: Day | None = None
    target: Value | None = None
    actual: Value | None = None


class FullIndicator(Input):
    indicator: KeyLine
    measure: Measure = "1"
    ascending: bool | None = None
    baseline: FullBaseline | None = None
    periods: list[FullPeriod] = Field(default_factory=list, max_length=100)


class FullResult(Input):
    """A whole result of a project, with its indicators and their periods."""

    result: KeyLine = Field(examples=["Inspectors enforce the law"])
    type: ResultType = Field(default="1", examples=["output"])
    description: Text | None = None
    indicators: list[FullIndicator] = Field(default_factory=list, max_length=100)
    note: Text | None = None


class NewResult(FullResult):
    """A result of a project, with its indicators and their periods."""

    project: CodeText = Field(description="Code of the project", examples=["RAF/20/50/NLD"])


FullResultPatch = Partial[FullResult]
FrameworkPatch = Partial[FrameworkIn]


class BaselineOut(Output):
    year: int
    value: str | None
    comment: str | None


class PeriodOut(Output):
    period_start: dt.date | None
    period_end: dt.date | None
    target: str | None
    actual: str | None


class IndicatorOut(Output):
    id: int
    indicator: str
    measure: str
    ascending: bool | None
    baseline: BaselineOut | None
    periods: list[PeriodOut]


class ResultOut(Output):
    id: int
    version: int
    project: str
    result: str
    type: str
    description: str | None
    note: str | None
    indicators: list[IndicatorOut]
    archived_at: dt.datetime | None


class FrameworkOut(Output):
    id: int
    version: int
    framework: str
    level: str
    code: str
    title: str
    target: Decimal | None
    result_total: Decimal | None
    regions: dict[str, str]
    note: str | None
    unit: str | None
    measure: str | None
    target_text: str | None
    baseline_year: int | None
    baseline_value: str | None
    result_text: str | None
    better: Literal["higher", "lower"] | None
    archived_at: dt.datetime | None


class FrameworkNewOut(FrameworkOut):
    """An item that was added, with what somebody should look at all the same."""

    remarks: list[RemarkOut]


class ResultPage(KeptPage):
    """Filters of results."""

    project: CodeText | None = Field(default=None, description="code of the project")
    type: ResultType | None = None
    q: Line | None = Field(default=None, description="text in the title")


class FrameworkPage(KeptPage):
    """Filters of results frameworks."""

    framework: Reference | None = None
    level: ListCode | None = None
    code: ListCode | None = None
