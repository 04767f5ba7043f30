"""``earmark project`` and ``earmark organisation``: what an administrator changes of identifiers."""

from typing import Annotated

import typer

from app.cli.context import opened, say
from app.cli.policies import say_left
from app.domain.access import LOCAL

project_app = typer.Typer(no_args_is_help=True, help="Projects: change an identifier that the world knows.")
organisation_app = typer.Typer(no_args_is_help=True, help="The organisation: change its identifier.")

Reason = Annotated[str, typer.Option(help="Why it has to change; kept in the audit trail.")]


@project_app.command("identifier")
def change_project(
    code: Annotated[str, typer.Argument(help="Code of the project.")],
    identifier: Annotated[str, typer.Argument(help="New IATI identifier of its activity.")],
    reason: Reason,
) -> int:
    """Give an activity another IATI identifier. A published one stays known as its former identifier.

    Readers take an activity under another identifier for another activity: change one only when it cannot stay.
    """
    from app.inputs import validated
    from app.projects.identifiers import change_identifier
    from app.projects.queries import project_named
    from app.projects.schemas import IdentifierIn

    body = validated(IdentifierIn, {"identifier": identifier, "reason": reason})
    with opened() as database, database.write(LOCAL.name) as session:
        project = change_identifier(session, LOCAL, project_named(session, code), body)
        former = project.former_identifiers
    kept = f"; published as former: {', '.join(former)}" if former else ""
    say(f"The activity of {code} is now called {body.identifier}{kept}.")
    return 0


@organisation_app.command("identifier")
def change_organisation(
    identifier: Annotated[str, typer.Argument(help="New IATI identifier of the organisation.")],
    reason: Reason,
) -> int:
    """Change the organisation's IATI identifier. Published activities keep theirs, and name the former organisation
    identifier; those that nobody has seen follow."""
    from app.domain.codes import unknown_prefix
    from app.founding import given_and_left, identifier_before
    from app.inputs import validated
    from app.organisation.identifiers import change_identifier
    from app.organisation.schemas import OrganisationIdentifierIn

    body = validated(OrganisationIdentifierIn, {"identifier": identifier, "reason": reason})
    with opened() as database, database.write(LOCAL.name) as session:
        before = identifier_before(session) or ""
        changed = change_identifier(session, LOCAL, body)
        left = given_and_left(session, before, body.identifier)
    say(
        f"The organisation is now {body.identifier}. Activities that follow: {changed.followed}; published ones that "
        f"keep their identifiers: {changed.kept}."
    )
    if doubt := unknown_prefix(body.identifier):
        say(doubt)
    say_left(left, before, body.identifier)
    return 0
