"""Batches of rows, read ahead of those that are stored: while the database works, the next ones are parsed."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice

from pydantic import BaseModel

from app.errors import Fault, InvalidInput
from app.tabular.header import TableRow

#: by the numbers of rows what their kind makes of them, or what is wrong with them
Parsed = dict[int, BaseModel | InvalidInput]
#: rows, and those of them that were parsed already
Batch = tuple[list[TableRow | Fault], Parsed]


def in_turn(rows: Iterator[TableRow | Fault], size: int) -> Generator[Batch, None, None]:
    """So many rows at a time, none of which was parsed."""
    while batch := list(islice(rows, size)):
        yield batch, {}


def ahead(
    rows: Iterator[TableRow | Fault], size: int, parse: Callable[[TableRow], BaseModel]
) -> Generator[Batch, None, None]:
    """So many rows at a time, parsed; one batch is read while the one before it is at work. ``parse`` asks nothing of
    the database.

    :raises InvalidInput: in the turn of the batch of which the file cannot be read.
    """

    def read() -> Batch:
        batch = list(islice(rows, size))
        return batch, {row.number: _parsed(row, parse) for row in batch if isinstance(row, TableRow)}

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="earmark-ahead") as worker:
        context = copy_context()
        coming = worker.submit(context.run, read)
        while (found := coming.result())[0]:
            coming = worker.submit(context.run, read)
            yield found


def _parsed(row: TableRow, parse: Callable[[TableRow], BaseModel]) -> BaseModel | InvalidInput:
    try:
        return parse(row)
    except InvalidInput as error:
        return error
