"""Codes that nobody knows, asked back with the one that may be meant; and new ones that look like one that stands.

A code differs from the one that is meant by its zeros, by capital letters, or by letters of another alphabet that look
the same. Every door asks here: tables, programs, pages and the command line.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.db.base import Row, table
from app.db.evaluations import Evaluation
from app.db.funding import Agreement
from app.db.lookups import kept_lookups, row_by
from app.db.organisation import Officer, Unit
from app.db.partners import Partner
from app.db.projects import Project
from app.db.together import batch_of
from app.domain.keys import alike, told_apart
from app.errors import Fault
from app.inputs import FaultList

RowType = TypeVar("RowType", bound=Row)

#: rule of a fault → the column in which the code was looked for
CODES: Final[dict[str, ColumnElement[str]]] = {
    "project.unknown": table(Project).c.code,
    "pool.unknown": table(Project).c.code,
    "agreement.unknown": table(Agreement).c.reference,
    "partner.unknown": table(Partner).c.code,
    "unit.unknown": table(Unit).c.code,
    "officer.unknown": table(Officer).c.code,
    "evaluation.unknown": table(Evaluation).c.reference,
}
#: so many are offered; so many keys with letters of other alphabets are looked through
_OFFERED, _LOOKED_THROUGH = 3, 20_000
_ZEROS: Final = "A spreadsheet drops zeros at the front: format the column as text, or say pad in a mapping."
_CAPITALS_COUNT: Final = "Capital letters count."
_SAME_LOOKS: Final = "It looks the same."
_FOREIGN: Final = "keys of other alphabets"
_CAPITALS: Final = "keys whatever their capital letters"


class Meant:
    """Looks up what a code that nobody knows may have been; each code once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._found: dict[tuple[str, str], str] = {}

    def asked(self, fault: Fault, code: str | None = None) -> Fault:
        """The fault with the question whether a known code is meant; by default of the code that its message names."""
        if fault.rule not in CODES or "meant?" in fault.message:
            return fault
        code = code or _named(fault)
        if not code:
            return fault
        looked_up = (fault.rule, code)
        if looked_up not in self._found:
            self._found[looked_up] = self._question(CODES[fault.rule], code)
        question = self._found[looked_up]
        return replace(fault, message=f"{fault.message} {question}") if question else fault

    def _question(self, column: ColumnElement[str], code: str) -> str:
        if found := _with_other_zeros(self.session, column, code):
            return f"Is {' or '.join(found)} meant? {_ZEROS}"
        if found := _with_other_letters(self.session, column, code):
            return f"Is {' or '.join(found)} meant? {_CAPITALS_COUNT}"
        if found := _looking_the_same(self.session, column, code):
            return " ".join(filter(None, (f"Is {found[0]} meant? {_SAME_LOOKS}", told_apart(code, found[0]))))
        return ""


def asked_back(session: Session, rule: str, code: str, message: str) -> str:
    """A sentence on a code that nobody knows, with the question whether a known one is meant; ``rule``: of faults."""
    return Meant(session).asked(Fault(pointer="", rule=rule, message=message), code).message


def ask_meant(session: Session, faults: Iterable[Fault]) -> list[Fault]:
    """The faults; those on a code that nobody knows with the one that may be meant."""
    meant = Meant(session)
    with suppress(DBAPIError):  # after an error of the database nothing can be looked up any more
        return [meant.asked(fault) for fault in faults]
    return list(faults)


def refuse_look_alike(
    session: Session,
    found: FaultList,
    row_class: type[RowType],
    column: str,
    code: str,
    *,
    instead_of: str | None = None,
    among_foreign: bool = True,
) -> None:
    """A fault where another record has a key that looks the same as this new one and is none.

    ``instead_of``: the key that the record has until now; it may be mended into one that looks the same.
    ``among_foreign``: keys with letters of other alphabets, and with other capital letters, are looked through too,
    which takes longer the more rows there are. Numbers of vouchers are what another system makes of them.
    """
    looks = alike(code)
    if looks == code and not among_foreign:
        return
    foreign = _foreign(session, row_class, column) if among_foreign else {}
    same = [each for each in (looks, *foreign.get(looks, ())) if each not in (code, instead_of)]
    other = next((each for each in same if _stands(session, row_class, column, each)), None)
    if other is not None:
        told = (
            f"There is {other} already, which looks the same.",
            told_apart(code, other),
            "Write that one where it is meant, else a code that can be told from it.",
        )
        found.add(column, "key.looks-alike", " ".join(filter(None, told)))
        return
    if among_foreign and (other := with_other_capitals(session, row_class, column, code, instead_of=instead_of)):
        message = (
            f"There is {other} already, which differs in capital letters alone: write that one where it is meant, else "
            "a code that can be told from it."
        )
        found.add(column, "key.other-capitals", message)
    elif looks != code:
        foreign.setdefault(looks, []).append(code)


def with_other_capitals(
    session: Session, row_class: type[RowType], column: str, key: str, *, instead_of: str | None = None
) -> str | None:
    """The key of another record that differs from this one in capital letters alone; None where there is none.

    File systems, registries and many readers take both for one. In an import all keys are read once, and new ones
    that are asked for remembered with them. ``instead_of``: what the record itself is called until now.
    """
    folded = key.casefold()
    names = table(row_class).c[column]
    kept = kept_lookups(session)
    if kept is None:
        # a database may fold the letters of a plain keyboard alone
        found: list[str] = [*session.scalars(select(names).where(func.lower(names) == key.lower(), names != key))]
        if not key.isascii():
            found = [*found, *_foreign_keys(session, names)]
    else:
        if (all_keys := kept.get((_CAPITALS, row_class, column))) is None:
            all_keys = kept[_CAPITALS, row_class, column] = {}
            for each in session.scalars(select(names)):
                all_keys.setdefault(each.casefold(), []).append(each)
        found = all_keys.setdefault(folded, [])
    # what was asked for before may have been refused meanwhile
    others = [
        each
        for each in found
        if each not in (key, instead_of) and each.casefold() == folded and _stands(session, row_class, column, each)
    ]
    if kept is not None and not others and key not in found:
        found.append(key)
    return min(others, default=None)


def _stands(session: Session, row_class: type[RowType], column: str, code: str) -> bool:
    batch = batch_of(session)
    if batch is not None and code in batch.found.get((row_class, column), ()):
        return True
    return row_by(session, row_class, column, code) is not None


def _named(fault: Fault) -> str:
    """The code in “There is no project X.”"""
    begin = f"There is no {fault.rule.partition('.')[0]} "
    return fault.message.removeprefix(begin).removesuffix(".") if fault.message.startswith(begin) else ""


def _with_other_zeros(session: Session, column: ColumnElement[str], code: str) -> list[str]:
    """Codes that differ from ``code`` in the number of zeros at the front alone."""
    bare = code.lstrip("0")
    if not bare:
        return []
    found = select(column).where(func.ltrim(column, "0") == bare, column != code).order_by(column).limit(_OFFERED)
    return list(session.scalars(found))


def _with_other_letters(session: Session, column: ColumnElement[str], code: str) -> list[str]:
    """Codes that differ from ``code`` in capital and small letters alone."""
    found = select(column).where(func.lower(column) == code.lower(), column != code).order_by(column).limit(_OFFERED)
    return list(session.scalars(found))


def _looking_the_same(session: Session, column: ColumnElement[str], code: str) -> list[str]:
    """Codes that look as ``code`` does, capital letters aside, and are written with other alphabets."""
    wanted = alike(code)
    found = set(session.scalars(select(column).where(func.lower(column) == wanted.lower()).limit(_OFFERED)))
    found |= {each for each in _foreign_keys(session, column) if alike(each).lower() == wanted.lower()}
    return sorted(found - {code})


def _foreign_keys(session: Session, column: ColumnElement[str]) -> list[str]:
    """Keys that hold more than the signs of a plain keyboard."""
    if session.connection().dialect.name == "sqlite":
        # a regular expression is a function of Python there, called for each row
        holds: ColumnElement[bool] = column.op("GLOB")("*[^ -~]*")
    else:
        holds = column.regexp_match("[^ -~]")
    return list(session.scalars(select(column).where(holds).order_by(column).limit(_LOOKED_THROUGH)))


def _foreign(session: Session, row_class: type[Row], column: str) -> dict[str, list[str]]:
    """Keys of records with letters of other alphabets, by what they look like; read once in an import."""
    kept = kept_lookups(session)
    if kept is not None and (_FOREIGN, row_class, column) in kept:
        known: dict[str, list[str]] = kept[_FOREIGN, row_class, column]
        return known
    found: dict[str, list[str]] = {}
    for each in _foreign_keys(session, table(row_class).c[column]):
        found.setdefault(alike(each), []).append(each)
    if kept is not None:
        kept[_FOREIGN, row_class, column] = found
    return found
