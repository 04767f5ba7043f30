"""The files for those who run it: what reads them accepts them, and they speak of what there is."""

import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from app.config import Settings
from app.deploy import FILES, text_of
from app.http.metrics import Metrics
from app.http.queries import DatabaseFigures, JobFigures
from app.jobs.timetable import JOBS
from tests.commands import commands_named, misnamed

each_file = pytest.mark.parametrize("name", [each.name for each in FILES])


def refusal(*command: str | Path) -> str:
    """What a program says of a file that it does not take; empty when it takes it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


@each_file
def test_settings_and_commands_are_those_of_the_program(name: str) -> None:
    text = text_of(name)
    known = {f"EARMARK_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"EARMARK_[A-Z_]+", text)) <= known
    assert [wrong for line in commands_named(text) if (wrong := misnamed(line))] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
@pytest.mark.parametrize("name", ["web", "jobs"])
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    unit = tmp_path / f"earmark-{name}.service"
    # the program is not installed there, and the account is not made, on the machine of a test
    text = text_of(f"systemd-{name}").replace("/opt/earmark/bin/earmark", "/bin/true").replace("=earmark\n", "=root\n")
    unit.write_text(text, encoding="utf-8")
    assert refusal("systemd-analyze", "verify", "--man=no", unit) == ""


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx on this machine")
def test_nginx_takes_the_proxy(tmp_path: Path) -> None:
    text = text_of("nginx")
    for line in re.findall(r"^.*ssl.*$", text, re.MULTILINE):
        # a certificate is made by nobody on the machine of a test
        text = text.replace(line, "    listen 127.0.0.1:18443;" if "listen" in line else "")
    (tmp_path / "earmark.conf").write_text(text, encoding="utf-8")
    main = tmp_path / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/earmark.conf; }}",
        encoding="utf-8",
    )
    assert refusal("nginx", "-t", "-q", "-p", tmp_path, "-c", main) == ""


def test_the_compose_file_names_volumes_and_services_that_it_has() -> None:
    content = yaml.safe_load(text_of("compose"))
    named = {
        volume.partition(":")[0]
        for service in content["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert named == content["volumes"].keys()
    assert content["services"].keys() == {"db", "upgrade", "web", "jobs"}
    assert content["services"]["upgrade"]["environment"]["EARMARK_PUBLIC_URL"] == "https://earmark.example.org"


def test_the_alerts_ask_for_figures_and_jobs_that_there_are() -> None:
    rules = [rule for group in yaml.safe_load(text_of("prometheus"))["groups"] for rule in group["rules"]]
    assert len(rules) == 10
    asked = " ".join(rule["expr"] for rule in rules)
    now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    metrics = Metrics()
    metrics.observe("GET", "/projects", 200, 0.1)
    told = DatabaseFigures(at=now, jobs=[JobFigures("alerts", now, failed=False)], messages={}, due_since=None)
    there = set(re.findall(r"^(earmark_[a-z_]+)", metrics.text(told).decode(), re.MULTILINE))
    assert set(re.findall(r"earmark_[a-z_]+", asked)) <= there
    assert set(re.findall(r'job_name="([a-z-]+)"', asked)) <= {job.name for job in JOBS}
