"""The list of what the program rests on: whole, current, and under licences that suit."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests import ROOT
from tests.sbom import licence, parts

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Only where somebody asks for a workspace on a database server; nothing of it is copied.
LESSER = {"psycopg", "psycopg-binary"}


def known(name: str) -> str:
    """Return a name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(*lists: list[str]) -> set[str]:
    """Return the names that requirements begin with."""
    return {known(re.split(r"[^\w.-]", each)[0]) for asked in lists for each in asked}


def test_the_list_has_what_is_asked_for_in_the_versions_that_are_tested() -> None:
    extras = PROJECT["optional-dependencies"]
    users = (asked for name, asked in extras.items() if name != "dev")
    listed = {known(name): version for name, (version, _) in parts().items()}
    assert required(PROJECT["dependencies"], *users) <= listed.keys()
    lines = (ROOT / ".ci" / "constraints.txt").read_text("utf-8").splitlines()
    pinned = dict(line.split(" ")[0].split("==") for line in lines if "==" in line)
    tested = {known(name): version for name, version in pinned.items()}
    assert listed == {name: tested[name] for name in listed}


def test_no_part_is_under_a_licence_that_would_bind_the_whole() -> None:
    for name, (_, terms) in parts().items():
        assert terms, name
        assert "AGPL" not in terms
        if "GPL" in terms:
            assert "LGPL" in terms
            assert name in LESSER
    asked = PROJECT["dependencies"]
    assert not required(asked) & LESSER


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ([{"license": {"id": "MIT"}}], "MIT"),
        ([{"expression": "MIT AND 0BSD"}], "MIT AND 0BSD"),
        ([{"license": {"name": "License :: OSI Approved :: BSD License"}}], "BSD License"),
        ([{"license": {"id": "MIT"}}, {"license": {"id": "GPL-3.0"}}], "MIT AND GPL-3.0"),
    ],
)
def test_a_licence_is_read_however_its_packager_wrote_it(
    written: list[dict[str, object]], told: str
) -> None:
    assert licence({"licenses": written}) == told
