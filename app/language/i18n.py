"""Pages, mails and calendars in three languages: messages, numbers, dates, and the words of the field.

Messages are English sentences in the source; the files in ``app/web/locale`` hold their translations and are read at
the start of the program. ``python -m app.web.catalogue`` brings them up to date with the source.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, format_compact_decimal, parse_pattern

from app.domain.money import EXACT, minor_units, one_zero, plain
from app.domain.notation import Doubt, Notation, read_number, read_typed, unmistakable
from app.domain.told import Figure, Part, Reason, Term, Told
from app.language.heard import NESTED, Heard
from app.language.marking import mark as mark
from app.language.reasons import reason_in_words

LOCALES = Path(__file__).parents[1] / "web" / "locale"
#: the catalogue of what the checker of policies tells, without full stops
CHECKER = "policy.po"
#: letters of its own from which a sentence in which something is filled in can be told from others
_OWN = 11
_PART = re.compile(r"%\(\w+\)s")
#: code → what speakers call it
LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français", "es": "Español"}
USUAL = "en"

#: how numbers are typed in each language
_NOTATIONS: Mapping[str, Notation] = {
    "en": Notation(decimal=".", grouping=","),
    "fr": Notation(decimal=",", grouping=" "),
    "es": Notation(decimal=",", grouping="."),
}
#: the regional form whose dates and numbers are shown: day before month, as the United Nations write
_REGIONS: Mapping[str, str] = {"en": "en_GB", "fr": "fr_FR", "es": "es_ES"}


#: words whose plain form is not how people write them
SPELLED: Mapping[str, str] = {
    "Admin": "Administrator",
    "Arab states": "Arab States",
    "Asia pacific": "Asia and the Pacific",
    # of a figure; what one does to a record is called change, and by other words elsewhere
    "Change": "Variation",
    "Europe central asia": "Europe and Central Asia",
    "Updated to": "Last changed until",
    "Unearmarked and lightly share": "Unearmarked or lightly earmarked",
    "Unearmarked and softly share": "Unearmarked or softly earmarked",
    "Description es": "Description in Spanish",
    "Description fr": "Description in French",
    "Employers organisation": "Employers' organisation",
    "Eu": "European Union",
    "Fully percent": "Share achieved fully",
    "Fully or partly percent": "Share achieved fully or partly",
    "Grain": "Kind",
    "Hiv": "HIV",
    "Iati identifier": "IATI identifier",
    "Ifi": "International financial institution",
    "Joint un": "Joint UN",
    "Non state": "Non-State",
    "Obliged": "Whose duty",
    "Open end": "No end date",
    "Other igo": "Other intergovernmental organisation",
    "Other non state": "Other non-State",
    "Sdg": "SDG targets or goals",
    "Title es": "Title in Spanish",
    "Title fr": "Title in French",
    "Un entity": "UN entity",
    "Un pooled fund": "UN pooled fund",
    "Whether the evaluation plan foresees a mid term": "whether the evaluation plan foresees a mid-term",
    "With participants percent": "With participants",
    "With terms percent": "With terms of reference",
    "Workers organisation": "Workers' organisation",
    "South south": "South–South",
    "Mid term": "Mid-term",
    "Mid term agreed": "Mid-term evaluation agreed",
    "Multi donor": "Multi-donor",
    "Url": "Address",
    "Rbsa": "RBSA",
    "Name es": "Name in Spanish",
    "Name fr": "Name in French",
    "Iati ref": "Organisation identifier",
    "Iati type": "IATI organisation type",
    "Un pooled": "UN pooled fund",
    "Joint un share": "Joint UN share",
    "Multi annual share": "Multi-annual share",
    "Document url": "Address of the document",
    "Report url": "Address of the report",
    "Response url": "Address of the response",
}


def in_language(text: str, translations: Iterable[Sequence[str]] | None, language: str) -> str:
    """A text that is kept in several languages, each beside its language; as it is where it has none in this one."""
    return next((each for name, each in translations or () if name == language and each), text)


def spelled(name: str) -> str:
    """A name of the program as people write it, in English: ``planned_end`` is "Planned end"."""
    text = name.replace("-", " ").replace("_", " ")
    text = text[:1].upper() + text[1:]
    return SPELLED.get(text, text)


#: who acts where no person does
_DOORS = frozenset({mark("command line"), mark("timetable")})
_LADDER: Mapping[str, str] = {"draft": mark("Draft report"), "final": mark("Final report")}


# The library reads the name of a locale and the form of a number anew each time, and a page shows hundreds of figures.
@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_REGIONS[language])


@lru_cache(maxsize=64)
def _pattern(places: int) -> NumberPattern:
    """How a number with so many decimals is written."""
    return parse_pattern("#,##0" + ("." + "0" * places if places else ""))


# of equal figures those with other decimals are others: 1.0 and 1.00
@lru_cache(maxsize=8192)
def _number(text: str, language: str) -> str:
    value = one_zero(Decimal(text))
    places = -int(value.as_tuple().exponent) if value.is_finite() else 0
    return str(_pattern(max(places, 0)).apply(value, _locale(language), decimal_quantization=False))


@lru_cache(maxsize=8192)
def _day(ordinal: int, language: str) -> str:
    day = dt.date.fromordinal(ordinal)
    return _first(str(format_date(day, format="d MMM y", locale=_locale(language))), day, language)


def _first(written: str, day: dt.date, language: str) -> str:
    """In French the first day of a month is an ordinal; the library writes them all as cardinals."""
    return written.replace("1", "1er", 1) if language == "fr" and day.day == 1 else written


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything that a page needs to speak one language."""

    language: str
    messages: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    #: those of the messages that are whole sentences in which something is filled in
    forms: Sequence[str] = ()

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @cached_property
    def edition(self) -> str:
        """The language and which messages it has: what was said in it is said otherwise in another edition."""
        said = "\0".join(f"{message}\0{text}" for message, text in sorted(self.messages.items()))
        return f"{self.language}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"

    @cached_property
    def written(self) -> Heard:
        """The sentences that rooms write with something filled in, as forms by which they are known again."""
        return Heard(self.forms, nested=NESTED)

    @property
    def notation(self) -> Notation:
        return _NOTATIONS[self.language]

    @property
    def colon(self) -> str:
        """In French a space stands before it, at which no line ends."""
        return "\u00a0:" if self.language == "fr" else ":"

    def gettext(self, message: str) -> str:
        """The message in this language; as it is where the catalogue does not have it."""
        found = self.messages.get(message)
        return found if isinstance(found, str) and found else message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        found = self.messages.get(singular)
        one = n in (0, 1) if self.language == "fr" else n == 1
        if isinstance(found, tuple) and all(found):
            return found[0 if one else 1]
        return singular if one else plural

    def knows(self, message: str) -> bool:
        """Whether the message can be shown in this language."""
        return self.language == USUAL or bool(self.messages.get(message))

    def number(self, value: int | Decimal) -> str:
        """Every digit, in groups; what has cents has two."""
        return _number(str(value), self.language)

    def amount(self, value: Decimal | None, currency: str | None = None) -> str:
        """An amount as a figure in a table: grouped, whole units unless it has cents."""
        if value is None:
            return ""
        shown = round(value) if value == value.to_integral_value() else value
        text = self.number(shown)
        return f"{text} {currency}" if currency else text

    def typed(self, value: Decimal, *, precise: bool = False) -> str:
        """An amount as people of this language type it, without groups, and as :meth:`read_amount` reads it."""
        text = plain(value) if precise else unmistakable(value)
        if "." in text:
            text = text.rstrip("0").rstrip(".") if value == value.to_integral_value() else text
        return text.replace(".", self.notation.decimal or ".")

    def percent(self, value: Decimal | str | None) -> str:
        if value is None or value == "":
            return ""
        figure = Decimal(value)
        text = self.number(figure)
        return f"{text}\u00a0%" if self.language in ("fr", "es") else f"{text}%"

    def rate(self, value: Decimal | str | None) -> str:
        """A rate or share as reports show it, to a tenth of a percent."""
        return "" if value is None or value == "" else self.percent(round(Decimal(value), 1))

    def exact(self, value: Decimal | None, currency: str | None = None) -> str:
        """An amount of a ledger: always with the cents of its currency, so that figures stand below each other."""
        if value is None:
            return ""
        places = Decimal(0).scaleb(-minor_units(currency) if currency else -2)
        text = self.number(EXACT.add(value, places))
        return f"{text} {currency}" if currency else text

    def day(self, value: dt.date | str | None) -> str:
        if value is None or value == "":
            return ""
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
        return _day(day.toordinal(), self.language)

    def month(self, value: dt.date) -> str:
        return str(format_date(value, format="MMMM y", locale=self.locale))

    def month_short(self, value: dt.date) -> str:
        """A month as the head of a narrow column; the year is told elsewhere."""
        return str(format_date(value, format="MMM", locale=self.locale))

    def rounded(self, value: Decimal | None) -> str:
        """An amount in whole units, where many stand in a table."""
        return "" if value is None else self.number(round(value))

    def compact(self, value: Decimal) -> str:
        """An amount in thousands or millions, as it fits a picture."""
        return str(format_compact_decimal(value, format_type="short", locale=self.locale, fraction_digits=1))

    def size(self, count: int | None) -> str:
        """How large a file of so many bytes is: megabytes, and of a small one kilobytes."""
        if count is None:
            return ""
        unit, bytes_ = (mark("MB"), 1_000_000) if count >= 1_000_000 else (mark("kB"), 1_000)
        value = round(Decimal(count) / bytes_, 1)
        text = self.number(round(value) if value >= 100 or value == value.to_integral_value() else value)
        return f"{text}\u00a0{self.gettext(unit)}"

    def figure(self, cell: str | int | None) -> str:
        """A figure of a report, which holds decimal strings, in whole units."""
        return "" if cell is None else self.rounded(Decimal(cell))

    def moment(self, value: dt.datetime | None) -> str:
        """A moment of recording, in UTC."""
        if value is None:
            return ""
        written = str(format_datetime(value, format="d MMM y, HH:mm 'UTC'", tzinfo=dt.UTC, locale=self.locale))
        return _first(written, value.astimezone(dt.UTC) if value.tzinfo else value, self.language)

    def word(self, value: Enum | str | None) -> str:
        """A term of the field as people say it: ``cannot-tell`` is "cannot tell"."""
        if value is None or value == "":
            return ""
        text = str(value.value) if isinstance(value, Enum) else value
        return self.gettext(spelled(text))

    def term(self, text: str) -> str:
        """A term of the field within a sentence; what is none stays as it is."""
        return self.word(text).lower() if self.messages.get(spelled(text)) else text

    def who(self, actor: str | None) -> str:
        """Who did something: people by their names, the doors of the program in words."""
        return self.gettext(actor) if actor in _DOORS else actor or ""

    def obliged(self, subject: str) -> str:
        """Whom a duty of the institution obliges: ``unit ROAF`` is "Unit ROAF"."""
        kind, _, code = subject.partition(" ")
        return f"{self.word(kind)} {code}".rstrip()

    def ladder(self, status: Enum) -> str:
        """How far an evaluation is; of a report it is said that it is one, since evaluations are called final too."""
        return self.gettext(_LADDER[status.value]) if status.value in _LADDER else self.word(status)

    def said(self, sentence: str) -> str:
        """A sentence of the rules, in this language where the catalogue has it; its days as people write them."""
        if not isinstance(sentence, Told):
            return self.gettext(sentence)
        template = _set(self.gettext(sentence.template), self.language)
        return (
            template % {name: self._part(part) for name, part in sentence.parts.items()} if sentence.parts else template
        )

    def _part(self, part: Part) -> str:
        match part:
            case dt.date():
                return self.day(part)
            case int() | Decimal():
                return self.number(part)
            case Figure():
                return self.number(Decimal(part))
            case Told():
                return self.said(part)
            case Term():
                return self.word(str(part)).lower()
            case Reason():
                return reason_in_words(part, self)
        return part

    def read_amount(self, text: str, *, decimals: int | None = None) -> Decimal | Doubt:
        """What the text means in this language, strictly; a :class:`Doubt` where others would write thousands so.

        ``decimals``: how many the currency has, where it is known. Where it has three, as dinars have, three are what
        they seem, as in shares of a hundred; where it has none, no fraction is meant.
        """
        if decimals is not None and decimals > 2:
            return read_number(text, self.notation)
        return read_typed(text, self.notation, whole=decimals == 0)


#: of a percentage; what is filled in begins with it as well
_SIGN = r"%(?!\()"


def is_form(message: str) -> bool:
    """Whether the message is a whole sentence in which something is filled in, and can be known again by the rest."""
    own = _PART.sub("", message)
    return own != message and message[-1:] in (".", "?") and len(re.sub(r"[^a-z]", "", own)) >= _OWN


def _set(text: str, language: str) -> str:
    """The text as it is set: no line ends before the sign of a percentage, and in French before a double sign."""
    return re.sub(rf" (?=[;:!?»]|{_SIGN})|(?<=«) " if language == "fr" else f" (?={_SIGN})", "\u00a0", text)


@lru_cache
def words(language: str) -> Words:
    """The words of a language, read once."""
    if language == USUAL:
        return Words(language=language)
    messages: dict[str, str | tuple[str, ...]] = {}
    forms: list[str] = []
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language, abort_invalid=True)
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, str):
                messages[message.id] = _set(str(message.string), language)
                if is_form(message.id) or (path.name == CHECKER and "%(" in message.id):
                    forms.append(message.id)
            else:
                messages[message.id[0]] = tuple(_set(str(text), language) for text in message.string or ())
    return Words(language=language, messages=messages, forms=forms)


def asked_for(header: str) -> str:
    """The language that a browser would rather have, by its Accept-Language."""
    best, weight = USUAL, -1.0
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        try:
            wanted = float(quality) if quality else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and wanted > weight:
            best, weight = language, wanted
    return best
