"""Short lists that are offered where a code is typed: units, officers, partners, and the codelists of the standard."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from app.language.i18n import Words
from app.publishing.codes import names_of, names_of_lists
from app.web import queries
from app.web.forms import Option

#: longer lists come when the field is entered, or from their own page
MOST = 120
#: lists that are kept here
_OWN = frozenset({"units", "officers", "partners", "agreements", "presets"})


def offered(session: Session, names: Sequence[str], words: Words) -> Mapping[str, Sequence[Option] | None]:
    """For each list its options; None for one that is too long for the page."""
    found: dict[str, Sequence[Option] | None] = {}
    for name in names:
        options = options_of(session, name, words)
        found[name] = options if len(options) <= MOST else None
    return found


def options_of(session: Session, name: str, words: Words) -> list[Option]:
    """The options of a list, whole."""
    if name == "units":
        rows = queries.unit_words(session, MOST * 10)
    elif name == "officers":
        rows = queries.officer_words(session, MOST * 10)
    elif name == "partners":
        rows = queries.partner_words(session, MOST * 10)
    elif name == "agreements":
        rows = queries.agreement_words(session, MOST * 10)
    elif name == "presets":
        rows = [(code, words.word(code)) for code in queries.preset_codes(session)]
    else:
        rows = list(names_of(name, words.language).items())
    return [Option(value=code, label=label) for code, label in rows]


def known_list(name: str) -> bool:
    """Whether there is such a list."""
    return name in _OWN or name in names_of_lists()
