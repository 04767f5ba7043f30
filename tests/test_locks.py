"""The locks can be installed for years: nothing can be asked for that they do not pin.

What is proved here, offline, for the Python and system that run the tests:

* by the metadata of what is installed: every form that the project or a pinned distribution asks for
  (``coverage[toml]`` is another form than ``coverage``) has a pin of that very form, so that no pip, however old, has
  anything left to choose. The pip of Python 3.11.0 to 3.11.7 takes the newest release for a form without a pin.
* by real runs of the pip that this Python brings and of the pinned one: both resolve each lock strictly from an index
  on which a newer release of everything has come out since. The index holds empty wheels with the real metadata, and
  the locks get the hashes of those; everything else of them is as it stands.

Pins that are for other systems or Pythons are not looked at: their metadata is not here.
"""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = {"base": ("build",), "dev": ("build", "dev"), "pip": ("installer",)}
#: later than every release there is
LATER = "9999.0"

pytestmark = pytest.mark.skipif(not (ROOT / "requirements").is_dir(), reason="the locks come with the checkout only")


def pins(lock: str) -> list[Requirement]:
    """The pins of a lock that are for this system and Python, each as ``name[extras]==version``."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    every = [Requirement(line.split("--hash", 1)[0]) for line in text.splitlines() if line.strip()]
    return [pin for pin in every if pin.marker is None or pin.marker.evaluate()]


def version_of(pin: Requirement) -> str:
    (specifier,) = pin.specifier
    assert specifier.operator == "==", f"{pin} is no pin"
    return specifier.version


def asked_by_project(lock: str) -> Iterator[Requirement]:
    """What pyproject.toml names for a lock, groups resolved."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [] if lock == "pip" else list(project["project"]["dependencies"])
    for group in LOCKS[lock]:
        lines += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    yield from (each for each in map(Requirement, lines) if each.marker is None or each.marker.evaluate())


def asked_by(pin: Requirement) -> Iterator[Requirement]:
    """What a pinned distribution asks for by its metadata, with the extras of the pin."""
    for line in metadata.requires(pin.name) or []:
        wanted = Requirement(line)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *pin.extras)):
            yield wanted


def unpinned(pinned: list[Requirement], asked: Iterable[tuple[str, Requirement]]) -> list[str]:
    """Each form that is asked for and has no pin of the same form, or one outside of what is asked."""
    by_name = {canonicalize_name(pin.name): pin for pin in pinned}
    faults = []
    for who, wanted in asked:
        pin = by_name.get(canonicalize_name(wanted.name))
        if pin is None or not wanted.extras <= pin.extras or not wanted.specifier.contains(version_of(pin), True):
            faults.append(f"{who} asks for {wanted}; pinned is {pin or 'nothing'}")
    return faults


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_every_form_that_is_asked_for_is_pinned_in_that_form(lock: str) -> None:
    pinned = pins(lock)
    asked = [
        ("pyproject.toml", each) for each in asked_by_project(lock) if each.marker is None or each.marker.evaluate()
    ]
    asked += [(str(pin), wanted) for pin in pinned for wanted in asked_by(pin)]
    assert len(asked) > len(pinned) > 20
    assert unpinned(pinned, asked) == []


def test_a_pin_without_its_extras_is_found() -> None:
    bare = [Requirement(f"coverage=={version_of(pin)}") if pin.name == "coverage" else pin for pin in pins("dev")]
    asked = [(pin.name, wanted) for pin in bare for wanted in asked_by(pin)]
    assert [fault.split(";")[0] for fault in unpinned(bare, asked)] == ["pytest-cov asks for coverage[toml]>=7.10.6"]


def test_no_lock_names_a_host() -> None:
    for lock in LOCKS:
        assert "://" not in (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def test_make_brings_the_pinned_pip_before_it_installs_anything_else() -> None:
    plan = subprocess.run(
        ["make", "-n", "-B", ".venv/dev.stamp"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    installed = re.findall(r"--require-hashes.* -r requirements/(\w+)\.txt", plan)
    assert installed == ["pip", "base", "dev"]


def empty_wheel(folder: Path, pin: Requirement, version: str) -> str:
    """Writes a wheel of nothing but the metadata that the installed distribution has; gives its hash."""
    name = canonicalize_name(pin.name).replace("-", "_")
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {pin.name}", f"Version: {version}"]
    if version != LATER:
        lines += [f"Provides-Extra: {extra}" for extra in metadata.metadata(pin.name).get_all("Provides-Extra") or []]
        lines += [f"Requires-Dist: {line}" for line in metadata.requires(pin.name) or []]
    else:
        lines += [f"Provides-Extra: {extra}" for extra in sorted(pin.extras)]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    content = {
        "METADATA": "\n".join(lines) + "\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in content.items():
            # without the time of writing: both locks hold the wheel, which has one hash
            wheel.writestr(zipfile.ZipInfo(f"{info}/{file}"), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def years_later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index on which everything has a newer release, and the locks with the hashes of its wheels."""
    folder = tmp_path_factory.mktemp("years-later")
    (folder / "index").mkdir()
    for lock in ("base", "dev"):
        lines = []
        for pin in pins(lock):
            digest = empty_wheel(folder / "index", pin, version_of(pin))
            empty_wheel(folder / "index", pin, LATER)
            pin.marker = None
            lines.append(f"{pin} --hash=sha256:{digest}")
        (folder / f"{lock}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the pip that it came with."""
    place = tmp_path_factory.mktemp("bundled")
    venv.create(place, with_pip=True)
    return place / ("Scripts" if os.name == "nt" else "bin") / "python"


def resolve(python: Path, folder: Path, lock: str) -> subprocess.CompletedProcess[str]:
    """A real pip, strict and without any address but the folder, on a lock."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        [
            *(python, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--disable-pip-version-check"),
            *("--require-hashes", "--no-index", "--find-links", folder / "index", "-r", folder / f"{lock}.txt"),
        ],
        cwd=folder,
        env=surroundings | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_the_pip_that_comes_with_python_resolves_the_lock_years_later(
    bundled: Path, years_later: Path, lock: str
) -> None:  # fmt: skip
    answer = resolve(bundled, years_later, lock)
    assert answer.returncode == 0, answer.stderr
    assert f"-{LATER}" not in answer.stdout
    assert len(answer.stdout.split("Would install ")[1].split()) == len(pins(lock))


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_the_pinned_pip_resolves_the_lock_years_later(years_later: Path, lock: str) -> None:
    try:
        metadata.version("pip")
    except metadata.PackageNotFoundError:
        pytest.skip("this environment was made without pip; `make` makes one with the pinned pip")
    answer = resolve(Path(sys.executable), years_later, lock)
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.split("Would install ")[1].split()) == len(pins(lock))


def test_pre_commit_runs_the_checks_of_make_lint_and_fetches_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [each["repo"] for each in config["repos"]] == ["local"]
    hooks = [hook["entry"].removeprefix("make ") for hook in config["repos"][0]["hooks"]]
    lint = re.search(r"^lint: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert lint is not None
    assert hooks == lint[1].split()
