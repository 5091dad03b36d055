"""Standard output and standard error, as a terminal or a pipe wants them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple, TextIO

import msgspec

from tracker import shutdown, terminal_text
from tracker.language import _
from tracker.wording.show import ASCII, UNICODE, Glyphs, Piece

# Sixteen colours and the terminal's own background, as on the screen.
_SGR = {
    "strong": "1",
    "dim": "2",
    "title": "1",
    "todo": "2",
    "ready": "1",
    "alarm": "1;31",
    "warn": "33",
    "back": "35",
    "doing": "36",
    "waiting": "33",
    "recheck": "35",
    "done": "32",
    "dropped": "2",
}
_NARROWEST_TITLE = 24
# How much further to the right a paragraph goes on.
_HANGING = 2


class TableCell(NamedTuple):
    """A text of a table and the name of its role."""

    text: str
    style: str = ""


class TableColumn(NamedTuple):
    """A column of a table: its heading, and how soon it goes where there is no room; 0 stays."""

    head: str
    goes: int = 0


class Printer:
    """Standard output and standard error, for a terminal or for a pipe."""

    def __init__(self, *, color: bool, ascii: bool, json: bool) -> None:
        self.wants_json = json
        self.terminal = sys.stdout.isatty()
        self._color = color and self.terminal
        self._ascii = ascii

    def json(self, value: object) -> None:
        """Print a value for scripts; easy to read on a terminal."""
        try:
            data = msgspec.json.encode(value)
            if self.terminal:
                data = msgspec.json.format(data, indent=2)
        except UnicodeEncodeError:
            # The name of a file need not be text; bytes that are none are escaped as Python does.
            from json import dumps

            form = msgspec.to_builtins(value)
            data = dumps(form, indent=2 if self.terminal else None).encode()
        # Another encoding may take the bytes of a letter for control characters.
        plain = self.terminal and self._ascii
        told = terminal_text.ascii_json if plain else terminal_text.escaped_json
        text = told(data.decode())
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode() + b"\n")
        sys.stdout.buffer.flush()

    def line(self, *pieces: str | Piece) -> None:
        """Print a line made of pieces."""
        self._write(sys.stdout, "".join(self._piece(piece) for piece in pieces))

    def paragraph(self, text: str, style: str = "") -> None:
        """Print a text; a terminal gets it in lines, those after the first further to the right."""
        if not self.terminal:
            self.line(TableCell(text, style))
            return
        text = self._fit(text)
        start = len(text) - len(text.lstrip(" "))
        room = terminal_width() - start - _HANGING
        if room < _HANGING:
            self.line(TableCell(text, style))
            return
        for at, words in enumerate(terminal_text.wrap(text[start:], room)):
            margin = " " * (start + (_HANGING if at else 0))
            self.line(TableCell(margin + words, style))

    def script(self, text: str) -> None:
        """Print a text of our own as it is, with a ? for each letter the locale does not know."""
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            # What is nearest to a letter may be a quote to a shell.
            encoding = sys.stdout.encoding
            sys.stdout.write(text.encode(encoding, "replace").decode(encoding))

    def data(self, data: bytes) -> None:
        """Print a file as it is into a pipe; on a terminal line by line as harmless text."""
        if self.terminal:
            for line in data.decode().splitlines():
                self.line(line)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def note(self, text: str) -> None:
        """Print a note to the person that is not the result; without room it goes nowhere."""
        with suppress(OSError):
            self._write(sys.stderr, self._fit(text))

    def confirms(self, question: str) -> bool:
        """Ask a person at a terminal, who says yes or not; nobody else is asked."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        answers = _("y/N")
        sys.stderr.write(self._fit(f"{question} [{answers}] "))
        sys.stderr.flush()
        try:
            answer = sys.stdin.readline()
        except UnicodeDecodeError:  # typed on a terminal of another encoding
            return False
        # “Yes” in either language, whatever the interface speaks.
        return answer.strip().lower() in ("y", "yes", "j", "ja")

    def password(self, question: str) -> str:
        """Ask a person at a terminal for a password, which is not shown; none where none comes."""
        from getpass import getpass

        while True:
            try:
                with shutdown.tidily():
                    return getpass(self._fit(question))
            except (EOFError, UnicodeDecodeError):
                sys.stderr.write("\n")
                return ""
            except shutdown.Stopped as stopped:
                if stopped.signal != signal.SIGTSTP:
                    raise
                # Asleep with the terminal as it was; awake again, it asks anew.
                signal.raise_signal(signal.SIGTSTP)

    def passing(self, text: str) -> None:
        """Show how far something has got, in the place of what was shown so before."""
        if not self.wants_json and sys.stderr.isatty():
            shown = terminal_text.cut(self._fit(text), terminal_width() - 1, ellipsis=self._more)
            sys.stderr.write(f"\r{shown}\x1b[K")
            sys.stderr.flush()

    def under(self, text: str, start: int, end: int) -> None:
        """Show a piece of what was typed with a line under it, on standard error."""
        before = terminal_text.width(self._fit(text[:start]))
        self.note(text)
        self.note(" " * before + "^" * max(terminal_text.width(self._fit(text[start:end])), 1))

    def table(
        self,
        columns: Sequence[TableColumn],
        rows: Sequence[Sequence[str | Piece]],
        *,
        headed: bool = False,
        groups: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        """Print a table in columns, or as lines with tabs where no terminal is.

        Those have no head, for scripts to take them line by line, unless the table is one on a
        page of words, which nobody could read without: `headed`.
        The column that gives way is the last one; the first to go where that does not suffice
        has the highest `goes`. On a terminal `groups` are headings, by the row they precede.
        """
        if not self.terminal:
            heads = [[column.head for column in columns]] if headed else []
            self._write_all(map(self._tabbed, (*heads, *rows)))
            return
        cells = [[_cell(each) for each in row] for row in rows]
        texts = [[self._fit(cell.text) for cell in row] for row in cells]
        widths = [
            max([terminal_text.width(head), *(terminal_text.width(row[at]) for row in texts)])
            for at, (head, _goes) in enumerate(columns)
        ]
        room = terminal_width()
        *fixed, last = (at for at in range(len(columns)) if any(row[at] for row in texts))
        while sum(widths[at] + 2 for at in fixed) + min(widths[last], _NARROWEST_TITLE) > room:
            leaving = max(fixed, key=lambda at: columns[at].goes)
            if not columns[leaving].goes:
                break
            fixed.remove(leaving)
        widths[last] = max(room - sum(widths[at] + 2 for at in fixed), 1)
        head = [TableCell(column.head, "dim") for column in columns]
        for at, row in enumerate((head, *cells), -1):
            if at in groups:
                self._write(sys.stdout, self._styled(self._fit(groups[at]), "strong"))
            parts = [self._piece(row[column], widths[column]) for column in fixed]
            text = terminal_text.cut(self._fit(row[last].text), widths[last], ellipsis=self._more)
            self._write(sys.stdout, "  ".join([*parts, self._styled(text, row[last].style)]))

    @property
    def glyphs(self) -> Glyphs:
        """The signs that are printed."""
        return ASCII if self._ascii else UNICODE

    @property
    def _more(self) -> str:
        return self.glyphs.more

    def _piece(self, piece: str | Piece, cells: int = 0) -> str:
        cell = _cell(piece)
        text = self._fit(cell.text)
        if cells:
            text = terminal_text.fit(text, cells, ellipsis=self._more)
        return self._styled(text, cell.style)

    def _fit(self, text: str) -> str:
        text = terminal_text.clean(text)
        return terminal_text.ascii_only(text) if self._ascii else text

    def _styled(self, text: str, style: str) -> str:
        if not self._color or style not in _SGR:
            return text
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m"

    def _tabbed(self, row: Sequence[str | Piece]) -> str:
        """Return a row for a pipe."""
        texts = [each if isinstance(each, str) else each[0] for each in row]
        # Ten thousand rows: most of them are plain, and are looked at as a whole.
        whole = "".join(texts)
        plain = whole.isascii() and whole.isprintable()
        return "\t".join(texts if plain else map(self._fit, texts))

    def _write_all(self, lines: Iterable[str]) -> None:
        written = list(lines)
        try:
            sys.stdout.write("".join(f"{line}\n" for line in written))
        except UnicodeEncodeError:
            for line in written:
                self._write(sys.stdout, line)

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            stream.write(text + "\n")
        except UnicodeEncodeError:
            # The locale knows fewer letters than the plan.
            stream.write(terminal_text.ascii_only(text) + "\n")


def _cell(piece: str | Piece) -> TableCell:
    return TableCell(piece) if isinstance(piece, str) else TableCell(*piece)


def terminal_width() -> int:
    """Return the width of the terminal in cells."""
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and len(named) < 5 and int(named):
        return int(named)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
