"""Calculations that end early where nobody waits for them any more."""

from __future__ import annotations

from collections.abc import Callable

# Called every few milliseconds; it raises StoppedError.
Heed = Callable[[], None]


class StoppedError(Exception):
    """Nobody waits for the rest of what is calculated."""


def heeding(stopped: Callable[[], bool]) -> Heed:
    """Return what ends a calculation by raising StoppedError once `stopped` says so."""

    def heed() -> None:
        if stopped():
            raise StoppedError

    return heed


def on() -> None:
    """Let a calculation go on to its end."""
