"""What is published of records that are kept here: who, what, where, when."""

import datetime as dt
from typing import Any

import pytest

from app.db.engine import Database
from app.db.evaluations import Evaluation, EvaluationProject
from app.db.funding import Agreement, FundingShare
from app.db.partners import Partner
from app.db.projects import Contact, Document, Participant, Project, ProjectRevision
from app.domain.terms import AgreementStatus, EvaluationStatus, Grain, PartnerCategory, Stage
from app.publishing.exporting.account import ExportAccount, Remark
from iati.validator import validate
from tests.publishing.conftest import TODAY
from tests.publishing.own import PUBLISHER, Portfolio, organisation


def test_clean_project_is_published_without_a_single_error(portfolio: Portfolio, publish: Any) -> None:
    portfolio.post("11", dt.date(2021, 1, 15), "1000", agreement_id=portfolio.agreement.id)
    portfolio.post("1", dt.date(2021, 2, 1), "400", agreement_id=portfolio.agreement.id)
    portfolio.post("4", dt.date(2021, 3, 1), "12.50")
    portfolio.allocate(2021, "1000")
    report = validate(publish().path, as_of=TODAY)
    assert report.valid
    assert [finding for finding in report.findings if finding.severity == "error"] == []


def test_participants_follow_from_the_agreement_and_the_reporting_organisation(
    portfolio: Portfolio, publish: Any
) -> None:
    assert publish().table("participating-org", "@role", "@ref", "@type", "@activity-id") == [
        ("1", "XM-DAC-7", "10", "XM-DAC-7-4000"),
        ("2", PUBLISHER, "40", ""),
        ("4", PUBLISHER, "40", ""),
    ]


def test_explicit_implementer_takes_the_place_of_the_reporting_organisation(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        implementer = organisation(session, "KE-NGO-1", "Workers' Education", "22")
        session.add(
            Participant(project_id=portfolio.project.id or 0, organisation_id=implementer.id or 0, role="4", ordinal=0)
        )
    assert publish().table("participating-org", "@role", "@ref") == [
        ("1", "XM-DAC-7"),
        ("2", PUBLISHER),
        ("4", "KE-NGO-1"),
    ]


def test_cancelled_agreement_names_no_funder(portfolio: Portfolio, publish: Any) -> None:
    portfolio.change(Agreement, portfolio.agreement.id, status=AgreementStatus.CANCELLED)
    assert ("1", "XM-DAC-7") not in publish().table("participating-org", "@role", "@ref")


def test_defaults_of_the_set_up_describe_the_activity(portfolio: Portfolio, publish: Any) -> None:
    published = publish()
    names = ("flow-type", "finance-type", "aid-type", "tied-status")
    codes = [published.all(f"default-{name}/@code") for name in names]
    assert codes == [["10"], ["110"], ["C01"], ["5"]]
    assert published.all("@default-currency") == ["USD"]


CLOSED = {
    "stage": Stage.CLOSED,
    "planned_start": dt.date(2019, 1, 1),
    "planned_end": dt.date(2022, 12, 31),
    "actual_start": dt.date(2019, 2, 1),
    "actual_end": dt.date(2023, 3, 31),
}


@pytest.mark.parametrize(
    ("as_of", "status", "dates"),
    [
        (dt.date(2019, 1, 15), "1", [("1", "2019-02-01"), ("3", "2022-12-31")]),
        (dt.date(2022, 2, 1), "2", [("1", "2019-01-01"), ("2", "2019-02-01"), ("3", "2022-12-31")]),
        (dt.date(2023, 2, 1), "2", [("1", "2019-01-01"), ("2", "2019-02-01"), ("3", "2023-03-31")]),
        (
            dt.date(2023, 3, 31),
            "4",
            [("1", "2019-01-01"), ("2", "2019-02-01"), ("3", "2022-12-31"), ("4", "2023-03-31")],
        ),
    ],
)
def test_as_of_a_past_day_nothing_that_lay_ahead_has_happened(
    portfolio: Portfolio, publish: Any, as_of: dt.date, status: str, dates: list[tuple[str, str]]
) -> None:
    portfolio.change(Project, portfolio.project.id, **CLOSED)
    publish(dt.date(2026, 1, 1))
    published = publish(as_of)
    assert published.all("activity-status/@code") == [status]
    assert published.table("activity-date", "@type", "@iso-date") == dates
    rules = {each.rule for each in validate(published.path, as_of=as_of).findings}
    assert not rules & {"11.1.3", "11.1.5"}


def test_dates_and_stage_are_those_decided_by_the_day(portfolio: Portfolio, database: Database, publish: Any) -> None:
    decisions = (
        ("stage", dt.date(2021, 1, 1), "implementation"),
        ("planned_start", dt.date(2021, 1, 1), "2021-01-01"),
        ("planned_end", dt.date(2021, 1, 1), "2024-12-31"),
        ("planned_end", dt.date(2024, 6, 1), "2027-12-31"),
        ("stage", dt.date(2025, 6, 1), "suspended"),
    )
    for at, (field, day, value) in enumerate(decisions):
        portfolio.add(
            ProjectRevision(
                project_id=portfolio.project.id or 0, field=field, sequence=at, known_on=day, value=value, reason="so"
            )
        )
    portfolio.change(Project, portfolio.project.id, stage=Stage.SUSPENDED)

    def told(day: dt.date) -> list[Any]:
        published = publish(day)
        return published.all("activity-status/@code") + published.all("activity-date[@type=3]/@iso-date")

    assert told(dt.date(2025, 6, 1)) == ["6", "2027-12-31"]
    assert told(dt.date(2025, 5, 31)) == ["2", "2027-12-31"]
    assert told(dt.date(2024, 5, 31)) == ["2", "2024-12-31"]
    assert told(TODAY) == ["6", "2027-12-31"]
    assert told(dt.date(2020, 12, 31)) == ["2", "2024-12-31"]


@pytest.mark.parametrize(("marker", "significance"), [(3, ["2"]), (2, ["1"]), (1, ["0"]), (None, [])])
def test_gender_marker_becomes_a_policy_marker(
    portfolio: Portfolio, publish: Any, marker: int | None, significance: list[str]
) -> None:
    portfolio.change(Project, portfolio.project.id, gender_marker=marker, outcome="4")
    published = publish()
    assert published.all("policy-marker[@vocabulary=1][@code=1]/@significance") == significance
    assert published.all("tag[@vocabulary=99]/@code") == ["4"]


def test_parent_is_a_related_activity(portfolio: Portfolio, database: Database, publish: Any) -> None:
    with database.write("anna") as session:
        parent = portfolio.add_project(session, "ACCEL", grain=Grain.PROGRAMME)
    portfolio.change(Project, portfolio.project.id, parent_id=parent.id)
    assert publish().table("related-activity", "@type", "@ref") == [("1", f"{PUBLISHER}-ACCEL")]


def test_report_of_a_published_evaluation_is_a_document_of_every_project_it_covers(
    portfolio: Portfolio, publish: Any
) -> None:
    evaluation = portfolio.add(
        Evaluation(
            reference="EV/1", kind="final", independence="independent", title="Final evaluation",
            status=EvaluationStatus.DISCLOSED, completed_on=dt.date(2022, 1, 1), published=True,
            report_url="https://agency.example/final.pdf",
        )
    )  # fmt: skip
    portfolio.add(EvaluationProject(evaluation_id=evaluation.id, project_id=portfolio.project.id or 0))
    assert publish().table("document-link", "@url", "@format", "category/@code", "title/narrative/text()") == [
        ("https://agency.example/final.pdf", "application/pdf", "A07", "Final evaluation")
    ]
    portfolio.change(Evaluation, evaluation.id, published=False)
    assert publish().all("document-link") == []


def test_what_is_withheld_is_left_out_and_listed(portfolio: Portfolio, publish: Any) -> None:
    project_id = portfolio.project.id or 0
    paid = portfolio.post("3", dt.date(2021, 3, 3), "9", withheld_reason="safety of the receiver")
    document = portfolio.add(
        Document(
            project_id=project_id, ordinal=0, url="https://agency.example/a.pdf", format="application/pdf",
            title="Plan", category="A02", embargo_until=dt.date(2027, 1, 1),
        )
    )  # fmt: skip
    contact = portfolio.add(Contact(project_id=project_id, ordinal=0, email="a@agency.example"))
    published = publish()
    assert [published.all(name) for name in ("transaction", "document-link", "contact-info")] == [[], [], []]
    assert [(each.what, each.reason) for each in published.account.exclusions] == [
        (f"contact {contact.id}", "not released"),
        (f"document {document.id}", "under embargo until 2027-01-01"),
        (f"transaction {paid}", "safety of the receiver"),
    ]
    assert len(publish(dt.date(2027, 1, 1)).all("document-link")) == 1


def test_withheld_project_is_listed_and_archived_one_is_gone(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "SECRET", withheld_reason="negotiations")
        old = portfolio.add_project(session, "OLD")
    portfolio.change(Project, old.id, archived_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    published = publish()
    assert published.account.written == 1
    assert [each.as_dict() for each in published.account.exclusions] == [
        {"project": "SECRET", "what": "activity", "reason": "negotiations"}
    ]


def test_project_that_lacks_what_the_schema_needs_is_held_back_and_the_file_stays_valid(
    portfolio: Portfolio, database: Database, publish: Any
) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "BARE", description=None, planned_start=None, planned_end=None)
        portfolio.add_project(session, "ODD", title="a bell \x07 rings")
    published = publish()
    assert published.account.written == 1
    assert [(each.project, each.reason) for each in published.account.held_back] == [
        ("BARE", "The project has no description."),
        ("BARE", "The project has no start and no end date."),
        ("ODD", "iati-activity/title/narrative[1]/text: the character U+0007 cannot stand in XML; remove it"),
    ]
    assert published.account.has_faults


def test_two_agreements_of_one_partner_name_it_once(portfolio: Portfolio, database: Database, publish: Any) -> None:
    with database.write("anna") as session:
        second = portfolio.add_agreement(session, "NLD/2")
        session.add(FundingShare(agreement_id=second.id or 0, project_id=portfolio.project.id or 0))
    assert len(publish().all("participating-org[@role=1]")) == 1


def test_changed_category_of_a_partner_is_published_again(portfolio: Portfolio, publish: Any) -> None:
    portfolio.post("11", dt.date(2021, 1, 15), "1000", agreement_id=portfolio.agreement.id)
    assert publish().all("transaction/flow-type/@code") == []
    portfolio.change(Partner, portfolio.partner.id, category=PartnerCategory.FOUNDATION)
    assert publish().all("transaction/flow-type/@code") == ["30"]


def test_what_is_said_of_several_projects_is_said_once() -> None:
    account = ExportAccount()
    account.findings += [Remark(rule="r", project=f"P{number}", message="Left out.") for number in range(7)]
    account.findings += [Remark(rule="r", project="Q", message="Odd."), Remark(rule="r", message="All.")]
    assert account.as_lines() == ["7 projects (P0, P1, P2, P3, P4 and 2 more): Left out.", "Q: Odd.", "All."]
