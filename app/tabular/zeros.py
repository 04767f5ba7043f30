"""Codes that nobody knows but for their zeros or capital letters: asked back with the one that may be meant."""

from dataclasses import replace

from sqlmodel import Session

from app.domain.keys import without_marks
from app.errors import Fault
from app.tabular import queries
from app.tabular.cells import CellValue, SheetCell


class LostZeros:
    """Looks up what a code that nobody knows may have been; each code once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._found: dict[tuple[str, str], str] = {}

    def asked(self, fault: Fault, cell: CellValue | None) -> Fault:
        """The fault; of a code that would be known with zeros before it, with the question whether that is meant."""
        code = cell.shown if isinstance(cell, SheetCell) else without_marks(cell) if isinstance(cell, str) else ""
        if fault.rule not in queries.CODES or not code:
            return fault
        looked_up = (fault.rule, code)
        if looked_up not in self._found:
            self._found[looked_up] = self._question(fault.rule, code)
        question = self._found[looked_up]
        return replace(fault, message=f"{fault.message} {question}") if question else fault

    def _question(self, rule: str, code: str) -> str:
        if found := queries.with_other_zeros(self.session, rule, code):
            advice = "A spreadsheet drops zeros at the front: format the column as text, or say pad in a mapping."
            return f"Is {' or '.join(found)} meant? {advice}"
        if found := queries.with_other_letters(self.session, rule, code):
            return f"Is {' or '.join(found)} meant? Capital letters count."
        return ""
