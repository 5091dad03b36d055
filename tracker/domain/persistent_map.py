"""A persistent map from small numbers to values: a changed copy shares what did not change."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from contextlib import suppress
from itertools import chain
from typing import Any, TypeVar, overload

V = TypeVar("V")
D = TypeVar("D")
_BITS = 8
# Of tables that two threads look at first, both see the same values.
_filling = threading.RLock()


class Table(Mapping[int, V]):
    """An immutable mapping, iterated in the order of its keys.

    Kept in chunks of 256 neighbouring keys, so that replacing a value among n copies
    n / 256 + 256 references and not n: a change costs the same in a small and a large workspace.
    """

    __slots__ = ("_chunks", "_load", "_size")

    _load: Callable[[], dict[int, V]]

    def __init__(self, items: Iterable[tuple[int, V]] = ()) -> None:
        self._fill(dict(items))

    @classmethod
    def later(cls, load: Callable[[], dict[int, V]]) -> Table[V]:
        """Return a table of what `load` returns, which is called when somebody looks at it."""
        table = cls.__new__(cls)
        table._load = load
        return table

    @property
    def unread(self) -> bool:
        """Whether nobody has looked at it since `later` made it."""
        try:
            object.__getattribute__(self, "_chunks")
        except AttributeError:
            return True
        return False

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not there yet.
        if name not in ("_chunks", "_size"):
            raise AttributeError(name)
        with _filling:
            with suppress(AttributeError):
                return object.__getattribute__(self, name)
            self._fill(self._load())
            del self._load
        return object.__getattribute__(self, name)

    def _fill(self, values: dict[int, V]) -> None:
        keys = sorted(values)
        chunks: dict[int, dict[int, V]] = {}
        start = 0
        while start < len(keys):
            place = keys[start] >> _BITS
            end = bisect_left(keys, (place + 1) << _BITS, start)
            found = keys[start:end]
            chunks[place] = dict(zip(found, map(values.__getitem__, found), strict=True))
            start = end
        self._size = len(keys)
        self._chunks: dict[int, dict[int, V]] = chunks

    def __getitem__(self, key: int) -> V:
        return self._chunks[key >> _BITS][key]

    @overload
    def get(self, key: int, /) -> V | None: ...
    @overload
    def get(self, key: int, /, default: V | D) -> V | D: ...
    def get(self, key: int, /, default: V | D | None = None) -> V | D | None:
        """Return the value of a key, or `default`."""
        chunk = self._chunks.get(key >> _BITS)
        return default if chunk is None else chunk.get(key, default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int) and key in self._chunks.get(key >> _BITS, ())

    def __iter__(self) -> Iterator[int]:
        for chunk in self._chunks.values():
            yield from chunk

    def __len__(self) -> int:
        return self._size

    def changed(self, other: Table[V]) -> Iterator[int]:
        """Walk over the keys under which `other` holds another value or none, or this one does.

        Values are compared by identity. Shared parts cost next to nothing.
        """
        for place in {**self._chunks, **other._chunks}:
            mine, theirs = self._chunks.get(place, {}), other._chunks.get(place, {})
            if mine is not theirs:
                for key in {**mine, **theirs}:
                    if mine.get(key) is not theirs.get(key):
                        yield key

    def values(self) -> _Values[V]:
        """Walk over the values, in the order of their keys."""
        return _Values(self)

    def items(self) -> _Items[V]:
        """Walk over the pairs, in the order of their keys."""
        return _Items(self)

    def replacing(self, values: Mapping[int, V | None]) -> Table[V]:
        """Return a copy with `values` put in; None takes the key out."""
        chunks = dict(self._chunks)
        touched: dict[int, dict[int, V]] = {}
        # Only a key that is new and not the last can stand in the wrong place.
        mixed: set[int] = set()
        size = self._size
        for key, value in values.items():
            place = key >> _BITS
            chunk = touched.get(place)
            if chunk is None:
                chunk = touched[place] = dict(chunks.get(place, ()))
            known = key in chunk
            size -= known
            if value is None:
                chunk.pop(key, None)
                continue
            size += 1
            if not known and chunk and key < next(reversed(chunk)):
                mixed.add(place)
            chunk[key] = value
        last = next(reversed(chunks), -1)
        for place, chunk in sorted(touched.items()):
            if chunk:
                chunks[place] = dict(sorted(chunk.items())) if place in mixed else chunk
            else:
                chunks.pop(place, None)
        if any(place < last for place in touched if place not in self._chunks):
            chunks = dict(sorted(chunks.items()))
        copy: Table[V] = object.__new__(Table)
        copy._chunks, copy._size = chunks, size
        return copy


# A mapping's own views look every key up; these walk over the chunks, ten times as fast.


class _Values(ValuesView[V]):
    def __init__(self, table: Table[V]) -> None:
        super().__init__(table)
        self._chunks = table._chunks.values()

    def __iter__(self) -> Iterator[V]:
        return chain.from_iterable(chunk.values() for chunk in self._chunks)


class _Items(ItemsView[int, V]):
    def __init__(self, table: Table[V]) -> None:
        super().__init__(table)
        self._chunks = table._chunks.values()

    def __iter__(self) -> Iterator[tuple[int, V]]:
        return chain.from_iterable(chunk.items() for chunk in self._chunks)
