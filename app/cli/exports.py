"""``earmark export``, ``earmark validate`` and ``earmark codelists``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.context import AsOf, day, one_of, opened, progress, require_files, say, settings, table

app = typer.Typer(no_args_is_help=True, help="Write IATI 2.03 files.")
codelists_app = typer.Typer(no_args_is_help=True, help="Codelists, registered publishers, org-id prefixes.")

Out = Annotated[Path | None, typer.Option("--out", help="File to write (default: standard output).")]


@app.command()
def activities(
    out: Out = None,
    project: Annotated[list[str] | None, typer.Option(metavar="CODE", help="Only this project (repeatable).")] = None,
    as_of: AsOf = None,
) -> int:
    """Write the activity file. What is held back is listed with its reason; the file is always valid, or not written.

    What earlier files held and this one does not is listed as gone. Identifiers that went out are frozen.
    """
    from app.publishing.service import export_activities

    with opened() as database, progress("Exporting") as update:
        account = export_activities(
            database, out or sys.stdout.buffer, projects=project or None, as_of=day(as_of), progress=update
        )
    for line in account.as_lines():
        say(line)
    return 1 if account.has_faults else 0


@app.command()
def organisation(out: Out = None, as_of: AsOf = None) -> int:
    """Write the organisation file."""
    from app.publishing.service import export_organisation

    with opened() as database:
        account = export_organisation(database, out or sys.stdout.buffer, as_of=day(as_of))
    for line in account.as_lines():
        say(line)
    return 1 if account.has_faults else 0


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to check.")],
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    schemas: Annotated[Path | None, typer.Option(help="Folder with the official XSD files to check with.")] = None,
    as_of: AsOf = None,
    jobs: Annotated[int, typer.Option(help="Processes to use.", min=1, max=64)] = 1,
) -> int:
    """Check files against schema, codelists and rules, as the official validator does."""
    from app.publishing.codes import use_data_dir
    from app.publishing.service import validate_files

    use_data_dir(settings().data_dir)
    one_of("--format", format_, ("text", "json"))
    require_files(files)
    return validate_files(files, format=format_, schemas=schemas, as_of=day(as_of), jobs=jobs)


@codelists_app.command("update")
def update_codelists(
    source: Annotated[str, typer.Argument(help="Folder or address of official codelist files (XML or JSON lists).")],
) -> int:
    """Bring codelists up to date from a folder or an address; all of them, or none when one is faulty."""
    from app.publishing.codes import update

    changes = update(source, settings().data_dir, today=day(None))
    for line in changes:
        print(line)
    say(f"The lists are in {settings().data_dir}." if changes else "Nothing differs.")
    return 0


@codelists_app.command("show")
def show_codelist(
    name: Annotated[
        str | None, typer.Argument(help="Name of the list, such as Country; publishers; org-id-prefixes.")
    ] = None,
) -> int:
    """Print a list; without NAME the names of all."""
    from app.publishing.codes import show

    columns, rows = show(name, settings().data_dir)
    print(table(columns, rows))
    return 0
