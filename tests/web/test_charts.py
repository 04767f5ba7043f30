"""Pictures stay readable: no text leaves them however narrow their place, and no style stands in them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

import pytest
from lxml import etree
from markupsafe import Markup

from app.web.charts.bars import Bar, Column, Part, bars, sparkline, stacked, whole
from app.web.charts.svg import NARROWEST, SIZE
from app.web.charts.time import PaceWords, Window, pace, timeline

DAY = dt.date(2026, 6, 15)
LONG = "Ministère fédéral de la Coopération économique et du Développement & <partenaires>"
WORDS = PaceWords(
    spent="123,456,789 USD spent, 61.7%", allocated="of 200,000,000 USD allocated",
    elapsed="46% of the time has passed", projected="at this pace 134.1% at the end",
)  # fmt: skip
PICTURES: Mapping[str, Markup] = {
    "bars": bars("T", "D", [
        Bar(label=LONG, value=Decimal("99"), shown="1,234,567,890", target=Decimal("120")),
        Bar(label="none", value=Decimal("-3"), shown="-3", tone="bad"),
    ]),
    "no bars": bars("T", "D", []),
    "whole": whole("T", "D", [Part(label=LONG, value=Decimal(n), shown="1,234,567,890") for n in range(8)]),
    "nothing of a whole": whole("T", "D", [Part(label="a", value=Decimal(0), shown="0")]),
    "stacked": stacked("T", "D", ["core", LONG], [
        Column(label=str(2010 + n), values=[Decimal(n), Decimal(2 * n)], shown="1,234.5") for n in range(14)
    ]),
    "one column": stacked("T", "D", ["core"], [Column(label="2026", values=[Decimal(1)], shown="1")]),
    "sparkline": sparkline("T", "D", [Decimal(1), Decimal(5), Decimal(2)]),
    "a line of one": sparkline("T", "D", [Decimal(1)]),
    "timeline": timeline("T", "D", [
        Window(label=LONG, opens=DAY, due=DAY + dt.timedelta(days=90), closes=DAY + dt.timedelta(days=180)),
        Window(label="long ago", opens=dt.date(2004, 1, 1), due=dt.date(2005, 1, 1), closes=dt.date(2005, 2, 1)),
    ], DAY),
    "no windows": timeline("T", "D", [], DAY),
} | {
    f"pace {rate} {elapsed} {projected}": pace(
        "T", WORDS, rate=Decimal(rate), elapsed=Decimal(elapsed), projected=Decimal(projected)
    )
    for rate, elapsed, projected in (
        ("0.617", "0.46", "1.34"), ("0", "0.01", "0"), ("3", "1", "3"), ("-0.1", "1", "-0.1"), ("0.2", "0.35", "0.57"),
    )
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_and_no_shape_leaves_the_picture(name: str) -> None:
    root = etree.fromstring(PICTURES[name])
    height = _pixels(root.get("height", "0"))
    for width in (NARROWEST, 700):
        for text in root.iter("text"):
            across = len(text.text or "") * 6.6
            at = _pixels(text.get("x", "0"), width)
            left = at - {"start": 0, "middle": across / 2, "end": across}[text.get("text-anchor", "start")]
            assert left >= -4, (text.text, width)
            assert left + across <= width + 4, (text.text, width)
            assert 10 <= _pixels(text.get("y", "0")) <= height - 2
        for shape in root.iter("rect"):
            x, length = (_pixels(shape.get(side, "0"), width) for side in ("x", "width"))
            assert min(x, length) >= 0
            assert x + length <= width + 0.5
            assert _pixels(shape.get("y", "0")) >= 0
            assert _pixels(shape.get("y", "0")) + _pixels(shape.get("height", "0")) <= height + 0.1


def test_no_bar_reaches_the_figure_beside_it_where_the_page_is_narrow() -> None:
    for shown in ("5", "1,234,567,890", "12,345,678,901.23"):
        root = etree.fromstring(bars("T", "D", [Bar(label="a", value=Decimal(1), shown=shown)]))
        left = NARROWEST - len(shown) * 7.4
        for shape in root.iter("rect"):
            assert _pixels(shape.get("width", "0"), NARROWEST) <= left - 4


@pytest.mark.parametrize("count", range(1, 31))
def test_no_sum_lies_on_its_neighbour_where_the_page_is_narrow(count: int) -> None:
    columns = [Column(label=str(2000 + n), values=[Decimal(n)], shown="120.2 M") for n in range(count)]
    root = etree.fromstring(stacked("T", "D", ["spent"], columns))
    spans: dict[str, list[tuple[float, float]]] = {}
    for each in root.iter("text"):
        across, at = len(each.text or "") * 6.6, _pixels(each.get("x", "0"), NARROWEST)
        left = at - {"start": 0, "middle": across / 2, "end": across}[each.get("text-anchor", "start")]
        spans.setdefault(each.get("y", ""), []).append((left, left + across))
    for line in spans.values():
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(line)))


def test_no_line_runs_through_a_name_in_the_timeline() -> None:
    root = etree.fromstring(PICTURES["timeline"])
    names = [_pixels(text.get("y", "0")) for text in root.iter("text") if text.get("class") == "named"]
    assert len(names) == 2
    kinds = {}
    for each in root.iter("line"):
        pieces = list(_pieces(each))
        kinds[each.get("class")] = len(pieces)
        assert [(top, y) for top, bottom in pieces for y in names if top < y + 4 and bottom > y - 11] == []
    # a piece beside each of the windows
    assert kinds == {"grid": 2, "today": 2, "target": 1}


def _pieces(line: etree._Element) -> Iterator[tuple[float, float]]:
    """From where to where a line is drawn."""
    top, bottom = (_pixels(line.get(name, "0")) for name in ("y1", "y2"))
    drawn, left_out = (_pixels(each) for each in line.get("stroke-dasharray", "1e9 0").split())
    while top < bottom:
        yield top, min(top + drawn, bottom)
        top += drawn + left_out


def _pixels(value: str, width: int = 0) -> float:
    """A length where text has its ordinary size."""
    if value.endswith("%"):
        return float(value[:-1]) * width / 100
    return round(float(value[:-2]) * SIZE, 1) if value.endswith("em") else float(value)


@pytest.mark.parametrize("name", sorted(PICTURES.keys() - {"sparkline", "a line of one"}))
def test_every_length_follows_the_width_or_the_size_of_the_text(name: str) -> None:
    root = etree.fromstring(PICTURES[name])
    lengths = {
        value
        for each in root.iter("svg", "rect", "line", "text")
        for key in ("x", "y", "x1", "x2", "y1", "y2", "width", "height", "stroke-dasharray")
        for value in each.get(key, "0").split()
    }
    assert {value for value in lengths if value != "0" and not value.endswith(("%", "em"))} == set()


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_hold_no_style_and_say_what_they_show(name: str) -> None:
    assert "style" not in PICTURES[name]
    assert "http" not in PICTURES[name]
    assert etree.fromstring(PICTURES[name]).findtext("title") == "T"
    assert len(PICTURES[name]) < 6000


def test_what_the_words_hold_stays_words() -> None:
    assert "<partenaires>" not in "".join(PICTURES.values())
