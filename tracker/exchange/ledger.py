"""What a reader has seen of a file, and what became of it: nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.domain.sentence import counted
from tracker.exchange.source import Source

_LONGEST_NAME = 200


class Ledger:
    """The names of a file (elements, keys, columns, by their paths) and what became of each.

    A reader says of every name that holds a value that it `saw` it, and of every name it deals
    with whether it is `taken`, `computed` there anyway, or `reported` in words of its own. What is
    left at the end, `close` reports, a line a name. A name that ends in `/*` stands for all below
    it.
    """

    def __init__(
        self,
        source: Source,
        *,
        taken: Iterable[str] = (),
        computed: Iterable[str] = (),
        reported: Iterable[str] = (),
    ) -> None:
        self._source = source
        self._known: set[str] = set()
        self._below: set[str] = set()
        self._seen: dict[str, tuple[int, str, object, int]] = {}
        self.taken(*taken)
        self.computed(*computed)
        self.reported(*reported)

    def taken(self, *names: str) -> None:
        """Mark names whose values become part of the plan."""
        self._mark(names)

    def computed(self, *names: str) -> None:
        """Mark names whose values follow from others, in the other program or here."""
        self._mark(names)

    def reported(self, *names: str) -> None:
        """Mark names that the reader itself reports as not taken."""
        self._mark(names)

    def saw(self, name: str, value: object, row: int = 0, place: str = "") -> None:
        """Note that a name has a value in a row; an empty value says nothing."""
        if value is None or value == "" or value == [] or value == {}:
            return
        name = name[:_LONGEST_NAME]
        first = self._seen.get(name)
        if first is None:
            self._seen[name] = (row, place, value, 1)
        else:
            self._seen[name] = (*first[:3], first[3] + 1)

    @property
    def left(self) -> tuple[str, ...]:
        """The names with values that nothing has become of."""
        return tuple(name for name in self._seen if not self._is_known(name))

    def close(self) -> None:
        """Report what is left, in one line for each name."""
        for name in self.left:
            row, place, value, times = self._seen[name]
            why = counted("Not taken; {n} value.", "Not taken; {n} values like this.", times)
            self._source.warn(row, name, value, why, place)

    def _mark(self, names: Iterable[str]) -> None:
        for name in names:
            # Readers say so of every value, and most names are known by then.
            if name not in self._known:
                self._known.add(name)
                if name.endswith("/*"):
                    self._below.add(name[:-1])

    def _is_known(self, name: str) -> bool:
        if name in self._known:
            return True
        at = name.find("/")
        while at >= 0:
            if name[: at + 1] in self._below:
                return True
            at = name.find("/", at + 1)
        return False
