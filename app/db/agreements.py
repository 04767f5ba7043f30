"""What is asked of agreements in statements of every noun: which decision holds, and who their partners are.

The rules are those of ``app.domain.agreements`` and ``app.domain.partners``.
"""

from functools import cache, lru_cache

from sqlalchemy import ColumnElement, FromClause, String, case, cast, func, select, true, union_all

from app.db.base import table
from app.db.funding import Agreement, AgreementRevision
from app.db.json_lists import json_texts
from app.db.partners import Partner
from app.domain.terms import AgreementStatus


def in_order(rows: FromClause | None = None) -> tuple[ColumnElement[object], ...]:
    """Decisions in the order in which they hold: a pledge never follows a signature, whenever it was entered."""
    revision = (table(AgreementRevision) if rows is None else rows).c
    return case((revision.status == AgreementStatus.PLEDGED, 0), else_=1), revision.known_on, revision.sequence


def newest_first(rows: FromClause | None = None) -> tuple[ColumnElement[object], ...]:
    """The decision that holds comes first."""
    return tuple(each.desc() for each in in_order(rows))


@cache
def givers() -> FromClause:
    """Every partner of every agreement: a table (agreement_id, partner_id), to be joined where each of them counts."""
    agreement, partner = table(Agreement).alias("joint"), table(Partner).alias("joining")
    said = json_texts(agreement.c.further_partners).table_valued("value")
    code = func.rtrim(func.rtrim(said.c.value, "0123456789."), ":")
    first = select(table(Agreement).c.id.label("agreement_id"), table(Agreement).c.partner_id)
    further = select(agreement.c.id.label("agreement_id"), partner.c.id.label("partner_id")).select_from(
        agreement.join(said, true()).join(partner, partner.c.code == code)
    )
    return union_all(first, further).subquery("givers")


def is_joint(agreement_id: ColumnElement[int | None]) -> ColumnElement[bool]:
    """Whether the agreement has several partners."""
    agreement = table(Agreement).alias("joint").c
    return agreement_id.in_(select(agreement.id).where(cast(agreement.further_partners, String) != "[]"))


def gives(partner_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Whether the agreement has the partner, as the first or a further one."""
    rows = givers().c
    return table(Agreement).c.id.in_(select(rows.agreement_id).where(rows.partner_id == partner_id))


@lru_cache(maxsize=64)
def of_partner(code: object) -> ColumnElement[bool]:
    """Whether the agreement has the partner of this code, as the first or a further one."""
    rows, partner = givers(), table(Partner).alias("asked")
    return table(Agreement).c.id.in_(
        select(rows.c.agreement_id).join(partner, partner.c.id == rows.c.partner_id).where(partner.c.code == code)
    )
