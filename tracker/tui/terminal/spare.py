"""Some file descriptors that are kept, so that what is imported late can be opened."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from time import monotonic
from types import ModuleType

# A module may import others while its own file is open.
_KEPT = 6
# So long after the last import they are kept again, in seconds.
_REST = 0.5


class SpareDescriptors:
    """Gives back the descriptors it keeps while a module is looked for and read.

    A view, a dialog or a table is imported as it is first shown; where no descriptor was left for
    that, the screen would end in the midst of painting.
    """

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._screen: asyncio.AbstractEventLoop | None = None
        self._due, self._released = False, 0.0
        self._keep()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find nothing: the finders behind this one do, with the descriptors at hand."""
        del name, path, target
        self.release()
        self._released = monotonic()
        with suppress(RuntimeError):  # another thread has none
            self._screen = asyncio.get_running_loop()
        if self._screen is not None and not self._due:
            with suppress(RuntimeError):  # the screen has been left
                self._screen.call_soon_threadsafe(self._keep_later)
                self._due = True
        return None

    def _keep_later(self) -> None:
        """Keep some again on the thread of the screen, unless somebody goes on importing."""
        if self._screen is not None and monotonic() < self._released + _REST:
            self._screen.call_later(_REST, self._keep_later)
        else:
            self._due = False
            self._keep()

    def _keep(self) -> None:
        with suppress(OSError):
            while len(self._kept) < _KEPT:
                self._kept.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))

    def release(self) -> None:
        """Give back what is kept."""
        # Another thread may import something at the same moment.
        with suppress(IndexError):
            while True:
                os.close(self._kept.pop())


@contextmanager
def kept() -> Iterator[None]:
    """Keep some descriptors for what is imported meanwhile."""
    spare = SpareDescriptors()
    sys.meta_path.insert(0, spare)
    try:
        yield
    finally:
        sys.meta_path.remove(spare)
        spare.release()
