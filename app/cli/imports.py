"""``earmark import``: published files and tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.context import (
    AsOf,
    counted,
    day,
    one_of,
    opened,
    print_csv,
    print_json,
    progress,
    require_files,
    say,
    settings,
    table,
)
from app.domain.access import LOCAL
from app.domain.money import plain
from app.errors import Fault, UsageError

if TYPE_CHECKING:
    from app.tabular.differences import Differences

#: findings of a kind that are told one by one, and runs of rows that are named of the others
_TOLD, _RUNS = 3, 12
#: faults that nobody reads one by one: behind them stands what kinds of them there are
_MANY = 50
#: runs of rows that are named of each kind
_OF_A_KIND = 4

app = typer.Typer(no_args_is_help=True, help="Bring in published IATI files, or tables (CSV, XLSX).")


@app.command()
def iati(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Activity or organisation files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; store nothing.")] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Mend what can be mended without a doubt: order of elements, stray white space, empty elements.",
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Let the files replace what was changed here and what newer files said; --dry-run lists every field.",
        ),
    ] = False,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole",
            help="Each file tells its activities whole: also what other files told of other days is withdrawn.",
        ),
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    as_of: AsOf = None,
) -> int:
    """Import files as publishers publish them (2.03; 2.01 and 2.02 are brought up to 2.03).

    One bad activity never stops the others; importing the same file twice changes nothing. An activity that breaks the
    standard is kept as a draft: stored, but not published until it is mended.

    What was changed here since its last import is told and left as it is, and so is what an older file says otherwise;
    that is no fault, so that the exit status stays 0. Money, budgets, documents and results that were entered here are
    never taken away. An activity that several files of one import tell in different ways is taken from the first; the
    others are refused, and the exit status is 1.
    """
    from app.publishing.service import import_files

    one_of("--format", format_, ("text", "json"))
    require_files(files)
    with opened() as database, progress("Importing") as update:
        report = import_files(
            database,
            files,
            LOCAL,
            dry_run=dry_run,
            mend=repair,
            overwrite=overwrite,
            whole=whole,
            as_of=day(as_of),
            progress=update,
            max_bytes=settings().max_import_file,
        )
    for file in report.files:
        if file.taken_up is not None:
            passed = counted(file.taken_up, "record")
            say(f"{file.file}: an import of it was interrupted; this one took it up after {passed}.")
    if format_ == "json":
        print_json([file.as_dict() for file in report.files])
    else:
        for file in report.files:
            print(file.as_text())
        if dry_run:
            say("Nothing was stored (--dry-run).")
    return 1 if any(file.has_faults for file in report.files) else 0


@app.command("csv")
def csv_(
    kind: Annotated[str, typer.Argument(help="Kind, such as projects; `earmark import kinds` lists them.")],
    file: Annotated[Path | None, typer.Argument(help="CSV or XLSX file with a header.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; store nothing.")] = False,
    row_wise: Annotated[bool, typer.Option("--row-wise", help="Keep good rows (else all or none).")] = False,
    template: Annotated[bool, typer.Option("--template", help="Print header and example; explain columns.")] = False,
    format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    decimal: Annotated[str | None, typer.Option(help="Decimal sign of the file: . or ,")] = None,
    grouping: Annotated[str | None, typer.Option(help="Sign between thousands: . or , or space or '")] = None,
    dates: Annotated[str | None, typer.Option(help="Order of dates: iso, dmy, mdy, ymd, serial.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a CSV file, such as windows-1252.")] = None,
    header_row: Annotated[int | None, typer.Option(help="Number of the row that names the columns.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    hidden_rows: Annotated[
        str | None, typer.Option(help="Rows that a workbook hides or strikes through: read or skip.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="System the file is from: compared with its last one.")] = None,
    release_vanished: Annotated[
        bool,
        typer.Option(
            "--release-vanished",
            help="Of encumbrances: end today what the last file of the source had and this one lacks.",
        ),
    ] = False,
    mapping: Annotated[Path | None, typer.Option(help="Mapping (YAML) for a file of another system.")] = None,
    mapping_template: Annotated[
        bool, typer.Option("--mapping-template", help="Print a mapping to start from.")
    ] = False,
) -> int:
    """Import a table: new rows are made, known ones brought up to date; all of them, or none when one has a fault.

    A file that writes numbers or dates in its own way is read with the options that say so, or with lines above its
    header such as sep=; decimal=, grouping=. dates=dmy

    A file of another system, with columns and codes of its own, is read with --mapping.
    """
    from app.tabular.mapping.load import load_mapping
    from app.tabular.mapping.template import template as mapping_to_begin_with
    from app.tabular.registry import kind as find_kind
    from app.tabular.service import import_table
    from app.tabular.settings import said

    one_of("--format", format_, ("text", "json"))
    wanted = find_kind(kind)
    if template:
        header, example, meanings = wanted.template()
        # people and programs read it alike: no mark before the first column's name
        print_csv(header, [example], marked=False)
        for name, meaning in meanings:
            say(f"{name}: {meaning}")
        return 0
    if mapping_template:
        print(mapping_to_begin_with(wanted), end="")
        return 0
    if file is None:
        raise UsageError("name the FILE to read, or ask for --template")
    written = said(
        decimal=decimal,
        grouping=grouping,
        dates=dates,
        encoding=encoding,
        header_row=header_row,
        sheet=sheet,
        hidden_rows=hidden_rows,
    )
    if mapping is not None:
        require_files([mapping])
    with opened() as database, progress(f"Importing {kind}") as update:
        # opened first: the codelists say which languages a column may have
        translated = None if mapping is None else load_mapping(_text_of(mapping), wanted)
        report = import_table(
            database,
            LOCAL,
            wanted,
            file,
            mapping=translated,
            source=source,
            release_vanished=release_vanished,
            today=day(None),
            dry_run=dry_run,
            row_wise=row_wise,
            settings=written,
            progress=update,
        )
    if format_ == "json":
        print_json(report.as_dict())
    else:
        would = "would be " if dry_run or (report.faults and not row_wise) else ""
        rows = f"{counted(report.rows, 'row')}{' read' if report.stopped else ''}"
        print(
            f"{report.file}: {rows}; {report.created} {would}created, {report.updated} {would}updated, "
            f"{report.unchanged} unchanged, {report.faulty_rows} with faults"
        )
        for each in report.skipped:
            print(f"{counted(each.rows, 'row')} left out (first {each.first}): {each.condition}")
        if report.differences is not None:
            _tell_differences(report.differences)
        if report.faults:
            print(table(["row", "column", "fault"], [[str(f.row), f.column, f.message] for f in report.faults]))
            if len(report.faults) > _MANY:
                print()
                print(table(["faults", "column", "the first of their kind", "rows"], _kinds(report.faults)))
            if not row_wise:
                say("Nothing was stored: mend the rows above, or keep the good ones with --row-wise.")
        if report.findings:
            print(table(["row", "column", "finding"], _findings(report.findings)))
    return 1 if report.faults else 0


def _by_kind(found: Sequence[Fault]) -> dict[tuple[str, str], list[Fault]]:
    """Faults or findings by rule and column."""
    kinds: dict[tuple[str, str], list[Fault]] = {}
    for each in found:
        kinds.setdefault((each.rule, each.column), []).append(each)
    return kinds


def _kinds(faults: Sequence[Fault]) -> list[list[str]]:
    """A line for each kind of fault, the most frequent first."""
    found = sorted(_by_kind(faults).items(), key=lambda kind: -len(kind[1]))
    return [
        [str(len(own)), column, own[0].message, _rows((each.row for each in own), _OF_A_KIND)]
        for (_, column), own in found
    ]


def _findings(found: Sequence[Fault]) -> list[list[str]]:
    """Findings as lines; of many of one kind the first ones, and the rows of the others. JSON has them all."""
    lines = []
    for (_, column), own in _by_kind(found).items():
        shown = own if len(own) <= _TOLD + 1 else own[:_TOLD]
        lines += [[str(each.row), column, each.message] for each in shown]
        if others := own[len(shown) :]:
            rows = _rows(each.row for each in others)
            lines.append(["…", column, f"{len(others)} more of the kind, in rows {rows}."])
    return lines


def _rows(numbers: Iterable[int | None], most: int = _RUNS) -> str:
    """Rows as they are read: 4 to 9, 12."""
    runs: list[list[int]] = []
    for number in sorted({number for number in numbers if number is not None}):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [str(first) if first == last else f"{first} to {last}" for first, last in runs]
    return ", ".join(told[:most]) + (" and further on" if len(told) > most else "")


def _text_of(mapping: Path) -> str:
    try:
        return mapping.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{mapping} is not UTF-8: save the mapping as UTF-8") from error


def _tell_differences(found: "Differences") -> None:
    if found.since is None:
        return
    of = f" of {found.source}" if found.source else ""
    last = f"{found.since.file}, {found.since.at:%Y-%m-%d %H:%M}, {found.since.by}"
    if not found.common:
        print(f"The file has no row in common with the last one{of} ({last}).")
        return
    print(
        f"Since the last file{of} ({last}): {found.new} new, {found.changed} changed, {found.missing} missing, "
        f"{found.common} in both"
    )
    if found.released:
        print(f"{found.released} of the missing ones still bound and end today.")
    rows = [["changed", each.key, str(each.row), each.change] for each in found.changes]
    rows += [
        ["missing", each.document, "", f"{each.project} {each.date} {plain(each.amount)} {each.currency} stands here"]
        for each in found.absent
    ]
    if rows:
        print(table(["difference", "document", "row", "what"], rows))


@app.command()
def kinds() -> int:
    """List the kinds of table and their columns (* = required)."""
    from app.tabular.registry import KINDS

    rows = [
        [
            each.name,
            " ".join(
                name + ("*" if field.is_required() else "")
                for name, field in each.model.model_fields.items()
                if name != each.further
            )
            + (f" (further columns: {each.further})" if each.further else ""),
        ]
        for each in KINDS
    ]
    print(table(["kind", "columns"], rows))
    return 0
