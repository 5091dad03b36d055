"""What tests need of the machine: without it they are skipped, but never where all is to be run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from shutil import which
from typing import Any, NoReturn

import pytest


def program(name: str) -> str:
    """Return the path of a program; without it the test that asks is skipped.

    With NOTHING_SKIPPED in the environment, as the checks set it, it fails instead.
    """
    path = which(name)
    if path is None:
        missing(f"{name} is not installed")
    return path


def answers(call: Sequence[str], question: Sequence[str], *, seconds: int) -> list[dict[str, Any]]:
    """Return what a program answers to a question, both in JSON."""
    run = subprocess.run(
        call,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found


def missing(what: str) -> NoReturn:
    """Skip the test that asks, or fail it where nothing may be skipped."""
    if os.environ.get("NOTHING_SKIPPED"):
        pytest.fail(what)
    pytest.skip(what)
