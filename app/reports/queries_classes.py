"""What a report tells apart, as keys of sums: the database sums what would end in the same rows anyway.

Projects of one unit, in a report by unit, are as good as one: a sum names any of them, and what rows are shared out
over is asked of that one. So memory follows what a report shows, not the number of projects.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import cast as cast_type

from sqlalchemy import (
    BindParameter,
    Cast,
    ColumnElement,
    FromClause,
    Label,
    Null,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.sql.functions import aggregate_strings
from sqlmodel import Session

from app.db.agreements import givers
from app.db.base import ResultRow, Statement, table
from app.db.engine import sums_by_hashing
from app.db.organisation import Officer, Unit
from app.db.partners import Partner
from app.db.portions import Portions, number_of
from app.db.projects import Classification, Project
from app.db.spending import Allocation
from app.db.unchanged import known_by_portion
from app.domain.money import EXACT
from app.reports.blocks import Amounts, Blocks, Sum, Summed
from app.reports.sums import BATCH, interval, intervals

#: what amounts are shared out over: dimensions, and what several dimensions are told from
PROJECT, UNIT, UNIT_REGION, OFFICER, OUTCOME = "project", "unit", "unit-region", "officer", "outcome"
SOURCE, PARTNER, FUNDS = "source", "partner", "funds"
#: what countries and regions are told from: shared out by the project's percentages, or only where it is one place
PLACE, RECORDED = "place", "recorded"
#: type of assistance, which rows of the ledger name; and the sector, which they name or their project does
ASSISTANCE, SECTOR = "assistance", "sector"


#: over these, or nothing, sums may be made by portion of the projects: what tells apart is said by the row, its project
#: and its agreement alone
BY_PORTION = frozenset({UNIT, UNIT_REGION, OFFICER, PARTNER})

#: something by which rows are told apart
Told = ColumnElement[int] | ColumnElement[int | None] | ColumnElement[str] | ColumnElement[bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which projects count; without any key every one."""

    project_id: int | None = None
    unit_id: int | None = None
    officer_id: int | None = None
    #: None: whatever their codes
    codes: frozenset[str] | None = None

    def includes(self, project_id: int, code: str, unit_id: int | None, officer_id: int | None) -> bool:
        """Whether a project counts that has this code, unit and officer."""
        wanted = (self.project_id, self.unit_id, self.officer_id)
        return (self.codes is None or code in self.codes) and all(
            key in (None, own) for key, own in zip(wanted, (project_id, unit_id, officer_id), strict=True)
        )

    def conditions(self, project: FromClause) -> list[ColumnElement[bool]]:
        """What is asked of the table of projects."""
        wanted = {"id": self.project_id, "unit_id": self.unit_id, "officer_id": self.officer_id}
        found: list[ColumnElement[bool]] = [project.c[name] == key for name, key in wanted.items() if key is not None]
        return found if self.codes is None else [*found, project.c.code.in_(sorted(self.codes))]

    def holds(self, project_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """What is asked of a key of a project, in a statement that does not join them."""
        if self == EVERYTHING:
            return []
        if self == Scope(project_id=self.project_id):
            return [project_id == self.project_id]
        project = table(Project).alias("in_scope")
        return [project_id.in_(select(project.c.id).where(*self.conditions(project)))]


EVERYTHING = Scope()


def project_key(session: Session, code: str) -> int | None:
    """The key of a project or pool, archived ones too."""
    project = table(Project).c
    return session.scalar(select(project.id).where(project.code == code))


def unit_key(session: Session, code: str) -> int | None:
    """The key of a unit."""
    unit = table(Unit).c
    return session.scalar(select(unit.id).where(unit.code == code))


def officer_key(session: Session, code: str) -> int | None:
    """The key of an officer."""
    officer = table(Officer).c
    return session.scalar(select(officer.id).where(officer.code == code))


def partner_key(session: Session, code: str) -> int | None:
    """The key of a partner."""
    partner = table(Partner).c
    return session.scalar(select(partner.id).where(partner.code == code))


def project_keys(project: FromClause, over: Collection[str]) -> list[Told]:
    """What tells projects apart by themselves: two that agree in all of it are as good as one."""
    if PROJECT in over:
        return [project.c.id]
    keys: list[Told] = []
    if UNIT in over or UNIT_REGION in over:
        keys.append(project.c.unit_id)
    if OFFICER in over:
        keys.append(project.c.officer_id)
    if OUTCOME in over:
        # spending follows the outcomes that allocations name
        keys += [project.c.outcome, case((project.c.id.in_(naming_outcomes()), project.c.id))]
    return keys


def naming_outcomes() -> Select[tuple[int]]:
    """Keys of the projects that have an allocation which names an outcome."""
    allocation = table(Allocation).alias("of_outcomes")
    return select(allocation.c.project_id).where(allocation.c.outcome != "")


def places_of_projects() -> FromClause:
    """Countries and regions of each project (project_id, said) in one text, the same for the same places and parts.

    Of two orders of the same places the texts may differ, which tells apart more than need be and harms nothing.
    """
    row = table(Classification).c
    return _said_of_projects(
        "places", row.kind.in_(("country", "region")), func.coalesce(row.vocabulary, "1") == "1", one=row.kind
    )


def sectors_of_projects() -> FromClause:
    """The same of the sectors of each project."""
    row = table(Classification).c
    vocabulary = func.coalesce(row.vocabulary, "1")
    return _said_of_projects("sectors", row.kind == "sector", vocabulary.in_(("1", "2")), one=vocabulary)


def _said_of_projects(name: str, *rows: ColumnElement[bool], one: ColumnElement[str]) -> FromClause:
    row = table(Classification).c
    said = one + " " + row.code + " " + func.coalesce(cast(row.percentage, String), "")
    return (
        select(row.project_id, aggregate_strings(said, ",").label("said"))
        .where(*rows)
        .group_by(row.project_id)
        .subquery(name)
    )


def agreement_keys(agreement_id: ColumnElement[int | None], terms: FromClause, over: Collection[str]) -> list[Told]:
    """What tells agreements apart by themselves; ``terms``: the agreement, which is joined when there is one."""
    if SOURCE in over:
        return [agreement_id]
    keys: list[Told] = []
    if PARTNER in over:
        keys += [terms.c.partner_id, cast(terms.c.further_partners, String)]
    if FUNDS in over:
        keys += [agreement_id.is_(None), terms.c.corporate_wording, terms.c.category]
    return keys


def of_partner(agreement_id: ColumnElement[int | None], partner_id: int | None) -> list[ColumnElement[bool]]:
    """That a row is under an agreement of the partner, where one is asked for; what names none is nobody's."""
    if partner_id is None:
        return []
    giver = givers().c
    return [agreement_id.in_(select(giver.agreement_id).where(giver.partner_id == partner_id))]


def is_narrow(scope: Scope, partner_id: int | None) -> bool:
    """Whether sums are asked of some projects, or of a partner's money, alone."""
    return scope != EVERYTHING or partner_id is not None


def summed(
    session: Session, statement: Select[tuple[object, ...]], fields: Sequence[str], *, narrow: bool
) -> Iterator[ResultRow]:
    """The sums of ``amount`` of what agrees in the fields and in the classes, which are called ``class_…``.

    Of a sum's projects and agreements one is named. The fields come in their order. ``narrow``: as of
    :class:`ByInterval`.
    """
    rows, keys, figures = _grouped(statement, fields)
    sums = select(*figures, func.sum(rows.c.amount)).group_by(*keys)
    return chain.from_iterable(_executed(session, sums, narrow=narrow))


#: up to so many intervals are columns where projects are told apart: each is asked of every row
_COLUMNS = 12

#: what a sum is of, and its amounts
Rows = Sequence[tuple[Sequence[object], Amounts]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ByInterval:
    """Sums of what agrees in the fields, told apart by the intervals of time as well: the statement, which may be kept
    and asked again, and how its rows are read."""

    statement: Statement
    #: what columns say a sum is of
    fields: Sequence[str]
    #: the intervals that columns of the answer are of, in their order; None: each row names its own
    columns: Sequence[int] | None
    #: they are of a part alone: of its few rows no sort is dear, and a database that may sort none compares each of all
    #: rows with each agreement of the part instead
    narrow: bool = False

    def read(
        self, session: Session, given: Mapping[str, object] | None = None
    ) -> Iterator[tuple[Sequence[object], Amounts]]:
        """``given``: the parameters of the statement."""
        for rows in _executed(session, self.statement, given, narrow=self.narrow):
            yield from map(self._told, rows)

    def read_as(
        self, made: Callable[[Sequence[object]], Sum], session: Session, *, apart: str | None, in_blocks: bool
    ) -> Summed[Sum]:
        """The sums, each ``made`` of what it is of and its amounts. ``in_blocks``: only those are, of which something
        stands in the field ``apart``; the others come in blocks."""
        if self.columns is None or not in_blocks:
            return Summed([made((*told, amounts)) for told, amounts in self.read(session)])
        lone: list[Sum] = []
        blocks = Blocks(self.fields, self.columns)
        for rows in _executed(session, self.statement, narrow=self.narrow):
            if apart is not None:
                place = self.fields.index(apart)
                lone += [made((*told, amounts)) for told, amounts in map(self._told, _with(rows, place))]
                rows = [row for row in rows if row[place] is None]
            blocks.add(rows)
        return Summed(lone, blocks.found())

    def read_by_portion(
        self,
        made: Callable[[Sequence[object]], Sum],
        session: Session,
        name: str,
        *,
        within: Collection[str],
        beyond: Collection[str] = (),
    ) -> Summed[Sum]:
        """The sums of everything, of which only those portions of the projects are summed anew that changed: for a
        statement that tells what tells sums apart (``telling`` of :func:`by_interval`), as the last of it the portion
        (:func:`portion_class`). See :func:`app.db.unchanged.known_by_portion`."""

        def read(fresh: Session, portions: Portions) -> Mapping[int, Rows]:
            found: dict[int, list[tuple[Sequence[object], Amounts]]] = {number: [] for number in portions.numbers}
            for told, amounts in self.read(fresh, portions.given):
                found[cast_type("int", told[-1])].append((told[:-1], amounts))
            return found

        rows = known_by_portion(session, name, read, self.merged, within=within, beyond=beyond, rows=len)
        return Summed([made((*told[: len(self.fields)], amounts)) for told, amounts in rows])

    def _told(self, row: ResultRow) -> tuple[Sequence[object], Amounts]:
        if self.columns is None:
            return row[:-2], cast_type("Amounts", (row[-2:],))
        width = len(self.fields)
        sums = cast_type("Iterator[tuple[int, Decimal | None]]", zip(self.columns, row[width:], strict=True))
        return row[:width], cast_type("Amounts", [each for each in sums if each[1] is not None])

    def merged(self, parts: Sequence[Rows]) -> Rows:
        """What was read of several portions as it would be read of all together; what tells sums apart stands in the
        rows as well (``telling`` of :func:`by_interval`), behind the fields."""
        rows = list(chain.from_iterable(parts))
        any_of = [self.fields.index(name) for name in _ANY]
        telling = [place for place in range(len(rows[0][0]) if rows else 0) if place not in any_of]
        found: dict[tuple[object, ...], tuple[Sequence[object], Decimal]] = {}
        for row, amounts in rows:
            for within, amount in amounts:
                key = (within, *[row[place] for place in telling])
                before = found.get(key)
                if before is None:
                    found[key] = row, amount
                    continue
                named = list(before[0])
                for place in any_of:
                    named[place] = _least(named[place], row[place])
                found[key] = named, EXACT.add(before[1], amount)
        return [(row, ((key[0], amount),)) for key, (row, amount) in found.items() if isinstance(key[0], int)]


def _with(rows: Sequence[ResultRow], place: int) -> list[ResultRow]:
    return [row for row in rows if row[place] is not None]


def _least(one: object, other: object) -> object:
    """As the databases tell the least: what is not said is none."""
    if isinstance(one, int) and isinstance(other, int):
        return min(one, other)
    return other if one is None else one


def by_interval(
    statement: Select[tuple[object, ...]],
    fields: Sequence[str],
    starts: Sequence[dt.date],
    *,
    since: dt.date | None,
    until: dt.date,
    spread: bool,
    telling: bool = False,
    narrow: bool = False,
) -> ByInterval:
    """As :func:`summed`, told apart by the intervals of time that ``day`` of a row falls into as well.

    ``since``, ``until``: the days that rows are of.

    ``spread``: there are many sums in few intervals. Then these are columns of the database's answer, which has a row
    for all intervals together: few rows of many columns take a third of the time of many rows.

    ``telling``: the classes stand in the answer, for it is merged with others. ``narrow``: see :class:`ByInterval`.
    """
    if telling or not spread or len(starts) > _COLUMNS:
        number = interval(statement.selected_columns.day, starts).label("interval")
        rows, keys, figures = _grouped(statement.add_columns(number), (*fields, "interval"))
        figures[-1:-1] = _classes(rows) if telling else []
        sums: Statement = select(*figures, func.sum(rows.c.amount)).group_by(*keys)
        return ByInterval(statement=sums, fields=fields, columns=None, narrow=narrow)
    rows, keys, figures = _grouped(statement, fields)
    wanted = intervals(rows.c.day, starts, since, until)
    columns = [func.sum(rows.c.amount).filter(within) for within in wanted.values()]
    # in the order of projects: figures that lie in memory as they are printed are gone through in half the time. The
    # offset of nothing keeps PostgreSQL from going through all rows in that order for it
    unordered = select(*figures, *columns).group_by(*keys).offset(0).subquery()
    sums = select(*unordered.c).order_by(list(unordered.c)[fields.index("project_id")])
    return ByInterval(statement=sums, fields=fields, columns=tuple(wanted), narrow=narrow)


def portion_class(project_id: ColumnElement[int]) -> ColumnElement[int]:
    """The portion of a row's project, as what tells sums apart; it comes behind all else that does."""
    return number_of(project_id).label("class_portion")


def _classes(rows: Subquery) -> list[ColumnElement[object]]:
    return [column for column in rows.c if column.name.startswith("class_")]


def _grouped(
    statement: Select[tuple[object, ...]], fields: Sequence[str]
) -> tuple[Subquery, list[ColumnElement[object]], list[ColumnElement[object]]]:
    """The rows, what sums of them are told apart by, and what is said of a sum."""
    rows = statement.subquery()
    same = {column.key: value for column in statement.selected_columns if (value := _constant(column)) is not None}
    keys: list[ColumnElement[object]] = [rows.c[name] for name in fields if name not in _ANY and name not in same]
    keys += _classes(rows)
    figures = [same[name] if name in same else _told(name, rows.c[name]) for name in fields]
    return rows, keys, figures


def _executed(
    session: Session, sums: Statement, given: Mapping[str, object] | None = None, *, narrow: bool
) -> Iterator[Sequence[ResultRow]]:
    with nullcontext() if narrow else sums_by_hashing(session):
        # by the batch: a row that is asked for by itself costs more than it takes to read it
        return session.execute(sums, given).partitions(BATCH)


def _constant(column: ColumnElement[object]) -> ColumnElement[object] | None:
    """What a column is in every row, where that is the same, so that sums need not be told apart by it: each key costs
    its time."""
    inner = column.element if isinstance(column, Label) else column
    is_null = isinstance(inner, Cast) and isinstance(inner.clause, Null)
    return inner if is_null or isinstance(inner, BindParameter) else None


#: of these one is named
_ANY = ("project_id", "agreement_id")


def _told(name: str, column: ColumnElement[object]) -> ColumnElement[object]:
    return func.min(column) if name in _ANY else column
