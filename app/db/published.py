"""Which rows a publication shows, and the projects whose record a change of them moves."""

from dataclasses import dataclass, field

from sqlalchemy import or_, select, union, update
from sqlmodel import Session, SQLModel

from app.db.agreements import givers
from app.db.among import among, chunks
from app.db.base import table, utc_now
from app.db.evaluations import EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.partners import Partner
from app.db.projects import Classification, Contact, Document, Link, Location, Participant, Project
from app.db.publishing import Redaction
from app.db.records import ResultRecord, ResultRecordProject
from app.db.results import Baseline, FrameworkItem, Indicator, IndicatorPeriod, PeriodValue, Result
from app.db.spending import Allocation, LedgerEntry, PlannedPayment
from app.domain.terms import Origin

#: columns of a project that no publication shows
UNPUBLISHED = frozenset({
    "version", "created_at", "updated_at", "archived_at", "content_version", "content_changed_at", "officer_id",
    "unit_id", "backstopping_unit_id", "note", "mid_term_agreed", "pilot", "phase", "identifier_frozen", "in_parts",
    "operationally_closed_on", "financially_closed_on", "total_budget", "budget_currency",
    "findings",
})  # fmt: skip


#: columns of items of a results framework that publications of results on record show
SHOWN_OF_ITEMS = frozenset(("framework", "level", "code", "title", "measure", "better", "archived_at"))


#: rows below a project that a publication shows
PUBLISHED = (
    Allocation, Classification, Contact, Document, EvaluationProject, FundingShare, LedgerEntry, Link, Location,
    Participant, PlannedPayment, Redaction, Result, ResultRecordProject,
)  # fmt: skip


@dataclass(slots=True)
class Touched:
    """Keys of records that changed, and of which nothing that shows them is marked yet."""

    projects: set[int] = field(default_factory=set)
    organisations: set[int] = field(default_factory=set)
    agreements: set[int] = field(default_factory=set)
    #: organisations of partners whose screening changed
    screened: set[int] = field(default_factory=set)

    def add(self, other: "Touched") -> None:
        self.projects |= other.projects
        self.organisations |= other.organisations
        self.agreements |= other.agreements
        self.screened |= other.screened

    def mark(self, session: Session) -> None:
        """Marks the published content of all projects that show the records."""
        touch_projects(session, self.projects, self.organisations, self.agreements)
        touch_screened(session, self.screened - self.organisations)


def drafts_among(session: Session, projects: set[int], organisations: set[int]) -> list[int]:
    """The drafts among projects, and those that organisations report."""
    project = table(Project).c
    drafts = select(project.id).where(project.findings.is_not(None))
    found = {key for ids in chunks(projects) for key in session.scalars(drafts.where(among(project.id, ids)))}
    for ids in _chunks(organisations):
        found.update(session.scalars(drafts.where(project.reporting_org_id.in_(ids))))
    return sorted(found)


def touch_projects(
    session: Session, projects: set[int], organisations: set[int] | None = None, agreements: set[int] | None = None
) -> None:
    """Marks the published content of projects as changed now: directly, or through what they name."""
    now = utc_now().replace(microsecond=0)
    project, share, entry = table(Project), table(FundingShare).c, table(LedgerEntry).c
    planned = table(PlannedPayment).c
    mark = update(project).values(content_version=project.c.content_version + 1, content_changed_at=now)
    for ids in chunks(projects):
        session.execute(mark.where(among(project.c.id, ids)))
    for ids in _chunks(agreements or set()):
        session.execute(mark.where(project.c.id.in_(select(share.project_id).where(share.agreement_id.in_(ids)))))
    for ids in _chunks(organisations or set()):
        participant, giver, partner = table(Participant).c, givers(), table(Partner)
        naming = union(
            select(participant.project_id).where(participant.organisation_id.in_(ids)),
            select(entry.project_id).where(entry.provider_id.in_(ids)),
            select(entry.project_id).where(entry.receiver_id.in_(ids)),
            select(planned.project_id).where(or_(planned.provider_id.in_(ids), planned.receiver_id.in_(ids))),
            select(project.c.id).where(project.c.reporting_org_id.in_(ids)),
            select(share.project_id)
            .join(giver, giver.c.agreement_id == share.agreement_id)
            .join(partner, partner.c.id == giver.c.partner_id)
            .where(partner.c.organisation_id.in_(ids)),
        )
        session.execute(mark.where(project.c.id.in_(naming)))


def touch_screened(session: Session, organisations: set[int]) -> None:
    """The same for records kept here that name a partner whose screening changed: it decides whether it is published.

    What came from a published file shows the partner whatever its screening says.
    """
    if not organisations:
        return
    now = utc_now().replace(microsecond=0)
    project, share, entry = table(Project), table(FundingShare).c, table(LedgerEntry).c
    planned = table(PlannedPayment).c
    participant, agreement, partner = table(Participant).c, table(Agreement), table(Partner)
    giver = givers()
    own = select(project.c.id).where(project.c.origin == Origin.OWN)
    for ids in _chunks(organisations):
        naming = union(
            select(participant.project_id).where(participant.organisation_id.in_(ids), participant.project_id.in_(own)),
            select(entry.project_id).where(
                entry.ordinal.is_(None), or_(entry.provider_id.in_(ids), entry.receiver_id.in_(ids))
            ),
            select(planned.project_id).where(or_(planned.provider_id.in_(ids), planned.receiver_id.in_(ids))),
            select(share.project_id)
            .join(agreement, agreement.c.id == share.agreement_id)
            .join(giver, giver.c.agreement_id == agreement.c.id)
            .join(partner, partner.c.id == giver.c.partner_id)
            .where(
                partner.c.organisation_id.in_(ids),
                or_(agreement.c.origin == Origin.OWN, share.project_id.in_(own)),
            ),
        )
        session.execute(
            update(project)
            .values(content_version=project.c.content_version + 1, content_changed_at=now)
            .where(project.c.id.in_(naming))
        )


def _chunks(keys: set[int]) -> list[list[int]]:
    ids = sorted(keys)
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def project_of_result_row(session: Session, row: SQLModel) -> list[int]:
    """The project above a row of the logframe."""
    result, indicator, period = table(Result), table(Indicator), table(IndicatorPeriod)
    projects = select(result.c.project_id)
    match row:
        case Indicator():
            found = projects.where(result.c.id == row.result_id)
        case Baseline() | IndicatorPeriod():
            found = projects.select_from(result.join(indicator)).where(indicator.c.id == row.indicator_id)
        case PeriodValue():
            joined = result.join(indicator).join(period, period.c.indicator_id == indicator.c.id)
            found = projects.select_from(joined).where(period.c.id == row.period_id)
        case _:
            raise TypeError(f"{type(row).__name__} is not part of a logframe")
    return list(session.scalars(found))


def projects_of_records(session: Session, *, record_id: int | None = None, framework: str | None = None) -> list[int]:
    """The projects that show a result on record, or any of those of a framework: also by a record that repeats it."""
    record, link, item = table(ResultRecord), table(ResultRecordProject).c, table(FrameworkItem).c
    found = select(link.project_id).join_from(table(ResultRecordProject), record, record.c.id == link.record_id)
    if record_id is not None:
        found = found.where(or_(record.c.id == record_id, record.c.same_as_id == record_id))
    if framework is not None:
        found = found.where(record.c.item_id.in_(select(item.id).where(item.framework == framework)))
    return list(session.scalars(found.distinct()))
