"""``earmark deploy``."""

from typing import Annotated

import typer

from app.cli.context import table


def deploy(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which file; none: list them.")] = None,
) -> int:
    """Print a file for those who run Earmark on their machines: units, proxy, pooler, roles, alerts."""
    from app.deploy import FILES, text_of

    if name is None:
        print(table(["name", "goes to", "what it is"], [[each.name, each.place, each.purpose] for each in FILES]))
    else:
        print(text_of(name), end="")
    return 0
