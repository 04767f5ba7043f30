"""Reading official codelist files: what is tolerated and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from iati.codelists.compiler import compile_directory, compile_documents
from iati.codelists.table import Code


def codelist(items: str, *, name: str = "Sector", root: str = "") -> bytes:
    return f"""<codelist name="{name}" xml:lang="en" complete="1" category-codelist="SectorCategory" {root}>
      <metadata><name><narrative>Sectors</narrative></name><description>Prose</description></metadata>
      <codelist-items>{items}</codelist-items></codelist>""".encode()


ONE = "<codelist-item><code>11110</code><name><narrative>Policy</narrative></name></codelist-item>"


def faults(*documents: bytes) -> list[str]:
    return list(compile_documents((f"file{index}.xml", document) for index, document in enumerate(documents)).faults)


def only_codes(document: bytes) -> list[Code]:
    compiled = compile_documents([("file.xml", document)])
    assert compiled.faults == ()
    (found,) = compiled.lists
    return list(found.values())


def test_names_in_two_languages_category_status_and_dates_are_kept_and_descriptions_are_not() -> None:
    item = """<codelist-item status="withdrawn" activation-date="2010-01-01" withdrawal-date="2019-12-31">
        <code>11321</code><name><narrative>Lower
           secondary</narrative><narrative xml:lang="fr">Premier cycle</narrative></name>
        <description><narrative>Prose</narrative></description><category>113</category></codelist-item>"""
    assert only_codes(codelist(item)) == [
        Code(
            code="11321",
            name="Lower secondary",
            name_fr="Premier cycle",
            category="113",
            status="withdrawn",
            activated_on=date(2010, 1, 1),
            withdrawn_on=date(2019, 12, 31),
        )
    ]


def test_names_outside_narratives_are_read() -> None:
    item = "<codelist-item><code>1</code><name>Unearmarked</name></codelist-item>"
    assert only_codes(codelist(item)) == [Code(code="1", name="Unearmarked")]


def test_sector_codes_of_seven_characters_and_foreign_namespaces_are_tolerated() -> None:
    item = """<codelist-item dac:flag="yes"><code>1113001</code><dac:note>x</dac:note>
        <name><narrative>Finer sector</narrative><dac:short>F</dac:short></name>
        <dac:code>9</dac:code></codelist-item>"""
    document = codelist(item, root='xmlns:dac="https://dac.example/ns"')
    assert only_codes(document) == [Code(code="1113001", name="Finer sector")]


def test_unknown_lists_are_taken_in() -> None:
    compiled = compile_documents([("New.xml", codelist(ONE, name="BrandNew"))])
    assert [found.name for found in compiled.lists] == ["BrandNew"]


def test_several_lists_wrapped_in_one_file_are_all_read() -> None:
    wrapped = b"<codelists>" + codelist(ONE) + codelist(ONE, name="Other") + b"</codelists>"
    assert [found.name for found in compile_documents([("all.xml", wrapped)]).lists] == ["Sector", "Other"]


def test_an_entry_given_twice_alike_counts_once_and_an_active_one_replaces_a_withdrawn_one() -> None:
    assert [code.code for code in only_codes(codelist(ONE + ONE))] == ["11110"]
    old = '<codelist-item status="withdrawn"><code>11110</code></codelist-item>'
    assert [code.status for code in only_codes(codelist(old + ONE))] == ["active"]
    assert [code.status for code in only_codes(codelist(ONE + old))] == ["active"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"<codelist", "file0.xml: not well-formed XML"),
        (b"", "file0.xml: not well-formed XML"),
        (b"<html/>", "file0.xml: line 1: no codelist element in the file, only html"),
        (b"<codelist><codelist-items/></codelist>", "file0.xml: line 1: the codelist has no usable name"),
        (codelist(""), "file0.xml: list Sector holds no code"),
        (codelist(ONE + "<codelist-item><name/></codelist-item>"), "line 3: an entry has no code"),
        (codelist(ONE + "<codelist-item><code>=1</code></codelist-item>"), "code =1 begins with a character"),
        (codelist(ONE + '<codelist-item status="new"><code>1</code></codelist-item>'), "has the status 'new'"),
        (
            codelist(ONE + '<codelist-item withdrawal-date="soon"><code>1</code></codelist-item>'),
            "withdrawal-date is 'soon': expected a date such as 2024-12-31",
        ),
        (codelist(ONE + ONE.replace("Policy", "Else")), "code 11110 is given twice with different content"),
        (b"<!DOCTYPE codelist [<!ENTITY a 'b'>]>" + codelist(ONE), "a document type declaration is not accepted"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(document: bytes, said: str) -> None:
    (fault,) = faults(document)
    assert said in fault


def test_all_faults_of_all_files_are_told_at_once() -> None:
    broken = codelist("<codelist-item/><codelist-item/>" + ONE)
    assert len(faults(b"nothing", broken, codelist(ONE))) == 4
    assert faults(codelist(ONE), codelist(ONE)) == ["file1.xml: list Sector was already given by another file"]


def test_lists_with_faults_do_not_make_a_snapshot() -> None:
    with pytest.raises(ValueError, match="holds no code"):
        compile_documents([("file.xml", codelist(""))]).snapshot(taken_on=date(2026, 1, 1), origin="")


def test_a_folder_without_codelists_is_a_fault(tmp_path: Path) -> None:
    (fault,) = compile_directory(tmp_path).faults
    assert "there is no codelist file" in fault
