"""``earmark results``: what is done with results frameworks as a whole."""

from typing import Annotated

import typer

from app.cli.context import one_of, opened, print_json, say, table
from app.domain.access import LOCAL

app = typer.Typer(no_args_is_help=True, help="Results frameworks: carry tags from one to the next.")


@app.command("carry")
def carry(
    from_framework: Annotated[str, typer.Argument(help="Framework whose tags are carried, such as 2024-25.")],
    to_framework: Annotated[str, typer.Argument(help="Framework that follows, such as 2026-27.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be carried, and store nothing.")] = False,
    format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> int:
    """Tag projects, country programmes and allocations that go on in the new framework, by the crosswalk.

    What cannot be carried is listed with the reason, and the exit status is 1. A second run carries nothing.
    """
    from app.inputs import validated
    from app.results.tags import CarryIn, carry_tags

    one_of("--format", format_, ("table", "json"))
    body = validated(CarryIn, {"from_framework": from_framework, "to_framework": to_framework, "dry_run": dry_run})
    with opened() as database, database.write(LOCAL.name) as session:
        done = carry_tags(session, LOCAL, body)
    if format_ == "json":
        print_json(done.model_dump())
    else:
        rows = [
            [tag.record, tag.from_code, tag.to_code or "", tag.reason] for tag in (*done.carried, *done.not_carried)
        ]
        print(table(["record", "from", "to", "why not"], rows))
    would = "would be carried" if dry_run else "carried"
    say(
        f"{len(done.carried)} {would}, {done.standing} had their tag already, {done.over} end before it begins, "
        f"{len(done.not_carried)} cannot be carried."
    )
    return 1 if done.not_carried else 0
