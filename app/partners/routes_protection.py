"""Below ``/partners``: checks on protection from abuse."""

import datetime as dt

from sqlmodel import Session

from app.db.partners import Partner, ProtectionCheck
from app.domain.access import Actor
from app.http.parts import Part, Record, Summaries, set_part_by_key
from app.http.router import api_router
from app.partners import protection, queries
from app.partners.protection import ProtectionCheckOfPartnerIn, ProtectionCheckOut, ProtectionCheckPage

below = api_router("/partners/{partner_id}", "partners")


def _archive(session: Session, actor: Actor, _partner: Partner, row: ProtectionCheck, /, **_day: dt.date) -> None:
    protection.archive_protection_check(session, actor, row)


def _restore(session: Session, actor: Actor, _partner: Partner, row: ProtectionCheck, /, **_day: dt.date) -> None:
    protection.restore_protection_check(session, actor, row)


CHECK = Part(
    record=Record(row=Partner, one="partner", key="partner_id"),
    row=ProtectionCheck,
    path="/protection-checks",
    listing=queries.PROTECTION_CHECKS,
    shown=ProtectionCheckOut,
    query=ProtectionCheckPage,
    one="check",
    name="protection_check",
    names="protection_checks",
    key="check_id",
    summaries=Summaries(
        list="List checks of a partner on protection from abuse",
        show="Show a check",
        write="Enter what a check on protection from abuse came to; one of that day is changed",
        archive="Take a check away",
        restore="Restore a check",
    ),
    archive=_archive,
    restore=_restore,
)

set_part_by_key(below, CHECK, ProtectionCheckOfPartnerIn, protection.set_protection_check)
