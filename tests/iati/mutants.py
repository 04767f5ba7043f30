"""Valid documents with a change or two at random, for laws that must hold whatever a document looks like."""

import contextlib
import copy
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from iati.schema import schema_for
from tests.iati import samples
from tests.reference import reference

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
XSI = "http://www.w3.org/2001/XMLSchema-instance"
FOREIGN = "http://example.org/ns"

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


def files(*parts: str) -> list[Path]:
    """The XML files below a folder of the official files; none where they are absent."""
    folder = reference(*parts)
    return [] if folder is None else sorted(folder.rglob("*.xml"))


@cache
def _seeds() -> list[etree._Element]:
    """Valid documents of three records at most: real ones and the published cases that pass."""
    found = []
    for path in (*files("iati", "real"), *files("iati", "cases", "xsd", "should-pass")):
        if path.stat().st_size > 3_000_000:
            continue
        root = etree.parse(str(path), PARSER).getroot()
        for extra in list(root)[3:]:
            root.remove(extra)
        if schema_for(str(root.tag)).validate(root):
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


def mutants(seed: int, count: int) -> Iterator[etree._Element]:
    """Changed documents, valid or not; the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        root = copy.deepcopy(rng.choice(_seeds()))
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            _mutate(root, rng)
        with contextlib.suppress(etree.XMLSyntaxError):  # an xml:id that is no name
            yield etree.fromstring(etree.tostring(root), PARSER)
