"""Published files in a bucket, on a real S3-compatible server on this machine, which checks signatures."""

import json
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from nanio.app import build_app
from nanio.auth.credentials import EnvCredentialResolver
from nanio.config import Settings as ServerSettings
from obstore.store import S3Store
from pydantic import SecretStr

from app.errors import UsageError
from app.publishing.releasing.targets import target_of
from tests.publishing.releasing.office import Office
from tests.serving import served

ACTIVITIES = "xm-dac-41302-activities"
KEY, SECRET = "a-key-of-the-tests", "a-secret-of-the-tests"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with an empty bucket ``published``."""
    monkeypatch.setenv("NANIO_ACCESS_KEY", KEY)
    monkeypatch.setenv("NANIO_SECRET_KEY", SECRET)
    (tmp_path / "buckets" / "published").mkdir(parents=True)
    settings = ServerSettings(data_dir=tmp_path / "buckets", region="us-east-1", credentials=EnvCredentialResolver())
    with served(build_app(settings)) as address:
        yield address


def to_bucket(office: Office, server: str, place: str = "s3://published/iati", secret: str = SECRET) -> None:
    office.settings = office.settings.model_copy(
        update={
            "public_files": place,
            "public_files_url": "https://data.example.org/iati",
            "bucket_endpoint": server,
            "bucket_key": KEY,
            "bucket_secret": SecretStr(secret),
        }
    )


def test_release_goes_into_a_bucket_and_is_taken_out_of_it(office: Office, server: str) -> None:
    to_bucket(office, server)
    office.release()
    store = S3Store(
        "published", prefix="iati", endpoint=server, region="us-east-1", access_key_id=KEY, secret_access_key=SECRET,
        client_options={"allow_http": True},
    )  # fmt: skip
    got = obstore.get(store, f"{ACTIVITIES}.xml")
    assert got.attributes["Content-Type"] == "application/xml"
    assert bytes(got.bytes()) == office.bytes_of(ACTIVITIES)
    listed = json.loads(bytes(obstore.get(store, "datasets.json").bytes()))["datasets"]
    assert listed[0]["url"] == f"https://data.example.org/iati/{ACTIVITIES}.xml"
    assert office.publish().nothing
    obstore.put(store, f"{ACTIVITIES}.xml", b"somebody tried something")
    assert [(row.dataset, row.outcome) for row in office.publish().outcomes] == [(ACTIVITIES, "updated")]
    assert bytes(obstore.get(store, f"{ACTIVITIES}.xml").bytes()) == office.bytes_of(ACTIVITIES)
    office.withdraw("wrong", ACTIVITIES)
    with pytest.raises(FileNotFoundError):
        obstore.get(store, f"{ACTIVITIES}.xml")


@pytest.mark.parametrize(("place", "secret"), [("s3://missing/iati", SECRET), ("s3://published/iati", "wrong")])
def test_bucket_that_refuses_fails_in_words_and_changes_nothing(
    office: Office, server: str, place: str, secret: str
) -> None:
    to_bucket(office, server, place, secret)
    office.prepare()
    office.approve()
    done = office.publish()
    assert {row.outcome for row in done.outcomes} == {"failed"}
    assert "check EARMARK_PUBLIC_FILES" in done.outcomes[0].reason
    assert secret not in done.outcomes[0].reason or secret == "wrong"
    assert office.shown()["state"] == "approved"
    # one that answers nothing is not asked for each file anew
    to_bucket(office, "http://127.0.0.1:9", place, secret)
    gone = [row.reason for row in office.publish().outcomes if not row.dataset.startswith("datasets")]
    assert [reason.partition(" ")[0] for reason in gone[:2]] == [place, "xm-dac-41302-organisation.xml"]
    assert "was not tried: s3://" in gone[1]


def test_place_of_an_unknown_kind_is_refused(office: Office) -> None:
    for wrong in ("ftp://example.org", "s3://"):
        with pytest.raises(UsageError, match="give a folder, or s3://"):
            target_of(office.settings.model_copy(update={"public_files": wrong}))
