"""Notes in Markdown as lines of styled text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tracker import terminal_text
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.wording import show
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from markdown_it.token import Token

# Tables stay as they were typed: in a narrow column that is how they read best.
_INLINE = {"em_open": "strong", "strong_open": "strong", "link_open": "key"}


def note_lines(notes: str, cells: int) -> list[Line]:
    """Return notes in lines of at most `cells` cells; a line break typed is a line break shown."""
    # Costs 33 ms to import, and only tasks with notes that are opened have a use for it.
    from markdown_it import MarkdownIt

    lines: list[Line] = []
    first = ""
    margins: list[str] = []
    counters: list[int] = []
    style = "plain"
    for token in MarkdownIt("commonmark", {"html": False}).parse(notes):
        match token.type:
            case "heading_open":
                style = "title"
                _gap(lines)
            case "heading_close":
                style = "plain"
            case "paragraph_open" if not token.hidden and not first:
                _gap(lines)
            case "bullet_list_open" | "ordered_list_open":
                if not margins:
                    _gap(lines)
                start = int(token.attrGet("start") or 1)
                counters.append(start if token.type == "ordered_list_open" else 0)
            case "bullet_list_close" | "ordered_list_close":
                counters.pop()
            case "list_item_open":
                first = f"{counters[-1]}. " if counters[-1] else "- "
                counters[-1] += bool(counters[-1])
                margins.append(" " * len(first))
            case "blockquote_open":
                _gap(lines)
                margins.append("│ ")
            case "list_item_close" | "blockquote_close":
                margins.pop()
                first = ""
            case "inline":
                for pieces in _broken(token.children or (), style):
                    lines += _set(pieces, margins, first, cells)
                    first = ""
            case "fence" | "code_block":
                _gap(lines)
                for typed in token.content.rstrip("\n").split("\n"):
                    code: Piece = ("  " + show.text(typed.expandtabs(4)), "dim")
                    lines.append((("".join(margins), "dim"), code))
            case "hr":
                lines.append((("─" * min(cells, 20), "dim"),))
            case "html_block":
                lines += wrap_pieces([(show.text(token.content.strip()), "plain")], cells)
    return lines


def _gap(lines: list[Line]) -> None:
    if lines and lines[-1]:
        lines.append(())


def _broken(children: Iterable[Token], style: str) -> list[list[Piece]]:
    """Return inline pieces, divided where a line was broken."""
    lines: list[list[Piece]] = [[]]
    styles = [style]
    for child in children:
        if child.type in _INLINE:
            styles.append(_INLINE[child.type])
        elif child.type in ("em_close", "strong_close", "link_close"):
            styles.pop()
        elif child.type in ("softbreak", "hardbreak"):
            lines.append([])
        elif child.type == "code_inline":
            lines[-1].append((show.text(child.content), "key"))
        else:
            lines[-1].append((show.text(child.content), styles[-1]))
    return lines


def _set(pieces: list[Piece], margins: list[str], first: str, cells: int) -> list[Line]:
    """Return pieces as lines behind the margins; `first` is in the last margin once."""
    outer = "".join(margins[:-1])
    inner = margins[-1] if margins else ""
    room = max(8, cells - terminal_text.width(outer + inner))
    lines = []
    for i, line in enumerate(wrap_pieces(pieces, room)):
        margin = outer + (first if first and i == 0 else inner)
        lines.append(((margin, "dim"), *line) if margin else line)
    return lines
