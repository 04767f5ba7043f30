"""``earmark export``, ``earmark validate`` and ``earmark codelists``."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from app.atomic import whole_file
from app.cli.context import AsOf, counted, day, key, one_of, opened, progress, require_files, say, settings, table
from app.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Write IATI 2.03 files, and tables.")
codelists_app = typer.Typer(no_args_is_help=True, help="Codelists, registered publishers, org-id prefixes.")

Drafts = Annotated[
    bool,
    typer.Option("--drafts", help="With drafts, which break the standard: for mending elsewhere, not for publication."),
]
Out = Annotated[Path | None, typer.Option("--out", help="File to write (default: standard output).")]


@app.command()
def activities(
    out: Out = None,
    project: Annotated[
        list[str] | None, typer.Option(metavar="CODE", parser=key, help="Only this project (repeatable).")
    ] = None,
    as_of: AsOf = None,
    drafts: Drafts = False,
) -> int:
    """Write the activity file. What is held back is listed with its reason; the file is valid, or not written.

    What earlier files held and this one does not is listed as gone. Identifiers that went out are frozen. With --drafts
    the file breaks the standard where they do, and does not count as published.
    """
    from app.publishing.service import export_activities

    with opened() as database, progress("Exporting") as update:
        account = export_activities(
            database,
            out or sys.stdout.buffer,
            projects=project or None,
            as_of=day(as_of),
            drafts=drafts,
            progress=update,
        )
    for line in account.as_lines():
        say(line)
    return 1 if account.has_faults else 0


@app.command()
def organisation(out: Out = None, as_of: AsOf = None, drafts: Drafts = False) -> int:
    """Write the organisation file."""
    from app.publishing.service import export_organisation

    with opened() as database:
        account = export_organisation(database, out or sys.stdout.buffer, as_of=day(as_of), drafts=drafts)
    for line in account.as_lines():
        say(line)
    return 1 if account.has_faults else 0


@app.command("csv")
def table_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Kind of table; `earmark import kinds` lists them.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; .xlsx makes a workbook (default: standard output).")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="csv or xlsx (default: by the name of the file, else csv).")
    ] = None,
) -> int:
    """Write a table with the columns of its import: imported again it changes nothing."""
    from app.sheets import Sheet, csv_pieces, write_workbook
    from app.tabular.outgoing import table_out
    from app.tabular.registry import kind as find_kind

    wanted = find_kind(kind)
    format_ = format_ or ("xlsx" if out is not None and out.suffix.lower() == ".xlsx" else "csv")
    one_of("--format", format_, ("csv", "xlsx"))
    if format_ == "xlsx" and out is None and sys.stdout.isatty():
        raise UsageError("an XLSX workbook does not go to a terminal: give --out FILE")
    target = nullcontext(sys.stdout.buffer) if out is None else whole_file(out)
    with opened() as database, database.read(aside=True) as session, target as stream:
        content = table_out(session, wanted)
        if format_ == "xlsx":
            write_workbook(stream, [Sheet(name=kind, columns=content.columns, rows=content.rows)])
        else:
            for piece in csv_pieces(content.columns, content.rows):
                stream.write(piece)
    if out is not None:
        say(f"{out} is written.")
    return 0


@app.command("tables")
def tables_(
    out: Annotated[Path, typer.Option("--out", help="Folder to write into; or a file NAME.sqlite.")],
    format_: Annotated[
        str | None, typer.Option("--format", help="csv, sqlite or parquet (default: by the name, else csv).")
    ] = None,
    table: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this table (repeatable).")] = None,
    as_of: AsOf = None,
    excel: Annotated[bool, typer.Option("--excel", help="CSV with a byte-order mark, as Excel wants it.")] = False,
) -> int:
    """Write the flat tables for analysts: a folder of CSV with datapackage.json, Parquet, or one SQLite file.

    Names of tables and columns stay as they are. With --as-of, tables of dated decisions hold what was known then.
    """
    from app.tabular.flat.registry import FLAT_TABLES, flat_table, freshen, outlook
    from app.tabular.flat.writing import write_csv, write_parquet, write_sqlite

    format_ = format_ or ("sqlite" if out.suffix.lower() in (".sqlite", ".sqlite3", ".db") else "csv")
    one_of("--format", format_, ("csv", "sqlite", "parquet"))
    if format_ != "sqlite" and out.is_file():
        raise UsageError(f"{out} is a file: give a folder")
    if format_ == "sqlite" and out.is_dir():
        raise UsageError(f"{out} is a folder: give the name of a file, such as {out / 'tables.sqlite'}")
    today = day(None)
    with opened() as database:
        wanted = [flat_table(name) for name in dict.fromkeys(table)] if table else FLAT_TABLES
        freshen(database, None, today)
        with database.read() as session, progress("Exporting") as update:
            looked = outlook(session, as_of=None if as_of is None else day(as_of), today=today)
            done: list[str] = []

            def told(name: str) -> None:
                done.append(name)
                update(len(done), len(wanted))

            match format_:
                case "sqlite":
                    write_sqlite(session, wanted, looked, out, told)
                case "parquet":
                    write_parquet(session, wanted, looked, out, told)
                case _:
                    write_csv(session, wanted, looked, out, told, marked=excel)
    say(f"{out} is written: {counted(len(done), 'table')}.")
    return 0


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to check.")],
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    schemas: Annotated[Path | None, typer.Option(help="Folder with the official XSD files to check with.")] = None,
    as_of: AsOf = None,
    jobs: Annotated[
        int | None, typer.Option(help="Processes to use; else as many as a file is worth.", min=1, max=64)
    ] = None,
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
