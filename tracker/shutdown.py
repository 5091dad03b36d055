"""How the program ends when nobody asked it to: stopped by a signal, or failed."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime

from tracker import config, terminal_text, version


class Stopped(Exception):
    """A signal has ended the screen; `hung_up` if its terminal has gone."""

    def __init__(self, signal: int, *, hung_up: bool) -> None:
        self.signal, self.hung_up = signal, hung_up
        super().__init__(signal)


class Failed(Exception):
    """The screen has failed; its cause is the error nobody caught."""


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
