"""A project as its pages show it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import shorten
from typing import NamedTuple

from app.http.lists import Shown
from app.language.i18n import Words, mark
from app.reports.frame import ReportTable
from app.web.charts.bars import Bar
from app.web.charts.time import Window
from app.web.naming import Named

#: part of the address → what it is called
PARTS: Mapping[str, str] = {
    "": mark("Overview"),
    "money": mark("Money"),
    "evaluations": mark("Evaluations"),
    "results": mark("Results"),
    "risks": mark("Risks"),
    "documents": mark("Documents"),
    "history": mark("History"),
    "publication": mark("Publication"),
}

#: fields of the record in the order in which the overview tells them, where they say something
FACTS = (
    "phase", "country_programme", "backstopping_unit", "parent", "outcome", "gender_marker", "mid_term_agreed", "pilot",
    "humanitarian", "south_south", "operationally_closed_on", "financially_closed_on", "activity_scope",
    "collaboration_type", "flow_type", "finance_type", "aid_type", "tied_status", "withheld_reason", "embargo_until",
    "note",
)  # fmt: skip

#: field with codes of a list → name of the list
CODED: Mapping[str, str] = {
    "activity_scope": "ActivityScope",
    "collaboration_type": "CollaborationType",
    "flow_type": "FlowType",
    "finance_type": "FinanceType",
    "aid_type": "AidType",
    "tied_status": "TiedStatus",
}


class Shares(NamedTuple):
    """What a project is for, or where, by one vocabulary: its percentages are of one whole."""

    #: field of the record
    field: str
    #: the vocabulary in words; empty: the usual one
    vocabulary: str
    rows: Sequence[tuple[str, Decimal | None]]


#: field → vocabulary → list of its codes; of other vocabularies no list says the words
_LISTS: Mapping[str, Mapping[str, str]] = {
    "countries": {"1": "Country"},
    "regions": {"1": "Region"},
    "sectors": {"1": "Sector", "2": "SectorCategory", "7": "UNSDG-Goals", "8": "UNSDG-Targets"},
}
_VOCABULARIES: Mapping[str, str] = {"regions": "RegionVocabulary", "sectors": "SectorVocabulary"}
#: letters of a target's sentence that say which one it is
_SENTENCE = 90
#: lists whose codes people know by their numbers
_NUMBERED = frozenset({"UNSDG-Goals", "UNSDG-Targets"})


def shares_of(project: Shown, named: Named) -> list[Shares]:
    """Countries, regions and sectors in words, each vocabulary by itself."""
    found = []
    for field, lists in _LISTS.items():
        by_vocabulary: dict[str, list[Shown]] = {}
        for each in project[field]:
            by_vocabulary.setdefault(each["vocabulary"] or "1", []).append(each)
        for vocabulary, shares in sorted(by_vocabulary.items(), key=lambda of: of[0] != "1"):
            of_codes = lists.get(vocabulary)
            known = _VOCABULARIES.get(field)
            words = "" if vocabulary == "1" else named.listed(known, vocabulary) if known else vocabulary
            rows = [(_in_words(each["code"], of_codes, named), each["percentage"]) for each in shares]
            found.append(Shares(field=field, vocabulary=words, rows=rows))
    return found


def _in_words(code: str, of_codes: str | None, named: Named) -> str:
    if of_codes is None:
        return code
    return (
        shorten(named.sdg(code), _SENTENCE, placeholder=" …") if of_codes in _NUMBERED else named.listed(of_codes, code)
    )


def day_of_names(project: Shown, today: dt.date) -> dt.date:
    """The day on which codes of a project mean what it meant by them: today, or its end or start where that is past it
    or ahead of it."""
    starts, ends = (project[f"actual_{edge}"] or project[f"planned_{edge}"] for edge in ("start", "end"))
    return max(min(today, ends or today), min(starts, ends or starts) if starts else dt.date.min)


@dataclass(frozen=True, kw_only=True)
class DeliveryYear:
    """What was allocated and spent in a year."""

    year: str
    allocation: Decimal | None
    expenditure: Decimal | None
    rate: str | None


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Delivery of a project by year, from the report that everybody reads."""

    currency: str
    definition: str
    as_of: dt.date
    years: Sequence[DeliveryYear]
    total: DeliveryYear
    remarks: Sequence[str]

    def lines(self, words: Words) -> list[Bar]:
        return [
            Bar(
                label=each.year,
                value=each.expenditure or Decimal(0),
                target=each.allocation or Decimal(0),
                shown=words.rate(each.rate) or words.rounded(each.expenditure),
            )
            for each in self.years
        ]


def delivery_of(table: ReportTable) -> Delivery:
    """The years of a delivery report."""

    def year(name: str, cells: Mapping[str, str | int | None]) -> DeliveryYear:
        allocation, expenditure, rate = (cells.get(column) for column in ("allocation", "expenditure", "rate"))
        return DeliveryYear(
            year=name,
            allocation=None if allocation is None else Decimal(allocation),
            expenditure=None if expenditure is None else Decimal(expenditure),
            rate=None if rate is None else str(rate),
        )

    return Delivery(
        currency=table.currency,
        definition=table.definition,
        as_of=table.as_of,
        years=_until_the_last([year(str(row["year"]), row) for row in table.rows]),
        total=year("", table.totals),
        remarks=table.remarks,
    )


def _until_the_last(years: list[DeliveryYear]) -> list[DeliveryYear]:
    """The years without those after the last in which anything was allocated or spent."""
    while years and not years[-1].allocation and not years[-1].expenditure:
        years.pop()
    return years


def windows(obligations: Sequence[Shown], words: Words) -> list[Window]:
    """Windows of what is owed, where they are known."""
    tones = {"overdue": "late", "done": "done", "waived": "done"}
    return [
        Window(
            label=f"{words.word(each['kind'])} · {words.word(each['state'])}",
            opens=min(each["window_opens"] or each["due"], each["due"]),
            due=each["due"],
            closes=max(each["late"] or each["due"], each["due"]),
            tone=tones.get(str(each["state"]), ""),
        )
        for each in obligations
        if each["due"] is not None and each["kind"] is not None
    ]
