"""What the codes of a page are called: of units, officers, partners, outcomes, and the few figures that are codes.

Templates ask for the name of the code at hand; names are read when the first of their kind is asked for, and once.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from app.domain.outcome_titles import Titles
from app.domain.outcomes import outcome_shares
from app.language.i18n import Words, mark
from app.publishing.codes import names_of
from app.reports.labels import outcome_titles
from app.reports.queries_labels import all_names, names_of_codes

#: the gender marker of the United Nations
GENDER: Mapping[int, str] = {
    0: mark("no contribution to gender equality is expected"),
    1: mark("contributes to gender equality in a limited way"),
    2: mark("gender equality is a significant objective"),
    3: mark("gender equality is the principal objective"),
}


#: what browsers call themselves, the more particular first, and what people call them
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def browser_of(agent: str) -> tuple[str, str]:
    """Browser and system that a User-Agent header means; empty where it says none that is known."""
    browser, system = (next((name for sign, name in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return browser, system


def _goals(code: str) -> str:
    """The list that has a goal or a target."""
    return "UNSDG-Targets" if "." in code else "UNSDG-Goals"


@dataclass(kw_only=True)
class Named:
    """The names of a page. Without a session codes stay as they are."""

    session: Session | None
    words: Words
    today: dt.date
    _kinds: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _titles: dict[dt.date, Titles] = field(default_factory=dict)

    def unit(self, code: str | None) -> str:
        return self._of("unit", code)

    def officer(self, code: str | None) -> str:
        return self._of("officer", code)

    def partner(self, code: str | None) -> str:
        return self._of("partner", code)

    def one(self, kind: str, code: str | None) -> str:
        """The name of a single unit, officer or partner, on the page of a record: no others are read for it."""
        if not code or self.session is None:
            return code or ""
        return (names_of_codes(self.session, kind, {code}, self.words.language) or {}).get(code) or code

    def outcome(self, code: str | None, day: dt.date | None = None) -> str:
        """Code and title of an outcome on a day; today when it is left out."""
        return (self.titles(day).labels().get(code) or code) if code else ""

    def outcomes(self, text: str | None, day: dt.date | None = None) -> list[str]:
        """What a project says of its outcomes, one by one, with the percentages of several."""
        shares = outcome_shares(text)
        if len(shares) < 2:
            return [self.outcome(code, day) for code, _ in shares]
        return [f"{self.outcome(code, day)} ({self.words.percent(share)})" for code, share in shares]

    def listed(self, name: str, code: str) -> str:
        """What a codelist of the standard calls a code."""
        names = names_of(name, self.words.language, withdrawn=True)
        # the letters of targets are written small by the list and large by many who publish
        return self.words.gettext(names.get(code) or names.get(code.lower()) or code)

    def sdg(self, code: str) -> str:
        """A goal or target of sustainable development: its number with its name."""
        name = self.listed(_goals(code), code)
        return code if name == code else f"{code} · {name}"

    def is_sdg_english(self, code: str) -> bool:
        """Whether its name is told in English, since the list has it in no other language."""
        english = names_of(_goals(code), withdrawn=True)
        name = english.get(code) or english.get(code.lower())
        return self.words.language != "en" and name is not None and self.listed(_goals(code), code) == name

    def gender(self, marker: int) -> str:
        """The gender marker in words."""
        return f"{marker} – {self.words.gettext(GENDER[marker])}" if marker in GENDER else str(marker)

    def titles(self, day: dt.date | None) -> Titles:
        """The titles of outcomes and outputs on a day; of none before the organisation is set up."""
        on = day or self.today
        if on not in self._titles:
            if self.session is None:
                return Titles(by_code={}, borrowed={})
            self._titles[on] = outcome_titles(self.session, on)
        return self._titles[on]

    def _of(self, kind: str, code: str | None) -> str:
        if not code or self.session is None:
            return code or ""
        if kind not in self._kinds:
            self._kinds[kind] = all_names(self.session, kind, self.words.language)
        return self._kinds[kind].get(code) or code
