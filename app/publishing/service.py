"""What the command line and the API call: import, export, validation, preview."""

import datetime as dt
import os
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from app.db.engine import Database
from app.db.meant import asked_back
from app.domain.access import Actor
from app.errors import NotFound, StorageFailed
from app.publishing.drafts import why_held_back
from app.publishing.exporting import activities_file, organisation_file, queries, queries_rows
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.compose import compose
from app.publishing.exporting.fetch import fetch
from app.publishing.exporting.mended import end_mended
from app.publishing.exporting.parts import Composed
from app.publishing.exporting.rendering import rendered_project
from app.publishing.importing.account import ImportReport
from app.publishing.importing.run import Importer, Progress
from iati.findings import Finding
from iati.validator import Options, validate, validate_fragment
from iati.validator.output import FORMATS
from iati.validator.parallel import WorkerDied, jobs_for


def export_activities(
    database: Database,
    out: BinaryIO | Path,
    *,
    as_of: dt.date,
    projects: Collection[str] | None = None,
    drafts: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ExportAccount:
    """Writes the activities that may be published on a day; see :mod:`app.publishing.exporting.activities_file`."""
    return activities_file.export_activities(
        database, out, as_of=as_of, projects=projects, drafts=drafts, progress=progress
    )


def export_organisation(
    database: Database, out: BinaryIO | Path, *, as_of: dt.date, drafts: bool = False
) -> ExportAccount:
    """Writes the organisation file; see :func:`app.publishing.exporting.organisation_file.export_organisation`."""
    return organisation_file.export_organisation(database, out, as_of=as_of, drafts=drafts)


def import_files(
    database: Database,
    files: Iterable[Path],
    actor: Actor,
    *,
    as_of: dt.date,
    dry_run: bool = False,
    mend: bool = False,
    overwrite: bool = False,
    whole: bool = False,
    progress: Progress | None = None,
    max_bytes: int = 2 * 1024**3,
) -> ImportReport:
    """Reads published files into the database; one bad activity never stops the others.

    Records that break the standard are stored as drafts; with ``mend`` repairs that cannot be wrong are made first.
    What was changed here since the last import stays, and an older file changes nothing, but with ``overwrite``.

    Yearly files of one activity may be imported one after the other: what one of them lacks of another's days stays,
    unless the files are ``whole``; see :mod:`app.publishing.importing.parts_of`.

    Works before the organisation is set up: nothing of it is needed, since imported activities keep their own
    reporting organisation. Raises NotAllowed when the actor may not import, StorageFailed when the disk is full; what
    was stored by then stays, and the same import again completes it.
    """
    importer = Importer(
        database,
        actor,
        as_of=as_of,
        dry_run=dry_run,
        mend=mend,
        overwrite=overwrite,
        whole=whole,
        max_bytes=max_bytes,
        progress=progress,
    )
    return importer.run(files)


def validate_files(
    files: Iterable[Path],
    *,
    format: str,  # noqa: A002 - the option's name
    as_of: dt.date,
    schemas: Path | None = None,
    jobs: int | None = None,
) -> int:
    """Prints the findings of files on standard output, as text or json; 1 when one has an error or worse, else 0.

    ``jobs``: processes that share the work; None: as many as a file is worth. Raises StorageFailed when a file cannot
    be opened.
    """
    writer = FORMATS[format](sys.stdout.buffer)
    status = 0
    writer.begin()
    for path in files:
        try:
            with path.open("rb") as source:
                shared = jobs or jobs_for(os.fstat(source.fileno()).st_size)
                grave = writer.file(str(path), source, Options(as_of=as_of, schemas=schemas, jobs=shared))
        except OSError as error:
            raise StorageFailed(f"{path} cannot be opened: {error.strerror or error}.") from error
        except WorkerDied as error:
            raise StorageFailed(f"{path}: {error}") from error
        status = max(status, 1 if grave else 0)
    writer.end()
    return status


def validation_summary(path: Path, as_of: dt.date) -> str:
    """One line: whether a file is valid, and its findings by severity."""
    report = validate(path, as_of=as_of)
    told = ", ".join(f"{count} {severity}" for severity, count in report.summary.items())
    return f"{'valid' if report.valid else 'not valid'} ({told})"


def end_mended_drafts(session: Session, drafts: list[int]) -> list[int]:
    """Ends drafts that were mended by a change; see :func:`app.publishing.exporting.mended.end_mended`."""
    return end_mended(session, drafts)


def preview(session: Session, project_id: int, as_of: dt.date) -> tuple[str | None, list[Finding], Composed]:
    """The XML of a project as it would be published, what the rules say about it, and what is left out of it.

    The XML is None when the activity cannot be written; a draft has its XML, and the reason why it is held back. Raises
    NotFound when there is no such project.
    """
    found = queries_rows.projects_keyed(session, [project_id])
    if not found:
        raise NotFound(f"There is no project {project_id}.")
    (project,) = found
    composed = compose(project, fetch(session, found, as_of), queries.setup(session), as_of)
    xml = rendered_project(project, composed).xml
    if project["findings"]:
        composed.held_back.append(why_held_back(project["findings"]))
    findings = [] if xml is None else validate_fragment(xml.encode(), as_of=as_of)
    return xml, findings, composed


def project_named(session: Session, code: str) -> int:
    """The key of the project with a code or IATI identifier. Raises NotFound."""
    found = queries.project_key(session, code)
    if found is None:
        message = f"No project has the code or identifier {code}."
        raise NotFound(asked_back(session, "project.unknown", code, message))
    return found
