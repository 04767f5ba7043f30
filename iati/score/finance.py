"""Finance and budgets."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from lxml import etree

from iati.score.facts import (
    COMMITMENT,
    DISBURSEMENT,
    EXPENDITURE,
    Activity,
    Organisation,
    amount_of,
    day_of,
)
from iati.score.indicator import Component, Indicator

#: A budget by the year, or by the quarter, may not be longer than this: end minus start.
ANNUAL_DAYS, QUARTERLY_DAYS = 370, 94
#: Aid that goes into the partner government's own budget, and the donor's own administration.
_BUDGET_SUPPORT = {"A01", "A02"}
_ADMINISTRATION = "G01"
#: Sector codes too general to be matched with a line of a government's budget.
_GENERAL_SECTORS = frozenset(
    {
        "15110",
        "15111",
        "15112",
        "15114",
        "15130",
        "16010",
        "16061",
        "21010",
        "21020",
        "22010",
        "23110",
        "43010",
        "43030",
    }
    | {"43040", "43050", "43081", "43082", "52010", "99810"}
)
_DAC = (None, "1")


def _ends_in_year(budgets: Iterable[etree._Element], years: int, as_of: date) -> bool:
    """Whether a budget ends in the given year of 365 days from now, both limits included."""
    first = as_of + timedelta(days=365 * (years - 1))
    last = first + timedelta(days=365)
    return any((end := day_of(budget.find("period-end"))) is not None and first <= end <= last for budget in budgets)


def total_budget_one_year_ahead(organisation: Organisation) -> bool:
    """A total budget ends within the 365 days from now."""
    return _ends_in_year(organisation.all("total-budget"), 1, organisation.setting.as_of)


def total_budget_two_years_ahead(organisation: Organisation) -> bool:
    """A total budget ends in the second year of 365 days from now."""
    return _ends_in_year(organisation.all("total-budget"), 2, organisation.setting.as_of)


def total_budget_three_years_ahead(organisation: Organisation) -> bool:
    """A total budget ends in the third year of 365 days from now."""
    return _ends_in_year(organisation.all("total-budget"), 3, organisation.setting.as_of)


def country_budget_one_year_ahead(organisation: Organisation) -> bool:
    """A budget for a recipient country ends within the 365 days from now."""
    return _ends_in_year(organisation.all("recipient-country-budget"), 1, organisation.setting.as_of)


def country_budget_two_years_ahead(organisation: Organisation) -> bool:
    """A budget for a recipient country ends in the second year of 365 days from now."""
    return _ends_in_year(organisation.all("recipient-country-budget"), 2, organisation.setting.as_of)


def country_budget_three_years_ahead(organisation: Organisation) -> bool:
    """A budget for a recipient country ends in the third year of 365 days from now."""
    return _ends_in_year(organisation.all("recipient-country-budget"), 3, organisation.setting.as_of)


def _has_forward_budget(activity: Activity, longest: int) -> bool | None:
    if not activity.has_begun or _ADMINISTRATION in activity.default_aid_types or not activity.goes_on:
        return None
    return any(days <= longest for days in activity.coming_budgets)


def budget_by_year(activity: Activity) -> bool | None:
    """A budget or planned disbursement for a period of at most 370 days that is not over yet.

    Asked of activities that end six months from now or later.
    """
    return _has_forward_budget(activity, ANNUAL_DAYS)


def budget_by_quarter(activity: Activity) -> bool | None:
    """A budget or planned disbursement for a period of at most 94 days that is not over yet.

    Asked of activities that end six months from now or later.
    """
    return _has_forward_budget(activity, QUARTERLY_DAYS)


def budget_document(activity: Activity) -> bool | None:
    """A document of category A05 (budget). Not asked of budget support and administration."""
    if not _is_aligned(activity):
        return None
    return "A05" in activity.document_categories


def _has_amount(activity: Activity, *types: str) -> bool | None:
    if not activity.has_begun:
        return None
    return any(amount_of(transaction) for transaction in activity.of_types(*types))


def commitment(activity: Activity) -> bool | None:
    """An outgoing commitment (transaction type 2) whose amount is not zero."""
    return _has_amount(activity, COMMITMENT)


def spending(activity: Activity) -> bool | None:
    """A disbursement or expenditure (transaction type 3 or 4) whose amount is not zero."""
    return _has_amount(activity, DISBURSEMENT, EXPENDITURE)


def _is_aligned(activity: Activity) -> bool:
    """Whether the alignment with a government's budget is a question for this activity."""
    excluded = {*_BUDGET_SUPPORT, _ADMINISTRATION}
    return (
        activity.has_begun
        and not activity.default_aid_types & excluded
        and not activity.transaction_aid_types & _BUDGET_SUPPORT
    )


def capital_spend(activity: Activity) -> bool | None:
    """The share of capital spending is stated. Not asked of budget support and administration."""
    return bool(activity.all("capital-spend")) if _is_aligned(activity) else None


def detailed_purpose(activity: Activity) -> bool | None:
    """A DAC purpose code for the activity or for each transaction, and none of those too general for a budget line.

    Not asked of budget support and administration.
    """
    if not _is_aligned(activity):
        return None
    own = _dac_codes(activity.all("sector"))
    transactions = activity.all("transaction") if activity.has_in_transactions("sector") else []
    by_transaction = [_dac_codes(transaction.iterfind("sector")) for transaction in transactions]
    general = any(code in _GENERAL_SECTORS for code in [*own, *(code for codes in by_transaction for code in codes)])
    return not general and (
        _any_is_purpose(activity, own)
        or (bool(by_transaction) and all(_any_is_purpose(activity, codes) for codes in by_transaction))
    )


def _dac_codes(sectors: Iterable[etree._Element]) -> list[str]:
    return [str(sector.get("code", "")) for sector in sectors if sector.get("vocabulary") in _DAC]


def _any_is_purpose(activity: Activity, codes: list[str]) -> bool:
    return any(activity.setting.is_on("Sector", [code]) for code in codes)


_TOTAL = (total_budget_one_year_ahead, total_budget_two_years_ahead, total_budget_three_years_ahead)
_COUNTRY = (country_budget_one_year_ahead, country_budget_two_years_ahead, country_budget_three_years_ahead)

INDICATORS = (
    *(
        Indicator(id=key, name=name, component=Component.FINANCE, weight=Decimal("4.17"), organisation_tests=tests)
        for key, name, tests in (
            ("total-budget", "Total organisation budget", _TOTAL),
            ("country-budgets", "Budgets for recipient countries", _COUNTRY),
        )
    ),
    *(
        Indicator(id=key, name=name, component=Component.FINANCE, weight=Decimal("3.33"), activity_tests=tests)
        for key, name, tests in (
            ("project-budget", "Project budget", (budget_by_year, budget_by_quarter)),
            ("budget-document", "Project budget document", (budget_document,)),
            ("commitments", "Commitments", (commitment,)),
            ("spending", "Disbursements and expenditures", (spending,)),
            ("budget-alignment", "Budget alignment", (capital_spend, detailed_purpose)),
        )
    ),
)
