"""Sentences that are kept in English, known again by the forms in which they were written, and said in a language.

The library of the standard speaks English alone, and what a release changes is kept as it was told. A form is the
sentence with ``%(name)s`` where something was filled in. What has no form stays as it is, with its days as people write
them, so that nothing is lost.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from app.language.marking import mark
from app.language.reasons import with_days
from app.language.speech import Speech

_PART: Final = re.compile(r"%\((\w+)\)s")
#: a part in quotation marks: what somebody typed, or how a thing is called, which stays as it is
_QUOTED: Final = re.compile(r"“%\((\w+)\)s”")
#: parts that hold what somebody wrote, in quotation marks or not
_TYPED: Final = frozenset({"code", "reference", "text", "title"})
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_OF_DAY: Final = re.compile(r" of (\d{4}-(?:0\d|1[0-2])-(?:[012]\d|3[01]))\b")
#: a list that is cut
AND_MORE: Final = mark("%(names)s and %(count)s more")
_AND_MORE: Final = re.compile(r"(?P<names>.*\S) and (?P<count>\d+) more", re.DOTALL)
#: keys of which one may be meant
_OR: Final = re.compile(r"(?P<names>.*\S) or (?P<last>\S+)", re.DOTALL)
#: how a thing is told from others by its day
OF_DAY: Final = mark("of %(day)s")
#: parts that are figures with the decimal point of programs
_FIGURES: Final = ("rate", "elapsed", "projected", "share", "points")
#: parts that may be amounts, as programs write them
_AMOUNTS: Final = frozenset({"amount", "amount2", "fixed", "promised", "standing", "together", "whole"})
_AMOUNT: Final = re.compile(r"-?\d+(?:\.\d+)?")
_ANY: Final = ".*?"
#: parts that may be words of the field, or several of them
TERMS: Final = frozenset({
    "allowed", "field", "fields", "form", "kind", "noun", "state", "status", "value", "value2",
})  # fmt: skip
#: parts of what rooms write that are sentences or clauses themselves
NESTED: Final = frozenset({"advice", "expected", "span"})
#: what is filled in where nothing else is known
WORDS: Final = (
    mark("none"), mark("none yet"), mark("a space"), mark("(not told)"), mark("unnamed"),
)  # fmt: skip
#: what the standard expects where something else stands
EXPECTED: Final = (
    mark("a code without spaces"),
    mark("a date and time such as 2024-02-29T12:00:00Z"),
    mark("a date such as 2024-02-29"),
    mark("a decimal number such as 1000.50"),
    mark("a finite number"),
    mark("a language such as en or pt-BR"),
    mark("a web address such as https://www.example.org/report.pdf"),
    mark("a whole number"),
    mark("a whole number above 0"),
    mark("a whole number of 0 or more"),
    mark("a whole number of at most ten digits"),
    mark("true, false, 1 or 0"),
)
#: how periods are written
PERIODS: Final = (
    mark("write 2021, 2020-21, 2021-Q3, 2021-07, 2021-01-01..2021-06-30 or, for several, 2000..2004"),
    mark(
        "write 2025-26, 2025/26 or FY2026 for a fiscal year, biennium-2025 for two, 2025-Q3, 2025-07, "
        "2025-07-01..2026-01-31 or, for several, 2020..2024"
    ),
)
#: a number as programs group it
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
#: parts of a kind; any other may be any text
_KINDS: Final[Mapping[str, str]] = {
    "count": r"\d+",
    "day": r"\d{4}-\d\d-\d\d",
    "iso": r"[A-Z]{2}",
    "leaf": r"[\w:-]+",
    # as many small words as there are: what it is known by follows
    "noun": r"(?:SDG )?[a-z]+(?: [a-z]+)*",
    "years": r"\d[\d/–-]+",
    **dict.fromkeys(_FIGURES, r"-?\d+(?:\.\d+)?"),
    # what is sought in vain is a key, behind which no further sentence begins
    "which": r"[^.:?]+(?:[.:][^\s.:?]+)*",
    "tongue": r"the default language|[A-Za-z-]{2,8}",
}


class Heard:
    """Forms of sentences. ``nested``: parts that are sentences themselves; ``begun``: those that begin with a noun."""

    def __init__(
        self,
        forms: Iterable[str],
        *,
        nested: Iterable[str] = (),
        begun: Iterable[str] = (),
        nouns: Iterable[str] = (),
    ) -> None:
        self.forms = tuple(dict.fromkeys(forms))
        self.nouns = tuple(sorted(dict.fromkeys(nouns), key=len, reverse=True))
        self._nested, self._begun = frozenset(nested), frozenset(begun)
        # a form around a whole clause goes first, then those with more of their own words: others are read into parts
        ordered = sorted(self.forms, key=lambda form: ("%(clause)s" not in form, -len(_PART.sub("", form))))
        # a noun is one of ours: what a person typed ("Document removed") is no form, whatever its last words are
        named = "|".join(map(re.escape, self.nouns))
        kinds = {**_KINDS, "noun": rf"(?:{named})(?: .*?)?"} if named else _KINDS
        self._patterns = [(re.compile(_pattern(form, kinds), re.DOTALL), form) for form in ordered]

    def said(self, sentence: str, words: Speech) -> str:
        """The sentence in the language."""
        if (found := self._known(sentence)) is None:
            # a day in a sentence of ours is how it is to be written
            return known if (known := words.gettext(sentence)) != sentence else with_days(sentence, words)
        form, parts = found
        said = words.gettext(form)
        if not parts:
            return said
        kept = _as_written(form)
        return said % {
            name: part if name in kept else self._part(name, part, words) for name, part in parts.items()
        }  # fmt: skip

    def knows(self, sentence: str) -> bool:
        """Whether the sentence has one of the forms."""
        return self._known(sentence) is not None

    @lru_cache(maxsize=4096)  # noqa: B019  there are a few for the whole program
    def _known(self, sentence: str) -> tuple[str, Mapping[str, str]] | None:
        for pattern, form in self._patterns:
            if (match := pattern.fullmatch(sentence)) is not None:
                return form, match.groupdict()
        return None

    def _part(self, name: str, text: str, words: Speech) -> str:
        if text in EXPECTED or text in PERIODS:
            return words.gettext(text)
        if name == "expected" and text.startswith("'") and (found := _OR.fullmatch(text)) is not None:
            # the words of a column, as it takes them
            return words.gettext("%(names)s or %(last)s") % found.groupdict()
        if name in self._nested:
            return self.said(text, words)
        if name in self._begun:
            return self._with_noun(text, words)
        if text in WORDS:
            return words.gettext(text)
        if _DAY.fullmatch(text) or name == "lacking":
            return with_days(text, words)
        if (found := _AND_MORE.fullmatch(text)) is not None:
            return words.gettext(AND_MORE) % {"names": found["names"], "count": words.number(int(found["count"]))}
        if name in ("found", "word") and (found := _OR.fullmatch(text)) is not None:
            # one of several: what is before the last may be several too
            names = self._part(name, found["names"], words)
            return words.gettext("%(names)s or %(last)s") % {"names": names, "last": found["last"]}
        if name == "count" or _GROUPED.fullmatch(text):
            return words.number(int(text.replace(",", "")))
        if name in TERMS:
            return ", ".join(words.term(each) for each in text.split(", "))
        return words.number(Decimal(text)) if name in _FIGURES or _is_amount(name, text) else text

    def _with_noun(self, text: str, words: Speech) -> str:
        """A thing by its noun and by what tells it from others: country KE (Kenya)."""
        for noun in self.nouns:
            if text == noun or text.startswith(f"{noun} "):
                text = words.gettext(noun) + text[len(noun) :]
                break
        dated = _OF_DAY.sub(lambda found: " " + words.gettext(OF_DAY) % {"day": with_days(found[1], words)}, text)
        return with_days(dated, words)


@lru_cache(maxsize=4096)
def _as_written(form: str) -> frozenset[str]:
    """The parts of a form that nobody may write otherwise. An amount in quotation marks is one that was read."""
    return frozenset(_QUOTED.findall(form)) - _AMOUNTS | _TYPED


def _is_amount(name: str, text: str) -> bool:
    return name in _AMOUNTS and _AMOUNT.fullmatch(text) is not None


def _pattern(form: str, kinds: Mapping[str, str]) -> str:
    """The form as a regular expression, with ``kinds`` of parts that are not any text.

    Of parts that may be any text only the last two are tried out against each other. Each before them ends where the
    words behind it begin first: to try out all of them would take a sentence of a thousand characters seconds.
    """
    pieces = _PART.split(form)
    free = [place for place in range(1, len(pieces), 2) if kinds.get(pieces[place], _ANY) == _ANY]
    first_end = frozenset(place for place in free[:-2] if pieces[place + 1])
    found: list[str] = []
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            literal = re.escape(piece.replace("%%", "%"))
            found.append(f"{literal})" if place - 1 in first_end else literal)
        elif piece in pieces[1:place:2]:
            # what is filled in twice is the same both times
            found.append(f"(?>(?P={piece})" if place in first_end else f"(?P={piece})")
        else:
            found.append(f"{'(?>' if place in first_end else ''}(?P<{piece}>{kinds.get(piece, _ANY)})")
    return "".join(found)
