"""How many projects a list has of each kind, and what their budgets come to.

The list of all projects is counted by portion: in a large portfolio somebody always stores something.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import cast

from sqlalchemy import ColumnElement, ScalarSelect, Text, case, func, select, true
from sqlalchemy import cast as sql_cast
from sqlmodel import Session

from app.db.base import ResultRow, table
from app.db.organisation import Officer, Unit
from app.db.portions import NUMBER, Portions, number_of, of_portions
from app.db.projects import Classification, Project
from app.db.unchanged import known, known_by_portion
from app.domain.money import EXACT, exact_sum
from app.http import lists
from app.http.lists import Page
from app.projects.queries import PROJECTS

_project, _country = table(Project).c, table(Classification)
_FIELDS = {"status": _project.stage, "grain": _project.grain, "unit": _project.unit_id, "officer": _project.officer_id}
#: whose keys a facet counts, and the table that has their codes
_CALLED = {"unit": table(Unit).c, "officer": table(Officer).c}
_IN_COUNTRIES = replace(PROJECTS, statement=PROJECTS.statement.join(_country, _country.c.project_id == _project.id))
_IS_COUNTRY = _country.c.kind == "country"
_COUNTRY = {"country": _country.c.code}
_OF_PORTIONS, _OF_PROJECTS = of_portions(_project.id), frozenset({"projects"})
#: by which rows of portions are told apart
_PORTION = number_of(_project.id)
#: rows fetched at a time
_BATCH = 5000

#: currency → the sum of total budgets, and of how many projects
_Budgets = Mapping[str, tuple[Decimal, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counts:
    """Of some projects."""

    #: field → value → how many
    facets: Mapping[str, Mapping[object, int]]
    budgets: _Budgets

    @property
    def room(self) -> int:
        """In rows: a number takes much less."""
        return 1 + sum(map(len, self.facets.values())) // 10


def facets(session: Session, query: Page) -> dict[str, list[tuple[object, int]]]:
    """How many projects of a list each stage, unit, officer, country and grain has.

    A few statements where anything was stored; of the list of all projects they read the portions of which it was.
    """
    return known(session, f"facets of projects {_filtered(query)}", lambda fresh: _facets(fresh, query))


def budgets(session: Session, query: Page) -> list[tuple[str, Decimal, int]]:
    """(currency, sum, how many) of the total budgets of a list of projects; as many statements as :func:`facets`."""
    if lists.is_whole(query):
        found = _of_all(session, query).budgets
    else:
        found = known(session, f"budgets of projects {_filtered(query)}", lambda fresh: _budgets(fresh, query))
    return [(currency, *found[currency]) for currency in sorted(found, key=str)]


def counted(session: Session, queries: Sequence[Page], *, of_all: bool) -> Sequence[int]:
    """How many projects each of some lists has, in one statement where anything was stored; ``of_all``: the lists are
    of all projects and not of somebody's own, and only those portions of them are counted of which anything was."""
    name = f"numbers of projects {[_filtered(query) for query in queries]}"
    if not of_all:
        statement = select(*(_number(query) for query in queries))
        return known(session, name, lambda fresh: _numbers(fresh.execute(statement).one()))
    # one way through the projects of a portion: of each number alone SQLite would look through an index of all
    numbers = (func.count(case((_wanted(query), _project.id))) for query in queries)
    of_portion = PROJECTS.statement.with_only_columns(NUMBER.label("portion"), *numbers)
    by_portion = of_portion.where(_OF_PORTIONS).group_by("portion")

    def read(fresh: Session, portions: Portions) -> Mapping[int, Sequence[int]]:
        return {number: _numbers(counts) for number, *counts in fresh.execute(by_portion, portions.given)}

    return known(
        session,
        name,
        lambda every: known_by_portion(
            every,
            f"{name} by portion",
            read,
            lambda parts: [sum(numbers) for numbers in zip(*parts, strict=True)] or [0] * len(queries),
            within=_OF_PROJECTS,
        ),
    )


def _number(query: Page) -> ScalarSelect[int]:
    return lists.narrowed(PROJECTS, query).with_only_columns(func.count(_project.id)).scalar_subquery()


def _wanted(query: Page) -> ColumnElement[bool]:
    """Whether a project is in a list."""
    condition = lists.narrowed(PROJECTS, query).whereclause
    return true() if condition is None else condition


def _numbers(counts: Iterable[object]) -> Sequence[int]:
    return [cast("int", number) or 0 for number in counts]


def _filtered(query: Page) -> str:
    """What of a query says which projects are meant."""
    return query.model_dump_json(exclude=set(Page.model_fields), exclude_none=True)


def _facets(session: Session, query: Page) -> dict[str, list[tuple[object, int]]]:
    if lists.is_whole(query):
        return _told(session, {**_of_all(session, query).facets, **_countries_of_all(session, query)})
    found = lists.facets(session, PROJECTS, query, _FIELDS)
    return _told(session, {**found, **lists.facets(session, _IN_COUNTRIES, query, _COUNTRY, _IS_COUNTRY)})


def _told(session: Session, counts: Mapping[str, Mapping[object, int]]) -> dict[str, list[tuple[object, int]]]:
    called = {name: {row[0]: row[1] for row in session.execute(select(of.id, of.code))} for name, of in _CALLED.items()}
    return {name: lists.most_frequent(counts.get(name, {}), called.get(name)) for name in (*_FIELDS, *_COUNTRY)}


def _budgets(session: Session, query: Page) -> _Budgets:
    summed = (
        lists.narrowed(PROJECTS, query, _project.total_budget.is_not(None))
        .with_only_columns(_project.budget_currency, func.sum(_project.total_budget), func.count())
        .group_by(_project.budget_currency)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(summed)}


def _of_all(session: Session, query: Page) -> _Counts:
    """Of the list of all projects, but for their countries."""
    name = f"counts of projects {_filtered(query)}"
    # of portions the rows themselves: SQLite would group them by an index of all projects
    columns = (_project.id, *_FIELDS.values(), _project.budget_currency, _project.total_budget)
    statement = lists.narrowed(PROJECTS, query, _OF_PORTIONS).with_only_columns(*columns).order_by(_project.id)

    def read(fresh: Session, portions: Portions) -> Mapping[int, _Counts]:
        found = fresh.execute(statement, portions.given, execution_options={"yield_per": _BATCH})
        rows = chain.from_iterable(found.partitions())
        return {number: of_portion(own) for number, own in portions.apart(rows, itemgetter(0))}

    def of_portion(rows: Sequence[ResultRow]) -> _Counts:
        _keys, *values, currencies, amounts = zip(*rows, strict=True)
        amounts_of: dict[str, list[Decimal]] = defaultdict(list)
        for currency, amount in zip(currencies, amounts, strict=True):
            if amount is not None:
                amounts_of[currency].append(amount)
        return _Counts(
            facets={field: Counter(own) for field, own in zip(_FIELDS, values, strict=True)},
            budgets={currency: (exact_sum(own), len(own)) for currency, own in amounts_of.items()},
        )

    return known(
        session,
        name,
        lambda every: known_by_portion(
            every, f"{name} by portion", read, _added, within=_OF_PROJECTS, rows=lambda counts: counts.room
        ),
        rows=lambda counts: counts.room,
    )


def _countries_of_all(session: Session, query: Page) -> Mapping[str, Mapping[object, int]]:
    """In how many of all projects each country is; classifications are noted as a whole."""
    name = f"countries of projects {_filtered(query)} by portion"
    # with an index of the kinds SQLite would look through those of all projects, and each time through the portions
    is_country = sql_cast(_country.c.kind, Text) == "country"
    statement = (
        lists.narrowed(_IN_COUNTRIES, query, is_country, _OF_PORTIONS)
        .with_only_columns(_PORTION.label("portion"), _country.c.code, func.count())
        .group_by("portion", _country.c.code)
    )

    def read(fresh: Session, portions: Portions) -> Mapping[int, Mapping[str, Mapping[object, int]]]:
        found: dict[int, dict[object, int]] = defaultdict(dict)
        for number, code, count in fresh.execute(statement, portions.given):
            found[number][code] = count
        return {number: {"country": counts} for number, counts in found.items()}

    return known_by_portion(session, name, read, _added_up, within=_OF_PROJECTS)


def _added(parts: Sequence[_Counts]) -> _Counts:
    sums: dict[str, Decimal] = {}
    numbers: Counter[str] = Counter()
    for part in parts:
        for currency, (budget, number) in part.budgets.items():
            sums[currency] = EXACT.add(sums.get(currency, Decimal(0)), budget)
            numbers[currency] += number
    return _Counts(
        facets=_added_up([part.facets for part in parts]),
        budgets={currency: (budget, numbers[currency]) for currency, budget in sums.items()},
    )


def _added_up(parts: Sequence[Mapping[str, Mapping[object, int]]]) -> Mapping[str, Mapping[object, int]]:
    added: dict[str, Counter[object]] = defaultdict(Counter)
    for part in parts:
        for name, numbers in part.items():
            added[name].update(numbers)
    return added
