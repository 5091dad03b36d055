"""Processes that write to a workspace, to be cut off by the tests."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any
from unittest.mock import patch

from tests.store.system_calls import Real, intercept
from tracker.domain.change import Change, Edit
from tracker.domain.errors import StoreError
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import file_log
from tracker.store.address import Address
from tracker.store.repair import repair
from tracker.store.store import Store

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

# A server that has imported everything forks in a few milliseconds, and without our threads.
processes = get_context("forkserver")
processes.set_forkserver_preload([__name__, "tests.store.people"])


def add(title: str) -> Callable[[Workspace], Change]:
    def command(ws: Workspace) -> Change:
        task = Task(id=ws.next_id(Task), title=title, notes="x" * (ws.seq % 300))
        return Change(sentence("Add"), (Edit(None, task),))

    return command


def started(target: Callable[..., None], *args: Any) -> tuple[BaseProcess, Connection]:
    """Start a process that is given the other end of a pipe first."""
    ours, theirs = processes.Pipe(duplex=False)
    process = processes.Process(target=target, args=(theirs, *args))
    # Else each would import the test runner first, since that is the program.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    theirs.close()
    return process, ours


def told(pipe: Connection) -> list[tuple[int, str]]:
    """Return everything a process had acknowledged when it ended."""
    found = []
    try:
        while True:
            found.append(pipe.recv())
    except EOFError:
        pipe.close()
        return found


def write(pipe: Connection, path: str, name: str, count: int, rotate: int) -> None:
    """Commit tasks one by one, and acknowledge each; write checkpoints and close journals too."""
    file_log.ROTATE_FROM = rotate
    store = Store.open(path)
    for n in range(count):
        at = AT + timedelta(hours=store.workspace.seq)
        record = store.commit(add(f"{name}{n}"), at=at, who=name)
        pipe.send((record.seq, f"{name}{n}"))
        if n % 7 == 3:
            store.checkpoint()
    store.close()


def fill(pipe: Connection, path: str, room: int) -> None:
    """Commit until the file may not grow any more, and report the refusal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    store = Store.open(path)
    try:
        for n in range(1000):
            record = store.commit(add(str(n)), at=AT, who="anna")
            pipe.send((record.seq, str(n)))
    except StoreError as error:
        pipe.send((store.workspace.seq, str(error)))


def write_to_server(
    pipe: Connection, address: str, name: str, first: int, last: int, patience: float
) -> None:
    """Commit tasks `first` to `last` on a server, and acknowledge each; checkpoints as well."""
    store = Store.open(Address(address))
    store.patience = patience
    for n in range(first, last):
        record = store.commit(add(f"{name}{n}"), at=AT, who=store.login)
        pipe.send((record.seq, f"{name}{n}"))
        if n % 50 == 30:
            store.settle()
    store.close()


def end_at_call(number: int) -> None:
    """End this process at the system call of that number that changes something on the disk."""
    left = number

    def counted(name: str, real: Real, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            if name == "pwrite":
                real(args[0], bytes(args[1])[: len(args[1]) // 2], args[2])
            os._exit(9)
        return real(*args, **more)

    intercept(counted)


def write_until_call(pipe: Connection, path: str, number: int) -> None:
    """Do a bit of everything, and end in the midst of it."""
    file_log.ROTATE_FROM = 600
    end_at_call(number)
    store = Store.open(path)
    for day in range(4):
        record = store.commit(add(str(day)), at=AT + timedelta(days=day), who="anna")
        pipe.send((record.seq, str(day)))
        if day % 2:
            store.checkpoint()
    store.close()
    pipe.send((-1, "done"))


def repair_until_call(pipe: Connection, path: str, number: int) -> None:
    """Begin a repair, and end in the midst of it."""
    end_at_call(number)
    repair(path, at=AT, who="root")
    pipe.send((-1, "done"))


def commit_and_stop(pipe: Connection, path: str, call: str) -> None:
    """Stop once, as if told to, before a call by which a line is written; then go on with it."""
    done: list[str] = []

    def stopping(name: str, real: Real, args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        if not done and not (name == "pwrite" and len(args[1]) == 1000):  # who holds the lock
            done.append(name)
            os.kill(os.getpid(), signal.SIGSTOP)
        return real(*args, **more)

    store = Store.open(path)
    store.commit(add("before"), at=AT, who="anna")
    intercept(stopping, (call,))
    record = store.commit(add("stopped"), at=AT, who="anna")
    pipe.send((record.seq, "stopped"))
