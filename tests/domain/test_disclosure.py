import datetime as dt

import pytest

from app.domain.disclosure import unscreened, withheld
from app.domain.terms import Screening

DAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("reason", "embargo", "told"),
    [
        (None, None, None),
        (None, DAY, None),
        (None, dt.date(2026, 11, 21), "under embargo until 2026-11-21"),
        ("negotiations", dt.date(2026, 11, 21), "negotiations"),
        ("negotiations", DAY, "negotiations"),
        ("", None, None),
    ],
)
def test_a_reason_holds_until_it_is_taken_away_and_an_embargo_until_its_day(
    reason: str | None, embargo: dt.date | None, told: str | None
) -> None:
    assert withheld(reason, embargo, reached=lambda day: day is None or day <= DAY) == told


@pytest.mark.parametrize("screening", Screening)
def test_a_partner_is_told_of_unless_its_screening_is_pending_or_was_refused(screening: Screening) -> None:
    assert (unscreened(screening) is None) is (screening in (Screening.NOT_REQUIRED, Screening.CLEARED))
