"""Texts and pages of mails from templates, in three languages: the one rule for what is escaped."""

import re
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from app.language import i18n

_BREAKS = re.compile("[^\\S\u00a0\u202f]+")


def line(text: object) -> str:
    """On one line, whatever white space it has; the spaces that hold words together stay."""
    return _BREAKS.sub(" ", str(text)).strip()


@lru_cache
def templates(package: str, language: str) -> Environment:
    """The templates in a package's folder ``templates``, in a language.

    Pages escape whatever is filled in, texts do not; a name that is missing is a fault.
    """
    words = i18n.words(language)
    found = Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    # the extension adds this method; the types of the library do not tell
    found.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    found.filters |= {"line": line, "day": words.day, "number": words.number}
    found.globals |= {"language": language, "colon": words.colon}
    return found
