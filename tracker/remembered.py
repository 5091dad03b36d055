"""What a person's program remembers between its runs: a convenience, and never part of a plan."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from tracker import config

# Where the choices of a person are kept, by the place of the workspace.
VIEWS = "views.json"

# Nothing is followed to where somebody else wants it, and nothing waited for.
_READING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

# A file in the state folder: what it is about, and under that values by their names.
_Things = dict[str, dict[str, Any]]


def recall(file: str, about: str, /) -> Mapping[str, Any]:
    """Return what was remembered about something; nothing if that is lost.

    `file` is one of the state folder, or a path of its own.
    """
    return _load(file).get(about, {})


def remember(file: str, about: str, /, **values: Any) -> None:
    """Remember values by their names, beside what is remembered already; none is no reason to fail.

    Values are what JSON knows, and moments as text.
    """
    things = _load(file)
    things[about] = {**things.get(about, {}), **values}
    path = _path(file)
    beside = f"{path}.{os.getpid()}"
    # A path that is no text cannot be remembered.
    with suppress(OSError, UnicodeEncodeError):
        data = msgspec.json.encode(things)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with suppress(FileNotFoundError):
            os.unlink(beside)
        with open(os.open(beside, _WRITING, 0o600), "wb") as to:
            to.write(data)
        os.replace(beside, path)


def moment(value: object) -> datetime | None:
    """Return a moment that was remembered as text; None where that is lost, or none on earth."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _path(file: str) -> str:
    return os.path.join(config.state_folder(), file)


def _load(file: str) -> _Things:
    try:
        with open(os.open(_path(file), _READING), "rb") as kept:
            if not stat.S_ISREG(os.fstat(kept.fileno()).st_mode):
                return {}
            return msgspec.json.decode(kept.read(), type=_Things)
    # What is cut off or was made by hand need not be text, nor have an end to its depth.
    except (OSError, ValueError, RecursionError):
        return {}
