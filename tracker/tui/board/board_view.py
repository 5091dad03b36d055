"""The dependency board on the screen: a window on the layout, and a focus that it follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar, Literal, NamedTuple

from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message

from tracker.domain.model import LinkKind
from tracker.flow.board.board import Board, Direction
from tracker.flow.board.pieces import Card
from tracker.tui.board.arranged_board import ArrangedBoard
from tracker.tui.board.highlight import Light, light, light_path, light_sketch
from tracker.tui.board.picture import Picture
from tracker.tui.board.sketch import Sketch, foresee, sketch_line
from tracker.tui.board.viewpoint import in_sight
from tracker.tui.board.zooming import lanes_width, rows_below
from tracker.tui.text import cells
from tracker.wording import show
from tracker.wording.show import Glyphs, Piece

# Highlighted beside the arrows of the focus: the chain through it, or the critical path.
Chain = Literal["", "through", "longest"]


class Begun(NamedTuple):
    """An arrow that is being drawn from a task, and where the window was when that began."""

    kind: LinkKind
    source: int
    offset: Offset


class BoardView(ArrangedBoard):
    """A window on the board of a workspace. The focus is a task and stays with it."""

    # A click here chooses what keys are about; one that hits nothing is stopped.
    CHOOSES: ClassVar[bool] = True

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
        super().__init__(glyphs, id=id)
        self._fitted_to = Size(0, 0)
        self.chain: Chain = ""
        self.pick: Begun | None = None
        # A task that gets the focus once it has a card.
        self._awaited: int | None = None
        self._costs: Mapping[int, float] = {}
        # Sought once for what is shown, when first asked for.
        self._reading_order: list[int] | None = None
        self._picture: Picture | None = None
        self._lit = Light()

    # What is shown

    @property
    def on_finished(self) -> bool:
        """Whether the focus is on finished tasks that stepped aside."""
        card = self._card if self.in_hand == self.here else None
        return bool(card and self.board and not self.board.basis.settled.isdisjoint(card.tasks))

    def fold(self) -> None:
        """Fold the loop through the focus, or else its lane; unfold what is folded."""
        card, look = self._card, self.look
        if card is None or self.board is None or self.here is None:
            return
        department = frozenset({self.board.lanes[card.lane].department or 0})
        inside = set(card.tasks)
        links = (self._shown.links[key] for key in look.folded_loops if key in self._shown.links)
        unfolded = {link.id for link in links if {link.source, link.target} <= inside}
        loops = self._captions.arrows.loops(self.here)
        if department <= look.folded:
            look = look._replace(folded=look.folded - department)
        elif unfolded:
            look = look._replace(folded_loops=look.folded_loops - unfolded)
        elif loops:
            look = look._replace(folded_loops=look.folded_loops | {loops[0].id})
        else:
            look = look._replace(folded=look.folded | department)
        self.show_as(look)

    def mark(
        self, marked: Collection[int], hits: Collection[int], news: Collection[int] = ()
    ) -> None:
        """Show which tasks are marked, which were found, and which somebody else has changed."""
        self._lit = self._lit._replace(marked=marked, hits=frozenset(hits), news=news)
        self.repaint()

    def in_sight(self) -> list[int]:
        """Return the tasks whose cards begin in the window, row by row; not the focus."""
        if self.board is None:
            return []
        window = self.window
        cards = self.board.index.cards_within(*window)
        begun = [card for card in cards if window.contains(card.x, card.y)]
        begun.sort(key=lambda card: (card.y, card.x))
        return [card.task for card in begun if card is not self._card]

    def label(self, labels: Mapping[int, str]) -> None:
        """Show letters on cards, in the place of those shown before."""
        self._lit = self._lit._replace(labels=labels)
        self.repaint()

    def price(self, costs: Mapping[int, float]) -> None:
        """Show what return arrows cost at P80, in working days."""
        self._costs = self._captions.arrows.costs = costs
        self.repaint()

    @property
    def _stand(self) -> tuple[object, ...]:
        """What is different as soon as the person has done something on the board."""
        return self.here, self.scroll_offset, self.look, self.app.screen, self.pick, id(self.board)

    def _take(self, board: Board) -> None:
        """Show a layout of the workspace, the focus where it was on the screen."""
        old, new = self._card, None
        if board is not self.board:
            self._reading_order = None
        self._shown, self._looked = self._workspace, self.look
        self._captions = self._captions_of(self._shown)
        self._captions.arrows.costs = self._costs
        if board is not self.board:
            was = self.here
            self.here = self._focus_on(board)
            new = board.cards.get((was if was in board.cards else self.here) or 0)
        moved = (new.x - old.x, new.y - old.y) if old and new else (0, 0)
        x, y = self.scroll_offset
        self.board = board
        self._picture = Picture(board, self._captions, self._glyphs)
        self._measure()
        self.scroll_quietly(x + moved[0], y + moved[1])
        self._light()
        self._fresh = self._fresh or old is None
        self._keep_in_sight()
        self.repaint()
        self.post_message(self.Moved(self.here))

    def _focus_on(self, board: Board) -> int | None:
        """Return the task to have the focus on a board: the same, or else the nearest."""
        awaited, self._awaited = self._awaited, None
        if awaited in board.cards:
            return awaited
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
        return self._first(self._workspace.tasks[task] for task in board.cards)

    # The focus

    @property
    def in_hand(self) -> int | None:
        """The task keys are about: the one that has the focus, or gets it with the next layout."""
        return self._awaited if self._awaited in self._workspace.tasks else self.here

    @property
    def _card(self) -> Card | None:
        return self.board.cards.get(self.here or 0) if self.board else None

    @property
    def reading_order(self) -> list[int]:
        """The tasks column by column."""
        if self.board is None:
            return []
        if self._reading_order is None:
            cards = {card.task: card for card in self.board.cards.values()}.values()
            in_order = sorted(cards, key=lambda card: (card.column, card.y))
            self._reading_order = [card.task for card in in_order]
        return self._reading_order

    def go_to(self, task: int) -> bool:
        """Give a task the focus, perhaps once it has a card; False if it is not on the board."""
        before, self._awaited = self.in_hand, None
        if self.board is None or task not in self.board.cards:
            if task in self._workspace.tasks and self._laying_out and self.look.around is None:
                self._awaited = task
                self.repaint()
                self.post_message(self.Moved(task))
            return self._awaited is not None
        if task != before:
            self.here = task
            self._light()
            self._keep_in_sight()
            self.repaint()
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
        wanted = card.y + direction * max(1, self.window.height // 2)
        ahead = [other for other in self.board.cards.values() if (other.y - card.y) * direction > 0]
        if ahead:
            near = min(
                ahead, key=lambda o: (abs(o.column - card.column), abs(o.y - wanted), o.task)
            )
            self.go_to(near.task)

    @property
    def longest(self) -> list[int]:
        """The critical path of open tasks."""
        return self._captions.longest

    def toggle_chain(self, chain: Chain) -> None:
        """Highlight a chain and dim the rest, or end that."""
        self.chain = "" if self.chain == chain else chain
        self._light()
        self.repaint()

    def _light(self) -> None:
        ws, captions = self._shown, self._captions
        sketch = self.sketch
        if sketch:
            self._lit = light_sketch(ws, sketch, before=self._lit)
        elif self.chain == "longest":
            self._lit = light_path(ws, self.here, self.longest, before=self._lit)
        else:
            whole = self.chain == "through"
            self._lit = light(ws, self.here, captions, chain=whole, before=self._lit)

    # Drawing an arrow

    def begin_arrow(self, kind: LinkKind) -> None:
        """Draw an arrow from the focus from now on, to whatever has the focus then."""
        if self.in_hand is not None:
            self.pick = Begun(kind, self.in_hand, Offset(*self.scroll_offset))
            self._light()
            self.repaint()

    def end_arrow(self) -> None:
        """Forget the arrow that is being drawn, and go back to where it was begun."""
        pick, self.pick = self.pick, None
        if pick is not None:
            self.go_to(pick.source)
            self.scroll_quietly(*pick.offset)
            self._light()
            self._keep_in_sight()
            self.repaint()
            self.post_message(self.Moved(self.in_hand))

    @property
    def sketch(self) -> Sketch | None:
        """The arrow that is being drawn, as it would be."""
        pick, ws, here = self.pick, self._shown, self.here
        if pick is None or here is None or not {here, pick.source} <= ws.tasks.keys():
            return None
        return foresee(ws, self._today, pick.kind, pick.source, here)

    # The window

    @property
    def lanes_width(self) -> int:
        """The cells of the lane column, its line included; none where there is but one lane."""
        if self.board is not None and [lane.department for lane in self.board.lanes] == [None]:
            return 0
        return lanes_width(self.size, self.look.zoom, self._captions)

    @property
    def _heading(self) -> int:
        """The rows of the column headings."""
        return int(self.board is not None and self.board.mode == "state")

    @property
    def _ties(self) -> int:
        """The rows below the board about the focus."""
        return rows_below(self.size, self.look.zoom, self._captions)

    def _measure(self) -> None:
        """Set how much there is to scroll over; with no scrollbar, nothing else depends on it."""
        if self.board is not None:
            width = self.lanes_width + self.board.width
            height = self._heading + self.board.height + self._ties
            self.set_reactive(BoardView.virtual_size, Size(width, height))

    @property
    def window(self) -> Region:
        """The cells of the board in sight."""
        x, y = self.scroll_offset
        width, height = self.size
        return Region(
            x, y, max(0, width - self.lanes_width), max(0, height - self._heading - self._ties)
        )

    def _keep_in_sight(self) -> None:
        """Scroll by half a window when the focus, or what is beside it, leaves the sight.

        A fresh board begins where most is seen beside the focus.
        """
        card, window = self._card, self.window
        if card is None or self.board is None or not window:
            return
        x, y = in_sight(self.board, window, card, fresh=self._fresh)
        self._fresh = False
        if (x, y) != window.offset:
            self.scroll_quietly(x, y)

    def fit(self) -> None:
        """Keep the focus in sight in a window of another size, in a zoom that fits."""
        size = self.app.size
        if self.board is not None and self._fitted_to != size:
            if self._fitted_to:
                self.resized()
            self._fitted_to = size
        self._measure()
        self._keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        """Give the focus to a card, or to what a number or the map names; a second click opens."""
        window = self.window
        x, y = event.x - self.lanes_width, event.y - self._heading
        if self.board is None or self._picture is None or x < 0 or not 0 <= y < window.height:
            event.stop()
            return
        task = self._picture.leads_to(x, y, window)
        if task is None:
            task = self.board.at(x + window.x, y + window.y)
            if task is not None and event.chain > 1 and task == self.here:
                self.post_message(self.Opened(task))
        if task is None:
            event.stop()
        else:
            self.go_to(task)

    # Painting

    def paint(self) -> list[list[Piece]]:
        """Return the rows of the window, and those below it."""
        size, window = self.size, self.window
        if self._picture is None:
            return [cells.fill(self._captions.coming(len(self._workspace.tasks)), size.width)]
        if not window:
            return []
        rows = self._picture.paint(window, self.lanes_width, self._lit)
        return [*rows, *self._about_rows()]

    def _about_rows(self) -> list[list[Piece]]:
        """Return the rows about the focus: the task, who waits, and its loops."""
        room, lines, captions = self.size.width, self._ties, self._captions
        words: list[list[Piece]] = [[] for _ in range(lines)]
        if lines and self.in_hand is not None and self.in_hand != self.here:
            # It has no card yet, and what is known of the one before would be taken for its own.
            words[0] = [(f" {show.name(self._workspace, self.in_hand)}", "title")]
        elif lines and self.here is not None and self.here in self._shown.tasks:
            sketch = self._lit.sketch
            bare = self.board is not None and not self.board.arrows
            tell = captions.arrows.in_words if bare and lines > 3 else captions.arrows.below
            card = self._card
            if card is not None and len(card.tasks) > 1:
                below = [captions.together(card, room), *words[1:]]
            else:
                below = [captions.about(self.here, room), *tell(self.here, room, max(lines - 1, 1))]
            if sketch:
                below[-1] = sketch_line(sketch, captions, room) or below[-1]
            elif self.chain == "longest" and self.here in self._lit.chain:
                below[-1] = captions.arrows.on_chain(self.here, list(self._lit.chain), room)
            words = below[-lines:]
        rows = [cells.fill(row, room) for row in words]
        if lines > 1:
            # Turned over, it also parts the board from the words below it.
            rows[0] = [(text, "cursor") for text, _role in rows[0]]
        return rows
