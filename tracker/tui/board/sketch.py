"""An arrow that is not drawn yet: where it would go on a board, and what it would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice, takewhile
from typing import NamedTuple

from tracker import terminal_text
from tracker.domain import graph
from tracker.domain.errors import LoopClosed, TrackerError
from tracker.domain.model import LinkKind
from tracker.domain.verbs import arrows
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Board
from tracker.flow.board.pieces import Arrow, Card
from tracker.language import _, say
from tracker.tui import keys
from tracker.tui.board.captions import Captions
from tracker.tui.text import cells
from tracker.wording import show
from tracker.wording.show import Piece

# The id of a link that is not there.
_NO_LINK = 0
# An empty row is looked for so far above and below both ends, and so many are compared.
_FAR, _COMPARED = 60, 12
# So many cells beside a card an arrow may turn in.
_ASIDE = 12


class Sketch(NamedTuple):
    """An arrow of a kind as it would be; `refused` says why it cannot be drawn.

    `loop` are the tasks it would lead round: from `target` on forward arrows to `source`.
    """

    kind: LinkKind
    source: int
    target: int
    loop: tuple[int, ...] = ()
    refused: str = ""


def foresee(ws: Workspace, today: date, kind: LinkKind, source: int, target: int) -> Sketch:
    """Return what would become of an arrow if it were drawn now."""
    from tracker.tui.dialogs.typed_line import foreseen

    sketch = Sketch(kind, source, target)
    try:
        if kind == "needs":
            foreseen(ws, today, arrows.link, source=source, target=target)
        else:
            foreseen(ws, today, arrows.link_return, gate=source, target=target)
            return sketch._replace(loop=graph.path(ws, target, source))
    except LoopClosed as closed:
        return sketch._replace(loop=closed.path[:-1])
    except TrackerError as error:
        return sketch._replace(refused=say(error))
    return sketch


def sketch_line(sketch: Sketch, captions: Captions, room: int) -> list[Piece]:
    """Return one line on what an arrow would mean, and on the loop that it would close."""
    if sketch.source == sketch.target:
        return [(" " + _("Go to the task at the other end, or type its number."), "dim")]
    if sketch.refused:
        return [(f" {captions.glyphs.alarm} {sketch.refused}", "warn")]
    loop = sketch.loop if len(sketch.loop) > 1 else ()
    if loop and sketch.kind == "needs":
        head = " " + _("closes a loop:")
        left = room - terminal_text.width(head) - 2
        line: list[Piece] = [(head, "warn")]
        numbers = captions.arrows.path(loop, 0)
        asks = keys.named(_("{key:open} asks: rework or mistake?"))
        for tail in (asks, _("rework or mistake?")):
            path = captions.arrows.path(loop, left - terminal_text.width(tail) - 3)
            if path != numbers:
                return [*line, (f" {path}", "loop"), (f" {captions.glyphs.dot} {tail}", "strong")]
        # The names say more than the question, which Enter asks anyway.
        return [*line, (" " + captions.arrows.path(loop, left), "loop")]
    if sketch.kind == "needs":
        words, look = _("{target} needs {source}"), "needs.out"
    elif loop:
        words, look = _("{source} may go back to {target}"), "loop"
    else:
        words, look = _("{source} may go back to {target}, but is not built on it"), "warn"
    share = room // 2 if loop else room
    share = (share - terminal_text.width(words.format(source="", target=""))) // 2 - 1
    names = [
        terminal_text.cut(show.name(captions.ws, task), max(share, 3))
        for task in (sketch.source, sketch.target)
    ]
    line = [(" " + words.format(source=names[0], target=names[1]), look)]
    if loop:
        left = room - cells.row_width(line) - 3
        line += [(f" {captions.glyphs.back} ", "dim"), (captions.arrows.path(loop, left), "loop")]
    return line


class Way(NamedTuple):
    """The way of an arrow that the board does not have.

    It arrives from the right, and its head points to the left, where there is no room at the left
    of its target.
    """

    arrow: Arrow
    from_right: bool


def way(board: Board, sketch: Sketch) -> Way | None:
    """Return a way for an arrow between two cards of a board; None where there is none."""
    start, end = board.cards.get(sketch.source), board.cards.get(sketch.target)
    if start is None or end is None or start == end:
        return None
    back = sketch.kind == "returns"
    start_y = start.y + min(1, start.height - 1) * back
    end_y = end.y + (end.height - 1) * back
    out, into = _beside(board, start, right=True), _beside(board, end, right=False)
    from_right = not into
    if from_right:
        into = _beside(board, end, right=True)[1:]
    if not out or not into:
        return None
    end_x = end.x + end.width if from_right else end.x - 1
    out_x, in_x = _vacant(board, out), _vacant(board, into)
    if from_right:
        next_to = start.column == end.column
    else:
        next_to = start.column + 1 == end.column and start.x + start.width < end.x - 1
    if next_to:
        in_x = max(out_x, in_x) if from_right else out_x
        out_x, bus_y = in_x, end_y
    else:
        bus_y = _row(board, sorted((out_x, in_x)), start_y, end_y)
    arrow = Arrow(
        _NO_LINK,
        sketch.kind,
        sketch.source,
        sketch.target,
        start.x + start.width,
        start_y,
        out_x,
        bus_y,
        in_x,
        end_y,
        end_x,
    )
    return Way(arrow, from_right)


def _beside(board: Board, card: Card, *, right: bool) -> list[int]:
    """Return the cells at the right of a card, or at its left but for that of an arrowhead."""
    first = card.x + card.width if right else card.x - 2
    end = first + _ASIDE if right else max(first - _ASIDE, -1)
    cells = range(first, end, 1 if right else -1)

    def free(x: int) -> bool:
        return not board.index.cards_within(x, card.y, 1, card.height)

    return list(takewhile(free, cells))


def _vacant(board: Board, cells: Sequence[int]) -> int:
    """Return the first of some cells in which no arrow goes up or down, else the middle one."""
    found = (x for x in cells if x not in board.index.along)
    return next(found, cells[len(cells) // 2])


def _row(board: Board, span: Sequence[int], start_y: int, end_y: int) -> int:
    """Return a row near both ends that no card is in between them, rather an empty one."""
    left, right = span
    top, bottom = sorted((start_y, end_y))

    def passes(y: int) -> bool:
        return not board.index.cards_within(left, y, right - left + 1, 1)

    def lines(y: int) -> int:
        """Count the lines that run along a row, as if each were as far as eight rows."""
        found = board.index.arrows_within(left, y, right - left + 1, 1)
        along = sum(y in (a.start_y, a.bus_y, a.end_y) for a in found)
        return 8 * along + abs(y - start_y) + abs(y - end_y)

    rows = range(max(0, top - _FAR), min(board.height, bottom + _FAR))
    near = sorted(rows, key=lambda y: abs(y - start_y) + abs(y - end_y))
    free = list(islice(filter(passes, near), _COMPARED))
    return min(free, key=lines, default=start_y)


def steps(sketch: Sketch, ws: Workspace) -> list[int]:
    """Return the links of the loop that an arrow would close."""
    ends = zip(sketch.loop, sketch.loop[1:], strict=False)
    found = (graph.arrow(ws, "needs", source, target) for source, target in ends)
    return [link.id for link in found if link is not None]
