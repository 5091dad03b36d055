"""How a board is looked at: in which way it is laid out, and what of it is in the window."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from textual.geometry import Region

from tracker.domain.workspace import Workspace
from tracker.flow.board.board import FITTED, Board, Mode, lowers_closed
from tracker.flow.board.layout import layout as lay_out
from tracker.flow.board.layout import neighbourhood
from tracker.flow.board.local_search import Care
from tracker.flow.board.pieces import Card, Page, Zoom
from tracker.tui.board.captions import Captions


class Look(NamedTuple):
    """How a board is laid out; `folded`, `folded_loops`, `settled` and `page` as for `layout`.

    Only the tasks of `only` are shown, and with `around` only that one and those near it. `letters`
    is how much of a title a card in one row shows.
    """

    zoom: Zoom = Zoom.NORMAL
    mode: Mode = "flow"
    folded: frozenset[int] = frozenset()
    folded_loops: frozenset[int] = frozenset()
    settled: frozenset[int] = frozenset()
    around: int | None = None
    only: frozenset[int] | None = None
    letters: int = 12
    page: Page | None = None

    def layout(
        self, captions: Captions, previous: Board | None, tight: bool, care: Care | None = None
    ) -> Board:
        """Lay out a workspace as it is to be looked at; all else as for `layout`."""
        ws = captions.ws
        tasks: Collection[int] | None = self.only
        if self.around is not None:
            near = neighbourhood(ws, self.around)
            tasks = near if tasks is None else near.intersection(tasks)
        return lay_out(
            ws,
            tasks=tasks,
            zoom=self.zoom,
            mode=self.mode,
            folded=self.folded,
            folded_loops=self.folded_loops,
            settled=self.settled,
            previous=previous,
            tight=tight,
            care=care,
            widths=self.widths(captions),
            page=self.page if self.zoom >= Zoom.LINE else None,
        )

    def widths(self, captions: Captions) -> dict[int, int] | None:
        """Return how wide the cards are, None where all are as their zoom makes them."""
        tasks = captions.ws.tasks
        if self.zoom is not Zoom.LINE or self.mode != "flow" or len(tasks) > FITTED:
            return None
        return {key: captions.line_width(task, self.letters) for key, task in tasks.items()}


def same_shape(old: Workspace, new: Workspace, mode: Mode, zoom: Zoom) -> bool:
    """Return whether two workspaces have one layout, so that only words have changed."""
    if old.links is not new.links or old.departments is not new.departments:
        return False
    for key in new.tasks.changed(old.tasks):
        task, was = new.tasks.get(key), old.tasks.get(key)
        if task is None or was is None or was.department != task.department:
            return False
        if mode == "state" and was.state != task.state:
            return False
        if was.open != task.open and lowers_closed(zoom, mode, len(new.tasks)):
            return False
    return True


def in_sight(board: Board, window: Region, card: Card, *, fresh: bool) -> tuple[int, int]:
    """Return where a window is to begin so that a card and what is beside it are in sight.

    It stays while they are, unless it is `fresh`; else it moves by about half of itself.
    """
    x, y = window.offset
    aside = 6 if window.width > 90 else 2
    above = 1 if window.height > 24 else 0
    right, bottom = card.x + card.width + aside, card.y + card.height + above
    if card.x - aside < x or right > window.right:
        middle = card.x - (window.width - card.width) // 2
        # Rather begin with a whole column, where its arrows arrive.
        starts = [column.x - 5 for column in board.columns]
        whole = [start for start in starts if right - window.width <= start <= card.x - aside]
        x = min(whole, key=lambda start: abs(start - middle), default=middle)
    if fresh or card.y - above < y or bottom > window.bottom:
        y = _first_row(board, Region(x, y, *window.size), card, above)
    return x, y


def _first_row(board: Board, window: Region, card: Card, above: int) -> int:
    """Return the row with which a window begins that has a card in sight, and cuts none.

    Of those that show most cards whole it is the one with the card nearest to the middle.
    """
    middle = card.y - (window.height - card.height) // 2
    around = Region(window.x, middle - window.height, window.width, 3 * window.height)
    tops = {lane.y - bool(at) for at, lane in enumerate(board.lanes)}
    tops |= {other.y - above for other in board.index.cards_within(*around)}

    def worth(top: int) -> tuple[int, int]:
        seen = board.index.cards_within(window.x, top, window.width, window.height)
        whole = sum(o.y >= top and o.y + o.height <= top + window.height for o in seen)
        return 2 * whole - len(seen), -abs(top - middle)

    lowest, highest = max(card.y + card.height + above - window.height, 0), card.y - above
    starts = sorted(top for top in tops if lowest <= top <= highest)
    return max(starts, key=worth, default=middle)
