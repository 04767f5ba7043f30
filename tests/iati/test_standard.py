"""The description of the standard agrees with the official files, and what is generated from it is up to date."""

import csv
from pathlib import Path

import pytest

from iati.standard import ACTIVITIES, DOCUMENTS, ORGANISATIONS, Element, Type, places
from iati.standard.generate import ROOT, generated_files
from iati.standard.names import attribute_field, child_field
from tests.reference import needs_reference, reference


@pytest.mark.parametrize(("name", "text"), [pytest.param(name, text, id=name) for name, text in generated_files()])
def test_generated_file_is_what_the_description_gives(name: str, text: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == text


def test_no_shape_uses_a_field_name_twice() -> None:
    for document in DOCUMENTS:
        for path, element in places(document.root):
            shape = element.shape
            names = [attribute_field(each) for each in shape.attributes] + [
                child_field(each) for each in shape.elements
            ]
            assert len(names) == len(set(names)), path


def test_shapes_of_one_name_are_one_shape() -> None:
    known = {}
    for document in DOCUMENTS:
        for path, element in places(document.root):
            assert known.setdefault(element.shape.name, element.shape) is element.shape, path


def test_there_are_34_children_of_an_activity_and_9_of_an_organisation() -> None:
    assert len(ACTIVITIES.record.shape.elements) == 34
    assert len(ORGANISATIONS.record.shape.elements) == 9


def _outline(element: Element, depth: int = 0) -> list[str]:
    """The element in the notation of the official tree: name, occurrence, attributes with type, text, narratives."""
    shape = element.shape
    if shape.anything:
        return ["  " * depth + f"{element.name} EMPTY?"]
    mark = {(True, True): "+", (True, False): "", (False, True): "*", (False, False): "?"}
    words = [element.name + mark[element.required, element.repeatable]]
    for each in shape.attributes:
        plain = each.type in (Type.STRING, Type.LANGUAGE) or each.shared  # the tree leaves their types out
        words.append(f"@{each.name}{'!' if each.required else ''}{'' if plain else ':' + each.type.value}")
    if shape.text:
        words.append(f"text:{shape.text.value}")
    lines = []
    for child in shape.elements:
        if child.name == "narrative":
            words.append("{narrative" + mark[child.required, child.repeatable] + "}")
        else:
            lines += _outline(child, depth + 1)
    return ["  " * depth + " ".join(words), *lines]


@needs_reference
@pytest.mark.reference
def test_description_has_the_elements_attributes_types_and_order_of_the_official_tree() -> None:
    path = reference("iati", "standard-2.03", "schema-tree.txt")
    assert path is not None
    official = [
        line.replace(" <ss>", "")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("{")
    ]
    ours = _outline(ACTIVITIES.root) + _outline(ORGANISATIONS.root)
    assert ours == official


#: Currencies and other coded values that the official mapping leaves out although the standard names their codelist.
NOT_MAPPED = {
    "/iati-organisations/iati-organisation/total-budget/budget-line/value/@currency",
    "/iati-organisations/iati-organisation/total-expenditure/value/@currency",
    "/iati-organisations/iati-organisation/total-expenditure/expense-line/value/@currency",
    "/iati-organisations/@version",
}


def _described_codes() -> set[tuple[str, str, str | None, bool]]:
    found = set()
    for document in DOCUMENTS:
        for path, element in places(document.root):
            named = [(f"{path}/@{each.name}", element.codes_of(each)) for each in element.shape.attributes]
            named.append((f"{path}/text()", element.codes.get("text", ())))
            for place, codes in named:
                if place not in NOT_MAPPED and not place.endswith("/@xml:lang"):
                    found |= {(place, code.codelist, code.vocabulary, code.default) for code in codes}
    return found


def _official_codes(path: Path) -> set[tuple[str, str, str | None, bool]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["path"] not in ("/", "/organisations")]
    return {
        (
            row["path"] + "/" + ("" if row["attribute"] == "text()" else "@") + row["attribute"],
            row["codelist"],
            row["linked_value"] or None,
            row["default"] == "default",
        )
        for row in rows
    }


@needs_reference
@pytest.mark.reference
def test_description_names_the_codelists_of_the_official_mapping() -> None:
    path = reference("iati", "standard-2.03", "codelist-map.tsv")
    assert path is not None
    assert _described_codes() == _official_codes(path)
