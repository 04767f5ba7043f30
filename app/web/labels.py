"""Names of fields in what a fault tells, as the form beside it shows them: ``planned_end`` is “Planned end”.

Programs, tables and templates of tables know a field by its name, and faults call it so. Who fills in a form sees the
label alone.
"""

import re
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from app.language import i18n
from app.language.i18n import Words, spelled

#: several small words with underscores, which nothing else has that is told; not within quotation marks or a longer key
_NAME: Final = re.compile(r"(?<![\w“«'./@-])`?([a-z]+(?:_[a-z]+)+)`?(?![\w”»'/@-])")
_QUOTES: Final = {"en": "“%s”", "fr": "«\u00a0%s\u00a0»", "es": "«%s»"}


def labelled(told: Markup, words: Words) -> Markup:
    """What is told, as HTML, with the labels of fields in place of their names."""
    return Markup(_NAME.sub(lambda found: _label(found, words), told))  # noqa: S704  escaped before


def _label(found: re.Match[str], words: Words) -> str:
    name = found[1]
    return str(escape(_QUOTES[words.language] % words.word(name))) if _is_field(name) else found[0]


@lru_cache(maxsize=1024)
def _is_field(name: str) -> bool:
    """Whether forms have a label for the name: then the catalogues do, whatever the language of the page."""
    return all(i18n.words(language).knows(spelled(name)) for language in i18n.LANGUAGES)
