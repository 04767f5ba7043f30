"""The first release of an organisation that publishes already."""

import datetime as dt
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import delete, select

from app.db.base import table
from app.db.engine import Database
from app.db.projects import Project
from app.db.publishing import PublishedActivity
from app.domain.access import LOCAL
from app.errors import Conflict, InvalidInput
from app.projects.identifiers import change_identifier
from app.projects.schemas import IdentifierIn
from app.publishing.exporting.activities_file import export_activities
from app.publishing.releasing.answers import diff_lines, shown, shown_lines
from tests.publishing.conftest import TODAY
from tests.publishing.releasing.office import Office

CODE = "GLO/21/01/NLD"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"withheld_reason": "not yet"}, "not yet"),
        ({"embargo_until": TODAY + dt.timedelta(days=9)}, "under embargo until"),
        (
            {"findings": [{"severity": "critical", "line": 3, "file": "a.xml", "message": "No.", "repairable": False}]},
            "a draft, since its file breaks the standard in one place (line 3 of a.xml): No.",
        ),
        ({"archived_at": dt.datetime(2026, 11, 3, tzinfo=dt.UTC)}, "archived on 20"),
    ],
    ids=["withheld", "embargo", "draft", "archived"],
)
def test_what_goes_with_the_first_release_says_why_although_nothing_was_published_from_here(
    office: Office, database: Database, tmp_path: Path, change: dict[str, object], why: str
) -> None:
    export_activities(database, tmp_path / "activities.xml", as_of=TODAY)
    with database.write("test") as session:
        session.execute(delete(table(PublishedActivity)))
    office.change(Project, office.project.id, **change)
    office.prepare(live=[str(tmp_path / "activities.xml")])
    gone = "XM-DAC-41302-GLO-21-01-NLD is public now and is not in this release"
    assert f"{gone}: {why}" in " ".join(office.lines("vanishing"))
    with database.read() as session:
        release = shown(session, None)
        kinds = [shown_lines(session, release["number"], kind) for kind in ("change", "vanishing")]
        told = [line for line in diff_lines(release, *kinds) if "GLO-21-01-NLD" in line]
    assert len(told) == 1, "what would vanish is told once, where it has to be accepted"


@pytest.mark.parametrize(
    ("withheld", "why"),
    [(None, "it is XM-DAC-41302-RENAMED from now on"), ("not yet", "not yet")],
    ids=["published", "withheld"],
)
def test_what_has_another_identifier_by_the_first_release_is_told_under_the_one_it_had(
    office: Office, database: Database, tmp_path: Path, withheld: str | None, why: str
) -> None:
    export_activities(database, tmp_path / "activities.xml", as_of=TODAY)
    with database.write("test") as session:
        project = session.get_one(Project, office.project.id)
        assert project.id == session.scalars(select(table(PublishedActivity).c.project_id)).first()
        body = IdentifierIn(identifier="XM-DAC-41302-RENAMED", reason="merged")
        change_identifier(session, LOCAL, project, body)
        project.withheld_reason = withheld
    office.prepare(live=[str(tmp_path / "activities.xml")])
    gone = "XM-DAC-41302-GLO-21-01-NLD is public now and is not in this release"
    assert f"{gone}: {why}" in " ".join(office.lines("vanishing"))


def test_first_release_is_compared_with_what_is_published_already(
    office: Office, database: Database, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    live.mkdir()
    export_activities(database, live / "activities.xml", as_of=TODAY)
    tree = etree.parse(live / "activities.xml")
    activity = tree.find("iati-activity")
    document = etree.fromstring(
        '<document-link url="https://example.org/a.pdf" format="application/pdf"><title><narrative>Plan</narrative>'
        '</title><category code="A02"/><language code="en"/></document-link>'
    )
    place = list(activity).index(activity.findall("sector")[-1])
    activity.insert(place + 1, document)
    gone = etree.fromstring(etree.tostring(activity))
    gone.find("iati-identifier").text = "XM-DAC-41302-OLD"
    tree.getroot().append(gone)
    tree.write(live / "activities.xml")
    assert office.prepare(live=[str(live)]).made
    assert office.lines("vanishing") == [
        f"{CODE}: document “Plan” removed",
        "XM-DAC-41302-OLD: XM-DAC-41302-OLD is public now and is not in this release",
    ]
    assert not office.prepare(live=[str(live)]).made
    # a year's file tells the same activity in another way, and has a record that says not what it is of
    document.set("url", "https://example.org/b.pdf")
    document.find("title/narrative").text = "Budget"
    gone.find("iati-identifier").text = " "
    tree.write(live / "year.xml")
    office.prepare(live=[str(live / "year.xml")])
    line = next(each for each in etree.parse(live / "year.xml").getroot()[1:]).sourceline
    assert office.lines("vanishing")[0].startswith(f"(no identifier): the record in line {line} of {live}/year.xml")
    office.prepare(live=[str(live)])
    assert office.lines("vanishing")[1:] == [
        f"{CODE}: document “Plan” removed",
        f"{CODE}: document “Budget” removed, which another record of this identifier says",
        "XM-DAC-41302-OLD: XM-DAC-41302-OLD is public now and is not in this release",
    ]
    with pytest.raises(Conflict, match="4 things that the public can read today would vanish"):
        office.approve()
    with pytest.raises(InvalidInput, match="1 fault"):
        office.approve(accept="  ")
    office.approve(accept="both were withdrawn by the country office")
    assert office.shown()["state"] == "approved"
    office.change(Project, office.project.id, withheld_reason="not yet")
    office.prepare(live=[str(live)])
    why = "XM-DAC-41302-GLO-21-01-NLD is public now and is not in this release: not yet ("
    assert why in " ".join(office.lines("vanishing"))
    (tmp_path / "login.xml").write_text("<!DOCTYPE html><html><body>Please sign in</body></html>")
    with pytest.raises(InvalidInput, match="1 fault") as refused:
        office.prepare(live=[str(tmp_path / "login.xml")])
    assert "login.xml cannot be read as IATI" in refused.value.faults[0].message
    with pytest.raises(InvalidInput) as refused:
        office.prepare(live=["nowhere", str(live / "nothing")])
    assert [fault.pointer for fault in refused.value.faults] == ["/live/0", "/live/1"]
