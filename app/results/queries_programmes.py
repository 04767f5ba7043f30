"""Reads of country programmes."""

from sqlalchemy import func, select

from app.db.base import table
from app.db.programmes import CountryProgramme
from app.db.projects import Project
from app.http.lists import Listing, equals, sort, unless_archived

_programme, _project = table(CountryProgramme).c, table(Project).c

PROGRAMMES = Listing(
    name="country programmes",
    statement=select(
        _programme.id,
        _programme.code,
        _programme.title,
        _programme.country,
        _programme.starts_on,
        _programme.ends_on,
        _programme.priorities,
        _programme.cooperation_framework,
        _programme.alignment,
        _programme.steering_body,
        select(func.count())
        .where(_project.country_programme == _programme.code, _project.archived_at.is_(None))
        .correlate(table(CountryProgramme))
        .scalar_subquery()
        .label("projects"),
        _programme.note,
        _programme.version,
        _programme.archived_at,
    ),
    key=_programme.id,
    sorts={
        "code": sort(_programme.code),
        "country": sort(_programme.country),
        "ends_on": sort(_programme.ends_on),
        "id": sort(_programme.id),
    },
    filters={
        "archived": unless_archived(_programme.archived_at),
        "country": equals(_programme.country),
        "alignment": equals(_programme.alignment),
    },
    usual_sort="code",
)
