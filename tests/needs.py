"""What tests need of the machine: without it they are skipped, but never where all is to be run."""

from __future__ import annotations

import os
from shutil import which
from typing import NoReturn

import pytest


def program(name: str) -> str:
    """Return the path of a program; without it the test that asks is skipped.

    With NOTHING_SKIPPED in the environment, as the checks set it, it fails instead.
    """
    path = which(name)
    if path is None:
        missing(f"{name} is not installed")
    return path


def missing(what: str) -> NoReturn:
    """Skip the test that asks, or fail it where nothing may be skipped."""
    if os.environ.get("NOTHING_SKIPPED"):
        pytest.fail(what)
    pytest.skip(what)
