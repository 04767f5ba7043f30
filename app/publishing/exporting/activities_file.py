"""Activities out of the database into one file, streamed in the order of their identifiers."""

import datetime as dt
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from app.atomic import whole_file
from app.db.engine import Database, in_batches
from app.db.meant import asked_back
from app.errors import NotFound
from app.pace import without_searches
from app.publishing.exporting import queries, queries_published
from app.publishing.exporting.account import ExportAccount, Remark
from app.publishing.exporting.money import EXPENDITURE_BY_MONTH
from app.publishing.exporting.published import Seen, compare
from app.publishing.exporting.rendering import render
from iati.lexical import format_datetime
from iati.writer import ActivitiesFile


def export_activities(
    database: Database,
    out: BinaryIO | Path,
    *,
    as_of: dt.date,
    projects: Collection[str] | None = None,
    store: bool = True,
    drafts: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ExportAccount:
    """Writes the activities that may be published on a day.

    ``projects``: only those with one of these codes or IATI identifiers; raises NotFound when one is unknown.
    ``drafts``: with those that break the standard, which makes the file invalid: to be mended elsewhere, so that it
    does not count as published. ``store``: keep rendered fragments for the next time. A path is written whole or not at
    all, and nothing is written when there is no activity to write: the schema allows no empty file, and readers would
    take all for gone. Memory does not grow with the number of activities.
    """
    account = ExportAccount()
    with Seen() as seen:
        with without_searches(), database.read(aside=True) as session, in_batches(session):
            if projects is not None:
                _refuse_unknown(session, projects)
            newest = queries.newest_change(session, as_of=as_of, codes=projects, drafts=drafts)
            total = queries.count_projects(session, codes=projects) if progress is not None else 0
            moment = None if newest is None else format_datetime(newest.astimezone(dt.UTC))
            kept_in = database if store else None
            rendering = render(session, account, as_of=as_of, codes=projects, drafts=drafts, database=kept_in)
            written = ((each.project, each.xml) for each in rendering if each.xml is not None)
            if (first := next(written, None)) is not None:
                with _stream(out) as stream, ActivitiesFile(stream, generated_datetime=moment) as file:
                    for project, xml in chain((first,), written):
                        file.write_fragment(xml)
                        account.written += 1
                        seen.add(session, project, account)
                        if progress is not None:
                            progress(account.written, total)
            seen.look(session, account)
            if account.written and queries.has_expenditure(session, codes=projects):
                told = Remark(rule="earmark.export.expenditure-by-month", message=EXPENDITURE_BY_MONTH)
                account.findings.append(told)
            _remark_reporters(session, seen.reporters, account)
            if projects is None and not drafts:
                compare(session, account)
                _remark_refusals(session, account)
        if account.written and not drafts:
            seen.store(database, account)
        if not account.written:
            account.nothing = _why_nothing(account, chosen=projects is not None)
    return account


def _stream(out: BinaryIO | Path) -> AbstractContextManager[BinaryIO]:
    return whole_file(out) if isinstance(out, Path) else nullcontext(out)


def _why_nothing(account: ExportAccount, *, chosen: bool) -> str:
    if account.held_back or account.exclusions:
        return "No file was written: none of the activities may be published, for the reasons above."
    if chosen:
        return "No file was written: the chosen projects are archived; restore them first."
    return "No file was written: there is no activity yet; add projects, or import published files."


def _remark_reporters(session: Session, reporters: Collection[int], account: ExportAccount) -> None:
    if len(reporters) > 1:
        named = queries.organisations(session, reporters)
        names = ", ".join(sorted(row.identifier or row.name for row in named.values()))
        account.findings.append(
            Remark(
                rule="earmark.export.mixed-reporting-organisations",
                message=f"The file holds activities of {len(reporters)} reporting organisations ({names}); "
                "registries expect one for each file.",
            )
        )


def _remark_refusals(session: Session, account: ExportAccount) -> None:
    """Activities that never came in are missing from the file too."""
    for name, day, count in queries_published.refusals(session):
        message = (
            f"{count} activities were refused at the last import of {name} ({day}): they cannot be published from here."
        )
        if count == 1:
            message = f"1 activity was refused at the last import of {name} ({day}): it cannot be published from here."
        account.findings.append(Remark(rule="earmark.export.refused-at-import", message=message))


def _refuse_unknown(session: Session, codes: Collection[str]) -> None:
    unknown = queries.unknown_codes(session, codes)
    if unknown:
        message = f"No project has the code or identifier {', '.join(unknown)}."
        raise NotFound(asked_back(session, "project.unknown", unknown[0], message) if len(unknown) == 1 else message)
