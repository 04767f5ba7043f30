"""``make demo`` as a newcomer goes through it: what it prints last can be tried as it stands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import demo

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_three_commands_that_the_demo_ends_with_work_on_its_database(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EARMARK_")}
    environment = clean | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path / "home")}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    text = run(sys.executable, "-m", "app.demo", "--no-serve")
    assert "xm-dac-41302-activities (public): published" in text
    assert "xm-dac-41302-activities (registry): published" in text
    assert text.count("arrived") >= 2
    told = text.rstrip().splitlines()
    due, delivery, export = [run("sh", "-c", line) for line in told[-3:]]
    assert told[-5].startswith("Three commands to try next")
    assert "GLO/21/17/SWE" in due
    assert "88,243,834.81" in delivery
    assert "<iati-identifier>XM-DAC-41302-GLO-21-17-SWE<" in export
    assert not (tmp_path / "home").exists()


def test_two_demos_at_once_have_each_a_port_of_its_own() -> None:
    with demo.first_free(8000) as one, demo.first_free(8000) as other:
        mine, others = one.getsockname(), other.getsockname()
        assert mine != others
    # and what was let go is there for the next
    with demo.first_free(mine[1]) as again:
        assert again.getsockname() == mine
