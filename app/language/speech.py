"""What sentences are said with: the part of a language that :class:`app.language.i18n.Words` gives those below it."""

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Protocol


class Speech(Protocol):
    """Messages, figures, days and terms of one language."""

    @property
    def language(self) -> str: ...

    @property
    def colon(self) -> str: ...

    def gettext(self, message: str) -> str: ...

    def number(self, value: int | Decimal) -> str: ...

    def amount(self, value: Decimal | None, currency: str | None = None) -> str: ...

    def day(self, value: dt.date | str | None) -> str: ...

    def word(self, value: Enum | str | None) -> str: ...

    def term(self, text: str) -> str: ...
