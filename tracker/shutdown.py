"""How the program ends when nobody asked it to: stopped by a signal, or failed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from types import FrameType

from tracker import config, terminal_text, version

# What is sent to have a program end. Python raises KeyboardInterrupt for Ctrl+C by itself.
ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


class Stopped(Exception):
    """A signal has ended the screen or a question; `hung_up` if the terminal has gone."""

    def __init__(self, signal: int, *, hung_up: bool) -> None:
        self.signal, self.hung_up = signal, hung_up
        super().__init__(signal)


class Failed(Exception):
    """The screen has failed; its cause is the error nobody caught."""


@contextmanager
def tidily() -> Iterator[None]:
    """Have signals that would end the process at once, or have it sleep, raise Stopped instead.

    What is within can leave the terminal as it was. Whoever asks twice is obeyed at once.
    """
    asked: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        asked.append(number)
        raise Stopped(number, hung_up=number == signal.SIGHUP)

    taken = [
        number for number in (*ENDING, signal.SIGTSTP) if signal.getsignal(number) is signal.SIG_DFL
    ]
    try:
        for number in taken:
            signal.signal(number, stop)
        yield
    except Exception:
        # A terminal that has gone cannot be left as it was, and says so.
        if not asked:
            raise
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
    if asked:
        raise Stopped(asked[0], hung_up=signal.SIGHUP in asked)


def keep_trace(error: BaseException, at: datetime) -> str:
    """Write where an error came from into a file for its owner's eyes, and return its path.

    It replaces the one before. Raises OSError when it cannot be written.
    """
    import platform
    import traceback

    folder = config.state_folder()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, "failure.log")
    head = f"{at.isoformat()} tracker {version.full()} python {platform.python_version()}"
    lines = [f"{head} {platform.platform()}"]
    for part in traceback.format_exception(error):
        lines += part.splitlines()
    with suppress(FileNotFoundError):
        os.unlink(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        # People look at it with `cat`.
        file.writelines(terminal_text.clean(line) + "\n" for line in lines)
    return path
