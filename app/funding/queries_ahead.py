"""What many agreements, shares and instalments name and what stands of them, read together."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import JSON, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from app.db.among import among, among_texts, chunks
from app.db.base import key, table
from app.db.dated import FundingShareRevision, InstalmentRevision
from app.db.funding import Agreement, AgreementRevision, EarmarkingPreset, FrameworkAgreement, FundingShare, Instalment
from app.db.partners import Partner
from app.db.projects import Project
from app.db.results import FrameworkItem
from app.db.spending import Allocation, LedgerEntry
from app.db.together import Batch, Fact, batch_of
from app.domain.money import EXACT
from app.domain.partners import codes_of
from app.domain.purposes import PurposeKind, read_purpose
from app.errors import Conflict
from app.funding.queries_allocated import all_named
from app.funding.schemas import AgreementIn, FundingShareIn, InstalmentIn

_entry = table(LedgerEntry).c

#: what a batch knows, by agreement and currency: what the ledger holds of it, by project and type
POSTED: Final = Fact[tuple[int, str], dict[tuple[int, str], Decimal]]()
#: how many documents of the ledger begin with a text
DOCUMENTS: Final = Fact[str, int]()
#: rows of the table of earmarking, by the code of the preset
OFFERED: Final = Fact[str, list[EarmarkingPreset]]()
#: codes that agreements are for and that somebody has: projects and pools, outcomes
PROJECTS: Final = Fact[str, bool]()
OUTCOMES: Final = Fact[str, bool]()
#: allocations from own resources, by the name of their source
NAMED: Final = Fact[str, list[Allocation]]()


def agreements_ahead(session: Session, bodies: Sequence[AgreementIn]) -> None:
    """Reads what agreements name, and what stands of those there are already."""
    if (batch := batch_of(session)) is None:
        return
    references = {body.reference for body in bodies}
    standing = batch.find(Agreement, "reference", references, to_change=True)
    rows = list(standing.values())
    _parts_ahead(session, batch, rows, references)
    batch.read_below(Instalment, "agreement_id", {key(row) for row in rows}, table(Instalment).c.id)
    both: list[AgreementIn | Agreement] = [*bodies, *rows]
    further = (code for each in both for code in codes_of(each.further_partners or ()))
    batch.find(Partner, "code", [*(body.partner for body in bodies), *further])
    frameworks = batch.find(FrameworkAgreement, "code", [each.framework for each in both])
    batch.hold(Partner, {*(row.partner_id for row in rows), *(row.partner_id for row in frameworks.values())})
    _purposes_ahead(session, [text for each in both for text in each.earmarked_for_refs or ()])
    OFFERED.learn(session, {})
    named = all_named(session, references - standing.keys())
    NAMED.learn(session, named)
    batch.hold(Project, {row.project_id for some in named.values() for row in some})
    batch.expect(Agreement, len(references) - len(standing))


def shares_ahead(session: Session, bodies: Sequence[FundingShareIn]) -> None:
    """Reads what shares name, and what stands of their agreements.

    :raises Conflict: when several rows are of one share, so that they go in one after the other.
    """
    if (batch := batch_of(session)) is None:
        return
    _refuse_repeated((body.agreement, body.project, body.starts_on) for body in bodies)
    references = {body.agreement for body in bodies}
    agreements = batch.find(Agreement, "reference", references, to_change=True)
    projects = batch.find(Project, "code", [body.project for body in bodies])
    _parts_ahead(session, batch, list(agreements.values()), agreements)
    batch.hold(Partner, {row.partner_id for row in agreements.values()})
    below = batch.below[FundingShare, "agreement_id"]
    there = {(row.agreement_id, row.project_id) for rows in below.values() for row in _shares(rows)}
    asked = (
        (key(agreements[body.agreement]), key(projects[body.project]))
        for body in bodies
        if body.agreement in agreements and body.project in projects
    )
    batch.expect(FundingShare, sum(each not in there for each in asked))


def instalments_ahead(session: Session, bodies: Sequence[InstalmentIn]) -> None:
    """Reads what instalments name, and what stands of their agreements.

    :raises Conflict: when several rows are of one instalment, so that they go in one after the other.
    """
    if (batch := batch_of(session)) is None:
        return
    _refuse_repeated((body.agreement, body.due_on) for body in bodies)
    agreements = batch.find(Agreement, "reference", [body.agreement for body in bodies], to_change=True)
    keys = {key(row) for row in agreements.values()}
    _decided_ahead(batch, keys)
    instalment, told = table(Instalment).c, table(InstalmentRevision).c
    batch.read_below(Instalment, "agreement_id", keys, instalment.id)
    found = {key(row) for rows in batch.below[Instalment, "agreement_id"].values() for row in rows}
    batch.read_below(InstalmentRevision, "instalment_id", found, told.sequence)


def _refuse_repeated(records: Iterable[tuple[object, ...]]) -> None:
    if max(Counter(records).values(), default=1) > 1:
        raise Conflict("Some of these rows are decisions on one record.")


def _shares(rows: Iterable[object]) -> list[FundingShare]:
    return [row for row in rows if isinstance(row, FundingShare)]


def _decided_ahead(batch: Batch, keys: Collection[int]) -> None:
    revision = table(AgreementRevision).c
    batch.read_below(AgreementRevision, "agreement_id", keys, revision.sequence)


def _parts_ahead(session: Session, batch: Batch, agreements: Sequence[Agreement], references: Collection[str]) -> None:
    """What was decided on agreements and their shares, and what stands of them in the ledger."""
    keys = {key(row) for row in agreements}
    _decided_ahead(batch, keys)
    share, told = table(FundingShare).c, table(FundingShareRevision).c
    batch.read_below(FundingShare, "agreement_id", keys, share.id)
    shares = [row for rows in batch.below[FundingShare, "agreement_id"].values() for row in _shares(rows)]
    batch.read_below(FundingShareRevision, "share_id", {key(row) for row in shares}, told.sequence)
    posted: dict[tuple[int, str], dict[tuple[int, str], Decimal]] = {}
    summed = select(
        _entry.agreement_id, _entry.currency, _entry.project_id, _entry.type, func.sum(_entry.amount)
    ).group_by(_entry.agreement_id, _entry.currency, _entry.project_id, _entry.type)
    for part in chunks(keys):
        for agreement_id, currency, project_id, type_, amount in session.execute(
            summed.where(among(_entry.agreement_id, part), _entry.type.in_(("11", "13", "3")))
        ):
            posted.setdefault((agreement_id, currency), {})[project_id, type_] = amount
    POSTED.learn(session, posted)
    batch.hold(Project, {row.project_id for row in shares} | {place[0] for some in posted.values() for place in some})
    beginnings = [f"{reference}/{type_}/" for reference in references for type_ in ("11", "13")]
    DOCUMENTS.learn(session, _documents_with(session, beginnings))


def _documents_with(session: Session, beginnings: Collection[str]) -> dict[str, int]:
    """How many documents begin with each of the texts, which end with a slash."""
    found: dict[str, int] = {}
    postgresql = session.get_bind().dialect.name == "postgresql"
    for part in chunks(beginnings):
        given = (
            func.unnest(bindparam(None, part, type_=ARRAY(Text), unique=True)).table_valued("value").render_derived()
            if postgresql
            else func.json_each(bindparam(None, part, type_=JSON, unique=True)).table_valued("value")
        )
        text = cast(given.c.value, Text)
        # what follows a slash is a nought
        behind = func.rtrim(text, "/").concat("0")
        counted = (
            select(text, func.count())
            .select_from(given)
            .join(table(LedgerEntry), (_entry.document >= text) & (_entry.document < behind))
            .group_by(text)
        )
        found.update((row[0], row[1]) for row in session.execute(counted))
    return found


def note_posted(session: Session, row: LedgerEntry) -> None:
    """A row of the ledger that was added counts."""
    if row.agreement_id is None or (posted := POSTED.known(session)) is None:
        return
    sums = posted.setdefault((row.agreement_id, row.currency), {})
    place = (row.project_id, row.type)
    sums[place] = EXACT.add(sums.get(place, Decimal(0)), row.amount)
    documents = DOCUMENTS.known(session)
    if documents is None or row.document is None:
        return
    for place_, sign in enumerate(row.document, start=1):
        if sign == "/":
            beginning = row.document[:place_]
            documents[beginning] = documents.get(beginning, 0) + 1


def _purposes_ahead(session: Session, references: Collection[str]) -> None:
    purposes = [purpose for text in references if (purpose := read_purpose(text)) is not None]
    item, project = table(FrameworkItem).c, table(Project).c
    outcomes = select(item.code).where(item.level == "outcome")
    for fact, kind, statement, column in (
        (PROJECTS, PurposeKind.PROJECT, select(project.code), project.code),
        (OUTCOMES, PurposeKind.OUTCOME, outcomes, item.code),
    ):
        codes = {purpose.code for purpose in purposes if purpose.kind is kind}
        there = {
            code: True
            for part in chunks(codes)
            for code in session.scalars(statement.where(among_texts(session, column, part)))
        }
        fact.learn(session, there)
