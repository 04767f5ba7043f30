"""What the public pages show, made of the published files alone."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote

from markupsafe import Markup

from app.domain.ledger import TransactionType
from app.domain.money import EXACT
from app.language.i18n import Words, mark
from app.publishing.codes import names_of
from app.publishing.world import queries
from app.publishing.world.queries import Counted, Line, Sum, Wanted
from app.publishing.world.record import Activity, Shared, said
from app.web.charts.bars import Column, stacked
from app.web.charts.world import Dot, world

#: parameters of the list that narrow it
FILTERS = ("q", "country", "sector", "partner", "status")
_SHOWN = 10
#: names of the standard that it has in English and French alone
ROLES = (mark("Accountable"), mark("Extending"), mark("Funding"), mark("Implementing"))
#: a status that the standard names in English and French only
STATUS = mark("Pipeline/identification")
_FUNDING = "1"
BY_YEAR = mark("Spent by year, in %(currency)s")
MAP = mark("Activities by country")
MAP_SAYS = mark("A circle for each country; its area follows the number of activities.")
#: years in a picture
_YEARS = 10
_SPENDING = frozenset({TransactionType.EXPENDITURE.value, TransactionType.DISBURSEMENT.value})

#: kind of money in the files → the column it is shown in
_KINDS: Mapping[str, str] = {
    "budget": "budget",
    TransactionType.INCOMING_COMMITMENT.value: "committed",
    TransactionType.INCOMING_FUNDS.value: "received",
    **dict.fromkeys(_SPENDING, "spent"),
}


@dataclass(frozen=True, kw_only=True)
class Named:
    """A code with its name and how many activities have it."""

    code: str
    name: str
    activities: int


@dataclass(kw_only=True)
class Year:
    """Money of a year in one currency, by the columns that ``_KINDS`` names."""

    year: int
    currency: str
    amounts: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Front:
    reporting: Sequence[str]
    activities: int
    updated: str
    countries: Sequence[Named]
    sectors: Sequence[Named]
    partners: Sequence[Counted]
    map: Markup
    years: Sequence[Year]
    picture: Markup | None


@dataclass(frozen=True, kw_only=True)
class Listed:
    lines: Sequence[Line]
    count: int
    #: place to go on after; None: this is the end
    after: int | None
    statuses: Mapping[str, str]
    country: str
    sector: str
    partner: str


@dataclass(frozen=True, kw_only=True)
class Funder:
    key: str
    name: str
    activities: int
    years: Sequence[Year]
    lines: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class Part:
    name: str
    percentage: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An activity in the reader's language."""

    activity: Activity
    title: str
    descriptions: Sequence[str]
    reporting: str
    status: str
    organisations: Sequence[tuple[str, str]]
    #: those of the organisations that pay
    funders: Sequence[str]
    countries: Sequence[Part]
    sectors: Sequence[Part]
    years: Sequence[Year]
    picture: Markup | None
    results: Sequence[tuple[str, Sequence[tuple[str, str, str, str]]]]
    documents: Sequence[tuple[str, str, str]]


def front(found: sqlite3.Connection, words: Words) -> Front:
    names = names_of("Country", words.language, withdrawn=True)
    counted = queries.countries(found)
    countries = [_named(each, names) for each in counted]
    dots = [
        Dot(
            country=each.code,
            label=each.name,
            value=Decimal(each.activities),
            shown=_activities(each.activities, words),
            address=f"/public/projects?country={quote(each.code)}",
        )
        for each in countries
    ]
    sums = years(queries.money(found))
    return Front(
        reporting=queries.reporting(found, words.language),
        activities=queries.count(found, Wanted()),
        updated=queries.newest(found)[:10],
        countries=countries,
        sectors=[_named(each, sector_names(words)) for each in queries.sectors(found)[:_SHOWN]],
        partners=queries.partners(found, words.language)[:_SHOWN],
        map=world(
            words.gettext(MAP),
            words.gettext(MAP_SAYS),
            dots,
        ),
        years=sums,
        picture=picture(sums, words),
    )


def listed(found: sqlite3.Connection, words: Words, wanted: Wanted, after: int) -> Listed:
    lines = list(queries.lines(found, wanted, words.language, after=after, most=queries.PAGE + 1))
    following = len(lines) > queries.PAGE
    lines = lines[: queries.PAGE]
    named = queries.partners(found, words.language, wanted.partner) if wanted.partner else []
    statuses = names_of("ActivityStatus", words.language, withdrawn=True)
    return Listed(
        lines=lines,
        count=queries.count(found, wanted),
        after=lines[-1].place if following else None,
        statuses={code: words.gettext(statuses.get(code, code)) for code in queries.statuses(found)},
        country=names_of("Country", words.language, withdrawn=True).get(wanted.country, wanted.country),
        sector=sector_names(words).get(wanted.sector, wanted.sector),
        partner=named[0].name if named else wanted.partner,
    )


def funder(found: sqlite3.Connection, words: Words, named: Counted) -> Funder:
    wanted = Wanted(partner=named.key)
    return Funder(
        key=named.key,
        name=named.name,
        activities=named.activities,
        years=years(queries.money(found, named.key)),
        lines=list(queries.lines(found, wanted, words.language)),
    )


def activity(found: Activity, words: Words) -> Shown:
    language = words.language
    roles = names_of("OrganisationRole", language, withdrawn=True)
    categories = names_of("DocumentCategory", language, withdrawn=True)
    sums = years(Sum(each.kind, each.day.year, each.currency, each.value) for each in found.amounts)
    return Shown(
        activity=found,
        title=said(found.title, language) or found.identifier,
        descriptions=[text for each in found.descriptions if (text := said(each, language))],
        reporting=said(found.reporting, language),
        status=words.gettext(names_of("ActivityStatus", language, withdrawn=True).get(found.status, found.status)),
        organisations=[
            (words.gettext(roles.get(each.role, each.role)), said(each.name, language) or each.ref)
            for each in found.organisations
        ],
        funders=[said(each.name, language) or each.ref for each in found.organisations if each.role == _FUNDING],
        countries=[
            *_parts(found.countries, names_of("Country", language, withdrawn=True)),
            *_parts(
                [each for each in found.regions if each.vocabulary == "1"], names_of("Region", language, withdrawn=True)
            ),
        ],
        sectors=_parts(
            [each for each in found.sectors if each.vocabulary in ("1", "2")],
            names_of("Sector", language, withdrawn=True) | sector_names(words),
        ),
        years=sums,
        picture=picture(sums, words),
        results=[
            (
                said(each.title, language),
                [
                    (
                        said(indicator.title, language),
                        " – ".join(words.day(day) for day in (period.start, period.end) if day is not None),
                        period.target,
                        period.actual,
                    )
                    for indicator in each.indicators
                    for period in indicator.periods
                ],
            )
            for each in found.results
        ],
        documents=[
            (
                said(each.title, language) or each.url,
                each.url if each.url.startswith(("https://", "http://")) else "",
                ", ".join(categories.get(code, code) for code in each.categories),
            )
            for each in found.documents
        ],
    )


def sector_names(words: Words) -> dict[str, str]:
    """Names of sector groups by their three digits."""
    return names_of("SectorCategory", words.language, withdrawn=True)


def _named(counted: Counted, names: Mapping[str, str]) -> Named:
    return Named(code=counted.key, name=names.get(counted.key, counted.key), activities=counted.activities)


def _activities(number: int, words: Words) -> str:
    return words.ngettext("%(num)s activity", "%(num)s activities", number) % {"num": words.number(number)}


def _parts(shares: Sequence[Shared], names: Mapping[str, str]) -> list[Part]:
    return [Part(name=names.get(each.code, each.code), percentage=each.percentage) for each in shares]


def years(sums: Iterable[Sum]) -> list[Year]:
    """Money by year, the newest first, and currency; kinds that the pages do not show are left out."""
    found: dict[tuple[int, str], Year] = {}
    for each in sums:
        if (name := _KINDS.get(each.kind)) is None:
            continue
        year = found.setdefault((each.year, each.currency), Year(year=each.year, currency=each.currency))
        year.amounts[name] = EXACT.add(year.amounts.get(name, Decimal(0)), each.amount)
    return [found[key] for key in sorted(found, key=lambda each: (-each[0], each[1]))]


def picture(sums: Sequence[Year], words: Words) -> Markup | None:
    """Spending of the last years in the currency that most of it is in; several are never added up."""
    spent = [each for each in reversed(sums) if "spent" in each.amounts]
    if not spent:
        return None
    counted = Counter(each.currency for each in spent)
    currency = max(sorted(counted), key=counted.__getitem__)
    columns = [
        Column(label=str(each.year), values=[each.amounts["spent"]], shown=words.compact(each.amounts["spent"]))
        for each in spent
        if each.currency == currency
    ][-_YEARS:]
    title = words.gettext(BY_YEAR) % {"currency": currency}
    return stacked(title, "", [title], columns)
