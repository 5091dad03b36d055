"""Objects of JSON files of other programs, whose parts are marked as they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tracker.domain.sentence import sentence
from tracker.exchange.ledger import Ledger
from tracker.exchange.moments import moment
from tracker.exchange.source import Source

# So deep the parts of parts are named; what lies deeper goes by the name above it.
_DEEPEST = 4
_LARGEST = 2**53
# As some programs write whole numbers: `2.000000`.
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0{1,9})?")


class JsonParts:
    """An object of a file: each part that is read is noted, and the rest is left to the ledger.

    A part of another kind than asked for counts as not read. `path` is where the object lies.
    """

    def __init__(self, value: Any, path: str = "", above: JsonParts | None = None) -> None:
        self._parts: Mapping[str, Any] = value if isinstance(value, dict) else {}
        self._path = path
        self._read: set[str] = set()
        self._asked: set[str] = set()
        self._below: list[JsonParts] = []
        if above is not None:
            above._below.append(self)

    def __contains__(self, name: str) -> bool:
        return not _is_empty(self._parts.get(name))

    def _get(self, name: str) -> Any:
        self._asked.add(name)
        return self._parts.get(name)

    def text(self, *names: str) -> str:
        """Return the first text or number among some parts; nothing if there is none."""
        found = ""
        for name in names:
            value = self._get(name)
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                continue
            self._read.add(name)
            found = found or (value if isinstance(value, str) else _number(value))
        return found

    def flag(self, name: str) -> bool:
        """Return whether a part is true."""
        value = self._get(name)
        if isinstance(value, bool):
            self._read.add(name)
        return value is True

    def whole(self, name: str) -> int | None:
        """Return a whole number that ids can be; None if it is none."""
        value = self._get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value.partition(".")[0])
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
            return None
        self._read.add(name)
        return value

    def number(self, name: str) -> float:
        """Return a number; 0 if it is none."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return 0.0
        self._read.add(name)
        return float(value)

    def moment(self, name: str) -> datetime | None:
        """Return a moment as ISO 8601 writes it, with or without its separators."""
        value = self._get(name)
        found = moment(value) if isinstance(value, str) else None
        if found is not None:
            self._read.add(name)
        return found

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; what it holds besides leaves it unread."""
        value = self._get(name)
        if not isinstance(value, list):
            return []
        found = [each for each in value if isinstance(each, str)]
        if len(found) == len(value):
            self._read.add(name)
        return found

    def one(self, name: str) -> JsonParts:
        """Return an object within this one; an empty one if there is none."""
        value = self._get(name)
        if isinstance(value, dict):
            self._read.add(name)
        return JsonParts(value, f"{self._path}{name}/", self)

    def several(self, name: str, *, path: str | None = None) -> list[JsonParts]:
        """Return the objects of a list, be it bare or the `nodes` of a page of it.

        With a `path` of their own they are not closed with this one.
        """
        value = self._get(name)
        if isinstance(value, dict) and isinstance(value.get("nodes"), list):
            value = value["nodes"]
        if not isinstance(value, list):
            return []
        found = [each for each in value if isinstance(each, dict)]
        if len(found) == len(value):
            self._read.add(name)
        if path is not None:
            return [JsonParts(each, path) for each in found]
        return [JsonParts(each, f"{self._path}{name}/", self) for each in found]

    def drop(self, *names: str) -> None:
        """Take parts as read whatever they hold; the reader reports them itself."""
        self._read.update(names)

    def rest(self) -> dict[str, Any]:
        """Return the parts with values that nobody has asked for; they count as read."""
        found = {
            name: value
            for name, value in self._parts.items()
            if name not in self._asked and name not in self._read and not _is_empty(value)
        }
        self._read.update(found)
        return found

    def close(self, source: Source, ledger: Ledger, row: int, place: str = "") -> None:
        """Tell the ledger what has not been read; what was asked for and is odd is reported."""
        for name, value in self._parts.items():
            if name in self._read or _is_empty(value):
                continue
            if name in self._asked:
                why = sentence("Not readable; not taken.")
                source.warn(row, self._path + name, value, why, place)
            else:
                ledger.saw(self._path + name, value, row, place)
        if self._path.count("/") < _DEEPEST:
            for part in self._below:
                part.close(source, ledger, row, place)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}, False)


def _number(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
