"""A shim before the operating system: what is called can be seen, ended or refused."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# The calls by which a store changes something on the disk, and those by which it only looks.
CHANGING = (
    "open", "pwrite", "fsync", "fdatasync", "rename", "link", "unlink", "ftruncate", "mkdir",
    "chmod", "fchmod",
)  # fmt: skip
LOOKING = ("pread", "stat", "fstat", "lstat", "readlink", "listdir", "flock")

Real = Callable[..., Any]
# Called in the place of a call, with its name, the call itself and its arguments.
Seen = Callable[[str, Real, tuple[Any, ...], dict[str, Any]], Any]


def place_of(name: str) -> Any:
    """Return the module that has a call."""
    return fcntl if name == "flock" else os


def intercept(seen: Seen, names: Iterable[str] = CHANGING) -> Callable[[], None]:
    """Have `seen` called for every call of these names; return how to end that."""
    real = {name: getattr(place_of(name), name) for name in names}

    def seen_as(name: str) -> Callable[..., Any]:
        return lambda *args, **more: seen(name, real[name], args, more)

    for name in real:
        setattr(place_of(name), name, seen_as(name))

    def end() -> None:
        for name, call in real.items():
            setattr(place_of(name), name, call)

    return end


@contextmanager
def intercepted(seen: Seen, names: Iterable[str] = CHANGING) -> Iterator[None]:
    """Have `seen` called for every call of these names, for as long as this lasts."""
    end = intercept(seen, names)
    try:
        yield
    finally:
        end()
