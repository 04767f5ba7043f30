"""What every report is: a name, a definition, and tables of exact figures with their period, day and currency."""

import datetime as dt
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import overload

from sqlmodel import Session

from app.domain.money import MINOR_UNITS_DEFAULT, minor_units, plain
from app.domain.periods import Period

#: a cell: text, an amount or rate as a decimal string, or nothing
Cell = str | int | None

#: characters a line of a definition holds on a terminal
_LINE = 100
#: rates of exchange that are named on a terminal
_RATES = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is asked of a report; every day and currency is given."""

    #: written form of the period or periods
    period: str
    as_of: dt.date
    #: rows recorded later do not count; None: by now
    recorded_at: dt.datetime | None
    currency: str
    by: tuple[str, ...]
    variant: str | None
    #: options of single reports, such as ``partner`` or ``basis``
    options: Mapping[str, str] = field(default_factory=dict)
    #: somebody asks for the same again and again, as pages do: what sums are made of is worth being kept
    again: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RateUsed:
    """A rate of exchange by which amounts of a report were converted."""

    currency: str
    effective_on: dt.date
    #: units of the currency per US dollar
    rate: Decimal

    def as_dict(self) -> dict[str, str]:
        return {"currency": self.currency, "effective_on": self.effective_on.isoformat(), "rate": plain(self.rate)}

    def __str__(self) -> str:
        return f"{self.currency} {plain(self.rate)} per USD from {self.effective_on}"


class Rows(Sequence[dict[str, Cell]]):
    """The rows of columns. Each is made whenever it is asked for: a large report holds its cells once, and no rows."""

    def __init__(self, columns: Mapping[str, Sequence[Cell]]) -> None:
        """:raises ValueError: when the columns differ in length."""
        lengths = {len(cells) for cells in columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of one table have {sorted(lengths)} rows")
        self._columns, self._length = columns, max(lengths, default=0)

    def column(self, name: str) -> Sequence[Cell]:
        """The cells of a column; nothing in each row where there is no such column."""
        return self._columns[name] if name in self._columns else [None] * self._length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        names = tuple(self._columns)
        return (dict(zip(names, cells, strict=True)) for cells in zip(*self._columns.values(), strict=True))

    @overload
    def __getitem__(self, place: int) -> dict[str, Cell]: ...

    @overload
    def __getitem__(self, place: slice) -> "Rows": ...

    def __getitem__(self, place: int | slice) -> "dict[str, Cell] | Rows":
        if isinstance(place, slice):
            return Rows({name: cells[place] for name, cells in self._columns.items()})
        return {name: cells[place] for name, cells in self._columns.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportTable:
    """A finished report. ``rows`` and ``totals`` map names of columns to cells; figures are decimal strings."""

    report: str
    definition: str
    #: as it was asked for
    period: str
    periods: Sequence[Period]
    as_of: dt.date
    #: of its amounts; empty where it has none, or where each is in the currency that its row names
    currency: str = ""
    columns: tuple[str, ...]
    rows: Sequence[dict[str, Cell]]
    totals: dict[str, Cell]
    #: places of rows that sum up others: in files they stand apart, so that the rows can be summed
    sums: frozenset[int] = frozenset()
    #: columns that hold figures, for alignment and for number cells of a workbook
    figures: frozenset[str] = frozenset()
    #: columns that hold days, for date cells of a workbook
    days: frozenset[str] = frozenset()
    #: rates of exchange that were missing, and further remarks on the figures, in sentences
    remarks: tuple[str, ...] = ()
    rates: tuple[RateUsed, ...] = ()
    variant: str | None = None

    @property
    def period_and_days(self) -> str:
        """The period with its first and last day: 2025: 2025-01-01 to 2025-12-31."""
        named = self.periods[0].label if len(self.periods) == 1 else self.period
        return f"{named}: {self.periods[0].start} to {self.periods[-1].end}"

    def as_dict(self) -> dict[str, object]:
        """The report as JSON shows it."""
        shown: dict[str, object] = {
            "report": self.report,
            "definition": self.definition,
            "period": self.period,
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "columns": list(self.columns),
            "rows": [dict(row) for row in self.rows],
            "totals": dict(self.totals),
        }
        if self.variant is not None:
            shown["variant"] = self.variant
        if self.remarks:
            shown["remarks"] = list(self.remarks)
        shown["first_day"] = self.periods[0].start.isoformat()
        shown["last_day"] = self.periods[-1].end.isoformat()
        if self.rates:
            shown["rates"] = [rate.as_dict() for rate in self.rates]
        return shown

    def as_text(self) -> str:
        """The report for a terminal: columns aligned, figures to the right with the decimals of the currency."""
        places = {name: self.places(name) for name in self.figures}
        body = [
            [_shown(row.get(name), _in_row(row, name, places.get(name))) for name in self.columns] for row in self.rows
        ]
        total = [_shown(self.totals.get(name), places.get(name)) for name in self.columns]
        if total and not total[0]:
            total[0] = "total"
        lines = [list(self.columns), *body, total]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        rule = "  ".join("─" * width for width in widths)

        def aligned(line: list[str]) -> str:
            cells = [
                cell.rjust(width) if name in self.figures else cell.ljust(width)
                for name, cell, width in zip(self.columns, line, widths, strict=True)
            ]
            return "  ".join(cells).rstrip()

        said = (self.report, self.period_and_days, f"as of {self.as_of.isoformat()}", self.currency)
        head = [
            " · ".join(filter(None, said)),
            *textwrap.wrap(self.definition, _LINE),
            "",
        ]
        beside = {name: self.totals[name] for name in self.totals if name not in self.columns}
        foot = [f"{name}: {cell or 'none'}" for name, cell in beside.items()]
        foot += [f"! {remark}" for remark in self.remarks]
        if self.rates:
            more = len(self.rates) - _RATES
            named = "; ".join(map(str, self.rates[:_RATES])) + (f"; {more} more in JSON and XLSX" if more > 0 else "")
            foot += textwrap.wrap(f"Rates used: {named}.", _LINE)
        return "\n".join([*head, aligned(lines[0]), rule, *map(aligned, body), rule, aligned(total), *foot])

    def cells(self, column: str) -> Sequence[Cell]:
        """The cells of a column, row by row; nothing where a row has none."""
        if isinstance(self.rows, Rows):
            return self.rows.column(column)
        return [row.get(column) for row in self.rows]

    def places(self, column: str) -> int:
        """Decimals with which the figures of a column stand below each other.

        Those of the currency, of which there may be none (JPY) or three (KWD); percentages and other figures have two.
        Where rows are in currencies of their own, the one with the most decides.
        """
        others = {str(currency) for currency in self.cells("currency") if currency}
        minor = max(map(minor_units, others or {self.currency}))
        own = max(map(_decimals, (self.totals.get(column), *self.cells(column))))
        return min(max(own, min(minor, MINOR_UNITS_DEFAULT)), max(minor, MINOR_UNITS_DEFAULT))


def _decimals(cell: Cell) -> int:
    return len(cell.partition(".")[2]) if isinstance(cell, str) else 0


def _in_row(row: Mapping[str, Cell], column: str, places: int | None) -> int | None:
    """Decimals of a figure in a row, which may be in a currency of its own; none that it has are left out."""
    if places is None or not (currency := row.get("currency")):
        return places
    return min(places, max(minor_units(str(currency)), _decimals(row.get(column))))


def _shown(cell: Cell, places: int | None) -> str:
    """A cell as text; ``places``: decimals of a figure, None for what is none."""
    if cell is None:
        return ""
    return f"{Decimal(cell):,.{places}f}" if places is not None and isinstance(cell, str) else str(cell)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One report; a module of this package declares it, the registry lists it."""

    name: str
    #: what the figures are, in a sentence or two
    definition: str
    #: names for ``--by``; the first is used when none is given, several may be combined
    dimensions: tuple[str, ...]
    #: names for ``--variant``, the first is the default; empty: there is one form only
    variants: tuple[str, ...]
    compute: Callable[[Session, Request], ReportTable]
    #: it counts obligations, which have to follow the facts before the snapshot that it is given is taken
    of_obligations: bool = False
    #: names of further options
    options: tuple[str, ...] = ()
    #: dimensions of which only one is asked for at a time
    alternatives: tuple[frozenset[str], ...] = ()
    #: variants whose rows are their own, and told by no dimension
    own_rows: frozenset[str] = frozenset()
    #: how many dimensions may be combined
    most_dimensions: int = 3
    #: without a period it tells of everything on record, not of the current year; ``Request.period`` is then empty
    of_everything: bool = False

    @property
    def sentence(self) -> str:
        """What the report says, in one sentence."""
        return f"{self.definition.partition('. ')[0].rstrip('.')}."
