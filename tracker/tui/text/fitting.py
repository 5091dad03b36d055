"""Texts broken, shared out and cut, so that they fit into the cells there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from tracker import terminal_text
from tracker.tui.text.cells import row_width
from tracker.wording.show import Piece

Line = tuple[Piece, ...]


def wrap_pieces(pieces: Iterable[Piece], cells: int, *, indent: int = 0) -> list[Line]:
    """Return pieces broken into lines of at most `cells` cells, those after the first indented.

    The blanks at the beginning stay, and the lines that follow are indented by as many more.
    """
    parts = list(pieces)
    text = "".join(part for part, _style in parts)
    start = len(text) - len(text.lstrip(" "))
    margin = " " * (start + indent)
    broken = terminal_text.wrap(text[start:], max(1, cells - len(margin))) if text else [""]
    lines: list[Line] = []
    # Where each piece ends; the pieces before `first` end before the line that is being filled.
    ends = [*accumulate(len(part) for part, _style in parts)]
    first = 0
    for i, words in enumerate(broken):
        start = text.index(words, start)
        end = start + len(words)
        while first < len(parts) and ends[first] <= start:
            first += 1
        part = _part(parts, ends, first, start, end)
        before = margin if i else margin[indent:]
        lines.append(((before, "plain"), *part) if before else part)
        start = end
    return lines


def _part(parts: Sequence[Piece], ends: Sequence[int], first: int, start: int, end: int) -> Line:
    """Return the characters from `start` to `end` of pieces, in the `first` of which they begin."""
    found: list[Piece] = []
    for number in range(first, len(parts)):
        text, style = parts[number]
        at = ends[number] - len(text)
        if at >= end:
            break
        if inside := text[max(0, start - at) : end - at]:
            found.append((inside, style))
    return tuple(found)


def fair_share(widths: Sequence[int], room: int) -> int:
    """Return the most cells one of some texts may take, so that all of them have room."""
    left = room
    for taken, cells in enumerate(sorted(widths)):
        share = left // (len(widths) - taken)
        if cells > share:
            return share
        left -= cells
    return max(widths)


def take(pieces: list[Piece], cells: int) -> list[Piece]:
    """Take as many pieces off the list as go into a row; the first one is cut if it must."""
    row: list[Piece] = []
    left = cells
    while pieces:
        text, style = pieces[0]
        need = terminal_text.width(text) + bool(row)
        if row and need > left:
            break
        shown = terminal_text.cut(text, left)
        row += [(" ", ""), (shown, style)] if row else [(shown, style)]
        left -= need
        del pieces[0]
    return row


def spread_row(left: list[Piece], right: list[Piece], cells: int) -> list[Piece]:
    """Return a row with pieces on the left, and on its right end those that have room."""
    row = [(terminal_text.cut(text, cells), style) for text, style in left]
    used = row_width(row)
    kept: list[Piece] = []
    for text, style in right:
        if used + 1 + terminal_text.width(text) <= cells:
            kept += [(" ", ""), (text, style)]
            used += 1 + terminal_text.width(text)
    return [*row, (" " * (cells - used), ""), *kept]


def hyphenated(text: str, cells: int, lines: int) -> list[str]:
    """Break text into at most `lines` lines; a word that would leave a line empty is hyphenated."""
    found: list[str] = []
    while terminal_text.width(text) > cells and len(found) < lines - 1:
        head = terminal_text.cut(text, cells, ellipsis="")
        if text[len(head)] != " ":
            seam = max(head.rfind(" "), head.rfind("-") + 1)
            if seam > cells // 3:
                head = head[:seam]
            else:
                head = terminal_text.cut(text, cells - 1, ellipsis="")
                head = head[: _syllable(text, len(head))]
                found.append(head + ("-" if (head[-1:] + text[len(head)]).isalpha() else ""))
                text = text[len(head) :]
                continue
        found.append(head)
        text = text[len(head) :].lstrip()
    return [*found, terminal_text.cut(text, cells)]


def _syllable(text: str, most: int) -> int:
    """Return where to break a long word, at `most` letters on: before a consonant and its vowel.

    Right for most of German and English, and never more than a few letters short.
    """
    for at in range(most, max(most // 2, 2), -1):
        before, first, second = text[at - 1], text[at], text[at + 1 : at + 2]
        if not (before + first + second).isalpha():
            continue
        if first == "s" and _LINKED.search(text, 0, at):
            if at < most:
                return at + 1
            continue
        whole = (before + first).casefold() in _ONE_SOUND
        # `Schnitt-stelle`, but `Kos-ten`.
        starts = before == "s" and first in "pt" and text[at - 2].casefold() not in _VOWELS
        if starts and at > 3 and not _LINKED.search(text, 0, at - 1):
            return at - 1
        if not whole and first.casefold() not in _VOWELS and second.casefold() in _VOWELS:
            return at
    return most


_VOWELS = frozenset("aeiouyäöü")
# What joins itself to another word by an s.
_LINKED = re.compile("(heit|keit|ung|schaft|ion|ling|tät|amt|dienst)$")
_ONE_SOUND = frozenset(
    ["ch", "ck", "ph", "sh", "th", "qu", *(a + b for a in "bfgkp" for b in "lr"), "dr", "tr"]
)
