"""Drafts: records that came from a file which breaks the standard in some place.

All that could be read of them is stored; no publication shows them until they are mended, by a newer file or here.
"""

from app.db.projects import Findings


def why_held_back(findings: Findings) -> str:
    """Why a draft is held back, and the ways out."""
    first = findings[0]
    count = sum(each["severity"] == "critical" for each in findings)
    places = "one place" if count == 1 else f"{count} places"
    where = first["file"] if first["line"] is None else f"line {first['line']} of {first['file']}"
    begins = "" if count == 1 else "first "
    out = "Import a mended file, or correct the record here."
    if first["repairable"]:
        out = "Import the file again with --repair, or correct the record here."
    return f"a draft, since its file breaks the standard in {places} ({begins}{where}): {first['message']} {out}"
