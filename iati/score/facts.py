"""What the tests ask about one activity or organisation, read off its element once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from lxml import etree

from iati import codelists
from iati.lexical import LexicalError, parse_date, parse_decimal

#: Money that goes out: commitments, disbursements, expenditure.
COMMITMENT, DISBURSEMENT, EXPENDITURE = "2", "3", "4"

#: what tests ask of transactions
_OF_TRANSACTIONS = ("transaction-type", "flow-type", "aid-type", "finance-type", "tied-status", "sector")

#: days that are less than twelve months, and days that are six months or more, whatever the months
_BELOW_A_YEAR, _HALF_A_YEAR = timedelta(days=364), timedelta(days=184)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the tests depend on beside the files."""

    as_of: date
    data_dir: Path | None = None  #: where the user's refreshed codelists lie

    @cached_property
    def _lists(self) -> dict[str, frozenset[str]]:
        """The codelists that were asked for: the tests of one run all see the same ones."""
        return {}

    def is_on(self, codelist: str, codes: Iterable[str]) -> bool:
        """Whether there are codes and every one of them is on the list."""
        known = self._lists.get(codelist)
        if known is None:
            known = self._lists[codelist] = codelists.code_set(codelist, data_dir=self.data_dir)
        given = set(codes)
        return bool(given) and given <= known


class Record:
    """One record of a file."""

    #: name of the child that holds the identifier
    identifier_tag = ""

    def __init__(self, element: etree._Element, setting: Setting) -> None:
        self.setting = setting
        self.children = by_name((element,))

    def all(self, name: str) -> list[etree._Element]:
        """The children of one name."""
        return self.children.get(name, [])

    def values(self, name: str, attribute: str) -> list[str]:
        """An attribute of all children of one name, where it is given."""
        return [str(value) for child in self.all(name) if (value := child.get(attribute)) is not None]

    @cached_property
    def identifier(self) -> str:
        """The record's identifier, white space collapsed; empty when it has none."""
        return next((" ".join((child.text or "").split()) for child in self.all(self.identifier_tag)), "")

    @cached_property
    def document_categories(self) -> frozenset[str]:
        """The categories of the documents that the record links to."""
        return frozenset(
            str(category.get("code")) for link in self.all("document-link") for category in link.iterfind("category")
        )


class Organisation(Record):
    """One organisation of an organisation file."""

    identifier_tag = "organisation-identifier"


class Activity(Record):
    """One activity."""

    identifier_tag = "iati-identifier"

    def __init__(self, element: etree._Element, setting: Setting) -> None:
        super().__init__(element, setting)
        self._element = element
        #: until when, at least, every answer that was given stays the same, for days to come; None: for good
        self.until: date | None = None

    def _stays_until(self, day: date) -> None:
        """An answer that was given stays the same until this day, or for today where it lies in the past."""
        day = max(day, self.setting.as_of)
        self.until = day if self.until is None else min(self.until, day)

    @cached_property
    def statuses(self) -> list[str]:
        """The activity's status; more than one or none in files that break the schema."""
        return self.values("activity-status", "code")

    @cached_property
    def publisher(self) -> str:
        """The reporting organisation's identifier."""
        return next(iter(self.values("reporting-org", "ref")), "")

    @cached_property
    def default_aid_types(self) -> frozenset[str]:
        """Types of aid of the activity as a whole."""
        return frozenset(self.values("default-aid-type", "code"))

    @cached_property
    def transaction_aid_types(self) -> frozenset[str]:
        """Types of aid that its transactions state for themselves."""
        return frozenset(self.in_transactions("aid-type", "code"))

    @cached_property
    def transactions(self) -> list[tuple[str, etree._Element]]:
        """(type, transaction) for each one; the type is empty when it is not given."""
        types = {each.getparent(): str(each.get("code", "")) for each in reversed(self._types)}
        return [(types.get(each, ""), each) for each in self.all("transaction")]

    @property
    def _types(self) -> list[etree._Element]:
        """The types of all transactions; the first of a transaction counts."""
        return self.all_in_transactions("transaction-type")

    @cached_property
    def of_transactions(self) -> dict[str, list[etree._Element]]:
        """Those children of all transactions that tests ask for, by name, without a look at the others."""
        found: dict[str, list[etree._Element]] = {name: [] for name in _OF_TRANSACTIONS}
        record = self._element
        for child in record.iter(*_OF_TRANSACTIONS):
            parent = child.getparent()
            if parent is not None and parent.tag == "transaction" and parent.getparent() is record:
                found[child.tag].append(child)
        return found

    def all_in_transactions(self, name: str) -> list[etree._Element]:
        """The children of one name of all transactions; raises KeyError for one that no test asks for."""
        return self.of_transactions[name]

    def in_transactions(self, name: str, attribute: str) -> list[str]:
        """An attribute of the children of one name of all transactions."""
        return [str(value) for child in self.all_in_transactions(name) if (value := child.get(attribute)) is not None]

    def has_in_transactions(self, name: str) -> bool:
        """Whether any transaction has a child of that name."""
        return bool(self.of_transactions[name])

    def of_types(self, *types: str) -> Iterator[etree._Element]:
        """The transactions of some types."""
        return (transaction for kind, transaction in self.transactions if kind in types)

    def dates(self, *types: str) -> list[date]:
        """The activity's dates of some types; dates that cannot be read are left out."""
        return [
            day for each in self.all("activity-date") if each.get("type") in types and (day := day_of(each)) is not None
        ]

    @cached_property
    def coming_budgets(self) -> list[int]:
        """Days from first to last of each budget and planned disbursement that is not over yet."""
        periods = [
            (day_of(budget.find("period-start")), day_of(budget.find("period-end")))
            for budget in (*self.all("budget"), *self.all("planned-disbursement"))
        ]
        found = []
        for start, end in periods:
            if start is not None and end is not None and max(start, end) >= self.setting.as_of:
                self._stays_until(max(start, end))
                found.append((end - start).days)
        return found

    @cached_property
    def goes_on(self) -> bool:
        """Whether it ends six months from now or later."""
        end = max(self.dates("3", "4"), default=None)
        if end is None or not at_least_months_ahead(end, 6, self.setting.as_of):
            return False
        self._stays_until(end - _HALF_A_YEAR)
        return True

    @cached_property
    def is_current(self) -> bool:
        """Under way, or ended less than twelve months ago or later, or with money moved in the last twelve months."""
        if "2" in self.statuses:
            return True
        days = self.dates("3", "4")
        for transaction in self.of_types(COMMITMENT, DISBURSEMENT, EXPENDITURE):
            day = day_of(transaction.find("transaction-date"))
            if day is not None:
                days.append(day)
        newest = max(days, default=None)
        if newest is None or not less_than_months_ago(newest, 12, self.setting.as_of):
            return False
        self._stays_until(min(newest, date.max - _BELOW_A_YEAR) + _BELOW_A_YEAR)
        return True

    def has_status(self, *statuses: str) -> bool:
        """Whether the activity has one of some statuses; one that states none may have any."""
        return not self.statuses or any(status in statuses for status in self.statuses)

    @cached_property
    def has_begun(self) -> bool:
        """Under way, being finished, or closed: not in the pipeline, cancelled or suspended."""
        return self.has_status("2", "3", "4")


def by_name(elements: Iterable[etree._Element]) -> dict[str, list[etree._Element]]:
    """The children of some elements, by name."""
    found: dict[str, list[etree._Element]] = {}
    for element in elements:
        for child in element:
            name = child.tag
            alike = found.get(name) if isinstance(name, str) else []
            if alike is None:
                found[name] = [child]
            else:
                alike.append(child)
    return found


def day_of(element: etree._Element | None) -> date | None:
    """The day in ``iso-date``, None when it is absent or cannot be read."""
    try:
        return parse_date(None if element is None else element.get("iso-date"))
    except LexicalError:
        return None


def amount_of(element: etree._Element) -> Decimal | None:
    """The amount in the child ``value``, None when it is absent or cannot be read."""
    try:
        return parse_decimal(element.findtext("value"))
    except LexicalError:
        return None


def months_away(day: date, months: int) -> tuple[int, int, int]:
    """The day so many months later (or earlier), to compare with; its day of the month may exceed the month's length.

    Comparing like this, a month ends when the same day of the next month is reached, whatever the months' lengths.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month + 1, day.day


def less_than_months_ago(day: date, months: int, as_of: date) -> bool:
    """Whether a day is in the future or so near in the past; exactly so many months ago is too long ago."""
    return (day.year, day.month, day.day) > months_away(as_of, -months)


def at_least_months_ahead(day: date, months: int, as_of: date) -> bool:
    """Whether a day is so far in the future; exactly so many months ahead is enough."""
    return (day.year, day.month, day.day) >= months_away(as_of, months)


def longest_narrative(elements: Iterable[etree._Element]) -> int:
    """The length in characters of the longest text among the elements' narratives, blanks around it not counted."""
    return max(
        (len((narrative.text or "").strip()) for element in elements for narrative in element.iterfind("narrative")),
        default=0,
    )
