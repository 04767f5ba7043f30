"""The handbook as pages: its Markdown without HTML of its own, with a place to link to for each heading and term."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

#: the page that leads to all others
FIRST = "index"
GLOSSARY = "glossary"
_NAME = re.compile(r"[a-z0-9-]{1,60}")
#: characters before and after what was searched for
_AROUND = 90
_MOST_FOUND = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    level: int
    text: str
    anchor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a page as plain text, for the search."""

    page: str
    title: str
    anchor: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpPage:
    """A page of the handbook."""

    name: str
    title: str
    html: Markup
    headings: Sequence[Heading]
    sections: Sequence[Section]
    #: everything that can be linked to
    anchors: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A section that holds what was searched for."""

    page: str
    page_title: str
    title: str
    anchor: str
    before: str
    match: str
    after: str


def slug(text: str) -> str:
    """How a heading or a term is called in links."""
    return re.sub(r"[^\w -]", "", unicodedata.normalize("NFC", text)).strip().lower().replace(" ", "-")


@cache
def names() -> tuple[str, ...]:
    """The names of all pages."""
    return tuple(sorted(each.name.removesuffix(".md") for each in files("app").joinpath("handbook").iterdir()
                        if each.name.endswith(".md")))  # fmt: skip


@cache
def page(name: str) -> HelpPage | None:
    """The page of a name; None: there is none."""
    if not _NAME.fullmatch(name) or name not in names():
        return None
    source = files("app").joinpath("handbook", f"{name}.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(source)
    headings = list(_headings(tokens))
    anchors = {each.anchor for each in headings} | set(_terms(tokens))
    _lead(tokens)
    return HelpPage(
        name=name,
        title=next((each.text for each in headings if each.level == 1), name),
        html=_html(reader, tokens),
        headings=[each for each in headings if each.level == 2],
        sections=list(_sections(name, tokens)),
        anchors=frozenset(anchors),
    )


def _html(reader: MarkdownIt, tokens: Sequence[Token]) -> Markup:
    html = reader.renderer.render(tokens, reader.options, {})
    # both are wider than narrow screens: who has no mouse comes to them by the keyboard, to scroll
    html = html.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')
    # what stands in it was escaped by the renderer, since HTML of the source is off
    return Markup(html)  # noqa: S704


def _text(token: Token) -> str:
    found = (child for child in token.children or () if child.type in ("text", "code_inline", "softbreak"))
    return "".join(child.content or " " if child.type == "softbreak" else child.content for child in found)


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Gives each heading a name to link to."""
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            text = _text(tokens[place + 1])
            token.attrSet("id", slug(text))
            yield Heading(level=int(token.tag[1]), text=text, anchor=slug(text))


def _terms(tokens: Sequence[Token]) -> Iterator[str]:
    """Gives each paragraph that begins with a term in bold a name to link to; of several terms, each has one."""
    for place, token in enumerate(tokens):
        children = tokens[place + 1].children if token.type == "paragraph_open" else None
        if not children or len(children) < 2 or children[0].type not in ("text", "strong_open"):
            continue
        # the renderer puts an empty text before a paragraph that begins in bold
        begins = 1 if children[0].type == "text" and not children[0].content else 0
        if children[begins].type != "strong_open":
            continue
        terms = [slug(term) for term in children[begins + 1].content.split(",")]
        token.attrSet("id", terms[0])
        token.attrSet("class", "term")
        yield from terms
        for term in terms[1:]:
            mark = Token("html_inline", "", 0)
            mark.content = f'<span id="{term}"></span>'
            children.insert(begins, mark)


def _lead(tokens: Sequence[Token]) -> None:
    """Links to other pages of the handbook lead to their addresses here; to other places they name whom they trust."""
    for token in tokens:
        for child in token.children or ():
            if child.type != "link_open":
                continue
            address = str(child.attrGet("href") or "")
            target, _, anchor = address.partition("#")
            if target.endswith(".md"):
                there = "/help" if target == f"{FIRST}.md" else f"/help/{target.removesuffix('.md')}"
                child.attrSet("href", there + (f"#{anchor}" if anchor else ""))
            elif target:
                child.attrSet("rel", "noopener noreferrer")


def _sections(name: str, tokens: Sequence[Token]) -> Iterator[Section]:
    title, anchor, texts = "", "", list[str]()
    for place, token in enumerate(tokens):
        if token.type == "heading_open" or (token.type == "paragraph_open" and token.attrGet("id")):
            if texts:
                yield Section(page=name, title=title, anchor=anchor, text=" ".join(texts))
            anchor, texts = str(token.attrGet("id")), []
            if token.type == "heading_open":
                title = _text(tokens[place + 1])
        elif token.type == "inline" and tokens[place - 1].type != "heading_open":
            texts.append(_text(token))
        elif token.type in ("fence", "code_block"):
            texts.append(token.content)
    if texts:
        yield Section(page=name, title=title, anchor=anchor, text=" ".join(texts))


def search(asked: str) -> list[Hit]:
    """Sections that hold every word, the glossary first, then the guides; at most forty."""
    words = asked.casefold().split()
    if not words:
        return []
    hits = []
    for name in sorted(names(), key=lambda each: (each != GLOSSARY, each == "data-model", each)):
        found = page(name)
        for section in found.sections if found is not None else ():
            text = " ".join(section.text.split())
            lower = text.casefold()
            if all(word in lower or word in section.title.casefold() for word in words):
                hits.append(_hit(section, found.title if found is not None else name, text, words[0]))
    return hits[:_MOST_FOUND]


def _hit(section: Section, page_title: str, text: str, word: str) -> Hit:
    at = max(text.casefold().find(word), 0)
    length = len(word) if word in text.casefold() else 0
    before, after = text[max(at - _AROUND, 0) : at], text[at + length : at + length + _AROUND]
    return Hit(
        page=section.page,
        page_title=page_title,
        title=section.title,
        anchor=section.anchor,
        before=("…" if at > _AROUND else "") + before,
        match=text[at : at + length],
        after=after + ("…" if at + length + _AROUND < len(text) else ""),
    )


#: figure of a page → the term of the glossary that says what it is
FIGURES: Mapping[str, str] = {
    "allocation": "allocation",
    "delivery": "delivery-rate",
    "encumbrance": "encumbrance",
    "expenditure": "expenditure",
    "independence": "independence",
    "state": "state",
    "as-of": "decided-on",
}


def meaning(figure: str) -> str:
    """The address of what a figure means; a figure that is not listed is a programmer's fault."""
    return f"/help/{GLOSSARY}#{FIGURES[figure]}"
