"""Documents with everything that the standard knows, made from its description."""

from lxml import etree

from iati.standard import DOCUMENTS, Document, Element, Type

VALUES = {
    Type.STRING: "text",
    Type.URI: "http://example.org/",
    Type.NMTOKEN: "token",
    Type.DECIMAL: "1000.10",
    Type.DATE: "2024-02-29",
    Type.DATETIME: "2024-02-29T12:00:00Z",
    Type.BOOLEAN: "1",
    Type.INT: "2",
    Type.NON_NEGATIVE: "0",
    Type.POSITIVE: "2024",
    Type.LANGUAGE: "fr",
}
FOREIGN = "{http://example.org/ns}"


def whole(document: Document) -> etree._Element:
    """A file with every element and attribute: repeatable elements twice, foreign content wherever it may be."""
    return _element(document.root)


def whole_files() -> list[etree._Element]:
    """One such file of each kind."""
    return [whole(document) for document in DOCUMENTS]


def _element(place: Element) -> etree._Element:
    element = etree.Element(place.name, nsmap={"ex": FOREIGN[1:-1]})
    shape = place.shape
    for each in shape.attributes:
        element.set(each.name.replace("xml:", "{http://www.w3.org/XML/1998/namespace}"), VALUES[each.type])
    if shape.foreign_attributes:
        element.set(f"{FOREIGN}note", "1")
    if shape.text:
        element.text = VALUES[shape.text]
    for child in shape.children:
        if isinstance(child, Element):
            element.extend(_element(child) for _ in range(2 if child.repeatable else 1))
        else:
            etree.SubElement(element, f"{FOREIGN}more").text = " any text "
    return element
