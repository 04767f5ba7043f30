"""The 896 results of a biennium as records: written out from the printed totals by indicator and region.

What is printed of marks is a share of all: the records bear them in turn, so that the shares come out as printed.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "results.csv"
#: a country that stands for the region
COUNTRIES = {
    "africa": "KE", "americas": "PE", "arab_states": "JO", "asia_pacific": "NP", "europe_central_asia": "AL",
}  # fmt: skip
#: indicators of outcomes 1 to 8 that count something else than results
OTHER_UNITS = {"2.2.1", "2.2.2", "2.3.1"}
#: results to which unearmarked voluntary money contributed, as printed; of outcome 1 in its first two outputs
UNEARMARKED = {"1": 23, "3": 10, "4": 18, "5": 5, "6": 6, "7": 19, "8": 11}
#: marks as printed, in results of 896: the share in percent, rounded
MARKED = {
    "gender-marker-3": 54, "gender-marker-2": 430, "gender-marker-1": 412, "disability": 179, "hiv": 108,
    "indigenous-peoples": 81, "crisis": 403, "sdg-8": 546,
}  # fmt: skip
COLUMNS = (
    "reference", "framework", "indicator", "year", "country", "sentence", "gender_marker", "sdg", "marks", "sources",
)  # fmt: skip


def framework() -> list[dict[str, str]]:
    with GOLDEN.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _places() -> Iterator[tuple[str, str]]:
    """(indicator, country) of every result."""
    for row in framework():
        if row["level"] == "indicator" and row["code"][0].isdecimal() and row["code"] not in OTHER_UNITS:
            for region, country in COUNTRIES.items():
                yield from ((row["code"], country) for _ in range(int(row[region] or 0)))


def records() -> list[dict[str, str]]:
    """One row for each result, as a table would bring it."""
    left = dict(UNEARMARKED)
    found = []
    for number, (indicator, country) in enumerate(_places()):
        outcome = indicator.split(".")[0]
        unearmarked = left.get(outcome, 0) > 0 and not indicator.startswith(("1.3", "1.4"))
        left[outcome] = left.get(outcome, 0) - unearmarked
        third, second = MARKED["gender-marker-3"], MARKED["gender-marker-2"]
        marks = [name for name in ("disability", "hiv", "indigenous-peoples", "crisis") if number < MARKED[name]]
        found.append({
            "reference": f"R-{number:03}",
            "framework": "2020-21",
            "indicator": indicator,
            "year": "2020" if number % 2 else "2021",
            "country": country,
            "sentence": f"Result {number} was achieved.",
            "gender_marker": "3" if number < third else "2" if number < third + second else "1",
            "sdg": "8.5|16.6" if number < MARKED["sdg-8"] else "1.3",
            "marks": "|".join(marks),
            "sources": "RBSA" if unearmarked else "",
        })  # fmt: skip
    return found


def table() -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(records())
    return text.getvalue()
