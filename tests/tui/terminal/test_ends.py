"""However the real program ends, the terminal is as it was and what was acknowledged is kept."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import stat
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import ROOT
from tests.terminal import Terminal
from tests.tui.terminal.test_terminal import tracker
from tracker import shutdown
from tracker.domain.verbs.commands import add_task
from tracker.session import Session
from tracker.tui.terminal.private_parts import EndingApp, _Driver, _Wire

# Alternate screen, cursor hidden, mouse, focus, pasting in brackets, lines that do not wrap.
MODES = {"1049": "l", "25": "h", "1000": "l", "1003": "l", "1006": "l", "1004": "l", "2004": "l"}
MODES |= {"7": "h"}
SLOW_DISK = """
import os, time
real = os.fdatasync
def slow(file):
    open({mark!r}, "w").close()
    time.sleep({seconds})
    real(file)
os.fdatasync = slow
"""
FAILING = """
import os
import tracker.tui.app
from textual import work
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.work import WorkScreen
def fail(self, y=0):
    secret = "Gehaltsliste"
    raise RuntimeError("Vertraulich \\x1b]0;" + secret + "\\x07")
async def fail_aside(self):
    fail(self)
def fail_everywhere(self):
    StatusLine.render_line = fail
    self.query_one(StatusLine).refresh()
WorkScreen.action_copy = {how}
"""
BUSY = """
from tracker.tui.terminal import signals
from tracker.tui.view.work import WorkScreen
def busy(self):
    open({mark!r}, "w").close()
    while True:
        pass
WorkScreen.action_copy = busy
signals.PATIENCE = 1
"""


class Ends:
    """Starts the screen on a workspace with one task, and looks at what it leaves behind.

    The workspace is so large that no small change makes a checkpoint due.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "plan.json"
        session = Session.open(self.file, who="anna")
        session.do(lambda ws, now: add_task(ws, now, title="Konzept", notes="Seite\n" * 5_000))
        session.checkpoint()
        session.close()

    def screen(self, faults: str = "") -> Terminal:
        """Start it; `faults` are the first lines its interpreter runs."""
        (self.folder / "sitecustomize.py").write_text(faults)
        terminal = Terminal(
            ["--file", str(self.file)],
            env={
                "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}",
                "HOME": str(self.folder),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        terminal.wait_for(r"\[2 Board\]")
        return terminal

    def titles(self) -> list[str]:
        """The titles by what the journal says."""
        return [task["title"] for task in json.loads(tracker(self.file, "list", "--json"))]

    def checkpoint(self) -> list[str]:
        """The titles by what the ordinary file says."""
        return [task["title"] for task in json.loads(self.file.read_bytes())["tasks"].values()]

    def is_sound(self) -> bool:
        """Whether nobody holds the lock, no draft is left and no damage is found."""
        with self.file.with_suffix(".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        said = tracker(self.file, "check").strip()
        return said == f"{self.file} is intact." and not list(self.folder.glob("*.tmp"))


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    return Ends(tmp_path)


def modes(terminal: Terminal) -> dict[str, str]:
    """Return what each mode was set to last."""
    found: dict[str, str] = {}
    for numbers, value in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", terminal.raw):
        found |= dict.fromkeys(numbers.decode().split(";"), value.decode())
    return found


def restored(terminal: Terminal) -> bool:
    """Whether a shell finds the terminal as it left it."""
    local = termios.tcgetattr(terminal._master)[3]
    cooked = termios.ECHO | termios.ICANON | termios.ISIG
    return modes(terminal).items() >= MODES.items() and local & cooked == cooked


def left(terminal: Terminal) -> str:
    """Return what was sent after the screen had been left."""
    return re.sub(r"\x1b\[[?<]?[0-9;]*[a-z]", "", terminal.raw.decode().rpartition("?1049l")[2])


def close(terminal: Terminal) -> None:
    """Take the terminal away, as a connection that drops does."""
    os.close(terminal._master)
    terminal._master = os.open(os.devnull, os.O_RDWR)


def wait_end(terminal: Terminal) -> int:
    """Wait for the end of a program whose terminal has gone."""
    give_up = time.monotonic() + 15
    while time.monotonic() < give_up:
        pid, status = os.waitpid(terminal.pid, os.WNOHANG)
        if pid:
            terminal.status = os.waitstatus_to_exitcode(status)
            return terminal.status
        time.sleep(0.01)
    raise AssertionError("still running")


def wait_until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + 15
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def add(terminal: Terminal, line: str) -> None:
    open_dialog(terminal, "a")
    terminal.press(line, "\r")
    terminal.wait_for(f"Added: . {line.partition(' ')[0]}")


def open_dialog(terminal: Terminal, key: str) -> None:
    terminal.press(key)
    terminal.wait_for({"a": "New task", "b": "Send back"}[key])


@pytest.mark.parametrize("dialog", ["", "a", "b"], ids=["board", "line", "send_back"])
@pytest.mark.parametrize("number", shutdown.ENDING)
def test_a_signal_ends_the_screen_cleanly(ends: Ends, number: signal.Signals, dialog: str) -> None:
    with ends.screen() as terminal:
        add(terminal, "Bauen after:1")
        if dialog:
            open_dialog(terminal, dialog)
            terminal.press("half typed")
        os.kill(terminal.pid, number)
        assert terminal.wait_end() == 128 + number
        assert restored(terminal)
        assert left(terminal).strip() == ""
    assert ends.titles() == ["Konzept", "Bauen"]
    if number != signal.SIGHUP:
        assert ends.checkpoint() == ["Konzept", "Bauen"]
    assert ends.is_sound()


def test_leaving_writes_the_ordinary_file(ends: Ends) -> None:
    with ends.screen() as terminal:
        add(terminal, "Bauen")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        assert restored(terminal)
        assert left(terminal).strip() == ""
    assert ends.checkpoint() == ["Konzept", "Bauen"]
    assert ends.is_sound()


@pytest.mark.parametrize("dialog", ["", "a", "b"], ids=["board", "line", "send_back"])
def test_a_connection_may_drop(ends: Ends, dialog: str) -> None:
    with ends.screen() as terminal:
        add(terminal, "Bauen after:1")
        if dialog:
            open_dialog(terminal, dialog)
            terminal.press("half typed")
        close(terminal)
        assert wait_end(terminal) == 128 + signal.SIGHUP
    assert ends.titles() == ["Konzept", "Bauen"]
    assert ends.is_sound()


def test_a_terminal_that_goes_without_a_signal_is_noticed(ends: Ends) -> None:
    deaf = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})\n"
    with ends.screen(deaf) as terminal:
        close(terminal)
        assert wait_end(terminal) == 128 + signal.SIGHUP
    assert ends.is_sound()


def test_what_never_lets_go_is_ended_once_the_terminal_has_gone(ends: Ends) -> None:
    at_work = ends.folder / "at work"
    with ends.screen(BUSY.format(mark=str(at_work))) as terminal:
        add(terminal, "Bauen after:1")
        terminal.press("y")
        wait_until(at_work.exists)
        close(terminal)
        assert wait_end(terminal) == -signal.SIGALRM
    assert ends.titles() == ["Konzept", "Bauen"]


def test_a_terminal_that_takes_no_output_holds_up_nobody(ends: Ends) -> None:
    with ends.screen(
        "from tracker.tui.terminal import signals\nsignals.PATIENCE = 1\n"
    ) as terminal:
        add(terminal, "Bauen after:1")
        for _ in range(20):
            os.write(terminal._master, b"2345")
            time.sleep(0.02)
        os.kill(terminal.pid, signal.SIGTERM)
        assert wait_end(terminal) == -signal.SIGALRM
    assert ends.titles() == ["Konzept", "Bauen"]


def test_the_screen_is_seen_where_errors_are_sent_elsewhere(ends: Ends) -> None:
    errors = ends.folder / "errors"
    elsewhere = f"os.open({str(errors)!r}, os.O_WRONLY | os.O_CREAT)"
    with ends.screen(f"import os\nos.dup2({elsewhere}, 2)\n") as terminal:
        add(terminal, "Bauen after:1")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        assert restored(terminal)
    assert ends.titles() == ["Konzept", "Bauen"]
    assert errors.read_bytes() == b""


def test_who_writes_to_a_terminal_that_has_gone_is_not_stopped_by_it() -> None:
    """Textual's writer would die of the error, and whoever writes next would wait for ever."""
    told: list[str] = []
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as file:
        wire = _Wire(file, lambda: told.append("gone"))
        wire.write("seen")
        wire.flush()
        assert os.read(master, 10) == b"seen"
        assert told == []
        os.close(master)
        for _ in range(2):
            wire.write("x" * 100_000)
            wire.flush()
        assert told == ["gone"]
        # What is still in its buffer goes nowhere as it is closed.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, slave)
        os.close(null)


@pytest.mark.parametrize("how", ["terminate", "drop"])
def test_what_is_being_written_is_written_to_its_end(ends: Ends, how: str) -> None:
    mark = ends.folder / "writing"
    with ends.screen(SLOW_DISK.format(mark=str(mark), seconds=0.4)) as terminal:
        open_dialog(terminal, "a")
        os.write(terminal._master, b"Bauen\r")
        wait_until(lambda: (terminal._read(0), mark.exists())[1])
        if how == "drop":
            close(terminal)
            assert wait_end(terminal) == 128 + signal.SIGHUP
        else:
            os.kill(terminal.pid, signal.SIGTERM)
            assert terminal.wait_end() == 128 + signal.SIGTERM
            assert restored(terminal)
    assert ends.titles() == ["Konzept", "Bauen"]
    assert ends.is_sound()


def test_who_asks_twice_is_obeyed_at_once(ends: Ends) -> None:
    mark = ends.folder / "writing"
    with ends.screen(SLOW_DISK.format(mark=str(mark), seconds=60)) as terminal:
        open_dialog(terminal, "a")
        os.write(terminal._master, b"Bauen\r")
        wait_until(lambda: (terminal._read(0), mark.exists())[1])
        os.kill(terminal.pid, signal.SIGTERM)
        os.kill(terminal.pid, signal.SIGTERM)
        # Both may arrive as one.
        time.sleep(0.1)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_end() == -signal.SIGTERM
    assert ends.titles()[0] == "Konzept"
    assert ends.is_sound()


# A parent of its process group in its session, as the shell of somebody at a terminal is one.
SHELL = """
import os, time
me = os.getpid()
if not os.fork():
    os.closerange(0, 64)
    os.setpgid(0, 0)
    if not os.fork():
        os.setpgid(0, me)
    while os.path.exists(f"/proc/{me}"):
        time.sleep(0.05)
    os._exit(0)
"""


def test_where_no_shell_could_wake_it_the_screen_does_not_sleep(ends: Ends) -> None:
    with ends.screen() as terminal:
        terminal.wait_for("P80")
        before = terminal.text
        for turn in (2, 3):
            os.write(terminal._master, b"\x1a")
            while taken(terminal) < turn:
                assert terminal._read(15)
        terminal.settle()
        assert terminal.text == before
        add(terminal, "Bauen")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        assert restored(terminal)
    assert ends.titles() == ["Konzept", "Bauen"]


def test_the_screen_sleeps_and_comes_back_whole(ends: Ends) -> None:
    with ends.screen(SHELL) as terminal:
        terminal.wait_for("P80")
        before = terminal.text
        for _ in range(2):
            os.write(terminal._master, b"\x1a")
            wait_until(lambda: (terminal._read(0.05), sleeps(terminal) and restored(terminal))[1])
            # A shell writes where the screen was.
            terminal._stream.feed(b"$ fg\r\ntracker\r\n")
            os.kill(terminal.pid, signal.SIGCONT)
            terminal.wait_for(r"\[2 Board\]")
            assert terminal.text == before
            assert modes(terminal)["1049"] == "h"
        add(terminal, "Bauen")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        assert restored(terminal)
    assert ends.titles() == ["Konzept", "Bauen"]


def test_being_stopped_from_outside_leaves_one_reader_of_keys(ends: Ends) -> None:
    with ends.screen() as terminal:
        terminal.wait_for("P80")
        before = terminal.text
        threads = Path(f"/proc/{terminal.pid}/task")
        at_first = len(list(threads.iterdir()))
        for turn in (2, 3, 4):
            os.kill(terminal.pid, signal.SIGSTOP)
            wait_until(lambda: sleeps(terminal))
            os.kill(terminal.pid, signal.SIGCONT)
            while taken(terminal) < turn:
                assert terminal._read(15)
            terminal.settle()
        assert terminal.text == before
        # A reader more for each stop would be three; some work of its own is no reader.
        assert len(list(threads.iterdir())) < at_first + 3
        open_dialog(terminal, "a")
        for sign in "Der Reihe nach":
            os.write(terminal._master, sign.encode())
        terminal.press("\r")
        terminal.wait_for("Added: . Der Reihe nach", 5)
        # What systemd sends to whoever is to end.
        os.kill(terminal.pid, signal.SIGTERM)
        os.kill(terminal.pid, signal.SIGCONT)
        assert terminal.wait_end() == 128 + signal.SIGTERM
        assert restored(terminal)
    assert ends.titles() == ["Konzept", "Der Reihe nach"]


def test_who_is_woken_on_the_way_out_does_not_take_the_terminal_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(_Driver, "_awake", True)
    for name in ("suspend_application_mode", "resume_application_mode"):
        monkeypatch.setattr(_Driver, name, lambda _driver: seen.append("taken"))
    driver = object.__new__(_Driver)
    driver._auto_restart, driver._ending = True, EndingApp()
    driver._ending.leaving = True
    driver._wake()
    assert not seen


def taken(terminal: Terminal) -> int:
    """How often the program has taken the terminal."""
    return terminal.raw.count(b"\x1b[?1049h")


def sleeps(terminal: Terminal) -> bool:
    """Whether the process has been stopped."""
    stat_line = Path(f"/proc/{terminal.pid}/stat").read_text()
    return stat_line.rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("how", ["fail", "work(fail_aside)", "work(thread=True)(fail)"])
def test_after_a_failure_it_goes_on_and_says_where_it_is_written_down(ends: Ends, how: str) -> None:
    log = ends.folder / ".local" / "state" / "tracker" / "failure.log"
    with ends.screen(FAILING.format(how=how)) as terminal:
        terminal.press("y")
        terminal.wait_for(r"tracker has failed here \(RuntimeError\)")
        assert log.exists()
        add(terminal, "Bauen")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        assert b"Gehaltsliste" not in terminal.raw
    assert ends.titles() == ["Konzept", "Bauen"]
    assert ends.is_sound()


def test_a_failure_without_end_is_told_in_one_sentence_and_written_down_in_private(
    ends: Ends,
) -> None:
    with ends.screen(FAILING.format(how="fail_everywhere")) as terminal:
        add(terminal, "Bauen")
        terminal.press("y")
        assert terminal.wait_end() == 1
        assert restored(terminal)
        said = left(terminal).split()
        raw = terminal.raw.decode()
    log = ends.folder / ".local" / "state" / "tracker" / "failure.log"
    assert " ".join(said) == (
        "tracker has crashed (RuntimeError). Everything that was confirmed is saved; the details"
        f" are in {log}."
    )
    assert "Traceback" not in raw
    assert "Gehaltsliste" not in raw
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    kept = log.read_text()
    assert "in fail" in kept
    assert "Vertraulich ␛]0;Gehaltsliste␇" in kept
    assert not set(kept) & set("\x1b\x07")
    assert ends.titles() == ["Konzept", "Bauen"]
    assert ends.is_sound()


def test_a_failure_of_which_nothing_can_be_kept_is_told_all_the_same(ends: Ends) -> None:
    (ends.folder / ".local").write_text("no folder")
    with ends.screen(FAILING.format(how="fail_everywhere")) as terminal:
        terminal.press("y")
        assert terminal.wait_end() == 1
        assert left(terminal).strip() == (
            "tracker has crashed (RuntimeError). Everything that was confirmed is saved."
        )
        assert restored(terminal)


def test_an_ordinary_file_changed_by_hand_is_named_on_leaving_and_left_alone(ends: Ends) -> None:
    with ends.screen() as terminal:
        add(terminal, "Bauen")
        edited = ends.file.read_bytes().replace(b"Konzept", b"konzept")
        ends.file.write_bytes(edited)
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        assert restored(terminal)
        said = " ".join(left(terminal).split())
    assert said.startswith("plan.json could not be updated. Nothing is lost")
    assert "plan.json was not written by tracker" in said
    assert "check --repair`" in said
    assert ends.file.read_bytes() == edited
