"""Keys are what people see: two writings that look the same are one key.

A key is a code, a reference, a number of a voucher: whatever tells one record from another and is typed, pasted or
exported by people. Programs put characters into it that nobody sees (byte-order marks, soft hyphens, zero-width spaces,
marks of direction) and write the same letter in two ways. :func:`seen` is the one place that knows what is the same;
every door takes keys through it.
"""

import re
import unicodedata

#: characters without a shape of their own: they neither print nor move what stands beside them
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202c\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# they turn round what is seen, so that dropping them would give another key than the one on the screen
_OVERRIDES = re.compile("[\u202d\u202e]")
# what a wrong decoding leaves: seen by nobody, and no white space; some of it neither XML nor PostgreSQL can hold
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE]\+[0-9]{1,3}")
#: Cyrillic and Greek letters, and signs, that look like those of a plain keyboard, each with what it looks like
_LOOKS_LIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХЗӀаеоѕіјкрсухһԛԝѵӏ"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυγϲϳ"
    "\u2010\u2011\u2012\u2013\u2014\u2212\u2044\u2215\u2018\u2019\u0131",
    "ABESIJKMHOPCTYX3IaeosijkpcyxhqwvlABEZHIKMNOPTYXaikvopuycj------//''i",
)
#: letters and figures of full width, and those of mathematics
_OTHER_SHAPES = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]")
_NOT_IN_NEW_CODES = re.compile(r"[\s|:&?\\,;]")

#: what a code that is made here may not hold, in words
NEW_CODES = "A new code holds no spaces and none of | : & ? \\ , ;"


class NotAKey(ValueError):
    """The text cannot be a key; the message names the character and says what to do."""


def seen(text: str) -> str:
    """The key that a person sees in ``text``: seen twice it stays the same.

    Composed letters (NFC), no invisible characters, every kind of space a plain one, no white space around. Line breaks
    stay, because identifiers of real publications hold them.

    :raises NotAKey: for characters that change what is seen, and for numbers that a spreadsheet has shortened.
    """
    if text.isascii() and text.isprintable():
        key = text.strip()
    else:
        if found := _OVERRIDES.search(text) or _CONTROLS.search(text):
            raise NotAKey(f"The character {named(found[0])} cannot stand in a code: type it again without it.")
        key = _BREAKS.sub("\n", unicodedata.normalize("NFC", _INVISIBLE.sub("", text)))
        key = _SPACES.sub(" ", key).strip()
    if "+" in key and _SCIENTIFIC.fullmatch(key):
        raise NotAKey(
            f"{key} is a number in short, as spreadsheets write long ones: write every digit, and in a spreadsheet "
            "format its column as text."
        )
    return key


def seen_or_as_it_is(text: str) -> str:
    """The key in a text that stands already, in a publication for instance, and so cannot be refused."""
    try:
        return seen(text)
    except NotAKey:
        return text


def without_marks(text: str) -> str:
    """``text`` as it is seen, for words that are no keys: headers, names, figures. Refuses nothing."""
    if text.isascii():
        return text.strip()
    return _SPACES.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()


def new_code_refused(code: str) -> str | None:
    """Why ``code`` cannot be given to a new record; codes that were taken over from a publication may hold anything."""
    if not any(each.isalnum() for each in code):
        return f"A new code holds a letter or a figure; {code} holds neither."
    found = _NOT_IN_NEW_CODES.search(code)
    return None if found is None else f"{NEW_CODES}; this one holds {named(found[0])}."


#: with which a spreadsheet lets a formula begin
_FORMULA_SIGNS = ("=", "+", "-", "@")


def formula_told(code: str) -> str | None:
    """What is told of a new code that looks like a formula; it goes out so that no spreadsheet reckons it."""
    if not code.startswith(_FORMULA_SIGNS):
        return None
    return f"{code} looks like a formula, and is kept as a code: mend it if what it comes to was meant."


def alike(key: str) -> str:
    """What a key looks like: letters of other alphabets, and dashes, as those of a plain keyboard that they look like.

    Two keys that look the same here are taken for one by whoever reads them. It is no key itself.
    """
    if key.isascii():
        return key
    # letters of full width and of mathematics; a raised or lowered figure looks like none
    plain = _OTHER_SHAPES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), key.translate(_LOOKS_LIKE))
    return plain.translate(_LOOKS_LIKE)


def told_apart(key: str, other: str) -> str:
    """The letters in which two keys differ that look the same, a sentence for each with its code point and name."""
    odd = [each for each in dict.fromkeys(key) if not each.isascii() and each not in other]
    elsewhere = [each for each in dict.fromkeys(other) if not each.isascii() and each not in key]
    if odd:
        return " ".join(f"The sign “{each}” here is {point(each)}." for each in odd)
    return " ".join(f"The sign “{each}” that {other} has is {point(each)}." for each in elsewhere)


def point(character: str) -> str:
    """A character by its code point and name, for what others would be taken for it."""
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'no letter').lower()})"


def named(character: str) -> str:
    """A character as a message names it: as it is when it can be seen, else by code point and name."""
    if character.isprintable() and not character.isspace() and not _INVISIBLE.match(character):
        return f"“{character}”"
    if character == " ":
        return "a space"
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"
