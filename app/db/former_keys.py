"""Keys from before they were taken as people see them: with invisible characters, or letters put together otherwise.

Whoever types such a key does not find its record, since every door looks for it as it is seen. They are found here,
and brought into that form where no other record has it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import Session

from app.db.base import Row, table
from app.db.evaluations import Evaluation, Recommendation
from app.db.funding import Agreement, EarmarkingPreset, FrameworkAgreement
from app.db.naming import framework_of_partners
from app.db.organisation import Officer, Unit
from app.db.partners import Organisation, Partner
from app.db.projects import Project
from app.db.renamed import (
    OF_PROJECTS,
    agreement_called_otherwise,
    called_otherwise,
    officer_called_otherwise,
    partner_called_otherwise,
    preset_called_otherwise,
)
from app.db.spending import AssistanceType, Encumbrance, LedgerEntry
from app.domain.evaluation.terms import Obliged
from app.domain.keys import named, seen_or_as_it_is

#: where keys stand; rows of the ledger stay as they are posted
_KEYS: tuple[tuple[type[Row], str], ...] = (
    (Unit, "code"), (Officer, "code"), (Partner, "code"), (Organisation, "identifier"), (Project, "code"),
    (Agreement, "reference"), (FrameworkAgreement, "code"), (EarmarkingPreset, "code"), (Evaluation, "reference"),
    (Recommendation, "reference"), (AssistanceType, "code"), (Encumbrance, "document"), (LedgerEntry, "document"),
)  # fmt: skip
#: what calls records by these keys, and goes with them
_FOLLOWED: dict[str, Callable[[Session, str, str], None]] = {
    "units": lambda session, before, after: called_otherwise(session, (Obliged.UNIT,), before, after),
    "projects": lambda session, before, after: called_otherwise(session, OF_PROJECTS, before, after),
    "officers": officer_called_otherwise,
    "partners": partner_called_otherwise,
    "agreements": agreement_called_otherwise,
    "framework_agreements": framework_of_partners,
    "earmarking_presets": preset_called_otherwise,
}
#: only what holds such a character, or begins or ends with a space, has to be looked at
_SUSPECT = "[^ -~]"


@dataclass(frozen=True, kw_only=True, slots=True)
class FormerKey:
    """A key that nobody sees as it is kept."""

    table: str
    column: str
    row_id: int
    kept: str
    seen: str
    #: another record has the key that is seen, or the row stays as it is
    stays: str

    def as_sentence(self) -> str:
        odd = [named(each) for each in dict.fromkeys(self.kept) if each not in self.seen]
        why = f"it holds {', '.join(odd)}" if odd else "spaces stand round it or its letters are put together otherwise"
        noun = self.table.replace("_", " ")
        return f"{noun}: the {self.column} seen as “{self.seen}” is kept otherwise ({why}){self.stays}."


def former_keys(session: Session) -> Iterator[FormerKey]:
    """Every key that is kept otherwise than it is seen."""
    for row_class, column in _KEYS:
        row = table(row_class).c
        key = row[column]
        found = session.execute(
            select(row.id, key.label("kept"))
            .where(or_(key.regexp_match(_SUSPECT), key.startswith(" "), key.endswith(" ")))
            .order_by(row.id)
        ).all()
        for each in found:
            as_seen = seen_or_as_it_is(each.kept)
            if as_seen == each.kept:
                continue
            taken = session.execute(select(row.id).where(key == as_seen).limit(1)).first() is not None
            stays = ", and another one has that key: bring the two together by hand" if taken else ""
            if row_class is LedgerEntry:
                stays = ", and stays so, since it is posted"
            yield FormerKey(
                table=str(row_class.__tablename__),
                column=column,
                row_id=each.id,
                kept=each.kept,
                seen=as_seen,
                stays=stays,
            )


def mend_keys(session: Session) -> list[FormerKey]:
    """Brings keys into the form in which they are seen, where nothing stands against it; gives all that were found."""
    found = list(former_keys(session))
    classes = {str(row_class.__tablename__): row_class for row_class, _ in _KEYS}
    for each in found:
        if not each.stays:
            setattr(session.get_one(classes[each.table], each.row_id), each.column, each.seen)
            session.flush()
            if (follow := _FOLLOWED.get(each.table)) is not None:
                follow(session, each.kept, each.seen)
    return found
