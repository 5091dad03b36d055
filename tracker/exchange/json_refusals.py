"""Refusals of JSON that holds no list of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.domain.errors import BadInput
from tracker.exchange.source import harmless_value

_MOST_NAMES = 8


def unknown_file(file: str) -> BadInput:
    """Return the refusal of a document that has no list of tasks."""
    return BadInput(
        "{file} contains no list of tasks. A list has an object with a title for each task, as"
        " `tracker list --json` writes it.",
        file=file,
    )


def untitled(names: Sequence[str], file: str) -> BadInput:
    """Return the refusal of a list in which no task has a title."""
    return BadInput(
        "No task in {file} has a title; its fields are {names}. Choose one with {option}.",
        file=file,
        names=", ".join(map(harmless_value, names[:_MOST_NAMES])) or "–",
        option=f'--map "{harmless_value(names[0])}=title"' if names else "--map",
    )
