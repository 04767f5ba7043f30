"""Keys that came in before they were taken as people see them are told, and brought into that form."""

from sqlalchemy import select

from app.db.engine import Database
from app.db.former_keys import former_keys, mend_keys
from app.db.organisation import Unit
from tests import portfolio


def test_a_key_that_nobody_sees_as_it_is_kept_is_mended_unless_another_record_has_it(database: Database) -> None:
    with database.write("tests") as session:
        for code in ("RO\u200bAF", "CO-A", "CO\u00ad-A", "Cafe\u0301", "ROAP"):
            portfolio.unit(session, code)
    with database.read() as session:
        told = [each.as_sentence() for each in former_keys(session)]
    assert told[0] == "units: the code seen as “ROAF” is kept otherwise (it holds U+200B (zero width space))."
    assert told[1].endswith(
        "(it holds U+00AD (soft hyphen)), and another one has that key: bring the two together by hand."
    )
    assert told[2].startswith("units: the code seen as “Café” is kept otherwise")
    with database.write("tests") as session:
        assert [each.seen for each in mend_keys(session) if not each.stays] == ["ROAF", "Café"]
    with database.read() as session:
        assert [each.seen for each in former_keys(session)] == ["CO-A"]
        assert set(session.scalars(select(Unit.code))) == {"ROAF", "CO-A", "CO\u00ad-A", "Café", "ROAP"}  # type: ignore[call-overload]
