"""What the program says of its own version, from a checkout and from what was built of one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import ROOT
from tests.sbom import SBOM
from tracker import __version__, version
from tracker.cli import main

# What the program needs besides its modules; no tests, no sources of what is compiled.
BESIDE_CODE = {
    "tracker/CHANGELOG.md",
    "tracker/COMMIT",
    "tracker/demo/plan.toml",
    "tracker/LICENSE",
    "tracker/locale/de/LC_MESSAGES/tracker.mo",
    "tracker/locale/de/manual.md",
    "tracker/report/status.css",
    "tracker/report/status.html.jinja",
    "tracker/report/status.js",
    "tracker/store/server_schema_1.sql",
}


def git(folder: Path, *words: str) -> str:
    call = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.org", *words]
    run = subprocess.run(call, cwd=folder, check=True, capture_output=True, text=True)
    return run.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit, of what a wheel is built from."""
    folder = tmp_path / "checkout"
    leave = shutil.ignore_patterns("__pycache__", "COMMIT")
    shutil.copytree(ROOT / "tracker", folder / "tracker", ignore=leave)
    (folder / ".ci").mkdir()
    for name in ("pyproject.toml", "README.md", ".gitignore", ".ci/sbom.cdx.json"):
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "First")
    return folder


def built(folder: Path, kind: str) -> Path:
    """Build a wheel or a source distribution of a folder, and return it."""
    call = [sys.executable, "-m", "hatchling", "build", "-t", kind]
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1764000000"}
    subprocess.run(call, cwd=folder, env=env, check=True, capture_output=True)
    [file] = (folder / "dist").glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return file


def test_a_checkout_is_asked_for_its_commit(checkout: Path) -> None:
    commit = git(checkout, "rev-parse", "--short=9", "HEAD")
    assert version.of_checkout(str(checkout)) == commit
    (checkout / "README.md").write_text("changed")
    assert version.of_checkout(str(checkout)) == commit + "+"


def test_a_folder_that_is_no_checkout_has_none(tmp_path: Path) -> None:
    assert version.of_checkout(str(tmp_path)) == ""
    (tmp_path / ".git").mkdir()
    assert version.of_checkout(str(tmp_path)) == ""


def test_a_wheel_knows_its_commit_also_by_way_of_a_source_distribution(
    checkout: Path, tmp_path: Path
) -> None:
    commit = git(checkout, "rev-parse", "--short=9", "HEAD")
    wheel_of_checkout = built(checkout, "wheel")
    with zipfile.ZipFile(wheel_of_checkout) as wheel:
        assert wheel.read("tracker/COMMIT").decode() == commit
        assert wheel.read("tracker/CHANGELOG.md").startswith(b"# Changelog")
        [sbom] = (name for name in wheel.namelist() if ".dist-info/sboms/" in name)
        assert wheel.read(sbom) == SBOM.read_bytes()
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {name for name in inside if not name.endswith(".py")} == BESIDE_CODE
    assert not (checkout / "tracker" / "COMMIT").exists()
    shutil.unpack_archive(built(checkout, "sdist"), tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    wheel_of_it = built(unpacked, "wheel")
    # Byte for byte the same, whichever way it was built, and when.
    assert wheel_of_it.read_bytes() == wheel_of_checkout.read_bytes()
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel_of_it) as wheel:
        wheel.extractall(installed)
    told = subprocess.run(
        [sys.executable, "-m", "tracker", "--version"],
        env={"PYTHONPATH": str(installed), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert told.stdout == f"tracker {__version__} ({commit})\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(
        rf"tracker {re.escape(__version__)}( \([0-9a-f]{{9}}\+?\))?\n", capsys.readouterr().out
    )


def test_the_newest_changes_are_those_of_this_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--changelog"]) == 0
    heads = re.findall(r"^## (\S+)", capsys.readouterr().out, re.MULTILINE)
    assert heads[0] == __version__
