"""The codelists of the IATI library, for the rest of the application: whether a code exists, refreshing, printing."""

import datetime as dt
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from babel.core import Locale, get_global

from app.domain.codes import PREFIXES, PUBLISHERS, KnownCode
from app.domain.keys import alike
from app.domain.values import ValueFault
from app.errors import Fault, InvalidInput, NotFound
from app.publishing.country_names import ALSO_CALLED
from app.publishing.list_names import own_names
from iati.codelists import load_snapshot, org_id_prefixes, registered_publishers
from iati.codelists import show as listing
from iati.codelists.listing import UnknownListError
from iati.codelists.listing import show_all as listing_of_all
from iati.values import fault


def use_data_dir(data_dir: Path) -> None:
    """From now on the library looks for refreshed lists in ``data_dir``, in this process and in those it starts.

    The setting may come from a ``.env`` file; processes that validate side by side see the environment only.
    """
    os.environ["EARMARK_DATA_DIR"] = str(data_dir)


def type_checker() -> ValueFault:
    """Tells what the standard expects at a place where a text may not stand."""
    return fault


def code_checker(data_dir: Path | None) -> KnownCode:
    """Tells whether a codelist holds a code, withdrawn ones included. ``data_dir``: where refreshed lists lie.

    The registers of prefixes and of publishers are asked as lists. Asking for a list that does not exist raises
    KeyError: a programmer's fault.
    """

    def known(list_name: str, code: str, /) -> bool:
        if list_name == PREFIXES:
            return code in org_id_prefixes(data_dir=data_dir)
        if list_name == PUBLISHERS:
            return code in registered_publishers(data_dir=data_dir)
        return code in load_snapshot(data_dir).codes_of(list_name)

    return known


def meant_code(list_name: str, text: str, /) -> tuple[str, str] | None:
    """The code that somebody means by a code in other letters, one of three letters, or a name in some language; of a
    format of files by the ending of their names too."""
    text = alike(text).strip()
    names, plain = names_of(list_name), _plain(text)
    code = _by_letters(list_name).get(text.casefold()) or _by_name(list_name).get(plain)
    if code is None and list_name == "FileFormat":
        found = _FORMATS.get(text.casefold().lstrip("."))
        return (found, names[found]) if found in names else None
    if code is None and len(plain) >= _TELLING:
        code = _misspelt(list_name, plain)
    return (code, names[code]) if code else None


#: formats by the endings of files that are published; the lists of operating systems differ, and answers may not
_FORMATS: Final = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "kml": "application/vnd.google-earth.kml+xml",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rtf": "text/rtf",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}


@cache
def _by_letters(list_name: str) -> dict[str, str]:
    """Codes in small letters → as the list has them, where they are told apart so."""
    found: dict[str, str] = {}
    for code in names_of(list_name):
        folded = code.casefold()
        found[folded] = "" if folded in found else code
    return found


@lru_cache(maxsize=1_000)
def _misspelt(list_name: str, plain: str) -> str | None:
    """The code of a name with a letter too many, too few or in another place; all rows of a table may say the same."""
    by_name = _by_name(list_name)
    close = get_close_matches(plain, by_name, 1, _CLOSE)
    return by_name[close[0]] if close else None


#: a name of so many letters is told from others though it is misspelt, if it is as like it as this
_TELLING: Final = 5
_CLOSE: Final = 0.85
_BRACKETS: Final = re.compile(r"\s*\(([^)]*)\)")
_ARTICLE: Final = re.compile(r"\A(?:(?:the|la|le|les|el|los|las)\s+|l[’'])")


@cache
def _by_name(list_name: str) -> dict[str, str]:
    """Names, and for countries what else they are called, as they are compared → code; the list's own names first.

    What several are called, as Korea, stands for none of them: the text is empty.
    """
    names = names_of(list_name)
    found: dict[str, str] = {}
    shorter: dict[str, set[str]] = defaultdict(set)
    for language in ("en", "fr", "es"):
        for code, name in names_of(list_name, language).items():
            found.setdefault(_plain(name.removesuffix(" (the)")), code)
            for form in _forms(name):
                shorter[_plain(form)].add(code)
    if list_name == "Country":
        for name, code in ALSO_CALLED.items():
            found.setdefault(_plain(name), code)
        for language in ("en", "fr", "es", "pt", "de"):
            for code, name in Locale(language).territories.items():
                if code in names:
                    found.setdefault(_plain(name), code)
        # UK, and the codes of three letters
        for other, successors in get_global("territory_aliases").items():
            if len(successors) == 1 and successors[0] in names:
                found.setdefault(_plain(other), successors[0])
    for form, codes in shorter.items():
        found.setdefault(form, "" if len(codes) > 1 else next(iter(codes)))
    return found


def _forms(name: str) -> Iterator[str]:
    """A name of a list as people write it too: “Tanzania, the United Republic of” begins with what it is."""
    bare = _BRACKETS.sub("", name)
    yield bare
    inside = _BRACKETS.search(name)
    first, _, behind = (bare, "", inside[1]) if inside is not None else name.partition(", ")
    if behind == "regional":
        yield first
    elif behind:
        yield f"{behind} {first}"


def _plain(name: str) -> str:
    """A name without capitals, accents, signs and the article before it."""
    letters = unicodedata.normalize("NFKD", _ARTICLE.sub("", name.strip().casefold()))
    return "".join(letter for letter in letters if letter.isalnum())


def update(source: str, data_dir: Path | None, *, today: dt.date) -> list[str]:
    """Takes over the lists of a folder or an address; one line for every code that changed.

    The host of the address may lie in an inner network, since a person named it; a redirect may not lead there.

    Raises InvalidInput with every fault when anything is wrong with them; nothing is changed then.
    """
    # what asks other machines takes a tenth of a second to begin with, and every command asks for codes
    from app.http.outbound import Guarded, Retried
    from iati.codelists.refresh import update as refresh

    guarded = Guarded(trusted=[urlsplit(source).hostname or ""])
    done = refresh(source, taken_on=today, data_dir=data_dir, transport=Retried(guarded))
    if done.faults:
        raise InvalidInput([Fault(pointer="", rule="codelists.source", message=fault) for fault in done.faults])
    return [str(change) for change in done.changes]


def names_of(name: str, language: str = "en", *, withdrawn: bool = False) -> dict[str, str]:
    """Code → name of a list, in a language where the list has it, else in English.

    ``withdrawn``: with the codes that nobody is to choose any more, for what was recorded with them. A list that does
    not exist is a programmer's fault.
    """
    found = load_snapshot()[name]
    own = own_names(name, language)
    return {
        code.code: own.get(code.code) or (code.name_fr if language == "fr" and code.name_fr else code.name)
        for code in found.values()
        if withdrawn or code.status != "withdrawn"
    }


def lists_taken_on(data_dir: Path | None = None) -> dt.date:
    """The day of the codelists in force."""
    return load_snapshot(data_dir).taken_on


def names_of_lists() -> frozenset[str]:
    """The names of all lists."""
    return frozenset(load_snapshot())


def show(name: str | None, data_dir: Path | None = None) -> tuple[list[str], list[list[str]]]:
    """A list as columns and rows; None: the list of lists.

    Raises NotFound for a name that no list has, with the nearest ones.
    """
    try:
        found = listing_of_all(data_dir=data_dir) if name is None else listing(name, data_dir=data_dir)
    except UnknownListError as error:
        raise NotFound(str(error)) from error
    return list(found.columns), [list(row) for row in found.rows]
