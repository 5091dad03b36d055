"""The board as a picture: departments as rows, tasks as cards, arrows as lines.

SVG 1.1 and 2 alike (https://www.w3.org/TR/SVG2/): text is text, each card has its words as
`<title>`, and one style serves light and dark. Nothing in it runs, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import Link, Task
from tracker.domain.typing.vocabulary import passes_word
from tracker.domain.workspace import Workspace
from tracker.exchange.handout import Handout, one_line
from tracker.exchange.labels import arrow_label
from tracker.exchange.task_cells import GERMAN_WORDS
from tracker.flow.board.board import FITTED, Board
from tracker.flow.board.layout import layout
from tracker.flow.board.pieces import Arrow, Card

CARRIES = frozenset(
    (
        *("id", "title", "department", "assignee", "state", "due", "after", "returns_to"),
        *("needs.lag", "returns.rate", "returns.limit"),
    )
)
# A cell of the board in pixels, the room for the names of departments, and around all.
_WIDE, _HIGH, _NAMES, _EDGE = 8, 16, 120, 8
# A letter is about so wide; so long is a title that a program shows beside the pointer.
_LETTER, LONGEST = 6.7, 200
_CORNER = 5
_SIGNS = {
    "todo": "○", "doing": "◐", "waiting": "◷", "recheck": "?", "done": "✓", "dropped": "✗",
}  # fmt: skip

STYLE = """
.board{--ink:#1b1f24;--faint:#59636e;--paper:#fff;--card:#f6f8fa;--rule:#c8d1da;--needs:#57606a;
--back:#8250df;--alarm:#b3261e;--doing:#0969da;--waiting:#8a5a00;--done:#1a7f37;
font:11px "DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){.board{--ink:#e6edf3;--faint:#9aa5b1;--paper:#0d1117;
--card:#161b22;--rule:#3d444d;--needs:#9aa5b1;--back:#d2a8ff;--alarm:#ff8f87;--doing:#79b8ff;
--waiting:#e3b341;--done:#56d364}}
@media print{.board{--ink:#000;--faint:#444;--paper:#fff;--card:#fff;--rule:#999;--needs:#333;
--back:#6639ba;--alarm:#a40e26;--doing:#0550ae;--waiting:#7d4e00;--done:#116329}}
.board .ground{fill:var(--paper)}
.board text{fill:var(--ink);white-space:pre}
.board .lane{stroke:var(--rule);stroke-dasharray:1 4}
.board .name{font-weight:bold}
.board .box{fill:var(--card);stroke:var(--rule)}
.board .bar{fill:var(--faint)}
.board .quiet,.board .done text,.board .dropped text{fill:var(--faint)}
.board .doing .bar,.board .doing .sign{fill:var(--doing)}
.board .waiting .bar,.board .waiting .sign{fill:var(--waiting)}
.board .recheck .bar,.board .recheck .sign{fill:var(--back)}
.board .done .bar,.board .done .sign{fill:var(--done)}
.board .alarm{fill:var(--alarm);font-weight:bold}
.board path{fill:none;stroke:var(--needs);stroke-width:1.25}
.board path.returns{stroke:var(--back);stroke-dasharray:5 3}
.board .head{fill:var(--needs);stroke:none}
.board .head.returns,.board .count{fill:var(--back)}
.board .count{stroke:var(--paper);stroke-width:3;paint-order:stroke}
"""


class CardWords(NamedTuple):
    """What a card says besides its title: a quiet remark, and what is wrong with the task."""

    state: str
    remark: str = ""
    alarm: str = ""


# What is said of a task on its card.
SaysOfTask = Callable[[Task], CardWords]


def write(out: Handout) -> bytes:
    """Return the board as a file of its own."""
    board = layout(out.ws, tight=len(out.ws.tasks) <= FITTED, cap=None)
    words = partial(_words, out)
    inside = "".join(
        picture(out.ws, board, words, _day(out), out.name, german=out.german, style=STYLE)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{inside}\n'.encode()


def _day(out: Handout) -> Callable[[date], str]:
    return lambda day: day.strftime("%d.%m.%Y") if out.german else day.isoformat()


def _words(out: Handout, task: Task) -> CardWords:
    state = GERMAN_WORDS[task.state] if out.german else task.state
    if status.late(task, out.today):
        return CardWords(state, alarm="!")
    return CardWords(state)


def picture(
    ws: Workspace,
    board: Board,
    words: SaysOfTask,
    day: Callable[[date], str],
    name: str,
    *,
    german: bool,
    style: str = "",
) -> Iterator[str]:
    """Walk over the parts of the picture of a board: an element `svg`, called by a `name`.

    `words` is what is said of a task, and `day` writes a date. Without a `style` of its own it is
    to be put into a page that has `STYLE`.
    """
    width = _NAMES + board.width * _WIDE + 2 * _EDGE
    height = max(board.height, 1) * _HIGH + 2 * _EDGE
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="board"'
    yield f' width="{width}" height="{height}" role="group">'
    yield f"<title>{escaped(name)}</title>" if name else ""
    yield f"<style>{style}</style>" if style else ""
    yield f'<rect class="ground" width="{width}" height="{height}"/>'
    yield from _lanes(ws, board, width)
    for arrow in board.arrows.values():
        if not arrow.hidden:
            yield _line(arrow, _ends(board, arrow), _arrow_words(ws, ws.links[arrow.link], german))
    for card in {card.task: card for card in board.cards.values()}.values():
        yield from _card(ws, board, card, words, day)
    for arrow in board.arrows.values():
        if arrow.kind == "returns" and not arrow.hidden:
            yield from _count(ws, board, arrow)
    yield "</svg>"


def escaped(text: str) -> str:
    """Return a text of one line as XML, in which nothing has a meaning."""
    return quoteattr(one_line(text), {"'": "&#39;"})[1:-1].replace('"', "&quot;")


def _x(cell: float) -> float:
    return round(_EDGE + _NAMES + cell * _WIDE, 1)


def _y(row: float) -> float:
    return round(_EDGE + row * _HIGH, 1)


def _lanes(ws: Workspace, board: Board, width: int) -> Iterator[str]:
    """Walk over the lines between departments, and their names."""
    for at, lane in enumerate(board.lanes):
        if at:
            y = _y(lane.y - 0.5)
            yield f'<line class="lane" x1="0" y1="{y}" x2="{width}" y2="{y}"/>'
        found = ws.departments.get(lane.department or 0)
        if found is None:
            continue
        letters = int((_NAMES - _EDGE) / _LETTER)
        lines = terminal_text.wrap(one_line(found.name), letters, max(min(lane.height, 3), 1))
        yield f"<g><title>{escaped(found.name)}</title>"
        for row, line in enumerate(lines):
            y = _y(lane.y + row + 0.75)
            yield f'<text class="name" x="{_EDGE}" y="{y}">{escaped(line)}</text>'
        yield "</g>"


def _arrow_words(ws: Workspace, link: Link, german: bool) -> str:
    """Return what is said of an arrow where the pointer rests on it."""
    told = [f"{link.source} → {link.target}", arrow_label(link, german)]
    if link.kind == "returns":
        told.append(passes_word(status.link_passes(ws, link), link.limit))
    return " · ".join(filter(None, told))


def _ends(board: Board, arrow: Arrow) -> str:
    """Return the cards an arrow leads from and to, each by its first task, as attributes."""
    source, target = board.cards[arrow.source].task, board.cards[arrow.target].task
    return f'data-from="{source}" data-to="{target}"'


def _line(arrow: Arrow, ends: str, words: str) -> str:
    """Return the line of an arrow from card to card, its corners round."""
    corners = [(_x(x + 0.5), _y(y + 0.5)) for x, y in arrow.path]
    corners[0] = (_x(arrow.start_x), corners[0][1])
    tip = _x(arrow.end_x + 1)
    corners[-1] = (tip - 6, corners[-1][1])
    y = corners[-1][1]
    return (
        f'<path class="{arrow.kind}" {ends} d="{_rounded(corners)}"><title>{escaped(words)}</title>'
        "</path>"
        f'<polygon class="head {arrow.kind}" {ends} points="{tip},{y} {tip - 7},{y - 4}'
        f' {tip - 7},{y + 4}"/>'
    )


def _rounded(corners: Sequence[tuple[float, float]]) -> str:
    """Return the way through some corners, each cut off a little."""
    (x, y), *rest = corners
    told = [f"M{x:g} {y:g}"]
    for at, (x1, y1) in enumerate(rest[:-1]):
        x2, y2 = rest[at + 1]
        before, after = _towards(x1, y1, x, y), _towards(x1, y1, x2, y2)
        told.append(f"L{before[0]:g} {before[1]:g}Q{x1:g} {y1:g} {after[0]:g} {after[1]:g}")
        x, y = x1, y1
    told.append(f"L{rest[-1][0]:g} {rest[-1][1]:g}" if rest else "")
    return "".join(told)


def _towards(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float]:
    """Return the point a little way from one to another along a straight line."""
    far = abs(to_x - x) + abs(to_y - y)
    part = min(_CORNER, far / 2) / far if far else 0
    return round(x + (to_x - x) * part, 1), round(y + (to_y - y) * part, 1)


def _card(
    ws: Workspace, board: Board, card: Card, words: SaysOfTask, day: Callable[[date], str]
) -> Iterator[str]:
    tasks = [ws.tasks[key] for key in card.tasks or (card.task,)]
    several = len(tasks) > 1 or card.task in board.basis.settled
    task, (state, remark, alarm) = tasks[0], words(tasks[0])
    look = "done" if several else task.state
    x, y, wide, high = _x(card.x), _y(card.y), card.width * _WIDE, card.height * _HIGH
    title = "; ".join(_about(ws, each, words, day) for each in tasks)
    yield f'<g class="card {look}" data-task="{task.id}"><title>{title}</title>'
    yield f'<svg x="{x}" y="{y}" width="{wide}" height="{high}">'
    yield f'<rect class="box" x=".5" y="1.5" width="{wide - 1}" height="{high - 3}" rx="3"/>'
    yield f'<rect class="bar" y="1" width="4" height="{high - 2}" rx="2"/>'
    letters = max(int((wide - 14) / _LETTER), 1)
    sign = "◆" if task.milestone else _SIGNS[task.state]
    if several:
        yield _text(8, 0, "sign", f"✓{len(tasks)}")
    else:
        rows = max(card.height - 1, 1)
        below = card.height > 1
        name = one_line(f"{task.id} {task.title}")
        first = "" if below else f"{sign} "
        lines = terminal_text.wrap(first + name, letters - bool(alarm and not below), rows)
        for row, line in enumerate(lines):
            yield _text(9, row, "", line)
        if below:
            told = terminal_text.cut(f"{state} {remark}".rstrip(), letters - 2 - len(alarm))
            yield _text(9, card.height - 1, "sign", sign)
            yield _text(9 + 2 * _LETTER, card.height - 1, "quiet", told)
        if alarm:
            row = card.height - 1
            yield (
                f'<text class="alarm" x="{wide - 5}" y="{row * _HIGH + 12}"'
                f' text-anchor="end">{escaped(alarm)}</text>'
            )
    yield "</svg></g>"


def _text(x: float, row: int, look: str, text: str) -> str:
    look = f' class="{look}"' if look else ""
    return f'<text{look} x="{x:g}" y="{row * _HIGH + 12}">{escaped(text)}</text>'


def _about(ws: Workspace, task: Task, words: SaysOfTask, day: Callable[[date], str]) -> str:
    """Return what is said of a task where the pointer rests on its card."""
    state, remark, _alarm = words(task)
    lane, person = ws.departments.get(task.department or 0), ws.people.get(task.assignee or 0)
    line = one_line(task.title)
    told = [
        f"{task.id} {line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'}",
        state,
        remark,
        lane.name if lane else "",
        (person.name or person.login) if person else "",
        f"◆ {day(task.due)}" if task.due else "",
    ]
    return " · ".join(escaped(each) for each in told if each)


def _count(ws: Workspace, board: Board, arrow: Arrow) -> Iterator[str]:
    """Walk over the counter of a return on its way, where there is room for it."""
    link = ws.links[arrow.link]
    told = passes_word(status.link_passes(ws, link), link.limit)
    x = board.index.note_cell(arrow, len(told))
    if x is not None:
        place = f'x="{_x(x)}" y="{_y(arrow.bus_y + 0.5) + 4:g}"'
        yield f'<text class="count" {_ends(board, arrow)} {place}>{escaped(told)}</text>'
