"""A screen for which too few files may be open, which is refused before it begins."""

import os
import pty
import resource
import subprocess
import sys
from pathlib import Path


def test_a_screen_without_room_for_its_files_is_refused_in_one_sentence(tmp_path: Path) -> None:
    call = [sys.executable, "-B", "-m", "tracker", "--file", str(tmp_path / "plan.json")]
    subprocess.run([*call, "add", "One"], check=True, capture_output=True, timeout=30)
    ours, theirs = pty.openpty()
    try:
        screen = subprocess.run(
            call,
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "TERM": "xterm-256color"},
            timeout=30,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10)),
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (screen.returncode, screen.stderr) == (1, "tracker: Too many open files\n")
