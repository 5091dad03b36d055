"""Everything about one task: fields, arrows, checklist, notes, passes and history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from textual import events
from textual.message import Message
from textual.reactive import var

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.calendar import day_of
from tracker.domain.change import Record
from tracker.domain.model import Link, Pass, Task
from tracker.domain.workspace import Workspace
from tracker.language import _, say
from tracker.tui.text import field_texts
from tracker.tui.text.fitting import Line, wrap
from tracker.tui.widgets.choices import Passage
from tracker.wording import show
from tracker.wording.figures import day_words, duration, long_day, moment, percent
from tracker.wording.show import UNICODE, Glyphs, Piece

# Beyond this, the right end of a line is too far from its left one.
_WIDEST = 110
# From this width on, names of parts stand beside them and not above.
_BESIDE = 64
# How much of the notes and the past the side panel shows.
_SHORT = 6


class Place(NamedTuple):
    """What a line leads to: another task, or an item of the checklist by its index."""

    kind: Literal["task", "item"]
    number: int


class Entry(NamedTuple):
    """A line of the detail, and where it leads."""

    line: Line
    place: Place | None = None


class DetailPane(Passage):
    """One task of a workspace. With `full`, everything, and a cursor on what leads somewhere."""

    DEFAULT_CSS = """
    DetailPane { height: 1fr; }
    """

    workspace: var[Workspace] = var(Workspace, init=False)
    today: var[date] = var(date.min, init=False)
    task_id: var[int | None] = var(None, init=False)

    class Taken(Message):
        """Enter on a line that leads somewhere, or a click there."""

        def __init__(self, place: Place) -> None:
            super().__init__()
            self.place = place

    def __init__(
        self,
        *,
        full: bool = False,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._full, self._glyphs = full, glyphs
        self.entries: list[Entry] = []
        self._past: Sequence[Record] = ()
        self._at = -1

    def watch_workspace(self) -> None:
        """Show the task as it is now."""
        self.rebuild()

    def watch_today(self) -> None:
        """Show what is late on another day."""
        self.rebuild()

    def watch_task_id(self) -> None:
        """Show another task, from the top."""
        self._past = ()
        self._at = -1
        self.scroll_to(y=0, animate=False)
        self.rebuild()

    def show_history(self, records: Sequence[Record]) -> None:
        """Show the records that touch the task."""
        self._past = records
        self.rebuild()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Wrap to the new width."""
        self.rebuild()

    def rebuild(self) -> None:
        """Compose the lines anew; those that stay the same are not painted again."""
        cells = min(_WIDEST, self._cells)
        if cells <= 0 or not self.is_attached:
            return
        before = self.place
        task = self.workspace.tasks.get(self.task_id or 0)
        if task is None:
            self.entries = [Entry(((_("No task is selected."), "dim"),))]
        else:
            told = entries(
                self.workspace, task, self.today, cells, self._glyphs, self._full, self._past
            )
            self.entries = list(told)
        if self._full:
            places = [i for i, entry in enumerate(self.entries) if entry.place]
            same = (i for i in places if self.entries[i].place == before)
            self._at = next(same, places[0] if places else -1)
        self._put()

    @property
    def place(self) -> Place | None:
        """Where the line under the cursor leads."""
        return self.entries[self._at].place if 0 <= self._at < len(self.entries) else None

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
        self.post_message(self.Taken(place))
        return True

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click follows."""
        at = self.scroll_offset.y + event.y
        if self._full and at < len(self.entries) and self.entries[at].place:
            if at == self._at and event.chain > 1:
                self.take()
            self._at = at
            self._put()

    def _put(self) -> None:
        lines: list[Line] = []
        for i, entry in enumerate(self.entries):
            if i == self._at and self._full and entry.place:
                text = "".join(text for text, _style in entry.line)
                lines.append(((terminal_text.fit(text, self._cells), "cursor"),))
            else:
                lines.append(entry.line)
        self.put(lines)


def entries(
    ws: Workspace,
    task: Task,
    today: date,
    cells: int,
    glyphs: Glyphs,
    full: bool,
    past: Sequence[Record] = (),
) -> Iterator[Entry]:
    """Yield the lines about a task."""
    for line in wrap([(show.name(ws, task.id), "title")], cells):
        yield Entry(line)
    for line in wrap(list(_standing(ws, task, today, glyphs)), cells):
        yield Entry(line)
    layout = Layout.of(cells)
    room = cells - layout.below
    blocks: tuple[tuple[int, Iterable[Part]], ...] = (
        (layout.beside, _fields(ws, task, today, cells - layout.beside)),
        (layout.below, _arrows(ws, task, room, glyphs)),
        (layout.below, [(_("Checklist"), list(_checklist(task, room)))]),
        (layout.below, [(_("Notes"), list(_notes(task, room, full)))]),
        (layout.below, [(_("Passes"), list(_passes(ws, task, today, room, full)))]),
        (layout.below, [(_("History"), list(_history(task, past, room)))]),
    )
    for margin, parts in blocks:
        block = [(name, told) for name, told in parts if told]
        if block:
            yield Entry(())
        for name, told in block:
            yield from layout.part(name, told, margin)


class Layout(NamedTuple):
    """How parts stand under their names: beside them where there is room, else below."""

    cells: int
    beside: int
    below: int

    @classmethod
    def of(cls, cells: int) -> Layout:
        """Return the layout for a width: the cells left of what stands beside or below a name."""
        names = [field_texts.label(field) for field in field_texts.FIELDS]
        if cells < _BESIDE:
            return cls(cells, max(map(terminal_text.width, names)) + 1, 2)
        names += [_("Needs"), _("Needed by"), _("Back from"), _("May go back to"), _("History")]
        margin = max(map(terminal_text.width, names)) + 2
        return cls(cells, margin, margin)

    def part(self, name: str, told: Sequence[Entry], margin: int) -> Iterator[Entry]:
        """Yield a part with its name, `margin` cells from the left."""
        first = terminal_text.fit(name, margin)
        if margin < self.beside:
            yield Entry(((terminal_text.cut(name, self.cells), "dim"),))
            first = " " * margin
        for entry in told:
            yield Entry(((first, "dim"), *entry.line), entry.place)
            first = " " * margin


Part = tuple[str, list[Entry]]


def _standing(ws: Workspace, task: Task, today: date, glyphs: Glyphs) -> Iterator[Piece]:
    """Yield how the task stands: its state, and what is to be noticed."""
    sign = show.glyph(task.state, glyphs)
    yield f"{sign} {show.state_words(ws, task)}", show.state_style(ws, task)
    if task.state == "waiting" and task.waiting_for:
        yield f": {show.text(task.waiting_for)}", "waiting"
    for words, style in show.flags(ws, task, today, glyphs):
        yield f" {glyphs.dot} ", "dim"
        yield words, style


def _fields(ws: Workspace, task: Task, today: date, cells: int) -> Iterator[Part]:
    """Yield the fields that have a value."""

    def text(field: str) -> str:
        return show.text(field_texts.text_of(ws, task, field))

    def day(field: str) -> str:
        value = getattr(task, field)
        return long_day(value, today) if value else ""

    def days(field: str) -> str:
        value = text(field)
        return _("{n} person-days").format(n=value) if value else ""

    systems = ", ".join(
        show.text(system.name)
        + (f" ({_system_word(system.state)})" if system.state != "up" else "")
        for system in (ws.systems[key] for key in task.systems)
    )
    estimate = text("estimate")
    values = (
        ("department", text("department")),
        ("assignee", _person(ws, task.assignee)),
        ("requester", _person(ws, task.requester)),
        ("watchers", text("watchers")),
        ("project", text("project")),
        ("priority", "" if task.priority == "medium" else text("priority")),
        ("estimate", _("{n} working days").format(n=estimate) if estimate else ""),
        ("effort", days("effort")),
        ("spent", days("spent")),
        ("due", day("due")),
        ("not_before", day("not_before")),
        ("follow_up", day("follow_up")),
        ("tags", " ".join(f"#{show.text(tag)}" for tag in task.tags)),
        ("systems", systems),
        ("recurrence", text("recurrence")),
    )
    for field, value in values:
        if value:
            lines = wrap([(value, "plain")], cells)
            yield field_texts.label(field), [Entry(line) for line in lines]


def _person(ws: Workspace, key: int | None) -> str:
    person = ws.people.get(key or 0)
    if person is None:
        return ""
    name = f" ({person.name})" if person.name and person.name != person.login else ""
    return show.text(person.login + name)


def _system_word(state: str) -> str:
    return {"up": _("up"), "degraded": _("degraded"), "down": _("down")}[state]


def _arrows(ws: Workspace, task: Task, cells: int, glyphs: Glyphs) -> Iterator[Part]:
    into, out = ws.arrows_in.get(task.id, ()), ws.arrows_out.get(task.id, ())
    groups = (
        (_("Needs"), [(a, a.source) for a in into if a.kind == "needs"]),
        (_("Needed by"), [(a, a.target) for a in out if a.kind == "needs"]),
        (_("Back from"), [(a, a.source) for a in into if a.kind == "returns"]),
        (_("May go back to"), [(a, a.target) for a in out if a.kind == "returns"]),
    )
    for name, arrows in groups:
        yield (
            name,
            [
                Entry(_arrow(ws, arrow, end, cells, glyphs), Place("task", end))
                for arrow, end in arrows
            ],
        )


def _arrow(ws: Workspace, arrow: Link, end: int, cells: int, glyphs: Glyphs) -> Line:
    """Return one arrow: the task at its other end, and on the right what is to be known."""
    other = ws.tasks[end]
    look = show.state_style(ws, other)
    right: list[Piece] = [(show.state_words(ws, other), look)]
    if arrow.kind == "needs":
        if arrow.lag:
            right.insert(0, (_("{n} d lag").format(n=f"{arrow.lag:+g}") + "  ", "dim"))
    else:
        over = arrow.limit is not None and status.link_passes(ws, arrow) > arrow.limit
        told = show.passes(ws, arrow, glyphs)
        if cells < _BESIDE - 12:
            told += glyphs.alarm if over else ""
        else:
            told += f" {percent(arrow.rate)}"
            if arrow.observed:
                told += f" {glyphs.dot} {_('observed')}"
            elif arrow.rate_assumed:
                told += f" {glyphs.dot} {_('assumed')}"
            told += f" {glyphs.alarm}{_('over the limit')}" if over else ""
        right.insert(0, (told + "  ", "alarm" if over else "back"))
    side = sum(terminal_text.width(text) for text, _style in right)
    room = max(8, cells - side - 3)
    name = terminal_text.fit(show.name(ws, end), room)
    return (
        (show.glyph(other.state, glyphs) + " ", look),
        (name, "plain"),
        (" ", ""),
        *right,
    )


def _checklist(task: Task, cells: int) -> Iterator[Entry]:
    if not task.checklist:
        return
    done = sum(item.done for item in task.checklist)
    total = len(task.checklist)
    yield Entry(((_("{done} of {all} done").format(done=done, all=total), "dim"),))
    for i, item in enumerate(task.checklist):
        box, style = ("[x] ", "dim") if item.done else ("[ ] ", "plain")
        lines = wrap([(box, style), (show.text(item.text), style)], cells, indent=4)
        yield Entry(lines[0], Place("item", i))
        yield from map(Entry, lines[1:])


def _notes(task: Task, cells: int, full: bool) -> Iterator[Entry]:
    if not task.notes.strip():
        return
    if full:
        from tracker.tui.text.markdown import note_lines

        yield from map(Entry, note_lines(task.notes, cells))
        return
    typed = [line for line in task.notes.splitlines() if line.strip()]
    for text in typed[:_SHORT]:
        yield Entry(((terminal_text.cut(show.text(text.strip()), cells), "plain"),))
    if len(typed) > _SHORT:
        yield Entry((("…", "dim"),))


def _passes(ws: Workspace, task: Task, today: date, cells: int, full: bool) -> Iterator[Entry]:
    """Yield the ledger of passes, the newest first: when, how long, who opened it, and why."""
    if len(task.passes) < 2 and not (full and task.passes):
        return
    shown = task.passes if full else task.passes[-_SHORT:]
    for run in reversed(shown):
        pieces: list[Piece] = [(f"#{run.number} ", "strong")]
        pieces += [(_outcome(ws, task, run), "plain"), (f"  {_span(run, today)}", "dim")]
        yield from map(Entry, wrap(pieces, cells, indent=3))
        cause = list(_cause(ws, run))
        if cause:
            yield from map(Entry, wrap([("   ", "plain"), *cause], cells))
    if len(shown) < len(task.passes):
        yield Entry((("…", "dim"),))


def _outcome(ws: Workspace, task: Task, run: Pass) -> str:
    if run.outcome == "returned":
        where = show.name(ws, run.returned_to) if run.returned_to else ""
        return _("sent back to {task}").format(task=where) if where else _("sent back")
    if run.outcome == "done":
        return _("done")
    if run.outcome == "interrupted":
        return _("interrupted")
    return show.word(task.state)


def _span(run: Pass, today: date) -> str:
    """Return from when to when a pass went, and how long it took."""
    begun = run.started or run.opened
    if begun is None:
        return ""
    first = day_words(day_of(begun), today)
    if run.ended is None:
        return _("since {day}").format(day=first)
    last = day_words(day_of(run.ended), today)
    if run.started is None and run.outcome in ("returned", "interrupted"):
        return last  # nobody began it, so it did not last
    took = duration(run.ended - begun)
    return f"{first}, {took}" if first == last else f"{first} – {last}, {took}"


def _cause(ws: Workspace, run: Pass) -> Iterator[Piece]:
    if run.gate is not None:
        yield _("back from {task}").format(task=show.name(ws, run.gate)), "back"
    if run.who:
        who = _(" by {who}") if run.gate is not None else _("opened by {who}")
        yield who.format(who=show.text(run.who)), "dim"
    if run.reason:
        yield _(": “{reason}”").format(reason=show.text(run.reason)), "plain"
    system = ws.systems.get(run.system or 0)
    if system:
        yield f" · {show.text(system.name)}", "plain"


def _history(task: Task, records: Sequence[Record], cells: int) -> Iterator[Entry]:
    """Yield the history, the newest first: when, who, what; the task itself goes by its number."""
    itself = f"{task.id} {task.title}"
    for record in reversed(records):
        pieces: list[Piece] = [
            (f"{moment(record.at)}  ", "dim"),
            (f"{show.text(record.who)}  ", "strong"),
            (show.text(say(record.change.label).replace(itself, str(task.id))), "plain"),
        ]
        yield from map(Entry, wrap(pieces, cells, indent=2))
