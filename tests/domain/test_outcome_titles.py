"""What the code of an outcome is called on a day, where several frameworks number theirs alike."""

import datetime as dt

from app.domain.framework import Item
from app.domain.outcome_titles import titles_on
from app.domain.periods import Period


def _item(framework: str, level: str, code: str, title: str) -> Item:
    return Item(framework=framework, level=level, code=code, title=title, target=None, result=None)


def _years(first: int, last: int) -> Period:
    return Period(start=dt.date(first, 1, 1), end=dt.date(last, 12, 31))


ITEMS = [
    _item("2020-21", "outcome", "4", "Enterprises"), _item("2020-21", "outcome", "8", "Protection for all"),
    _item("2022-23", "outcome", "4", "Sustainable enterprises"), _item("2022-23", "output", "4.1", "Better policies"),
    _item("GEAP", "objective", "4", "Equal pay"), _item("GEAP", "indicator", "4.1", "Pay gap"),
    _item("some day", "outcome", "9", "Beyond"),
]  # fmt: skip
TIMES = {"2020-21": _years(2020, 2021), "2022-23": _years(2022, 2023), "GEAP": _years(2022, 2025), "some day": None}


def test_a_title_is_that_of_the_framework_in_force_and_else_names_whose_it_is() -> None:
    def title(code: str, year: int) -> str:
        return titles_on(dt.date(year, 6, 30), ITEMS, TIMES, {}).of(code)

    assert [title("4", year) for year in (2020, 2022)] == ["Enterprises", "Sustainable enterprises"]
    # after the last one its titles stay, before the first one those that come: both say of which framework they are
    assert title("4", 2027) == "Sustainable enterprises (2022-23)"
    assert title("4", 2012) == "Enterprises (2020-21)"
    assert title("8", 2023) == "Protection for all (2020-21)"
    assert [title(code, 2022) for code in ("4.1", "9", "unheard")] == ["Better policies", "Beyond (some day)", ""]


def test_the_highest_level_names_outcomes_where_no_framework_calls_one_so() -> None:
    plan = [item for item in ITEMS if item.framework == "GEAP"]
    assert titles_on(dt.date(2023, 1, 1), plan, TIMES, {}).labels() == {"4": "4 · Equal pay"}
