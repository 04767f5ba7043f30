"""Refreshing the lists from folders, files and addresses, and showing them."""

import json
from datetime import date
from pathlib import Path

import httpx
import pytest

from iati import codelists
from iati.codelists.refresh import Change, Refresh, update
from iati.codelists.store import load_register, load_snapshot
from iati.validator.apart import RecordJudge

DAY = date(2027, 3, 1)


def sector_file(*items: str, name: str = "Sector") -> str:
    return f"""<codelist name="{name}" xml:lang="en" complete="1"><metadata><name><narrative>Sectors</narrative></name>
      </metadata><codelist-items>{"".join(items)}</codelist-items></codelist>"""


def item(code: str, name: str, *, status: str = "active", category: str = "1") -> str:
    return f"""<codelist-item status="{status}"><code>{code}</code><name><narrative>{name}</narrative></name>
      <category>{category}</category></codelist-item>"""


def refresh(source: Path | str, data: Path, **more: httpx.MockTransport) -> Refresh:
    return update(source, taken_on=DAY, data_dir=data, **more)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_refresh_replaces_a_list_keeps_the_others_and_remembers_date_and_origin(source: Path, data: Path) -> None:
    (source / "Sector.xml").write_text(sector_file(item("11110", "Policy"), item("1111001", "Finer policy")))
    done = refresh(source, data)
    assert done.faults == ()
    assert done.read == ("Sector",)
    assert "Country" in done.kept
    assert set(codelists.codes("Sector", data_dir=data)) == {"11110", "1111001"}
    assert "AF" in codelists.codes("Country", data_dir=data)
    assert load_snapshot(data).taken_on == DAY
    assert load_snapshot(data).origin == str(source)
    assert "11120" in codelists.codes("Sector"), "the packaged snapshot does not change"


def test_a_refresh_tells_what_was_added_removed_withdrawn_restored_renamed_and_moved(source: Path, data: Path) -> None:
    file = source / "Sector.xml"
    file.write_text(
        sector_file(item("1", "One"), item("2", "Two"), item("3", "Three"), item("4", "Four", status="withdrawn"))
    )
    refresh(source, data)
    file.write_text(
        sector_file(
            item("1", "Uno"),
            item("2", "Two", status="withdrawn"),
            item("4", "Four", category="9"),
            item("5", "Five"),
        )
    )
    done = refresh(source, data)
    assert list(done.changes) == [
        Change(list="Sector", code="1", kind="renamed", before="One", after="Uno"),
        Change(list="Sector", code="2", kind="withdrawn", after="Two"),
        Change(list="Sector", code="4", kind="restored", after="Four"),
        Change(list="Sector", code="4", kind="moved", before="1", after="9"),
        Change(list="Sector", code="5", kind="added", after="Five"),
        Change(list="Sector", code="3", kind="removed", before="Three"),
    ]
    assert str(done.changes[0]) == "Sector 1: renamed from “One” to “Uno”"
    assert str(done.changes[1]) == "Sector 2: withdrawn (Two)"


def test_the_same_lists_again_are_no_change(source: Path, data: Path) -> None:
    (source / "Sector.xml").write_text(sector_file(item("1", "One")))
    assert refresh(source, data).changes
    assert refresh(source, data).changes == ()


def test_an_unknown_list_is_taken_in_and_the_projects_own_list_is_not_frozen(source: Path, data: Path) -> None:
    (source / "New.xml").write_text(sector_file(item("1", "One"), name="BrandNew"))
    refresh(source, data)
    assert set(codelists.codes("BrandNew", data_dir=data)) == {"1"}
    assert "EarmarkingModality" not in (data / "codelists" / "codelists.tsv").read_text()
    assert "A" in codelists.codes("EarmarkingModality", data_dir=data)


def test_one_malformed_file_refuses_everything_with_every_fault(source: Path, data: Path) -> None:
    (source / "Sector.xml").write_text(sector_file(item("1", "One")))
    (source / "AidType.xml").write_text("<codelist")
    (source / "Country.xml").write_text(sector_file(item("", "Nowhere"), name="Country"))
    (source / "publishers.json").write_text("[]")
    done = refresh(source, data)
    assert len(done.faults) == 4
    assert done.written == ()
    assert not data.exists()


def test_publishers_and_prefixes_are_refreshed_from_the_same_folder(source: Path, data: Path) -> None:
    everyone = codelists.registered_publishers()
    (source / "registered-publishers.json").write_text(json.dumps(sorted(everyone - {"XM-DAC-41114"} | {"XM-EX-1"})))
    (source / "org-id-prefixes.json").write_text(json.dumps({"lists": [{"code": "XM-EX"}, {"code": "XM-DAC"}]}))
    done = refresh(source, data)
    assert done.faults == ()
    assert done.changes[:2] == (
        Change(list="org-id-prefixes", code="XM-EX", kind="added"),
        Change(list="org-id-prefixes", code="AD-COA", kind="removed"),
    )
    assert Change(list="registered-publishers", code="XM-DAC-41114", kind="removed") in done.changes
    assert codelists.org_id_prefixes(data_dir=data) == {"XM-EX", "XM-DAC"}
    assert codelists.registered_publishers(data_dir=data) == everyone - {"XM-DAC-41114"} | {"XM-EX-1"}
    assert load_register("org-id-prefixes.json", data).taken_on == DAY


def test_what_a_refresh_wrote_can_be_given_to_another(source: Path, data: Path, tmp_path: Path) -> None:
    (source / "publishers.json").write_text('["XM-EX-1"]')
    (written,) = refresh(source, data).written
    other = tmp_path / "other"
    assert refresh(written, other).faults == ()
    assert codelists.registered_publishers(data_dir=other) == {"XM-EX-1"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("publishers.json", "{", "not JSON"),
        ("publishers.json", "[]", "expected a list that is not empty"),
        ("publishers.json", '["XM-EX-1", " ", 3]', "2 entries are not identifiers, the first is ' '"),
        ("other.json", '["XM-EX-1"]', "neither a list of publishers nor of prefixes"),
        ("readme.txt", "x", "there is no codelist, list of publishers or list of prefixes"),
    ],
)
def test_a_wrong_register_is_refused(source: Path, data: Path, name: str, content: str, said: str) -> None:
    (source / name).write_text(content)
    (fault,) = refresh(source, data).faults
    assert said in fault
    assert not data.exists()


def test_without_source_or_data_directory_the_fault_says_so(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refresh(tmp_path / "nowhere", data).faults[0].endswith("there is no such folder or file")
    monkeypatch.delenv("EARMARK_DATA_DIR", raising=False)
    (fault,) = update(tmp_path, taken_on=DAY).faults
    assert "EARMARK_DATA_DIR" in fault


def test_an_address_is_asked_for_every_known_list_and_absent_ones_are_kept(data: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/lists/Sector.xml":
            return httpx.Response(200, text=sector_file(item("1", "One")))
        return httpx.Response(404)

    done = refresh("https://lists.example/lists/", data, transport=httpx.MockTransport(answer))
    assert done.faults == ()
    assert {"/lists/Sector.xml", "/lists/Country.xml"} <= set(asked)
    assert done.read == ("Sector",)
    assert "Country" in done.kept
    assert set(codelists.codes("Sector", data_dir=data)) == {"1"}


def test_an_address_that_holds_nothing_or_fails_is_a_fault(data: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    nothing = httpx.MockTransport(lambda _: httpx.Response(404))
    broken = httpx.MockTransport(lambda _: httpx.Response(500))
    assert "there is no codelist" in refresh("https://lists.example", data, transport=nothing).faults[0]
    assert "answered with status 500" in refresh("https://lists.example/a.json", data, transport=broken).faults[0]
    assert (
        "could not be fetched (no route)"
        in refresh("https://lists.example/Sector.xml", data, transport=httpx.MockTransport(refuse)).faults[0]
    )
    assert not data.exists()


def test_the_address_of_prefixes_is_recognised_by_its_content(data: Path) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"lists": [{"code": "XM-EX"}]}))
    assert refresh("https://lists.example/download.json", data, transport=answer).read == ("org-id-prefixes",)
    assert codelists.org_id_prefixes(data_dir=data) == {"XM-EX"}


def test_an_endless_answer_is_cut_off(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iati.codelists.refresh.MAX_BYTES", 1024 * 1024)
    answer = httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * (1024 * 1024 + 1)))
    assert refresh("https://lists.example/a.xml", data, transport=answer).faults == (
        "https://lists.example/a.xml: larger than 1 MB",
    )


def test_a_list_is_shown_with_title_and_columns_whatever_the_case_of_its_name() -> None:
    listing = codelists.show("earmarkingcategory")
    assert listing.columns == ("code", "name", "name_fr", "category", "status")
    assert listing.rows[0] == ("1", "Unearmarked", "", "", "active")
    assert listing.title == "Earmarking Category, 2026-11-20"


def test_publishers_prefixes_and_the_list_of_lists_are_shown() -> None:
    assert ("XM-DAC",) in codelists.show("org-id-prefixes").rows
    assert codelists.show("publishers").rows == codelists.show("registered-publishers").rows
    assert ("Sector", "DAC 5 Digit Sector", "325", "SectorCategory") in codelists.show_all().rows


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(codelists.UnknownListError, match="did you mean Sector"):
        codelists.show("Sectr")


def test_a_program_that_goes_on_judges_by_the_lists_as_they_stand(
    source: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> set[str]:
        xml = (
            b'<iati-activity xml:lang="en"><iati-identifier>XX-1</iati-identifier><title><narrative xml:lang="qq">A'
            b'</narrative></title><sector vocabulary="1" code="1111001"/></iati-activity>'
        )
        return {message for _, _, _, message, _ in RecordJudge(as_of=DAY).judge(xml).findings}

    monkeypatch.setenv("EARMARK_DATA_DIR", str(data))
    before = found()
    assert [message for message in before if "1111001" in message]
    assert [message for message in before if "qq" in message]
    (source / "Sector.xml").write_text(sector_file(item("1111001", "Finer policy")))
    (source / "Language.xml").write_text(sector_file(item("qq", "Quiet"), name="Language"))
    assert refresh(source, data).faults == ()
    assert not [message for message in found() if "1111001" in message or "“qq”" in message]
