"""Our schema files and the official ones accept and refuse the same documents."""

import copy
import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.schema import SCHEMA_FILES, SchemaFault, schema_for
from tests.deep import seeds
from tests.iati import samples
from tests.iati.mutants import PARSER, files, mutants
from tests.reference import needs_reference, reference

MINIMAL = b"""<iati-activities version="2.03"><iati-activity>
<iati-identifier>A</iati-identifier>
<reporting-org ref="X" type="10"><narrative>X</narrative></reporting-org>
<title><narrative>T</narrative></title>
<description><narrative>D</narrative></description>
<participating-org role="1"/>
<activity-status code="2"/>
<activity-date type="1" iso-date="2024-01-01"/>
</iati-activity></iati-activities>"""


def test_schema_is_compiled_once() -> None:
    assert schema_for("iati-activities") is schema_for("iati-activities")


def test_smallest_activity_is_valid_as_a_file_and_as_a_fragment() -> None:
    root = etree.fromstring(MINIMAL)
    assert schema_for("iati-activities").validate(root)
    assert schema_for("iati-activities").validate(copy.deepcopy(root[0]))


def test_activity_without_title_is_refused() -> None:
    root = etree.fromstring(MINIMAL)
    root[0].remove(root[0].find("title"))
    assert not schema_for("iati-activities").validate(root)


def test_folder_without_schemas_is_told(tmp_path: Path) -> None:
    with pytest.raises(SchemaFault, match="iati-activities-schema"):
        schema_for("iati-activities", tmp_path)


def test_schema_files_hold_no_reference_to_the_network() -> None:
    for name in (*SCHEMA_FILES.values(), "iati-common.xsd", "xml.xsd"):
        root = etree.fromstring(resources.files("schemas").joinpath(name).read_bytes())
        locations = [each.get("schemaLocation") for each in root.iter() if isinstance(each.tag, str)]
        assert all("/" not in each for each in locations if each)


def _official() -> Path:
    path = reference("iati", "standard-2.03", "xsd")
    assert path is not None
    return path


def _verdicts(root: etree._Element) -> tuple[bool, bool]:
    kind = str(root.tag)
    if kind not in SCHEMA_FILES:
        kind = "iati-organisations" if kind == "iati-organisation" else "iati-activities"
    return schema_for(kind).validate(root), schema_for(kind, _official()).validate(root)


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", files("iati", "cases", "xsd"), ids=lambda path: path.stem[-60:])
def test_published_case_has_the_verdict_that_it_should_have(path: Path) -> None:
    ours, official = _verdicts(etree.parse(str(path), PARSER).getroot())
    assert ours == official == (path.parent.name == "should-pass")


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", files("iati", "real"), ids=lambda path: path.stem)
def test_real_file_has_the_same_verdict_whole_and_record_by_record(path: Path) -> None:
    root = etree.parse(str(path), PARSER).getroot()
    ours, official = _verdicts(root)
    assert ours == official
    for record in root:
        ours, official = _verdicts(record)
        assert ours == official, record.sourceline


@pytest.mark.parametrize("root", samples.whole_files(), ids=lambda root: root.tag)
def test_file_with_everything_in_it_is_valid(root: etree._Element) -> None:
    schema = schema_for(root.tag)
    assert schema.validate(root), schema.error_log


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("root", samples.whole_files(), ids=lambda root: root.tag)
def test_file_with_everything_in_it_is_valid_by_the_official_schema(root: etree._Element) -> None:
    assert _verdicts(root) == (True, True)


def _structure(node: etree._Element) -> tuple[object, ...]:
    """A schema component without explanations, with defaults said and attributes in alphabetical order."""
    attributes = {str(name): re.sub(r"\bxs:", "xsd:", str(value)) for name, value in node.attrib.items()}
    kind = etree.QName(node).localname
    if kind in {"element", "any"} and node.getparent().tag.endswith("}sequence"):
        attributes = {"minOccurs": "1", "maxOccurs": "1", **attributes}
    if kind == "attribute" and not node.getparent().tag.endswith("}schema"):
        attributes = {"use": "optional", **attributes}
    children = [
        _structure(child) for child in node if isinstance(child.tag, str) and not child.tag.endswith("}annotation")
    ]
    order = [child for child in children if child[0] not in {"attribute", "anyAttribute"}]
    return (kind, tuple(sorted(attributes.items())), (*order, *sorted(set(children) - set(order), key=repr)))


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("name", [*SCHEMA_FILES.values(), "iati-common.xsd", "xml.xsd"])
def test_declarations_are_the_official_ones_but_for_explanations(name: str) -> None:
    ours = etree.fromstring(resources.files("schemas").joinpath(name).read_bytes())
    official = etree.parse(str(_official() / name)).getroot()
    kept = ("element", "complexType", "attribute")
    components = [
        sorted(
            (found for child in root if isinstance(child.tag, str) and (found := _structure(child))[0] in kept),
            key=repr,
        )
        for root in (ours, official)
    ]
    assert len(components[0]) >= 4
    assert components[0] == components[1]


@needs_reference
@pytest.mark.reference
@pytest.mark.drawn
@pytest.mark.parametrize("seed", seeds(2))
def test_thousands_of_mutated_documents_have_the_same_verdict(seed: int) -> None:
    valid = 0
    for root in mutants(seed, 1000):
        ours, official = _verdicts(root)
        assert ours == official, etree.tostring(root, encoding="unicode")
        valid += ours
    assert 100 < valid < 900  # both verdicts are seen


@needs_reference
@pytest.mark.reference
@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=1_000_000))
def test_any_mutated_document_has_the_same_verdict(seed: int) -> None:
    for root in mutants(seed, 3):
        ours, official = _verdicts(root)
        assert ours == official, etree.tostring(root, encoding="unicode")
