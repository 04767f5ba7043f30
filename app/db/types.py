"""Column types of our own: exact money, aware datetimes, enumerations by value, JSON that notices changes.

Money is TEXT with a decimal collation and a decimal sum on SQLite (whose NUMERIC is a float in disguise) and
unconstrained NUMERIC on PostgreSQL. Both keep every digit that was entered. Arithmetic, ``avg`` and ``abs`` on money
refuse to compile: sum by (currency, rate, share) and multiply in Python.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from typing import Any, NoReturn

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Dialect,
    Integer,
    String,
    Text,
    bindparam,
    types,
)
from sqlalchemy import Enum as SaEnum
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.sql import functions, operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.domain.money import EXACT, plain

#: primary and foreign keys
Key = BigInteger().with_variant(Integer, "sqlite")

#: codes and identifiers: compared and ordered by their bytes on both databases
Code = String().with_variant(String(collation="C"), "postgresql")


class Money(TypeDecorator[Decimal]):
    """An exact decimal amount."""

    impl = types.Numeric
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[Decimal]):
        _forbidden = frozenset(
            {
                operators.add,
                operators.sub,
                operators.mul,
                operators.truediv,
                operators.floordiv,
                operators.mod,
                operators.neg,
            }
        )

        def operate(self, op: operators.OperatorType, *other: object, **kwargs: object) -> Any:
            if op in self._forbidden:
                refuse_money(op.__name__)
            return super().operate(op, *other, **kwargs)

        def reverse_operate(self, op: operators.OperatorType, other: object, **kwargs: object) -> Any:
            if op in self._forbidden:
                refuse_money(op.__name__)
            return super().reverse_operate(op, other, **kwargs)

    @property
    def comparator_factory(self) -> type[TypeDecorator.Comparator[Decimal]]:  # type: ignore[override]
        return Money.Comparator

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str] | TypeEngine[Decimal]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text(collation="decimal"))
        return dialect.type_descriptor(types.Numeric(asdecimal=True))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | Decimal | None:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"money takes Decimal, not {type(value).__name__}")
        if not value.is_finite():
            raise ValueError("money takes finite amounts")
        return plain(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: str | Decimal | None, dialect: Dialect) -> Decimal | None:
        return value if value is None or isinstance(value, Decimal) else Decimal(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Decimal | None] | None:
        """As :meth:`process_result_value`; PostgreSQL gives decimals already, and a report reads a million of them."""
        return _decimal if dialect.name == "sqlite" else None


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def refuse_money(operation: str) -> NoReturn:
    raise CompileError(f"{operation} on money is not exact in the database: sum by currency, then compute in Python")


@compiles(functions.Function)
def _compile_function(element: functions.Function[object], compiler: SQLCompiler, **kwargs: Any) -> str:
    """``func.avg`` and ``func.abs`` of money refuse to compile."""
    if element.name in {"avg", "abs", "total", "round"} and any(isinstance(c.type, Money) for c in element.clauses):
        refuse_money(element.name)
    return str(compiler.visit_function(element, **kwargs))


@compiles(functions.sum, "sqlite")
def _compile_sum(element: functions.sum[Decimal], compiler: SQLCompiler, **kwargs: Any) -> str:
    """``func.sum`` of money is the exact aggregate that the connection registers."""
    if any(isinstance(c.type, Money) for c in element.clauses):
        return f"decimal_sum({compiler.process(element.clauses, **kwargs)})"
    return str(compiler.visit_function(element, **kwargs))


class Contains(functions.FunctionElement[bool]):
    """Whether a text stands anywhere in a column, without regard to case (on SQLite to that of ASCII letters)."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], sought: str) -> None:
        escaped = re.sub("([/%_])", r"/\1", sought)
        super().__init__(column, bindparam("sought", f"%{escaped}%", type_=String(), unique=True))


@compiles(Contains)
def _compile_contains(element: Contains, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, sought = (compiler.process(part, **kwargs) for part in element.clauses)
    # LIKE of SQLite disregards case of itself: lower() of each row would take twice as long
    return f"({column} {'LIKE' if compiler.dialect.name == 'sqlite' else 'ILIKE'} {sought} ESCAPE '/')"


class DecimalSum:
    """SQLite aggregate: the exact sum of decimals stored as text; NULL for no rows."""

    def __init__(self) -> None:
        self.total: Decimal | None = None

    def step(self, value: str | None) -> None:
        if value is not None:
            self.total = EXACT.add(self.total, Decimal(value)) if self.total is not None else Decimal(value)

    def finalize(self) -> str | None:
        return None if self.total is None else plain(self.total)


def compare_decimals(left: str, right: str) -> int:
    """SQLite collation: decimals by value."""
    a, b = Decimal(left), Decimal(right)
    return (a > b) - (a < b)


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware datetime, kept in UTC; naive ones are refused."""

    impl = types.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[dt.datetime]:
        return dialect.type_descriptor(types.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone says no moment")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], dt.datetime | None] | None:
        """As :meth:`process_result_value`; SQLite's text in one step, since every row has two moments or more."""
        return _moment if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


#: letters of a moment as it is written here
_WRITTEN = 26


def _moment(value: str | None) -> dt.datetime | None:
    if value is None:
        return None
    if len(value) == _WRITTEN and value[-6] not in "+-":
        return dt.datetime.fromisoformat(f"{value}+00:00")
    # what was written by other means may have no fractions, or a zone
    moment = dt.datetime.fromisoformat(value)
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def choice(enumeration: type[Enum]) -> SaEnum:
    """An enumeration kept by its values, with a check in the database."""
    return SaEnum(
        enumeration,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        name=f"is_{enumeration.__name__.lower()}",
    )


def one_of(column: str, *values: str) -> CheckConstraint:
    """A check that a text column holds one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class _Recurring(TypeDecorator[object]):
    """JSON of which a few texts stand in very many rows: each is read once.

    What rows of statements hold is shared between them, and nobody changes it; a row of a class has a list or object
    of its own.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[object], object] | None:
        read = super().result_processor(dialect, coltype)
        return None if read is None else lru_cache(maxsize=1000)(read)


# each Mutable type looks through all columns of all tables for its own: so there is one of a kind
def _json(*, recurring: bool) -> TypeEngine[Any]:
    return _Recurring() if recurring else JSON(none_as_null=True)


@cache
def json_object(*, recurring: bool = False) -> TypeEngine[dict[str, object]]:
    """A JSON object; key order is kept, changes at the top are noticed. ``recurring``: see :class:`_Recurring`."""
    return MutableDict.as_mutable(_json(recurring=recurring))


@cache
def json_list(*, recurring: bool = False) -> TypeEngine[list[object]]:
    """A JSON list; changes at the top are noticed. ``recurring``: see :class:`_Recurring`."""
    return MutableList.as_mutable(_json(recurring=recurring))
