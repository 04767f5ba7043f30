"""Turns rows of another system's file into rows of ours, and faults in ours back into its names."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.domain.advice import with_sign_before
from app.domain.currency_signs import currencies_meant, currency_meant
from app.domain.keys import without_marks
from app.domain.ledger import TransactionType
from app.domain.money import CURRENCIES, EXACT, plain
from app.domain.notation import Notation, read_number
from app.errors import Fault, step
from app.tabular.cells import BrokenCell, CellKind, CellValue, SheetCell, unseen
from app.tabular.forms import code_fault
from app.tabular.header import TableRow
from app.tabular.mapping.model import Condition, Mapping, Source

#: accountants write what is negative with the sign behind it, or in brackets
_SOMETHING = re.compile(r"[1-9]")
#: a number that is no code: one with noughts before it is
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
#: no day is meant by a figure; the count of days has to begin somewhere
_FIRST_DAY = dt.date(1899, 12, 30)


@dataclass(slots=True)
class Skipped:
    """Rows that a condition of the mapping left out."""

    condition: str
    rows: int = 0
    #: number of the first of them
    first: int | None = None

    def add(self, row: int) -> None:
        self.rows += 1
        self.first = self.first or row

    def as_dict(self) -> dict[str, str | int | None]:
        return {"condition": self.condition, "rows": self.rows, "first": self.first}


@dataclass(slots=True)
class Mapped:
    """A file under a mapping: what was left out is counted while its rows are read."""

    mapping: Mapping
    notation: Notation
    skipped: list[Skipped] = field(default_factory=list)
    _labels: dict[str, str] = field(default_factory=dict)
    _others: dict[str, Skipped] = field(default_factory=dict)
    #: currencies that the names of the columns of amounts tell, such as EUR of “Amount (EUR)”
    _currencies: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.skipped = [Skipped(skip.told) for skip in self.mapping.skip]
        self._labels = {name: " + ".join(source.origins) for name, source in self.mapping.columns.items()}
        amount = self.mapping.columns.get("amount")
        self._currencies = frozenset() if amount is None else currencies_named(amount.origins)

    def rows(self, rows: Iterable[TableRow | Fault]) -> Iterator[TableRow | Fault]:
        """The rows in our columns; holds one at a time."""
        for row in rows:
            if isinstance(row, Fault):
                yield row
            elif (mapped := self._row(row)) is not None:
                yield mapped

    def told(self, fault: Fault) -> Fault:
        """A fault of our column under the name of the column that it was filled from."""
        label = self._labels.get(fault.column)
        return fault if label is None else replace(fault, pointer=step(label))

    def left_out(self) -> list[Skipped]:
        return [each for each in (*self.skipped, *self._others.values()) if each.rows]

    # --- one row

    def _row(self, row: TableRow) -> TableRow | None:
        left_out, doubtful = self._left_out_by(row)
        if left_out is not None:
            left_out.add(row.number)
            return None
        cells: dict[str, CellValue] = dict(self.mapping.constants)
        for name, source in self.mapping.columns.items():
            value = self._value(source, row.cells)
            if source.of_amounts and isinstance(value, SheetCell):
                # the mapping says what the sides of a booking are
                said = value.multiple == value.side and (source.debit or source.minus)  # Cr: credit, not crores
                value = replace(value, side="", multiple="" if said else value.multiple)
            if source.values is not None and value != "":
                told = self._coded(name, source, value)
                if told is None:
                    condition = f"{self._labels[name]} is not among the values"
                    self._others.setdefault(name, Skipped(condition)).add(row.number)
                    return None
                value = told
            if source.times is not None and (figure := _figure(value, self.notation)) is not None:
                value = _number(EXACT.multiply(figure, Decimal(source.times)), value)
                if isinstance(value, SheetCell):
                    # the mapping says what the word beside the number is
                    value = replace(value, multiple="")
            if value == "" and source.when_empty:
                value = source.when_empty
            if value != "":
                cells[name] = value
        amount = self.mapping.columns.get("amount")
        if amount is not None and isinstance(written := cells.get("amount"), str):
            cells["amount"] = with_sign_before(written)
        if amount is not None and "amount" in cells:
            cells["amount"] = self._turned(amount, row.cells, cells)
        if amount is not None and not isinstance(cells.get("amount"), BrokenCell | None):
            told = self._currency_told(amount, row.cells, _text(cells.get("currency", "")))
            if told:
                cells["amount"] = BrokenCell(message=told)
        return TableRow(row.number, cells, (*row.faults, *doubtful))

    def _left_out_by(self, row: TableRow) -> tuple[Skipped | None, list[Fault]]:
        """The condition that leaves the row out; and cells that nobody can see, on which it rests whether one does."""
        doubtful: dict[str, Fault] = {}
        for skip, count in zip(self.mapping.skip, self.skipped, strict=True):
            unread = {name: why for each in skip.all if (why := _unread(row.cells.get((name := each.column), "")))}
            if not all(each.column in unread or _holds(each, row.cells) for each in skip.all):
                continue
            if not unread:
                return count, []
            for name, why in unread.items():
                doubtful[name] = Fault(row=row.number, pointer=step(name), rule="table.cell", message=why)
        return None, list(doubtful.values())

    def _currency_told(self, amount: Source, theirs: dict[str, CellValue], currency: str) -> str:
        """What is wrong with an amount whose columns are called by a currency; empty where nothing is."""
        named = currencies_named(_filled(amount, theirs)) if self._currencies else frozenset()
        if len(named) > 1 and amount.debit is not None:
            return (
                f"The names of the columns tell amounts in {', '.join(sorted(named))}, which make no balance: keep "
                "each currency in rows of its own."
            )
        if not named or (meant := currency_meant(currency)) is None or meant in named:
            return ""
        found = " or ".join(sorted(named))
        return (
            f"The name of the column tells amounts in {found}, and the row is in {currency}: say in the mapping where "
            "the currency stands, or rename the column."
        )

    def _value(self, source: Source, cells: dict[str, CellValue]) -> CellValue:
        for name in source.origins:
            if (hidden := unseen(cells.get(name, ""))) is not None:
                # before anything is made of what it holds
                return hidden
        if source.debit is not None and source.credit is not None:
            return self._balance(cells.get(source.debit, ""), cells.get(source.credit, ""), source)
        if source.columns is not None:
            parts = [cells.get(name, "") for name in source.columns]
            for part in parts:
                if isinstance(part, BrokenCell):
                    return part
                if (lost := code_fault(part)) is not None:
                    return lost
            texts = [_text(part) for part in parts]
            empty = [name for name, text in zip(source.columns, texts, strict=True) if not text]
            if empty and len(empty) < len(texts):
                lacking, columns = ", ".join(empty), ", ".join(source.columns)
                return BrokenCell(message=f"{lacking} is empty: the value is made of {columns}.")
            return "" if empty else _changed(source, source.joined_by.join(texts))
        cell = cells.get(source.column or "", "")
        if source.values is not None or _changes(source):
            if isinstance(cell, BrokenCell) or cell == "":
                return cell
            changed = _changed(source, _to_change(source, cell))
            # a number that stays as it was keeps what is seen beside it
            is_same = isinstance(cell, SheetCell) and cell.kind is CellKind.NUMBER and changed == cell.shown
            if is_same:
                return cell
            # what is put to a number, or taken from it, makes a code of it
            return (code_fault(cell, upto=_looked_at(source)) if _changes(source) else None) or changed
        return cell

    def _balance(self, debit: CellValue, credit: CellValue, source: Source) -> CellValue:
        """Debit less credit; a 0 in one of the two is as good as nothing."""
        for cell in (debit, credit):
            if isinstance(cell, BrokenCell):
                return cell
        if not _SOMETHING.search(_text(credit)):
            return debit if debit != "" else credit
        if not _SOMETHING.search(_text(debit)):
            return _opposite(credit)
        figures = [_figure(cell, self.notation) for cell in (debit, credit)]
        if figures[0] is None or figures[1] is None:
            return BrokenCell(
                message=f"{source.debit} ({_text(debit)}) and {source.credit} ({_text(credit)}) both hold something, "
                "and not both can be read as amounts."
            )
        beside = [cell for cell in (debit, credit) if isinstance(cell, SheetCell)]
        if len(signs := list(dict.fromkeys(cell.currency for cell in beside if cell.currency))) > 1:
            codes = [currencies_meant(sign) for sign in signs]
            if set(codes[0]).isdisjoint(codes[1]):
                sign, other = signs[0], signs[1]
                return BrokenCell(
                    message=f"{source.debit} is shown in {sign} and {source.credit} in {other}, which make no balance: "
                    "keep each currency in rows of its own."
                )
        shown = next((cell for cell in beside if cell.currency), "")
        balance = _number(EXACT.subtract(figures[0], figures[1]), shown)
        multiple = next((cell.multiple for cell in beside if cell.multiple), "")
        return replace(balance, multiple=multiple) if isinstance(balance, SheetCell) else balance

    def _coded(self, name: str, source: Source, value: CellValue) -> CellValue | None:
        """Ours for their code; None: the row is left out."""
        if isinstance(value, BrokenCell):
            return value
        text = _text(value)
        known = source.values or {}
        code = text if text in known else _named(value, known, exactly=True)
        if code is not None:
            return known[code]
        match source.others:
            case "keep":
                return value
            case "empty":
                return ""
            case "skip":
                return None
        listed = ", ".join(list(known)[:20])
        message = f"The mapping does not say what “{text}” is in {name}: add it to values. Known: {listed}."
        return BrokenCell(message=message)

    @staticmethod
    def _turned(source: Source, theirs: dict[str, CellValue], ours: dict[str, CellValue]) -> CellValue:
        """The amount with its sign: each of the reasons turns it once."""
        amount = ours["amount"]
        turned = source.reversed
        if source.minus is not None:
            told = theirs.get(source.minus.column, "")
            if not isinstance(amount, BrokenCell):
                told = unseen(told) or told
                if isinstance(told, BrokenCell):
                    # what tells the sign is not known
                    return told
            turned ^= _named(told, source.minus.values) is not None
        if source.reversed_for is not None:
            turned ^= not _types(ours.get("type", "")).isdisjoint(map(_type, source.reversed_for))
        return _opposite(amount) if turned else amount


#: in brackets, or as the first or last word
_NAMED_CURRENCY = re.compile(r"[(\[]\s*([A-Z]{3})\s*[)\]]|^([A-Z]{3})\b|\b([A-Z]{3})$")
#: codes of currencies that stand for other things in names of columns
_NO_CURRENCY = frozenset({"ALL", "TOP", "TRY", "PEN", "CUP", "GEL"})


def currencies_named(names: Iterable[str]) -> frozenset[str]:
    """The currencies that names of columns tell."""
    found = {code for name in names for groups in _NAMED_CURRENCY.findall(name.strip()) for code in groups if code}
    return frozenset((found & CURRENCIES) - _NO_CURRENCY)


def _filled(source: Source, cells: dict[str, CellValue]) -> list[str]:
    """The columns of a row that its amount comes from: of debit and credit those that hold something."""
    if source.debit is None:
        return source.origins
    return [name for name in source.origins if _SOMETHING.search(_text(cells.get(name, "")))]


def _text(cell: CellValue) -> str:
    match cell:
        case str():
            return without_marks(cell)
        case SheetCell():
            return cell.shown
    return ""


def _texts(cell: CellValue) -> tuple[str, ...]:
    """What a cell may be called: what is seen of it, and a number with and without the noughts behind its point; a
    percentage with its sign, apart from it, and as the fraction that the cell holds."""
    shown = _text(cell)
    if isinstance(cell, SheetCell) and cell.kind is CellKind.PERCENT and _NUMERAL.fullmatch(cell.text):
        return (shown, f"{cell.text}%", f"{cell.text} %", plain(Decimal(cell.text).scaleb(-2)))
    if not isinstance(cell, SheetCell) or cell.kind is not CellKind.NUMBER:
        return (shown,)
    # 0007 is a code, and not 7
    plainly = (cell.text,) if "." in cell.text and shown.rstrip("0") == cell.text else ()
    return (shown, *plainly, cell.pointed) if cell.pointed else (shown, *plainly)


def _named(cell: CellValue, texts: Iterable[str], *, exactly: bool = False) -> str | None:
    """The first of the texts of a mapping that names what the cell holds; ``exactly``: in letters of this size."""
    names = _texts(cell)
    same = {name if exactly else name.casefold() for name in names}
    figures = {_NUMERAL.fullmatch(name) and Decimal(name) for name in names} if isinstance(cell, SheetCell) else set()
    for text in texts:
        written = text.strip() if exactly else text.strip().casefold()
        if written in same or (_NUMERAL.fullmatch(written) and Decimal(written) in figures):
            return text
    return None


def _to_change(source: Source, cell: CellValue) -> str:
    """The text that a mapping changes; one that parts or replaces points means those that are seen: 7.00."""
    if isinstance(cell, SheetCell) and (seen := cell.pointed):
        part = source.part is not None and source.part.of in seen
        end = "." in (source.remove_suffix or "") and seen.endswith(source.remove_suffix or "")
        start = "." in (source.remove_prefix or "") and seen.startswith(source.remove_prefix or "")
        if part or end or start or any("." in old and old in seen for old in source.replace):
            return seen
    return _text(cell)


def _types(cell: CellValue) -> set[str]:
    return set(map(_type, _texts(cell)))


def _type(text: str) -> str:
    try:
        return TransactionType.read(without_marks(text)).value
    except ValueError:
        return without_marks(text)


def _unread(cell: CellValue) -> str:
    """Why what a cell holds cannot be compared; empty where it can."""
    told = unseen(cell) or cell
    return told.message if isinstance(told, BrokenCell) else ""


def _holds(condition: Condition, cells: dict[str, CellValue]) -> bool:
    cell = cells.get(condition.column, "")
    seen = [text.casefold() for text in _texts(cell)]

    def one(texts: list[str], is_in: Callable[[str, str], bool]) -> bool:
        return any(text and is_in(name, text) for name in seen for text in (each.strip().casefold() for each in texts))

    return (
        (condition.equals is None or _named(cell, condition.equals) is not None)
        and (condition.is_not is None or _named(cell, condition.is_not) is None)
        and (condition.begins is None or one(condition.begins, str.startswith))
        and (condition.contains is None or one(condition.contains, str.__contains__))
    )


def _looked_at(source: Source) -> int | None:
    """How many characters of a text are looked at, from its first; None: all of them may be."""
    return None if source.characters is None or source.part is not None else source.last


def _changes(source: Source) -> bool:
    return bool(
        source.part
        or source.characters
        or source.remove_prefix
        or source.remove_suffix
        or source.replace
        or source.pad
        or source.prefix
        or source.suffix
    )


def _changed(source: Source, text: str) -> str:
    if source.part is not None:
        parts = text.split(source.part.of)
        text = parts[source.part.number - 1].strip() if source.part.number <= len(parts) else ""
    if source.characters is not None:
        text = text[source.first - 1 : source.last].strip()
    text = text.removeprefix(source.remove_prefix or "").removesuffix(source.remove_suffix or "")
    for old, new in source.replace.items():
        text = text.replace(old, new)
    if not text:
        return ""
    return (source.prefix or "") + text.rjust(source.pad or 0, "0") + (source.suffix or "")


def _opposite(cell: CellValue) -> CellValue:
    match cell:
        case str():
            text = with_sign_before(cell).strip()
            if not _SOMETHING.search(text):
                return cell
            return text[1:].lstrip() if text[0] in "-\u2212" else f"-{text.removeprefix('+')}"
        case SheetCell(kind=CellKind.NUMBER):
            return _number(-Decimal(cell.text), cell)
    return cell


def _figure(cell: CellValue, notation: Notation) -> Decimal | None:
    match cell:
        case SheetCell(kind=CellKind.NUMBER):
            return Decimal(cell.text)
        case str():
            read = read_number(with_sign_before(cell), notation)
            return read if isinstance(read, Decimal) else None
    return None


def _number(figure: Decimal, beside: CellValue) -> CellValue:
    """A figure that is read as it stands, whatever the notation of its file, with what is seen beside ``beside``."""
    text = plain(figure)
    seen = text.rstrip("0").rstrip(".") if "." in text else text
    cell = SheetCell(kind=CellKind.NUMBER, text=seen, seen=seen, first_day=_FIRST_DAY)
    if not isinstance(beside, SheetCell):
        return cell
    return replace(cell, currency=beside.currency, side=beside.side, multiple=beside.multiple, shown_by=beside.shown_by)
