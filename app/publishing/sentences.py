"""What the standard, exports, releases and registries say, as forms by which pages know it again.

The library has no languages, and what a release changes is kept as it was told on the day: so pages say it anew, by
these forms (:mod:`app.language.heard`).
"""

import re
from collections.abc import Iterator
from typing import Final

from app.domain.datasets import PARTS
from app.language.heard import Heard
from app.language.i18n import Words
from app.sentences import SENTENCES
from iati.validator.rules import RULES

_FILLED: Final = re.compile(r"\{(\w+)(?::\w+)?\}")

#: what rules fill their sentences with that is a sentence, or a piece of one
_WITHIN_RULES: Final = (
    "before",
    "after",
    "before and after",
    "The status is pipeline (1), but the activity began on %(day)s. Make it 2 or later.",
    "The status is implementation (2), but the activity ended on %(day)s. Make it 3 or 4.",
    (
        "The status is implementation (2), but the planned end %(day)s has passed. Make the status 3 or 4 with an "
        "actual end, or move the planned end."
    ),
    "The status is closed (4), but the actual end %(day)s is still to come. Correct one of them.",
    "Give the reporting-org its ref, and begin the identifier with it and a hyphen.",
    "Remove the white space before it.",
    "Remove the white space around the ref of the reporting organisation.",
    "Begin it with “%(prefix)s”, or name the former organisation identifier in an other-identifier of type B1.",
    ", or name the vocabulary it is from instead of %(vocabulary)s",
    ", without the white space around it",
)
#: things that come, go and change in a record
NOUNS: Final = (
    "activity", "activity date", "activity scope", "actual end date", "actual start date", "amount", "budget",
    "budgets", "capital spend", "collaboration type", "conditions", "contact", "contacts", "countries", "country",
    "country budget items", "crs add", "date", "default aid type", "default finance type", "default flow type",
    "default tied status", "description", "document", "documents", "fss", "humanitarian scope", "identifier",
    "legacy data", "location", "locations", "name", "other identifier", "participating organisation",
    "planned disbursement", "planned disbursements", "planned end date", "planned start date", "policy marker",
    "recipient country budget", "recipient country budgets", "recipient org budget", "recipient org budgets",
    "recipient region budget", "recipient region budgets", "region", "related activity", "reporting organisation",
    "result", "sector", "status", "tag", "text", "title", "total budget", "total budgets", "total expenditure",
    "total expenditures", "transaction", "transactions",
)  # fmt: skip
#: what a release changes, clause by clause
_CHANGES: Final = (
    "published for the first time",
    "published for the first time: %(title)s",
    "organisation file published for the first time",
    "organisation file published for the first time: %(title)s",
    "%(count)s %(noun)s added, sum %(sum)s",
    "%(count)s %(noun)s removed, sum %(sum)s",
    "%(noun)s added (%(day)s)",
    "%(noun)s removed (%(day)s)",
    "%(noun)s added in %(tongue)s",
    "%(noun)s removed in %(tongue)s",
    "%(noun)s changed in %(tongue)s",
    "%(noun)s changed: %(leaf)s from %(old)s to %(new)s",
    "%(noun)s changed: %(leaf)s now %(new)s",
    "%(noun)s changed: %(leaf)s %(old)s taken away",
    "%(noun)s changed: from %(old)s to %(new)s",
    "%(noun)s: %(leaf)s from %(old)s to %(new)s",
    "%(noun)s: %(leaf)s now %(new)s",
    "%(noun)s: %(leaf)s %(old)s taken away",
    "%(noun)s added",
    "%(noun)s removed",
    "%(clause)s (%(count)s times)",
    "%(clause)s, which another record of this identifier says",
    "no longer published (%(identifier)s)",
    "no longer published (%(identifier)s): %(why)s",
    "the file goes, and whoever asks for its address is told that it was withdrawn",
    "the file goes, and whoever asks for its address is told that it was withdrawn; new are %(datasets)s",
    "%(identifier)s is public now and is not in this release",
    "%(identifier)s is public now and is not in this release: %(why)s",
    "%(place)s has no identifier and is not in this release",
    "Taken back on %(day)s: %(datasets)s. %(reason)s",
    "holds a record that is larger than a file may be.",
    (
        "what you publish today was not compared with this release (%(what)s): prepare it again, so that nothing goes "
        "away unseen"
    ),
)
#: why something is not published, or seems to be elsewhere
_WHY: Final = (
    "%(identifier)s is a registered publisher",
    "published files were imported here",
    "archived on %(day)s by %(name)s",
    "archived on %(day)s",
    "%(why)s (set on %(day)s by %(name)s)",
    "under embargo",
    "under embargo until %(day)s",
    "not released",
    "it is %(identifier)s from now on",
    "of %(name)s, whose screening is pending",
    "of %(name)s, whose screening was refused",
    (
        "a draft, since its file breaks the standard in one place (%(place)s): %(fault)s Import a mended file, or "
        "correct the record here."
    ),
    (
        "a draft, since its file breaks the standard in %(count)s places (first %(place)s): %(fault)s Import a mended "
        "file, or correct the record here."
    ),
    (
        "a draft, since its file breaks the standard in one place (%(place)s): %(fault)s Import the file again with "
        "--repair, or correct the record here."
    ),
    (
        "a draft, since its file breaks the standard in %(count)s places (first %(place)s): %(fault)s Import the file "
        "again with --repair, or correct the record here."
    ),
    "line %(line)s of %(file)s",
    "The organisation has no identifier or no IATI type: set it up.",
    "The result “%(title)s” is left out: add an indicator, which it must have.",
)
#: parts of a record that are left out
_PARTS: Final = (
    "activity",
    "organisation",
    "everything",
    "allocation %(number)s",
    "amount %(number)s",
    "contact %(number)s",
    "document %(number)s",
    "evaluation %(number)s",
    "planned payment %(number)s",
    "transaction %(number)s",
    "participating organisation in role %(number)s",
    "part of %(name)s in %(what)s",
)
#: what registries, downloaders and public addresses say
_REGISTRIES: Final = (
    "%(kind)s at %(address)s is set up.",
    "The sign-in of %(name)s works.",
    "%(name)s is found and approved.",
    "%(name)s is found.",
    "%(name)s is not approved yet, so its datasets are shown to nobody: ask the IATI Secretariat.",
    "The role %(role)s is too low to register datasets: it takes a contributor at least.",
    "The role %(role)s creates and changes datasets; to remove, hide or show one takes an editor.",
    "The role %(role)s is sufficient.",
    "%(name)s has 1 dataset in the registry.",
    "%(name)s has %(count)s datasets in the registry.",
    "%(dataset)s is public and not registered: publish again.",
    "%(dataset)s is public and hidden in the registry: publish again.",
    "%(dataset)s is registered under another name (%(name)s): publish again.",
    "%(dataset)s is registered with another address (%(address)s): publish again.",
    "%(dataset)s is registered with its public address.",
    "%(dataset)s stands in the registry and is not published from here: %(address)s",
    "%(address)s serves the published file as the downloader needs it.",
    "EARMARK_REGISTRY_INDEX_URL is not set, so that nobody looks whether a publication arrives.",
    "Another run registers this dataset at this moment: look again when it has ended.",
    "Not tried: %(why)s",
    "%(dataset)s: The publication has arrived: downloaded %(moment)s.",
    "%(arrival)s That is more than a day ago: look at the address.",
    "The publication has arrived: downloaded %(moment)s.",
)
#: what the schema asks for most
_SCHEMA: Final = (
    "Add %(names)s to <%(name)s>; the standard requires it there.",
    "Add %(names)s to <%(name)s>; the standard requires them there.",
    "Add %(names)s before <%(name)s>; the standard requires it in <%(parent)s>.",
    "Add the attribute %(attribute)s to <%(name)s>; the standard requires it.",
    "Remove <%(name)s>; the standard has no such element.",
    "Remove %(attribute)s; the standard has no such attribute there.",
    "<%(name)s> is not complete; the standard requires more elements in it.",
    "<%(name)s> stands more than once in <%(parent)s>; the standard allows one. Keep one of them.",
)


def _rules() -> Iterator[str]:
    """The sentences of all rules, with what they fill in as other sentences have it."""
    for rule in RULES:
        if _FILLED.sub("", rule.advice).strip(" ."):
            yield _FILLED.sub(r"%(\1)s", rule.advice.replace("%", "%%"))


HEARD: Final = Heard(
    (
        *_rules(),
        *_WITHIN_RULES,
        *_CHANGES,
        *_WHY,
        *_PARTS,
        *PARTS,
        *_REGISTRIES,
        *_SCHEMA,
        *SENTENCES.values(),
        "the default language",
    ),
    nested=("what", "where", "hint", "reason", "clause", "why", "place", "fault", "arrival", "tongue"),
    begun=("noun", "leaf"),
    nouns=NOUNS,
)


def said(sentence: str, words: Words) -> str:
    """A sentence of the standard, of an export, a release or a registry, in the language; of several clauses each."""
    clauses = sentence.split("; ")
    if clauses[1:] and HEARD.knows(clauses[0]):
        return "; ".join(HEARD.said(clause, words) for clause in clauses)
    return HEARD.said(sentence, words)
