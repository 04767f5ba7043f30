"""``earmark user`` and ``earmark token``."""

from typing import Annotated

import typer

from app.cli.context import opened, say
from app.domain.access import LOCAL
from app.domain.terms import Role

user_app = typer.Typer(no_args_is_help=True, help="People and programs that may use the service.")
token_app = typer.Typer(no_args_is_help=True, help="Bearer tokens of users.")


@user_app.command("create")
def create_user(
    name: Annotated[str, typer.Argument(help="Name of the user.")],
    role: Annotated[Role, typer.Option(help="What the user may do.")],
    unit: Annotated[str | None, typer.Option(help="Officers of a unit change that unit's projects only.")] = None,
) -> int:
    """Add a user."""
    from app.people.service import create_user as create

    with opened() as database, database.write(LOCAL.name) as session:
        create(session, LOCAL, name, role, unit=unit)
    say(f"{name} may now use Earmark as {role.value}; make a token with `earmark token create {name}`.")
    return 0


@token_app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="Name of the user.")],
    expires: Annotated[int | None, typer.Option(help="Days until the token expires.", min=1, max=3650)] = None,
) -> int:
    """Make a token for a user and print it, once: it cannot be shown again."""
    from app.people.service import issue_token

    with opened() as database, database.write(LOCAL.name) as session:
        token = issue_token(session, LOCAL, name, expires)
    print(token)
    return 0
