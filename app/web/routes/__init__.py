"""One module for each group of pages: what is read, what is shown, and where a form leads."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from app.inputs import Input
from app.web.forms import Form


def every_form() -> Iterator[Form[Input]]:
    """The forms of all pages: module constants of the routes."""
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        yield from (value for value in vars(module).values() if isinstance(value, Form))
