"""Templates: one environment for each language, made once; what is filled in is escaped, what is missing is a fault."""

import re
from collections.abc import Callable, MutableMapping
from decimal import Decimal
from functools import cache, lru_cache
from types import CodeType
from urllib.parse import quote, urlencode

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from app import __version__
from app.db.archiving import noun_of
from app.domain.evaluation.words import evaluation_named
from app.domain.told import Told
from app.language import i18n
from app.language.reasons import missing_in_words, reason_in_words, with_days
from app.publishing import sentences
from app.web import definitions, handbook, navigation
from app.web.labels import labelled
from app.web.naming import browser_of
from app.web.static_files import address


@lru_cache
def environment(language: str) -> Environment:
    """The environment of a language, with its words as functions and filters."""
    words = i18n.words(language)
    found = _made(_CompiledOnce("app.web"))
    # the extension adds this method; the types of the library do not tell
    found.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: _escaped(words.gettext(message)),
        lambda singular, plural, n: _escaped(words.ngettext(singular, plural, n)),
        newstyle=True,
    )
    found.globals["_"] = _telling(words)
    # counts stand in groups of digits, as all numbers do
    found.globals["ngettext"] = lambda singular, plural, num, **values: (
        Markup(_escaped(words.ngettext(singular, plural, num))) % {"num": words.number(num), **values}  # noqa: S704
    )
    found.filters |= _filters(words)
    found.globals |= {
        "language": language,
        "colon": words.colon,
        "languages": i18n.LANGUAGES,
        "static": address,
        "earmark_version": __version__,
        "query_of": query_of,
        "own_name": lambda each: i18n.in_language(each["name"], each["name_translations"], language),
        "tenth": Decimal("0.1"),
        "hundredth": Decimal("0.01"),
        "has_page": navigation.has_page,
        "meaning": handbook.meaning,
        "browser_of": browser_of,
    }
    return found


class _CompiledOnce(PackageLoader):
    """Templates that all languages share once they are compiled, which takes longer than to count most portfolios."""

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, object] | None = None,  # noqa: A002  the name that the library gives it
    ) -> Template:
        source, filename, _ = self.get_source(environment, name)
        return environment.template_class.from_code(
            environment, _code(source, name, filename), {} if globals is None else globals
        )


@cache
def _code(source: str, name: str, filename: str) -> CodeType:
    return _compiling().compile(source, name, filename)


@cache
def _compiling() -> Environment:
    """What compiles templates and says nothing in any language: what a filter makes of a word, it makes of it later."""
    found = _made(BaseLoader())
    found.newstyle_gettext = True  # type: ignore[attr-defined]
    found.filters |= dict.fromkeys(_filters(i18n.words(i18n.USUAL)), _of_a_language)
    return found


def _of_a_language(*_values: object, **_named: object) -> str:
    # the library asks filters what they make of words that stand in a template, and writes it down unless they fail
    raise LookupError("no language is chosen yet")


def _made(loader: BaseLoader) -> Environment:
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )


def _filters(words: i18n.Words) -> dict[str, Callable[..., object]]:
    """What templates do with values, by the words of a language."""
    return {
        "number": words.number,
        "amount": words.amount,
        "budget": lambda text: words.amount(Decimal(text.split(" ")[0]), text.partition(" ")[2]) if text else "",
        "percent": words.percent,
        "rate": words.rate,
        "exact": words.exact,
        "day": words.day,
        "month": words.month,
        "month_short": words.month_short,
        "rounded": words.rounded,
        "bytes": words.size,
        "figure": words.figure,
        "score": lambda cell: "" if cell in (None, "") else words.number(Decimal(cell)),
        "moment": words.moment,
        "word": words.word,
        "ladder": words.ladder,
        "begun": _begun,
        "noun": lambda table: words.word(noun_of(table)),
        "evaluation": lambda kind, number=0: _begun(words.said(evaluation_named(str(kind), number))),
        "obliged": words.obliged,
        "who": words.who,
        "said": words.said,
        "heard": lambda sentence: (
            known if (known := definitions.told(sentence, words)) is not None else sentences.said(sentence, words)
        ),
        "defined": lambda text: definitions.defined(text, words),
        "spoken": lambda sentence: definitions.spoken(sentence, words),
        "labelled": lambda told, names: labelled(told, words, names),
        "reason": lambda reason, *, facts=False: (
            words.said(reason) if isinstance(reason, Told) else reason_in_words(reason, words, facts=facts)
        ),
        "missing": lambda missing: missing_in_words(missing, words),
        "dated": lambda sentence: with_days(sentence, words),
        "commands": _commands,
        "segment": lambda text: quote(str(text), safe=""),
    }


def _telling(words: i18n.Words) -> Callable[..., Markup]:
    """``_`` of templates: what the extension offers goes through the context of the page for each of many words."""
    said: dict[str, Markup] = {}

    def tell(message: str, **values: object) -> Markup:
        if not values and (known := said.get(message)) is not None:
            return known
        # a percent sign stands twice, as in every message
        told = Markup(_escaped(words.gettext(message))) % values  # noqa: S704  escaped before
        if not values and len(said) < _MOST:
            said[message] = told
        return told

    return tell


#: messages that are remembered; sentences that repeat what somebody typed are no messages of ours
_MOST = 4096


def _begun(text: str) -> str:
    """A noun as it begins a heading."""
    return text[:1].upper() + text[1:]


_BETWEEN_TICKS = re.compile(r"`([^`]+)`")


def _commands(sentence: str) -> Markup:
    """A sentence in which commands stand between back quotes, as HTML."""
    return Markup(_BETWEEN_TICKS.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704  escaped before


def _escaped(message: str) -> str:
    """A message as text of a page. The extension takes what it is given for HTML, and messages of faults repeat what
    somebody typed. Attributes stand in double quotes, so that an apostrophe may stay one."""
    return str(escape(message)).replace("&#39;", "'")


def query_of(query: dict[str, list[str]], **changes: str | None) -> str:
    """The query of an address with some parameters set, or left out where None; the cursor goes with any change."""
    kept = {name: values for name, values in query.items() if name not in changes and name != "cursor"}
    pairs = [(name, value) for name, values in kept.items() for value in values]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    return "?" + urlencode(pairs) if pairs else "?"


def render(language: str, template: str, view: dict[str, object]) -> str:
    return environment(language).get_template(template).render(view)
