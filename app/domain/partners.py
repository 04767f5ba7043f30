"""Several partners on one agreement: the first one gives what the others do not."""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.money import EXACT, exact_sum, plain
from app.domain.notation import read_number

#: partner → the part of the money that it gives, a fraction of one
Parts = tuple[tuple[str, Decimal], ...]


def read_part(text: str) -> tuple[str, Decimal] | None:
    """Code and percentage of ``SWE:40``; None for what is none."""
    code, sign, percent = text.rpartition(":")
    figure = read_number(percent.strip().removesuffix("%").strip()) if sign else None
    if not code.strip() or not isinstance(figure, Decimal) or not 0 < figure < 100:
        return None
    return code.strip(), figure


def codes_of(further: Iterable[str]) -> list[str]:
    """Codes of the partners beside the first one."""
    return [part[0] for text in further if (part := read_part(text)) is not None]


def write_part(code: str, percent: Decimal) -> str:
    return f"{code}:{plain(percent)}"


def parts_of(first: str, further: Iterable[str]) -> Parts:
    """What each partner of an agreement gives of it; together one."""
    read = [part for text in further if (part := read_part(text)) is not None]
    others = [(code, percent.scaleb(-2)) for code, percent in read]
    rest = EXACT.subtract(Decimal(1), exact_sum(part for _, part in others))
    return ((first, rest), *others)


def portion(parts: Parts, code: str, payer: str | None = None) -> Decimal:
    """The part of a partner: of what one of the partners paid by itself, all or nothing; else that agreed on."""
    known = dict(parts)
    if payer in known:
        return Decimal(payer == code)
    return known.get(code, Decimal(0))
