"""Which part of an agreement funds which project, and the payments its schedule promises."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from app.db import archiving, dated
from app.db.base import key
from app.db.books import check_decided, moved_open
from app.db.funding import Agreement, FundingShare, Instalment
from app.db.lookups import row_by
from app.db.projects import Project
from app.db.put import Outcome, Put, assign
from app.db.together import settled
from app.domain.access import Actor, Right
from app.domain.money import EXACT, exact_sum, plain
from app.domain.promises import DatedShare, Story, part_of, shares_on
from app.domain.terms import AgreementStatus
from app.errors import Conflict, Fault, InvalidInput
from app.funding import commitments, history, queries, remarks, service
from app.funding.decided import RULE
from app.funding.schemas import FundingShareIn, InstalmentIn, InstalmentOfAgreementIn, ShareIn, SharePatch
from app.inputs import FaultList, Input, filled, sent


def create_share(
    session: Session, actor: Actor, agreement: Agreement, body: ShareIn, *, today: dt.date
) -> FundingShare:
    """A new share of an agreement that is held; ``Conflict`` when the project has one from this day already."""
    actor.require(Right.WRITE)
    found = FaultList()
    project = _project(session, body.project, found)
    found.refuse()
    standing = queries.find_share(session, key(agreement), key(project), body.starts_on)
    if standing is not None and standing.archived_at is None:
        message = "The project has a share of this agreement from this day already: change that one."
        raise Conflict(message, [Fault(pointer="/project", rule="unique", message=message)])
    return _store(session, actor, agreement, project, standing, body, today=today, found=found, anew=True)[0]


def update_share(
    session: Session, actor: Actor, agreement: Agreement, share: FundingShare, body: Input, *, today: dt.date
) -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed. The agreement must be held."""
    actor.require(Right.WRITE)
    found = FaultList()
    project = session.get_one(Project, share.project_id)
    if filled(ShareIn, body, {"project": project.code}).project != project.code:
        found.add("project", "key-fixed", "A share stays with its project: archive it and add another one.")
    return _store(session, actor, agreement, project, share, body, today=today, found=found)[1]


def put_funding_share(
    session: Session, actor: Actor, body: FundingShareIn, *, today: dt.date, pointer: str = ""
) -> Put[FundingShare]:
    """Creates the share of this agreement, project and first day, or changes what differs."""
    actor.require(Right.WRITE)
    found = FaultList(pointer)
    agreement = _agreement(session, body.agreement, found)
    project = row_by(session, Project, "code", body.project)
    if project is None:
        found.add("project", "project.unknown", f"There is no project {body.project}.")
    if agreement is None or project is None:
        raise InvalidInput(found.found)
    standing = queries.find_share(session, key(agreement), key(project), body.starts_on)
    share, changed = _store(session, actor, agreement, project, standing, body, today=today, found=found)
    return Put(share, "created" if standing is None else "updated" if changed else "unchanged")


def archive_share(session: Session, actor: Actor, agreement: Agreement, share: FundingShare, *, today: dt.date) -> None:
    """Ends a share: what it promised the project is taken back in the ledger. The agreement must be held."""
    actor.require(Right.WRITE)
    _require_sides(session, actor, agreement, session.get_one(Project, share.project_id))
    if share.archived_at is None:
        dated.append(session, dated.SHARES, share, None, known_on=today, recorded_by=actor.name)
        commitments.post(session, actor, agreement, FaultList(), decided_on=today, reason="Share ended", place="")


def restore_share(session: Session, actor: Actor, agreement: Agreement, share: FundingShare, *, today: dt.date) -> None:
    """Brings an ended share back: what it promises is posted again, from today. The agreement must be held.

    :raises InvalidInput: when the other shares left no room for it.
    """
    actor.require(Right.WRITE)
    project = session.get_one(Project, share.project_id)
    _require_sides(session, actor, agreement, project)
    if share.archived_at is not None:
        body = SharePatch.model_validate({"decided_on": today})
        _store(session, actor, agreement, project, share, body, today=today, found=FaultList(), anew=True)


def create_instalment(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    body: InstalmentOfAgreementIn,
    *,
    today: dt.date,
    told: FaultList | None = None,
) -> Instalment:
    """A new instalment; ``Conflict`` when one is due on that day already.

    ``told``: takes the remark that it is known from the first day of open books on.
    """
    actor.require(Right.WRITE)
    service.require_units(session, actor, agreement)
    standing = queries.find_instalment(session, key(agreement), body.due_on)
    if standing is not None and standing.archived_at is None:
        message = f"An instalment is due on {body.due_on} already: change that one."
        raise Conflict(message, [Fault(pointer="/due_on", rule="unique", message=message)])
    return _store_instalment(
        session, actor, agreement, standing, body, today=today, told=told or FaultList(), anew=True
    )[0]


def update_instalment(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    instalment: Instalment,
    body: Input,
    *,
    today: dt.date,
    told: FaultList | None = None,
) -> bool:
    """Changes the fields that ``body`` sets; tells whether anything differed. ``told``: as of a new one."""
    actor.require(Right.WRITE)
    service.require_units(session, actor, agreement)
    after = filled(InstalmentOfAgreementIn, body, {"due_on": instalment.due_on})
    other = queries.find_instalment(session, key(agreement), after.due_on)
    if other is not None and other.id != instalment.id:
        message = f"An instalment is due on {other.due_on} already."
        raise Conflict(message, [Fault(pointer="/due_on", rule="unique", message=message)])
    return _store_instalment(session, actor, agreement, instalment, body, today=today, told=told or FaultList())[1]


def put_instalment(
    session: Session, actor: Actor, body: InstalmentIn, *, today: dt.date, pointer: str = ""
) -> Put[Instalment]:
    """Creates the instalment of this agreement and day, or changes what differs."""
    actor.require(Right.WRITE)
    found = FaultList(pointer)
    agreement = _agreement(session, body.agreement, found)
    if agreement is None:
        raise InvalidInput(found.found)
    service.require_units(session, actor, agreement)
    standing = queries.find_instalment(session, key(agreement), body.due_on)
    told = FaultList(pointer)
    instalment, changed = _store_instalment(session, actor, agreement, standing, body, today=today, told=told)
    outcome: Outcome = "created" if standing is None else "updated" if changed else "unchanged"
    return Put(instalment, outcome, tuple(told.found))


def archive_instalment(
    session: Session, actor: Actor, agreement: Agreement, instalment: Instalment, *, today: dt.date
) -> None:
    """From today on the schedule does not promise it; what was known of it before stays known."""
    actor.require(Right.WRITE)
    service.require_units(session, actor, agreement)
    if instalment.archived_at is None:
        dated.append(session, dated.INSTALMENTS, instalment, None, known_on=today, recorded_by=actor.name)


def restore_instalment(
    session: Session, actor: Actor, agreement: Agreement, instalment: Instalment, *, today: dt.date
) -> None:
    """From today on the schedule promises it again."""
    actor.require(Right.WRITE)
    service.require_units(session, actor, agreement)
    if instalment.archived_at is not None:
        values = {name: getattr(instalment, name) for name in dated.INSTALMENTS.values}
        dated.append(session, dated.INSTALMENTS, instalment, values, known_on=today, recorded_by=actor.name)


def _agreement(session: Session, reference: str, found: FaultList) -> Agreement | None:
    """The agreement, held."""
    agreement = queries.agreement_by_reference(session, reference)
    if agreement is None:
        found.add("agreement", "agreement.unknown", f"There is no agreement {reference}.")
    return agreement


def _project(session: Session, code: str, found: FaultList) -> Project:
    project = row_by(session, Project, "code", code)
    if project is None:
        found.add("project", "project.unknown", f"There is no project {code}.")
        raise InvalidInput(found.found)
    return project


def _require_sides(session: Session, actor: Actor, agreement: Agreement, project: Project) -> None:
    """A share touches the project and the agreement, with all that it funds beside."""
    actor.require_unit(project.unit_id)
    service.require_units(session, actor, agreement)


def _store(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    project: Project,
    share: FundingShare | None,
    body: Input,
    *,
    today: dt.date,
    found: FaultList,
    anew: bool = False,
) -> tuple[FundingShare, bool]:
    """Makes or changes a share and posts the difference; ``anew``: an archived one comes back, with new values.

    A decision that is learnt after a later one is appended behind it: the share stays as the later one says.
    """
    _require_sides(session, actor, agreement, project)
    if share is not None and share.archived_at is not None and not anew:
        raise archiving.archived(share)
    dated_on = sent(body).get("decided_on")
    decided_on = _decided_on(session, agreement, project, dated_on, today, found)
    known = [] if share is None else dated.decisions(session, dated.SHARES, share)
    is_late = any(each.known_on > decided_on for each in known)
    held = None if share is None else dated.on_day(session, dated.SHARES, share, decided_on)
    now = share or FundingShare()
    standing = {name: getattr(now, name) for name in dated.SHARES.values} if held is None else dict(held)
    after = filled(ShareIn, body, standing | {"note": now.note})
    values = {name: getattr(after, name) for name in dated.SHARES.values}
    others = [row for row in history.shares(session, agreement) if share is None or row.share_id != share.id]
    _check(agreement, after, others, decided_on, found, is_late=is_late)
    if after.amount != standing["amount"]:
        found.ask_thousands("amount", after.amount, agreement.currency)
    found.refuse()
    is_back = anew and share is not None and share.archived_at is not None
    is_repeated = dated.is_repeated(known, decided_on, is_dated=dated_on is not None)
    if share is not None and held == values and is_repeated and not is_back:
        changed = assign(share, {"note": after.note})
        settled(session)
        return share, changed
    check_decided(session, found, decided_on, place="decided_on", rule=RULE)
    found.refuse()
    before = history.shares(session, agreement)
    if share is None:
        share = FundingShare(agreement_id=key(agreement), project_id=key(project), **values)
    share.note = after.note
    dated.append(session, dated.SHARES, share, values, known_on=decided_on, recorded_by=actor.name)
    if is_late:
        decisions = history.decisions(session, agreement)
        commitments.post_amended(
            session,
            actor,
            agreement,
            found,
            before=Story(decisions=decisions, shares=before),
            after=Story(decisions=decisions, shares=history.shares(session, agreement)),
            reason="",
        )
    else:
        commitments.post(session, actor, agreement, found, decided_on=decided_on)
    return share, True


def _check(
    agreement: Agreement,
    after: ShareIn,
    others: Sequence[DatedShare],
    day: dt.date,
    found: FaultList,
    *,
    is_late: bool,
) -> None:
    """What cannot be of a share; ``others``: what was decided on the other shares of the agreement."""
    starts_on, ends_on = after.starts_on, after.ends_on
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        found.add("ends_on", "dates-in-order", f"The share would end on {ends_on}, before it starts.")
    if after.amount is not None and after.percent is not None:
        message = "Give the amount or the percentage, not both: they could contradict each other."
        found.add("percent", "share.amount-and-percent", message)
        return
    if service.is_imported(agreement):
        return
    given = exact_sum(part_of(agreement.amount, row) for row in shares_on(others, day if is_late else None))
    together = EXACT.add(given, part_of(agreement.amount, after))
    if together > agreement.amount:
        message = (
            f"The shares of the agreement would make {plain(together)} of {plain(agreement.amount)} "
            f"{agreement.currency}: {plain(max(EXACT.subtract(agreement.amount, given), Decimal(0)))} is left."
        )
        found.add("amount" if after.amount is not None else "percent", "share.exceeds-agreement", message)


def _decided_on(
    session: Session,
    agreement: Agreement,
    project: Project,
    decided_on: dt.date | None,
    today: dt.date,
    found: FaultList,
) -> dt.date:
    """The day of the decision: the one given; that of the agreement for a project new to it; else today."""
    if decided_on is not None:
        found.refuse_ahead(decided_on, today)
        return decided_on
    known = queries.standing(session, key(agreement), agreement.currency, ("11", "13"))
    if any(project_id == project.id for project_id, _ in known):
        return today
    if agreement.status is AgreementStatus.PLEDGED or agreement.signed_on is None:
        return queries.first_known(session, key(agreement)) or today
    return agreement.signed_on


def _store_instalment(
    session: Session,
    actor: Actor,
    agreement: Agreement,
    instalment: Instalment | None,
    body: Input,
    *,
    today: dt.date,
    told: FaultList,
    anew: bool = False,
) -> tuple[Instalment, bool]:
    """Makes or changes an instalment; ``anew``: an archived one comes back, with new values.

    A new one that nobody dates belongs to the schedule that the agreement was entered with, but is known from a day of
    open books on, which ``told`` takes as a remark; a change is one of today.
    """
    if instalment is not None and instalment.archived_at is not None and not anew:
        raise archiving.archived(instalment)
    found = FaultList(told.pointer)
    day: dt.date | None = sent(body).get("decided_on")
    is_dated = day is not None
    if day is None:
        first = queries.first_known(session, key(agreement)) if instalment is None else None
        day = min(first or today, today)
        day = moved_open(session, told, day, place="decided_on", rule=RULE)
    found.refuse_ahead(day, today)
    held = None if instalment is None else dated.on_day(session, dated.INSTALMENTS, instalment, day)
    standing = {} if instalment is None else {name: getattr(instalment, name) for name in dated.INSTALMENTS.values}
    noted = None if instalment is None else instalment.note
    after = filled(InstalmentOfAgreementIn, body, {**standing, **(held or {}), "note": noted})
    values = {name: getattr(after, name) for name in dated.INSTALMENTS.values}
    if after.amount != standing.get("amount"):
        found.ask_thousands("amount", after.amount, agreement.currency)
    found.refuse()
    known = [] if instalment is None else dated.decisions(session, dated.INSTALMENTS, instalment)
    is_back = anew and instalment is not None and instalment.archived_at is not None
    if instalment is not None and held == values and dated.is_repeated(known, day, is_dated=is_dated) and not is_back:
        changed = assign(instalment, {"note": after.note})
        settled(session)
        if changed:
            remarks.remark_scheduled(session, agreement, told)
        return instalment, changed
    check_decided(session, found, day, place="decided_on", rule=RULE)
    found.refuse()
    if instalment is None:
        instalment = Instalment(agreement_id=key(agreement), **values)
    instalment.note = after.note
    dated.append(session, dated.INSTALMENTS, instalment, values, known_on=day, recorded_by=actor.name)
    remarks.remark_scheduled(session, agreement, told)
    return instalment, True
