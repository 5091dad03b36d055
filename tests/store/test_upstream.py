from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests import ROOT, needs

# What TinyDB's tests ask of the text of its own JSON file, and not of a database.
NOT_OURS = {
    "test_storages.py::test_json_kwargs": "chooses the file's indentation",
    "test_storages.py::test_encoding": "chooses the file's encoding",
    "test_storages.py::test_json_invalid_mode_warning": "chooses how the file is opened",
    "test_middlewares.py::test_caching_json_write": "looks at the open file of the storage",
}


def upstream_tests(folder: Path) -> Path:
    """Return TinyDB's own tests, from its source distribution; skip where there is none."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", "tinydb", "--dest", str(folder), f"tinydb=={version('tinydb')}"]
    if subprocess.run(command, check=False, capture_output=True, timeout=100).returncode:
        needs.missing("TinyDB's source distribution cannot be had")
    [archive] = folder.glob("tinydb-*.tar.gz")
    with tarfile.open(archive) as sources:
        sources.extractall(folder, filter="data")
    # Under its own name it would be taken for our package of tests.
    [tests] = folder.glob("tinydb-*/tests")
    (tests / "__init__.py").unlink()
    return tests.rename(folder / "upstream")


@pytest.mark.torture
def test_tinydbs_own_tests_pass_on_the_journal(tmp_path: Path) -> None:
    tests = upstream_tests(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.store.stock"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(tests), str(tests)]
    command += [f"--deselect={test}" for test in NOT_OURS]
    root = ROOT
    environment = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, cwd=tests
    )
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout
    assert f"{len(NOT_OURS)} deselected" in run.stdout
