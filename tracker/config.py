"""What a person has chosen: the settings file, where data belongs, and who it is."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import Literal, TypeVar

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, quoted, sentence, system_reason

SETTINGS, THEME = "config.toml", "theme.toml"
# In bytes: nobody types more settings than that, and what has no end is no file. A name of a
# thousand parts and more takes as long as their number squared.
_LONGEST = 1 << 16
# In characters: no system gives longer names, and each record holds one.
_LONGEST_NAME = 256

T = TypeVar("T", bound=msgspec.Struct)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings file; the command line and the environment take precedence.

    `file` is the workspace that is opened when none is named, `db` the address of a database that
    holds it instead, `lang` a language, `view` what the
    screen opens on once there are tasks to do. `keys` maps the id of a binding to the keys that
    call it, comma-separated.
    """

    file: str = ""
    db: str = ""
    lang: str = ""
    ascii: bool = False
    color: bool = True
    view: Literal["today", "board", "tasks", "timeline", "loops", "load"] = "today"
    keys: dict[str, str] = {}


def load() -> Config:
    """Return the settings; raises BadInput when the file cannot be understood."""
    return read(settings_path(), Config)


def read(path: str, kind: type[T]) -> T:
    """Return what a file of settings says, in TOML; all is as usual where there is none.

    Raises BadInput when it cannot be understood, or is no ordinary file: that may have no end, or
    wait for ever.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            ordinary = stat.S_ISREG(os.fstat(file.fileno()).st_mode) or path == os.devnull
            data = file.read(_LONGEST + 1) if ordinary else b""
    except FileNotFoundError:
        return kind()
    except OSError as error:
        raise _unread(path, system_reason(error)) from None
    if not ordinary:
        raise _unread(path, sentence("it is not an ordinary file"))
    if len(data) > _LONGEST:
        raise _invalid(path, sentence("it is larger than {size} KB", size=_LONGEST >> 10))
    try:
        return msgspec.toml.decode(data, type=kind)
    # What msgspec raises is a ValueError, as are numbers of more digits than Python takes.
    except (ValueError, RecursionError) as error:
        raise _invalid(path, quoted(error)) from None


def _unread(path: str, problem: Sentence) -> BadInput:
    return BadInput("Cannot read {file}: {problem}.", file=path, problem=problem)


def _invalid(path: str, problem: Sentence) -> BadInput:
    return BadInput(
        "{file} is invalid: {problem}. Correct or delete the file.", file=path, problem=problem
    )


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def settings_path() -> str:
    """Return where the settings file is, or would be."""
    named = os.environ.get("TRACKER_CONFIG", "")
    return named or os.path.join(_folder("config"), SETTINGS)


def theme_path() -> str:
    """Return where the file of colours is, or would be: beside the settings."""
    return os.path.join(os.path.dirname(settings_path()), THEME)


def default_file() -> str:
    """Return the workspace that is meant when none is named."""
    return os.path.join(_folder("data"), "tracker.json")


def demo_file() -> str:
    """Return where the demo project is kept: in a folder of its own, apart from real data."""
    return os.path.join(_folder("data"), "demo", "demo.json")


def state_folder() -> str:
    """Return the folder for what is worth keeping, but is neither settings nor data."""
    return _folder("state")


def private_parts() -> bool:
    """Return whether parts of libraries may be used that these do not promise to keep.

    TRACKER_PRIVATE_PARTS=0 says no: what they are for is then done plainly, or not at all. It is
    the way out where a newer version of a library has changed them.
    """
    return os.environ.get("TRACKER_PRIVATE_PARTS", "") != "0"


def who() -> str:
    """Return the name under which changes are recorded: TRACKER_USER, else the login name."""
    if named := _name("TRACKER_USER"):
        return named
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return _name("LOGNAME") or _name("USER") or str(os.getuid())


def _name(variable: str) -> str:
    """Return a variable of the environment as a name that can be read and typed; maybe none."""
    words = "".join(sign if sign.isprintable() else " " for sign in os.environ.get(variable, ""))
    return " ".join(words.split())[:_LONGEST_NAME].rstrip()


def _home() -> str:
    """Return the folder of the person; one that is nowhere if none is known, and never here."""
    import pwd

    known = [os.environ.get("HOME", "")]
    with suppress(KeyError):
        known.append(pwd.getpwuid(os.getuid()).pw_dir)
    return next(filter(os.path.isabs, known), "/nonexistent")


def _folder(kind: Literal["config", "data", "state"]) -> str:
    """Return the folder where the platform wants a user's settings, data or state."""
    if sys.platform != "linux":
        import platformdirs

        if kind == "config":
            return platformdirs.user_config_dir("tracker")
        if kind == "state":
            return platformdirs.user_state_dir("tracker")
        return platformdirs.user_data_dir("tracker")
    else:  # noqa: RET505  # so that mypy sees both
        # The rule of the XDG base directories, as platformdirs knows it; its import would cost
        # more than reading a thousand tasks.
        variable, usual = {
            "config": ("XDG_CONFIG_HOME", ".config"),
            "data": ("XDG_DATA_HOME", ".local/share"),
            "state": ("XDG_STATE_HOME", ".local/state"),
        }[kind]
        named = os.environ.get(variable, "").strip()
        base = named if os.path.isabs(named) else os.path.join(_home(), usual)
        return os.path.join(base, "tracker")
