"""A crawl is divided over processes: each pair of person and language is in one part, and a slip is told at once."""

import pytest

from tests.crawl.__main__ import PEOPLE, visits

NAMES = ("CRAWL_PEOPLE", "CRAWL_LANGUAGES", "CRAWL_PART")


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_parts_together_are_everybody_in_every_language_once(monkeypatch: pytest.MonkeyPatch) -> None:
    every = visits()
    assert len(every) == len(PEOPLE) * 3
    for parts in (2, 3, 5):
        found = []
        for nth in range(1, parts + 1):
            monkeypatch.setenv("CRAWL_PART", f"{nth}/{parts}")
            some = visits()
            assert abs(len(some) - len(every) / parts) < 1
            found += some
        assert sorted(found) == sorted(every)


def test_parts_are_parts_of_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRAWL_PEOPLE", "olga,visitor")
    monkeypatch.setenv("CRAWL_LANGUAGES", "es")
    assert visits() == [("olga", "es"), ("visitor", "es")]
    monkeypatch.setenv("CRAWL_PART", "2/2")
    assert visits() == [("visitor", "es")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CRAWL_PEOPLE", "olga,nobody"),
        ("CRAWL_LANGUAGES", "de"),
        ("CRAWL_PART", "0/2"),
        ("CRAWL_PART", "3/2"),
        ("CRAWL_PART", "2"),
        ("CRAWL_PART", "one/two"),
        ("CRAWL_PART", "22/22"),
    ],
)
def test_who_or_what_there_is_not_is_told_before_the_example_is_made(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as told:
        visits()
    assert isinstance(told.value.code, str)
