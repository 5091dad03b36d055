"""Lists of projects, departments, people and systems, and the settings: to look up and to edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tracker import terminal_text
from tracker.domain.change import Record
from tracker.domain.draft import Named
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import SYSTEM_STATES, TABLE_OF, Entity, Settings, System
from tracker.domain.properties import NOUNS, PROPERTIES
from tracker.domain.verbs import upkeep
from tracker.domain.verbs.commands import Command, unless_changed
from tracker.domain.workspace import Workspace
from tracker.language import _, say
from tracker.tui.aim import SELECTION_CHANGED, Aim, Subject, stopped
from tracker.tui.dialogs.asking import AskLine, Dialog, Preview
from tracker.tui.dialogs.entity_form import EntityForm
from tracker.tui.dialogs.questions import Confirm, PickRow
from tracker.tui.host import Host, host_of, insisting
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.wording import entity_texts, show
from tracker.wording.show import Piece

# A column has at most so many cells; the last one, which gets what is left, at least these if it
# needs them, and those of its heading.
_WIDEST = 20
_LAST = 14
# The cursor before a row and the scroll bar behind it.
_AROUND = 4
# Where there is little room a heading may be wider than its column by so much.
_HEAD = 4
# The details wait until the cursor has been still for so long: they look at every task.
_STILL_SECONDS = 0.05


class MasterData(Dialog[None]):
    """Everything of one kind, each with what hangs on it; Tab goes to the next kind.

    What has the id `edit` is edited at once.
    """

    WIDE = 118
    DEFAULT_CSS = """
    MasterData {
        & > #box { height: 90%; }
        & Choices { height: 1fr; }
        & #kinds, & #heading { height: 1; }
        & #about { height: 7; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right,l", "kind(1)", show=False, priority=True),
        Binding("shift+tab,left,h", "kind(-1)", show=False, priority=True),
        Binding("a", "add", show=False),
        Binding("e", "edit", show=False),
        Binding("x", "delete", show=False),
        Binding("m", "merge", show=False),
        Binding("s", "state", show=False),
        Binding("u", "undo", show=False),
        Binding("U", "redo", show=False),
        Binding("q", "leave", show=False),
    ]

    def __init__(self, kind: type[Entity], edit: int = 0) -> None:
        super().__init__(_("Master data"), "")
        self._kind, self._edit_at_once = kind, edit
        # What is to be under the cursor once the rows are others.
        self._at: int | None = edit or None
        self._told: tuple[str, str] = ("", "")
        self.aim = Aim(
            lambda: Subject(place=((TABLE_OF[self._kind], self.query_one(Choices).key),)),
            lambda: [row.key for row in self.query_one(Choices).items],
        )
        self._timer: Timer | None = None
        self._records: list[Record] | None = None

    @property
    def _ws(self) -> Workspace:
        return self._host.workspace

    @property
    def _host(self) -> Host:
        return host_of(self)

    def body(self) -> ComposeResult:
        """The kinds, the rows of one of them, and what hangs on the row under the cursor."""
        yield Passage(self._kinds(), id="kinds")
        yield Passage(id="heading")
        yield Choices()
        yield Passage(id="about")

    def on_mount(self) -> None:
        """Follow the workspace from now on."""
        self.watch(self.app, "workspace", self._list)
        self.query_one(Choices).focus()
        if self._edit_at_once:
            self._edit(self._ws.table(self._kind).get(self._edit_at_once))

    def refit(self) -> None:
        """Fit the columns to another width."""
        self._list()

    def on_key(self, event: events.Key) -> None:
        """Know whether the key may have been meant for what has gone."""
        if self.aim.takes(event) and self._told[0]:
            self._told = (stopped(self._told[0]), self._told[1])
            self._tell()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Note when the mouse was pressed."""
        self.aim.press(event)

    def on_click(self, event: events.Click) -> None:
        """Take what is clicked for what is meant from now on."""
        self.aim.click(event)

    # What is listed

    @property
    def _entities(self) -> list[Entity]:
        return entity_texts.in_order(self._ws, self._kind)

    @property
    def _entity(self) -> Entity | None:
        """What is under the cursor."""
        if self._kind is Settings:
            return self._ws.preferences
        return self._ws.table(self._kind).get(self.query_one(Choices).key or 0)

    def _list(self) -> None:
        if not self.is_mounted or not self.query("#kinds"):
            return
        self.query_one("#kinds", Passage).put(self._kinds())
        heading, rows = self._rows()
        self.query_one("#heading", Passage).put([heading])
        self.query_one(Choices).put(rows, at=self._at)
        self._at = None
        self.aim.look()
        self.tell_keys(self._ways())
        self._tell_soon()

    def _ways(self) -> str:
        if self._host.past is not None:
            return " · ".join([_("Tab next"), _("Esc close")])
        ways = [_("Enter edit"), _("Tab next"), _("Esc close")]
        if self._kind is not Settings:
            ways[1:1] = [_("a new"), _("m merge"), _("x delete")]
        if self._kind is System:
            ways[1:1] = [_("s state")]
        return " · ".join(ways)

    def _kinds(self) -> list[Line]:
        pieces: list[Piece] = []
        for kind in NOUNS.values():
            name = _(entity_texts.LISTS[kind])
            if kind is not Settings:
                name += f" {len(self._ws.table(kind))}"
            pieces += [(f" {name} ", "cursor" if kind is self._kind else "dim"), (" ", "plain")]
        return [tuple(pieces)]

    def _rows(self) -> tuple[Line, list[ChoiceRow]]:
        """Return the heading and the rows."""
        if self._kind is Settings:
            return (), list(self._settings())
        entities = self._entities
        if not entities:
            words = _("There are none yet; a creates one, and so does naming one on a task.")
            return (), [ChoiceRow(None, ((words, "dim"),))]
        texts = [[show.text(entity_texts.called(each)) for each in entities]]
        heads = [entity_texts.name_label(self._kind)]
        for each in entity_texts.columns(self._ws, self._kind, entities):
            heads.append(entity_texts.label(self._ws, each))
            texts.append([show.text(entity_texts.text(self._ws, each, one)) for one in entities])
        last = [entity_texts.standing(self._ws, one) for one in entities]
        heading_last = entity_texts.standing_heading(self._kind)
        standing = min(max(map(terminal_text.width, last)), _LAST)
        least = max(standing, terminal_text.width(heading_last))
        room = self.room - _AROUND
        widths = _widths(heads, texts, room - least)
        heads, texts = [*heads[: len(widths)], heading_last], [*texts[: len(widths)], last]
        left = room - sum(widths) - len(widths)
        widths = [*widths, max(left, 1)]
        heading: list[Piece] = [("  ", "plain")]
        for head, width in zip(heads, widths, strict=True):
            heading += [(terminal_text.fit(head, width), "heading"), (" ", "plain")]
        rows = []
        for entity, *cells in zip(entities, *texts, strict=True):
            down = isinstance(entity, System) and entity.state != "up"
            styles = ["alarm" if down else "plain"] * len(cells)
            pieces: list[Piece] = []
            for cell, width, style in zip(cells, widths, styles, strict=True):
                pieces += [(terminal_text.fit(cell, width), style), (" ", "plain")]
            rows.append(ChoiceRow(entity.id, tuple(pieces)))
        return tuple(heading), rows

    def _settings(self) -> Iterator[ChoiceRow]:
        ws = self._ws
        known = PROPERTIES[Settings]
        width = max(terminal_text.width(entity_texts.label(ws, each)) for each in known) + 2
        for each in known:
            name = terminal_text.fit(entity_texts.label(ws, each), width)
            value = show.text(entity_texts.text(ws, each, ws.preferences)) or "–"
            yield ChoiceRow(each.name, ((name, "dim"), (value, "plain")))

    # What hangs on it

    @on(Choices.Pointed)
    def _tell_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_STILL_SECONDS, self._tell)

    def _tell(self) -> None:
        if not self.query("#about"):
            return
        lines: list[Line] = [()]
        text, style = self._told
        if text and style == "error":
            lines += wrap_pieces([("! ", "alarm"), (text, "plain")], self.room, indent=2)
        elif text:
            lines += wrap_pieces([(text, style)], self.room)
        for head, names in self._about():
            lines += wrap_pieces([(f"{head}: ", "dim"), (names, "plain")], self.room, indent=2)
        self.query_one("#about", Passage).put(lines)

    def _about(self) -> Iterator[tuple[str, str]]:
        entity = self._entity
        if self._kind is Settings:
            key = self.query_one(Choices).key
            yield from (
                (entity_texts.label(self._ws, each), say(each.hint))
                for each in PROPERTIES[Settings]
                if each.name == key
            )
        elif entity is not None:
            if isinstance(entity, System):
                now = self._host.now()
                yield from entity_texts.outage(self._ws, entity, now, self._records)
                if self._records is None:
                    self._read_records()
            yield from entity_texts.hanging(self._ws, entity)

    @work(thread=True, exclusive=True, group="records")
    def _read_records(self) -> None:
        """Read the history, of which alone one knows how long a system was down."""
        found = [*self._host.history()]
        self._host.from_thread(self._take_records, found)

    def _take_records(self, found: list[Record]) -> None:
        self._records = found
        self._tell()

    # Keys

    def action_kind(self, by: int) -> None:
        """Show the next kind, or the one before."""
        kinds = list(NOUNS.values())
        self._kind = kinds[(kinds.index(self._kind) + by) % len(kinds)]
        self._told = ("", "")
        self._list()
        self.aim.release()

    @on(Choices.Taken)
    def action_edit(self) -> None:
        """Open the form of what is under the cursor."""
        self._edit(self._entity)

    def action_add(self) -> None:
        """Open the form of something new."""
        if self._kind is not Settings:
            self._edit(None, new=True)

    @work
    async def _edit(self, entity: Entity | None, *, new: bool = False) -> None:
        if (entity is None and not new) or self._only_read(about_one=not new):
            return
        at = self.query_one(Choices).key if self._kind is Settings else None
        today = self._host.now().today
        form = EntityForm(self._ws, self._kind, entity, today, at=at)

        async def attempt(values: dict[str, object]) -> None:
            record = await self._host.carry_out(form.command(values))
            born = record.change.born(self._kind)
            self._at = born[0].id if born else None
            self._said(record)

        await self.app.push_screen_wait(form.trying(attempt))

    @work
    async def action_delete(self) -> None:
        """Delete what is under the cursor; what names it is moved to another one first."""
        entity = self._entity
        if entity is None or self._kind is Settings or self._only_read():
            return
        if upkeep.users_of(self._ws, entity):
            await self._move(entity, _("Delete {name}"))
            return
        name = show.text(entity_texts.called(entity))
        sure = Confirm(_("Delete {task}?").format(task=name), _("delete"), _("keep"))
        if await self.app.push_screen_wait(sure):
            kind = cast("type[Named]", self._kind)
            delete = partial(upkeep.delete, kind=kind, name=entity.id)
            await self._carry_out(unless_changed(delete, entity, name))

    @work
    async def action_merge(self) -> None:
        """Merge what is under the cursor into another one."""
        entity = self._entity
        if entity is not None and self._kind is not Settings and not self._only_read():
            await self._move(entity, _("Merge {name} into another one"))

    async def _move(self, entity: Entity, title: str) -> None:
        others = [each for each in self._entities if each.id != entity.id]
        name = show.text(entity_texts.called(entity))
        into = await self.app.push_screen_wait(
            MoveAway(self._ws, title.format(name=name), entity, others)
        )
        if into is not None:
            kind = cast("type[Named]", self._kind)
            self._at = into
            merge = partial(upkeep.merge, kind=kind, name=entity.id, into=into)
            await self._carry_out(unless_changed(merge, entity, name))

    @work
    async def action_state(self) -> None:
        """Ask how a system is, and why."""
        system, ws = self._entity, self._ws
        if not isinstance(system, System) or self._only_read():
            return
        name = show.text(system.name)
        rows = [ChoiceRow(each, ((show.system_word(each), "plain"),)) for each in SYSTEM_STATES]
        state = await self.app.push_screen_wait(PickRow(name, rows, at=system.state))
        if state is None:
            return
        put = partial(upkeep.set_system, system=system.id, state=state)
        if state == "up":
            await self._carry_out(partial(put, why="", seen=system))
            return

        carry_out = insisting(
            self._host,
            lambda why, seen: partial(put, why=why, seen=seen.systems.get(system.id)),
            ws,
        )

        async def attempt(why: str) -> None:
            self._said(await carry_out(why))

        line: Dialog[str] = AskLine(
            f"{name}: {show.system_word(state)}",
            _("The reason; it may stay empty."),
            value=system.why if system.state != "up" else "",
            check=lambda text: Preview(text.strip()),
            about=("why", system.id, state),
        )
        await self.app.push_screen_wait(line.trying(attempt))

    def action_undo(self) -> None:
        """Take back the newest of one's own changes."""
        self._host.undo()

    def action_redo(self) -> None:
        """Bring back what was taken back."""
        self._host.redo()

    def _only_read(self, *, about_one: bool = True) -> bool:
        """Return whether nothing can be changed now, and say why.

        That is so in a past plan, and where others have taken away what the key may be meant for.
        """
        try:
            self._host.only_now()
            if about_one and self.aim.missed():
                raise Refused(SELECTION_CHANGED)
        except TrackerError as error:
            self._refused(error)
            return True
        return False

    def _refused(self, error: TrackerError) -> None:
        self._told = (show.text(say(error)), "error")
        self._tell()

    async def _carry_out(self, command: Command) -> None:
        try:
            self._said(await self._host.carry_out(command))
        except TrackerError as error:
            self._refused(error)

    def _said(self, record: Record) -> None:
        self._told = (show.text(say(record.change.label)), "info")
        self._records = None
        self._list()
        self.aim.release()


class MoveAway(Dialog[int]):
    """What names something, and the others to which all of that may be moved; answers with one."""

    DEFAULT_CSS = """
    MoveAway Choices { max-height: 8; }
    MoveAway Passage { max-height: 9; }
    """

    def __init__(self, ws: Workspace, title: str, entity: Entity, others: Sequence[Entity]) -> None:
        super().__init__(title, _("↑↓ choose · Enter move everything there · Esc cancel"))
        self._ws, self._entity, self._others = ws, entity, others

    def body(self) -> ComposeResult:
        """What hangs on it, and where it may go."""
        yield Passage(self._told())
        yield Choices(
            ChoiceRow(each.id, ((show.text(entity_texts.called(each)), "plain"),))
            for each in self._others
        )

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        lines: list[Line] = []
        for head, names in entity_texts.hanging(self._ws, self._entity):
            lines += wrap_pieces([(f"{head}: ", "dim"), (names, "plain")], self.room, indent=2)
        if not lines:
            lines = wrap_pieces([(_("Nothing names it."), "plain")], self.room)
        ask = _("Everything moves to the one chosen, and this one is deleted:")
        if not self._others:
            ask = _("There is no other one to which this could be moved.")
        return [*lines, (), *wrap_pieces([(ask, "strong")], self.room)]

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        self.dismiss(event.key)


def _widths(heads: Sequence[str], texts: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the widths of as many columns, from the first on, as leave room for the last one.

    Where not all of them do, the headings give way first.
    """
    most = [max(map(terminal_text.width, column), default=0) for column in texts]
    named = [terminal_text.width(head) for head in heads]
    left = room
    whole = [min(max(pair), _WIDEST) for pair in zip(most, named, strict=True)]
    if sum(whole) + len(whole) <= left:
        return whole
    widths: list[int] = []
    for cells, head in zip(most, named, strict=True):
        width = min(max(cells, min(head, cells + _HEAD)), _WIDEST)
        if widths and left < width + 1:
            break
        widths.append(width)
        left -= width + 1
    # What is left makes headings whole, as many as can be.
    for at in sorted(range(len(widths)), key=lambda at: whole[at] - widths[at]):
        more = min(whole[at] - widths[at], left)
        widths[at] += more
        left -= more
    return widths
