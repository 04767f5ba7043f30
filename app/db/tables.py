"""Every table, imported once so that the metadata is whole."""

from app.db import (
    alerts,
    control,
    dated,
    duties,
    evaluations,
    funding,
    imports,
    organisation,
    pages,
    partners,
    people,
    programmes,
    projects,
    publishing,
    registry,
    results,
    spending,
)
from app.db.base import metadata

__all__ = [
    "alerts",
    "control",
    "dated",
    "duties",
    "evaluations",
    "funding",
    "imports",
    "metadata",
    "organisation",
    "pages",
    "partners",
    "people",
    "programmes",
    "projects",
    "publishing",
    "registry",
    "results",
    "spending",
]
