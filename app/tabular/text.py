"""Reads text files of cells, as they come: comma, semicolon or tab, in the encoding that their mark tells or that was
said. Holds one row at a time."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from app.domain.keys import without_marks
from app.errors import Fault, UsageError
from app.sheets import plain_text
from app.tabular.cells import BrokenCell, CellValue, RawRow
from app.tabular.elements import refused
from app.tabular.header import LOOKED_AT, Expected
from app.tabular.settings import UNSAID, FileSettings, settings_line

#: a cell longer than this is no table's cell
CELL_LIMIT = 100_000
#: what is looked at to tell the separator
_START = 256 * 1024
#: lines that tell what cells are put into: the header, and the row below it
_TELLING = 2
_PIECE = 1024 * 1024
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: how files begin that are other than tables, and what to do with each
_OTHERS = (
    (b"\x1f\x8b", "packed (.gz): unpack it, and give the table that it holds"),
    (b"PK\x05\x06", "an archive that holds nothing: save the table anew, as CSV or as a workbook"),
    (b"%PDF", "a PDF: ask for the table itself, as CSV or as a workbook"),
    (b"\x89PNG", "a picture: ask for the table itself, as CSV or as a workbook"),
    (b"\xff\xd8\xff", "a picture: ask for the table itself, as CSV or as a workbook"),
    (b"{\\rtf", "a text document: copy its table into a spreadsheet, and save that"),
    (b"{", "JSON, which programs send to the API: save it as a table, or send it there"),
    (b"[{", "JSON, which programs send to the API: save it as a table, or send it there"),
)
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(r"[^\s,;|\"]+")


def read_text(path: Path, settings: FileSettings, expected: Expected) -> tuple[FileSettings, Iterator[RawRow | Fault]]:
    """What the file says about itself, and its rows.

    :raises InvalidInput: for what is no text, or not in the encoding that is said.
    """
    with path.open("rb") as stream:
        raw = stream.read(_START)
    if raw[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        told = "The file is a web page or XML under another name: open it in a spreadsheet and save it as a workbook."
        raise refused("format", told)
    for start_of, what in _OTHERS:
        if raw.startswith(start_of):
            raise refused("format", f"The file is {what}.")
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), None) or settings.encoding or "utf-8"
    _check(path, encoding)
    start = codecs.getincrementaldecoder(encoding)().decode(raw)
    above, skipped = UNSAID, 0
    while (said := _settings_above(start)) is not None:
        above = above.filled_from(said)
        start = start.partition("\n")[2]
        skipped += 1
    settings = settings.filled_from(above)
    separator = settings.separator or _separator(start, skipped, settings.header_row, expected)
    return settings, _rows(path, encoding, skipped, separator, _quotation_mark(start, separator))


def _settings_above(text: str) -> FileSettings | None:
    try:
        return settings_line(text.partition("\n")[0])
    except UsageError as error:
        raise refused("setting", f"{error.message}.") from error


def _separator(text: str, skipped: int, header_row: int | None, expected: Expected) -> str:
    """What parts the cells, told from the line that holds every name needed, else from the first that holds any."""
    if expected.required:
        for line in islice(io.StringIO(text), LOOKED_AT):
            for sign in ";,\t|":
                names = {expected.name(without_marks(cell.strip().strip("\"'"))) for cell in line.split(sign)}
                if expected.required <= names:
                    return sign
    lines = iter(io.StringIO(text))
    for line in islice(lines, max((header_row or 1) - skipped - 1, 0), None):
        if line.strip():
            bare = _QUOTED.sub("", line)
            return max(",;\t", key=bare.count)
    return ","


def _quotation_mark(text: str, separator: str) -> str:
    """What cells are put into: a double mark, or a single one where the first lines put all words into these."""
    sign = re.escape(separator)
    # a cell begins behind its spaces, so that no two parts of the pattern can take the same ones
    cell = re.compile(rf"('(?:[^']|'')*'[^\S{sign}]*|[^{sign}']*)(?:{sign}|$)")
    spaces = re.compile(rf"[^\S{sign}]*")
    filled = (line.strip("\ufeff\r\n") for line in io.StringIO(text) if line.strip())
    for line in islice(filled, _TELLING):
        cells, place = [], 0
        while place < len(line):
            begun = spaces.match(line, place)
            if begun is None or (match := cell.match(line, begun.end())) is None:
                break
            cells.append(match[1])
            place = match.end()
        words = [each for each in cells if any(letter.isalpha() for letter in each)]
        if place >= len(line) and len(words) > 1 and all(each.startswith("'") for each in words):
            return "'"
    return '"'


def _check(path: Path, encoding: str) -> None:
    """Refuses a file that is not in its encoding, before any row of it is looked at."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                if "\0" in decoder.decode(piece):
                    stream.seek(0)
                    told = _without_mark(stream.read(_START))
                    raise refused("binary", told or "The file is not a table of text: save it as “CSV UTF-8”.")
            decoder.decode(b"", final=True)
    except UnicodeError as error:
        raw = path.read_bytes()
        start = _first_undecoded(raw, encoding)
        line = raw[:start].count(b"\n") + 1
        raise refused("encoding", _encoding_question(raw, start, encoding), line) from error


def _first_undecoded(raw: bytes, encoding: str) -> int:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    except UnicodeError:
        pass
    return 0


def _encoding_question(raw: bytes, start: int, encoding: str) -> str:
    advice = "save it as “CSV UTF-8”"
    if encoding not in ("utf-8", "utf-8-sig"):
        return f"The file is not {encoding}: say another --encoding, or {advice}."
    if (told := _without_mark(raw)) is not None:
        return told
    line = raw[raw.rfind(b"\n", 0, start) + 1 : start + 80].partition(b"\n")[0]
    before = len(raw[raw.rfind(b"\n", 0, start) + 1 : start])
    readings = []
    for name in ("windows-1252", "mac-roman", "cp850"):
        text = line.decode(name, errors="replace")
        word = next((match[0] for match in _WORD.finditer(text) if match.start() <= before < match.end()), "")
        if word and "\ufffd" not in word and word.isprintable():
            readings.append(f"--encoding {name} reads “{word}”")
    if not readings:
        return f"The file is not UTF-8: {advice}, or say how it is written."
    return f"The file is not UTF-8: {advice}, or say how it is written ({', '.join(readings)})."


def _without_mark(raw: bytes) -> str | None:
    """What to say of a file in UTF-16 whose mark is missing: every other byte is empty."""
    start = raw[:1000]
    if start.count(0) <= len(start) // 3:
        return None
    order = "le" if start[1:2] == b"\0" else "be"
    return f"The file is not UTF-8: say --encoding utf-16-{order}, or save it as “CSV UTF-8”."


def _rows(path: Path, encoding: str, skipped: int, separator: str, mark: str) -> Iterator[RawRow | Fault]:
    csv.field_size_limit(CELL_LIMIT)
    with path.open(encoding=encoding, newline="") as stream:
        for _ in range(skipped):
            stream.readline()
        reader = csv.reader(stream, delimiter=separator, quotechar=mark, strict=True)
        while True:
            start = reader.line_num + skipped + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Fault(row=start, rule="table.format", message=_unreadable(str(error)))
                return
            if any(cell and not cell.isspace() for cell in cells):
                yield start, _cells(cells)


def _cells(cells: list[str]) -> list[CellValue]:
    """The cells of a row; where all of it is plain, as most are, none has to be looked at by itself."""
    together = "".join(cells)
    if together.isascii() and "'" not in together:
        return [cell.strip() for cell in cells]
    return [_cell(cell) for cell in cells]


def _cell(cell: str) -> CellValue:
    if "\ufffd" in cell:
        return BrokenCell(message="A letter was lost here (�) when the file was saved: write it again.")
    return plain_text(cell.strip())


def _unreadable(reason: str) -> str:
    """The CSV reader's reason in words."""
    if "field larger" in reason:
        return f"A cell holds more than {CELL_LIMIT:,} characters: a quotation mark may be missing above."
    if "unexpected end" in reason:
        return "A quotation mark opens a cell here and is never closed: close it, or take it out."
    return "A quotation mark stands inside a cell: double it, and put the whole cell into quotation marks."
