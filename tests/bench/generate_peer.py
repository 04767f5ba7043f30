"""The peer's side of the generation bench, a program for the interpreter that has okfn-iati: FACTS OUT, as ours.

It imports nothing of this project. Narratives, budgets and transactions get what our side gives them.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

peer: Any = import_module("okfn_iati")

PUBLISHER, NAME, STAMP = "XM-DAC-41302", "Organisation", "2026-01-01T00:00:00Z"


def narratives(pairs: list[list[str]]) -> list[Any]:
    return [peer.Narrative(text=text, lang=lang) for lang, text in pairs]


def build(facts: dict[str, Any]) -> Any:
    return peer.Activity(
        default_currency="USD",
        xml_lang="en",
        hierarchy="1",
        last_updated_datetime=STAMP,
        iati_identifier=facts["identifier"],
        reporting_org=peer.OrganizationRef(ref=PUBLISHER, type="40", narratives=[peer.Narrative(text=NAME)]),
        title=narratives(facts["title"]),
        description=[{"type": "1", "narratives": narratives(facts["description"])}],
        participating_orgs=[
            peer.ParticipatingOrg(role=role, ref=ref, type=kind, narratives=[peer.Narrative(text=name)])
            for role, ref, kind, name in facts["participants"]
        ],
        activity_status=peer.ActivityStatus.IMPLEMENTATION,
        activity_dates=[peer.ActivityDate(type=kind, iso_date=day) for kind, day in facts["dates"]],
        recipient_countries=[{"code": code, "percentage": share} for code, share in facts["countries"]],
        budgets=[
            peer.Budget(
                type="1",
                status="2",
                period_start=start,
                period_end=end,
                value=float(amount),
                raw_value=amount,
                currency="USD",
                value_date=start,
            )
            for start, end, amount in facts["budgets"]
        ],
        transactions=[
            peer.Transaction(
                transaction_ref=ref,
                type=kind,
                date=day,
                value=float(amount),
                raw_value=amount,
                currency="USD",
                value_date=day,
                provider_org=peer.OrganizationRef(ref=PUBLISHER, type="40", narratives=[peer.Narrative(text=NAME)]),
            )
            for ref, kind, day, amount in facts["transactions"]
        ],
    )


def main() -> None:
    started = time.perf_counter()
    with Path(sys.argv[1]).open(encoding="utf-8") as facts:
        activities = [build(json.loads(line)) for line in facts]
    whole = peer.IatiActivities(activities=activities, generated_datetime=STAMP)
    peer.IatiXmlGenerator().save_to_file(whole, sys.argv[2])
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
