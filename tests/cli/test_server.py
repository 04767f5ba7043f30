"""The service as it is started: where it is, when that is told, and what its processes count together."""

import contextlib
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.cli.server import address_of
from tests.cli.program import COMMAND, Program
from tests.waiting import until


@pytest.fixture
def program(migrated_sqlite: Path, tmp_path: Path) -> Program:
    (tmp_path / "served.db").write_bytes(migrated_sqlite.read_bytes())
    return Program(f"sqlite:///{tmp_path / 'served.db'}", tmp_path)


@contextlib.contextmanager
def served(program: Program, *options: str) -> Iterator[str]:
    """The service while it runs; gives the address that it told."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options], cwd=program.folder, env=program.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        told = (re.match(r"Earmark is at (http://\S+) ", line) for line in process.stderr)
        yield next(match[1] for match in told if match)
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        process.stderr.close()
        assert process.wait() == 0
        assert "Traceback" not in rest, rest


def test_the_address_that_is_told_is_the_one_of_links_and_several_processes_count_together(program: Program) -> None:
    with served(program, "--workers", "2") as address:
        for number in range(12):
            # a connection each, so that both processes get some
            told = httpx.get(f"{address}/", trust_env=False, timeout=None)
            assert told.json()["parts"][0]["url"] == f"{address}/api/v1"
            # a request is counted when its answer has gone out
            until(lambda expected=number + 1: counts(address) >= expected)
        assert [counts(address) for _ in range(4)] == [12] * 4


def counts(address: str) -> float:
    """How often the processes were asked for their first page."""
    text = httpx.get(f"{address}/metrics", trust_env=False, timeout=None).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "earmark_requests_total" and sample.labels["route"] == "/"
    )


def test_a_port_that_is_taken_is_told(program: Program) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        told = program.inside("serve", "--port", port, status=1).err
    assert f"Earmark cannot listen on port {port} of 127.0.0.1" in told
    assert "choose another --port" in told


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("example.org", "http://example.org:80"),
    ],
)
def test_the_address_is_one_that_can_be_asked(host: str, expected: str) -> None:
    assert address_of(host, 80) == expected
