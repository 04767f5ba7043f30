"""Our schema files and the official ones accept and refuse the same documents."""

import contextlib
import copy
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iati.schema import SCHEMA_FILES, SchemaFault, schema_for
from tests.iati import samples
from tests.reference import needs_reference, reference

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
XSI = "http://www.w3.org/2001/XMLSchema-instance"
FOREIGN = "http://example.org/ns"

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
    from importlib.resources import files

    for name in (*SCHEMA_FILES.values(), "iati-common.xsd", "xml.xsd"):
        root = etree.fromstring(files("schemas").joinpath(name).read_bytes())
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


def _files(*parts: str) -> list[Path]:
    folder = reference(*parts)
    return [] if folder is None else sorted(folder.rglob("*.xml"))


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", _files("iati", "cases", "xsd"), ids=lambda path: path.stem[-60:])
def test_published_case_has_the_verdict_that_it_should_have(path: Path) -> None:
    ours, official = _verdicts(etree.parse(str(path), PARSER).getroot())
    assert ours == official == (path.parent.name == "should-pass")


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("path", _files("iati", "real"), ids=lambda path: path.stem)
def test_real_file_has_the_same_verdict_whole_and_record_by_record(path: Path) -> None:
    root = etree.parse(str(path), PARSER).getroot()
    ours, official = _verdicts(root)
    assert ours == official
    for record in root:
        ours, official = _verdicts(record)
        assert ours == official, record.sourceline


VALUES = [
    "", " ", "1", "0", "-1", "true", "TRUE", "1.5", ".5", "5.", "1e3", "1,000", "2024-02-30", "2024-01-01",
    "2024-01-01Z", " 2024-01-01 ", "2024-01-01T00:00:00", "2024-01-01T24:00:00", "en", "EN-gb-x", "e_n", "not a url",
    "http://a b", "http://[", "%zz", "ü", "99999999999999999999", "2147483648", "NaN", "INF", "+7", " 12 ", "01",
    "a b", "preserve",
    "currencyType", "textRequiredType", "documentLinkBase", "documentLinkResultBase", "descriptionBase", "aidTypeBase",
    "documentLinkWithReceipientCountry",
]  # fmt: skip
SPECIAL = [
    "{http://www.w3.org/XML/1998/namespace}lang", "{http://www.w3.org/XML/1998/namespace}space",
    "{http://www.w3.org/XML/1998/namespace}base", "{http://www.w3.org/XML/1998/namespace}id", f"{{{XSI}}}type",
    f"{{{XSI}}}nil", f"{{{XSI}}}noNamespaceSchemaLocation", f"{{{FOREIGN}}}a", "currency", "value-date",
]  # fmt: skip


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
    attributes = {str(name): str(value) for name, value in node.attrib.items()}
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
@pytest.mark.parametrize("name", [*SCHEMA_FILES.values(), "iati-common.xsd"])
def test_declarations_are_the_official_ones_but_for_explanations(name: str) -> None:
    from importlib.resources import files

    ours = etree.fromstring(files("schemas").joinpath(name).read_bytes())
    official = etree.parse(str(_official() / name)).getroot()
    kept = ("element", "complexType", "attribute")
    components = [
        sorted(
            (found for child in root if isinstance(child.tag, str) and (found := _structure(child))[0] in kept),
            key=repr,
        )
        for root in (ours, official)
    ]
    assert components[0] == components[1]


@cache
def _seeds() -> list[etree._Element]:
    """Valid documents of three records at most: real ones and the published cases that pass."""
    found = []
    for path in (*_files("iati", "real"), *_files("iati", "cases", "xsd", "should-pass")):
        if path.stat().st_size > 3_000_000:
            continue
        root = etree.parse(str(path), PARSER).getroot()
        for extra in list(root)[3:]:
            root.remove(extra)
        if all(_verdicts(root)):
            found.append(root)
    # Files with everything in them too, or rare elements would never be changed.
    return found + samples.whole_files() * 10


@cache
def _names() -> tuple[list[str], list[str]]:
    nodes = [node for root in _seeds() for node in root.iter() if isinstance(node.tag, str)]
    tags = sorted(
        {str(node.tag) for node in nodes} | {"crs-add", "fss", "legacy-data", "other-identifier", "organisation"}
    )
    return tags, sorted({str(name) for node in nodes for name in node.attrib} | set(SPECIAL))


def _mutate(root: etree._Element, rng: random.Random) -> None:
    """One change anywhere: an element, an attribute, a text or foreign content."""
    tags, attributes = _names()
    node = rng.choice([each for each in root.iter() if isinstance(each.tag, str)])
    parent = node.getparent()
    match rng.randrange(13):
        case 0 if parent is not None:
            parent.remove(node)
        case 1 if parent is not None:
            parent.insert(parent.index(node), copy.deepcopy(node))
        case 2 if parent is not None:
            at = rng.randrange(len(parent))
            parent.remove(node)
            parent.insert(at, node)
        case 3:
            node.tag = rng.choice(tags)
        case 4 if node.attrib:
            del node.attrib[rng.choice(sorted(node.attrib))]
        case 5:
            node.set(rng.choice(attributes), rng.choice(VALUES))
        case 6 if node.attrib:
            node.set(rng.choice(sorted(node.attrib)), rng.choice(VALUES))
        case 7:
            node.text = rng.choice(VALUES)
        case 8:
            node.append(etree.Element(rng.choice(tags)))
        case 9:
            node.insert(rng.randrange(len(node) + 1), etree.Element(f"{{{FOREIGN}}}x"))
        case 10:
            node.set(rng.choice(SPECIAL), rng.choice(VALUES))
        case 11 if parent is not None:
            # Lax checking: what the schema knows must be valid inside a foreign element too.
            wrapper = etree.SubElement(parent, f"{{{FOREIGN}}}x")
            wrapper.append(copy.deepcopy(node))
        case 12 if parent is not None and node.tail is not None:
            node.tail = rng.choice(VALUES)


def _mutants(seed: int, count: int) -> Iterator[etree._Element]:
    rng = random.Random(seed)
    for _ in range(count):
        root = copy.deepcopy(rng.choice(_seeds()))
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            _mutate(root, rng)
        with contextlib.suppress(etree.XMLSyntaxError):  # an xml:id that is no name
            yield etree.fromstring(etree.tostring(root), PARSER)


@needs_reference
@pytest.mark.reference
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_mutated_documents_have_the_same_verdict(seed: int) -> None:
    valid = 0
    for root in _mutants(seed, 1000):
        ours, official = _verdicts(root)
        assert ours == official, etree.tostring(root, encoding="unicode")
        valid += ours
    assert 100 < valid < 900  # both verdicts are seen


@needs_reference
@pytest.mark.reference
@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=1_000_000))
def test_any_mutated_document_has_the_same_verdict(seed: int) -> None:
    for root in _mutants(seed, 3):
        ours, official = _verdicts(root)
        assert ours == official, etree.tostring(root, encoding="unicode")
