"""The lists of a release's files are walked through by identifier, whichever file a record is in."""

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.datasets import WHOLE
from app.errors import StorageFailed
from app.publishing.releasing.files import ReleaseWriter
from app.publishing.releasing.records import (
    Before,
    Placed,
    RecordEntry,
    ReleasedList,
    read_entries,
    released,
)
from app.publishing.releasing.store import FileStore

IDENTIFIERS = st.lists(st.sampled_from(["A", "B-1", "B-2", 'C "é"', "D"]), max_size=6).map(sorted)


def _entry(identifier: str) -> RecordEntry:
    return RecordEntry(identifier, 7, identifier.lower(), "0" * 64, "2024-05-06T07:08:09Z", 12, 34)


@given(st.lists(IDENTIFIERS, max_size=4))
def test_records_of_all_files_come_by_identifier_then_by_file(tmp_path_factory: object, lists: list[list[str]]) -> None:
    folder = Path(tmp_path_factory.mktemp("store"))  # type: ignore[attr-defined]
    store, files = FileStore(folder), []
    for number, identifiers in enumerate(lists):
        path = folder / "list"
        path.write_bytes(b"".join(_entry(each).as_line() for each in identifiers))
        files.append(ReleasedList(f"file {number}", store.take(path).sha256))
    found = list(released(store, files))
    expected = [(each, number) for number, identifiers in enumerate(lists) for each in identifiers]
    assert [(each.identifier, each.number) for each in found] == sorted(expected)
    assert [each.entry for each in found] == sorted(
        (_entry(each) for each, _ in expected), key=attrgetter("identifier")
    )


def test_a_damaged_list_is_told(tmp_path: Path) -> None:
    """It says what the world has, and where in a file that begins."""
    store, path = FileStore(tmp_path), tmp_path / "list"
    path.write_bytes(_entry("A").as_line())
    digest = store.take(path).sha256
    store.path(digest).write_bytes(_entry("A")._replace(start=13).as_line())
    with pytest.raises(StorageFailed, match="was damaged"):
        list(released(store, [ReleasedList("file", digest)]))


def test_an_entry_is_read_as_it_was_written() -> None:
    entries = [_entry('say "so" \n\u2028'), RecordEntry("X", None, "x", "1", None, 0, 1)]
    assert list(read_entries([each.as_line() for each in entries])) == entries


@given(IDENTIFIERS, st.lists(st.sampled_from(["A", "B", "B-1", "C", 'C "é"', "D", "E"]), max_size=4).map(sorted))
def test_what_comes_is_what_is_taken_then(identifiers: list[str], batches: list[str]) -> None:
    """Reading ahead, as far as each of some identifiers, changes nothing of what is taken."""
    records = [Placed(each, _entry(each), Path("file"), number) for number, each in enumerate(identifiers)]
    plain, ahead = (Before(iter(records), FileStore(Path("nowhere"))) for _ in range(2))
    with plain, ahead:
        for last in batches:
            coming = ahead.coming(last)
            assert all(each <= last for each in coming)
            for identifier in sorted(each for each in {*identifiers, "B"} if each <= last):
                taken = plain.take(identifier)
                assert ahead.take(identifier) == taken
                assert taken is None or coming[identifier] == taken
                assert ahead.gone() == plain.gone()
                assert ahead.also() == plain.also()
        assert list(ahead.rest()) == list(plain.rest())


def test_only_a_file_as_it_was_put_into_the_store_is_copied_from(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    kept = []
    for text in (b"whole", b"damaged", b"gone"):
        path = tmp_path / "new"
        path.write_bytes(text)
        kept.append(store.take(path))
    whole, damaged, gone = (each.sha256 for each in kept)
    store.path(damaged).write_bytes(b"DAMAGED")
    store.path(gone).unlink()
    files = [ReleasedList(name, "list") for name in (whole, damaged, gone)]
    with Before(iter(()), store, files) as before:
        assert [before.whole(file.sha256) for file in files] == [True, False, False]
    with Before(iter(()), store) as before:
        assert not before.whole(whole)
        assert not before.whole(tmp_path)


def test_records_in_a_row_are_copied_in_one_go_and_a_file_that_became_shorter_is_told(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "store")
    store.folder.mkdir()
    source = tmp_path / "source"
    source.write_bytes(b"head\n  <a/>\n  <b/>\n  <c/>\n  <d/>\n")
    digest = store.take(source).sha256

    def copy(writer: ReleaseWriter, **starts: int) -> None:
        records = [
            Placed(name, RecordEntry(name, 7, name, "", "2024-05-06T07:08:09Z", start, 4), digest, 0)
            for name, start in starts.items()
        ]
        writer.copy(records, reporting_org="X", publisher="x", part=WHOLE)

    def writer() -> ReleaseWriter:
        return ReleaseWriter(store, tmp_path, max_bytes=10_000, before=lambda _dataset: None)

    first = writer()
    copy(first, a=7, b=14)
    first.add(
        b"<new/>",
        identifier="c",
        project_id=8,
        code="c",
        content="",
        stamp="2023-01-01T00:00:00Z",
        reporting_org="X",
        publisher="x",
        part=WHOLE,
    )
    copy(first, d=28)
    (file,) = first.finish()
    assert file.content_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    with store.open(file.sha256) as stream, store.open(file.records_sha256) as records:
        whole = stream.read()
        assert whole.endswith(b"\n  <a/>\n  <b/>\n  <new/>\n  <d/>\n</iati-activities>\n")
        listed = list(read_entries(records))
    assert [whole[each.start : each.start + each.length] for each in listed] == [b"<a/>", b"<b/>", b"<new/>", b"<d/>"]
    assert [(each.identifier, each.project_id) for each in listed] == [("a", 7), ("b", 7), ("c", 8), ("d", 7)]

    store.path(digest).write_bytes(b"short")
    second = writer()
    copy(second, d=28)
    with pytest.raises(StorageFailed, match="became shorter"):
        second.finish()
    second.close()
