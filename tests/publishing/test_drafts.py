"""Activities that break the standard are taken over as drafts, and nothing of what can be read is lost."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select

from app.db.base import table
from app.db.engine import Database
from app.db.pages import WebSession
from app.db.projects import Project
from app.db.spending import LedgerEntry
from app.domain.access import LOCAL
from app.domain.terms import Role
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.activities_file import export_activities
from app.publishing.importing.account import FileReport, ImportFault, grouped
from app.publishing.importing.run import Importer
from tests.api import Api
from tests.publishing.conftest import TODAY
from tests.publishing.xml import ACTIVITY, canonical, numbered, write
from tests.reference import needs_reference, reference
from tests.web.people import link, signed_in

TakeIn = Callable[..., FileReport]

STATUS = '<activity-status code="2"/>'
NO_STATUS = numbered(2).replace(STATUS, "")
MISPLACED = numbered(2).replace(STATUS, "").replace("<title>", f"{STATUS}<title>", 1)


def put_out(database: Database, path: Path, *, drafts: bool = False) -> ExportAccount:
    return export_activities(database, path, as_of=TODAY, drafts=drafts)


def mend(database: Database, *paths: Path) -> FileReport:
    (report,) = Importer(database, LOCAL, as_of=TODAY, mend=True).run(paths).files
    return report


def test_a_draft_is_stored_and_held_back_with_its_reason_and_the_others_go_out(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    report = take_in(write(tmp_path, numbered(1), NO_STATUS, numbered(3)))
    assert (report.counts["activities_created"], report.counts["drafts"]) == (3, 1)
    assert report.counts["activities_refused"] == 0
    assert report.has_faults
    out = tmp_path / "out.xml"
    account = put_out(database, out)
    assert sorted(canonical(out)) == ["XM-DAC-41302-GLO-21-0001", "XM-DAC-41302-GLO-21-0003"]
    (held,) = account.held_back
    assert held.project == "XM-DAC-41302-GLO-21-0002"
    assert re.fullmatch(
        r"a draft, since its file breaks the standard in one place \(line \d+ of file\.xml\): "
        r"Add <activity-status> before <activity-date>; the standard requires it in <iati-activity>\. "
        r"Import a mended file, or correct the record here\.",
        held.reason,
    )


BREAKS = {
    "a missing element": (STATUS, ""),
    "a missing attribute": ('<other-identifier ref="107000" type="A1"/>', '<other-identifier ref="107000"/>'),
    "a date that is none": ('type="2" iso-date="2021-02-01"', 'type="2" iso-date="01/02/2021"'),
    "an amount with separators": (">250<", ">1,250<"),
    "a transaction without a day": ('<transaction-date iso-date="2021-01-15"/>', ""),
    "a transaction without an amount": (
        '<value currency="USD" value-date="2021-03-31">250</value>',
        '<value currency="USD" value-date="2021-03-31"/>',
    ),
    "a budget without a figure": ('<value value-date="2021-01-01">2000</value>', ""),
    "a participant without a role": ('ref="XM-DAC-7" type="10" role="1"', 'ref="XM-DAC-7" type="10"'),
    "a country without a code": ('<recipient-country code="KE" percentage="60"/>', "<recipient-country/>"),
    "a percentage in words": ('percentage="60"', 'percentage="sixty"'),
    "a document without an address": ('url="https://ilo.example/a.pdf" ', ""),
    "a baseline without a year": ('<baseline year="2020" value="0"/>', '<baseline year="last" value="0"/>'),
    "no title": (
        "<title><narrative>Better work</narrative><narrative xml:lang=\"fr\">Mieux travailler</narrative></title>",
        "",
    ),
    "no reporting organisation": (
        '<reporting-org ref="XM-DAC-41302" type="40"><narrative>ILO</narrative></reporting-org>',
        "",
    ),
    "a moment that is none": ('last-updated-datetime="2024-05-06T07:08:09Z"', 'last-updated-datetime="yesterday"'),
    "a flag that is none": ("<iati-activity ", '<iati-activity humanitarian="perhaps" '),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_whatever_is_broken_the_rest_is_stored_and_all_of_it_comes_out_again(
    name: str, database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    old, new = BREAKS[name]
    assert old in ACTIVITY
    path = write(tmp_path, ACTIVITY.replace(old, new))
    report = take_in(path)
    assert (report.counts["activities_created"], report.counts["drafts"]) == (1, 1)
    out = tmp_path / "drafts.xml"
    put_out(database, out, drafts=True)
    assert canonical(out) == canonical(path)
    again = take_in(path)
    assert (again.counts["activities_unchanged"], again.counts["activities_updated"]) == (1, 0)


def test_a_mended_file_ends_the_draft(database: Database, take_in: TakeIn, tmp_path: Path) -> None:
    take_in(write(tmp_path, NO_STATUS))
    whole = write(tmp_path, numbered(2), name="mended.xml")
    report = take_in(whole)
    assert (report.counts["activities_updated"], report.counts["drafts"]) == (1, 0)
    out = tmp_path / "out.xml"
    assert put_out(database, out).held_back == []
    assert canonical(out) == canonical(whole)


def test_a_newer_file_that_breaks_the_standard_makes_a_draft_of_what_was_none(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    take_in(write(tmp_path, numbered(2)))
    assert take_in(write(tmp_path, NO_STATUS)).counts["drafts"] == 1
    assert len(put_out(database, tmp_path / "out.xml").held_back) == 1


def test_what_cannot_be_reckoned_with_is_kept_out_of_the_ledger_until_it_can(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    broken = ACTIVITY.replace('<transaction-date iso-date="2021-01-15"/>', "")
    take_in(write(tmp_path, broken))
    with database.read() as session:
        ledger = table(LedgerEntry).c
        assert list(session.scalars(select(ledger.ordinal).order_by(ledger.ordinal))) == [1, 2]
    take_in(write(tmp_path, ACTIVITY))
    with database.read() as session:
        assert list(session.scalars(select(ledger.ordinal).order_by(ledger.ordinal))) == [0, 1, 2]
    out = tmp_path / "out.xml"
    put_out(database, out)
    assert canonical(out) == canonical(tmp_path / "file.xml")


def test_a_value_that_follows_the_schema_but_that_nobody_can_reckon_with_is_told_and_kept(
    database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    path = write(tmp_path, ACTIVITY.replace(">5000.00<", f">{'9' * 90}<"))
    report = take_in(path)
    assert (report.counts["activities_created"], report.counts["drafts"]) == (1, 0)
    (fault,) = report.faults
    assert (fault.rule, fault.severity) == ("earmark.import.value", "warning")
    out = tmp_path / "out.xml"
    put_out(database, out)
    assert canonical(out) == canonical(path)


# --- repairs ------------------------------------------------------------------------------------------------------

REPAIRS = {
    "the order of elements": (MISPLACED, numbered(2)),
    "white space round a day": (
        numbered(2).replace('iso-date="2021-02-01"', 'iso-date="\u00a02021-02-01\u200b"'), numbered(2)
    ),
    "white space round an amount": (numbered(2).replace(">5000.00<", ">\u00a05000.00\u202f<"), numbered(2)),
    "white space between elements": (numbered(2).replace("<title>", "\u00a0<title>"), numbered(2)),
    "an empty element": (
        numbered(2).replace("<document-link url", "<document-link><title/></document-link><document-link url"),
        numbered(2),
    ),
    "an empty element with empty attributes": (
        numbered(2).replace('<activity-date type="1"', '<activity-date type="" iso-date=""/><activity-date type="1"'),
        numbered(2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPAIRS)
def test_repairs_that_cannot_be_wrong_are_offered_and_made_when_asked(
    name: str, database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    broken, whole = REPAIRS[name]
    path = write(tmp_path, broken)
    first = take_in(path)
    assert (first.counts["drafts"], first.counts["repairable"], first.counts["repaired"]) == (1, 1, 0)
    assert "import the file again with --repair" in first.as_text()
    assert "with --repair" in put_out(database, tmp_path / "held.xml").held_back[0].reason
    second = mend(database, path)
    assert (second.counts["drafts"], second.counts["repaired"]) == (0, 1)
    told = [fault for fault in second.faults if fault.rule == "earmark.import.repaired"]
    assert told
    assert all(fault.line and fault.path.startswith("/iati-activities/iati-activity[1]") for fault in told)
    out = tmp_path / "out.xml"
    assert put_out(database, out).held_back == []
    assert canonical(out) == canonical(write(tmp_path, whole, name="whole.xml"))


def test_a_repair_leaves_what_needs_a_decision_as_a_draft(database: Database, tmp_path: Path) -> None:
    both = MISPLACED.replace('<other-identifier ref="107000" type="A1"/>', '<other-identifier ref="107000"/>')
    report = mend(database, write(tmp_path, both))
    assert (report.counts["drafts"], report.counts["repairable"], report.counts["repaired"]) == (1, 0, 1)
    (held,) = put_out(database, tmp_path / "out.xml").held_back
    assert "Add the attribute type to <other-identifier>" in held.reason


def test_repair_changes_nothing_of_an_activity_that_follows_the_standard(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, ACTIVITY.replace("<email>", "<telephone/><email>"))
    assert mend(database, path).counts["repaired"] == 0
    out = tmp_path / "out.xml"
    put_out(database, out)
    assert canonical(out) == canonical(path)


# --- the account --------------------------------------------------------------------------------------------------


def test_like_faults_are_told_once_with_their_number_and_first_places(take_in: TakeIn, tmp_path: Path) -> None:
    many = [numbered(number).replace(STATUS, "") for number in range(12)]
    report = take_in(write(tmp_path, *many))
    (group,) = [each for each in report.as_dict()["faults"] if each["severity"] == "critical"]
    assert (group["rule"], group["count"], group["activities"], len(group["places"])) == ("0.3.1", 12, 12, 5)
    assert group["places"][1]["path"] == "/iati-activities/iati-activity[2]/activity-date[1]"
    text = report.as_text()
    assert text.count("Add <activity-status>") == 1
    assert "12 times: critical 0.3.1" in text
    assert "and 7 more" in text
    assert "12 records were kept as drafts" in text


def test_like_faults_that_quote_different_values_tell_each_value_with_its_number() -> None:
    said = ["AA", "BB", "AA", *(f"C{number}" for number in range(10))]
    faults = [
        ImportFault(
            activity=f"XM-1-{place}", line=place + 1, rule="9.1", severity="error", message=f"“{code}” is in no list."
        )
        for place, code in enumerate(said)
    ]
    (group,) = grouped(faults)
    told = group.as_dict()["messages"]
    assert told[0] == {"message": "“AA” is in no list.", "count": 2, "activity": "XM-1-0", "line": 1}
    text = "\n".join(group.as_lines())
    assert "“AA”: 2 times, first in line 1 (XM-1-0)" in text
    assert "“BB”: line 2 (XM-1-1)" in text
    assert "and 2 more" in text
    days = [
        ImportFault(
            activity=f"XM-1-{place}", line=place + 1, rule="9.2", severity="error",
            message=f"The status is 2, but the planned end {day} has passed. Make it 3. It was 2020-01-01.",
        )
        for place, day in enumerate(["2021-04-30", "2021-03-31"])
    ]  # fmt: skip
    assert [each.strip() for each in grouped(days)[0].as_lines()[1:]] == [
        "2021-04-30: line 1 (XM-1-0)",
        "2021-03-31: line 2 (XM-1-1)",
    ]
    (alike,) = grouped([faults[0], faults[2]])
    assert alike.as_dict()["messages"] == []
    assert "line 1 (XM-1-0), line 3 (XM-1-2)" in "\n".join(alike.as_lines())


# --- mended here --------------------------------------------------------------------------------------------------


def project_of(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(table(Project).c.id)).one()


def test_a_draft_is_seen_and_correcting_the_record_ends_it(api: Api, tmp_path: Path) -> None:
    broken = ACTIVITY.replace(
        '<title><narrative>Better work</narrative><narrative xml:lang="fr">Mieux travailler</narrative></title>', ""
    )
    Importer(api.database, LOCAL, as_of=TODAY).run([write(tmp_path, broken)])
    key = project_of(api.database)
    client = api.client(Role.ADMIN)
    shown = client.get(f"/projects/{key}")
    (finding,) = shown.json()["findings"]
    assert shown.json()["draft"]
    assert (finding["rule"], finding["severity"], finding["file"]) == ("0.3.1", "critical", "file.xml")
    assert finding["message"].startswith("Add <title> before <description>")
    assert finding["path"] == "/iati-activities/iati-activity[1]/description[1]"
    assert [each["id"] for each in client.get("/projects?draft=true").json()["items"]] == [key]
    assert client.get("/projects?draft=false").json()["items"] == []
    assert "0.3.1" in [each["rule"] for each in client.get(f"/projects/{key}/findings").json()["items"]]
    preview = client.get("/projects/XM-DAC-41302-GLO-21-01/iati").json()
    assert "a draft" in preview["held_back"][0]

    changed = client.patch(f"/projects/{key}", json={"phase": "II"}, headers={"If-Match": shown.headers["ETag"]})
    assert changed.json()["draft"], "what is not published mends nothing"
    changed = client.patch(
        f"/projects/{key}", json={"title": "Better work"}, headers={"If-Match": changed.headers["ETag"]}
    )
    assert (changed.status_code, changed.json()["draft"], changed.json()["findings"]) == (200, False, [])
    trail = client.get(f"/projects/{key}/audit?limit=200").json()["items"]
    assert {"draft": False} in [event["after"] for event in trail]
    again = client.get(f"/projects/{key}", headers={"If-None-Match": changed.headers["ETag"]})
    assert again.status_code == 304
    out = tmp_path / "out.xml"
    assert put_out(api.database, out).held_back == []
    assert b"Better work" in next(iter(canonical(out).values()))


def test_a_change_that_does_not_mend_it_leaves_it_a_draft(api: Api, tmp_path: Path) -> None:
    broken = ACTIVITY.replace('<other-identifier ref="107000" type="A1"/>', '<other-identifier ref="107000"/>')
    Importer(api.database, LOCAL, as_of=TODAY).run([write(tmp_path, broken)])
    key = project_of(api.database)
    client = api.client(Role.ADMIN)
    tag = client.get(f"/projects/{key}").headers["ETag"]
    changed = client.patch(f"/projects/{key}", json={"title": "Other work"}, headers={"If-Match": tag})
    assert changed.json()["draft"]
    assert len(put_out(api.database, tmp_path / "out.xml").held_back) == 1
    assert put_out(api.database, tmp_path / "drafts.xml", drafts=True).written == 1


# --- real files ---------------------------------------------------------------------------------------------------


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "drafts"), [("canada-activity.xml", 1), ("unops-at-activity.xml", 3), ("dportal-NL-KVK-27378529.xml", 1)]
)
def test_drafts_of_real_files_keep_all_that_the_standard_knows(
    name: str, drafts: int, database: Database, take_in: TakeIn, tmp_path: Path
) -> None:
    path = reference("iati", "real", name)
    assert path is not None
    report = take_in(path, as_of=dt.date(2026, 11, 20))
    assert (report.counts["drafts"], report.counts["activities_refused"]) == (drafts, 0)
    out = tmp_path / "out.xml"
    put_out(database, out, drafts=True)
    assert canonical(out) == canonical(path)
    if not put_out(database, out).written:
        return
    schema = reference("iati", "standard-2.03", "xsd", "iati-activities-schema.xsd")
    assert schema is not None
    assert etree.XMLSchema(etree.parse(str(schema))).validate(etree.parse(str(out)))


def test_a_draft_is_mended_in_places_that_no_field_holds_over_http_and_by_a_table(api: Api, tmp_path: Path) -> None:
    wrong = [
        ('<other-identifier ref="107000" type="A1"/>', '<other-identifier ref="107000"/>'),
        ('type="2" iso-date="2021-02-01"', 'type="2" iso-date="01/02/2021"'),
    ]
    broken = [numbered(number) for number in (1, 2)]
    for number in (0, 1):
        for old, new in wrong:
            broken[number] = broken[number].replace(old, new)
    broken[1] = broken[1].replace(">250<", ">1,250<", 1)
    Importer(api.database, LOCAL, as_of=TODAY).run([write(tmp_path, *broken)])
    client = api.client()
    address = "/projects/1/corrections"

    def said(*pairs: tuple[str, str | None]) -> dict[str, object]:
        return {"corrections": [{"path": path, "value": value} for path, value in pairs]}

    half = client.post(address, json=said(("other-identifier[1]/@type", "A1"))).json()
    assert (half["draft"], len(half["findings"])) == (True, 1)
    refused = client.post(
        address, json=said(("other-identifier[7]/@type", "A1"), ("iati-identifier", "X"), ("a b", "c"))
    )
    assert [error["rule"] for error in refused.json()["errors"]] == [
        "correction.nothing-there", "correction.fixed", "correction.path",
    ]  # fmt: skip
    whole = client.post(address, json=said((f"{half['findings'][0]['path']}/@iso-date", "2021-02-01"))).json()
    assert whole == {"project": "XM-DAC-41302-GLO-21-0001", "draft": False, "findings": []}
    assert client.post(address, json=said(("activity-date[2]/@iso-date", "2021-03-01"))).status_code == 409

    # the page has each fault at its field, with the place in the file; what differs from what stands there is stored
    anna = signed_in(api, Role.ADMIN, name="anna")
    mending = "/projects/2/corrections"
    form = anna.get(mending).text
    assert [
        text in form for text in ("Line 72 of file.xml", "There stands: 1,250", 'name="value-transaction[2]/value"')
    ] == [True] * 3
    fields = dict(re.findall(r'name="(stood-[^"]+)" value="([^"]*)"', form)) | {
        "value-other-identifier/@type": "A1", "value-other-identifier[9]/@type": "A1", "_once": "first",
    }  # fmt: skip
    wrong_place = anna.post(mending, data=fields)
    assert wrong_place.status_code == 422
    assert "other-identifier[9]/@type: The activity has no" in wrong_place.text
    assert anna.post(mending, data=fields | {"value-other-identifier[9]/@type": "", "_once": "2"}).status_code == 303
    assert "Stored. 2 things are still wrong." in anna.get(mending).text

    # what was typed when the session had ended is there again, whichever way the person signs in
    with api.database.write("tests") as session:
        for row in session.scalars(select(WebSession)):
            row.seen_at -= dt.timedelta(hours=9)
    # what nobody touched is not: it may have been mended by somebody else meanwhile
    place = next(
        name.removeprefix("stood-") for name in fields if name.startswith("stood-") and "transaction" not in name
    )
    left = {"value-transaction[2]/value": "2 5 1", f"value-{place}": "before", f"stood-{place}": "before"}
    assert anna.post(mending, data=left).headers["location"].endswith("&why=kept")
    assert anna.post(link(api, "anna")).headers["location"] == mending
    assert 'value="2 5 1"' in (again := anna.get(mending).text)
    assert 'value="before"' not in again

    # the table goes out with what is wrong, and goes in again with the values filled in
    lines = list(csv.DictReader(io.StringIO(client.get("/tables/corrections").text.removeprefix("\ufeff"))))
    assert {line["project"] for line in lines} == {"XM-DAC-41302-GLO-21-0002"}
    values = {"other-identifier": "A1", "activity-date": "2021-02-01", "transaction": "250"}
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(lines[0]))
    writer.writeheader()
    writer.writerows([line | {"value": values[re.split(r"[\[/]", line["path"])[0]]} for line in lines])
    sent = client.post("/imports/corrections", content=out.getvalue().encode(), headers={"Content-Type": "text/csv"})
    assert (sent.status_code, sent.json().get("updated")) == (200, 2), (sent.text, out.getvalue())
    exported = tmp_path / "mended.xml"
    put_out(api.database, exported)
    assert canonical(exported) == canonical(write(tmp_path, numbered(1), numbered(2), name="right.xml"))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(MISPLACED, id="which says the same"),
        pytest.param(
            numbered(2).replace("</iati-activity>", '<budget type=""/></iati-activity>'), id="which says more"
        ),
        pytest.param(numbered(2).replace('iso-date="', 'iso-date=" ', 1), id="which is written otherwise"),
    ],
)
def test_a_record_that_was_mended_is_no_draft_again_by_the_same_file(
    database: Database, take_in: TakeIn, tmp_path: Path, broken: str
) -> None:
    path = write(tmp_path, numbered(1), broken)
    assert mend(database, path).counts["repaired"] == 1
    for _ in range(2):
        report = take_in(path)
        assert (report.counts["drafts"], report.counts["repairable"]) == (0, 0)
        assert "follows the schema here and stays so" in report.as_text()
        account = put_out(database, tmp_path / "out.xml")
        assert (account.written, account.held_back) == (2, [])
        assert mend(database, path).counts["activities_unchanged"] == 2
