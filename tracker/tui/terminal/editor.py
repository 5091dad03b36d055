"""A text written in the editor of the person at the terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from tracker.domain.errors import Refused
from tracker.domain.sentence import system_reason

# What is tried where the environment names none.
_USUAL = ("sensible-editor", "nano", "vi")


def put(text: str, name: str) -> Path:
    """Put a text into a file of its own, which only this person can read, and return that.

    Raises Refused where there is no editor for it, or where no file can be written.
    """
    editor = _editor()[0]
    if shutil.which(editor) is None:
        raise Refused("{editor} cannot be run; name your editor in EDITOR.", editor=editor)
    try:
        path = Path(tempfile.mkdtemp(prefix="tracker-"), f"{name}.md")
        path.write_text(text + "\n" * (text != "" and not text.endswith("\n")), "utf-8")
    except OSError as error:
        raise Refused(
            "The notes cannot be put into a file for the editor: {problem}.",
            problem=system_reason(error),
        ) from None
    return path


def edit(app: App[object], path: Path) -> None:
    """Have a file edited.

    The screen makes room for the editor (VISUAL, else EDITOR) until it ends. Raises Refused where
    it says that it failed, or where there is no room; the file is there no more then.
    """
    words = _editor()
    try:
        # Textual does not come back where something is raised within.
        with app.suspend():
            code = _run([*words, str(path)])
    except SuspendNotSupported:
        discard(path)
        raise Refused("This terminal has no room for an editor.") from None
    if code:
        raise Refused(
            "{editor} ended with status {code}; nothing was changed.", editor=words[0], code=code
        )


def discard(path: Path) -> None:
    """Remove a file that was written, and its folder."""
    shutil.rmtree(path.parent, ignore_errors=True)


def _editor() -> list[str]:
    """Return the call of the editor; raises Refused."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError:
        raise Refused("EDITOR cannot be read: {text}", text=named) from None
    found = words or [usual for usual in _USUAL if shutil.which(usual)][:1]
    if not found:
        raise Refused("There is no editor; name yours in EDITOR.")
    return found


def _run(words: list[str]) -> int:
    """Run an editor to its end; its interrupts are its own, and both stop where it is stopped."""
    before = (
        signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.signal(signal.SIGTSTP, signal.SIG_DFL),
    )
    try:
        with subprocess.Popen(  # noqa: S603  # the user's own settings name it
            words, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        ) as editor:
            return editor.wait()
    except OSError as error:
        return error.errno or 1
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTSTP, before[1])
