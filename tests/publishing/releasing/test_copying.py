"""The file store as one file: it comes back as it was, and a damaged copy is refused."""

from hashlib import sha256
from pathlib import Path

import pytest

from app.errors import InvalidInput
from app.publishing.releasing.copying import pack, unpack
from app.publishing.releasing.store import FileStore


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_store_comes_back_from_its_copy_and_from_no_other(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "store")
    with store.working() as folder:
        (folder / "a").write_bytes(b"<iati-activities/>")
        kept = store.take(folder / "a")
    store.pack(kept.sha256)
    old = b"events of long ago"
    archive = store.folder / "audit" / f"{sha256(old).hexdigest()}.jsonl.gz"
    archive.parent.mkdir()
    archive.write_bytes(old)
    whole = tree(store.folder)
    (store.folder / "work-1-x.part").mkdir()
    (store.folder / "work-1-x.part" / "half").write_bytes(b"half")
    assert pack(store.folder, tmp_path / "files.tar") == 3
    for _ in range(2):
        assert unpack(tmp_path / "files.tar", tmp_path / "back") == 3
        assert tree(tmp_path / "back") == whole
    content = (tmp_path / "files.tar").read_bytes()
    packed = store.packed(kept.sha256).read_bytes()
    for wrong in (
        content.replace(b"<iati-", b"<iota-"),
        content.replace(packed, packed[:-8] + bytes(8)),
        content.replace(packed, packed[:12] + bytes(len(packed) - 12)),
        content[:700],
        content.replace(b"audit/", b"../er/"),
        b"no tar",
    ):
        (tmp_path / "wrong.tar").write_bytes(wrong)
        with pytest.raises(InvalidInput, match="cannot be put back"):
            unpack(tmp_path / "wrong.tar", tmp_path / "empty")
    assert set(tree(tmp_path / "empty")) <= set(whole)
    assert not list(tmp_path.rglob("er"))
