"""Rendered activities that are kept: reused while they hold, and never visible in the bytes."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from app.db.base import table
from app.db.engine import Database
from app.db.funding import Agreement
from app.db.organisation import Setup
from app.db.partners import Organisation
from app.db.projects import Classification, Document, Project
from app.db.publishing import Fragment
from app.db.results import Indicator, Result
from app.db.spending import LedgerEntry
from app.domain.terms import Grain, Stage
from app.errors import StorageFailed
from app.publishing.exporting.account import ExportAccount
from app.publishing.exporting.activities_file import export_activities
from app.publishing.exporting.fragments import content_hash
from tests.publishing.conftest import TODAY
from tests.publishing.own import Portfolio
from tests.publishing.xml import ACTIVITY, write

#: no server and no template database is made for every example: one portfolio takes all edits
EDITS = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def export(database: Database, *, as_of: dt.date = TODAY, store: bool = True) -> tuple[bytes, ExportAccount]:
    out = io.BytesIO()
    account = export_activities(database, out, as_of=as_of, store=store)
    return out.getvalue(), account


def cold(database: Database, *, as_of: dt.date = TODAY) -> bytes:
    """The export as it is without anything kept."""
    with database.write("test") as session:
        session.execute(delete(table(Fragment)))
    return export(database, as_of=as_of, store=False)[0]


def test_second_export_reuses_everything_and_has_the_same_bytes(portfolio: Portfolio, database: Database) -> None:
    first, account = export(database)
    assert (account.written, account.reused) == (1, 0)
    second, account = export(database)
    assert (account.written, account.reused) == (1, 1)
    assert first == second
    assert b"Better work" in first


def test_what_was_kept_when_nothing_had_a_sign_is_rendered_again(portfolio: Portfolio, database: Database) -> None:
    first, _ = export(database)
    kept = table(Fragment)
    with database.write("test") as session:
        version = session.execute(select(kept.c.mapping_version)).scalar_one()
        session.execute(
            update(kept).values(
                mapping_version=f"7:{version.partition(':')[2]}", xml=func.replace(kept.c.xml, "Better", "-0.00")
            )
        )
    again, account = export(database)
    assert (account.reused, again) == (0, first)


def test_only_what_changed_is_rendered_again(portfolio: Portfolio, database: Database) -> None:
    with database.write("anna") as session:
        portfolio.add_project(session, "OTHER")
    export(database)
    portfolio.post("4", dt.date(2021, 3, 3), "1")
    assert export(database)[1].reused == 1


def test_renamed_partner_shows_at_once(portfolio: Portfolio, database: Database) -> None:
    export(database)
    portfolio.change(Organisation, portfolio.donor.id, name="Kingdom of the Netherlands")
    warm, account = export(database)
    assert account.reused == 0
    assert b"Kingdom of the Netherlands" in warm


def test_changed_set_up_renders_everything_again(portfolio: Portfolio, database: Database) -> None:
    export(database)
    portfolio.change(Setup, 1, default_flow_type="30")
    warm, account = export(database)
    assert account.reused == 0
    assert b'<default-flow-type code="30"/>' in warm


def test_archived_parent_disappears_from_its_children(portfolio: Portfolio, database: Database) -> None:
    with database.write("anna") as session:
        parent = portfolio.add_project(session, "ACCEL", grain=Grain.PROGRAMME)
    portfolio.change(Project, portfolio.project.id, parent_id=parent.id)
    assert b"related-activity" in export(database)[0]
    portfolio.change(Project, parent.id, archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert b"related-activity" not in export(database)[0]


def test_fragment_ends_on_the_eve_of_a_row_that_is_still_to_come(portfolio: Portfolio, database: Database) -> None:
    portfolio.post("4", dt.date(2021, 3, 3), "1")
    portfolio.post("4", dt.date(2021, 5, 3), "2")
    portfolio.change(Project, portfolio.project.id, content_changed_at=dt.datetime(2021, 3, 1, tzinfo=dt.UTC))
    before, _ = export(database, as_of=dt.date(2021, 4, 1))
    assert export(database, as_of=dt.date(2021, 5, 2))[1].reused == 1
    after, account = export(database, as_of=dt.date(2021, 5, 3))
    assert account.reused == 0
    assert (before.count(b"<transaction>"), after.count(b"<transaction>")) == (1, 2)
    earlier, account = export(database, as_of=dt.date(2021, 3, 2))
    assert account.reused == 0
    assert earlier.count(b"<transaction>") == 0


def test_fragment_of_a_day_before_the_last_change_holds_for_that_day(portfolio: Portfolio, database: Database) -> None:
    portfolio.change(Project, portfolio.project.id, content_changed_at=dt.datetime(2021, 5, 3, 12, tzinfo=dt.UTC))
    for day, moment, reused in (
        ("2021-04-01", "2021-04-01T23:59:59Z", 0),
        ("2021-04-01", "2021-04-01T23:59:59Z", 1),
        ("2021-04-02", "2021-04-02T23:59:59Z", 0),
        ("2021-05-03", "2021-05-03T12:00:00Z", 0),
        ("2021-05-04", "2021-05-03T12:00:00Z", 1),
    ):
        xml, account = export(database, as_of=dt.date.fromisoformat(day))
        assert account.reused == reused, day
        assert xml.count(f'last-updated-datetime="{moment}"'.encode()) == 1, day
        assert f'generated-datetime="{moment}"'.encode() in xml


def test_activity_with_something_left_out_tells_so_every_time(portfolio: Portfolio, database: Database) -> None:
    portfolio.post("3", dt.date(2021, 3, 3), "9", withheld_reason="safety")
    assert [len(export(database)[1].exclusions) for _ in range(2)] == [1, 1]


def test_hash_does_not_see_when_the_content_last_changed() -> None:
    one = '<iati-activity last-updated-datetime="2024-01-01T00:00:00Z" hierarchy="1"><title/></iati-activity>'
    assert content_hash(one) == content_hash(one.replace("2024-01-01", "2025-02-02"))
    assert content_hash(one) != content_hash(one.replace('"1"', '"2"'))


edits = st.one_of(
    st.tuples(st.just("title"), st.text("abcé<&", min_size=1, max_size=5)),
    st.tuples(st.just("stage"), st.sampled_from(list(Stage))),
    st.tuples(st.just("rename partner"), st.text("xyz ", min_size=1, max_size=5)),
    st.tuples(st.just("rename publisher"), st.text("xyz", min_size=1, max_size=5)),
    st.tuples(st.just("agreement"), st.sampled_from("ACEGI")),
    st.tuples(st.just("post"), st.integers(1, 9999)),
    st.tuples(st.just("allocate"), st.integers(1, 9999)),
    st.tuples(st.just("sector"), st.sampled_from(["11110", "15110"])),
    st.tuples(st.just("document"), st.dates(dt.date(2026, 11, 1), dt.date(2026, 12, 31))),
    st.tuples(st.just("result"), st.text("abc", min_size=1, max_size=4)),
    st.tuples(st.just("imported title"), st.text("abc", min_size=1, max_size=4)),
    st.tuples(st.just("export"), st.dates(dt.date(2026, 11, 1), dt.date(2026, 12, 31))),
)


def apply(portfolio: Portfolio, imported: int, kind: str, value: Any) -> None:
    key = portfolio.project.id or 0
    match kind:
        case "title" | "stage":
            portfolio.change(Project, key, **{kind: value})
        case "imported title":
            portfolio.change(Project, imported, title=value)
        case "rename partner":
            portfolio.change(Organisation, portfolio.donor.id, name=value)
        case "rename publisher":
            portfolio.change(Organisation, portfolio.publisher.id, name=value)
        case "agreement":
            portfolio.change(Agreement, portfolio.agreement.id, modality=value)
        case "post":
            portfolio.post("4", TODAY + dt.timedelta(days=value % 40 - 20), str(value))
        case "allocate":
            portfolio.allocate(2020 + value % 5, str(value))
        case "sector":
            portfolio.add(Classification(project_id=key, kind="sector", ordinal=9, code=value, percentage=Decimal(5)))
        case "document":
            values = {"url": "https://x.example/", "format": "text/html", "title": "D", "category": "A01"}
            portfolio.add(Document(project_id=key, ordinal=0, embargo_until=value, **values))
        case "result":
            result = portfolio.add(Result(project_id=key, ordinal=0, type="1", title=value))
            portfolio.add(Indicator(result_id=result.id, ordinal=0, measure="1", title=value))


@EDITS
@given(steps=st.lists(edits, min_size=1, max_size=6))
def test_warm_and_cold_exports_are_the_same_after_any_edits(
    steps: list[tuple[str, Any]], edited: tuple[Portfolio, int, Database]
) -> None:
    portfolio, imported, database = edited
    for kind, value in steps:
        if kind == "export":
            export(database, as_of=value)
        else:
            apply(portfolio, imported, kind, value)
    for as_of in (TODAY, TODAY + dt.timedelta(days=30)):
        warm, _ = export(database, as_of=as_of)
        again, account = export(database, as_of=as_of)
        assert warm == again == cold(database, as_of=as_of)
        assert account.written == 2


@pytest.fixture
def edited(portfolio: Portfolio, database: Database, take_in: Any, tmp_path: Path) -> tuple[Portfolio, int, Database]:
    """A project of our own and an imported one that names the same donor."""
    take_in(write(tmp_path, ACTIVITY))
    with database.read() as session:
        imported = session.scalars(table(Project).select().where(table(Project).c.origin == "imported")).one()
    return portfolio, imported, database


def test_full_disk_is_told_and_leaves_the_old_file(
    portfolio: Portfolio, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xml"
    export_activities(database, path, as_of=TODAY)
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFailed, match="disk is full"):
        export_activities(database, path, as_of=TODAY)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.glob(".out*")] == []


def test_ledger_rows_of_an_import_have_no_future(take_in: Any, database: Database, tmp_path: Path) -> None:
    take_in(write(tmp_path, ACTIVITY))
    assert export(database, as_of=dt.date(2000, 1, 1))[0] == export(database, as_of=TODAY)[0]
    with database.read() as session:
        assert session.execute(table(LedgerEntry).select()).all()
