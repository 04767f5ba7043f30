"""Results, indicators, baselines, periods and their figures."""

from app.publishing.mapping.binds import attribute, day, day_attribute, flag, translations, words
from app.publishing.mapping.shape import ALWAYS, Bind, Shape
from iati.lexical import LexicalError, parse_integer
from iati.model import Baseline, Dimension, Indicator, Measurement, Period, Result

RESULT: Shape[Result] = Shape(
    Result,
    attribute("type", required=True),
    flag("aggregation_status", "aggregation"),
    words("title", required=True),
    translations("title", "title_translations"),
    words("description"),
)

INDICATOR: Shape[Indicator] = Shape(
    Indicator,
    attribute("measure", required=True),
    flag("ascending"),
    flag("aggregation_status", "aggregation"),
    words("title", required=True),
    translations("title", "title_translations"),
    words("description"),
)


def _year() -> Bind[Baseline]:
    def read(node: Baseline) -> int:
        found = parse_integer(node.year)
        if found is not None and abs(found) > 9999:
            raise LexicalError(node.year or "", "a year")
        return found or 0

    def write(node: Baseline, value: int) -> None:
        node.typed_year = value

    return Bind("year", read, write, blank=ALWAYS, unread=0, field="year", text=str)


BASELINE: Shape[Baseline] = Shape(Baseline, _year(), day_attribute("iso_date"), attribute("value"), words("comment"))

PERIOD: Shape[Period] = Shape(Period, day("period_start", "starts_on"), day("period_end", "ends_on"))


def _dimensions() -> Bind[Measurement]:
    def read(node: Measurement) -> dict[str, str] | None:
        return {each.name or "": each.value or "" for each in node.dimension} or None

    def write(node: Measurement, value: dict[str, object] | None) -> None:
        node.dimension = [Dimension(name=name, value=str(each)) for name, each in (value or {}).items()]

    return Bind("dimensions", read, write)


MEASUREMENT: Shape[Measurement] = Shape(Measurement, attribute("value"), words("comment"), _dimensions())
