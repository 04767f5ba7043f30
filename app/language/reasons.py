"""Why something is owed, in the language of the person: the sentences of the rules, which are kept in English.

A reason is kept as it was told (:mod:`app.domain.evaluation.obligations`): clauses between semicolons, with days as the
calendar writes them. Each clause is known by its form; one that is not stays as it is, with its days as people write
them, so that nothing is lost. The ids of rules are for those who write policies, and are left out.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from app.language.marking import mark
from app.language.speech import Speech

#: what is quoted, and a day as a word of its own; one in an address, an identifier, a file's name or a span is none,
#: and neither is one that shows how days are written
_DAY: Final = re.compile(
    r"""“[^”]*”|«[^»]*»|"[^"]*"|(?<!\w)'[^']*'(?!\w)"""
    r"""|(?:(?<!\S)|(?<=\s\())(?<!such as )(?P<day>\d{4}-\d\d-\d\d)(?=[)\]]?[,;:.]?(?:\s|$)|[)\]])"""
)
_RULES: Final = re.compile(r"; rule [^ ;]+(?:, [^ ;]+)*(?=;|$)")
#: how limits of a band are told
_LIMITS: Final = (
    ("at least", mark("at least %(limit)s")),
    ("at most", mark("at most %(limit)s")),
    ("over", mark("over %(limit)s")),
    ("under", mark("under %(limit)s")),
)


_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+")
#: as :func:`app.domain.evaluation.words.money_in_words` writes it
_MONEY: Final = re.compile(r"(?<!\w)(?P<sign>US\$|[A-Z]{3}) (?P<figure>-?\d[\d,]*(?:\.\d+)?)(?P<millions> m\b)?")


def _amount(text: str, words: Speech) -> str:
    """An amount of the rules, as ``US$ 2,411,454`` or ``US$ 1 m``, with its digits as the language has them.

    The sign before the figure and the short form of millions are English; elsewhere every digit stands, and the code
    of the currency behind it.
    """
    if words.language != "en" and _MONEY.search(text):
        return _MONEY.sub(lambda found: _sum(found, words), text)
    return _NUMBER.sub(lambda found: words.number(Decimal(found[0].replace(",", ""))), text)


def _sum(found: re.Match[str], words: Speech) -> str:
    value = Decimal(found["figure"].replace(",", ""))
    currency = "USD" if found["sign"] == "US$" else found["sign"]
    return words.amount(value.scaleb(6) if found["millions"] else value, currency)


def limits_in_words(text: str, words: Speech) -> str:
    """Limits of a band, as :mod:`app.domain.evaluation.words` tells them: ``over US$ 1 m and at most US$ 5 m``."""
    parts = [_limit(part, words) for part in text.split(" and ")]
    if len(parts) == 1:
        return parts[0]
    return words.gettext("%(lower)s and %(upper)s") % {"lower": parts[0], "upper": parts[1]}


def _limit(text: str, words: Speech) -> str:
    for begins, message in _LIMITS:
        if text.startswith(begins):
            return words.gettext(message) % {"limit": _amount(text.removeprefix(begins).strip(), words)}
    return text


def _terms(text: str, words: Speech) -> str:
    return " / ".join(words.word(term).lower() for term in text.split(" or "))


def _term(text: str, words: Speech) -> str:
    """A kind with the number of a review that comes again: annual-review 2."""
    kind, _, number = text.partition(" ")
    return f"{words.word(kind).lower()} {number}".rstrip()


def _as_day(text: str, words: Speech) -> str:
    return words.day(text)


def _plainly(text: str, _words: Speech) -> str:
    return text


_ACHIEVED: Final = {"fully": mark("fully achieved"), "partly": mark("partly achieved"), "not": mark("not achieved")}
#: how each part of a clause is said
_PARTS: Final[Mapping[str, Callable[[str, Speech], str]]] = {
    "amount": _amount, "band": limits_in_words, "months": limits_in_words,
    "kinds": _terms, "kind": _term, "how": _terms, "asked": _terms,
    "day": _as_day, "first": _as_day, "last": _as_day, "which": _term,
    "mark": lambda text, words: words.gettext(_ACHIEVED.get(text, text)),
    "missing": lambda text, words: words.word(text).lower(),
}  # fmt: skip
_D: Final = r"\d{4}-\d\d-\d\d"
_FORMS: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (
            (
                rf"budget (?P<amount>.+) \((?P<which>original|revised) (?P<day>{_D})(?:, rate of that day)?\)"
                r" is (?P<band>.+)"
            ),
            mark("budget %(amount)s (%(which)s, %(day)s) is %(band)s"),
        ),
        (
            rf"runs (?P<first>{_D}) to (?P<last>{_D}), (?P<months>.+) months",
            mark("runs %(first)s to %(last)s, %(months)s months"),
        ),
        (rf"ends (?P<day>{_D})", mark("ends on %(day)s")),
        (rf"half-way from (?P<first>{_D}) to (?P<last>{_D})", mark("half-way from %(first)s to %(last)s")),
        (rf"year (?P<number>\d+) from (?P<day>{_D})", mark("year %(number)s from %(day)s")),
        (rf"(?P<kind>[a-z-]+(?: \d+)?) of (?P<day>{_D}) merges into it", mark("%(kind)s of %(day)s merges into it")),
        (r"a (?P<kinds>.+) would do instead", mark("would do instead: %(kinds)s")),
        (
            r"at least one (?P<how>[a-z-]+) evaluation in the cycle, and none is done or under way",
            mark("at least one evaluation of the cycle has to be %(how)s, and none is done or under way"),
        ),
        (
            (
                r"at least one (?P<how>[a-z-]+) evaluation in the cycle: (?P<kind>[a-z-]+)(?P<called>.*)"
                rf" was done on (?P<day>{_D})"
            ),
            mark("at least one evaluation of the cycle has to be %(how)s: %(kind)s%(called)s, done on %(day)s"),
        ),
        (
            r"at least one (?P<how>[a-z-]+) evaluation in the cycle: (?P<kind>[a-z-]+)(?P<called>.*) is under way",
            mark("at least one evaluation of the cycle has to be %(how)s: %(kind)s%(called)s, under way"),
        ),
        (
            r"at least one (?P<how>[a-z-]+) evaluation in the cycle: (?P<kind>[a-z-]+)(?P<called>.*) is done",
            mark("at least one evaluation of the cycle has to be %(how)s: %(kind)s%(called)s, done"),
        ),
        (rf"(?P<how>[a-z-]+) done on (?P<day>{_D})(?P<called> \(.+\))?", mark("%(how)s done on %(day)s%(called)s")),
        (r"(?P<asked>self|internal|independent|external) asked", mark("%(asked)s is asked")),
        (r"the evaluation plan foresees a mid-term", mark("the evaluation plan foresees a mid-term")),
        (
            r"milestone (?P<called>\S+) of (?P<strategy>.+?): (?P<title>.+)",
            mark("milestone %(called)s of %(strategy)s: %(title)s"),
        ),
        (rf"achieved: (?P<mark>[a-z-]+), told on (?P<day>{_D})", mark("%(mark)s, told on %(day)s")),
        (r"end of (?P<called>\S+)", mark("end of %(called)s")),
        (r"instalment of (?P<called>\S+)", mark("instalment of %(called)s")),
    )
)
_HEAD: Final = re.compile(
    r"(?P<kind>[a-z-]+(?: \d+)?), (?P<how>self|internal|independent|external): (?P<why>.+)", re.DOTALL
)


def reason_in_words(reason: str | None, words: Speech, *, facts: bool = False) -> str:
    """The reason as people read it. ``facts``: what is owed is said beside it already."""
    text = _RULES.sub("", reason or "")
    if (found := _HEAD.fullmatch(text)) is None:
        return _clauses(text, words)
    why = _clauses(found["why"], words)
    if facts:
        return why
    return f"{words.word(found['kind'].partition(' ')[0])}, {_terms(found['how'], words)}{words.colon} {why}"


def _clauses(text: str, words: Speech) -> str:
    between = "\u00a0; " if words.language == "fr" else "; "
    return between.join(_clause(clause, words) for clause in text.split("; "))


def _clause(clause: str, words: Speech) -> str:
    for form, message in _FORMS:
        if (found := form.fullmatch(clause)) is not None:
            parts = {
                name: _PARTS.get(name, _plainly)(part or "", words) if part else ""
                for name, part in found.groupdict().items()
            }
            return words.gettext(message) % parts
    return with_days(clause, words)


def with_days(sentence: str, words: Speech) -> str:
    """A sentence with its days as people write them; what is quoted and what only holds a day stays as it is."""
    return _DAY.sub(lambda found: found[0] if found["day"] is None else _day_or_text(found["day"], words), sentence)


def missing_in_words(missing: str, words: Speech) -> str:
    """What is not known, as people read it."""
    return ", ".join(words.word(each).lower() for each in re.split("[;,] ", missing))


def _day_or_text(text: str, words: Speech) -> str:
    try:
        return words.day(text)
    except ValueError:
        return text
