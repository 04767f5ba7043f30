"""Titles and descriptions in several languages: the first in the project's own language, the others beside it."""

from app.db.projects import Document, Project
from app.inputs import Sent
from app.translated import translations, with_text


def apply(row: Project | Document, values: Sent) -> None:
    """Sets title and description, and their translations where ``title_fr`` and the like are among the values."""
    for name in ("title", "description"):
        if not hasattr(row, name):
            continue
        if name in values and getattr(row, name) != values[name]:
            setattr(row, name, values[name])
        column = f"{name}_translations"
        for language, text in translations(values, name):
            setattr(row, column, with_text(getattr(row, column), language, text))
