"""Reading a painted board as a person does, glyph by glyph, knowing nothing of how it was made."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Collection

from tracker.domain.model import Department, Entity, Link, LinkKind, Task
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Board
from tracker.flow.board.characters import Manner, paint

Cell = tuple[str, str]
Step = tuple[int, int]
RIGHT, LEFT, UP, DOWN = (1, 0), (-1, 0), (0, -1), (0, 1)
_SIDES = {
    "RIGHT": [RIGHT],
    "LEFT": [LEFT],
    "UP": [UP],
    "DOWN": [DOWN],
    "HORIZONTAL": [LEFT, RIGHT],
    "VERTICAL": [UP, DOWN],
}
HEADS: dict[str, LinkKind] = {"►": "needs", "▷": "returns"}


def label(task: int, width: int, height: int) -> list[list[tuple[str, str]]]:
    """Fill a card with its number and a colour nobody paints lines with."""
    return [[(f"[{task}".ljust(width, "#" if row else "@"), "card")] for row in range(height)]


def cells(
    board: Board,
    window: tuple[int, int, int, int] | None = None,
    lit: dict[int, Manner] | None = None,
    focus: int | None = None,
    *,
    notes: dict[int, str] | None = None,
    ascii: bool = False,
) -> list[list[Cell]]:
    """Paint a window (default: all) and return its cells as (glyph, role)."""
    x, y, width, height = window or (0, 0, board.width, board.height)
    rows = paint(
        board,
        x=x,
        y=y,
        width=width,
        height=height,
        label=label,
        lit=lit,
        focus=focus,
        notes=notes,
        ascii=ascii,
    )
    return [[(glyph, role) for text, role in row for glyph in text] for row in rows]


def text(grid: list[list[Cell]]) -> str:
    """Return the glyphs of a grid as lines."""
    return "\n".join("".join(glyph for glyph, _ in row).rstrip() for row in grid)


@functools.cache
def sides(glyph: str) -> frozenset[Step]:
    """Return the sides of its cell that a line glyph touches."""
    if not 0x2500 <= ord(glyph) <= 0x257F:
        return frozenset()
    words = unicodedata.name(glyph).split()
    return frozenset(side for word in words for side in _SIDES.get(word, ()))


@functools.cache
def heavy(glyph: str) -> frozenset[Step]:
    """Return the sides touched by a heavy line."""
    if not sides(glyph):
        return frozenset()
    found: set[Step] = set()
    for part in unicodedata.name(glyph).removeprefix("BOX DRAWINGS ").split(" AND "):
        words = part.split()
        all_heavy = "HEAVY" in words or (
            "LIGHT" not in words and unicodedata.name(glyph).split()[2] == "HEAVY"
        )
        if all_heavy:
            found |= {side for word in words for side in _SIDES.get(word, ())}
    return frozenset(found)


def reached(
    board: Board, grid: list[list[Cell]], task: int, kind: LinkKind, *, lit: bool = False
) -> set[int]:
    """Follow the lines of a kind that leave a task, and return the tasks at their arrowheads.

    Whoever follows a line never turns back; no way has more than four bends; `needs` never lead
    left, but for `lit` ones among columns of states. `lit` follows heavy lines only.
    """
    card = board.cards[task]
    found: set[int] = set()
    x = card.x + card.width
    for y in range(card.y, card.y + card.height):
        found |= _follow(board, grid, (x, y), kind, lit)
    return found


def _follow(
    board: Board, grid: list[list[Cell]], start: Step, kind: LinkKind, lit: bool
) -> set[int]:
    touches = heavy if lit else sides
    found: set[int] = set()
    seen: set[tuple[Step, Step, int]] = set()
    stack: list[tuple[Step, Step, int]] = [(start, RIGHT, 0)]
    while stack:
        state = stack.pop()
        if state in seen:
            continue
        seen.add(state)
        (x, y), (dx, dy), bends = state
        if not (0 <= x < board.width and 0 <= y < board.height):
            continue
        glyph, role = grid[y][x]
        if role == "stub":
            # A number is on the line it adds to; its own arrowhead is nobody's.
            if glyph.isdigit() and dx:
                stack.append(((x + dx, y), (dx, dy), bends))
            continue
        if glyph in HEADS:
            if (dx, dy) == RIGHT and HEADS[glyph] == kind:
                at = board.at(x + 1, y)
                assert at is not None, f"an arrowhead at {x}, {y} points at nothing"
                found.add(at)
            continue
        lines = sides(glyph)
        if not lines:
            continue
        back = (-dx, -dy)
        if dx and lines == {UP, DOWN}:
            stack.append(((x + dx, y), (dx, dy), bends))
            continue
        if back not in touches(glyph) or not role.startswith((kind, "loop")):
            continue
        for step in touches(glyph) - {back}:
            turns = bends + (step != (dx, dy))
            if turns <= 4 and not (step == LEFT and kind == "needs" and not lit):
                stack.append(((x + step[0], y + step[1]), step, turns))
    return found


def workspace(
    lanes: list[int | None],
    needs: list[tuple[int, int]],
    returns: list[tuple[int, int]],
    departments: int,
    over: Collection[int] = (),
) -> Workspace:
    """Return a workspace of one task for each entry of `lanes`, its department; some are done."""
    entities: list[Entity] = [
        Department(id=i, name=f"Lane {i}", order=i) for i in range(1, departments + 1)
    ]
    entities += [
        Task(id=i, title=f"Task {i}", department=lane, state="done" if i in over else "todo")
        for i, lane in enumerate(lanes, start=1)
    ]
    pairs: list[tuple[LinkKind, int, int]] = [("needs", a, b) for a, b in needs]
    pairs += [("returns", a, b) for a, b in returns]
    entities += [
        Link(id=i, kind=kind, source=a, target=b) for i, (kind, a, b) in enumerate(pairs, start=1)
    ]
    return Workspace(entities)
