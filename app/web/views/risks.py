"""What pages of risks show: how each stands today, in words and tones."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.risks import HIGH, RiskFacts
from app.http.lists import Shown
from app.language.i18n import Words, mark


@dataclass(frozen=True, kw_only=True)
class Sign:
    """Something to see about a record. ``label`` is translated."""

    label: str
    tone: str = ""


_NOT_REVIEWED, _LEFT, _NOBODY = mark("not reviewed in time"), mark("owner has left"), mark("nobody owns it")
_HIGH, _ESCALATED, _CLOSED, _ARCHIVED = mark("high"), mark("escalated"), mark("closed"), mark("Archived")


def facts_of(item: Shown) -> RiskFacts:
    """A risk of the list, as the rules judge it."""
    return RiskFacts(**{name: item[name] for name in RiskFacts.__dataclass_fields__})


def signs(item: Shown, today: dt.date, words: Words) -> Sequence[Sign]:
    """What a risk asks for, the gravest first."""
    risk = facts_of(item)
    is_open = risk.is_open(today)
    told = (
        (item["archived_at"] is not None, _ARCHIVED, "bad"),
        (risk.closed_on is not None and not is_open, _CLOSED, ""),
        (is_open and risk.rating >= HIGH, _HIGH, "bad"),
        (risk.is_late(today), _NOT_REVIEWED, "bad"),
        (is_open and risk.owner_left, _LEFT, "warn"),
        (is_open and risk.owner is None, _NOBODY, "warn"),
        (risk.is_escalated(today), _ESCALATED, "warn"),
    )
    return [Sign(label=words.gettext(label), tone=tone) for holds, label, tone in told if holds]
