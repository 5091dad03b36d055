"""Measures the real screen on a terminal: `python -m tests.bench.bench_screen [SIZE …]`.

At 80 by 24 cells, with compiled bytecode: the peak memory of the process before there is a
forecast and once Today has all its figures, in MiB, and what a key sends: bytes, and looks at the
screen. The bars hold at 10,000 tasks: 65 MiB without a forecast and 110 with one; 500 bytes for a
step in a list, 6,000 for a page.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.bench_cli import make
from tests.terminal import Terminal

# What begins each look at the screen that is sent.
LOOK = b"\x1b[?2026h"
# What is pressed, by what it is called: keys to come there, the key, and keys to leave again.
KEYS = {
    "today, a step": ("1", "j", ""),
    "table, a step": ("3", "j", ""),
    "table, a page": ("3", "\x1b[6~", ""),
    "filter, a letter": ("3/", "t", "\x1b"),
    "add, a letter": ("3a", "F", "\x1b"),
    "board, a step": ("2", "j", ""),
    "another view": ("2", "1", ""),
}
# The processor has been left alone for so long, in seconds, once all has been worked out.
_AT_REST = 3.0


def peak(pid: int) -> float:
    """Return the peak memory of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _used(pid: int) -> int:
    """Return the processor time of a process, in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _rest(terminal: Terminal) -> None:
    """Wait until everything has been worked out."""
    before = -1
    while (now := _used(terminal.pid)) - before > 2:
        before = now
        terminal.settle(quiet=_AT_REST, most=_AT_REST)


def measure(size: int, folder: Path) -> None:
    """Print the figures of one size."""
    file = folder / f"{size}.json"
    make(file, size)
    # With a variable of this kind the program is started anew, and not by one that runs already.
    env = {"LC_ALL": "C.UTF-8", "TRACKER_CONFIG": "", "XDG_STATE_HOME": str(folder)}
    env["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    with Terminal(["--file", str(file)], env=env) as first:
        first.wait_for(r"P80", 120.0)
    with Terminal(["--file", str(file)], env=env) as terminal:
        while "ready" not in terminal.text:
            terminal.settle(quiet=0.01, most=0.05)
        without = peak(terminal.pid)
        terminal.wait_for(r"P80", 120.0)
        _rest(terminal)
        sys.stdout.write(f"\n{size:,} tasks\n")
        sys.stdout.write(f"  {'MiB without P80':<18}{without:8.0f}\n")
        sys.stdout.write(f"  {'MiB with P80':<18}{peak(terminal.pid):8.0f}\n")
        for name, (there, key, back) in KEYS.items():
            for each in there:
                terminal.press(each)
            terminal.settle(quiet=1.0)
            before = len(terminal.raw)
            terminal.press(key)
            sent = terminal.raw[before:]
            looks = sent.count(LOOK)
            sys.stdout.write(f"  {name:<18}{len(sent):8,} bytes {looks:3} looks\n")
            if back:
                terminal.press(back)
                terminal.settle(quiet=0.5)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for chosen in map(int, sys.argv[1:] or ("1000", "10000")):
            measure(chosen, Path(place))
