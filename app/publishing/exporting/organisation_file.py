"""The organisation file: the organisation's own budget and documents, and imported records.

Once the organisation is set up the file holds its own record: what was imported for it, with the lists that are kept
here in the place of imported ones. Before that it holds the imported records as they came.
"""

import datetime as dt
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from app.atomic import whole_file
from app.db.engine import Database
from app.domain.disclosure import withheld
from app.domain.periods import end_of
from app.errors import NotSetUp, StorageFailed
from app.publishing.drafts import why_held_back
from app.publishing.exporting import queries as exporting_queries
from app.publishing.exporting import queries_organisation as queries
from app.publishing.exporting import queries_published
from app.publishing.exporting.account import ExportAccount, Remark
from app.publishing.exporting.parts import Days, Exclusion, address_fault, evaluation_document
from app.publishing.exporting.rows import SetupRow
from app.publishing.mapping.activity import DOCUMENT
from iati.jsonform import from_json, to_json
from iati.lexical import format_datetime, format_decimal, parse_datetime
from iati.model import (
    BudgetLine,
    Country,
    IsoDate,
    Narrative,
    Narratives,
    Organisation,
    OrganisationDocumentLink,
    OrganisationIdentifier,
    RecipientCountryBudget,
    ReportingOrg,
    TotalBudget,
    TotalExpenditure,
    Value,
)
from iati.source import Fragment, parse_fragment
from iati.validator.schema import SchemaCheck
from iati.writer import OrganisationsFile, write_organisation

_LONGEST = dt.timedelta(days=365)
_STATUS = {"indicative": "1", "committed": "2"}
#: IATI document category of evaluations by what they cover
_EVALUATION_CATEGORY = {"country": "B10", "country-programme": "B10"}


def export_organisation(
    database: Database, out: BinaryIO | Path, *, as_of: dt.date, drafts: bool = False
) -> ExportAccount:
    """Writes the organisation file. A path is written whole or not at all, and not when there is no record to write.

    ``drafts``: with records that break the standard, which makes the file invalid.

    Raises NotSetUp when there is neither a set-up nor an imported record.
    """
    account = ExportAccount()
    with database.read() as session:
        found = organisations(session, account, as_of, drafts=drafts)
    moments = [moment for each in found if (moment := parse_datetime(each.last_updated_datetime)) is not None]
    aware = [each if each.tzinfo else each.replace(tzinfo=dt.UTC) for each in moments]
    newest = format_datetime(max(aware).astimezone(dt.UTC)) if aware else None
    if not found:
        account.nothing = "No file was written: the organisation cannot be published, for the reasons above."
        return account
    whole = whole_file(out) if isinstance(out, Path) else nullcontext(out)
    with whole as stream, OrganisationsFile(stream, generated_datetime=newest) as file:
        for organisation in found:
            file.write(organisation)
            account.written += 1
    if not drafts:
        record_organisation_files(database, [identifier_of(each) for each in found], account)
    return account


def identifier_of(record: Organisation) -> str:
    """The identifier of a record; empty when it has none."""
    found = record.organisation_identifier
    return "" if found is None else " ".join((found.text or "").split())


def record_organisation_files(database: Database, identifiers: list[str], account: ExportAccount) -> None:
    """Records what went out. The file stays as it is when the database refuses."""
    try:
        with database.write("export") as session:
            queries_published.record_organisations(session, [each for each in identifiers if each], "export")
    except StorageFailed as error:
        message = f"The file is complete, but that it went out was not recorded: {error.message}"
        account.findings.append(Remark(rule="earmark.export.not-recorded", message=message))


def organisations(
    session: Session, account: ExportAccount, as_of: dt.date, *, drafts: bool = False
) -> list[Organisation]:
    """The records of the file; with drafts or without."""
    setup = exporting_queries.setup(session)
    records = queries.records(session)
    if setup is None:
        if not records:
            raise NotSetUp("There is no organisation yet: run `earmark init`, or import an organisation file.")
        return [
            from_json(Organisation, each.document)
            for each in records
            if drafts or not _held_back(each, account, changed=None)
        ]
    imported = next((each for each in records if each.organisation_id == setup["organisation_id"]), None)
    document = None if imported is None else imported.document
    own = _own(session, setup, document, account, as_of)
    if own is None:
        return []
    if imported is not None and not drafts:
        changed = None if to_json(own) == document else own
        if _held_back(imported, account, changed=changed):
            return []
    return [own]


def _held_back(imported: queries.ImportedRecord, account: ExportAccount, *, changed: Organisation | None) -> bool:
    """Whether a record is a draft; one that is ``changed`` by what is kept here may follow the schema by now."""
    if not imported.findings:
        return False
    if changed is not None:
        xml = write_organisation(changed).encode()
        if not SchemaCheck("iati-organisations", None).record(parse_fragment(Fragment(xml, 1, 0))):
            return False
    why = why_held_back(imported.findings)
    account.held_back.append(Exclusion(project=imported.name, what="organisation", reason=why))
    return True


def _own(
    session: Session, setup: SetupRow, imported: dict[str, object] | None, account: ExportAccount, as_of: dt.date
) -> Organisation | None:
    row = queries.organisation(session, setup["organisation_id"])
    record = Organisation() if imported is None else from_json(Organisation, imported)
    before = to_json(record)
    moments = [row.updated_at]
    if imported is None:
        if not row.identifier or not row.type:
            reason = "The organisation has no identifier or no IATI type: set it up with `earmark init`."
            account.held_back.append(Exclusion(project=row.name, what="organisation", reason=reason))
            return None
        name = [Narrative(text=row.name)]
        name.extend(Narrative(lang=lang or None, text=text) for lang, text in row.name_translations)
        record.organisation_identifier = OrganisationIdentifier(text=row.identifier)
        record.name = Narratives(narrative=list(name))
        record.reporting_org = ReportingOrg(ref=row.identifier, type=row.type, narrative=list(name))
        record.lang, record.default_currency = setup["language"], setup["currency"]
    moments.extend(_put_budgets(record, queries.budgets(session), account))
    moments.extend(_put_documents(session, record, account, as_of))
    if imported is None or to_json(record) != before:
        record.last_updated_datetime = format_datetime(min(max(moments).replace(microsecond=0), end_of(as_of)))
    return record


def _put_budgets(record: Organisation, budgets: list[queries.BudgetRow], account: ExportAccount) -> list[dt.datetime]:
    """Budgets that are kept here take the place of imported ones of the same kind."""
    lines: dict[tuple[str, str, dt.date, dt.date], list[queries.BudgetRow]] = {}
    for each in budgets:
        lines.setdefault((each.kind, each.country, each.period_start, each.period_end), []).append(each)
    totals: list[TotalBudget] = []
    countries: list[RecipientCountryBudget] = []
    expenditures: list[TotalExpenditure] = []
    for (kind, country, start, end), some in lines.items():
        total = next((each for each in some if not each.line), None)
        if total is None or end - start > _LONGEST:
            message = (
                f"The {kind} budget {country} of {start} to {end} has a period of more than a year; it is left out."
            )
            if total is None:
                message = f"The {kind} budget {country} of {start} to {end} has lines but no total; it is left out."
            account.findings.append(Remark(rule="earmark.export.left-out", message=message))
            continue
        first, last, value = IsoDate(iso_date=start.isoformat()), IsoDate(iso_date=end.isoformat()), _value(total)
        below = [_line(each) for each in some if each.line]
        if kind == "expenditure":
            expenditures.append(TotalExpenditure(period_start=first, period_end=last, value=value, expense_line=below))
            continue
        status = _STATUS[total.status]
        if kind == "country":
            budget = RecipientCountryBudget(
                status=status, period_start=first, period_end=last, value=value, budget_line=below
            )
            budget.recipient_country = Country(code=country)
            countries.append(budget)
        else:
            totals.append(
                TotalBudget(status=status, period_start=first, period_end=last, value=value, budget_line=below)
            )
    record.total_budget = totals or record.total_budget
    record.recipient_country_budget = countries or record.recipient_country_budget
    record.total_expenditure = expenditures or record.total_expenditure
    return [each.updated_at for each in budgets]


def _line(row: queries.BudgetRow) -> BudgetLine:
    title = [Narrative(text=row.line_title)] if row.line_title else []
    return BudgetLine(ref=row.line, value=_value(row), narrative=title)


def _value(row: queries.BudgetRow) -> Value:
    return Value(text=format_decimal(row.amount), currency=row.currency, value_date=row.value_date.isoformat())


def _put_documents(session: Session, record: Organisation, account: ExportAccount, as_of: dt.date) -> list[dt.datetime]:
    """Documents that are kept here and reports of evaluations, after imported ones with other addresses."""
    days = Days(as_of)
    made: list[OrganisationDocumentLink] = []
    moments = []
    for each in queries.documents(session):
        if reason := withheld(each.withheld_reason, each.embargo_until, reached=days.reached):
            account.exclusions.append(Exclusion(project="organisation", what=f"document {each.id}", reason=reason))
            continue
        if _has_address(account, each.url, f"document {each.id}", f"The document “{each.title}”"):
            made.append(_document(asdict(each), each.country))
            moments.append(each.updated_at)
    for evaluation in queries.evaluations(session):
        if not days.reached(evaluation.completed_on):
            continue
        title = evaluation.title or evaluation.reference
        category = _EVALUATION_CATEGORY.get(evaluation.scope, "B09")
        for url, named in ((evaluation.report_url, title), (evaluation.response_url, f"{title}: management response")):
            if url and _has_address(account, url, f"evaluation {evaluation.reference}", f"The evaluation “{title}”"):
                made.append(
                    _document(evaluation_document(url, named, evaluation.completed_on, category), evaluation.country)
                )
                moments.append(evaluation.updated_at)
    addresses = {each.url for each in made}
    record.document_link = [each for each in record.document_link if each.url not in addresses] + made
    return moments


def _has_address(account: ExportAccount, url: str, what: str, owner: str) -> bool:
    """Whether a document can be linked to; one that was stored before addresses were checked is held back."""
    reason = address_fault(url, owner)
    if reason is not None:
        account.held_back.append(Exclusion(project="organisation", what=what, reason=reason))
    return reason is None


def _document(columns: Mapping[str, object], country: str | None) -> OrganisationDocumentLink:
    link = DOCUMENT.render(columns)
    return OrganisationDocumentLink(
        url=link.url,
        format=link.format,
        title=link.title,
        category=link.category,
        language=link.language,
        document_date=link.document_date,
        recipient_country=[Country(code=country)] if country else [],
    )
