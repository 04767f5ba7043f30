"""Statements of policies."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from app.db.base import table
from app.db.evaluations import (
    EvaluationPolicy,
)
from app.db.partners import Partner
from app.db.shapes import shaped
from app.http.lists import Listing, equals, sort

_partner = table(Partner).c
_policy = table(EvaluationPolicy).c


@dataclass(frozen=True, slots=True)
class PolicyInUse:
    """The text of a version of a policy, and what its row says of it."""

    code: str
    sequence: int
    #: from when on it judges in place of those before it; None: from the beginning
    decided_on: dt.date | None
    retired: bool
    document: str
    activation_on: dt.date | None
    valid_to: dt.date | None
    #: code of the partner whose clause it is
    partner: str | None


POLICIES = Listing(
    name="policies",
    statement=select(
        _policy.id, _policy.code, _policy.sequence, _policy.title, _partner.code.label("owner"), _policy.valid_from,
        _policy.valid_to, _policy.activation_on, _policy.decided_on, _policy.retired, _policy.document,
        _policy.recorded_at, _policy.recorded_by,
    ).join_from(table(EvaluationPolicy), table(Partner), _partner.id == _policy.partner_id, isouter=True),
    key=_policy.id,
    sorts={"code": sort(_policy.code), "valid_from": sort(_policy.valid_from), "id": sort(_policy.id)},
    filters={"code": equals(_policy.code), "retired": equals(_policy.retired)},
    usual_sort="id",
)  # fmt: skip


def newest_policy(session: Session, code: str) -> EvaluationPolicy | None:
    """The policy of that code as it was last loaded."""
    return session.scalars(
        select(EvaluationPolicy).where(_policy.code == code).order_by(_policy.sequence.desc()).limit(1)
    ).first()


def versions(session: Session) -> list[PolicyInUse]:
    """Every version of every policy, in the order in which they were loaded."""
    statement = (
        select(
            _policy.code, _policy.sequence, _policy.decided_on, _policy.retired, _policy.document,
            _policy.activation_on, _policy.valid_to, _partner.code.label("partner"),
        )
        .join_from(table(EvaluationPolicy), table(Partner), _partner.id == _policy.partner_id, isouter=True)
        .order_by(_policy.code, _policy.sequence)
    )  # fmt: skip
    return shaped(PolicyInUse, session.execute(statement))
