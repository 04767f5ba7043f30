"""Sums of encumbrances for reports."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, cast, func, null, or_, select
from sqlmodel import Session

from app.db.base import table
from app.db.encumbrances import held
from app.db.projects import Project
from app.domain.money import EXACT
from app.domain.terms import EncumbranceKind
from app.reports.blocks import Amounts, Block, Summed
from app.reports.queries_classes import (
    FUNDS,
    PLACE,
    PROJECT,
    RECORDED,
    SECTOR,
    by_interval,
    is_narrow,
    places_of_projects,
    project_keys,
    sectors_of_projects,
)
from app.reports.queries_ledger import Window
from app.reports.sums import interval, rate_day


class BoundSum(NamedTuple):
    """Encumbrances that began in an interval of time; below zero those that ended in it."""

    #: one of the projects that are as good as one for the report
    project_id: int
    currency: str
    #: day on which they began, whose rate of exchange counts; None where none is needed
    rate_day: dt.date | None
    #: number of the interval in which they began, whose fiscal year tells what they follow; None where nobody asks
    began: int | None
    amounts: Amounts


def bound_sums(session: Session, window: Window, *, in_blocks: bool = False) -> Summed[BoundSum]:
    """Encumbrances (advances apart) that began by the day, less those that ended by it, by interval.

    Of one that was changed what it bound before ends on the day of the change, and what it binds since begins there.
    """
    row, project, over = held(session, recorded_at=window.recorded_at), table(Project), window.over
    joined = row.join(project, project.c.id == row.c.project_id)
    classes = project_keys(project, over)
    if {PLACE, RECORDED} & over and PROJECT not in over:
        places = places_of_projects()
        joined = joined.outerjoin(places, places.c.project_id == row.c.project_id)
        classes.append(places.c.said)
    if SECTOR in over and PROJECT not in over:
        sectors = sectors_of_projects()
        joined = joined.outerjoin(sectors, sectors.c.project_id == row.c.project_id)
        classes.append(sectors.c.said)
    if FUNDS in over and PROJECT not in over:
        # they follow the allocations of the year in which they began, or else what funds their project
        for said in window.said_of_funds:
            joined = joined.outerjoin(said, said.c.project_id == row.c.project_id)
            classes.append(said.c.said)
    began = interval(row.c.starts, window.starts) if FUNDS in over else cast(null(), BigInteger)
    found: list[BoundSum] = []
    blocks: list[Block] = []
    for day, ended in ((row.c.starts, False), (row.c.ends, True)):
        rows = (
            select(
                row.c.project_id,
                day.label("day"),
                row.c.currency,
                rate_day(row.c.currency, row.c.date, window.currency).label("rate_day"),
                began.label("began"),
                row.c.amount,
                *(each.label(f"class_{number}") for number, each in enumerate(classes)),
            )
            .select_from(joined)
            .where(
                row.c.kind == EncumbranceKind.ENCUMBRANCE,
                *_on_record(row, window.recorded_at),
                row.c.starts <= window.until,
                day <= window.until,
                *window.scope.conditions(project),
            )
        )
        sums = by_interval(
            rows,
            BoundSum._fields[:-1],
            window.starts,
            since=None,
            until=window.until,
            spread=PROJECT in over,
            narrow=is_narrow(window.scope, window.partner_id),
        ).read_as(BoundSum._make, session, apart=None, in_blocks=in_blocks)
        found += map(_ended, sums.rows) if ended else sums.rows
        blocks += map(_all_ended, sums.blocks) if ended else sums.blocks
    return Summed(found, blocks)


def first_bound_on(session: Session, until: dt.date, *, recorded_at: dt.datetime | None) -> dt.date | None:
    """Day of the first encumbrance, whatever became of it."""
    row = held(session, recorded_at=recorded_at)
    found: dt.date | None = session.scalar(select(func.min(row.c.starts)).where(row.c.starts <= until))
    return found


def _on_record(row: FromClause, recorded_at: dt.datetime | None) -> list[ColumnElement[bool]]:
    """Encumbrances in use, or that were so at a moment."""
    if recorded_at is None:
        return [row.c.archived_at.is_(None)]
    return [row.c.created_at <= recorded_at, or_(row.c.archived_at.is_(None), row.c.archived_at > recorded_at)]


def _ended(row: BoundSum) -> BoundSum:
    return row._replace(amounts=[(place, EXACT.minus(amount)) for place, amount in row.amounts])


def _all_ended(block: Block) -> Block:
    return block._replace(amounts=[None if amount is None else EXACT.minus(amount) for amount in block.amounts])
