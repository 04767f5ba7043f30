"""Hands the codelists of the standard to the rules that ask for them."""

from app.domain.codes import KnownCode
from iati import codelists


def code_checker() -> KnownCode:
    """Tells whether a codelist holds a code; withdrawn codes are known too."""

    def known(list_name: str, code: str, /) -> bool:
        return code in codelists.code_set(list_name)

    return known
