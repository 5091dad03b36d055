"""Names of files as people type them."""

from __future__ import annotations

import os
from pathlib import Path

from tracker.domain.errors import BadInput


def typed_path(text: str) -> Path:
    """Return the path that was typed, `~` being a home; raises BadInput where it can be none."""
    try:
        path = os.path.expanduser(text)
        # What comes from a clipboard may hold what no name can.
        if b"\0" in os.fsencode(path):
            raise ValueError
    except ValueError:
        raise BadInput("{path} cannot be the name of a file.", path=text) from None
    return Path(path)
