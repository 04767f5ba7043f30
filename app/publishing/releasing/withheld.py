"""All that is withheld from publication, as it holds on a day, and why; and all decisions there were."""

import datetime as dt
from collections.abc import Iterable

from sqlmodel import Session
from typing_extensions import TypedDict

from app.errors import NotFound
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.organisation_file import organisations
from app.publishing.exporting.rendering import render
from app.publishing.releasing import queries_redacting as queries

#: parts that an export names by number, and what decisions call them
_NUMBERED = {
    "transaction": "transaction", "allocation": "amount", "contact": "contact", "document": "document",
    "planned payment": "planned payment",
}  # fmt: skip


class WithheldShown(TypedDict):
    """Something that is not published."""

    project: str
    #: project, transaction, contact, document or amount; of what screening holds back, what it is
    part: str
    #: key of the part; of the project itself none
    subject: int | None
    reason: str
    #: published again from that day; None: when somebody releases it
    until: str | None
    #: who decided, and when, as far as a decision is on record
    by: str | None
    at: str | None


class DecisionShown(WithheldShown):
    """A decision to withhold something, or to release it again."""

    withheld: bool


def withheld_now(session: Session, as_of: dt.date, project: str | None = None) -> list[WithheldShown]:
    """What is withheld on a day, by project: by decisions, by what stands on records, by the rules of publication.

    ``project``: only of this one, by its code or identifier. Raises NotFound for one that there is not.
    """
    if project is not None:
        called = queries.project_called(session, project)
        if called is None:
            raise NotFound(f"There is no project {project}.")
        project = called.code
    found: dict[tuple[str, str, int | None], WithheldShown] = {}
    for row in queries.on_records(session):
        if row.reason or (row.until is not None and row.until > as_of):
            reason = row.reason or "under embargo"
            shown = _shown(row.project, row.part, row.subject, reason, None if row.reason else row.until)
            found[shown["project"], shown["part"], shown["subject"]] = shown
    for decision in queries.standing_decisions(session):
        if decision.until is None or decision.until > as_of:
            shown = _decision(decision)
            found[shown["project"], shown["part"], shown["subject"]] = shown
    for shown in _left_out(session, as_of, project):
        found.setdefault((shown["project"], shown["part"], shown["subject"]), shown)
    wanted = (each for each in found.values() if project is None or each["project"] == project)
    return sorted(wanted, key=place_of)


def place_of(shown: WithheldShown) -> tuple[str, str, int]:
    """Where something stands in the list of all that is withheld."""
    return shown["project"], shown["part"], shown["subject"] or 0


def _left_out(session: Session, as_of: dt.date, project: str | None) -> Iterable[WithheldShown]:
    """What an export of the day leaves out on purpose: of partners that are not cleared, contacts not released, …"""
    account = ExportAccount()
    for _rendered in render(session, account, as_of=as_of, codes=None if project is None else [project], drafts=True):
        pass
    if project is None:
        organisations(session, account, as_of, drafts=True)
    for each in account.exclusions:
        part, _space, number = each.what.rpartition(" ")
        if part in _NUMBERED:
            yield _shown(each.project, _NUMBERED[part], int(number), each.reason, None)
        elif each.what != "activity":
            yield _shown(each.project, each.what, None, each.reason, None)


def decisions(session: Session, project: str | None = None) -> list[DecisionShown]:
    """All decisions to withhold and to release again, the newest first."""
    return [
        DecisionShown(**_decision(row), withheld=row.withheld)
        for row in queries.all_decisions(session)
        if project is None or row.project == project
    ]


def _decision(row: queries.Decision) -> WithheldShown:
    shown = _shown(row.project, row.part, row.subject, row.reason, row.until)
    shown["by"], shown["at"] = row.by, row.at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return shown


def _shown(project: str, part: str, subject: int | None, reason: str, until: dt.date | None) -> WithheldShown:
    return {
        "project": project,
        "part": part,
        "subject": None if part == "project" else subject,
        "reason": reason,
        "until": None if until is None else until.isoformat(),
        "by": None,
        "at": None,
    }


def withheld_lines(found: Iterable[WithheldShown]) -> Iterable[str]:
    """The same for people."""
    for each in found:
        what = each["part"] if each["subject"] is None else f"{each['part']} {each['subject']}"
        until = f", until {each['until']}" if each["until"] else ""
        who = f" ({each['by']}, {each['at'][:10]})" if each["by"] and each["at"] else ""
        yield f"{each['project']}: {what}: {each['reason']}{until}{who}"


def decision_lines(found: Iterable[DecisionShown]) -> Iterable[str]:
    """Decisions for people."""
    for each in found:
        (line,) = withheld_lines([each])
        yield f"{'withheld' if each['withheld'] else 'released'}  {line}"
