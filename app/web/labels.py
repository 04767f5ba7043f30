"""Names of fields in what a fault tells, as the form beside it shows them: ``planned_end`` is “Planned end”.

Programs, tables and templates of tables know a field by its name, and faults call it so. Who fills in a form sees the
label alone. Only names of fields of that form are replaced: the same word may be a code or a name that somebody gave.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from html import unescape
from typing import Final

from markupsafe import Markup, escape

from app.language import i18n
from app.language.i18n import Words, spelled

#: tags of HTML, whose attributes are no text
_TAG: Final = re.compile(r"(<[^>]*>)")
#: what is quoted, commands, and several small words with underscores that are no part of a longer key or an address
_NAME: Final = re.compile(
    r"""“[^”]*”|«[^»]*»|"[^"]*"|(?<!\w)'[^']*'(?!\w)|`(?P<ticked>[a-z]+(?:_[a-z]+)+)`|`[^`]*`"""
    r"|(?<![\w'./@?&=#:-])(?P<name>[a-z]+(?:_[a-z]+)+)(?![\w'/@=-])"
)
_QUOTES: Final = {"en": "“%s”", "fr": "«\u00a0%s\u00a0»", "es": "«%s»"}


def labelled(told: Markup, words: Words, names: Collection[str]) -> Markup:
    """What is told, as HTML, with the labels of the fields ``names`` in place of these; what is quoted stays."""
    if not names or "_" not in told:
        return told
    parts = _TAG.split(str(told))
    # the text lies between the tags
    parts[::2] = [_in_text(part, words, names) for part in parts[::2]]
    return Markup("").join(map(Markup, parts))


def _in_text(part: str, words: Words, names: Collection[str]) -> str:
    if "_" not in part:
        return part
    text = unescape(part)
    said = _NAME.sub(lambda found: _label(found, words, names), text)
    return part if said == text else str(escape(said))


def _label(found: re.Match[str], words: Words, names: Collection[str]) -> str:
    name = found["ticked"] or found["name"]
    return _QUOTES[words.language] % words.word(name) if name in names and _is_field(name) else found[0]


@lru_cache(maxsize=1024)
def _is_field(name: str) -> bool:
    """Whether forms have a label for the name: then the catalogues do, whatever the language of the page."""
    return all(i18n.words(language).knows(spelled(name)) for language in i18n.LANGUAGES)
