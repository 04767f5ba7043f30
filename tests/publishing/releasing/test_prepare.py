"""A release is one state of the records, frozen, with everything to know about it before it goes out."""

import datetime as dt
import json
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import delete, select, update

from app.db.base import table
from app.db.engine import Database
from app.db.partners import Organisation
from app.db.projects import Classification, Project
from app.db.publishing import Fragment, PublishedActivity
from app.domain.access import LOCAL, Actor
from app.domain.datasets import Split
from app.domain.terms import Role
from app.errors import Conflict, NotAllowed, StorageFailed
from app.projects.identifiers import change_identifier
from app.projects.schemas import IdentifierIn
from app.publishing.releasing.answers import publication_lines
from app.publishing.releasing.queries import files_in_public
from app.publishing.releasing.records import read_entries
from iati.validator import validate
from iati.validator.apart import Judged
from tests.publishing.conftest import TODAY
from tests.publishing.releasing.office import ANNA, BORIS, Office, day
from tests.publishing.xml import numbered, write

ACTIVITIES, ORGANISATION = "xm-dac-41302-activities", "xm-dac-41302-organisation"
CODE = "GLO/21/01/NLD"


def test_release_is_told_in_words_an_officer_reads_and_publishes_what_was_approved(office: Office) -> None:
    office.post("1", day("2021-03-03"), "100")
    assert office.release() == 1
    first = office.bytes_of(ACTIVITIES)
    assert validate(first, as_of=TODAY).valid
    assert office.shown()["counts"]["activities"] == 1
    assert not office.prepare().made
    assert office.publish().nothing

    office.change(Project, office.project.id, actual_end=day("2026-03-31"), title_translations=[("fr", "Titre")])
    for amount in ("10.50", "20", "30"):
        office.post("3", day("2026-01-05"), amount, receiver_id=office.donor.id)
    with office.database.write("anna") as session:
        office.add_project(session, "NEW/1", title="Another")
    prepared = office.prepare(ANNA)
    assert (prepared.made, prepared.number) == (True, 2)
    (told, new) = office.lines("change")
    for part in ("actual end date added (2026-03-31)", "3 transactions added, sum USD 60.50", "fr"):
        assert part in told
    assert new == "NEW/1: published for the first time: Another"
    # data changes after the approval: what was approved goes out
    office.approve(BORIS)
    approved = office.bytes_of(ACTIVITIES)
    office.change(Project, office.project.id, title="Changed after the approval")
    published = office.publish(BORIS)
    assert [(row.dataset, row.outcome) for row in published.outcomes] == [
        (ACTIVITIES, "updated"),
        (ORGANISATION, "unchanged"),
    ]
    assert office.bytes_of(ACTIVITIES) == approved
    assert b"Changed after" not in approved
    assert [office.shown(number)["state"] for number in (1, 2)] == ["superseded", "published"]


def test_moment_of_a_record_moves_only_with_its_content(office: Office, database: Database) -> None:
    office.release()
    before = office.bytes_of(ACTIVITIES)
    office.change(Project, office.project.id, title="Another")
    office.change(Project, office.project.id, title="Better work")
    with database.write("anna") as session:
        content_changed = session.get_one(Project, office.project.id).content_changed_at
        session.get_one(Project, office.project.id).content_changed_at = content_changed + dt.timedelta(days=1)
    assert not office.prepare().made
    office.change(Project, office.project.id, title="Another")
    office.prepare()
    assert office.bytes_of(ACTIVITIES) != before


def test_files_are_split_by_rule_and_never_hold_two_publishers(office: Office, database: Database) -> None:
    with database.write("anna") as session:
        other = Organisation(identifier="XM-DAC-99", name="Other", name_key="other", type="40")
        session.add(other)
        session.flush()
        other_id = other.id
        projects = [office.add_project(session, f"P/{number}") for number in range(4)]
        projects[0].reporting_org_id = other.id
        for project, country in zip(projects[1:3], ("TZ", "UG"), strict=True):
            (row,) = session.scalars(
                select(Classification).where(
                    table(Classification).c.project_id == project.id, table(Classification).c.kind == "country"
                )
            )
            row.code = country
        session.add(Classification(project_id=projects[3].id or 0, kind="country", ordinal=5, code="UG"))
        for row in session.scalars(
            select(Classification).where(
                table(Classification).c.project_id == projects[3].id, table(Classification).c.kind == "country"
            )
        ):
            row.percentage = Decimal(50)
    office.prepare(split=Split.COUNTRY)
    files = {file["dataset"]: file for file in office.shown()["files"]}
    assert sorted(files) == [
        "xm-dac-41302-ke", ORGANISATION, "xm-dac-41302-several-countries", "xm-dac-41302-tz", "xm-dac-41302-ug",
        "xm-dac-99-ke",
    ]  # fmt: skip
    for name in files:
        reporters = etree.fromstring(office.bytes_of(name)).xpath("//reporting-org/@ref")
        assert set(reporters) == {files[name]["reporting_org"]}
    office.prepare(split=Split.BIENNIUM)
    assert "xm-dac-41302-2020-21" in {file["dataset"] for file in office.shown()["files"]}
    office.prepare(max_bytes=4000)
    sizes = {file["dataset"]: file["bytes"] for file in office.shown()["files"]}
    assert "xm-dac-41302-activities-2" in sizes
    assert all(size <= 4000 for name, size in sizes.items() if "activities" in name)
    # two publishers whose names would be the same
    office.change(Organisation, other_id, identifier="XM-DAC/41302")
    office.prepare(split=Split.COUNTRY)
    whose = {file["dataset"]: file["reporting_org"] for file in office.shown()["files"]}
    assert len([name for name, reporter in whose.items() if name.endswith("-ke")]) == len(set(whose.values())) == 2


def test_only_what_differs_from_the_public_file_is_told(office: Office, database: Database, tmp_path: Path) -> None:
    from app.domain.access import LOCAL
    from app.publishing.importing.run import Importer

    path = write(tmp_path, *(numbered(number) for number in range(1, 6)), name="real.xml")
    Importer(database, LOCAL, as_of=TODAY).run([path])
    with database.write("anna") as session:
        project = session.scalars(select(Project).where(table(Project).c.title == "Better work 3")).one()
        code = project.code
        project.title = "Best work"
    with database.write("anna") as session:
        session.get_one(Project, office.project.id).withheld_reason = "not yet"
    office.prepare(live=[str(path)])
    assert office.lines("change") == [
        f"{code}: title changed in en",
        "XM-DAC-41302: organisation file published for the first time: Agency",
    ]
    assert office.lines("withheld") == [f"{CODE}: not yet"]


def test_second_person_and_role(office: Office, database: Database) -> None:
    from app.db.organisation import Setup

    office.change(Setup, 1, approval_by_second_person=True)
    office.prepare(ANNA)
    with pytest.raises(Conflict, match="wants another person"):
        office.approve(ANNA)
    with pytest.raises(NotAllowed):
        office.approve(Actor(name="olga", role=Role.OFFICER))
    with pytest.raises(Conflict, match="not approved yet"):
        office.publish(BORIS)
    office.approve(BORIS)
    office.publish(ANNA)


def test_release_that_comes_too_late_is_refused(office: Office) -> None:
    office.release()
    office.change(Project, office.project.id, title="Two")
    office.prepare()
    office.change(Project, office.project.id, title="Three")
    office.release()
    with pytest.raises(Conflict, match="Release 3 was published after release 2"):
        office.approve(number=2)


def test_withdrawn_and_published_again(office: Office, database: Database) -> None:
    office.release()
    taken = office.withdraw("by mistake")
    assert {row.outcome for row in taken.outcomes} == {"withdrawn"}
    assert not any(line.startswith("Public at") for line in publication_lines(taken, office.settings))
    assert office.shown()["state"] == "withdrawn"
    with pytest.raises(Conflict, match="Nothing is public"):
        office.withdraw()
    assert {row.outcome for row in office.publish(number=1).outcomes} == {"published"}
    office.withdraw("part", ORGANISATION)
    assert [row.outcome for row in office.publish(number=1).outcomes] == ["unchanged", "published"]
    with database.read() as session:
        seen = session.scalars(select(table(PublishedActivity).c.identifier)).all()
    assert seen == ["XM-DAC-41302-GLO-21-01-NLD"]


def test_dataset_that_became_empty_is_withdrawn(office: Office, database: Database) -> None:
    with database.write("anna") as session:
        office.add_project(session, "B/1", planned_start=day("2023-05-01"))
    office.release(split=Split.BIENNIUM)
    with database.write("anna") as session:
        session.scalars(select(Project).where(table(Project).c.code == "B/1")).one().withheld_reason = "safety"
    prepared = office.prepare(split=Split.BIENNIUM)
    gone, file = office.lines("change")
    assert gone.startswith("B/1: no longer published (XM-DAC-41302-B-1): safety")
    assert file == (
        "xm-dac-41302-2022-23: the file goes, and whoever asks for its address is told that it was withdrawn"
    )
    office.approve(number=prepared.number)
    told = {row.dataset: row.outcome for row in office.publish().outcomes}
    assert told["xm-dac-41302-2022-23"] == "withdrawn"
    with database.write("anna") as session:
        other = IdentifierIn(identifier="XM-DAC-41302-NEW", reason="it named a person")
        change_identifier(session, LOCAL, session.get_one(Project, office.project.id), other)
    office.release(split=Split.BIENNIUM)
    gone = f"{CODE}: no longer published (XM-DAC-41302-GLO-21-01-NLD): it is XM-DAC-41302-NEW from now on"
    assert gone in office.lines("change")
    # it gets the former one back, and is withheld before the world has heard of that
    office.change(Project, office.project.id, iati_identifier="XM-DAC-41302-GLO-21-01-NLD", former_identifiers=[])
    office.prepare(split=Split.BIENNIUM)
    back = f"{CODE}: no longer published (XM-DAC-41302-NEW): it is XM-DAC-41302-GLO-21-01-NLD from now on"
    assert back in office.lines("change")
    office.change(Project, office.project.id, withheld_reason="war")
    office.prepare(split=Split.BIENNIUM)
    assert f"{CODE}: no longer published (XM-DAC-41302-NEW): war" in office.lines("change")


def test_damaged_store_fails_one_dataset_and_no_other(office: Office) -> None:
    office.prepare()
    office.approve()
    digests = {file["dataset"]: file["sha256"] for file in office.shown()["files"]}
    path = office.settings.file_store / digests[ORGANISATION][:2] / digests[ORGANISATION]
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"Agency", b"Agentz"))
    done = office.publish()
    told = {row.dataset: (row.outcome, row.reason) for row in done.outcomes}
    assert told[ACTIVITIES][0] == "published"
    assert told[ORGANISATION][0] == "failed"
    assert "as it was approved" in told[ORGANISATION][1]
    assert office.shown()["state"] == "approved"
    path.write_bytes(kept)
    assert not office.publish().failed
    assert office.shown()["state"] == "published"


@pytest.mark.parametrize("split", [Split.WHOLE, Split.COUNTRY, Split.BIENNIUM])
def test_what_is_public_and_did_not_change_is_copied_from_its_file_unless_that_was_damaged(
    office: Office, database: Database, split: Split
) -> None:
    with database.write("anna") as session:
        for number in range(6):
            office.add_project(session, f"P/{number}", title=f"Water {number}")
        changed = office.add_project(session, "P/3a", title="Changes often").id
    office.release(split=split)

    def texts(number: int) -> dict[str, bytes]:
        datasets = [file["dataset"] for file in office.shown(number)["files"] if file["dataset"] != ORGANISATION]
        trees = [etree.fromstring(office.bytes_of(name, number)) for name in datasets]
        return {each.findtext("iati-identifier"): etree.tostring(each).strip() for each in trees for each in each}

    first = texts(1)
    assert len(first) == 8
    # what is not looked at any more cannot be seen in what is written
    office.change(Project, changed, title="Changed once")
    with database.write("test") as session:
        session.execute(update(table(Fragment)).values(xml="<not-asked-for/>"))
    second = texts(office.release(split=split))
    assert [name for name in first if first[name] != second[name]] == ["XM-DAC-41302-P-3a"]
    assert b"Changed once" in second["XM-DAC-41302-P-3a"]

    # the file was damaged since: its records come from the database, rendered anew here, and the file is whole
    with database.write("test") as session:
        session.execute(delete(table(Fragment)))
    for file in office.shown(2)["files"]:
        path = office.settings.file_store / file["sha256"][:2] / file["sha256"]
        path.write_bytes(path.read_bytes().replace(b"Water", b"Waste"))
    office.change(Project, changed, title="Changed twice")
    third = texts(office.prepare(split=split).number)
    assert {name for name in first if first[name] != third[name]} == {"XM-DAC-41302-P-3a"}
    assert office.prepare(split=split).number == 3


def test_what_is_public_is_held_back_once_it_is_known_to_be_forbidden(office: Office, database: Database) -> None:
    with database.write("anna") as session:
        forbidden = office.add_project(session, "P/1", title="Water").id
        office.add_project(session, "P/2", title="Wages")
    office.release()
    said = Judged(
        findings=[("0.3.1", "critical", "", "says what may not be", 1)],
        references=[], identifiers=["XM-DAC-41302-P-1"], former=[], until=None,
    )  # fmt: skip
    with database.write("test") as session:
        fragment = table(Fragment)
        session.execute(update(fragment).where(fragment.c.project_id == forbidden).values(judged=said.as_text()))
    number = office.prepare().number
    assert office.lines("held-back", number=number) == ["P/1: says what may not be"]
    assert b"XM-DAC-41302-P-1<" not in office.bytes_of(ACTIVITIES, number)
    assert b"XM-DAC-41302-P-2<" in office.bytes_of(ACTIVITIES, number)


def test_what_is_called_otherwise_here_is_listed_by_its_code(office: Office, database: Database) -> None:
    with database.write("anna") as session:
        renamed = office.add_project(session, "P/1", title="Water").id
        changed = office.add_project(session, "P/2", title="Wages").id
    office.release()
    with database.write("test") as session:
        project = table(Project)
        session.execute(update(project).where(project.c.id == renamed).values(code="Q/1"))
    office.change(Project, changed, title="Living wages")
    office.release()
    with database.read() as session:
        (digest,) = [file.records_sha256 for file in files_in_public(session) if file.dataset == ACTIVITIES]
    entries = read_entries(office.settings.file_store.joinpath(digest[:2], digest).read_bytes().splitlines())
    assert {each.project_id: each.code for each in entries}[renamed] == "Q/1"


def test_damaged_list_of_what_is_public_stops_a_release(office: Office, database: Database) -> None:
    with database.write("anna") as session:
        for number in range(4):
            office.add_project(session, f"P/{number}", title=f"Water {number}")
    office.release()
    with database.read() as session:
        lists = [file.records_sha256 for file in files_in_public(session) if file.dataset == ACTIVITIES]
    for digest in lists:
        path = office.settings.file_store / digest[:2] / digest
        entries = list(read_entries(path.read_bytes().splitlines()))
        path.write_bytes(b"".join(each._replace(start=each.start + 10).as_line() for each in entries))
    office.change(Project, office.project.id, title="Changed")
    with pytest.raises(StorageFailed, match="damaged: bring it back from a backup"):
        office.prepare()


def test_same_state_gives_the_same_bytes_whatever_is_kept(office: Office, database: Database) -> None:
    office.prepare()
    first = [file["sha256"] for file in office.shown()["files"]]
    account = json.dumps(office.shown()["rules"]), office.shown()["scores"]
    with database.write("test") as session:
        session.execute(delete(table(Fragment)))
    assert not office.prepare().made
    office.prepare(split=Split.COUNTRY)
    office.prepare()
    assert [file["sha256"] for file in office.shown()["files"]] == first
    assert (json.dumps(office.shown()["rules"]), office.shown()["scores"]) == account


def test_what_did_not_change_is_judged_again_on_a_day_that_it_names_or_by_other_lists(
    office: Office, database: Database, tmp_path: Path
) -> None:
    def judged() -> tuple[dt.date | None, dt.date | None]:
        with database.read() as session:
            fragment = session.scalars(select(Fragment)).one()
            return fragment.judged_from, fragment.judged_until

    with database.write("test") as session:
        long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        session.execute(update(table(Project)).values(content_changed_at=long_ago))
    office.prepare()
    since, until = judged()
    assert since == TODAY
    assert until is not None
    office.prepare(as_of=TODAY + dt.timedelta(days=1))
    assert judged() == (TODAY, until)
    office.prepare(as_of=until + dt.timedelta(days=1))
    assert judged()[0] == until + dt.timedelta(days=1)
    # other codelists may say otherwise
    (tmp_path / "codelists").mkdir()
    packaged = resources.files("iati.codelists").joinpath("codelists.tsv").read_text(encoding="utf-8")
    (tmp_path / "codelists" / "codelists.tsv").write_text(packaged, encoding="utf-8")
    office.settings = office.settings.model_copy(update={"data_dir": tmp_path})
    office.prepare(as_of=until + dt.timedelta(days=2))
    assert judged()[0] == until + dt.timedelta(days=2)
