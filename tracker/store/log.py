"""The seam below the store, behind which lines and checkpoints are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from tracker.domain.errors import Busy
from tracker.domain.sentence import Sentence
from tracker.store.file_lock import busy


class Overtaken(Busy):
    """The lock was lost before a line was there, and another may have come: decide anew.

    Where nobody can, it is what any other Busy is.
    """

    def __init__(self, file: str) -> None:
        super().__init__(busy(file).sentence)


class Log(Protocol):
    """What the store is built on: lines in order, a checkpoint, and one writer at a time.

    `name` is what people call it, `notices` what they should know, `patience` how long a
    writer waits for another, in seconds.
    """

    name: str
    notices: list[Sentence]
    patience: float

    @property
    def login(self) -> str:
        """The only name in which lines may be written; empty where everybody is taken at a word."""

    @property
    def place(self) -> str:
        """Where it is, the same however it is reached."""

    @property
    def trouble(self) -> Sentence | None:
        """Why others' lines cannot be seen for now, as far as somebody `watch`es."""

    def lock(self, who: str) -> AbstractContextManager[None]:
        """Hold everybody else off; may be nested. Raises Busy when somebody holds it too long.

        Where a line that is appended lets others go first, the next one may be Overtaken.
        """

    def load(self) -> bytes | None:
        """Return the newest checkpoint; None before the first one."""

    def first(self) -> int:
        """Return the number of the oldest line kept, or that of the next one if none is."""

    def since(self, seq: int, seal: str) -> list[bytes]:
        """Go on from line `seq`, whose checksum is `seal`, to the newest; return what is between.

        From there `changed` and `append` go on. Under the lock it repairs what a writer left behind
        that was cut off. Raises Damaged when a line is not what was written or is missing, and
        when line `seq` is kept and is another one.
        """

    def lines(self, first: int, last: int) -> Iterator[bytes]:
        """Walk over lines of the past, however many; raises Damaged where one is not there."""

    def changed(self) -> bool:
        """Return cheaply whether there may be lines that `since` has not gone on to yet."""

    def append(self, line: bytes) -> None:
        """Keep a line for good; under the lock, and after `since` has gone on to the newest one.

        When it raises StoreError, the line is not there. Raises Overtaken.
        """

    def hang_up(self) -> None:
        """Give up what another thread waits for, as one leaves: what became of it is a notice."""

    def checkpoint(self, data: bytes) -> bool:
        """Replace the last checkpoint, unless that is as new; return whether.

        Raises Damaged, and changes nothing, when the last one is not what a program like this
        wrote.
        """

    def watch(self, tell: Callable[[], None]) -> None:
        """Have `tell` called, in a thread of its own, as soon as others have appended lines.

        Not where a look at `changed` is as quick.
        """

    def others(self, who: str) -> list[str]:
        """Return who else has it open, by name and in order; from now on `who` is seen as well."""

    def close(self) -> None:
        """Give back what is held."""
