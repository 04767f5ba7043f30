"""The rules of a policy as a table in words: which projects, which evaluation, by whom, and where that is written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.evaluation.policy import Condition, DutyRule, Policy, Requirement, Rule
from app.domain.evaluation.terms import Kind, Mode
from app.domain.evaluation.words import budget_band_in_words, months_band_in_words
from app.evaluations.policies.rulebook import parsed
from app.language.i18n import Words, mark
from app.language.reasons import limits_in_words

#: within an amount, where no line may end: ``US$ 1 m``
_BREAKS = re.compile(r"(?<=\$) (?=\d)|(?<=\d) (?=m\b|[A-Z]{3}\b)")


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule in the language of the person."""

    #: which projects, or whom, and how often
    when: Sequence[str]
    kind: str
    #: what qualifies the demand; empty: it is required as it stands
    mode: str
    independence: str
    source: str
    confidence: str
    note: str


def rules_in_words(document: str, words: Words) -> list[RuleLine]:
    """The rules of a policy that was stored once; none where its text is refused by now."""
    try:
        policy = parsed(document)
    except ValueError:
        return []
    return list(_lines(policy, words))


def _lines(policy: Policy, words: Words) -> Iterator[RuleLine]:
    for rule in policy.rules:
        yield _line(rule, _conditions(rule.condition, words) or [words.gettext(mark("every project"))], words)
    for duty in policy.duties:
        yield _line(duty, _obliged(duty, words), words)


def _line(rule: Rule | DutyRule, when: Sequence[str], words: Words) -> RuleLine:
    asked = rule.requirement
    return RuleLine(
        when=when,
        kind=_kinds((asked.kind, *asked.or_kinds), words),
        mode=words.word(asked.mode) if asked.mode is not Mode.REQUIRED else "",
        independence=_independence(asked, words),
        source=rule.source,
        confidence=words.word(rule.confidence),
        note=rule.note,
    )


def _kinds(kinds: Sequence[Kind], words: Words) -> str:
    return " / ".join(dict.fromkeys(map(words.word, kinds)))


def _independence(asked: Requirement, words: Words) -> str:
    text = words.word(asked.independence or "self")
    if not asked.once_in_cycle:
        return text
    return words.gettext(mark("%(how)s, of one of these: %(kinds)s")) % {
        "how": text, "kinds": _kinds(asked.once_in_cycle, words).lower(),
    }  # fmt: skip


def _conditions(condition: Condition, words: Words) -> list[str]:
    """What must hold of a project, one by one; empty where nothing must."""
    found = []
    if (budget := condition.budget) is not None:
        limits = _BREAKS.sub("\u00a0", limits_in_words(budget_band_in_words(budget.band, budget.currency), words))
        found.append(words.gettext(mark("budget %(limits)s")) % {"limits": limits})
    if condition.months is not None:
        limits = limits_in_words(months_band_in_words(condition.months).removesuffix(" months"), words)
        found.append(words.gettext(mark("runs %(limits)s months")) % {"limits": limits})
    if condition.pilot is not None:
        found.append(words.gettext(mark("a pilot")) if condition.pilot else words.gettext(mark("no pilot")))
    if condition.phase_at_least is not None:
        found.append(words.gettext(mark("phase %(number)s or a later one")) % {"number": condition.phase_at_least})
    if condition.funding:
        kinds = ", ".join(sorted(words.word(each).lower() for each in condition.funding))
        found.append(words.gettext(mark("funded by: %(kinds)s")) % {"kinds": kinds})
    return found


def _obliged(duty: DutyRule, words: Words) -> list[str]:
    whom = words.word(duty.obliges) + (f" {', '.join(duty.codes)}" if duty.codes else "")
    often = words.word(duty.every) + (f" × {words.number(duty.times)}" if duty.times > 1 else "")
    return [duty.title, whom, often]
