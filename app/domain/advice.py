"""Ledgers as accounting systems write them: the minus sign behind, brackets, a side, a time of day, a line of sums.

What leaves nothing to ask is brought into the usual form; of what is not read a sentence says what to write instead.
"""

import datetime as dt
import re
from typing import Final

from app.domain.keys import point, without_marks
from app.domain.notation import MINUS, Doubt, Notation, has_short_year, is_written_as_day, read_day, read_number

_BEHIND: Final = re.compile(r"(.*[0-9])\s*[-\u2212]")
_AWAY: Final = re.compile(r"\s*[-\u2212]\s+(?=[0-9])")
_BRACKETS: Final = re.compile(r"\(\s*([^()-]*[0-9][^()-]*)\s*\)")
#: marks of one side of a booking, as statements and ledgers print them
_SIDE: Final = re.compile(
    r"[0-9)]\s*(CR|DR|Cr|Dr|S|H|Soll|Haben|D|C)(?![^\W\d_])|(?<![^\W\d_])(CR|DR|Cr|Dr|S|H|D|C)\.?\s*[0-9(]"
)
#: words that multiply: what stands before them is not the amount
_MULTIPLIED: Final = re.compile(
    r".*[0-9]\s*(k|m|mn|mln|mio|mill?ion(e?s|en|i)?|millones|milliard(s|en)?|bn|billions?|mrd|mds?|tsd|mil|mille|"
    r"thousands?|tausend|lakhs?|lacs?|crores?|cr)\.?( [a-z$€£¥]+|[$€£¥])?"
)
_QUOTES: Final = "'\"`´‘’“”«»"
_NONE: Final = re.compile(
    r"n\.?[/. ]?a\.?|none|nil|null|nan|tb[cda]|unknown|not available|-{1,3}|[–—]|\?+|x+", re.IGNORECASE
)
_SHARE: Final = re.compile(r".*[0-9 ][%\u2030\u066a\uff05].*|[%\u2030\u066a\uff05].*")
_SHORTENED: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_NO_CENTS: Final = re.compile(r"[+-]?[0-9][0-9.,' ]*[.,][-\u2013\u2014]+")
_FIGURE: Final = re.compile(r"[+-]?[0-9][0-9.,' \u00a0\u202f\u2019]*[0-9]|[+-]?[0-9]")
#: what can stand beside a figure without changing it: a word, such as “ca.” or “USD”, or a sign of a currency
_BESIDE: Final = re.compile(r"[^\W\d_]+\.?|[$€£¥₦₹₱₫₩₽₵\s]")
_WITHOUT_ZERO: Final = re.compile(r"([+-]?)[.,]([0-9]+)")
_ENDS_OPEN: Final = re.compile(r"([+-]?[0-9]+)[.,]")
#: what can stand beside the figure of a share: words, such as “percent”, and signs for them
_IN_WORDS: Final = re.compile(r"[^\W\d_]+\.?|[%\u066a\uff05\s]")
#: what stands in the place of a sign and is none: hyphens and dashes of word processors, and signs of full width
_SIGNS: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u207b\ufe63\uff0d", "-"),
    **dict.fromkeys("\u207a\ufe62\uff0b", "+"),
}
#: more digits than any amount has
_ENDLESS: Final = re.compile(r"[+-]?[0-9]{16,}")
#: what is no amount → what to do
_HASHES: Final = re.compile(r"#{2,}")
_NO_AMOUNTS: Final = (
    (re.compile(r"=.*", re.DOTALL), "“%(text)s” is a formula: write the amount that it comes to."),
    (_NONE, "“%(text)s” is no amount: leave it empty where there is none."),
    (_SHARE, "“%(text)s” is a share: write the amount that it comes to."),
    (_ENDLESS, "“%(text)s” has more digits than an amount: check it."),
)

_SUM: Final = re.compile(
    r"(grand |sub-?)?total(e|es|s)?( general| général| geral| complessivo)?|(eind)?totaal|sum|(zwischen)?summe|"
    r"gesamt(summe|ergebnis)?|(teil)?ergebnis|suma( total)?|soma|somme|sous-total|(end|schluss)summe|"
    r"((opening|closing) )?balance|(balance )?(brought|carried) forward|saldo( (inicial|final))?|(saldo)?vortrag|"
    r"übertrag|(anfangs|end)(bestand|saldo)|solde( (initial|final|d['’]ouverture|de clôture))?|à reporter|suma y sigue"
)

_WITH_TIME: Final = re.compile(
    r"(.+?)[T ]\s*[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\s*([AaPp]\.?[Mm]\.?|Z|[+-][0-9:]{4,5})?"
)
#: a day by its week, as ISO 8601 counts them
_WEEK: Final = re.compile(r"([0-9]{4})-?W([0-9]{2})-?([1-7])", re.ASCII)
#: the number that a spreadsheet keeps for a day and a time of it
_SERIAL_TIMED: Final = re.compile(r"[1-9][0-9]{4}[.,][0-9]+", re.ASCII)
_YEAR_ALONE: Final = re.compile(
    r"(?:FY ?|Q[1-4][ /-]?)?(?:19|20)[0-9]{2}(?:[ /-]?(?:Q[1-4]|W[0-9]{2}))?", re.IGNORECASE
)
_MONTH_ALONE: Final = re.compile(
    r"[^\W\d_]{3,12}\.?[./ -][0-9]{2,4}|[0-9]{1,2}[./-][0-9]{4}|[0-9]{4}[./-][0-9]{1,2}", re.IGNORECASE
)


def with_sign_before(text: str) -> str:
    """An amount with its minus right in front, where it stands behind or away from the figure, or is said by brackets.

    Accountants write so, and formats of accounting leave blanks between the sign and the figure (``-   5.00``).
    """
    if (match := _AWAY.match(text)) is not None:
        return f"-{text[match.end() :]}"
    if (match := _BEHIND.fullmatch(text.strip())) is not None and match[1][0] not in "-\u2212(":
        return f"-{match[1]}"
    if (match := _BRACKETS.fullmatch(text.strip())) is not None:
        return f"-{match[1].strip()}"
    return text


def _unquoted(text: str) -> str | None:
    """What to write instead of a text in quotation marks; None where it is in none."""
    bare = text.strip(_QUOTES)
    if bare == text:
        return None
    return f"“{text[:40]}” has quotation marks: write {bare[:40]} without them." if bare else ""


#: where the decimal sign of a file was said; where it was not, the rule of amounts says this of the point
WITH_COMMA: Final = "Write the amount in digits with a decimal comma, such as 1000,10."


def amount_advice(text: str, decimal: str = ".", *, in_table: bool = True) -> str:
    """What to write instead of a text that is no amount, in a file with this decimal sign.

    ``in_table``: it is a cell, which a spreadsheet may have written; else a program or a person did.

    Empty where nothing is known of it beyond what the rule of amounts says: digits with a decimal point.
    """
    text = without_marks(text)
    if said := _unquoted(text):
        return said
    if _HASHES.fullmatch(text):
        return _too_narrow(text)
    bare = text.replace(MINUS, "-")
    if _SHORTENED.fullmatch(bare):
        if in_table:
            return f"“{text}” was shortened by a spreadsheet: show the column as a number, and write all digits."
        return f"“{text}” is an amount in short: write all of its digits."
    for pattern, told in _NO_AMOUNTS:
        if pattern.fullmatch(bare):
            return told % {"text": text[:40]}
    if _NO_CENTS.fullmatch(text):
        figure = f"{text.rstrip('-–—').rstrip('.,')}{decimal}00"
        return f"“{text}” writes no cents: write them as digits, such as {figure}."
    if _SIDE.search(text):
        return f"“{text}” names a side of the booking: write the amount alone, with a minus sign where it takes away."
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        return f"“{text}” is not written in the digits 0 to 9: write it in these."
    if _MULTIPLIED.fullmatch(text.casefold()):
        return f"“{text}” is shortened by a word or letter: write all digits of the amount."
    if said := _of_its_signs(text, bare, decimal):
        return said
    if (found := _FIGURE.search(text)) is not None and not _BESIDE.sub("", text.replace(found[0], "", 1)):
        meant, figure = read_number(found[0]), found[0]
        if not isinstance(meant, Doubt) or meant.readings:
            return f"“{text}” holds more than the amount: write {figure} alone; the currency has a column of its own."
    return WITH_COMMA if decimal == "," else ""


def _of_its_signs(text: str, bare: str, decimal: str) -> str:
    """What to write instead of an amount whose signs are not those of one, or stand where none does; else empty."""
    if (match := _WITHOUT_ZERO.fullmatch(bare)) is not None:
        figure = f"{match[1]}0{decimal}{match[2]}"
        return f"“{text}” begins with the decimal sign: write {figure}."
    if (match := _ENDS_OPEN.fullmatch(bare)) is not None:
        return f"“{text}” ends in the decimal sign: write {match[1]}."
    figure, sign = text[1:].lstrip(), _SIGNS.get(text[:1])
    if sign is None or isinstance(read_number(figure, Notation(decimal=decimal)), Doubt):
        return ""
    odd, plain = point(text[0]), f"{sign}{figure[:40]}"
    return f"“{text[:40]}” has {odd} in place of its sign: write {plain}."


def _too_narrow(text: str) -> str:
    return f"“{text[:40]}” is what a spreadsheet shows where a column is too narrow: widen it, and save the file again."


def multiplies(word: str) -> bool:
    """Whether a word beside a figure stands for a multiple of it: ``k``, ``Mio``, ``thousand``."""
    return _MULTIPLIED.fullmatch(f"1 {word}".casefold()) is not None


def share_advice(text: str, _decimal: str = ".") -> str:
    """What to write instead of a text that is no percentage; empty where nothing is known of it."""
    if _NONE.fullmatch(text.strip()):
        return f"“{text.strip()}” is no figure: leave it empty where there is none."
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        return f"“{text[:40]}” is not written in the digits 0 to 9: write it in these."
    figure = _FIGURE.search(text)
    if figure is None or isinstance(read_number(figure[0]), Doubt):
        return ""
    if _IN_WORDS.sub("", text.replace(figure[0], "", 1)):
        # 1/2 and 50–60 are not their first figure
        return f"“{text[:40]}” is no percentage: write one figure, such as 60."
    return f"“{text[:40]}” is no percentage: write the figure alone, such as {figure[0]}."


def day_advice(text: str) -> str:
    """What to write instead of a text that is no day; empty where nothing is known of it."""
    text = without_marks(text)
    if (said := _unquoted(text)) is not None:
        return said
    if _NONE.fullmatch(text):
        return f"“{text}” is no day: leave it empty where none is known."
    if has_short_year(text):
        return f"“{text}” leaves the century open: write the year with four digits, as YYYY-MM-DD."
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        return f"“{text}” is not written in the digits 0 to 9: write it in these, as YYYY-MM-DD."
    if _HASHES.fullmatch(text):
        return _too_narrow(text)
    if _SERIAL_TIMED.fullmatch(text):
        return f"“{text[:40]}” is the number of a day with a time of day: write the day alone, as YYYY-MM-DD."
    timed, week = _WITH_TIME.fullmatch(text), _WEEK.fullmatch(text)
    if timed is not None and not _no_day(timed[1]):
        return f"“{text}” holds a time of day: write the day alone, such as {timed[1].strip()}."
    if week is not None and (day := _day_of_week(*week.groups())) is not None:
        return f"“{text}” is read only when it is written {day.isoformat()}."
    if timed or week or is_written_as_day(text):
        return f"“{text}” is no day of the calendar: correct it."
    if _YEAR_ALONE.fullmatch(text) or _MONTH_ALONE.fullmatch(text):
        return f"“{text}” names no day: write one, as YYYY-MM-DD."
    return ""


def is_sum(text: str) -> bool:
    """Whether a text is what the last line of a list is called that adds it up."""
    return _SUM.fullmatch(text.strip().casefold().rstrip(":")) is not None


def _no_day(text: str) -> bool:
    """Whether a text is written as a day that there is not."""
    day = read_day(text)
    return isinstance(day, Doubt) and not day.readings and is_written_as_day(text)


def _day_of_week(year: str, week: str, day: str) -> dt.date | None:
    try:
        return dt.date.fromisocalendar(int(year), int(week), int(day))
    except ValueError:
        return None
