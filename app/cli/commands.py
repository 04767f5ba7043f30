"""The tree of commands."""

from typing import Annotated

import typer

from app import __version__
from app.cli import (
    books,
    database,
    deploy,
    doctor,
    evaluations,
    exports,
    identifiers,
    imports,
    init,
    jobs,
    people,
    registry,
    releases,
    reports,
    results,
    statements,
)

app = typer.Typer(
    name="earmark",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Portfolio tracker for development cooperation: projects, earmarking, delivery, evaluations, IATI.",
    epilog="Settings come from EARMARK_* variables or a .env file; EARMARK_DATABASE_URL names the database.",
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"earmark {__version__}")
        raise typer.Exit


@app.callback()
def earmark(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version and end.")
    ] = False,
) -> None:
    """Takes what goes before a command."""


app.command("init")(init.init)
app.command("serve")(database.serve)
app.command("doctor")(doctor.doctor)
app.add_typer(database.app, name="db")
app.command("deploy")(deploy.deploy)
app.add_typer(people.user_app, name="user")
app.add_typer(people.token_app, name="token")
app.add_typer(people.feed_app, name="feed")
app.add_typer(books.app, name="books")
app.add_typer(identifiers.organisation_app, name="organisation")
app.add_typer(identifiers.project_app, name="project")
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.command("validate")(exports.validate)
app.add_typer(releases.app, name="release")
app.add_typer(exports.codelists_app, name="codelists")
app.add_typer(evaluations.app, name="evaluations")
app.add_typer(jobs.app, name="jobs")
app.add_typer(registry.app, name="registry")
app.command("report")(reports.report)
app.add_typer(results.app, name="results")
app.add_typer(statements.app, name="statement")
