"""The catalogues of a language, brought up to date with the source."""

from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from app.language import i18n
from app.web.catalogue.messages import messages

#: what a catalogue says of itself: what programs ask, and no names and dates that nobody keeps
_HEADER = """\
# What pages and mails say, in one language.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def update(language: str, name: str) -> list[str]:
    """Writes the catalogues of a language anew; gives the messages that they do not translate.

    What is gone from the source goes; what is new is added to the catalogue of that name with an empty translation.
    """
    wanted = messages()
    unknown = {_key(message.id): message.id for message in wanted if message.id}
    folder = i18n.LOCALES / language
    target = folder / f"{name}.po"
    catalogues = {path: _read(path, language) for path in sorted({*folder.glob("*.po"), target})}
    for catalogue in catalogues.values():
        for message in list(catalogue):
            if message.id and unknown.pop(_key(message.id), None) is None:
                catalogue.delete(message.id)
    for added in unknown.values():
        catalogues[target].add(added)
    for path, catalogue in catalogues.items():
        with path.open("wb") as stream:
            stream.write(_HEADER.format(language=language, plural=catalogue.plural_forms).encode())
            write_po(stream, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return missing(language)


def missing(language: str) -> list[str]:
    """Messages of the source that no catalogue of a language translates, or that are left in doubt."""
    translated = {
        _key(message.id)
        for path in (i18n.LOCALES / language).glob("*.po")
        for message in _read(path, language)
        if message.id and not message.fuzzy and all(_texts(message.string))
    }
    return [_key(message.id) for message in messages() if message.id and _key(message.id) not in translated]


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, project="Earmark", charset="utf-8", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def _key(message: str | Sequence[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _texts(translation: str | Sequence[str] | None) -> Sequence[str]:
    return [translation] if isinstance(translation, str) else translation or [""]
