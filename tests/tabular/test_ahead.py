"""While rows are stored the next ones are read, and each fault is told in its turn."""

from collections.abc import Iterator
from decimal import Decimal
from threading import Event

import pytest
from pydantic import BaseModel
from sqlalchemy import event, select, text

from app.db.base import key, table
from app.db.bulk import add_rows
from app.db.engine import Database
from app.db.imports import TableImport, TableImportLine
from app.errors import Fault, InvalidInput
from app.tabular.ahead import ahead, in_turn
from app.tabular.header import TableRow
from app.tabular.queries_imports import rows_of
from tests import portfolio


class Amount(BaseModel):
    amount: Decimal


def rows(count: int) -> Iterator[TableRow | Fault]:
    for number in range(2, 2 + count):
        yield TableRow(number, {"amount": str(number)}, ())


def parse(row: TableRow) -> BaseModel:
    if row.number % 3 == 0:
        raise InvalidInput([Fault(rule="three", message="It is a third one.")])
    return Amount(amount=Decimal(str(row.cells["amount"])))


def numbers(batch: list[TableRow | Fault]) -> list[int | None]:
    return [each.row if isinstance(each, Fault) else each.number for each in batch]


def test_batches_come_in_order_and_parsed() -> None:
    found = list(ahead(rows(7), 3, parse))
    assert [numbers(batch) for batch, _ in found] == [[2, 3, 4], [5, 6, 7], [8]]
    parsed = found[0][1]
    assert (parsed[2], parsed[4]) == (Amount(amount=Decimal(2)), Amount(amount=Decimal(4)))
    assert isinstance(parsed[3], InvalidInput)
    assert [numbers(batch) for batch, _ in in_turn(rows(7), 3)] == [[2, 3, 4], [5, 6, 7], [8]]
    assert list(ahead(rows(0), 3, parse)) == []


def test_one_batch_is_read_while_another_is_at_work() -> None:
    read = Event()

    def told() -> Iterator[TableRow | Fault]:
        yield from rows(6)
        read.set()

    batches = ahead(told(), 3, parse)
    next(batches)
    next(batches)
    # what comes after the second batch is asked for while that one is stored
    assert read.wait(30)
    assert list(batches) == []


def test_what_cannot_be_read_is_told_in_its_turn_and_what_is_left_is_not_read() -> None:
    asked: list[int] = []

    def broken() -> Iterator[TableRow | Fault]:
        for row in rows(4):
            asked.append(row.row or 0 if isinstance(row, Fault) else row.number)
            yield row
        raise InvalidInput([Fault(rule="table.broken", message="It ends here.")])

    batches = ahead(broken(), 2, parse)
    assert numbers(next(batches)[0]) == [2, 3]
    assert numbers(next(batches)[0]) == [4, 5]
    with pytest.raises(InvalidInput):
        next(batches)
    asked.clear()
    stopped = ahead(broken(), 1, parse)
    next(stopped)
    stopped.close()
    assert asked in ([2], [2, 3]), "at most one batch ahead"


def test_what_an_import_noted_is_found_by_its_keys_however_much_that_is(database: Database) -> None:
    count, seen = 3000, list[tuple[str, object]]()
    with database.write("anna") as session:
        portfolio.set_up(session)
        run = TableImport(kind="transactions", source="", file="f", recorded_by="anna")
        session.add(run)
        session.flush()
        noted = [(key(run), f"V-{number}", number) for number in range(count)]
        add_rows(session, TableImportLine, ("import_id", "key", "row"), noted)
        event.listen(
            session.connection(), "before_cursor_execute", lambda _c, _u, sent, given, *_: seen.append((sent, given))
        )
        found = rows_of(session, key(run), ["V-7", "V-2999", "new", *(f"none-{number}" for number in range(200))])
        assert found == {"V-7": 7, "V-2999": 2999}
        assert session.scalar(select(table(TableImportLine).c.row).where(table(TableImportLine).c.key == "V-7")) == 7
        if database.is_sqlite:
            return
        statement, given = seen[0]
        told = session.connection().exec_driver_sql(f"EXPLAIN ANALYZE {statement}", given)  # type: ignore[arg-type]
        plan = "\n".join(row[0] for row in told)
        assert "Rows Removed by Filter" not in plan, plan
        assert session.scalar(text("SELECT 1")) == 1
