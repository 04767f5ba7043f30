"""From the official codelist files to the compact table: codes, names, status, category; no descriptions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lxml import etree

from iati.codelists.table import Code, Codelist, Snapshot

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """The lists that were read and, one sentence each, everything that was wrong with the files."""

    lists: tuple[Codelist, ...]
    faults: tuple[str, ...]

    def snapshot(self, *, taken_on: date, origin: str) -> Snapshot:
        """The lists as a snapshot. ValueError when there are faults."""
        if self.faults:
            raise ValueError("; ".join(self.faults))
        return Snapshot(taken_on=taken_on, origin=origin, lists={found.name: found for found in self.lists})


def compile_directory(folder: Path) -> Compiled:
    """Read every ``*.xml`` of a folder as official codelist files; all faults of all files are reported at once."""
    paths = sorted(folder.glob("*.xml"))
    if not paths:
        return Compiled(lists=(), faults=(f"{folder}: there is no codelist file (*.xml) in this folder",))
    return compile_documents((path.name, path.read_bytes()) for path in paths)


def compile_documents(documents: Iterable[tuple[str, bytes]]) -> Compiled:
    """Read codelist files given as (name for messages, content).

    Elements and attributes of foreign namespaces, unknown lists, withdrawn entries and codes of any length are
    accepted; a repeated code is accepted when its entries say the same or all but one are withdrawn.
    """
    lists: dict[str, Codelist] = {}
    faults: list[str] = []
    for label, content in documents:
        for element in _roots(label, content, faults):
            compiled = _compile_list(label, element, faults)
            if compiled is None:
                continue
            if compiled.name in lists:
                faults.append(f"{label}: list {compiled.name} was already given by another file")
            lists[compiled.name] = compiled
    return Compiled(lists=tuple(lists.values()), faults=tuple(faults))


def _roots(label: str, content: bytes, faults: list[str]) -> list[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        faults.append(f"{label}: not well-formed XML ({error.msg})")
        return []
    if root.getroottree().docinfo.internalDTD is not None:
        faults.append(f"{label}: a document type declaration is not accepted")
        return []
    found = [root] if root.tag == "codelist" else list(root.iter("codelist"))
    if not found:
        faults.append(f"{label}: line {root.sourceline}: no codelist element in the file, only {root.tag}")
    return found


def _compile_list(label: str, element: etree._Element, faults: list[str]) -> Codelist | None:
    name = (element.get("name") or "").strip()
    if not name or any(character in name for character in "\t\n/\\="):
        faults.append(f"{label}: line {element.sourceline}: the codelist has no usable name")
        return None
    codes: dict[str, Code] = {}
    for item in element.iterfind("codelist-items/codelist-item"):
        try:
            code = _compile_code(item)
        except ValueError as error:
            faults.append(f"{label}: line {item.sourceline}: {error}")
            continue
        known = codes.get(code.code)
        if known is None or known.status == "withdrawn":
            codes[code.code] = code
        elif code.status == "active" and code != known:
            faults.append(f"{label}: line {item.sourceline}: code {code.code} is given twice with different content")
    if not codes:
        faults.append(f"{label}: list {name} holds no code")
    return Codelist.of(
        name=name,
        title=_name(element.find("metadata"), "en") or name,
        category_list=(element.get("category-codelist") or "").strip(),
        complete=element.get("complete") == "1",
        codes=codes.values(),
    )


def _compile_code(item: etree._Element) -> Code:
    code = _words(item.findtext("code"))
    if not code:
        raise ValueError("an entry has no code")
    if code[0] in "#=":
        raise ValueError(f"code {code} begins with a character that no code begins with")
    status = item.get("status", "active").strip()
    if status not in {"active", "withdrawn"}:
        raise ValueError(f"code {code} has the status {status!r}: expected active or withdrawn")
    return Code(
        code=code,
        name=_name(item, "en"),
        name_fr=_name(item, "fr"),
        category=_words(item.findtext("category")),
        status="withdrawn" if status == "withdrawn" else "active",
        activated_on=_day(item, "activation-date"),
        withdrawn_on=_day(item, "withdrawal-date"),
    )


def _name(parent: etree._Element | None, language: str) -> str:
    """The first name in a language; a name outside narratives, as in older files, counts as English."""
    element = parent.find("name") if parent is not None else None
    if element is None:
        return ""
    for text, given in _texts(element):
        if given == language and text:
            return text
    return ""


def _texts(name: etree._Element) -> Iterator[tuple[str, str]]:
    yield _words(name.text), name.get(_XML_LANG, "en")
    for narrative in name.iterfind("narrative"):
        yield _words(narrative.text), narrative.get(_XML_LANG, "en")


def _day(item: etree._Element, attribute: str) -> date | None:
    text = item.get(attribute, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{attribute} is {text!r}: expected a date such as 2024-12-31") from None


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
