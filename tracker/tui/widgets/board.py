"""The dependency board on the screen: a window on the layout, a focus, and what it lights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import NamedTuple, cast

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker import plain
from tracker.domain import graph, status
from tracker.domain.model import State
from tracker.domain.workspace import Workspace
from tracker.flow.board import Board, Card, Direction, Mode, Zoom
from tracker.flow.layout import layout
from tracker.flow.raster import Manner, Run, paint
from tracker.tui import show
from tracker.tui.show import STYLES, Glyphs, Piece
from tracker.tui.widgets.captions import Captions

# Up to so many tasks a layout is made at once; a larger one while the old picture stays.
_AT_ONCE = 300
# Two stretches of changed cells nearer than this cost less as one: moving there takes 8 bytes.
_NEAR = 7


class View(NamedTuple):
    """How a board is laid out."""

    zoom: Zoom = Zoom.NORMAL
    mode: Mode = "flow"
    folded: frozenset[int] = frozenset()
    folded_loops: frozenset[int] = frozenset()


@lru_cache(maxsize=256)
def _style(role: str) -> Style:
    """Return the style of a role, or of several laid over each other."""
    found = Style.null()
    for name in role.split():
        found += STYLES[name]
    return found


def _merged(row: Sequence[Run]) -> list[tuple[str, Style]]:
    """Return a row with neighbours of one look as one: each change of look costs some bytes."""
    found: list[tuple[str, Style]] = []
    for text, role in row:
        style = _style(role)
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + text, style)
        elif text:
            found.append((text, style))
    return found


def _cells(row: Sequence[Run]) -> list[Run]:
    """Return a row as cells; the second cell of a wide character is empty."""
    cells: list[Run] = []
    for text, role in row:
        if plain.width(text) == len(text):
            cells += [(char, role) for char in text]
            continue
        for char in text:
            width = plain.width(char)
            if width:
                cells += [(char, role), ("", role)][:width]
            elif cells:
                cells[-1] = (cells[-1][0] + char, cells[-1][1])
    return cells


def _changed(before: Sequence[Run], after: Sequence[Run]) -> list[tuple[int, int]]:
    """Return the stretches of cells, as (start, end), in which two rows differ."""
    found: list[tuple[int, int]] = []
    old, new = _cells(before), _cells(after)
    for at, (a, b) in enumerate(zip(old, new, strict=True)):
        if a == b:
            continue
        if found and at - found[-1][1] < _NEAR:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


class BoardView(ScrollView, can_focus=True, inherit_bindings=False):
    """A window on the board of a workspace. The focus is a task and stays with it."""

    DEFAULT_CSS = """
    BoardView { height: 1fr; overflow: scroll; scrollbar-size: 0 0; }
    """

    class Moved(Message):
        """Another task has the focus, or the same one looks different now."""

        def __init__(self, task: int | None) -> None:
            super().__init__()
            self.task = task

    class Opened(Message):
        """A task is to be opened."""

        def __init__(self, task: int) -> None:
            super().__init__()
            self.task = task

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = View()
        self.board: Board | None = None
        self.here: int | None = None
        self.chain = False
        self._glyphs = glyphs
        self._ascii = glyphs is show.ASCII
        # What was asked to be shown, and what is shown until its layout is there.
        self._workspace = Workspace()
        self._shown = Workspace()
        self._today = date.min
        self._captions = Captions(self._shown, self._today, glyphs)
        self._marked: Collection[int] = ()
        self._hits: Collection[int] = ()
        self._lit: Mapping[int, Manner] = {}
        self._ends: Mapping[int, Manner] = {}
        self._bright: Collection[int] = ()
        self._rows: list[list[Run]] = []
        self._held = False

    # What is shown

    def show(self, workspace: Workspace, today: date) -> None:
        """Show another workspace, the focus on the same task at the same place."""
        self._workspace, self._today = workspace, today
        if self.board is not None and _same_shape(self._shown, workspace, self.view.mode):
            self._take(self.board)
        else:
            self._lay_out(self.board)

    def look(self, view: View) -> None:
        """Show the board in another way."""
        if view != self.view:
            keep = view.mode == self.view.mode and view.zoom == self.view.zoom
            self.view = view
            self._lay_out(self.board if keep else None)

    def tidy(self) -> None:
        """Lay out anew, with no regard to where the cards were."""
        self._lay_out(None)

    def mark(self, marked: Collection[int], hits: Collection[int]) -> None:
        """Show which tasks are marked and which were found."""
        self._marked, self._hits = marked, frozenset(hits)
        self._repaint()

    def _lay_out(self, previous: Board | None) -> None:
        if len(self._workspace.tasks) <= _AT_ONCE:
            self._take(_layout(self._workspace, self.view, previous))
        else:
            self._lay_out_aside(self._workspace, self.view, previous)

    @work(thread=True, exclusive=True)
    def _lay_out_aside(self, workspace: Workspace, view: View, previous: Board | None) -> None:
        board = _layout(workspace, view, previous)
        self.app.call_from_thread(self._laid_out, workspace, view, board)

    def _laid_out(self, workspace: Workspace, view: View, board: Board) -> None:
        # A cancelled worker still delivers: keep only what is asked for now.
        if workspace is self._workspace and view == self.view and self.is_attached:
            self._take(board)

    def _take(self, board: Board) -> None:
        """Show a layout of the workspace, the focus where it was on the screen."""
        old, new = self._card, None
        self._shown = self._workspace
        self._captions = Captions(self._shown, self._today, self._glyphs)
        if board is not self.board:
            self.here = self._focus_on(board)
            new = board.cards.get(self.here or 0)
        moved = (new.x - old.x, new.y - old.y) if old and new else (0, 0)
        x, y = self.scroll_offset
        self.board = board
        self._held = True
        self.virtual_size = self._extent
        if moved != (0, 0):
            self.scroll_to(x + moved[0], y + moved[1], animate=False)
        self._held = False
        self._light()
        self._keep_in_sight(margin=old is None)
        self._repaint()
        self.post_message(self.Moved(self.here))

    def _focus_on(self, board: Board) -> int | None:
        """Return the task to have the focus on a board: the same, or else the nearest."""
        if self.here in board.cards or not board.cards:
            return self.here if board.cards else None
        was = self._card
        cards = board.cards.values()
        if was is not None:
            at = was.lane, was.column, was.slot

            def far(card: Card) -> tuple[int, int]:
                lane, column, slot = at
                apart = abs(card.lane - lane), abs(card.column - column), abs(card.slot - slot)
                return 4 * apart[0] + 4 * apart[1] + apart[2], card.task

            return min(cards, key=far).task
        ws, today = self._workspace, self._today

        def wanted(card: Card) -> tuple[bool, bool, bool, int, int]:
            task = ws.tasks[card.task]
            burns = status.late(task, today) or task.state == "recheck"
            begun = task.state == "doing" or status.ready(ws, task)
            return not burns, not begun, not task.open, card.column, card.y

        return min(cards, key=wanted).task

    # The focus

    @property
    def _card(self) -> Card | None:
        return self.board.cards.get(self.here or 0) if self.board else None

    @property
    def reading_order(self) -> list[int]:
        """The tasks column by column."""
        if self.board is None:
            return []
        cards = {card.task: card for card in self.board.cards.values()}.values()
        return [card.task for card in sorted(cards, key=lambda card: (card.column, card.y))]

    def go_to(self, task: int) -> bool:
        """Give a task the focus; False if it is not on the board."""
        if self.board is None or task not in self.board.cards:
            return False
        if task != self.here:
            self.here = task
            self._light()
            self._keep_in_sight()
            self._repaint()
            self.post_message(self.Moved(task))
        return True

    def move(self, direction: Direction) -> None:
        """Give the focus to the nearest card in a direction."""
        if self.board is not None and self.here is not None:
            found = self.board.nearest(self.here, direction)
            if found is not None:
                self.go_to(found)

    def half_page(self, direction: int) -> None:
        """Give the focus to the card half a window further down or up."""
        card = self._card
        if card is None or self.board is None:
            return
        wanted = card.y + direction * max(1, self._window.height // 2)
        ahead = [other for other in self.board.cards.values() if (other.y - card.y) * direction > 0]
        if ahead:
            near = min(
                ahead, key=lambda o: (abs(o.column - card.column), abs(o.y - wanted), o.task)
            )
            self.go_to(near.task)

    def toggle_chain(self) -> None:
        """Light everything before and after the focus and dim the rest, or end that."""
        self.chain = not self.chain
        self._light()
        self._repaint()

    def _light(self) -> None:
        """Find the arrows that the focus lights, and the cards at their ends."""
        ws, task = self._shown, self.here
        lit: dict[int, Manner] = {}
        ends: dict[int, Manner] = {}
        self._bright = ()
        if task is not None and task in ws.tasks:
            before = after = {task}
            if self.chain:
                before, after = graph.upstream(ws, task), graph.downstream(ws, task)
                self._bright = {task} | before | after
                before, after = before | {task}, after | {task}
            for at in before:
                for link in ws.arrows_in.get(at, ()):
                    if link.kind == "needs":
                        lit[link.id], ends[link.source] = "in", "in"
            for at in after:
                for link in ws.arrows_out.get(at, ()):
                    if link.kind == "needs":
                        lit[link.id], ends[link.target] = "out", "out"
            for link in (*ws.arrows_in.get(task, ()), *ws.arrows_out.get(task, ())):
                if link.kind == "returns":
                    lit[link.id] = ends[link.source] = ends[link.target] = "loop"
            if self.chain:
                lit |= {link.id: "loop" for link in self._captions.loops(task)}
        self._lit, self._ends = lit, ends

    # The window

    @property
    def _lanes_width(self) -> int:
        """The cells of the lane column, its line included."""
        cells = self.size.width
        return 11 if cells < 80 else 14 if cells < 120 else 18 if cells < 160 else 24

    @property
    def _heading(self) -> int:
        """The rows of the column headings."""
        return int(self.view.mode == "state")

    @property
    def _ties(self) -> int:
        """The rows below the board that tell about the focus."""
        return 2 if self.size.height >= 18 else 1 if self.size.height >= 8 else 0

    @property
    def _extent(self) -> Size:
        """The size of all there is to scroll over."""
        board = self.board
        if board is None:
            return Size(0, 0)
        return Size(self._lanes_width + board.width, self._heading + board.height + self._ties)

    @property
    def _window(self) -> Region:
        """The cells of the board in sight."""
        x, y = self.scroll_offset
        width, height = self.size
        return Region(
            x, y, max(0, width - self._lanes_width), max(0, height - self._heading - self._ties)
        )

    def _keep_in_sight(self, *, margin: bool = True) -> None:
        """Scroll by half a window when the focus, or what is beside it, leaves the sight."""
        card, window = self._card, self._window
        if card is None or not window:
            return
        x, y = window.offset
        aside, above = (6, 1) if margin and window.width > card.width + 20 else (0, 0)
        if card.x - aside < x or card.x + card.width + aside > x + window.width:
            x = card.x - (window.width - card.width) // 2
        if card.y - above < y or card.y + card.height + above > y + window.height:
            y = card.y - (window.height - card.height) // 2
        if (x, y) != window.offset:
            self._held = True
            self.scroll_to(x, y, animate=False)
            self._held = False

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Paint what has come into sight."""
        if not self._held and round(old_value) != round(new_value):
            self._repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint what has come into sight."""
        if not self._held and round(old_value) != round(new_value):
            self._repaint()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Paint the window in its new size."""
        self.virtual_size = self._extent
        self._keep_in_sight()
        self._repaint()

    def on_click(self, event: events.Click) -> None:
        """Give the focus to a card; a second click opens it."""
        window = self._window
        x, y = event.x - self._lanes_width, event.y - self._heading
        if self.board is None or x < 0 or y < 0:
            return
        task = self.board.at(x + window.x, y + window.y)
        if task is None:
            return
        if event.chain > 1 and task == self.here:
            self.post_message(self.Opened(task))
        self.go_to(task)

    # Painting

    def _repaint(self) -> None:
        """Paint the window, and send to the terminal only the cells that have changed."""
        rows = self._paint()
        before, self._rows = self._rows, rows
        if len(before) != len(rows) or not rows:
            self.refresh()
            return
        regions = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip(before, rows, strict=True))
            if old != new
            for start, end in _changed(old, new)
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return a line of what was painted last."""
        width = self.size.width
        if y >= len(self._rows):
            return Strip.blank(width)
        return Strip([Segment(text, style) for text, style in _merged(self._rows[y])], width)

    def _paint(self) -> list[list[Run]]:
        board, window = self.board, self._window
        if board is None or not window:
            return []
        rows = paint(
            board,
            x=window.x,
            y=window.y,
            width=window.width,
            height=window.height,
            label=partial(self._label, board),
            lit=self._lit,
            ascii=self._ascii,
        )
        if self.chain:
            rows = [[(text, _DIMMED.get(role, role)) for text, role in row] for row in rows]
        heads = self._lane_rows(board, window)
        painted = [[*head, *row] for head, row in zip(heads, rows, strict=True)]
        return [*self._heading_rows(board, window), *painted, *self._ties_rows()]

    def _label(self, board: Board, task: int, width: int, height: int) -> Sequence[Sequence[Run]]:
        """Return the rows of a card as they look now."""
        card = board.cards[task]
        captions = self._captions
        rows = captions.card(card, board.zoom)[:height]
        inside = width if board.zoom is Zoom.OVERVIEW else width - 2
        focused = self.here in (card.tasks or (task,))
        end = None if focused else self._ends.get(task)
        over = ""
        if focused:
            over = "cursor"
        elif self._bright and task not in self._bright and end is None:
            over = "dim"
        elif task in self._hits:
            over = "hit"
        edge = captions.edge(card)
        if end is not None:
            edge = "loop" if end == "loop" else f"needs.{end}"
        elif over == "dim":
            edge = "dim"
        left, right = self._edges(heavy=end is not None)
        painted: list[list[Run]] = []
        for at, row in enumerate(rows):
            used = sum(plain.width(text) for text, _role in row)
            line = [*row, (" " * (inside - used), "")]
            if over and not focused:
                line = [(text, over) for text, role in line]
            if inside < width:
                last = (right, edge if self._ascii else "")
                if at == 0 and task in self._marked:
                    last = (self._glyphs.mark, "key")
                line = [(left, edge), *line, last]
                if focused:
                    line = [(text, "cursor") for text, _role in line]
            elif end is not None:
                line = [(text, f"{role} {edge}") for text, role in line]
            painted.append(line)
        return painted

    def _edges(self, *, heavy: bool) -> tuple[str, str]:
        """Return the left and the right edge of a card."""
        if self._ascii:
            return ("{", "}") if heavy else ("[", "]")
        return ("█" if heavy else "▌", " ")

    def _lane_rows(self, board: Board, window: Region) -> list[list[Run]]:
        """Return the rows of the lane column; a lane's head stays in sight with its lane."""
        cells = self._lanes_width - 2
        line, dot = ("|", ".") if self._ascii else ("│", "·")
        blank: list[Run] = [(" " * (cells + 1) + line, "lane")]
        dots: list[Run] = [(dot * (cells + 1) + line, "lane")]
        rows = [blank] * window.height
        for at, lane in enumerate(board.lanes):
            if at and window.y <= lane.y - 1 < window.bottom:
                rows[lane.y - 1 - window.y] = dots
            first, last = max(lane.y, window.y), min(lane.y + lane.height, window.bottom)
            if first >= last:
                continue
            for y, row in enumerate(self._captions.lane(lane, cells, last - first), first):
                used = sum(plain.width(text) for text, _role in row)
                rows[y - window.y] = [*row, (" " * (cells + 1 - used) + line, "lane")]
        return rows

    def _heading_rows(self, board: Board, window: Region) -> list[list[Run]]:
        """Return the row that names the columns, if they have names."""
        if not self._heading:
            return []
        row: list[Piece] = []
        used = -self._lanes_width
        for column in board.columns:
            if column.x + column.width <= window.x or column.x >= window.right:
                continue
            start = max(column.x - window.x, 0)
            word = show.word(cast("State", column.state))
            word = plain.cut(word, max(0, window.width - start))
            row += [(" " * (start - used), ""), (word, "strong")]
            used = start + plain.width(word)
        return [[*row, (" " * (window.width - used), "")]]

    def _ties_rows(self) -> list[list[Run]]:
        """Return the rows that tell about the focus: who it is, and its loops or who waits."""
        cells, lines = self.size.width, self._ties
        task = self.here
        told: list[list[Piece]] = [[], []]
        if task is not None and task in self._shown.tasks:
            told = [self._captions.about(task, cells), self._captions.ties(task, cells)]
        rows = []
        for row, over in list(zip(told, ("head ", ""), strict=True))[-lines:] if lines else ():
            painted: list[Run] = []
            left = cells
            for text, style in row:
                shown = plain.cut(text, left)
                painted.append((shown, over + style))
                left -= plain.width(shown)
                if left <= 0:
                    break
            rows.append([*painted, (" " * left, over)])
        return rows


_DIMMED = {"needs": "dim", "returns": "dim", "stub": "dim"}


def _layout(workspace: Workspace, view: View, previous: Board | None) -> Board:
    return layout(
        workspace,
        zoom=view.zoom,
        mode=view.mode,
        folded=view.folded,
        folded_loops=view.folded_loops,
        previous=previous,
        tight=previous is None,
    )


def _same_shape(old: Workspace, new: Workspace, mode: Mode) -> bool:
    """Tell whether two workspaces have one layout, so that only words have changed."""
    if old.links is not new.links or old.departments is not new.departments:
        return False
    if old.tasks is new.tasks:
        return True
    if len(old.tasks) != len(new.tasks):
        return False
    for task in new.tasks.values():
        was = old.tasks.get(task.id)
        if was is task:
            continue
        if was is None or was.department != task.department:
            return False
        if mode == "state" and was.state != task.state:
            return False
    return True
