"""Everything about one task: fields, arrows, checklist, notes, passes and history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import ClassVar, NamedTuple

from msgspec.structs import replace
from textual import events, work
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer

from tracker import terminal_text
from tracker.domain.change import Record
from tracker.domain.errors import TrackerError
from tracker.domain.model import Task
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.forecast import TaskEnd
from tracker.flow.forecast.inquiry import Outlook
from tracker.language import _
from tracker.tui import keys
from tracker.tui.host import host_of
from tracker.tui.messages import Do
from tracker.tui.text.cells import fill, row_width
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.view.view import View
from tracker.tui.widgets.choices import Passage
from tracker.wording import show, task_page
from tracker.wording.field_texts import label
from tracker.wording.forecast_words import task_end_field
from tracker.wording.show import UNICODE, Glyphs
from tracker.wording.task_page import Part, Place, Told

# Beyond this, the right end of a line is too far from its left one.
_WIDEST = 110
# From this width on, names of parts are beside them and not above.
_BESIDE = 64
# How much of the notes and the past the side panel shows.
_SHORT = 6
# So many lines and characters of the notes are on the page: with more it would stand still for
# seconds as it opens and closes.
_MOST_LINES, _MOST_SIGNS = 2_000, 100_000
# The history is read once the cursor has rested on a task for so many seconds.
_REST = 0.1


class PaneLine(NamedTuple):
    """A line of the detail, and where it leads."""

    line: Line
    place: Place | None = None


class DetailPane(Passage, inherit_bindings=False):
    """One task of a workspace. With the keys, everything, and a cursor on what leads somewhere.

    `look_back` gives the records that are about a task; it is called in a thread.
    """

    # A click here chooses what keys are about; one that hits nothing is stopped.
    CHOOSES: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings_for(
        *("down", "up", "first", "last", "half_down", "half_up"),
        *("open", "advance", "copy", "back", "escape"),
    )

    DEFAULT_CSS = """
    DetailPane { height: 1fr; }
    """

    workspace: var[Workspace] = var(Workspace, init=False)
    today: var[date] = var(date.min, init=False)
    outlook: var[Outlook | None] = var(None, init=False)
    task_id: var[int | None] = var(None, init=False)

    class Taken(Message):
        """Enter on a line that leads to another task, or a click there."""

        def __init__(self, task: int) -> None:
            super().__init__()
            self.task = task

    class Copied(Message):
        """A link is to be copied."""

        def __init__(self, link: str) -> None:
            super().__init__()
            self.link = link

    class Left(Message):
        """The keys are to go back to the view."""

    def __init__(
        self,
        *,
        full: bool = False,
        glyphs: Glyphs = UNICODE,
        look_back: Callable[[int], list[Record]] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._full = self._always_full = full
        self._glyphs, self._look_back = glyphs, look_back
        self.entries: list[PaneLine] = []
        self._past: Sequence[Record] = ()
        self._at = -1
        # What the lines that lead somewhere are about, and that under the cursor, as it was put.
        self._about: dict[Place, Hashable] = {}
        self._put_on: Hashable = None
        self._soon: Timer | None = None

    def watch_workspace(self) -> None:
        """Show the task as it is now."""
        self.rebuild()
        self._look()

    def watch_today(self) -> None:
        """Show what is late on another day."""
        self.rebuild()

    def watch_outlook(self, before: Outlook | None, outlook: Outlook | None) -> None:
        """Show by when the task is over, once that is known."""
        key = self.task_id or 0
        if (before and before.ends.get(key)) != (outlook and outlook.ends.get(key)):
            self.rebuild()

    def watch_task_id(self) -> None:
        """Show another task, from the top."""
        self._past = ()
        self._at = -1
        self.scroll_to(y=0, animate=False)
        self.rebuild()
        self._look()

    def _look(self) -> None:
        """Read the history of the task, beside a view once the cursor rests on it."""
        if self._soon is not None:
            self._soon.stop()
        if self._look_back is None or self.task_id is None or not self.is_attached:
            return
        if self._always_full:
            self._read_back(self.task_id)
        else:
            self._soon = self.set_timer(_REST, partial(self._read_back, self.task_id))

    @work(thread=True, exclusive=True)
    def _read_back(self, task: int) -> None:
        """Read the history, which may be long, beside the screen."""
        host = host_of(self)
        try:
            records = self._look_back(task) if self._look_back else []
        except TrackerError as error:
            host.from_thread(host.tell_error, error)
        else:
            host.from_thread(self.show_history, task, records)

    def show_history(self, task: int, records: Sequence[Record]) -> None:
        """Show the records that touch a task, as long as that is the one that is shown."""
        # An exclusive worker delivers even when it has been overtaken.
        if task == self.task_id and self.is_attached and list(records) != list(self._past):
            self._past = records
            self.rebuild()

    def on_mount(self) -> None:
        """Read the history of the task that is shown first."""
        self._look()

    def on_focus(self) -> None:
        """Show everything, and the cursor."""
        self._show_all(True)

    def on_blur(self) -> None:
        """Show less again, where there is little room."""
        self._show_all(self._always_full)

    def _show_all(self, full: bool) -> None:
        if full != self._full:
            self._full, self._at = full, -1
            self.scroll_to(y=0, animate=False)
            self.rebuild()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.rebuild()

    def rebuild(self) -> None:
        """Compose the lines anew; those that stay the same are not painted again."""
        cells = min(_WIDEST, self._cells)
        if not self.is_attached:
            return
        if cells <= 0:
            # What cannot be laid out leads nowhere: others may change it meanwhile.
            self.entries, self._at = [], -1
            return
        read = self.entries[self.scroll_offset.y :]
        task = self.workspace.tasks.get(self.task_id or 0)
        if task is None:
            self.entries = [PaneLine(((_("No task is selected."), "dim"),))]
        else:
            end = self.outlook.ends.get(task.id) if self.outlook else None
            told = entries(
                self.workspace, task, self.today, cells, self._glyphs, self._full, self._past, end
            )
            self.entries = list(told)
        self._about = _about(task) if task else {}
        if self._full:
            places = [i for i, entry in enumerate(self.entries) if entry.place]
            same = (i for i in places if self._about_line(i) == self._put_on)
            self._at = next(same, places[0] if places else -1)
        self._put()
        above = len(self.entries) - len(read)
        if read and self.scroll_offset.y and self.entries[above:] == read:
            # What comes or goes above what is read moves none of it.
            self.scroll_to(y=above, animate=False)

    def _about_line(self, at: int) -> Hashable:
        """Return what a line is about, wherever others move that; None if it leads nowhere."""
        place = self.entries[at].place if 0 <= at < len(self.entries) else None
        return self._about.get(place, place) if place else None

    @property
    def place(self) -> Place | None:
        """Where the line under the cursor leads."""
        return self.entries[self._at].place if 0 <= self._at < len(self.entries) else None

    @property
    def pointed(self) -> object:
        """What the line under the cursor is about, and of an item whether it is ticked."""
        place, task = self.place, self.workspace.tasks.get(self.task_id or 0)
        if place is None or task is None:
            return None
        done = place.kind == "item" and task.checklist[place.number].done
        return self._about_line(self._at), done

    @property
    def around(self) -> object:
        """What the lines that lead somewhere are about, from the top."""
        return [self._about_line(at) for at, line in enumerate(self.entries) if line.place]

    def _only_as_meant(self) -> None:
        """Raise Refused if others took away what the cursor was on."""
        if isinstance(self.screen, View):
            self.screen.only_as_meant()

    @property
    def _cells(self) -> int:
        """The width of a line.

        The scrollbar's column stays free, whether there is one or not: what is wrapped to the
        width decides whether there is one.
        """
        return self.outer_size.width - self.styles.gutter.width - 1

    def step(self, by: int) -> None:
        """Move the cursor to the next line that leads somewhere; where none is in sight, scroll."""
        places = [i for i, entry in enumerate(self.entries) if entry.place]
        ahead = [i for i in places if (i > self._at) == (by > 0) and i != self._at]
        target = (ahead[0] if by > 0 else ahead[-1]) if ahead else None
        top, height = self.scroll_offset.y, self.size.height
        if target is not None and top <= target < top + height:
            self._at = target
            self._put()
        else:
            self.half_page(1 if by > 0 else -1)

    def half_page(self, direction: int) -> None:
        """Scroll by half a window, and take the cursor along."""
        half = max(1, self.size.height // 2)
        self.go(self.scroll_offset.y + direction * half, direction)

    def go(self, top: int, direction: int) -> None:
        """Scroll to a line, and put the cursor on the first or last place in sight."""
        last = max(0, len(self.entries) - self.size.height)
        top = max(0, min(last, top))
        self.scroll_to(y=top, animate=False)
        sight = range(top, top + self.size.height)
        places = [i for i, entry in enumerate(self.entries) if entry.place and i in sight]
        if places and self._at not in sight:
            self._at = places[0] if direction > 0 else places[-1]
        elif places and top in (0, last):
            self._at = places[-1] if direction > 0 and top == last else self._at
            self._at = places[0] if direction < 0 and top == 0 else self._at
        self._put()

    def take(self) -> bool:
        """Follow the line under the cursor; False where it leads nowhere."""
        place = self.place
        if place is None:
            return False
        with host_of(self).telling():
            self._only_as_meant()
            if place.kind == "task":
                self.post_message(self.Taken(place.number))
            elif place.kind == "item":
                self._tick(place.number)
            else:
                self._copy(place.number)
        return True

    def _tick(self, number: int) -> None:
        """Tick an item of the checklist, or take that back."""
        task = self.workspace.tasks[self.task_id or 0]
        items = list(task.checklist)
        items[number] = replace(items[number], done=not items[number].done)
        tick = partial(commands.edit_task, task=task.id, seen={task.id: task})
        self.post_message(Do(partial(tick, checklist=tuple(items))))

    def _copy(self, number: int) -> None:
        """Have a link copied."""
        notes = self.workspace.tasks[self.task_id or 0].notes
        self.post_message(self.Copied(task_page.links(notes)[number]))

    def action_move(self, direction: str) -> None:
        """Go to the next or the previous line that leads somewhere."""
        self.step(1 if direction == "down" else -1)

    def action_first(self) -> None:
        """Go to the top."""
        self.go(0, -1)

    def action_last(self) -> None:
        """Go to the end."""
        self.go(len(self.lines), 1)

    def action_half_page(self, direction: int) -> None:
        """Scroll by half a page."""
        self.half_page(direction)

    def action_open(self) -> None:
        """Follow the line under the cursor, or leave the key to the view."""
        if not self.take():
            raise SkipAction

    def action_advance(self) -> None:
        """Tick the item under the cursor, or leave the key to the view."""
        self._take_only("item")

    def action_copy(self) -> None:
        """Copy the link under the cursor, or leave the key to the view."""
        self._take_only("link")

    def _take_only(self, kind: str) -> None:
        if self.place is None or self.place.kind != kind:
            raise SkipAction
        self.take()

    def action_back(self) -> None:
        """Give the keys back to the view, which leaves on a screen that is about nothing else."""
        if self._always_full:
            raise SkipAction
        self.post_message(self.Left())

    def action_escape(self) -> None:
        """Give the keys back as well."""
        self.action_back()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click follows."""
        at = self.scroll_offset.y + event.y
        if self._full and at < len(self.entries) and self.entries[at].place:
            if at == self._at and event.chain > 1:
                self.take()
            self._at = at
            self._put()
        else:
            event.stop()

    def _put(self) -> None:
        self._put_on = self._about_line(self._at)
        lines: list[Line] = []
        for i, entry in enumerate(self.entries):
            if i == self._at and self._full and entry.place:
                text = "".join(text for text, _style in entry.line)
                lines.append(((terminal_text.fit(text, self._cells), "cursor"),))
            else:
                lines.append(entry.line)
        self.put(lines)


def _about(task: Task) -> dict[Place, Hashable]:
    """Return what items and links of a task are known by, wherever they are.

    Of items that say the same it is told which of how many one is.
    """
    count = Counter(item.text for item in task.checklist)
    before: Counter[str] = Counter()
    found: dict[Place, Hashable] = {}
    for at, item in enumerate(task.checklist):
        found[Place("item", at)] = "item", item.text, before[item.text], count[item.text]
        before[item.text] += 1
    links = enumerate(task_page.links(task.notes))
    return found | {Place("link", at): ("link", to) for at, to in links}


def entries(
    ws: Workspace,
    task: Task,
    today: date,
    cells: int,
    glyphs: Glyphs,
    full: bool,
    past: Sequence[Record] = (),
    end: TaskEnd | None = None,
) -> Iterator[PaneLine]:
    """Yield the lines about a task; `end` is by when it is over, where that is known."""
    for line in wrap_pieces([(show.name(ws, task.id), "title")], cells):
        yield PaneLine(line)
    for line in wrap_pieces(list(task_page.standing(ws, task, today, glyphs)), cells):
        yield PaneLine(line)
    layout = Layout.of(cells)
    room = cells - layout.below
    fields = [
        (name, [PaneLine(line) for line in wrap_pieces([(value, "plain")], cells - layout.beside)])
        for name, value in (
            *task_page.fields(ws, task, today),
            *((task_end_field(end, today),) if end and task.open else ()),
        )
    ]
    arrows = task_page.arrows(ws, task, glyphs, brief=room < _BESIDE - 12)
    blocks: tuple[tuple[int, list[Titled]], ...] = (
        (layout.beside, fields),
        (layout.below, [_part(part, room) for part in arrows]),
        (layout.below, [_part(task_page.checklist(task), room)]),
        (layout.below, [(label("notes"), list(_notes(task, room, full)))]),
        (layout.below, [_part(task_page.links_part(task.notes), room)]),
        (layout.below, [_passes(ws, task, today, room, glyphs, full)]),
        (layout.below, [_history(ws, task, past, room, glyphs, full)]),
    )
    for margin, parts in blocks:
        block = [(name, told) for name, told in parts if told]
        if block:
            yield PaneLine(())
        for name, told in block:
            yield from layout.part(name, told, margin)


class Layout(NamedTuple):
    """How parts are under their names: beside them where there is room, else below."""

    cells: int
    beside: int
    below: int

    @classmethod
    def of(cls, cells: int) -> Layout:
        """Return the layout for a width: the cells left of what is beside or below a name."""
        names = [*map(label, (*task_page.PAGE_FIELDS, "checklist", "notes", "passes"))]
        if cells < _BESIDE:
            return cls(cells, max(map(terminal_text.width, names)) + 1, 2)
        names += [*task_page.arrow_names(), task_page.links_name(), _("History")]
        margin = max(map(terminal_text.width, names)) + 2
        return cls(cells, margin, margin)

    def part(self, name: str, told: Sequence[PaneLine], margin: int) -> Iterator[PaneLine]:
        """Yield a part with its name, `margin` cells from the left."""
        first = terminal_text.fit(name, margin)
        if margin < self.beside:
            yield PaneLine(((terminal_text.cut(name, self.cells), "heading"),))
            first = " " * margin
        for entry in told:
            yield PaneLine(((first, "dim"), *entry.line), entry.place)
            first = " " * margin


Titled = tuple[str, list[PaneLine]]


def _part(part: Part, cells: int) -> Titled:
    return part.name, [entry for told in part.lines for entry in _entries(told, cells)]


def _entries(told: Told, cells: int) -> Iterator[PaneLine]:
    """Yield a line as wide as the room, its right part at the end."""
    if not told.right:
        first, *rest = wrap_pieces(list(told.left), cells, indent=told.indent)
        yield PaneLine(first, told.place)
        yield from map(PaneLine, rest)
        return
    right = [piece for text, role in told.right for piece in (("  ", ""), (text, role))][1:]
    room = max(10, cells - row_width(right) - 1)
    yield PaneLine((*fill(told.left, room), (" ", ""), *right), told.place)


def _notes(task: Task, cells: int, full: bool) -> Iterator[PaneLine]:
    if not task.notes.strip():
        return
    if full:
        from tracker.tui.text.markdown import note_lines

        shown = "\n".join(task.notes[:_MOST_SIGNS].split("\n", _MOST_LINES)[:_MOST_LINES])
        yield from map(PaneLine, note_lines(shown, cells))
        if len(shown) < len(task.notes.rstrip()):
            more = keys.named(_("… The notes go on; {key:notes} opens them whole."))
            yield from map(PaneLine, wrap_pieces([(more, "dim")], cells))
        return
    typed = [line for line in task.notes.splitlines() if line.strip()]
    for text in typed[:_SHORT]:
        yield PaneLine(((terminal_text.cut(show.text(text.strip()), cells), "plain"),))
    if len(typed) > _SHORT:
        yield PaneLine((("…", "dim"),))


def _passes(
    ws: Workspace, task: Task, today: date, cells: int, glyphs: Glyphs, full: bool
) -> Titled:
    """Return the ledger of passes; in the side panel the newest, if work came back at all."""
    runs = task.passes if full else task.passes[-_SHORT:] if len(task.passes) > 1 else ()
    name, told = _part(task_page.passes_part(ws, task, today, glyphs, runs), cells)
    if told and len(runs) < len(task.passes):
        told.append(PaneLine(((glyphs.more, "dim"),)))
    return name, told


def _history(
    ws: Workspace, task: Task, past: Sequence[Record], cells: int, glyphs: Glyphs, full: bool
) -> Titled:
    """Return the history; in the side panel the newest of it."""
    name, told = _part(task_page.history(ws, task, past if full else past[-_SHORT:]), cells)
    if told and not full and len(past) > _SHORT:
        told.append(PaneLine(((glyphs.more, "dim"),)))
    return name, told
