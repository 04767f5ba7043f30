"""Reads of framework agreements."""

from sqlalchemy import func, select

from app.db.base import table
from app.db.funding import Agreement, FrameworkAgreement
from app.db.partners import Partner
from app.http.lists import Listing, Sort, equals, sort, unless_archived

_framework, _partner, _agreement = table(FrameworkAgreement).c, table(Partner).c, table(Agreement).c

FRAMEWORKS = Listing(
    name="framework agreements",
    statement=select(
        _framework.id,
        _framework.code,
        _partner.code.label("partner"),
        _framework.title,
        _framework.starts_on,
        _framework.ends_on,
        _framework.themes,
        _framework.ceiling,
        _framework.currency,
        select(func.count())
        .where(_agreement.framework == _framework.code, _agreement.archived_at.is_(None))
        .correlate(table(FrameworkAgreement))
        .scalar_subquery()
        .label("agreements"),
        _framework.note,
        _framework.version,
        _framework.archived_at,
    ).join_from(table(FrameworkAgreement), table(Partner), _partner.id == _framework.partner_id),
    key=_framework.id,
    sorts={"code": sort(_framework.code), "partner": Sort(by=_partner.code), "id": sort(_framework.id)},
    filters={"archived": unless_archived(_framework.archived_at), "partner": equals(_partner.code)},
    usual_sort="code",
)
