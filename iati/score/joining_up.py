"""Joining-up development data."""

from collections.abc import Iterable
from decimal import Decimal

from lxml import etree

from iati.score.facts import COMMITMENT, DISBURSEMENT, Activity
from iati.score.indicator import Component, Indicator

IMPLEMENTING = "4"
_BUDGET_SUPPORT = {"A01", "A02"}


def _codes(activity: Activity, default: str, own: str, *, by_vocabulary: bool = False) -> list[str]:
    """The codes of the activity's default and of its transactions; where there are vocabularies, of the DAC's only."""
    elements = [*activity.all(default), *activity.all_in_transactions(own)]
    return [
        str(each.get("code", "")) for each in elements if not by_vocabulary or each.get("vocabulary") in {None, "1"}
    ]


def _stated(activity: Activity, default: str, own: str) -> bool | None:
    if not activity.has_begun:
        return None
    return bool(activity.all(default)) or activity.has_in_transactions(own)


def _valid(activity: Activity, codelist: str, codes: list[str]) -> bool | None:
    return activity.setting.is_on(codelist, codes) if activity.has_begun else None


def flow_type(activity: Activity) -> bool | None:
    """A flow type, for the activity or in a transaction."""
    return _stated(activity, "default-flow-type", "flow-type")


def flow_type_codes(activity: Activity) -> bool | None:
    """Every flow type is on the list, and there is one."""
    return _valid(activity, "FlowType", _codes(activity, "default-flow-type", "flow-type"))


def aid_type(activity: Activity) -> bool | None:
    """An aid type, for the activity or in a transaction."""
    return _stated(activity, "default-aid-type", "aid-type")


def aid_type_codes(activity: Activity) -> bool | None:
    """Every aid type of the DAC vocabulary is on the list, and there is one."""
    return _valid(activity, "AidType", _codes(activity, "default-aid-type", "aid-type", by_vocabulary=True))


def finance_type(activity: Activity) -> bool | None:
    """A finance type, for the activity or in a transaction."""
    return _stated(activity, "default-finance-type", "finance-type")


def finance_type_codes(activity: Activity) -> bool | None:
    """Every finance type is on the list, and there is one."""
    return _valid(activity, "FinanceType", _codes(activity, "default-finance-type", "finance-type"))


def tied_status(activity: Activity) -> bool | None:
    """It is stated whether the aid is tied, for the activity or in a transaction."""
    return _stated(activity, "default-tied-status", "tied-status")


def tied_status_codes(activity: Activity) -> bool | None:
    """Every tied status is on the list, and there is one."""
    return _valid(activity, "TiedStatus", _codes(activity, "default-tied-status", "tied-status"))


def implementer(activity: Activity) -> bool | None:
    """An implementing organisation (role 4)."""
    return IMPLEMENTING in activity.values("participating-org", "role") if activity.has_begun else None


def _all_have_reference(organisations: Iterable[etree._Element | None]) -> bool:
    given = [each is not None and bool(str(each.get("ref") or "").strip()) for each in organisations]
    return bool(given) and all(given)


def participant_references(activity: Activity) -> bool:
    """Every participating organisation is named by its identifier, and there is one.

    The index also looks whether the identifiers are registered; the files alone do not tell.
    """
    return _all_have_reference(activity.all("participating-org"))


def receiver_references(activity: Activity) -> bool | None:
    """Every commitment and disbursement (transaction type 2 and 3) names its receiver by identifier.

    Asked of activities that have such transactions.
    """
    transactions = list(activity.of_types(COMMITMENT, DISBURSEMENT))
    if not transactions:
        return None
    return _all_have_reference(transaction.find("receiver-org") for transaction in transactions)


def _buys(activity: Activity) -> bool:
    """Whether something is bought: budget support, core contributions and administration buy nothing."""
    return (
        activity.has_begun
        and not activity.default_aid_types & {*_BUDGET_SUPPORT, "B02", "G01"}
        and not activity.transaction_aid_types & {*_BUDGET_SUPPORT, "B02"}
    )


def contract(activity: Activity) -> bool | None:
    """A document of category A06 or A11 (contracts). Not asked of aid that buys nothing."""
    return bool(activity.document_categories & {"A06", "A11"}) if _buys(activity) else None


def tender(activity: Activity) -> bool | None:
    """A document of category A10 (tenders). Not asked of aid that buys nothing."""
    return "A10" in activity.document_categories if _buys(activity) else None


INDICATORS = tuple(
    Indicator(id=key, name=name, component=Component.JOINING_UP, weight=Decimal(weight), activity_tests=tests)
    for key, name, weight, tests in (
        ("flow-type", "Flow type", "3.00", (flow_type, flow_type_codes)),
        ("aid-type", "Aid type", "3.00", (aid_type, aid_type_codes)),
        ("finance-type", "Finance type", "3.00", (finance_type, finance_type_codes)),
        ("tied-status", "Tied aid status", "3.00", (tied_status, tied_status_codes)),
        ("implementer", "Implementer", "2.00", (implementer,)),
        ("participants", "References of participating organisations", "2.00", (participant_references,)),
        ("receivers", "References of receivers in transactions", "1.00", (receiver_references,)),
        ("contracts", "Contracts", "2.00", (contract,)),
        ("tenders", "Tenders", "1.00", (tender,)),
    )
)
