"""The handbook says nothing that is not so: its links, paths, settings, jobs and examples are those of the program."""

import json
import re
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.routing import APIRoute

from app.config import Settings
from app.domain.evaluation.alerts import PATIENCE_DAYS
from app.domain.evaluation.terms import State
from app.evaluations.policies.load import load_policy
from app.jobs.timetable import JOBS
from app.main import API, ROUTERS
from app.outbox.deliver import MOST_ATTEMPTS
from app.outbox.webhooks import sign
from tests.iati.validated import SECTOR, activity, file

ROOT = Path(__file__).resolve().parents[2]
PAGES = {Path(str(page)).name: page.read_text(encoding="utf-8") for page in files("app").joinpath("handbook").iterdir()}
#: the longest page, but for the one that is generated
MOST_LINES = 170

_LINK = re.compile(r"\]\(([^)]+)\)")
_PATH = re.compile(r"`((?:app|iati|schemas|migrations|tests)/[^`\s]*)`")
_PLAIN_PATH = re.compile(r"(?<![\w`/])((?:app|iati)/[\w/]*(?:\.py)?)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

each_page = pytest.mark.parametrize("page", sorted(PAGES))


def anchors(text: str) -> set[str]:
    """How headings are called in links."""
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in _HEADING.findall(text)}


def block(page: str, language: str) -> str:
    """The only example in a language on a page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)
    return str(found)


@each_page
def test_links_lead_somewhere(page: str) -> None:
    for link in _LINK.findall(PAGES[page]):
        name, _, anchor = link.partition("#")
        assert (name or page) in PAGES, link
        assert not anchor or anchor in anchors(PAGES[name or page]), link


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_of_the_checkout_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in _LINK.findall(text)]
    assert any(link.startswith("app/handbook/") for link in links)
    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert set(re.findall(r"EARMARK_[A-Z_]+", text)) <= {f"EARMARK_{field.upper()}" for field in Settings.model_fields}


def test_every_page_is_reached_from_the_first() -> None:
    assert {link.partition("#")[0] for link in _LINK.findall(PAGES["index.md"])} == PAGES.keys() - {"index.md"}


@each_page
def test_modules_that_are_named_exist(page: str) -> None:
    named = {*_PATH.findall(PAGES[page]), *_PLAIN_PATH.findall(PAGES[page])}
    assert [path for path in sorted(named) if not list(ROOT.glob(path.rstrip("/")))] == []


@each_page
def test_pages_are_short(page: str) -> None:
    lines = PAGES[page].splitlines()
    assert page == "data-model.md" or len(lines) <= MOST_LINES
    assert page == "data-model.md" or [line for line in lines if len(line) > 120 and not line.startswith("|")] == []


def test_every_setting_is_explained_and_no_other() -> None:
    named = set(re.findall(r"EARMARK_[A-Z_]+", "".join(PAGES.values())))
    known = {f"EARMARK_{name.upper()}" for name in Settings.model_fields}
    assert named == known
    assert known <= set(re.findall(r"EARMARK_[A-Z_]+", PAGES["running.md"]))


def test_defaults_of_settings_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| `EARMARK_([A-Z_]+)` \| `?([\w@.]+)`?( [MG]iB)? \|", PAGES["running.md"], re.MULTILINE)
    units = {"": 1, " MiB": 1024**2, " GiB": 1024**3}
    assert len(rows) > 10
    for name, text, unit in rows:
        default = Settings.model_fields[name.lower()].default
        if text == "empty":
            assert not default, name
        elif text.isdigit():
            assert default == int(text) * units[unit], name
        else:
            assert str(default).lower() == text.lower(), name


def test_figures_are_those_of_the_program() -> None:
    assert f"after {PATIENCE_DAYS} days" in PAGES["glossary.md"]
    assert f"{MOST_ATTEMPTS} times" in PAGES["webhooks.md"]


@each_page
def test_routes_that_are_named_exist(page: str) -> None:
    known = {
        f"{method} {API}{re.sub(r':[a-z]+(?=})', '', route.path)}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`", PAGES[page])) <= known


def test_every_job_is_explained_with_its_hour() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \|", PAGES["running.md"], re.MULTILINE)
    assert {name for name, _ in rows} == {job.name for job in JOBS}
    for name, when in rows:
        (trigger,) = ("asked" if job.schedule is None else str(job.schedule("UTC")) for job in JOBS if job.name == name)
        assert (trigger == "asked") == (when == "when asked for"), name
        if clock := re.search(r"(\d\d):(\d\d)", when):
            assert f"hour='{int(clock[1])}', minute='{int(clock[2])}'" in trigger, name


def test_the_glossary_names_every_state() -> None:
    (states,) = re.findall(r"\*\*State\*\*: (.+?)\.", PAGES["glossary.md"], re.DOTALL)
    assert [state for state in State if state.value not in states] == []


def test_the_example_of_a_policy_is_one() -> None:
    loaded = load_policy(block("policies.md", "yaml"))
    assert loaded.findings == ()
    assert loaded.policy is not None
    assert [rule.id for rule in loaded.policy.rules] == [
        rule["id"] for rule in yaml.safe_load(block("policies.md", "yaml"))["rules"]
    ]


def test_the_example_of_a_receiver_takes_what_we_sign_and_nothing_else() -> None:
    names: dict[str, Any] = {}
    exec(block("webhooks.md", "python"), names)  # it is the text of the page
    is_genuine, body, now = names["is_genuine"], b'{"event":"alert.recorded"}', str(int(time.time()))
    signed = {"Earmark-Timestamp": now, "Earmark-Signature": sign("secret", now, body)}
    assert is_genuine("secret", signed, body)
    assert not is_genuine("another", signed, body)
    assert not is_genuine("secret", signed, body + b" ")
    old = str(int(now) - 3600)
    assert not is_genuine("secret", {"Earmark-Timestamp": old, "Earmark-Signature": sign("secret", old, body)}, body)


def test_the_example_of_a_cluster_checks_every_file(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for number in range(3):
        (tmp_path / "files" / f"{number}.xml").write_bytes(file(activity(sectors="" if number else SECTOR)))
    script = tmp_path / "check.py"
    script.write_text(block("checking.md", "python"), encoding="utf-8")
    done = subprocess.run([sys.executable, script, "files"], cwd=tmp_path, capture_output=True, text=True, check=True)
    reports = {line["file"]: line["summary"]["error"] for line in map(json.loads, done.stdout.splitlines())}
    assert reports == {"files/0.xml": 0, "files/1.xml": 1, "files/2.xml": 1}
