"""Counts what is seen of a plan as its board opens: `python -m tests.bench.bench_glance`.

A card is read where at least ten characters of its title stand in the window, or the whole of a
shorter one, in one row or broken over the rows of the card.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from tests import DATA
from tests.bench.board_graphs import net
from tests.builders import NOW, TODAY
from tracker import demo
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.session import Session
from tracker.tui.app import TrackerApp
from tracker.tui.board.board_view import BoardView
from tracker.tui.board.screen import BoardScreen

# So many characters of a title tell it from the others.
READABLE = 10
SIZES = ((80, 24), (120, 36), (160, 48))
# How many cards are to be read in windows of these sizes.
BARS: Mapping[str, tuple[int, int, int]] = {
    "umzug-erp": (16, 28, 34),
    "demo": (16, 28, 41),
    "dense 60": (16, 30, 50),
    "dense 200": (14, 32, 45),
}

_WORDS = (
    ("Interface", "Network", "Archive", "Contract", "Training", "Invoice", "Portal", "Database"),
    ("design", "approval", "migration", "test", "rollout", "clean-up", "review", "handover"),
    ("of the branches", "for billing", "with Purchasing", "in wave two", "and its documents"),
)


class Seen(NamedTuple):
    """What a person sees of a plan on opening it."""

    read: int
    cards: int
    zoom: str


def read(view: BoardView, ws: Workspace) -> set[int]:
    """Return the tasks whose titles can be read in a board's window."""
    board, window, lanes = view.board, view.window, view.lanes_width
    assert board is not None
    rows = [view.render_line(y).text for y in range(view.size.height)]
    heading = int(board.mode == "state")
    found = set()
    for task, card in board.cards.items():
        if card.tasks[0] != task:
            continue
        left, right = max(card.x, window.x), min(card.x + card.width, window.right)
        lines = [
            rows[y - window.y + heading][left - window.x + lanes : right - window.x + lanes]
            for y in range(max(card.y, window.y), min(card.y + card.height, window.bottom))
        ]
        title = ws.tasks[task].title
        if left < right and _shown(title, lines) >= min(READABLE, len(title)):
            found.add(task)
    return found


def _shown(title: str, lines: Iterable[str]) -> int:
    """Return how many characters of a title stand in some lines, hyphens at their ends apart."""
    text = _letters("".join(line.rstrip().removesuffix("-") for line in lines))
    shown = len(title)
    while shown and _letters(title[:shown]) not in text:
        shown -= 1
    return shown


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def dense(size: int) -> Workspace:
    """Return a net with titles as long as those of real plans."""
    rng, ws = random.Random(5), net(size)
    edits = tuple(
        Edit(task, replace(task, title=" ".join(rng.choice(words) for words in _WORDS)))
        for task in ws.tasks.values()
    )
    return ws.apply(Change(sentence("Titles"), edits))


def plan_of(name: str) -> Workspace:
    """Return one of the plans that are looked at."""
    if name == "umzug-erp":
        taken = importing.read(DATA / "umzug-erp.xlsx", today=TODAY)
        return Workspace().apply(taken.plan(Workspace(), NOW)[0])
    if name == "demo":
        ws = Workspace()
        for now, command in demo.story(TODAY):
            ws = ws.apply(command(ws, now))
        return ws
    return dense(int(name.removeprefix("dense ")))


async def look(ws: Workspace, size: tuple[int, int]) -> Seen:
    """Open a plan in a window of a size, and count what is read there."""
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(
            Path(folder) / "plan.json", who="k.brandt", today=TODAY, clock=lambda: moment
        )
        born = Change(sentence("Begun"), tuple(Edit(None, entity) for entity in ws.entities()))
        session.do(lambda ws, now: born)  # noqa: ARG005
        app = TrackerApp(session)
        # All tasks are to be seen, the finished ones among them.
        app.remember(fold_finished=False)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            assert isinstance(app.screen, BoardScreen)
            view = app.screen.view
            assert view.board is not None
            seen = Seen(len(read(view, ws)), len(view.board.cards), view.board.zoom.name.lower())
        session.close()
    return seen


def main() -> None:
    """Print how many cards are read of each plan in each window, and how many are to be."""
    for name, bars in BARS.items():
        ws = plan_of(name)
        for size, bar in zip(SIZES, bars, strict=True):
            seen = asyncio.run(look(ws, size))
            verdict = "" if seen.read >= bar else "  too few"
            sys.stdout.write(
                f"{name:10} {size[0]:3}x{size[1]}  {seen.zoom:8}"
                f" {seen.read:3} of {len(ws.tasks)}, at least {bar}{verdict}\n"
            )


if __name__ == "__main__":
    main()
