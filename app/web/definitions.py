"""What definitions of reports and their remarks say, as sentences that pages know again and say in a language.

Reports speak English alone: files of one and the same report are the same everywhere. A page takes them apart into
sentences; what a report fills in is a part of its sentence, and may be said as well.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from markupsafe import Markup, escape

from app.domain.told import Told
from app.language.heard import Heard
from app.language.i18n import USUAL, Words
from app.language.reasons import with_days
from app.publishing import sentences
from app.reports import (
    agreement_findings,
    agreements_due,
    approvals,
    assessments,
    contributors,
    country_programmes,
    delivery,
    earmarking,
    evaluation_cycle,
    evaluation_plan,
    evaluations,
    expenditure,
    institutional_budget,
    lessons,
    milestones,
    net,
    outcomes,
    partner_briefing,
    pipeline,
    placed,
    portfolio,
    receipts,
    recommendations,
    regions,
    results,
    risks,
    support_cost,
    targets,
    under_delivery,
)

#: what repeats a long text is not looked for among the sentences of the rooms
_LONGEST: Final = 600
_FILLED_IN: Final = re.compile(r"%\(\w+\)s")
_FILLED: Final = re.compile(r"\{(\w+)\}")
#: where a sentence ends and the next begins
_BETWEEN: Final = re.compile(r"(?<=[.!?}]) (?=[A-Z0-9{])")
#: the same in a fault, which may begin with what was typed
_FURTHER: Final = re.compile(r"(?<=[.!?]) (?=[A-Z“])")
#: so many sentences are put together at most
_MOST: Final = 6
_DEFINITIONS: Final = (
    agreement_findings.DEFINITION,
    agreements_due.DEFINITION,
    approvals.DEFINITION,
    approvals.OBJECTIVE,
    approvals.LOCALLY,
    approvals.GROWTH,
    approvals.EACH_SHARE,
    approvals.JOINT,
    contributors.GROUPED,
    contributors.EACH_RANK,
    placed.MEANING,
    placed.PURPOSE,
    placed.ASSISTED,
    assessments.DEFINITION,
    contributors.DEFINITION,
    country_programmes.DEFINITION,
    delivery.DEFINITION,
    *delivery.MEANINGS.values(),
    *delivery.OF_VARIANTS.values(),
    *net.SENTENCES.values(),
    earmarking.DEFINITION,
    evaluations.COVERAGE,
    evaluations.RECOMMENDATIONS,
    evaluation_cycle.CYCLE,
    evaluation_cycle.EVIDENCE,
    evaluation_plan.PLAN,
    expenditure.DEFINITION,
    expenditure.CHANGE,
    expenditure.RECORDED,
    institutional_budget.DEFINITION,
    institutional_budget.CHANGE,
    milestones.MILESTONES,
    lessons.DEFINITION,
    outcomes.DEFINITION,
    partner_briefing.DEFINITION,
    pipeline.DEFINITION,
    portfolio.DEFINITION,
    receipts.DEFINITION,
    recommendations.DEFINITION,
    regions.DEFINITION,
    results.DEFINITION,
    results.OF_RECORD,
    risks.DEFINITION,
    support_cost.DEFINITION,
    targets.MEANING,
    under_delivery.DEFINITION,
)
#: what reports fill their definitions with
_PARTS: Final = (
    *contributors.BASES.values(),
    *earmarking.BASES.values(),
    *approvals.COUNTED.values(),
    *(variant.value for variant in delivery.FIGURES),
    *(basis.value for basis in contributors.BASES),
    "target",
    "or its share of the result",
    "cannot be told",
    "is %(share)s %%, on target",
    "is %(share)s %%, %(points)s points below",
    "is %(share)s %%, %(points)s points above",
)
#: the same of a project that is named beside it
SLOW: Final = (
    "%(rate)s %% is delivered when %(elapsed)s %% of the time has passed; at this pace it will be %(projected)s %% and "
    "below %(threshold)s %%."
)
_REMARKS: Final = (
    "There is no rate of %(currency)s on or before %(day)s.",
    "There is no rate for an amount of %(day)s that has no currency: give it one, or its activity a default.",
    "%(count)s row lacks its figures for want of a rate of exchange.",
    "%(count)s rows lack their figures for want of a rate of exchange.",
    net.UNKNOWN,
    "Only %(option)s %(code)s.",
    "Change compares the average of %(after)s with that of %(before)s.",
    "%(names)s share rank %(count)s.",
    "Some of what names no agreement (not attributed) lacks a rate of exchange.",
    "%(amount)s name no agreement and are not attributed.",
    "1 agreement lacks its first or last day and counts as not multi-annual.",
    "%(count)s agreements lack their first or last day and count as not multi-annual.",
    "The target of %(indicator)s is %(aim)s %%%(by)s; the share %(how)s.",
    "Of the milestones that count as done %(count)s were achieved fully and %(partly)s partly.",
    "%(count)s have no response, and the day for it has passed.",
    "%(count)s have no plan of action, and the day for it has passed.",
    ("%(count)s are done, and nobody knows on which day: they count in no time to close, and in no share in time."),
    "Not reviewed in time: %(names)s.",
    "Owned by somebody who left: %(names)s.",
    "No register is kept by: %(names)s.",
    "No results are on record one by one: the figures are totals as they were loaded.",
    "Indicators whose target does not say what it counts: %(names)s.",
    "Loaded totals without records, in no sum: %(names)s.",
    "Indicator %(code)s: the results on record come to %(sum)s and the loaded total is %(total)s.",
    "Money came in the period that names no agreement: it is in no row.",
    "indicator %(code)s: the regions sum to %(sum)s and its result is %(total)s.",
    "output %(code)s: the regions sum to %(sum)s and its result is %(total)s.",
    "%(count)s more do not add up.",
    "outcome %(code)s: the regions sum to %(sum)s and its result is %(total)s.",
    (
        "%(named)s: %(rate)s %% is delivered when %(elapsed)s %% of the time has passed; at this pace it will be "
        "%(projected)s %% and below %(threshold)s %%."
    ),
    SLOW,
    "Projects or allocations name outcomes that %(framework)s does not know: %(names)s.",
    "Nobody has noted the problem and the action taken for %(names)s.",
    "%(count)s more agreements pay less than full cost.",
    "%(count)s project states no total budget.",
    "%(count)s projects state no total budget.",
    "%(count)s project stands in several rows.",
    "%(count)s projects stand in several rows.",
    "1 total is a judgement: it is not the rounded mean of its items.",
    "%(count)s totals are judgements: they are not the rounded means of their items.",
)


class Said(str):
    """A sentence that is in the language of the person already."""

    __slots__ = ()


def taken_apart(text: str) -> list[str]:
    """The sentences of a text."""
    return _BETWEEN.split(text)


def _forms() -> Iterator[str]:
    for text in _DEFINITIONS:
        for sentence in taken_apart(text):
            if not _FILLED.fullmatch(sentence):
                filled = _FILLED.sub(r"%(\1)s", sentence.replace("%", "%%") if "{" in sentence else sentence)
                yield filled
    yield from _PARTS
    yield from _REMARKS


HEARD: Final = Heard(_forms(), nested=("basis", "kinds", "variant", "how"))


def defined(text: str, words: Words) -> Markup:
    """A definition or a remark in the language; sentences that stay English are marked as such."""
    return Markup(" ").join(_marked(_said(sentence, words), sentence, words) for sentence in taken_apart(text))


def _said(sentence: str, words: Words) -> str | None:
    return HEARD.said(sentence, words) if HEARD.knows(sentence) else told(sentence, words)


def spoken(sentence: str, words: Words) -> Markup:
    """A sentence of the program in the language; marked where it stays English."""
    if isinstance(sentence, Said):
        return escape(sentence)
    return _marked(told(sentence, words), sentence, words)


def told(sentence: str, words: Words) -> str | None:
    """The sentence in the language; None where no catalogue has it."""
    if words.knows(sentence.template if isinstance(sentence, Told) else sentence):
        return words.said(sentence)
    if sentences.HEARD.knows(sentence) or all(map(sentences.HEARD.knows, sentence.split("; "))):
        return sentences.said(sentence, words)
    if len(sentence) <= _LONGEST and words.written.knows(sentence):
        return words.written.said(sentence, words)
    return _one_by_one(sentence, words)


def _one_by_one(text: str, words: Words) -> str | None:
    """Several sentences that were put together where they arose, such as a fault and the question it ends with."""
    for found in islice(_FURTHER.finditer(text), _MOST):
        first, rest = told(text[: found.start()], words), text[found.end() :]
        if first is not None and (further := told(rest, words)) is not None:
            return f"{first} {further}"
    return None


def knows(form: str) -> bool:
    """Whether a sentence with parts filled in is known by the forms of the standard already."""
    return sentences.HEARD.knows(_FILLED_IN.sub("X1", form).replace("%%", "%") if "%(" in form else form)


def _marked(said: str | None, sentence: str, words: Words) -> Markup:
    """What is said; else the English sentence, as such for whoever has pages read aloud."""
    if said is not None and (words.language != USUAL or isinstance(sentence, Told)):
        return escape(said)
    english = words.said(sentence) if isinstance(sentence, Told) else with_days(sentence, words)
    return escape(english) if words.language == USUAL else Markup('<span lang="%s">%s</span>') % (USUAL, english)
