"""What the command line and the API ask of publishing."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.db.engine import Database
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.errors import InvalidInput, NotFound, StorageFailed
from app.publishing import codes, service
from tests.api import Api
from tests.publishing.conftest import TODAY
from tests.publishing.own import Portfolio
from tests.publishing.xml import ACTIVITY, numbered, write


def test_report_of_an_import_has_the_agreed_shape(database: Database, tmp_path: Path) -> None:
    broken = numbered(2).replace('<activity-status code="2"/>', "")
    path = write(tmp_path, ACTIVITY, broken)
    moved: list[tuple[int, int]] = []
    report = service.import_files(
        database, [path], LOCAL, as_of=TODAY, progress=lambda done, total: moved.append((done, total))
    )
    (told,) = [json.loads(json.dumps(file.as_dict())) for file in report.files]
    assert set(told) == {
        "file", "file_type", "version", "sha256", "upgrades", "counts", "activities_refused", "faults", "changes",
            "activities_kept", "kept",
    }  # fmt: skip
    assert (told["file_type"], told["version"], told["activities_refused"]) == ("iati-activities", "2.03", 0)
    assert (told["counts"]["activities_created"], told["counts"]["drafts"]) == (2, 1)
    (fault,) = [each for each in told["faults"] if each["severity"] == "critical"]
    assert set(fault) == {
        "activity", "line", "rule", "severity", "message", "path", "count", "activities", "places", "messages",
    }  # fmt: skip
    assert moved == [(2, 0)]
    assert "2 created" in report.files[0].as_text()
    assert report.files[0].has_faults


def test_what_rules_say_is_told_and_the_activity_is_stored(database: Database, tmp_path: Path) -> None:
    wrong = ACTIVITY.replace('<recipient-country code="UG" percentage="40.0"/>', "")
    (file,) = service.import_files(database, [write(tmp_path, wrong)], LOCAL, as_of=TODAY).files
    assert file.counts["activities_created"] == 1
    (fault,) = [each for each in file.faults if each.severity == "error"]
    assert (fault.rule, fault.activity) == ("3.1.4", "XM-DAC-41302-GLO-21-01")
    lines = (tmp_path / "file.xml").read_text().splitlines()
    assert fault.line is not None
    assert "recipient-country" in lines[fault.line - 1]


def test_older_version_is_brought_up_and_the_report_says_how(database: Database, tmp_path: Path) -> None:
    older = ACTIVITY.replace('<baseline year="2020" value="0"/>', '<baseline year="2020" value=""/>')
    path = write(tmp_path, older, version="2.02")
    (file,) = service.import_files(database, [path], LOCAL, as_of=TODAY).files
    assert file.counts["activities_created"] == 1
    assert file.upgrades == [
        "version 2.02 becomes 2.03",
        "an empty figure is taken out: it may be absent now",
    ]


@pytest.mark.parametrize("version", ["1.05", "2.04", ""])
def test_version_that_is_not_supported_is_refused(database: Database, tmp_path: Path, version: str) -> None:
    (file,) = service.import_files(database, [write(tmp_path, ACTIVITY, version=version)], LOCAL, as_of=TODAY).files
    assert file.broken
    assert [fault.rule for fault in file.faults] == ["0.6.1"]
    assert file.counts["activities_created"] == 0


def test_blanks_beside_the_version_are_what_is_to_be_taken_out(database: Database, tmp_path: Path) -> None:
    (file,) = service.import_files(database, [write(tmp_path, ACTIVITY, version=" 2.03 ")], LOCAL, as_of=TODAY).files
    (fault,) = file.faults
    assert (fault.rule, 'write version="2.03" in its root' in fault.message) == ("0.6.1", True)


def test_export_of_some_projects_takes_codes_and_identifiers(database: Database, tmp_path: Path) -> None:
    service.import_files(database, [write(tmp_path, numbered(1), numbered(2))], LOCAL, as_of=TODAY)
    out = tmp_path / "some.xml"
    account = service.export_activities(database, out, as_of=TODAY, projects=["XM-DAC-41302-GLO-21-0002"])
    assert account.written == 1
    assert b"GLO-21-0002" in out.read_bytes()
    with pytest.raises(NotFound, match="NOPE"):
        service.export_activities(database, out, as_of=TODAY, projects=["NOPE"])


def test_file_of_several_publishers_is_remarked(database: Database, tmp_path: Path) -> None:
    other = numbered(2).replace("XM-DAC-41302", "XM-DAC-41303")
    service.import_files(database, [write(tmp_path, numbered(1), other)], LOCAL, as_of=TODAY)
    account = service.export_activities(database, tmp_path / "mixed.xml", as_of=TODAY)
    assert [each.rule for each in account.findings] == ["earmark.export.mixed-reporting-organisations"]
    assert "XM-DAC-41302, XM-DAC-41303" in account.as_lines()[0]
    assert not account.has_faults


def test_findings_are_printed_as_json(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    path = write(tmp_path, ACTIVITY)
    assert service.validate_files([path], format="json", as_of=TODAY) == 0
    (told,) = json.loads(capsysbinary.readouterr().out)
    assert (told["file_type"], told["valid"], told["summary"]["error"]) == ("iati-activities", True, 0)
    assert service.validation_summary(path, TODAY).startswith("valid (0 critical, 0 error")
    with pytest.raises(StorageFailed, match="cannot be opened"):
        service.validate_files([tmp_path / "nowhere.xml"], format="text", as_of=TODAY)


@pytest.fixture
def api(settings: Settings, database: Database) -> Api:
    return Api(settings, database)


def create(api: Api, **values: Any) -> None:
    body = {
        "code": "RAF/20/50/NLD",
        "title": "Decent work in cocoa",
        "status": "implementation",
        "planned_start": "2024-01-01",
        **values,
    }
    answer = api.client(Role.ADMIN).post("/projects", json=body)
    assert answer.status_code == 201, answer.text


def test_preview_shows_xml_and_findings_under_a_code_with_slashes(api: Api) -> None:
    create(api, description="Cocoa without child labour.", sectors=[{"code": "16020"}])
    answer = api.client(Role.VIEWER).get("/projects/RAF/20/50/NLD/iati", params={"as_of": "2026-11-20"})
    assert answer.status_code == 200
    told = answer.json()
    assert told["held_back"] == []
    assert "<iati-identifier>XX-OWN-RAF-20-50-NLD</iati-identifier>" in told["xml"]
    # the identifier of the tests' organisation has no known prefix
    assert {finding["rule"] for finding in told["findings"]} == {"1.14.8"}


def test_preview_of_an_incomplete_project_says_what_is_missing(api: Api) -> None:
    create(api)
    told = api.client(Role.VIEWER).get("/projects/RAF/20/50/NLD/iati").json()
    assert (told["xml"], told["held_back"]) == (None, ["The project has no description."])


def test_preview_of_an_unknown_project_is_a_404(api: Api) -> None:
    assert api.client(Role.VIEWER).get("/projects/NO/SUCH/iati").status_code == 404


def test_a_code_that_nobody_knows_is_asked_back_by_preview_and_export(api: Api, tmp_path: Path) -> None:
    create(api)
    answer = api.client(Role.VIEWER).get("/projects/raf/20/50/nld/iati")
    assert answer.json()["detail"].endswith("Is RAF/20/50/NLD meant? Capital letters count.")
    with pytest.raises(NotFound, match=r"Is RAF/20/50/NLD meant\?"):
        service.export_activities(api.database, tmp_path / "out.xml", projects=["raf/20/50/nld"], as_of=TODAY)


def test_preview_needs_a_token(api: Api) -> None:
    assert api.client(Role.VIEWER).get("/projects/X/iati", headers={"Authorization": ""}).status_code == 401


def test_codes_are_looked_up_by_the_name_of_their_list() -> None:
    known = codes.code_checker(None)
    assert known("Country", "KE")
    assert not known("Country", "ke")
    with pytest.raises(KeyError):
        known("NoSuchList", "1")


def test_list_is_shown_and_an_unknown_one_names_the_nearest() -> None:
    columns, rows = codes.show("OrganisationType")
    assert columns[:2] == ["code", "name"]
    assert ["10", "Government"] in [row[:2] for row in rows]
    with pytest.raises(NotFound, match="OrganisationType"):
        codes.show("OrganisationTyp")


def test_refreshing_from_a_folder_without_lists_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        codes.update(str(tmp_path / "nowhere"), tmp_path / "lists", today=dt.date(2026, 11, 20))


def test_own_activity_that_comes_back_in_a_file_changes_nothing(database: Database, tmp_path: Path) -> None:
    portfolio = Portfolio(database)
    portfolio.post("11", dt.date(2021, 1, 15), "1000", agreement_id=portfolio.agreement.id)
    for day in (1, 2):
        portfolio.post("4", dt.date(2021, 3, day), "10")
    portfolio.allocate(2021, "500")
    out = tmp_path / "own.xml"
    service.export_activities(database, out, as_of=TODAY)
    (file,) = service.import_files(database, [out], LOCAL, as_of=TODAY).files
    assert {name: count for name, count in file.counts.items() if count} == {
        "activities_read": 1,
        "activities_unchanged": 1,
    }


def test_own_activity_that_a_file_changes_takes_over_what_it_says_when_asked_and_keeps_its_money(
    database: Database, tmp_path: Path
) -> None:
    portfolio = Portfolio(database)
    for day in (1, 2):
        portfolio.post("4", dt.date(2021, 3, day), "10")
    out = tmp_path / "own.xml"
    service.export_activities(database, out, as_of=TODAY)
    edited = out.read_text().replace(">20<", ">25<").replace("<narrative>Better work<", "<narrative>Best work<")
    out.write_text(edited)
    (file,) = service.import_files(database, [out], LOCAL, as_of=TODAY).files
    assert (file.counts["activities_kept"], file.counts["activities_updated"]) == (1, 0)
    (file,) = service.import_files(database, [out], LOCAL, as_of=TODAY, overwrite=True).files
    assert (file.counts["activities_updated"], file.counts["ledger_entries_withdrawn"]) == (1, 0)
    assert "earmark.import.entered-here" in {fault.rule for fault in file.faults}
    again = tmp_path / "again.xml"
    service.export_activities(database, again, as_of=TODAY)
    assert ">25<" in again.read_text()
    assert ">20<" in again.read_text()
    assert "Best work" in again.read_text()
