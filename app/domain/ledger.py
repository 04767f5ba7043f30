"""Kinds of transaction, the names people write for them, and what a transaction is to the organisation.

Money that goes to the organisation itself, or comes from it, is an internal transfer: it is no expenditure, and in the
books of the whole it is received once. That holds for what a pool passes on, and for every disbursement whose receiver
is the organisation that reports it, whoever wrote the row down. ``app.db.ledger`` asks the same of the database.
"""

from collections.abc import Container
from dataclasses import dataclass
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
        if (found := _READ.get(text.lower())) is not None:
            return found
        raise ValueError(
            f"{text!r} is not a type of transaction: write one of {', '.join(kind.written for kind in cls)}."
        )


#: what is read, in small letters
_READ = {word: kind for kind in TransactionType for word in (kind.value, kind.written)}
#: types of which expenditure is made; disbursements only where they go to others
SPENDING = frozenset({TransactionType.EXPENDITURE, TransactionType.DISBURSEMENT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """The other side of a transaction, as far as it is known."""

    #: key of the organisation
    organisation: int | None = None
    #: identifier of its activity
    activity: str | None = None


NOBODY = Party()


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """By what the organisation that reports an activity recognises itself."""

    #: keys of the organisation, and of entries that name it without its identifier, in other letters, or as before
    organisations: frozenset[int]
    #: its identifiers; those of its activities begin with one of them and a hyphen
    identifiers: frozenset[str]
    #: identifiers of its activities that are kept here
    activities: Container[str]

    def is_itself(self, party: Party) -> bool:
        """Whether the party is the organisation: itself, by an activity kept here, or by the form of an identifier.

        The form decides only where no organisation is named: identifiers of others may begin alike.
        """
        if party.organisation in self.organisations:
            return True
        if not party.activity:
            return False
        if party.activity in self.activities:
            return True
        return party.organisation is None and any(party.activity.startswith(f"{own}-") for own in self.identifiers)


def is_internal(type_: str, house: House, *, provider: Party = NOBODY, receiver: Party = NOBODY) -> bool:
    """Whether a transaction moves money within the organisation: disbursed to itself, or received from itself."""
    if type_ == TransactionType.DISBURSEMENT:
        return house.is_itself(receiver)
    return type_ == TransactionType.INCOMING_FUNDS and house.is_itself(provider)
