"""Whose money an agreement is that funds a project: its partner, or several with the part of each."""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.money import Money, exact_sum
from app.domain.partners import Parts, parts_of
from app.publishing.exporting.rows import AgreementRow, EntryRow

#: an agreement with each of its partners, the first one first
Givers = list[AgreementRow]


def further_of(row: AgreementRow) -> Parts:
    """The partners of an agreement beside the first one, with what each gives of it."""
    return parts_of("", row["further_partners"])[1:]


def givers_of(rows: Iterable[AgreementRow]) -> dict[int, Givers]:
    """By agreement each of its partners once, whatever the number of its shares in the project."""
    found: dict[int, Givers] = {}
    for row in rows:
        known = found.setdefault(row["agreement_id"], [])
        if all(row["giver"] != each["giver"] for each in known):
            known.append(row)
    return found


def leading(rows: Iterable[AgreementRow]) -> dict[int, AgreementRow]:
    """By agreement the row of its first partner."""
    return {key: some[0] for key, some in givers_of(rows).items()}


def is_shared(entry: EntryRow, givers: Givers) -> bool:
    """Whether a posting under an agreement of several partners is the money of all of them, since it names none."""
    return len(givers) > 1 and entry.provider_id is None and not entry.internal


def split(amount: Decimal, currency: str, givers: Givers) -> list[tuple[AgreementRow, Decimal]]:
    """An amount as its partners give it, in the units of its currency; the first one takes what rounding leaves."""
    further = dict(further_of(givers[0]))
    parts = [(each, Money(amount, currency).times(further[each["giver"]]).rounded()) for each in givers[1:]]
    return [(givers[0], amount - exact_sum(part for _, part in parts)), *parts]
