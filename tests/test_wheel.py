"""The built wheel works in an environment of its own, outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


def run(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("EARMARK_", "PYTHON"))}
    return subprocess.run(
        command, cwd=folder, env={**clean, **environment}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), folder=folder
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; the dependencies are those of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    purelib = Path(
        run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).stdout.strip()
    )
    command = (
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(purelib),
        str(wheel),
    )
    installed = run(*command, folder=folder)
    assert installed.returncode == 0, installed.stderr
    # a path line, not a site folder: the checkout's own editable installation is not followed
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_wheel_holds_the_four_packages_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"app", "iati", "schemas", "migrations"}
    for needed in (
        "iati/codelists/codelists.tsv",
        "schemas/iati-activities-schema.xsd",
        "app/evaluations/policies/default.yaml",
        "app/handbook/index.md",
    ):
        assert needed in names


def test_it_runs_outside_the_checkout(environment: Path, tmp_path: Path) -> None:
    python = str(environment / "bin" / "python")
    url = f"sqlite:///{tmp_path / 'office.db'}"
    origin = run(python, "-c", "import app, iati; print(app.__file__, iati.__file__)", folder=tmp_path)
    assert str(ROOT) not in origin.stdout, origin.stdout
    for arguments in (
        ("init", "--org-id", "XM-EX-1", "--name", "Example", "--type", "40", "--currency", "USD"),
        ("db", "check"),
        ("export", "organisation", "--out", "organisation.xml"),
    ):
        done = run(python, "-m", "app.cli", *arguments, folder=tmp_path, EARMARK_DATABASE_URL=url)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    checked = run(python, "-m", "iati", "validate", "organisation.xml", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
