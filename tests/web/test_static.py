"""Files of others are served as they were published."""

import hashlib
import tomllib

from app.web.static_files import FOLDER


def test_vendored_files_are_as_they_were_published() -> None:
    listed = tomllib.loads((FOLDER / "vendor" / "VENDORED.toml").read_text(encoding="utf-8"))["file"]
    assert {each["name"] for each in listed} | {"VENDORED.toml"} == {
        path.name for path in (FOLDER / "vendor").iterdir()
    }
    for each in listed:
        content = (FOLDER / "vendor" / each["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each["sha256"], each["name"]


def test_own_style_and_script_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.suffix in (".css", ".js")) < 35_000
