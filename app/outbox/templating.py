"""Texts and pages from templates: the one rule for what is escaped."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def line(text: object) -> str:
    """On one line, whatever white space it has."""
    return " ".join(str(text).split())


def templates(package: str) -> Environment:
    """The templates in a package's folder ``templates``.

    Pages escape whatever is filled in, texts do not; a name that is missing is a fault.
    """
    found = Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    found.filters["line"] = line
    return found
