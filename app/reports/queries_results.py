"""What results frameworks say, for the report on results."""

from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.results import FrameworkItem
from app.domain.framework import Item
from app.reports.sums import BATCH


def framework_items(session: Session) -> list[Item]:
    """Every item that is not archived; a framework has some hundreds."""
    item = table(FrameworkItem).c
    rows = session.execute(
        select(
            item.framework, item.level, item.code, item.title, item.target, item.result_total, item.regions, item.unit
        )
        .where(item.archived_at.is_(None))
        .order_by(item.framework, item.level, item.code)
    )
    return [
        Item(
            framework=row.framework,
            level=row.level,
            code=row.code,
            title=row.title,
            target=row.target,
            result=row.result_total,
            regions={region: Decimal(number) for region, number in row.regions.items()},
            unit=row.unit,
        )
        for row in rows.yield_per(BATCH)
    ]
