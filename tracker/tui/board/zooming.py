"""Which zoom a board opens in: the most detailed one in which the open part of it is seen whole."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Size

from tracker.flow.board.board import Board
from tracker.flow.board.pieces import Page, Zoom
from tracker.flow.board.placement import card_cells
from tracker.tui.board.captions import Captions
from tracker.tui.board.viewpoint import Look

# The names under which zooms are remembered.
ZOOMS = tuple(zoom.name.lower() for zoom in Zoom)
# So many letters of a title a card in one row shows, in the order in which that is tried.
_LETTERS = (24, 20, 16, 13, 11)
# A page in strips is so many windows high at most; else it is a plane to go about on.
_WINDOWS = 3
# In a window on such a plane there are about so many columns.
_COLUMNS = 4
# Cells between the titles of two columns: number, signs and channel.
_BETWEEN = 8
# On larger boards no zoom is tried.
_TRIED = 120


def kind_of(size: Size) -> str:
    """Return the kind of a window by its width: a zoom chosen for one is meant for all of them."""
    return "narrow" if size.width < 100 else "middle" if size.width < 140 else "wide"


def window_of(size: Size, zoom: Zoom, captions: Captions) -> Size:
    """Return the cells of a board of some zoom in sight in a view of some size."""
    return Size(
        max(1, size.width - lanes_width(size, zoom, captions)),
        max(1, size.height - rows_below(size, zoom, captions)),
    )


def lanes_width(size: Size, zoom: Zoom, captions: Captions) -> int:
    """Return the cells of the lane column, its line included; none where nobody has a lane."""
    if not captions.lanes:
        return 0
    if zoom < Zoom.LINE:
        return min(max(captions.longest_lane_word + 2, 11), max(11, size.width // 5))
    return captions.longest_lane_name(9 if size.width < 100 else 14) + 1


def rows_below(size: Size, zoom: Zoom, captions: Captions) -> int:
    """Return the rows below a board about the focus: one more where work can come back.

    In the overview words stand for the arrows.
    """
    if zoom is Zoom.OVERVIEW and size.height >= 18:
        return 6
    if size.height >= 22 and captions.returns:
        return 3
    return 2 if size.height >= 18 else 1 if size.height >= 8 else 0


def fitted(look: Look, captions: Captions, size: Size, zooms: Iterable[Zoom] = Zoom) -> Look:
    """Return a look in the first of some zooms in which the open tasks have room, or in one row."""
    large = len(captions.ws.tasks) > _TRIED
    for zoom in zooms:
        if zoom >= Zoom.LINE:
            break
        other = look._replace(zoom=zoom)
        may = not large and _may_fit(zoom, captions, size)
        if may and _fits(other.layout(captions, None, False), captions, size):
            return other
    if Zoom.LINE not in zooms:
        zoom = next(iter(zooms))
        window = window_of(size, zoom, captions)
        return look._replace(zoom=zoom, page=Page(window.width))
    look = look._replace(zoom=Zoom.LINE, page=None)
    window = window_of(size, Zoom.LINE, captions)
    plane = max(_LETTERS[-1], min(_LETTERS[0], window.width // _COLUMNS - _BETWEEN))
    if large:
        return look._replace(letters=plane)
    least = look._replace(letters=_LETTERS[-1], page=Page(window.width, named=False))
    board = least.layout(captions, None, False)
    if _fits(board, captions, size):
        for letters in _LETTERS[:-1]:
            paged = look._replace(letters=letters, page=Page(window.width))
            if _fits(paged.layout(captions, None, False), captions, size):
                return paged
        return least
    # In columns of states a board has no strips.
    heights = [part.height for _, part in board.strips] or [board.height]
    whole = max(heights) <= window.height
    if whole and board.height <= _WINDOWS * window.height:
        return least
    return look._replace(letters=plane)


def _may_fit(zoom: Zoom, captions: Captions, size: Size) -> bool:
    """Return whether a window has as many cells as the cards of open tasks take by themselves."""
    tasks = captions.ws.tasks.values()
    count = sum(task.open for task in tasks) or len(tasks)
    window = window_of(size, zoom, captions)
    return count * card_cells(zoom) <= window.width * window.height


def _fits(board: Board, captions: Captions, size: Size) -> bool:
    """Return whether the cards of open tasks are seen at once."""
    tasks, window = captions.ws.tasks, window_of(size, board.zoom, captions)
    cards = [card for task, card in board.cards.items() if tasks[task].open]
    cards = cards or list(board.cards.values())
    if not cards:
        return True
    width = max(card.x + card.width for card in cards) - min(card.x for card in cards)
    height = max(card.y + card.height for card in cards) - min(card.y for card in cards)
    return width <= window.width and height <= window.height
