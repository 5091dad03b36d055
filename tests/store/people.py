"""Users of one machine, in whose place a test can act: for that it has to be run by root."""

from __future__ import annotations

import codecs
import os
import pwd  # noqa: F401  # as below
import resource
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from tests.needs import missing
from tests.store.writers import AT, add, started
from tracker.domain.errors import TrackerError
from tracker.domain.model import Task
from tracker.store import file_log, files
from tracker.store.check import check
from tracker.store.repair import repair
from tracker.store.store import Store

# Numbers that no distribution gives to anybody.
TEAM = 61_900
# Whoever has not answered by then, in seconds, is kept waiting by something.
_PATIENCE = 60.0
# And whoever reads more than that, in bytes, reads what has no end.
_MEMORY = 1 << 30


class Person(NamedTuple):
    """A user with a group of their own, and in that of the team or not."""

    login: str
    user: int
    team: bool = True


ANNA, BOB, EVE = Person("anna", 61_901), Person("bob", 61_902), Person("eve", 61_903)
STRANGER = Person("stranger", 61_904, team=False)


class Outcome(NamedTuple):
    """What came of something: a value, or the message of the error that was raised."""

    value: Any = None
    refusal: str = ""


def demand_root() -> None:
    """Skip a test that is not run by root: nobody else can act for others."""
    if os.geteuid():
        missing("only root can act as other users")


@contextmanager
def common_ground() -> Iterator[Path]:
    """Make a folder that everybody can reach, and nobody but root can change."""
    demand_root()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o711)
        yield place


def act(person: Person, what: Callable[..., Any], *arguments: Any, umask: int = 0o022) -> Outcome:
    """Have somebody do something in a process of their own; AssertionError if it never ends."""
    process, pipe = started(_as_person, person, umask, what, *arguments)
    try:
        assert pipe.poll(_PATIENCE), f"{person.login} is kept waiting by {what.__name__}"
        return Outcome(*pipe.recv())
    finally:
        process.kill()
        process.join()
        pipe.close()


def _as_person(
    pipe: Connection, person: Person, umask: int, what: Callable[..., Any], *arguments: Any
) -> None:
    # What is imported late may be where this person cannot read.
    codecs.lookup("unicode_escape")
    become(person)
    os.umask(umask)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        pipe.send((what(*arguments), ""))
    except TrackerError as error:
        pipe.send((None, str(error)))
    except OSError as error:
        pipe.send((None, f"{type(error).__name__}: {error}"))


def become(person: Person) -> None:
    """Be somebody else from now on."""
    os.setgroups([TEAM] if person.team else [])
    os.setresgid(person.user, person.user, person.user)
    os.setresuid(person.user, person.user, person.user)


# --- what people do, each in a process of their own

NAMES = (
    "erp.json",
    "erp.log",
    "erp.lock",
    "erp.kept",
    "erp.kept/log-0000000001-0000000002.log",
    "erp.kept/backup-2026-11-23.json",
)


def create(path: Path) -> None:
    Store.open(path, shared=True).close()


def work(path: Path, who: str, days: int = 0) -> list[tuple[str, str]]:
    """Add something, write checkpoints, close the journal; return who has done what."""
    file_log.ROTATE_FROM = 300
    store = Store.open(path)
    store.others(who)
    for n in range(3):
        at = AT.replace(day=AT.day + days + n)
        store.commit(add(f"{who} {n}"), at=at, who=who)
        store.checkpoint()
    store.close()
    with closing(Store.open(path)) as again:
        return [(record.who, record.change.born(Task)[0].title) for record in again.records()]


def everything_under(folder: Path) -> list[str]:
    """Return all that can be read, listed or found, tried in every way."""
    found: list[str] = []
    for path in (folder, *(folder / name for name in NAMES)):
        for attempt in (os.listdir, os.stat, files.mode_of, files.read_path):
            with suppress(OSError, TrackerError):
                found.append(f"{attempt.__name__} {path.name}: {attempt(str(path))!r}")
    return found


def look(path: Path) -> list[str]:
    """Do all that one does with a workspace, and return what was refused."""
    refused: list[str] = []

    def attempt(what: Callable[[], Any]) -> None:
        try:
            what()
        except TrackerError as error:
            refused.append(str(error))

    def change() -> None:
        with closing(Store.open(path)) as store:
            store.others("anna")
            store.commit(add("new"), at=AT.replace(day=AT.day + 3), who="anna")
            list(store.records())
            store.checkpoint()

    attempt(change)
    attempt(partial(check, path))
    attempt(partial(repair, path, at=AT, who="anna"))
    attempt(change)
    return refused


def look_at_each(paths: Iterable[Path]) -> list[list[str]]:
    file_log.ROTATE_FROM = 300
    return [look(path) for path in paths]


def spoil(path: Path) -> None:
    """Put another bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def mend(path: Path) -> None:
    repair(path, at=AT, who="bob")


def titles(path: Path) -> list[str]:
    with closing(Store.open(path)) as store:
        return [task.title for task in store.workspace.tasks.values()]


def look_back(path: Path) -> None:
    with closing(Store.open(path)) as store:
        list(store.records())
