"""The lists of what is public: a page for people, ``datasets.json`` for programs."""

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from typing_extensions import TypedDict

from app.config import Settings
from app.publishing.releasing.queries import PublicRow
from app.publishing.releasing.targets import Target


class Dataset(TypedDict):
    """A public file."""

    dataset: str
    url: str
    file_type: str
    reporting_org: str
    part: str
    records: int
    bytes: int
    sha256: str
    #: when what the address gives changed last
    changed_at: str
    #: its newest content; null where no record says when it changed
    content_at: str | None


class Datasets(TypedDict):
    """All of them."""

    datasets: list[Dataset]


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def datasets(public: Sequence[PublicRow], address: str) -> Datasets:
    """What is public below an address."""
    return {
        "datasets": [
            {
                "dataset": row.dataset,
                "url": f"{address}/{row.dataset}.xml",
                "file_type": row.file_type or "",
                "reporting_org": row.reporting_org,
                "part": row.part or "",
                "records": row.activities or 0,
                "bytes": row.size or 0,
                "sha256": row.sha256 or "",
                "changed_at": _moment(row.changed_at),
                "content_at": None if row.content_at is None else _moment(row.content_at),
            }
            for row in public
            if row.file_id is not None
        ]
    }


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Published IATI files</title>
</head>
<body>
<h1>Published IATI files</h1>
{content}
<p>For programs: <a href="datasets.json">datasets.json</a></p>
</body>
</html>
"""


def page(public: Sequence[PublicRow]) -> str:
    """The same for people."""
    rows = [
        f'<tr><td><a href="{escape(row.dataset)}.xml">{escape(row.dataset)}</a></td><td>{escape(row.part or "")}</td>'
        f"<td>{escape(row.reporting_org)}</td><td>{row.activities:,}</td><td>{(row.size or 0) / 1e6:,.1f} MB</td>"
        f"<td>{row.changed_at.date()}</td></tr>"
        for row in public
        if row.file_id is not None
    ]
    head = "".join(f"<th>{name}</th>" for name in ("dataset", "holds", "reported by", "records", "size", "changed"))
    # on a narrow screen the table moves sideways, and not the page
    place = '<div style="overflow-x: auto" role="region" aria-label="Files" tabindex="0">'
    table = f"{place}<table>\n<tr>{head}</tr>\n{chr(10).join(rows)}\n</table></div>"
    listed = table if rows else "<p>Nothing is published yet.</p>"
    return _PAGE.format(content=listed)


def write_lists(target: Target, public: Sequence[PublicRow], settings: Settings) -> None:
    """Writes both beside the files."""
    with tempfile.TemporaryDirectory(prefix="earmark-lists-") as name:
        listed, shown = Path(name) / "datasets.json", Path(name) / "index.html"
        found = datasets(public, settings.files_address)
        listed.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        shown.write_text(page(public), encoding="utf-8")
        target.put("datasets.json", listed, "application/json")
        target.put("index.html", shown, "text/html; charset=utf-8")
