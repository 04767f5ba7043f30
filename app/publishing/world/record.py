"""A published activity as a reader sees it, read from the bytes of the published file and from nothing else."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from iati.source import Fragment, parse_record

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: language → text; the language is empty where the file names none
Texts = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """A code and its part of the activity in percent; None: the whole of it, or not said."""

    code: str
    percentage: Decimal | None
    vocabulary: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """An organisation with what it does in the activity (code of OrganisationRole)."""

    role: str
    ref: str
    name: Texts


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """A budget or a transaction."""

    #: ``budget``, or the code of TransactionType
    kind: str
    day: dt.date
    value: Decimal
    currency: str
    provider_ref: str = ""
    provider: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Target and actual value of an indicator in a period, as written."""

    start: dt.date | None
    end: dt.date | None
    target: str
    actual: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    title: Texts
    periods: tuple[Period, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    title: Texts
    type: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    title: Texts
    url: str
    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """A published activity."""

    identifier: str
    title: Texts
    descriptions: tuple[Texts, ...]
    status: str
    reporting: Texts
    #: code of ActivityDateType → day
    dates: Mapping[str, dt.date]
    updated: str
    organisations: tuple[Organisation, ...]
    countries: tuple[Shared, ...]
    regions: tuple[Shared, ...]
    sectors: tuple[Shared, ...]
    amounts: tuple[Amount, ...]
    results: tuple[Result, ...]
    documents: tuple[Document, ...]

    @property
    def starts(self) -> dt.date | None:
        """The day on which it began, or was to begin."""
        return self.dates.get("2") or self.dates.get("1")

    @property
    def ends(self) -> dt.date | None:
        return self.dates.get("4") or self.dates.get("3")


def read(xml: bytes) -> Activity:
    """The activity of a record's bytes."""
    root = parse_record(Fragment(xml, 1, 0))
    language, currency = root.get(_LANG) or "", root.get("default-currency") or ""
    return Activity(
        identifier=_text(root, "iati-identifier"),
        title=_texts(root.find("title"), language),
        descriptions=tuple(_texts(each, language) for each in root.findall("description")),
        status=_code(root, "activity-status"),
        reporting=_texts(root.find("reporting-org"), language),
        dates={
            str(each.get("type")): day
            for each in root.findall("activity-date")
            if (day := _day(each.get("iso-date"))) is not None
        },
        updated=root.get("last-updated-datetime") or "",
        organisations=tuple(
            Organisation(role=each.get("role") or "", ref=each.get("ref") or "", name=_texts(each, language))
            for each in root.findall("participating-org")
        ),
        countries=tuple(_shared(root, "recipient-country")),
        regions=tuple(_shared(root, "recipient-region")),
        sectors=tuple(_shared(root, "sector")),
        amounts=tuple(_amounts(root, currency)),
        results=tuple(_result(each, language) for each in root.findall("result")),
        documents=tuple(
            Document(
                title=_texts(each.find("title"), language),
                url=each.get("url") or "",
                categories=tuple(str(found.get("code")) for found in each.findall("category") if found.get("code")),
            )
            for each in root.findall("document-link")
        ),
    )


def _text(parent: etree._Element, name: str) -> str:
    return (parent.findtext(name) or "").strip()


def _code(parent: etree._Element, name: str) -> str:
    found = parent.find(name)
    return "" if found is None else found.get("code") or ""


def _texts(parent: etree._Element | None, language: str) -> Texts:
    """The narratives by language; the first of each counts."""
    found: dict[str, str] = {}
    for each in () if parent is None else parent.findall("narrative"):
        if text := " ".join(str(each.xpath("string()")).split()):
            found.setdefault((each.get(_LANG) or language).lower(), text)
    return found


def _day(written: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat((written or "")[:10])
    except ValueError:
        return None


def _number(written: str | None) -> Decimal | None:
    try:
        number = Decimal((written or "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shared(root: etree._Element, name: str) -> Iterator[Shared]:
    for each in root.findall(name):
        if code := each.get("code"):
            yield Shared(
                code=code, percentage=_number(each.get("percentage")), vocabulary=each.get("vocabulary") or "1"
            )


def _amounts(root: etree._Element, currency: str) -> Iterator[Amount]:
    for each in (*root.findall("budget"), *root.findall("transaction")):
        value = each.find("value")
        is_budget = each.tag == "budget"
        at = each.find("period-start" if is_budget else "transaction-date")
        day = None if at is None else _day(at.get("iso-date"))
        number = None if value is None else _number(value.text)
        if value is None or number is None or day is None:
            continue
        provider = each.find("provider-org")
        yield Amount(
            kind="budget" if is_budget else _code(each, "transaction-type"),
            day=day,
            value=number,
            currency=value.get("currency") or currency,
            provider_ref="" if provider is None else provider.get("ref") or "",
            provider="" if provider is None else said(_texts(provider, ""), "en"),
        )


def _result(element: etree._Element, language: str) -> Result:
    return Result(
        title=_texts(element.find("title"), language),
        type=element.get("type") or "",
        indicators=tuple(
            Indicator(
                title=_texts(each.find("title"), language),
                periods=tuple(_period(period) for period in each.findall("period")),
            )
            for each in element.findall("indicator")
        ),
    )


def _period(element: etree._Element) -> Period:
    start, end, target, actual = (element.find(name) for name in ("period-start", "period-end", "target", "actual"))
    return Period(
        start=None if start is None else _day(start.get("iso-date")),
        end=None if end is None else _day(end.get("iso-date")),
        target="" if target is None else target.get("value") or "",
        actual="" if actual is None else actual.get("value") or "",
    )


def said(texts: Texts, language: str) -> str:
    """The text in a language, else in English, else in whichever there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
