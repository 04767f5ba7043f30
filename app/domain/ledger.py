"""Kinds of transaction: the codes of IATI and the names people write for them."""

from enum import StrEnum


class TransactionType(StrEnum):
    """IATI transaction type; the value is its code."""

    INCOMING_FUNDS = "1"
    OUTGOING_COMMITMENT = "2"
    DISBURSEMENT = "3"
    EXPENDITURE = "4"
    INTEREST_PAYMENT = "5"
    LOAN_REPAYMENT = "6"
    REIMBURSEMENT = "7"
    PURCHASE_OF_EQUITY = "8"
    SALE_OF_EQUITY = "9"
    CREDIT_GUARANTEE = "10"
    INCOMING_COMMITMENT = "11"
    OUTGOING_PLEDGE = "12"
    INCOMING_PLEDGE = "13"

    @property
    def written(self) -> str:
        """The name in kebab case, such as ``incoming-funds``."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def read(cls, text: str) -> "TransactionType":
        """From a code or a name in kebab case; ``ValueError`` names what is known."""
        text = text.strip()
        for kind in cls:
            if text.lower() in (kind.value, kind.written):
                return kind
        raise ValueError(
            f"{text!r} is not a type of transaction: write one of {', '.join(kind.written for kind in cls)}."
        )
