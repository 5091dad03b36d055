"""The real program in a pseudo-terminal: keys go in, a screen and the raw bytes come out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pyte

from tests import DATA, ROOT, warm_start

_QUERIES = ((b"\x1b[?2026$p", b"\x1b[?2026;2$y"), (b"\x1b[c", b"\x1b[?62;c"))
# What pyte does not know and would draw.
_UNKNOWN = re.compile(rb"\x1b\[[<=>][0-9;]*u|\x1b\[\?[0-9;]*u|\x1b\[\?[0-9;]*\$p|\x1b\[>[0-9;]*m")
# Nothing that has come for so long, in seconds, comes at once any more.
_QUIET = 0.12
# Whoever has been sent a key has begun to answer after so many seconds, or never will.
_LONG = 1.0
# A screen is drawn anew each 60th of a second: what uses less than so many nanoseconds of the
# processor from one look to the next, and again, has drawn it all.
_LOOK, _LITTLE = 0.02, 1_000_000
KEYS = {
    "home": "\x1b[H",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "down": "\x1b[B",
    "up": "\x1b[A",
}


class Terminal:
    """A program on a terminal of `columns` by `rows` cells; use it as a context.

    `raw` is everything the program has sent.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._pending = b""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "TRACKER_CONFIG": str(DATA / "opens-on-the-board.toml"),
            **(env or {}),
        }
        size = struct.pack("HHHH", rows, columns, 0, 0)
        if warm_start.possible(environment):
            self._master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
            self.pid = warm_start.start(arguments, environment, slave)
            os.close(slave)
        else:
            self.pid, self._master = pty.fork()
            if self.pid == 0:
                warm_start.heed_signals()
                call = [sys.executable, "-m", "tracker", *arguments]
                os.execve(sys.executable, call, environment)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        self.status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen as text, a line a row."""
        # Not pyte's own `display`, which fails where a wide sign is half drawn over: that is so
        # within an update, between the pieces of one look and those of the next.
        buffer, columns = self._screen.buffer, range(self._screen.columns)
        rows = (buffer[y] for y in range(self._screen.lines))
        return "\n".join("".join(row[x].data for x in columns).rstrip() for row in rows)

    def send(self, key: str) -> None:
        """Press a key, by name or as it is, or type some text, and wait for nothing."""
        os.write(self._master, KEYS.get(key, key).encode())

    def feed(self, data: bytes, patience: float = 15.0) -> bool:
        """Send bytes as they are, and keep the end of what is shown; False if nobody takes them."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            reading, writing, _ = select.select([self._master], [self._master], [], 1.0)
            try:
                if reading:
                    shown = os.read(self._master, 65536)
                    self.raw = self.raw[-65536:] + shown
                    data = b"".join(a for query, a in _QUERIES if query in shown) + data
                if not data:
                    return True
                if writing:
                    data = data[os.write(self._master, data[:256]) :]
            except OSError:  # the other end has been closed
                return True
        return not data

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, and tell the program; the screen here keeps its own."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGWINCH)

    def press(self, *keys: str) -> None:
        """Press keys, by name or as they are; each waits until the screen has settled."""
        for key in keys:
            used, _asleep = self._work()
            self.send(key)
            # Another key may begin like Escape: the program waits for the rest of it a while.
            self._answered(used, _QUIET if KEYS.get(key, key).endswith("\x1b") else 0.0)

    def _answered(self, used: int, least: float = 0.0, most: float = 5.0) -> None:
        """Read until the program has used more of the processor than that, and rests."""
        begun, now, rests = time.monotonic(), 0, 0
        while (passed := time.monotonic() - begun) < most:
            if self._read(_LOOK):
                rests = 0
                continue
            before, (now, asleep) = now, self._work()
            rests = rests + 1 if asleep and now - before < _LITTLE else 0
            # What does nothing may have been sent half a key, or wait for the processor.
            if rests > 1 and passed > least and (now > used or passed > _LONG):
                return

    def _work(self) -> tuple[int, bool]:
        """Return how many nanoseconds the thread that draws has run, and whether it sleeps."""
        process = Path("/proc", str(self.pid))
        try:
            state = process.joinpath("stat").read_text().rpartition(")")[2].split()[0]
            return int(process.joinpath("schedstat").read_text().split()[0]), state != "R"
        except OSError:  # it has ended, or the system tells nothing of it
            return 0, True

    def settle(self, quiet: float = _QUIET, most: float = 5.0) -> None:
        """Read until nothing has come for `quiet` seconds."""
        end = time.monotonic() + most
        while time.monotonic() < end and self._read(quiet):
            pass

    def wait_for(self, pattern: str, seconds: float = 30.0) -> str:
        """Read until the screen matches, and return it; AssertionError with the screen if never."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            assert time.monotonic() < end, f"no {pattern!r} on the screen:\n{self.text}"
            self._read(0.1)
        self._answered(-1)
        return self.text

    def wait_end(self, seconds: float = 15.0) -> int:
        """Wait for the program's end, and return its exit code, negative for a signal."""
        end = time.monotonic() + seconds
        while True:
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                # What it wrote last may not have been read yet.
                while self._read(0.05):
                    pass
                return self.status
            assert time.monotonic() < end, f"still running:\n{self.text}"

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end has been closed
            return False
        if not data:
            return False
        self.raw += data
        for query, answer in _QUERIES:
            if query in data:
                os.write(self._master, answer)
        self._pending += data
        # A sequence may be cut in two; what follows the last escape waits for the rest.
        cut = self._pending.rfind(b"\x1b")
        whole = len(self._pending) if cut < len(self._pending) - 32 else cut
        chunk, self._pending = self._pending[:whole], self._pending[whole:]
        self._stream.feed(_UNKNOWN.sub(b"", chunk))
        if not select.select([self._master], [], [], 0.01)[0]:
            self._stream.feed(_UNKNOWN.sub(b"", self._pending))
            self._pending = b""
        return True
