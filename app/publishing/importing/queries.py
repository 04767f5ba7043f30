"""What imports write, in bulk, and what they look up for it. A constant number of statements for each batch."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from app.db import bulk
from app.db.among import chunks
from app.db.base import Row, Statement, metadata, table, utc_now
from app.db.funding import Agreement, AgreementRevision, FundingShare
from app.db.organisation import Setup
from app.db.partners import Organisation, Partner
from app.db.projects import Findings, Project, ProjectRevision
from app.db.publishing import ImportRun, OrganisationFile, PublishedActivity
from app.db.shapes import first_shaped, shaped
from app.db.spending import LedgerEntry
from app.domain.terms import AgreementStatus, Origin


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation that a file names."""

    id: int
    identifier: str | None
    name: str
    #: the name folded, by which one without an identifier is known
    name_key: str
    name_translations: list[list[str]]
    type: str | None


#: what a run has counted; before its end also ``stored`` and ``asked``
RunCounts: TypeAlias = dict[str, int | list[str]]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """An import as its record stands."""

    id: int
    outcome: str
    counts: RunCounts


@dataclass(frozen=True, slots=True)
class KnownProject:
    """A project that is kept already."""

    iati_identifier: str
    id: int
    origin: Origin
    reporting_org_id: int
    archived_at: dt.datetime | None
    #: several files tell the activity together
    in_parts: bool
    #: identifier of the reporting organisation
    reporting_ref: str | None


@dataclass(frozen=True, slots=True)
class KnownAgreement:
    """An agreement that is kept already."""

    reference: str
    id: int
    currency: str
    amount: Decimal
    status: AgreementStatus
    signed_on: dt.date | None
    origin: Origin
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The stored record of an organisation."""

    id: int
    #: the model as JSON
    document: dict[str, object]
    findings: Findings | None


def add(session: Session, row_class: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts rows that all have the same keys."""
    if rows:
        add_columns(session, row_class, by_column(rows))


def add_with_keys(session: Session, row_class: type[Row], rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Inserts rows that all have the same keys; their new primary keys, in the same order."""
    return add_columns_with_keys(session, row_class, by_column(rows), len(rows))


def add_columns(session: Session, row_class: type[Row], columns: Mapping[str, Sequence[object]]) -> None:
    """Inserts rows by their columns, each with a value for every row."""
    bulk.add_columns(session, row_class, columns)


def add_columns_with_keys(
    session: Session, row_class: type[Row], columns: Mapping[str, Sequence[object]], count: int
) -> list[int]:
    """Inserts so many rows by their columns; their new primary keys, in the same order."""
    keys = bulk.next_keys(session, row_class, count) if count else []
    if keys:
        add_columns(session, row_class, {**columns, "id": keys})
    return keys


def by_column(rows: Sequence[Mapping[str, object]]) -> dict[str, Sequence[object]]:
    """Rows that all have the same keys as columns."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def add_missing(session: Session, row_class: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
    """Inserts rows; those that another writer inserted meanwhile are left alone."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(table(row_class)).on_conflict_do_nothing(), rows)
    else:
        session.execute(sqlite.insert(table(row_class)).on_conflict_do_nothing(), rows)


def organisations_named(session: Session, refs: Collection[str], keys: Collection[str]) -> list[OrganisationRow]:
    """Organisations with one of the identifiers, and those without one that have one of the name keys."""
    organisation = table(Organisation).c
    statement = select(
        organisation.id, organisation.identifier, organisation.name, organisation.name_key,
        organisation.name_translations, organisation.type,
    )  # fmt: skip
    known = [
        *(organisation.identifier.in_(some) for some in chunks(refs)),
        *(and_(organisation.identifier.is_(None), organisation.name_key.in_(some)) for some in chunks(keys)),
    ]
    return [row for condition in known for row in shaped(OrganisationRow, session.execute(statement.where(condition)))]


def known_projects(session: Session, identifiers: Collection[str]) -> dict[str, KnownProject]:
    """Projects by IATI identifier."""
    project = table(Project).c
    reporter = table(Organisation)
    known = select(
        project.iati_identifier, project.id, project.origin, project.reporting_org_id, project.archived_at,
        project.in_parts, reporter.c.identifier.label("reporting_ref"),
    ).join(reporter, reporter.c.id == project.reporting_org_id)  # fmt: skip
    return {
        row.iati_identifier: row
        for some in chunks(identifiers)
        for row in shaped(KnownProject, session.execute(known.where(project.iati_identifier.in_(some))))
    }


def in_other_capitals(session: Session) -> dict[str, str]:
    """The organisation's own activities that differ in capital letters alone from one that came before, with that one.

    All are gone through, since nothing finds an identifier by its small letters: ask once for many.
    """
    project, setup = table(Project).c, table(Setup).c
    small = func.lower(project.iati_identifier)
    own = project.reporting_org_id == select(setup.organisation_id).scalar_subquery(), project.archived_at.is_(None)
    # no join: without statistics, as in the first import, one may take hours
    several = func.count().over(partition_by=small).label("several")
    counted = select(project.id, project.iati_identifier, small.label("alike"), several).where(*own).subquery().c
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    statement = select(counted.alike, counted.iati_identifier).where(counted.several > 1).order_by(counted.id)
    for alike, identifier in session.execute(statement):
        before = first.setdefault(alike, identifier)
        if before != identifier:
            found[identifier] = before
    return found


def set_in_parts(session: Session, project_id: int, *, in_parts: bool) -> None:
    """Whether several files tell the activity together."""
    project = table(Project)
    session.execute(update(project).where(project.c.id == project_id).values(in_parts=in_parts))


def former_identifiers(session: Session, identifiers: Collection[str]) -> dict[str, str]:
    """Those of the identifiers that an activity gave up, with its present one."""
    project, seen = table(Project), table(PublishedActivity)
    changed = (
        select(seen.c.identifier, project.c.iati_identifier)
        .join(project, project.c.id == seen.c.project_id)
        .where(seen.c.identifier != project.c.iati_identifier)
    )
    return {
        row[0]: row[1]
        for some in chunks(identifiers)
        for row in session.execute(changed.where(seen.c.identifier.in_(some)))
    }


def used_codes(session: Session, codes: Collection[str]) -> set[str]:
    project = table(Project).c
    return {
        code for some in chunks(codes) for code in session.scalars(select(project.code).where(project.code.in_(some)))
    }


def partners_of(session: Session, organisation_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Partners by the organisation that they are: (key, code)."""
    partner = table(Partner).c
    return {
        row[0]: (row[1], row[2])
        for some in chunks(organisation_ids)
        for row in session.execute(
            select(partner.organisation_id, partner.id, partner.code)
            .where(partner.organisation_id.in_(some))
            .order_by(partner.id.desc())
        )
    }


def _agreements(session: Session, condition: ColumnElement[bool]) -> list[KnownAgreement]:
    agreement = table(Agreement).c
    statement = select(
        agreement.reference, agreement.id, agreement.currency, agreement.amount, agreement.status,
        agreement.signed_on, agreement.origin, agreement.ends_on,
    )  # fmt: skip
    return shaped(KnownAgreement, session.execute(statement.where(condition)))


def agreements_referred(session: Session, references: Collection[str]) -> dict[str, KnownAgreement]:
    """Agreements by reference."""
    reference = table(Agreement).c.reference
    return {each.reference: each for some in chunks(references) for each in _agreements(session, reference.in_(some))}


def agreements_keyed(session: Session, keys: Collection[int]) -> list[KnownAgreement]:
    """Agreements by key."""
    return [each for some in chunks(keys) for each in _agreements(session, table(Agreement).c.id.in_(some))]


def shares_of(session: Session, agreement_ids: Collection[int]) -> dict[tuple[int, int], tuple[int, Decimal | None]]:
    """Funding shares without a period by (agreement, project): (key, amount)."""
    share = table(FundingShare).c
    return {
        (row[0], row[1]): (row[2], row[3])
        for some in chunks(agreement_ids)
        for row in session.execute(
            select(share.agreement_id, share.project_id, share.id, share.amount).where(
                share.agreement_id.in_(some), share.starts_on.is_(None)
            )
        )
    }


def money_of_agreements(
    session: Session, agreement_ids: Collection[int]
) -> list[tuple[int, int, str, str, Decimal, dt.date]]:
    """What the ledger says of agreements: (agreement, project, type, currency, sum, first date)."""
    entry = table(LedgerEntry).c
    found: list[tuple[int, int, str, str, Decimal, dt.date]] = []
    for some in chunks(agreement_ids):
        found.extend(
            (row[0], row[1], row[2], row[3], row[4], row[5])
            for row in session.execute(
                select(
                    entry.agreement_id, entry.project_id, entry.type, entry.currency,
                    func.sum(entry.amount), func.min(entry.date),
                )
                .where(entry.agreement_id.in_(some), entry.type.in_(("1", "11", "13")))
                .group_by(entry.agreement_id, entry.project_id, entry.type, entry.currency)
            )
        )  # fmt: skip
    return found


def revise_agreement(session: Session, key: int, values: Mapping[str, object], revision: Mapping[str, object]) -> None:
    """Changes an agreement and appends the revision that says so."""
    agreement, past = table(Agreement), table(AgreementRevision)
    session.execute(update(agreement).where(agreement.c.id == key).values(version=agreement.c.version + 1, **values))
    newest = select(func.coalesce(func.max(past.c.sequence), 0)).where(past.c.agreement_id == key)
    session.execute(insert(past).values(agreement_id=key, sequence=(session.scalar(newest) or 0) + 1, **revision))


def set_share(session: Session, key: int, amount: Decimal | None) -> None:
    share = table(FundingShare)
    session.execute(update(share).where(share.c.id == key).values(amount=amount, version=share.c.version + 1))


def revision_sequences(session: Session, project_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """The newest sequence of each field's revisions by (project, field)."""
    past = table(ProjectRevision).c
    return {
        (row[0], row[1]): row[2]
        for some in chunks(project_ids)
        for row in session.execute(
            select(past.project_id, past.field, func.max(past.sequence))
            .where(past.project_id.in_(some))
            .group_by(past.project_id, past.field)
        )
    }


def total_budgets(session: Session, project_ids: Collection[int]) -> dict[int, tuple[Decimal | None, str | None]]:
    """Total budget and its currency by project."""
    project = table(Project).c
    statement = select(project.id, project.total_budget, project.budget_currency)
    return {
        row[0]: (row[1], row[2])
        for some in chunks(project_ids)
        for row in session.execute(statement.where(project.id.in_(some)))
    }


def change_project(session: Session, key: int, values: Mapping[str, object]) -> None:
    """Changes what a project publishes."""
    project = table(Project)
    session.execute(
        update(project)
        .where(project.c.id == key)
        .values(
            version=project.c.version + 1,
            content_version=project.c.content_version + 1,
            updated_at=utc_now(),
            **values,
        )
    )


def set_findings(session: Session, key: int, findings: Findings | None) -> None:
    """Says that a project is a draft and why, or, with None, that it is none any more."""
    project = table(Project)
    session.execute(
        update(project)
        .where(project.c.id == key)
        .values(version=project.c.version + 1, updated_at=utc_now(), findings=findings)
    )


def update_row(session: Session, row_class: type[Row], key: int, values: Mapping[str, object]) -> None:
    """Changes a versioned row."""
    target = table(row_class)
    session.execute(update(target).where(target.c.id == key).values(version=target.c.version + 1, **values))


def delete_rows(session: Session, name: str, keys: Collection[int]) -> None:
    target = metadata.tables[name]
    for some in chunks(keys):
        session.execute(delete(target).where(target.c.id.in_(some)))


def archive_rows(session: Session, name: str, keys: Collection[int]) -> None:
    target = metadata.tables[name]
    now = utc_now()
    for some in chunks(keys):
        session.execute(
            update(target)
            .where(target.c.id.in_(some))
            .values(archived_at=now, updated_at=now, version=target.c.version + 1)
        )


def set_ordinals(session: Session, name: str, places: Collection[tuple[int, int]]) -> None:
    """New places of rows: (key, ordinal)."""
    target = metadata.tables[name]
    statement = update(target).where(target.c.id == bindparam("row_key")).values(ordinal=bindparam("place"))
    session.execute(statement, [{"row_key": key, "place": place} for key, place in places])


def unfinished_run(session: Session, kind: str, file_name: str, sha256: str, actor: str) -> StoredRun | None:
    """The newest run of a file by an actor, when it did not come to its end; waits for one that writes just now."""
    run = table(ImportRun).c
    of_the_file = (run.kind == kind, run.file_name == file_name, run.sha256 == sha256, run.actor == actor)
    newest = _runs().where(*of_the_file).order_by(run.id.desc()).limit(1)
    found = first_shaped(StoredRun, session.execute(newest))
    return found if found is not None and found.outcome != "done" else None


def held_run(session: Session, key: int) -> StoredRun:
    """A run as it stands now; nobody else writes to it before this transaction ends."""
    (held,) = shaped(StoredRun, session.execute(_runs().where(table(ImportRun).c.id == key)))
    return held


def _runs() -> Statement:
    """Runs, held until the transaction ends. Of columns: a row class would have all of them set up for one row."""
    run = table(ImportRun).c
    return select(run.id, run.outcome, run.counts).with_for_update()


def begin_run(session: Session, kind: str, file_name: str, sha256: str, actor: str, counts: RunCounts) -> int:
    """Adds a run that is under way; its key."""
    values = {"kind": kind, "file_name": file_name, "sha256": sha256, "actor": actor, "counts": counts}
    begun = insert(table(ImportRun)).values(**values, started_at=utc_now(), outcome="running")
    return int(session.scalars(begun.returning(table(ImportRun).c.id)).one())


def set_run(session: Session, key: int, **columns: object) -> None:
    """Sets columns of a run."""
    session.execute(update(table(ImportRun)).where(table(ImportRun).c.id == key).values(**columns))


def organisation_file(session: Session, organisation_id: int) -> StoredRecord | None:
    """The stored record of an organisation."""
    stored = table(OrganisationFile).c
    statement = select(stored.id, stored.document, stored.findings)
    return first_shaped(StoredRecord, session.execute(statement.where(stored.organisation_id == organisation_id)))
