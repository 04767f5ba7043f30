"""How one file is written: what a person says about it, on the command line or in lines above its header."""

import re
from dataclasses import dataclass, fields, replace
from typing import Final

from app.domain.notation import GROUPINGS, DateOrder, Notation
from app.errors import UsageError

#: words for signs that a command line or a line of a file swallows
_NAMES: Final = {"space": " ", "none": "", "comma": ",", "point": ".", "dot": ".", "apostrophe": "'", "tab": "\t"}
_LINE = re.compile(r'"?(sep|decimal|grouping|dates)=([^"]*?)"?[,;\t]*\r?', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSettings:
    """What is said about a file; None: nothing, so that it is told from the file or refused with the question."""

    #: the decimal sign, ``.`` or ``,``
    decimal: str | None = None
    #: what parts groups of three digits
    grouping: str | None = None
    dates: DateOrder | None = None
    #: name of the encoding of a text file
    encoding: str | None = None
    #: number of the row that holds the names of the columns
    header_row: int | None = None
    #: name of the sheet of a workbook
    sheet: str | None = None
    #: what parts the cells of a text file
    separator: str | None = None
    #: what becomes of rows that a workbook hides: ``read`` or ``skip``
    hidden_rows: str | None = None
    #: whether decimal and grouping are only how people of a language write: what may mean two numbers is asked back
    presumed: bool | None = None

    @property
    def notation(self) -> Notation:
        """How the file writes, with the decimal sign that what parts thousands leaves where nobody said another.

        :raises UsageError: when the signs contradict each other.
        """
        decimal = _OPPOSITE.get(self.grouping, ".") if self.grouping and not self.decimal else self.decimal
        try:
            return Notation(
                decimal=decimal,
                grouping=self.grouping or "",
                dates=self.dates or DateOrder.ISO,
                presumed=bool(self.presumed),
            )
        except ValueError as error:
            raise UsageError(f"{error}: say --decimal , --grouping . or --decimal . --grouping ,") from error

    def filled_from(self, other: "FileSettings") -> "FileSettings":
        """These settings, and those of ``other`` where these say nothing; what is presumed gives way to that.

        Whoever says the decimal sign that was presumed leaves what is presumed to part thousands beside it; whoever
        says only what parts thousands leaves the presumed decimal sign, unless the one tells the other.
        """
        own = self
        if self.presumed and not other.presumed:
            decimal = other.decimal or _OPPOSITE.get(other.grouping or "")
            if other.grouping is not None or decimal not in (None, self.decimal):
                own = replace(own, grouping=None)
            if decimal is not None:
                own = replace(own, decimal=decimal, presumed=None)
        return replace(own, **{name: getattr(other, name) for name in NAMES if getattr(own, name) is None})


#: the decimal sign that a sign which parts thousands tells
_OPPOSITE: Final = {".": ",", ",": "."}
#: the names of the settings
NAMES: Final = tuple(each.name for each in fields(FileSettings))
#: nothing was said
UNSAID = FileSettings()


def said(
    *,
    decimal: str | None = None,
    grouping: str | None = None,
    dates: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
    separator: str | None = None,
    hidden_rows: str | None = None,
    presumed: bool | None = None,
) -> FileSettings:
    """Settings from words; ``UsageError`` says what each takes.

    What parts thousands says the decimal sign too where it is one of the two; a space leaves that to others.
    """
    found = FileSettings(
        decimal=_one_of("--decimal", decimal, (".", ",")),
        grouping=_one_of("--grouping", grouping, GROUPINGS),
        dates=_dates(dates),
        encoding=_encoding(encoding),
        header_row=_row(header_row),
        sheet=sheet,
        separator=_one_of("sep=", separator, (",", ";", "\t", "|")),
        hidden_rows=_one_of("--hidden-rows", hidden_rows, ("read", "skip")),
        presumed=presumed,
    )
    # signs that contradict each other are refused here
    _ = found.notation
    return found if decimal else replace(found, decimal=_OPPOSITE.get(found.grouping or ""))


def settings_line(line: str) -> FileSettings | None:
    """What a line above the header says (``sep=;``, ``decimal=,``, ``grouping=.``, ``dates=dmy``); None: it is none.

    Of what parts thousands it says that alone: the decimal sign may stand in the next line.

    :raises UsageError: for a value that the setting does not take.
    """
    match = _LINE.fullmatch(line)
    # the comma of "decimal=," is a value, not the separator of an empty cell behind it
    if match is None:
        return None
    name, value = match[1].lower(), match[2]
    if not value:
        value = line.partition("=")[2].strip('"\r')[:1]
    words = {name: value.strip(" ") or value}
    found = said(
        decimal=words.get("decimal"),
        grouping=words.get("grouping"),
        dates=words.get("dates"),
        separator=words.get("sep"),
    )
    return found if "decimal" in words else replace(found, decimal=None)


def _one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    sign = _NAMES.get(value.lower(), value)
    if sign not in allowed:
        names = {named: word for word, named in _NAMES.items() if word in ("space", "none", "tab")}
        raise UsageError(f"{option} takes {', '.join(names.get(each, each) for each in allowed)}, not {value!r}")
    return sign


def _dates(value: str | None) -> DateOrder | None:
    try:
        return None if value is None else DateOrder(value.lower())
    except ValueError:
        raise UsageError(f"--dates takes {', '.join(DateOrder)}, not {value!r}") from None


def _encoding(value: str | None) -> str | None:
    try:
        if value is not None:
            # names of codecs that change bytes into bytes are no encodings of a text
            b"a".decode(value)
    except UnicodeDecodeError:
        # it is one, in which a letter is more than a byte
        return value
    except (LookupError, ValueError):
        raise UsageError(
            f"--encoding knows no {value!r}: say utf-8, utf-16, windows-1252, latin-1, mac-roman or another one"
        ) from None
    return value


def _row(value: int | None) -> int | None:
    if value is not None and value < 1:
        raise UsageError("--header-row counts from 1")
    return value
