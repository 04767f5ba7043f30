"""The packaged codelists: complete, quick to read, equal to the official files, replaced by the user's own."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from iati import codelists
from iati.codelists import table
from iati.codelists.compiler import compile_directory
from iati.codelists.store import PUBLISHERS, Register, load_register, load_snapshot
from iati.codelists.table import Code, Codelist, Snapshot
from tests.reference import needs_reference, reference


def test_a_code_has_name_category_status_and_dates() -> None:
    withdrawn = codelists.codes("Sector")["11321"]
    assert withdrawn == Code(
        code="11321",
        name="Lower secondary education",
        name_fr="Premier cycle de l'enseignement secondaire",
        category="113",
        status="withdrawn",
        withdrawn_on=date(2019, 12, 31),
    )
    assert codelists.codes("AidType")["C01"].status == "active"


def test_a_list_says_where_its_categories_come_from() -> None:
    sectors = codelists.codes("Sector")
    assert sectors.category_list == "SectorCategory"
    assert sectors.complete
    assert not codelists.codes("Country").complete
    assert {code.category for code in sectors.values()} <= codelists.code_set("SectorCategory")


def test_the_seventy_official_lists_and_the_earmarking_modalities_are_there() -> None:
    snapshot = load_snapshot()
    assert len(snapshot) == 71
    assert {"Sector", "SectorCategory", "UNSDG-Goals", "UNSDG-Targets", "CRSChannelCode"} <= set(snapshot)
    assert snapshot.taken_on == date(2026, 11, 20)
    assert snapshot.origin


@pytest.mark.parametrize(("category", "letters"), [("1", "ABC"), ("2", "DEF"), ("3", "GH"), ("4", "IJKL")])
def test_modalities_belong_to_earmarking_categories(category: str, letters: str) -> None:
    modalities = codelists.codes("EarmarkingModality")
    assert [code.code for code in modalities.values() if code.category == category] == list(letters)
    assert category in codelists.codes(modalities.category_list)
    assert all(code.name and code.name_fr for code in modalities.values())


def test_an_unknown_list_and_an_unknown_code_are_key_errors() -> None:
    with pytest.raises(KeyError, match="Sectors"):
        codelists.codes("Sectors")
    with pytest.raises(KeyError, match="99999"):
        codelists.codes("Sector")["99999"]
    assert "99999" not in codelists.codes("Sector")


def test_publishers_and_prefixes_are_sets() -> None:
    assert "XM-DAC-41114" in codelists.registered_publishers()
    assert {"XM-DAC", "GB-COH"} <= codelists.org_id_prefixes()


def test_refreshed_data_takes_precedence_and_is_noticed_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARMARK_DATA_DIR", str(tmp_path))
    assert "C01" in codelists.codes("AidType")
    file = tmp_path / "codelists" / "codelists.tsv"
    file.parent.mkdir()
    for code in ("Z01", "Z02-longer"):
        file.write_text(_one_list(code).render(), encoding="utf-8")
        assert set(codelists.codes("AidType")) == {code}
        assert set(codelists.codes("AidType", data_dir=tmp_path)) == {code}
    assert "A" in codelists.codes("EarmarkingModality")


def test_a_refreshed_register_takes_precedence(tmp_path: Path) -> None:
    register = Register(entries=frozenset({"XM-EX-1"}), taken_on=date(2027, 1, 1), origin="a test")
    (tmp_path / "codelists").mkdir()
    (tmp_path / "codelists" / PUBLISHERS).write_text(register.render(), encoding="utf-8")
    assert load_register(PUBLISHERS, tmp_path) == register
    assert codelists.registered_publishers(data_dir=tmp_path) == {"XM-EX-1"}
    assert "XM-DAC" in codelists.org_id_prefixes(data_dir=tmp_path)


def _one_list(code: str) -> Snapshot:
    found = Codelist.of(name="AidType", title="", category_list="", complete=True, codes=[Code(code=code)])
    return Snapshot(taken_on=date(2027, 1, 1), origin="a test", lists={"AidType": found})


words = st.text(st.characters(blacklist_categories=["Cc", "Cs"], blacklist_characters="  "), max_size=12)
codes_ = st.builds(
    Code,
    code=words.filter(lambda text: text != "" and text[0] not in "#="),
    name=words,
    name_fr=words,
    category=words,
    status=st.sampled_from(["active", "withdrawn"]),
    activated_on=st.none() | st.dates(),
    withdrawn_on=st.none() | st.dates(),
)


@given(st.lists(codes_, min_size=1, unique_by=lambda code: code.code), st.dates())
def test_a_table_reads_back_what_was_written(entries: list[Code], day: date) -> None:
    made = Codelist.of(name="List", title="A list", category_list="Other", complete=False, codes=entries)
    back = table.read(Snapshot(taken_on=day, origin="here", lists={"List": made}).render())
    assert back.taken_on == day
    assert list(back["List"].values()) == entries
    assert (back["List"].title, back["List"].category_list, back["List"].complete) == ("A list", "Other", False)


def test_text_that_is_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match="not a table of codelists"):
        table.read("code,name\n1,One\n")


@needs_reference
@pytest.mark.reference
def test_the_packaged_table_is_what_the_compiler_makes_of_the_official_files() -> None:
    folder = reference("iati", "standard-2.03", "codelists")
    assert folder is not None
    compiled = compile_directory(folder)
    assert compiled.faults == ()
    packaged = load_snapshot()
    rebuilt = compiled.snapshot(taken_on=packaged.taken_on, origin=packaged.origin)
    assert set(packaged) - set(rebuilt) == {"EarmarkingModality"}
    for name in rebuilt:
        assert list(packaged[name].items()) == list(rebuilt[name].items()), name


@needs_reference
@pytest.mark.reference
def test_every_official_code_is_in_the_packaged_table() -> None:
    folder = reference("iati", "standard-2.03", "codelists")
    assert folder is not None
    for path in folder.glob("*.xml"):
        root = etree.parse(path).getroot()
        official = {code.text for code in root.iterfind("codelist-items/codelist-item/code")}
        assert codelists.code_set(path.stem) == official
