"""Facts of made-up activities as plain values, which both sides of the generation bench turn into a file."""

import json
from pathlib import Path
from typing import Any

PUBLISHER = "XM-DAC-41302"


def activity(number: int) -> dict[str, Any]:
    """One activity of the size that an agency publishes: two languages, two budgets, eight transactions."""
    code = f"{PUBLISHER}-BENCH{number:06d}"
    return {
        "identifier": code,
        "title": [["en", f"Decent work & skills, phase {number}"], ["fr", f"Travail décent, phase {number}"]],
        "description": [["en", "Young people find and keep work that pays <and lasts>. " * 6]],
        "participants": [["1", "XM-DAC-7", "10", "Ministry"], ["4", PUBLISHER, "40", "Organisation"]],
        "dates": [["1", "2024-01-01"], ["2", "2024-02-01"], ["3", "2027-12-31"]],
        "countries": [["KE", "60"], ["UG", "40"]],
        "budgets": [[f"{year}-01-01", f"{year}-12-31", f"{number * 7 + year}.50"] for year in (2024, 2025)],
        "transactions": [
            [f"{number}-{month}", "2" if month == 1 else "4", f"2024-{month:02d}-28", f"{number * month}.25"]
            for month in range(1, 9)
        ],
    }


def write(path: Path, count: int) -> None:
    """The facts of ``count`` activities, one JSON object a line."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(1, count + 1):
            stream.write(json.dumps(activity(number)) + "\n")
