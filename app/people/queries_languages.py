"""In which language people are written to: as they chose for the pages, else as the organisation writes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import Session

from app.db.base import table
from app.db.organisation import Officer, Setup
from app.db.people import User
from app.language.i18n import LANGUAGES, USUAL, Words, words

_user, _officer, _setup = table(User).c, table(Officer).c, table(Setup).c


@dataclass(frozen=True, kw_only=True, slots=True)
class Languages:
    """The languages of some addresses."""

    #: of the organisation: for lists, units, and people who chose none
    usual: str = USUAL
    #: address in small letters → what its owner chose
    chosen: Mapping[str, str] = field(default_factory=dict)

    def of(self, address: str) -> Words:
        return words(self.chosen.get(address.lower(), self.usual))


def languages_of(session: Session, addresses: Collection[str]) -> Languages:
    """The languages in which these addresses are written to: of officers who sign in and chose one. Two statements."""
    usual: str | None = session.scalar(select(_setup.language))
    found = session.execute(
        select(func.lower(_officer.email).label("address"), _user.language)
        .join_from(table(User), table(Officer), _officer.id == _user.officer_id)
        .where(
            func.lower(_officer.email).in_(sorted({address.lower() for address in addresses})),
            _user.language.in_(sorted(LANGUAGES)),
            _user.archived_at.is_(None),
            _officer.archived_at.is_(None),
        )
        .order_by(_user.id)
    )
    return Languages(
        usual=usual if usual is not None and usual in LANGUAGES else USUAL,
        chosen={row.address: row.language for row in found},
    )
