"""``earmark doctor``."""

import dataclasses
from typing import Annotated

import typer

from app.cli.context import one_of, opened, print_json, settings


def doctor(format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text") -> int:
    """Tell what is set up, what is missing, and what to do about it; sends nothing. Status 1: something is broken."""
    from app.db.base import utc_now
    from app.jobs.health import State, look

    one_of("--format", format_, ("text", "json"))
    with opened(any_state=True) as database:
        found = look(database, settings(), utc_now())
    if format_ == "json":
        print_json(
            {
                "state": found.state.value,
                "checks": [{**dataclasses.asdict(each), "state": each.state.value} for each in found.checks],
                "settings": [dataclasses.asdict(each) for each in found.settings],
            }
        )
    else:
        width = max(len(each.name) for each in found.checks)
        for each in found.checks:
            print(f"{each.state.value:<10}  {each.name:<{width}}  {each.found}")
            if each.advice:
                print(f"{'':<10}  {'':<{width}}  → {each.advice}")
    return 1 if found.state is State.BROKEN else 0
