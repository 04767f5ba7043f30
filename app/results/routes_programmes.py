"""``/country-programmes``."""

from app.db.programmes import CountryProgramme
from app.http.nouns import Noun, set_by_key
from app.http.router import api_router
from app.results import programmes as service
from app.results.programmes import CountryProgrammeIn, CountryProgrammeOut, CountryProgrammePage
from app.results.queries_programmes import PROGRAMMES

programmes = api_router("/country-programmes", "results")

set_by_key(
    programmes,
    Noun(
        row=CountryProgramme,
        listing=PROGRAMMES,
        shown=CountryProgrammeOut,
        query=CountryProgrammePage,
        one="country programme",
        many="country programmes",
        name="country_programme",
        names="country_programmes",
        key="programme_id",
        archive=service.archive_programme,
        restore=service.restore_programme,
    ),
    CountryProgrammeIn,
    service.put_programme,
    known="one of that code",
)
