"""Texts kept beside the tests, to be looked at in a diff.

`GOLDEN=write pytest` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path


def check(path: Path, text: str) -> None:
    """Compare a text with the one that is kept, or keep it."""
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    else:
        assert text == path.read_text("utf-8"), f"{path} differs"


def kept(folder: Path) -> set[str]:
    """Return the names of the texts kept in a folder."""
    return {path.stem for path in folder.glob("*.txt")}
