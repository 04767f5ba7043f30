"""The tables of the drill's office, as an officer would hand them in."""

import csv
from pathlib import Path

DATASET = "xm-dac-41302-activities"


def write_tables(folder: Path, projects: int) -> list[tuple[str, Path]]:
    """Files for ``earmark import csv``: kind and path, in the order in which they are imported."""
    people = range(1, 41)
    tables: dict[str, tuple[list[str], list[list[str]]]] = {
        "units": (["code", "name"], [[f"U{n}", f"Unit {n}"] for n in people]),
        "officers": (
            ["code", "name", "email", "unit"],
            [[f"o{n}", f"Officer {n}", f"o{n}@example.org", f"U{n}"] for n in people],
        ),
        "projects": (
            ["code", "title", "description", "status", "planned_start", "planned_end", "actual_start", "total_budget",
             "currency", "unit", "officer", "countries", "sectors"],
            [
                [f"P/{n:06}", f"Decent work number {n}", "Work that is safe and paid.", "implementation",
                 f"2024-{n % 12 + 1:02}-01", f"2027-{n % 12 + 1:02}-28", f"2024-{n % 12 + 1:02}-01",
                 str(200_000 + n % 50 * 100_000), "USD", f"U{n % 40 + 1}", f"o{n % 40 + 1}", "KE:60|UG:40", "16020:100"]
                for n in range(1, projects + 1)
            ],
        ),
    }  # fmt: skip
    found = []
    for kind, (columns, rows) in tables.items():
        path = folder / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows(rows)
        found.append((kind, path))
    return found
