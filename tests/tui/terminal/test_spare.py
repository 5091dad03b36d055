"""A screen that may open nothing more shows what it has not shown yet all the same."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path

from tests.terminal import Terminal
from tests.tui.terminal.test_monkey import a_list
from tests.tui.terminal.test_terminal import TODAY
from tracker.tui.terminal import spare


def test_what_is_imported_late_needs_no_descriptor_of_others(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    a_list(file)
    arguments = ["--file", str(file), "--today", TODAY]
    with Terminal(arguments, columns=100, rows=30, env={"HOME": str(tmp_path)}) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        # Longer than after an import the descriptors are kept again.
        terminal.settle(quiet=1.0)
        used = max(map(int, os.listdir(f"/proc/{terminal.pid}/fd"))) + 1
        _soft, hard = resource.prlimit(terminal.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(terminal.pid, resource.RLIMIT_NOFILE, (used, hard))
        for key, shown in (("4", "Timeline"), ("6", "Loops"), ("7", "Load"), ("8", "Log")):
            terminal.press(key)
            terminal.wait_for(rf"\[{key} {shown}")
        terminal.press("?")
        terminal.wait_for("Esc")
        terminal.press("escape", "2")
        terminal.wait_for(r"\[2 Board\]")
        terminal.press("\x11")
        assert terminal.wait_end() == 0


def test_descriptors_are_kept_again_after_an_import_in_another_thread() -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    async def screen() -> None:
        finder = sys.meta_path[0]
        finder.find_spec("anything", None)
        before = count()
        while count() == before:
            await asyncio.sleep(0.01)
        kept = count()
        await asyncio.to_thread(finder.find_spec, "anything_else", None)
        assert count() < kept
        while count() < kept:
            await asyncio.sleep(0.01)

    with spare.kept():
        asyncio.run(screen())
