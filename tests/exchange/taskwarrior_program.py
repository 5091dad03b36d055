"""Taskwarrior itself, which takes lists in and hands them out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.needs import program


def taken_in(data: bytes, folder: Path) -> dict[str, dict[str, Any]]:
    """Return the tasks that Taskwarrior has after taking in a list, by their UUIDs."""
    kept = folder / os.urandom(6).hex()
    kept.mkdir()
    file = kept / "plan.json"
    file.write_bytes(data)
    around = os.environ | {"TASKDATA": str(kept), "TASKRC": "/dev/null"}

    def task(*words: str) -> str:
        run = subprocess.run(
            [program("task"), "rc.confirmation=off", "rc.gc=off", *words],
            env=around,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, (run.stdout, run.stderr)
        return run.stdout.decode()

    task("import", str(file))
    return {each["uuid"]: each for each in json.loads(task("export"))}
