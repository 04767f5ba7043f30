"""Files of other kinds that go by the name of an XML file: told by their first bytes, or by their root element."""

from __future__ import annotations

from typing import Final

_ARCHIVE = "Unpack it and give the XML file that is inside."
_WORKBOOK = "Export the data as IATI XML from the program that keeps them, and give that file."
_WEB_PAGE = (
    "This is a web page and not an IATI file; perhaps the address has moved or asks for a login. Open the address in a "
    "browser, and save the IATI file itself."
)

#: How files of other kinds begin.
_FIRST_BYTES: Final = (
    (b"\x1f\x8b", f"This is a compressed file (gzip), only its name is that of an XML file. {_ARCHIVE}"),
    (b"BZh", f"This is a compressed file (bzip2), only its name is that of an XML file. {_ARCHIVE}"),
    (b"\xfd7zXZ\x00", f"This is a compressed file (xz), only its name is that of an XML file. {_ARCHIVE}"),
    (b"\x28\xb5\x2f\xfd", f"This is a compressed file (zstd), only its name is that of an XML file. {_ARCHIVE}"),
    (b"7z\xbc\xaf\x27\x1c", f"This is an archive (7z), only its name is that of an XML file. {_ARCHIVE}"),
    (b"Rar!", f"This is an archive (RAR), only its name is that of an XML file. {_ARCHIVE}"),
    (b"\xd0\xcf\x11\xe0", f"This is an old Office document (such as .xls or .doc). {_WORKBOOK}"),
    (b"%PDF", "This is a PDF document and not an IATI file. Give the XML file."),
    (b"{\\rtf", "This is a text document (RTF) and not an IATI file. Give the XML file."),
    (b"SQLite format 3\x00", "This is a database and not an IATI file. Give the XML file."),
    (b"\x89PNG", "This is a picture and not an IATI file. Give the XML file."),
    (b"\xff\xd8\xff", "This is a picture and not an IATI file. Give the XML file."),
)
#: Names of members that tell which archive a zip file is, in the order in which they are looked for.
_MEMBERS: Final = (
    (b"xl/", f"This is a workbook (such as .xlsx), only its name is that of an XML file. {_WORKBOOK}"),
    (b"opendocument.spreadsheet", f"This is a workbook (.ods), only its name is that of an XML file. {_WORKBOOK}"),
    (b"word/", "This is a text document (.docx) and not an IATI file. Give the XML file."),
    (b"opendocument.text", "This is a text document (.odt) and not an IATI file. Give the XML file."),
)
#: What the root elements of other kinds of XML say of their file, by name without prefix in small letters.
_ROOTS: Final = {
    "html": _WEB_PAGE,
    "workbook": f"This is a workbook that was saved as XML. {_WORKBOOK}",
    "rss": "This is a news feed and not an IATI file. Give the IATI file itself.",
    "feed": "This is a news feed and not an IATI file. Give the IATI file itself.",
    "error": "This is an error message of a web service and not an IATI file. Fetch the file again.",
    "iati-activity": 'The file holds one activity without its root. Put <iati-activities version="2.03"> around it.',
    "iati-organisation": (
        'The file holds one organisation without its root. Put <iati-organisations version="2.03"> around it.'
    ),
    "codelist": "This is a codelist and not a file of activities or organisations.",
}


def told_by_first_bytes(head: bytes) -> str | None:
    """What a file is whose first bytes are not those of text; None when they may be XML."""
    if head.startswith(b"PK\x03\x04"):
        for member, sentence in _MEMBERS:
            if member in head:
                return sentence
        return f"This is an archive (zip) or a workbook, only its name is that of an XML file. {_ARCHIVE}"
    for first, sentence in _FIRST_BYTES:
        if head.startswith(first):
            return sentence
    return None


def told_by_text(text: bytes) -> str | None:
    """What a file is that begins with text where markup should be; None when that cannot be said."""
    bare = text.lstrip()
    if bare.startswith((b"{", b"[")):
        return "This is JSON and not XML. Give the IATI file as XML."
    first_line = bare.partition(b"\n")[0]
    if any(first_line.count(mark) >= 2 for mark in (b",", b";", b"\t")):
        return f"This is a table (CSV) and not XML. {_WORKBOOK}"
    return None


def told_by_doctype(declaration: bytes) -> str | None:
    """What a file is whose document type definition is this; None when it may be XML."""
    words = declaration[:100].lower().split()
    return _WEB_PAGE if len(words) > 1 and words[1].startswith(b"html") else None


def told_by_root(name: str) -> str | None:
    """What a file is whose root element has this name, perhaps with a prefix; None when that cannot be said."""
    return _ROOTS.get(name.rpartition(":")[2].lower())
