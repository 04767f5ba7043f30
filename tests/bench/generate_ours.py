"""Our side of the generation bench, a program: FACTS OUT → builds models, writes the file, prints the seconds."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from iati.model import (
    Activity,
    ActivityDate,
    Budget,
    Code,
    Description,
    IsoDate,
    Narrative,
    Narratives,
    ParticipatingOrg,
    ProviderOrg,
    RecipientCountry,
    ReportingOrg,
    Text,
    Transaction,
    Value,
)
from iati.writer import ActivitiesFile

PUBLISHER, NAME, STAMP = "XM-DAC-41302", "Organisation", "2026-01-01T00:00:00Z"


def build(facts: dict[str, Any]) -> Activity:
    return Activity(
        default_currency="USD",
        lang="en",
        hierarchy="1",
        last_updated_datetime=STAMP,
        iati_identifier=Text(text=facts["identifier"]),
        reporting_org=ReportingOrg(ref=PUBLISHER, type="40", narrative=[Narrative(text=NAME)]),
        title=Narratives(narrative=[Narrative(lang=lang, text=text) for lang, text in facts["title"]]),
        description=[
            Description(type="1", narrative=[Narrative(lang=lang, text=text) for lang, text in facts["description"]])
        ],
        participating_org=[
            ParticipatingOrg(role=role, ref=ref, type=kind, narrative=[Narrative(text=name)])
            for role, ref, kind, name in facts["participants"]
        ],
        activity_status=Code(code="2"),
        activity_date=[ActivityDate(type=kind, iso_date=day) for kind, day in facts["dates"]],
        recipient_country=[RecipientCountry(code=code, percentage=share) for code, share in facts["countries"]],
        budget=[
            Budget(
                type="1",
                status="2",
                period_start=IsoDate(iso_date=start),
                period_end=IsoDate(iso_date=end),
                value=Value(text=amount, currency="USD", value_date=start),
            )
            for start, end, amount in facts["budgets"]
        ],
        transaction=[
            Transaction(
                ref=ref,
                transaction_type=Code(code=kind),
                transaction_date=IsoDate(iso_date=day),
                value=Value(text=amount, currency="USD", value_date=day),
                provider_org=ProviderOrg(ref=PUBLISHER, type="40", narrative=[Narrative(text=NAME)]),
            )
            for ref, kind, day, amount in facts["transactions"]
        ],
    )


def main() -> None:
    started = time.perf_counter()
    with (
        Path(sys.argv[1]).open(encoding="utf-8") as facts,
        Path(sys.argv[2]).open("wb") as stream,
        ActivitiesFile(stream, generated_datetime=STAMP) as file,
    ):
        for line in facts:
            file.write(build(json.loads(line)))
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
