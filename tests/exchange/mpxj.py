"""What MPXJ, a reader of plans in Java, finds in plans for Microsoft Project."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.needs import answers, missing, program

_READER = Path(__file__).with_name("project_reading.py")


def found_by_mpxj(folder: Path, plans: Sequence[bytes]) -> list[dict[str, Any]]:
    """Return what is in some plans, written to a folder; MPXJ is in one that MPXJ names."""
    packages = os.environ.get("MPXJ", "")
    if not packages:
        missing("MPXJ names no folder with mpxj and jpype1")
    program("java")
    paths = []
    for at, data in enumerate(plans):
        path = folder / f"{at}.xml"
        path.write_bytes(data)
        paths.append(str(path))
    return answers([sys.executable, str(_READER), packages], paths, seconds=100)
