"""Several partners on one agreement: who they are, and whether they may sign."""

from decimal import Decimal

from sqlmodel import Session

from app.db.base import key
from app.db.funding import Agreement
from app.db.lookups import row_by
from app.db.partners import Partner
from app.domain.money import exact_sum, plain
from app.domain.partners import codes_of, read_part, write_part
from app.inputs import FaultList

_FIELD = "further_partners"


def checked(session: Session, texts: list[str] | None, first: str, found: FaultList) -> tuple[list[str], list[Partner]]:
    """Further partners in one form, and their records; what cannot be is noted."""
    kept: dict[str, Decimal] = {}
    partners: list[Partner] = []
    for place, text in enumerate(texts or ()):
        part = read_part(text)
        if part is None:
            message = f"“{text}” names no partner with its percentage: write SWE:40, between 0 and 100."
            found.add(f"{_FIELD}/{place}", "agreement.partner-part", message)
            continue
        code, percent = part
        partner = row_by(session, Partner, "code", code)
        if partner is None:
            found.add(f"{_FIELD}/{place}", "partner.unknown", f"There is no partner {code}.")
        elif code == first or code in kept:
            message = f"{code} is named already: each partner of an agreement stands once."
            found.add(f"{_FIELD}/{place}", "agreement.partner-twice", message)
        else:
            kept[code] = percent
            partners.append(partner)
    together = exact_sum(kept.values())
    if together >= 100:
        message = f"The further partners give {plain(together)} % together: nothing is left for {first}."
        found.add(_FIELD, "agreement.partner-parts", message)
    return [write_part(code, percent) for code, percent in kept.items()], partners


def keys_of(session: Session, agreement: Agreement) -> set[int]:
    """Keys of the partners of an agreement, the first among them."""
    found = [row_by(session, Partner, "code", code) for code in codes_of(agreement.further_partners)]
    return {agreement.partner_id, *(key(row) for row in found if row is not None)}
