"""What an event of the audit trail did, field by field, in words.

Events hold what columns held, as JSON. How a value is said follows from the type of its column: amounts, days, moments
and terms of closed lists are said as people write them, and whatever is a text stands as it was recorded, so that
nobody reads of a code ``007`` as 7.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Date, Enum, String, Text
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

from app.db.tables import metadata
from app.db.types import Money, UTCDateTime
from app.language.i18n import LANGUAGES, USUAL, Words, mark, spelled
from app.language.i18n import words as words_of
from app.language.reasons import with_days
from app.publishing.codes import names_of
from app.web.queries_trail import KINDS, KNOWN_BY, names


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
#: (table, column) → the list of codes whose names are shown
_LISTS: Final = {("ledger_entries", "type"): "TransactionType"}
#: column → the lists of its codes, which are shown with their names beside them
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "activity_scope": ("ActivityScope",),
    "aid_type": ("AidType",),
    "collaboration_type": ("CollaborationType",),
    "country": ("Country",),
    "finance_type": ("FinanceType",),
    "flow_type": ("FlowType",),
    "iati_type": ("OrganisationType",),
    "sector": ("Sector", "SectorCategory"),
    "tied_status": ("TiedStatus",),
}
#: (kind, vocabulary) → the list of the codes of a classification; a vocabulary that is not said is the usual one
_CLASSIFIED: Final[Mapping[tuple[str, str], str]] = {
    ("country", ""): "Country",
    ("region", ""): "Region",
    ("region", "1"): "Region",
    ("sector", ""): "Sector",
    ("sector", "1"): "Sector",
    ("sector", "2"): "SectorCategory",
    ("tag", "2"): "UNSDG-Goals",
    ("tag", "3"): "UNSDG-Targets",
    ("policy-marker", ""): "PolicyMarker",
    ("policy-marker", "1"): "PolicyMarker",
}
#: rows of one event that are shown
_ROWS: Final = 50


#: by what people know records, by table and key as events write it
Called = Mapping[tuple[str, str], str]


def called(session: Session, items: Sequence[Mapping[str, Any]], words: Words) -> Called:
    """By what people know the record of each event, and those that its fields name.

    A record has one name in all events, which is what it is called now; one that is gone is called as its events have
    it. One without a name is told by its number, beside what it belongs to, and so are many that were stored at once.
    One statement for each table.
    """
    wanted: dict[str, set[int]] = {}
    told: dict[tuple[str, str], dict[str, object]] = {}
    for item in items:
        entity, number = item["entity"], item["entity_id"]
        if number.isdecimal():
            wanted.setdefault(entity, set()).add(int(number))
        held = told.setdefault((entity, number), {})
        for each in (item["after"] or {}, item["before"] or {}):
            for name, value in each.items():
                # the newest event stands first
                held.setdefault(name, value)
                if (of := _named_table(entity, name)) and isinstance(value, int):
                    wanted.setdefault(of, set()).add(value)
    for (entity, key), now in names(session, wanted).items():
        told.setdefault((entity, str(key)), {}).update(now)
    return {(entity, number): _called(entity, number, held, words) for (entity, number), held in told.items()}


@cache
def _named_table(entity: str, name: str) -> str | None:
    """The table whose key a column holds; None where it holds none."""
    found = metadata.tables.get(entity)
    if found is None or name not in found.c:
        return None
    return next((key.column.table.name for key in found.c[name].foreign_keys), None)


def _called(entity: str, number: str, held: Mapping[str, object], words: Words) -> str:
    name = next((str(held[name]) for name in KNOWN_BY if held.get(name)), "")
    if name and entity in KINDS and held.get("kind"):
        name = f"{words.word(str(held['kind']))} {name}"
    return f"{held['of']} · {name or number}" if held.get("of") else name or number


def changes(
    entity: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    words: Words,
    called: Called,
) -> list[Change]:
    """What an event changed; a field that names another record has the name that it is ``called`` by.

    Many rows that one event stored are told row by row, each by what it is known by.
    """
    if isinstance(after, dict) and set(after) == {"columns", "rows"}:
        return list(_rows(entity, after["columns"], after["rows"], words))
    old, new = before or {}, after or {}
    names = dict.fromkeys([*new, *old])
    return [
        Change(
            field=words.word(name.removesuffix("_id")),
            before=_value(entity, name, old.get(name), words, {**new, **old}, called),
            after=_value(entity, name, new.get(name), words, {**old, **new}, called),
        )
        for name in names
        if name not in _SILENT and old.get(name) != new.get(name)
    ]


def _rows(entity: str, columns: Sequence[str], rows: Sequence[Sequence[object]], words: Words) -> Iterator[Change]:
    """One line for each row: its key, and beside it what else it holds. Keys of other tables tell a reader nothing."""
    for number, row in enumerate(rows[:_ROWS], 1):
        held = dict(zip(columns, row, strict=False))
        key = next((name for name in KNOWN_BY if held.get(name)), "")
        told = [
            f"{words.word(name)}{words.colon} {text}"
            for name, value in held.items()
            if name != key and name not in _SILENT and not name.endswith("_id") and value is not False
            if (text := _value(entity, name, value, words, held, {}))
        ]
        yield Change(
            field=_key(entity, key, held, words) if key else words.number(number),
            before="",
            after=" · ".join(told),
            is_row=True,
        )
    if len(rows) > _ROWS:
        yield Change(field="…", before="", after=words.gettext(MORE) % {"count": words.number(len(rows) - _ROWS)})


def _key(entity: str, name: str, held: Mapping[str, object], words: Words) -> str:
    """What a row is known by; a code of a list with its name."""
    text = str(held[name])
    lists = _lists_of(entity, name, held)
    return _with_name(text, lists, words) if lists else text


MORE: Final = mark("and %(count)s more")


def _value(entity: str, name: str, value: object, words: Words, row: Mapping[str, object], called: Called) -> str:
    """The value of a column; ``row`` is what the event tells of the row beside it."""
    if isinstance(value, int) and (of := _named_table(entity, name)):
        return called.get((of, str(value)), str(value))
    if not isinstance(value, str):
        return _said(value, words)
    if (codelist := _LISTS.get((entity, name))) is not None:
        return names_of(codelist, words.language, withdrawn=True).get(value, value)
    if lists := _lists_of(entity, name, row):
        return _with_name(value, lists, words)
    if (entity, name) == ("project_revisions", "value"):
        return _cut(_decided(str(row.get("field")), value, words))
    return _cut(_as_typed(_type(entity, name), name, value, words))


def _lists_of(entity: str, name: str, row: Mapping[str, object]) -> tuple[str, ...]:
    """The lists that the code in a column is of; none: it is of no list, or of one of somebody else."""
    if (entity, name) == ("classifications", "code"):
        found = _CLASSIFIED.get((str(row.get("kind")), str(row.get("vocabulary") or "")))
        return () if found is None else (found,)
    if (entity, name) == ("participants", "role"):
        return ("OrganisationRole",)
    return _NAMED.get(name.removeprefix("default_"), ())


def _with_name(code: str, lists: Sequence[str], words: Words) -> str:
    """A code with its name in the language beside it; one that no list has stands alone."""
    names = (names_of(each, words.language, withdrawn=True).get(code) for each in lists)
    name = next(filter(None, names), None)
    return code if name is None else f"{code} ({name})"


def _as_typed(kind: TypeEngine[Any] | None, name: str, value: str, words: Words) -> str:
    try:
        match kind:
            case Money() if _FIGURE.fullmatch(value):
                return words.number(Decimal(value))
            case UTCDateTime():
                return words.moment(dt.datetime.fromisoformat(value))
            case Date():
                return words.day(value)
            case Enum():
                return words.word(value)
            case Text():
                return value
            case String() if name not in KNOWN_BY and is_term(value):
                return words.word(value)
    except ValueError:
        # an old event may hold what its column does not take any more
        return value
    return value


def _decided(field: str, value: str, words: Words) -> str:
    """The value of a decision about a project; which form the text has follows from the field."""
    figure, _, currency = value.partition(" ")
    if field == "total_budget" and _FIGURE.fullmatch(figure):
        return words.amount(Decimal(figure), currency or None)
    if field == "stage":
        return words.word(value)
    if field.startswith(("planned_", "actual_")):
        return _as_typed(Date(), "value", value, words)
    return value


@cache
def _type(entity: str, name: str) -> TypeEngine[Any] | None:
    """The type of a column; None of a table or column that is there no more."""
    found = metadata.tables.get(entity)
    return None if found is None or name not in found.c else found.c[name].type


_FIGURE: Final = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,12})?")
_LONGEST = 300
#: values of closed lists, as the tables hold them
_TERM = re.compile(r"[a-z]+(?:[-_][a-z]+)*")


def _said(value: object, words: Words) -> str:
    """What stands in a list or object of a column, or is no text."""
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
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_term(text: str) -> bool:
    """Whether a value is a term of a closed list and no name: terms are what the catalogues translate."""
    return bool(_TERM.fullmatch(text)) and any(
        words_of(language).knows(spelled(text)) for language in LANGUAGES if language != USUAL
    )
