"""Payments that are planned to other organisations, such as instalments of sub-grants, as planned disbursements."""

import datetime as dt

from app.publishing.exporting.parts import Composed, Exclusion, party
from app.publishing.exporting.rows import PlannedRow, ProjectRow, Rows, of
from app.publishing.mapping.money import PLANNED


def put_planned(composed: Composed, project: ProjectRow, rows: Rows) -> None:
    """Those of a file come out as they went in; those that were entered here as known on the day.

    A receiver whose screening is pending or was refused is held back, as with other money, and named.
    """
    for each in sorted(of(rows.planned, project["id"]), key=_place):
        decided = each["value_date"] if each["ordinal"] is None else None
        if decided is not None and not composed.days.reached(decided):
            continue
        columns = {
            **each,
            **party("provider", rows, _payer(each, project)),
            **party("receiver", rows, each["receiver_id"]),
        }
        element = PLANNED.build(columns, each["remainder"], project["default_currency"] or "")
        if reason := _unscreened(each, rows):
            exclusion = Exclusion(project=project["code"], what=f"planned payment {each['id']}", reason=reason)
            composed.hide("planned_disbursement", element, "planned_payments", each["id"], exclusion)
        else:
            composed.put("planned_disbursement", element, "planned_payments", each["id"])


def _payer(planned: PlannedRow, project: ProjectRow) -> int | None:
    """Who pays what was entered here is who reports the activity."""
    return project["reporting_org_id"] if planned["ordinal"] is None else planned["provider_id"]


def _place(planned: PlannedRow) -> tuple[bool, int, dt.date, int]:
    """Those of a file in its order, then those that were entered here by their days."""
    ordinal = planned["ordinal"]
    return ordinal is None, ordinal or 0, planned["period_start"] or dt.date.min, planned["id"]


def _unscreened(planned: PlannedRow, rows: Rows) -> str | None:
    """Why a payment is held back; what came from a published file is history."""
    if planned["ordinal"] is not None:
        return None
    named = (planned["provider_id"], planned["receiver_id"])
    return next((rows.unscreened[key] for key in named if key is not None and key in rows.unscreened), None)
