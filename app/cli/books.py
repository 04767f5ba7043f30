"""``earmark books``: closes the periods that are accounted for."""

from typing import Annotated

import typer

from app.cli.context import day, opened, say
from app.domain.access import LOCAL

app = typer.Typer(
    no_args_is_help=True, help="The books: close a period, open it again. Nothing is posted into a closed period."
)

Day = Annotated[str, typer.Argument(metavar="DAY", help="Last day that is closed, such as 2025-12-31.")]


@app.command()
def show() -> int:
    """Print the last day that is closed; nothing where the books are open."""
    from app.db.lookups import the_setup

    with opened() as database, database.read() as session:
        closed = the_setup(session).closed_until
    if closed is None:
        say("The books are open: `earmark books close DAY` closes them up to a day.")
    else:
        print(closed)
    return 0


@app.command()
def close(until: Day) -> int:
    """Close the books up to a day: what is dated until then is neither posted nor changed any more."""
    return _set(until, None)


@app.command("open")
def open_(
    reason: Annotated[str, typer.Option(help="Why a closed period is opened again; kept in the audit trail.")],
    until: Annotated[str | None, typer.Argument(metavar="DAY", help="Last day that stays closed.")] = None,
) -> int:
    """Open a closed period again: all of it, or what comes after a day."""
    return _set(until, reason, opens=True)


def _set(until: str | None, reason: str | None, *, opens: bool = False) -> int:
    from app.db.lookups import the_setup
    from app.errors import Conflict
    from app.inputs import validated
    from app.organisation.books import set_books
    from app.organisation.schemas import BooksIn

    body = validated(BooksIn, {"closed_until": None if until is None else day(until), "reason": reason})
    with opened() as database, database.write(LOCAL.name) as session:
        before, wanted = the_setup(session).closed_until, body.closed_until
        if opens and wanted is not None and (before is None or wanted >= before):
            stand = "open" if before is None else f"closed until {before}"
            raise Conflict(f"The books are {stand}: `earmark books close {wanted}` closes them further.")
        closed = set_books(session, LOCAL, body, today=day(None)).closed_until
    say("The books are open." if closed is None else f"The books are closed until {closed}.")
    return 0
