"""The lines of iCalendar files (RFC 5545): unfolded, with parameters, and in components."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from tracker.domain.errors import BadInput
from tracker.exchange.source import MAX_DEPTH, too_deep

_LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([A-Za-z0-9-]+)=((?:[^;\"]|\"[^\"]*\")*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WITHIN_SIGN = re.compile(rb"(?:\r\n|\n|\r)[ \t](?=[\x80-\xbf])")
# So long a line is matched; a longer one has its value cut from it first.
_LONGEST_HEAD = 2000


class ContentProperty(NamedTuple):
    """A property with its parameters, by their names in capitals; `line` is its first one."""

    name: str
    parameters: Mapping[str, str]
    value: str
    line: int

    @property
    def text(self) -> str:
        """The value as text (3.3.11)."""
        return unescaped(self.value)

    @property
    def texts(self) -> list[str]:
        """The values of a list of texts, divided by commas that are not escaped."""
        return [unescaped(each) for each in divided(self.value)]


class Component(msgspec.Struct):
    """A component (`VTODO`), its properties and the components within it."""

    name: str
    line: int
    properties: list[ContentProperty] = []
    parts: list[Component] = []
    ended: bool = False

    def all(self, name: str) -> list[ContentProperty]:
        """Return the properties of a name."""
        return [each for each in self.properties if each.name == name]

    def first(self, name: str) -> ContentProperty | None:
        """Return the first property of a name."""
        return next((each for each in self.properties if each.name == name), None)

    def text(self, name: str) -> str:
        """Return the text of the first property of a name; nothing if there is none."""
        found = self.first(name)
        return found.text if found else ""


def components(text: str, file: str) -> tuple[list[Component], list[int]]:
    """Return the components at the top of a file, and the numbers of lines that are none.

    Raises BadInput for a file that begins with no component or nests without end.
    """
    top: list[Component] = []
    open_: list[Component] = []
    odd: list[int] = []
    for number, line in unfolded(text):
        found = _property(line, number)
        if found is None:
            odd.append(number)
        elif found.name == "BEGIN":
            begun = Component(found.value.strip().upper(), number)
            (open_[-1].parts if open_ else top).append(begun)
            open_.append(begun)
            if len(open_) > MAX_DEPTH:
                raise too_deep(file)
        elif found.name == "END":
            name = found.value.strip().upper()
            if any(each.name == name for each in open_):
                while (closed := open_.pop()).name != name:
                    pass
                closed.ended = True
        elif open_:
            open_[-1].properties.append(found)
        else:
            odd.append(number)
    if not top:
        raise BadInput("{file} contains no calendar.", file=file)
    return top, odd


def joined_signs(data: bytes) -> bytes:
    """Return a file without the folds that part a character: lines are folded by bytes (3.1)."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return _WITHIN_SIGN.sub(b"", data)
    return data


def unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Walk over the logical lines with the numbers of their first ones; blank ones are left out.

    A line goes on where the next begins with a blank (3.1); line feeds alone end lines too.
    """
    begun, parts = 0, [""]
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if begun and line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if begun:
            yield begun, "".join(parts)
        begun, parts = (number, [line]) if line.strip() else (0, [""])
    if begun:
        yield begun, "".join(parts)


def divided(value: str) -> list[str]:
    """Return the parts of a value between commas that are not escaped."""
    parts = [""]
    escaped = False
    for sign in value:
        if sign == "," and not escaped:
            parts.append("")
        else:
            parts[-1] += sign
        escaped = sign == "\\" and not escaped
    return [part for part in parts if part.strip()]


def unescaped(value: str) -> str:
    r"""Return the text that a value stands for: `\n` and `\N` are line ends."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _property(line: str, number: int) -> ContentProperty | None:
    found = _LINE.fullmatch(line[:_LONGEST_HEAD])
    if not found:
        return None
    named = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found[2])}
    return ContentProperty(found[1].upper(), named, found[3] + line[_LONGEST_HEAD:], number)
