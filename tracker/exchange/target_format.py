"""What a file is written as: a format that is named, or that the ending of the file names."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence
from tracker.language import _, say

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")


class Format(NamedTuple, Generic[T]):
    """What something may be written as: its name, the endings of its files, and what it is.

    A `binary` one is nothing for a terminal. Of one with `parts` any may be had alone, and one with
    `dialects` be written in each of them. `carries` has the names of what of tasks it can say.
    """

    name: str
    endings: tuple[str, ...]
    about: Sentence
    write: Callable[[T], bytes]
    carries: frozenset[str] = frozenset()
    binary: bool = False
    parts: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()


def format_of(path: Path, name: str, formats: Sequence[Format[T]]) -> Format[T]:
    """Return the format of that name, else the one that the ending of a file names.

    Raises BadInput where there is none.
    """
    if name:
        return next(format for format in formats if format.name == name)
    file = path.name.lower()
    # The longest: a chart may end in that of all diagrams.
    fitting = [
        (len(ending), format)
        for format in formats
        for ending in format.endings
        if file.endswith(ending)
    ]
    if not fitting:
        raise BadInput(
            "Cannot write {file}: its ending is none of {endings}. --format names a format for"
            " any other.",
            file=path.name,
            endings=_endings(formats),
        )
    return max(fitting, key=lambda each: each[0])[1]


def target_argument(parser: argparse.ArgumentParser, formats: Sequence[Format[T]]) -> None:
    """Add the file to write."""
    parser.add_argument(
        "target",
        metavar=_("FILE"),
        help=_("target file, its ending one of {endings}; - is standard output").format(
            endings=_endings(formats)
        ),
    )


def format_argument(parser: argparse.ArgumentParser, formats: Sequence[Format[T]]) -> None:
    """Add what to write it as, whatever its ending."""
    about = "; ".join(f"{format.name}: {say(format.about)}" for format in formats)
    parser.add_argument(
        "--format",
        choices=[format.name for format in formats],
        default="",
        help=_("whatever the ending: {formats}").format(formats=about.replace("%", "%%")),
    )


def _endings(formats: Sequence[Format[T]]) -> str:
    return " ".join(ending for format in formats for ending in format.endings)
