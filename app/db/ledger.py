"""What rows of the ledger are to the organisation, asked of the database: the rule is that of ``app.domain.ledger``.

A row says that it is a transfer between a pool and a project when it was posted as one. Whether it went to the
organisation itself in another way is asked when sums are made, so that it does not depend on which of two activities
was loaded first. Statements join the project of each row.
"""

from functools import lru_cache

from sqlalchemy import ColumnElement, FromClause, String, and_, cast, exists, func, or_, select, true, union_all

from app.db.base import table
from app.db.json_lists import json_texts
from app.db.organisation import Setup
from app.db.partners import Organisation
from app.db.projects import Project
from app.db.types import Code
from app.domain.ledger import TransactionType


# Every figure of money asks these of the same tables, and a condition of so many parts is made longer than a small
# portfolio is summed: it is kept for the tables that were asked about last.
@lru_cache(maxsize=8)
def is_internal(entry: FromClause, project: FromClause) -> ColumnElement[bool]:
    """Whether a row moves money within the organisation."""
    received = and_(
        entry.c.type == TransactionType.INCOMING_FUNDS.value,
        _is_itself(entry.c.provider_id, entry.c.provider_activity, project),
    )
    return or_(entry.c.internal, _is_disbursed_within(entry, project), received)


def _is_disbursed_within(entry: FromClause, project: FromClause) -> ColumnElement[bool]:
    return and_(
        entry.c.type == TransactionType.DISBURSEMENT.value,
        _is_itself(entry.c.receiver_id, entry.c.receiver_activity, project),
    )


@lru_cache(maxsize=8)
def is_expenditure(entry: FromClause, project: FromClause) -> ColumnElement[bool]:
    """Whether a row is expenditure: of type 4, or of type 3 to others."""
    # the type by itself, so that its index is used; what is received is none of these, and is not asked about
    spending = entry.c.type.in_((TransactionType.DISBURSEMENT.value, TransactionType.EXPENDITURE.value))
    return and_(spending, ~or_(entry.c.internal, _is_disbursed_within(entry, project)))


def _is_written(written: ColumnElement[str | None], identifier: ColumnElement[str]) -> ColumnElement[bool]:
    return written.in_([identifier, func.upper(identifier), func.lower(identifier)])


def _is_itself(
    organisation: ColumnElement[int | None], activity: ColumnElement[str | None], project: FromClause
) -> ColumnElement[bool]:
    """Whether the other side is the organisation of the set-up, or the one that reports the project."""
    setup, own, named = (
        table(Setup).alias("house"),
        table(Organisation).alias("own"),
        table(Organisation).alias("named"),
    )
    kept, reporting = table(Project).alias("kept"), table(Organisation).alias("reporting")
    ourselves = select(setup.c.organisation_id).scalar_subquery()
    # a file may name the organisation without its identifier: such an entry has the name only; others have the
    # identifier in small or capital letters, or the one that the organisation had before. Each is found by its index
    house = own.join(setup, setup.c.organisation_id == own.c.id)
    former = json_texts(own.c.former_identifiers).table_valued("value")
    before = cast(former.c.value, Code)
    called_so = union_all(
        select(named.c.id)
        .select_from(house.join(named, named.c.name_key == own.c.name_key))
        .where(named.c.identifier.is_(None)),
        select(named.c.id).select_from(house.join(named, _is_written(named.c.identifier, own.c.identifier))),
        select(named.c.id)
        .select_from(house.join(former, true()).join(named, _is_written(named.c.identifier, before)))
        .where(cast(own.c.former_identifiers, String) != "[]"),
    )
    kept_here = exists(
        select(kept.c.id).where(
            kept.c.iati_identifier == activity,
            or_(kept.c.reporting_org_id == project.c.reporting_org_id, kept.c.reporting_org_id == ourselves),
        )
    )
    begins_so = exists(
        select(reporting.c.id).where(
            or_(reporting.c.id == project.c.reporting_org_id, reporting.c.id == ourselves),
            func.substr(activity, 1, func.length(reporting.c.identifier) + 1) == reporting.c.identifier + "-",
        )
    )
    by_name = and_(
        organisation.is_not(None),
        or_(organisation == project.c.reporting_org_id, organisation == ourselves, organisation.in_(called_so)),
    )
    by_activity = and_(activity.is_not(None), or_(kept_here, and_(organisation.is_(None), begins_so)))
    return or_(by_name, by_activity)
