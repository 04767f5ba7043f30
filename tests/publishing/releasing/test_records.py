"""The lists of a release's files are walked through by identifier, whichever file a record is in."""

from operator import attrgetter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.publishing.releasing.records import RecordEntry, ReleasedList, read_entries, released
from app.publishing.releasing.store import FileStore

IDENTIFIERS = st.lists(st.sampled_from(["A", "B-1", "B-2", 'C "é"', "D"]), max_size=6).map(sorted)


def _entry(identifier: str) -> RecordEntry:
    return RecordEntry(identifier, 7, identifier.lower(), "0" * 64, "2024-05-06T07:08:09Z", 12, 34)


@given(st.lists(IDENTIFIERS, max_size=4))
def test_records_of_all_files_come_by_identifier_then_by_file(tmp_path_factory: object, lists: list[list[str]]) -> None:
    store = FileStore(Path(tmp_path_factory.mktemp("store")))  # type: ignore[attr-defined]
    files = []
    for number, identifiers in enumerate(lists):
        digest = f"{number:064}"
        store.path(digest).parent.mkdir(exist_ok=True)
        store.path(digest).write_bytes(b"".join(_entry(each).as_line() for each in identifiers))
        files.append(ReleasedList(f"file {number}", digest))
    found = list(released(store, files))
    expected = [(each, number) for number, identifiers in enumerate(lists) for each in identifiers]
    assert [(each.identifier, each.number) for each in found] == sorted(expected)
    assert [each.entry for each in found] == sorted(
        (_entry(each) for each, _ in expected), key=attrgetter("identifier")
    )


def test_an_entry_is_read_as_it_was_written() -> None:
    entries = [_entry('say "so" \n\u2028'), RecordEntry("X", None, "x", "1", None, 0, 1)]
    assert list(read_entries([each.as_line() for each in entries])) == entries
