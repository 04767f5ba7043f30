"""Titles and descriptions in several languages: the first in the project's own language, the others beside it."""

from typing import Any

from app.db.projects import Document, Project

#: languages that have fields of their own
LANGUAGES = ("fr", "es")


def apply(row: Project | Document, values: dict[str, Any]) -> None:
    """Sets title and description, and their translations where ``title_fr`` and the like are among the values."""
    for name in ("title", "description"):
        if name in values and hasattr(row, name):
            setattr(row, name, values[name])
        for language in LANGUAGES:
            if f"{name}_{language}" in values:
                column = f"{name}_translations"
                setattr(row, column, with_text(getattr(row, column), language, values[f"{name}_{language}"]))


def with_text(translations: list[list[str]], language: str, text: str | None) -> list[list[str]]:
    """The list with the first text of a language replaced, added or taken away."""
    place = next((place for place, pair in enumerate(translations) if pair[0] == language), None)
    result = [list(pair) for pair in translations]
    if text is None:
        return result if place is None else result[:place] + result[place + 1 :]
    if place is None:
        return [*result, [language, text]]
    result[place] = [language, text]
    return result
