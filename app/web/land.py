"""The land of the map, drawn once: ``python -m app.web.land land-110m.json > app/web/charts/land.txt``.

The file is from the package ``world-atlas`` (Natural Earth, public domain). Land alone is kept, in one path without
frontiers, on the Equal Earth projection, whose areas are true. Antarctica is left out.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from app.web.charts.world import place

Point = tuple[float, float]
#: land south of this is left out
_SOUTHERNMOST = -58.0


def arcs(topology: dict[str, list[list[list[int]]]], transform: dict[str, list[float]]) -> list[list[Point]]:
    """The lines of a TopoJSON file as degrees (longitude, latitude)."""
    (across, up), (west, south) = transform["scale"], transform["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            line.append((x * across + west, y * up + south))
        found.append(line)
    return found


def ring(numbers: Sequence[int], lines: Sequence[list[Point]]) -> list[Point]:
    """A closed line; a negative number is a line walked backwards."""
    points: list[Point] = []
    for number in numbers:
        line = lines[number] if number >= 0 else lines[~number][::-1]
        points += line[1:] if points else line
    return points


def unwound(points: Sequence[Point]) -> list[Point]:
    """The same line without a jump where it crosses the 180th meridian: longitudes go on beyond it."""
    turns, before, found = 0.0, points[0][0], []
    for longitude, latitude in points:
        if longitude - before > 180:
            turns -= 360
        elif before - longitude > 180:
            turns += 360
        before = longitude
        found.append((longitude + turns, latitude))
    return found


def within(points: Sequence[Point], edge: float, *, east: bool) -> list[Point]:
    """The part of a ring that lies on one side of a meridian."""
    found: list[Point] = []
    for (x, y), (last_x, last_y) in zip(points, [*points[-1:], *points[:-1]], strict=True):
        inside, was_inside = (x >= edge, last_x >= edge) if east else (x <= edge, last_x <= edge)
        if inside != was_inside:
            found.append((edge, last_y + (y - last_y) * (edge - last_x) / (x - last_x)))
        if inside:
            found.append((x, y))
    return found


def path(lines: Sequence[list[Point]], rings: Iterator[list[int]]) -> str:
    """The rings as one path."""
    drawn = []
    for numbers in rings:
        whole = unwound(ring(numbers, lines))
        if min(latitude for _, latitude in whole) < _SOUTHERNMOST:
            continue
        for turn in (-360.0, 0.0, 360.0):
            shifted = [(longitude + turn, latitude) for longitude, latitude in whole]
            part = within(shifted, -180, east=True)
            part = within(part, 180, east=False) if part else part
            if (shape := _shape(part)) is not None:
                drawn.append(shape)
    return "".join(drawn)


def _shape(points: Sequence[Point]) -> str | None:
    """A closed path in whole units, with steps from one point to the next; None for what is too small to be seen."""
    spots: list[tuple[int, int]] = []
    for longitude, latitude in points:
        x, y = place(longitude, latitude)
        spot = (round(x), round(y))
        if not spots or spot != spots[-1]:
            spots.append(spot)
    if len(set(spots)) < 3:
        return None
    steps = "".join(
        f"{x - before_x}{'' if y < before_y else ' '}{y - before_y} "
        for (before_x, before_y), (x, y) in pairwise(spots)
    )
    return f"M{spots[0][0]} {spots[0][1]}l{steps.rstrip()}z"


def main() -> int:
    """Prints the path of a TopoJSON file."""
    content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    (land,) = content["objects"]["land"]["geometries"]
    shapes = land["arcs"] if land["type"] == "MultiPolygon" else [land["arcs"]]
    sys.stdout.write(path(arcs(content, content["transform"]), (each for shape in shapes for each in shape)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
