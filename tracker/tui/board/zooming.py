"""Which zoom a board opens in: the most detailed one in which the open part of it is seen whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from textual.geometry import Size

from tracker.flow.board.board import FITTED, Board
from tracker.flow.board.layout import neighbourhood
from tracker.flow.board.pieces import Page, Zoom
from tracker.flow.board.placement import card_cells
from tracker.tui.board.captions import Captions
from tracker.tui.board.viewpoint import Look

# The names under which zooms are remembered.
ZOOMS = tuple(zoom.name.lower() for zoom in Zoom)
# So many letters of a title a card in one row shows, in the order in which that is tried.
_LETTERS = (24, 20, 16, 13, 11)
# A page of so many windows at most shows as many columns side by side as it may; a longer one, in
# which nobody has an overview, so many letters, and where arrows lead that are cut.
_WINDOWS, _LONG = 3, 16
# In a window on a plane to go about on, as boards are that are not fitted, there are about so many
# columns.
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
    count = len(_shown(look, captions))
    large = count > _TRIED
    for zoom in zooms:
        if zoom >= Zoom.LINE:
            break
        other = look._replace(zoom=zoom)
        may = not large and _may_fit(other, captions, size)
        if may and _fits(other.layout(captions, None, False), captions, size):
            return other
    if Zoom.LINE not in zooms:
        zoom = next(iter(zooms))
        window = window_of(size, zoom, captions)
        return look._replace(zoom=zoom, page=Page(window.width))
    look = look._replace(zoom=Zoom.LINE, page=None)
    window = window_of(size, Zoom.LINE, captions)
    if count > FITTED:
        plane = max(_LETTERS[-1], min(_LETTERS[0], window.width // _COLUMNS - _BETWEEN))
        return look._replace(letters=plane)
    long = look._replace(letters=_LONG, page=Page(window.width))
    if large:
        return long
    least = look._replace(letters=_LETTERS[-1], page=Page(window.width, named=False))
    board = least.layout(captions, None, False)
    if _fits(board, captions, size):
        return _longest_titles(look, captions, size) or least
    # In columns of states a board has no strips.
    heights = [part.height for _, part in board.strips] or [board.height]
    whole = max(heights) <= window.height
    if whole and board.height <= _WINDOWS * window.height:
        return least
    return long


def _longest_titles(look: Look, captions: Captions, size: Size) -> Look | None:
    """Return a look with titles as long as have room, rather shorter than with any arrow cut.

    None where all are to be cut shorter than they are read with ease.
    """
    window = window_of(size, look.zoom, captions)
    found: Look | None = None
    for letters in _LETTERS[:-1]:
        if found and letters < _LONG:
            break
        paged = look._replace(letters=letters, page=Page(window.width))
        board = paged.layout(captions, None, False)
        if _fits(board, captions, size):
            if len(board.strips) < 2:
                return paged
            found = found or paged
    return found


def _shown(look: Look, captions: Captions) -> Collection[int]:
    """Return the tasks that are shown."""
    tasks: Collection[int] = captions.ws.tasks.keys()
    if look.around is not None:
        tasks = neighbourhood(captions.ws, look.around)
    return tasks if look.only is None else look.only.intersection(tasks)


def _may_fit(look: Look, captions: Captions, size: Size) -> bool:
    """Return whether a window has as many cells as the cards of open tasks take by themselves."""
    tasks = captions.ws.tasks
    shown = _shown(look, captions)
    count = sum(tasks[task].open for task in shown) or len(shown)
    window = window_of(size, look.zoom, captions)
    return count * card_cells(look.zoom) <= window.width * window.height


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
