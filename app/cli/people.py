"""``earmark user``, ``earmark token`` and ``earmark feed``: who may use the service, and by which doors."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.context import key, one_of, opened, print_json, say, settings, table
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.errors import UsageError

user_app = typer.Typer(no_args_is_help=True, help="People and programs that may use the service.")
token_app = typer.Typer(no_args_is_help=True, help="Bearer tokens of users.")
feed_app = typer.Typer(no_args_is_help=True, help="Calendar feeds: secret addresses that show due dates.")

_Name = Annotated[str, typer.Argument(metavar="NAME", parser=key, help="Name of the user.")]
_All = Annotated[bool, typer.Option("--all", help="Also what has ended.")]
_Format = Annotated[str, typer.Option("--format", help="table or json.")]


def _print(items: list[dict[str, object]], columns: tuple[str, ...], format_: str) -> None:
    """A list as a table, or whole as JSON."""
    one_of("--format", format_, ("table", "json"))
    shown = [{name: _said(value) for name, value in item.items()} for item in items]
    if format_ == "json":
        print_json(shown)
    else:
        print(table(list(columns), [[str(item[name] or "") for name in columns] for item in shown]))


def _said(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, dt.datetime) else value


@user_app.command("list")
def list_users(all_: _All = False, format_: _Format = "table") -> int:
    """List who may use Earmark, as what, and which unit limits them."""
    from app.http.lists import whole
    from app.people.queries import USERS

    with opened() as database, database.read() as session:
        items = [item for item in whole(session, USERS) if all_ or item["archived_at"] is None]
    _print(items, ("name", "role", "unit", "officer", "archived_at"), format_)
    return 0


@user_app.command("disable")
def disable_user(name: _Name) -> int:
    """Take a user away: tokens and calendar feeds of the user end, for good."""
    from app.people.service import archive_user, user_named

    with opened() as database, database.write(LOCAL.name) as session:
        archive_user(session, LOCAL, user_named(session, name))
    say(f"{name} may no longer use Earmark; what the user did stays on record. To undo: `earmark user enable {name}`.")
    return 0


@user_app.command("enable")
def enable_user(name: _Name) -> int:
    """Bring a disabled user back; the user needs a new token."""
    from app.people.service import restore_user, user_named

    with opened() as database, database.write(LOCAL.name) as session:
        restore_user(session, LOCAL, user_named(session, name))
    say(f"{name} may use Earmark again; make a token with `earmark token create {name}`.")
    return 0


@user_app.command("role")
def change_role(
    name: _Name,
    role: Annotated[Role, typer.Argument(help="What the user may do from now on.")],
    unit: Annotated[
        str | None, typer.Option(metavar="CODE", parser=key, help="Unit that limits an officer; without it: none does.")
    ] = None,
) -> int:
    """Give a user another role."""
    from app.people.schemas import UserPatch
    from app.people.service import update_user, user_named

    with opened() as database, database.write(LOCAL.name) as session:
        body = UserPatch.model_validate({"role": role, "unit": unit})
        update_user(session, LOCAL, user_named(session, name), body)
    say(f"{name} may now use Earmark as {role.value}{f' of {unit}' if unit else ''}.")
    return 0


@user_app.command("create")
def create_user(
    name: _Name,
    role: Annotated[Role, typer.Option(help="What the user may do.")],
    unit: Annotated[
        str | None,
        typer.Option(metavar="CODE", parser=key, help="Officers of a unit change that unit's projects only."),
    ] = None,
) -> int:
    """Add a user."""
    from app.people.service import create_user as create

    with opened() as database, database.write(LOCAL.name) as session:
        create(session, LOCAL, name, role, unit=unit)
    say(f"{name} may now use Earmark as {role.value}; make a token with `earmark token create {name}`.")
    return 0


@user_app.command("link")
def link_user(name: _Name) -> int:
    """Print an address that signs the user in to the pages, once, within 15 minutes."""
    from app.web.signin.once import make_link

    with opened() as database, database.write(LOCAL.name) as session:
        path = make_link(session, LOCAL, name)
    print(settings().address + path)
    return 0


@user_app.command("password")
def set_password(name: _Name) -> int:
    """Give a user a password for the pages: asked twice, or read from a pipe. EARMARK_SIGN_IN has to name passwords."""
    from app.web.signin.passwords import set_password as store

    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\n")
    with opened() as database, database.write(LOCAL.name) as session:
        store(session, LOCAL, name, password)
    say(f"{name} has a new password; other browsers of the user are signed out.")
    return 0


@user_app.command("explain")
def explain_user(
    name: _Name,
    claims: Annotated[
        Path, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="JSON object of what a provider says.")
    ],
) -> int:
    """Show what a set of claims would give a user who signs in through the provider; nothing is changed."""
    from app.db.lookups import row_by
    from app.db.people import User
    from app.web.signin.accounts import given_to

    try:
        content = json.loads(claims.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"--claims: {claims} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f'--claims: {claims} holds no object: write {{"roles": ["earmark-officer"]}}')
    given = given_to(settings(), content)
    with opened() as database, database.read() as session:
        user = row_by(session, User, "name", name)
    for each in given.looked:
        print(f"claim {each.claim}: {'is not there' if each.values is None else each.shown or 'is empty'}")
    if given.missing is not None:
        print(f"{name} would be refused: {_MISSING[given.missing]}")
        return 1
    told = f"{given.role}{f' of {given.unit}' if given.unit else ''}"
    print(f"{name} would sign in as {told}")
    if user is None:
        print(f"{name} is new: the first sign-in makes the user")
    elif user.archived_at is not None:
        print(f"{name} was archived and is refused: `earmark user enable {name}` brings the user back")
    else:
        print(f"{name} is {user.role.value} now")
    return 0


#: why claims are not enough
_MISSING = {
    "role": "no role belongs to these values; see EARMARK_OIDC_MAPPING",
    "groups-elsewhere": "the provider leaves the groups out, since there are too many: have it send roles",
    "unit": "an officer needs a unit, and none belongs to these values",
    "several-units": "several units belong to these values, and an officer has one",
}


@token_app.command("create")
def create_token(
    name: _Name,
    expires: Annotated[int | None, typer.Option(help="Days until the token expires.", min=1, max=3650)] = None,
) -> int:
    """Make a token for a user and print it, once: it cannot be shown again."""
    from app.people.service import issue_token

    with opened() as database, database.write(LOCAL.name) as session:
        token = issue_token(session, LOCAL, name, expires)
    print(token)
    return 0


@token_app.command("list")
def list_tokens(
    user: Annotated[str | None, typer.Option(metavar="NAME", parser=key, help="Only those of this user.")] = None,
    all_: _All = False,
    format_: _Format = "table",
) -> int:
    """List tokens by the first characters; the tokens themselves are kept nowhere."""
    from app.http.lists import whole
    from app.people.queries import TOKENS
    from app.people.service import user_named

    with opened() as database, database.read() as session:
        if user is not None:
            user_named(session, user)
        items = [
            item
            for item in whole(session, TOKENS)
            if user in (None, item["user"]) and (all_ or item["revoked_at"] is None)
        ]
    _print(items, ("id", "user", "hint", "created_at", "expires_at", "revoked_at"), format_)
    return 0


@token_app.command("revoke")
def revoke_token(id_: Annotated[int, typer.Argument(metavar="ID", help="Number of the token, from the list.")]) -> int:
    """End a token, from now on."""
    from app.people.service import revoke_token as revoke

    with opened() as database, database.write(LOCAL.name) as session:
        revoke(session, LOCAL, id_)
    say(f"The token {id_} is good no more.")
    return 0


@feed_app.command("list")
def list_feeds(all_: _All = False, format_: _Format = "table") -> int:
    """List calendar feeds: whose due dates each shows, and who made it."""
    from app.evaluations.obligations.queries import FEEDS
    from app.http.lists import whole

    with opened() as database, database.read() as session:
        items = [item for item in whole(session, FEEDS) if all_ or item["revoked_at"] is None]
    _print(items, ("id", "officer", "unit", "recorded_by", "recorded_at", "revoked_at"), format_)
    return 0


@feed_app.command("close")
def close_feed(id_: Annotated[int, typer.Argument(metavar="ID", help="Number of the feed, from the list.")]) -> int:
    """Close a calendar feed: its address shows nothing any more."""
    from app.evaluations.obligations.feeds import close

    with opened() as database, database.write(LOCAL.name) as session:
        close(session, LOCAL, id_)
    say(f"The calendar feed {id_} is closed.")
    return 0
