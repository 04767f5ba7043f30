"""What an event of the audit trail did, field by field, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.language.i18n import LANGUAGES, USUAL, Words, mark, spelled
from app.language.i18n import words as words_of
from app.language.reasons import with_days
from app.publishing.codes import names_of


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field of an event: what it was and what it became."""

    field: str
    before: str
    after: str
    #: a whole row that one of many was stored with
    is_row: bool = False


#: what an event of the audit trail did
ACTIONS = (mark("Create"), mark("Update"), mark("Delete"), mark("Import"))
#: columns of tables that no form asks for, and who works without a person
COLUMNS = (
    mark("Account"),
    mark("Approved at"),
    mark("Published at"),
    mark("Expires at"),
    mark("Recorded at"),
    mark("Recorded by"),
    mark("Budget currency"),
    mark("Entry kind"),
    mark("Identifier frozen"),
    mark("In parts"),
    mark("Known on"),
    mark("Origin"),
    mark("Receiver activity"),
    mark("Reporting org"),
    mark("Rows"),
    mark("Sequence"),
    mark("From item"),
    mark("To item"),
    mark("Hint"),
    mark("Title translations"),
    mark("command line"),
)
#: columns of keys and marks that tell a reader nothing
_SILENT = frozenset({"id", "version", "ordinal", "content_version", "remainder", "published_hash"})
#: columns that hold an amount or another figure, as programs write it
_FIGURES: Final = re.compile(r"(?:.*_)?(?:amount|budget|percentage|rate|value)")
_FIGURE: Final = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,12})?")
#: (table, column) → the list of codes whose names are shown
_LISTS: Final = {("ledger_entries", "type"): "TransactionType"}
#: rows of one event that are shown, and the columns by which people know a row
_ROWS, _KNOWN_BY = 50, ("code", "reference", "document", "name", "title")


def subject(item: Mapping[str, Any]) -> str:
    """By what people know the record of an event; its number where it has no name, and where many were stored."""
    held = {**(item["before"] or {}), **(item["after"] or {})}
    return next((str(held[name]) for name in _KNOWN_BY if held.get(name)), str(item["entity_id"]))


def changes(
    entity: str, before: Mapping[str, object] | None, after: Mapping[str, object] | None, words: Words
) -> list[Change]:
    """What an event changed. Many rows that one event stored are told row by row, each by what it is known by."""
    if isinstance(after, dict) and set(after) == {"columns", "rows"}:
        return list(_rows(entity, after["columns"], after["rows"], words))
    old, new = before or {}, after or {}
    names = dict.fromkeys([*new, *old])
    return [
        Change(
            field=words.word(name.removesuffix("_id")),
            before=_value(entity, name, old.get(name), words),
            after=_value(entity, name, new.get(name), words),
        )
        for name in names
        if name not in _SILENT and old.get(name) != new.get(name)
    ]


def _rows(entity: str, columns: Sequence[str], rows: Sequence[Sequence[object]], words: Words) -> Iterator[Change]:
    """One line for each row: its key, and beside it what else it holds. Keys of other tables tell a reader nothing."""
    for number, row in enumerate(rows[:_ROWS], 1):
        held = dict(zip(columns, row, strict=False))
        key = next((name for name in _KNOWN_BY if held.get(name)), "")
        told = [
            f"{words.word(name)}{words.colon} {text}"
            for name, value in held.items()
            if name != key and name not in _SILENT and not name.endswith("_id") and value is not False
            if (text := _value(entity, name, value, words))
        ]
        yield Change(
            field=str(held[key]) if key else words.number(number), before="", after=" · ".join(told), is_row=True
        )
    if len(rows) > _ROWS:
        yield Change(field="…", before="", after=words.gettext(MORE) % {"count": words.number(len(rows) - _ROWS)})


MORE: Final = mark("and %(count)s more")


def _value(entity: str, name: str, value: object, words: Words) -> str:
    if isinstance(value, str) and (codelist := _LISTS.get((entity, name))) is not None:
        return names_of(codelist, words.language).get(value, value)
    if isinstance(value, str) and _FIGURES.fullmatch(name) and _FIGURE.fullmatch(value):
        return words.number(Decimal(value))
    return _said(value, words)


_LONGEST = 300
#: values of closed lists, as the tables hold them
_TERM = re.compile(r"[a-z]+(?:[-_][a-z]+)*")


def _said(value: object, words: Words) -> str:
    match value:
        case None | [] | {}:
            return ""
        case bool():
            return words.gettext("yes") if value else words.gettext("no")
        case list() | tuple():
            text = ", ".join(_said(each, words) for each in value)
        case dict():
            text = ", ".join(f"{words.word(str(name))}: {_said(each, words)}" for name, each in value.items())
        case str() if is_term(value):
            text = words.word(value)
        case str():
            text = with_days(value, words)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_term(text: str) -> bool:
    """Whether a value is a term of a closed list and no name: terms are what the catalogues translate."""
    return bool(_TERM.fullmatch(text)) and any(
        words_of(language).knows(spelled(text)) for language in LANGUAGES if language != USUAL
    )
