"""Brings the README's table of keys up to date with their declaration."""

from __future__ import annotations

import re

from tests import ROOT
from tracker import language
from tracker.tui import keys

README = ROOT / "README.md"
_TABLE = re.compile(r"^\| \| key \| does \|\n(\|.*\n?)+", re.MULTILINE)


def current() -> str:
    """Return the README as it should be."""
    language.use("en")
    return _TABLE.sub(lambda _found: keys.markdown() + "\n", README.read_text("utf-8"))


if __name__ == "__main__":
    README.write_text(current(), "utf-8")
