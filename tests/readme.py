"""Brings the README's tables of keys and fields, and its list of calls, up to date."""

from __future__ import annotations

import re
import textwrap

from tests import ROOT
from tracker import language
from tracker.cli import CALLS
from tracker.domain.fields import FIELDS
from tracker.language import say
from tracker.tui import keys

README = ROOT / "README.md"
_CALLS = re.compile(r"^`today list show [a-z\s-]+`\s+each", re.MULTILINE)
_TABLE = re.compile(r"^\| \| key \| does \|\n(\|.*\n?)+", re.MULTILINE)


_TYPED = re.compile(r"^\| typed \| means \| in German \|\n(\|.*\n?)+", re.MULTILINE)


def current() -> str:
    """Return the README as it should be."""
    language.use("en")
    text = _TABLE.sub(lambda _found: keys.markdown() + "\n", README.read_text("utf-8"))
    text = _CALLS.sub(lambda _found: calls(), text)
    return _TYPED.sub(lambda _found: typed(), text)


def calls() -> str:
    """Return the names of the calls, in lines of their own."""
    return (
        textwrap.fill(f"`{' '.join(CALLS)}`", 100, break_long_words=False, break_on_hyphens=False)
        + "\neach"
    )


def typed() -> str:
    """Return the table of what may be typed of a task."""
    rows = ["| typed | means | in German |", "|---|---|---|"]
    for field in FIELDS:
        english, german = (" ".join(f"`{each}`" for each in side) for side in field.examples)
        if english:
            rows.append(f"| {english} | {say(field.label)} – {say(field.hint or '')} | {german} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    README.write_text(current(), "utf-8")
