"""Records of a release are judged in a further process where that pays: the same comes of it, and its death is told."""

import errno
import os
from collections.abc import Sequence
from typing import NoReturn

import pytest
from sqlalchemy import delete, select

from app.db.base import table
from app.db.publishing import Fragment
from app.errors import StorageFailed
from app.publishing.releasing import judge, judging, prepare
from tests.publishing.releasing.office import Office


@pytest.fixture
def shared(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose releases are judged in a further process from the first record on."""
    monkeypatch.setattr(judging, "_WORTH", 0)
    monkeypatch.setattr(prepare, "usable_cores", lambda: 2)
    return office


def _judgements(office: Office) -> list[tuple[object, ...]]:
    """What is stored of the judgements, and then no longer."""
    fragment = table(Fragment).c
    names = ("project_id", "judged", "scored", "judged_by", "judged_from", "judged_until")
    with office.database.write("tests") as session:
        found = [
            tuple(row)
            for row in session.execute(select(*(fragment[name] for name in names)).order_by(fragment.project_id))
        ]
        session.execute(delete(Fragment))
    return found


def test_a_further_process_judges_as_this_one_does(shared: Office) -> None:
    office = shared
    one = office.settings.model_copy(update={"release_jobs": 1})
    both = office.settings
    office.settings = one
    first = office.prepare()
    alone = _judgements(office)
    assert alone
    office.settings = both
    again = office.prepare()
    assert (again.number, again.made) == (first.number, False)
    assert _judgements(office) == alone


def dies(_texts: Sequence[bytes]) -> NoReturn:
    """Ends its process, as the system does where memory runs out."""
    os._exit(1)


def test_death_of_the_further_process_is_told_and_nothing_is_prepared(
    shared: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(judge, "judged", dies)
        with pytest.raises(StorageFailed, match="EARMARK_RELEASE_JOBS=1"):
            shared.prepare()
    assert shared.prepare().number == 1


def test_where_no_further_process_may_be_made_this_one_judges(shared: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object) -> NoReturn:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(judging, "workers", refused)
    assert shared.prepare().made
    assert _judgements(shared)
