"""What the board says in words: on its cards, beside its lanes and below itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from functools import cached_property

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.flow.board.pieces import Card, Lane, LooseEnds, Zoom
from tracker.language import _, ngettext
from tracker.tui import keys
from tracker.tui.board.arrow_words import ArrowWords
from tracker.tui.board.card_lines import CardLine
from tracker.tui.text.cells import row_width
from tracker.tui.text.fitting import hyphenated, spread_row, take
from tracker.tui.text.styles import STYLES
from tracker.wording import show
from tracker.wording.show import Glyphs, Piece

# Larger workspaces are not searched for their critical path with each change: it takes 1 ms a
# thousand tasks.
_MOST_FOR_CHAINS = 2_000


class Captions:
    """The words for one workspace on one day, in one set of glyphs."""

    def __init__(self, ws: Workspace, today: date, glyphs: Glyphs) -> None:
        self.ws, self.today, self.glyphs = ws, today, glyphs
        self._cards: dict[Card, list[list[Piece]]] = {}
        self.arrows = ArrowWords(ws, glyphs)

    # Cards

    def card(self, card: Card, zoom: Zoom, ends: LooseEnds | None = None) -> list[list[Piece]]:
        """Return the rows of a card, without the cells of its left and right edge if it has any."""
        rows = self._cards.get(card)
        if rows is None:
            task = self.ws.tasks[card.task]
            if len(card.tasks) > 1 and zoom is Zoom.OVERVIEW and self.ws.tasks[card.task].open:
                rows = [[(f"{self.glyphs.times}{len(card.tasks)}", "strong")]]
            elif len(card.tasks) > 1:
                rows = self._folded(card)
            elif zoom is Zoom.OVERVIEW:
                rows = self._tiny(task, card.width)
            elif zoom is Zoom.LINE:
                rows = self._rows(card, task, card.width, ends)
            elif card.height < 3:
                rows = self._rows(card, task, card.width - 2, ends)
            else:
                rows = self._full(task, card.width - 2, card.height)
            self._cards[card] = rows
        return rows

    def edge(self, card: Card) -> str:
        """Return the style of a card's left edge: that of its state, faint where it must wait."""
        style = show.state_style(self.ws, self.ws.tasks[card.task])
        return "dim" if style == "todo" else style

    def _title_style(self, task: Task) -> str:
        """Return a style in which tasks ready to start stand out."""
        if not task.open:
            return "dim"
        return "plain" if task.state == "todo" and status.blocked(self.ws, task) else "strong"

    def _full(self, task: Task, cells: int, height: int) -> list[list[Piece]]:
        state = self._state(task)
        counter = self._counter(task)
        alarms = self._alarms(task)
        title = hyphenated(show.name(self.ws, task.id), cells, min(2, height - 1))
        tail = counter
        if len(title) == height - 1 and alarms:
            # Beside the state; else it takes the title's second row.
            tail = self._beside(task, cells)
            if row_width([*state, *tail]) + len(tail) > cells:
                title, tail = hyphenated(show.name(self.ws, task.id), cells, height - 2), counter
        rows: list[list[Piece]] = [[(line, self._title_style(task))] for line in title]
        about = [*alarms, *self._quiet(task), *self._systems(task)]
        while len(rows) < height - 1:
            rows.append(take(about, cells))
        rows.append(spread_row(state, tail, cells))
        return rows

    def _line(self, task: Task, ends: LooseEnds | None = None) -> CardLine:
        style = show.state_style(self.ws, task)
        remarks = [*self._counter(task)]
        if status.stuck(self.ws, task):
            remarks.insert(0, (self.glyphs.alarm + _("stuck"), "alarm"))
        return CardLine(
            task,
            (show.text(task.title), self._title_style(task)),
            (show.sign(self.ws, task, self.glyphs), style),
            [*self._alarm_sign(task), *remarks],
            ends,
            self.glyphs,
        )

    def line_width(self, task: Task, letters: int) -> int:
        """Return the cells of a task's card in one row, its title cut to so many letters."""
        return self._line(task).width(letters)

    def _rows(
        self, card: Card, task: Task, cells: int, ends: LooseEnds | None
    ) -> list[list[Piece]]:
        """Return the one or two rows of a card."""
        line = self._line(task, ends)
        if card.height < 2:
            return [line.row(cells)]
        state = spread_row(self._state(task), self._beside(task, cells), cells)
        return [line.row(cells, remarks=False), state]

    def _beside(self, task: Task, cells: int) -> list[Piece]:
        """Return the alarms and the passes of a task for the row of its state.

        By how many days it is late where the word has no room.
        """
        tail = [*self._short_alarms(task), *self._counter(task)]
        if row_width([*self._state(task), *tail]) + len(tail) <= cells:
            return tail
        stuck = status.stuck(self.ws, task)
        return tail if stuck else [*self._alarm_sign(task), *self._counter(task)]

    def _tiny(self, task: Task, cells: int) -> list[list[Piece]]:
        alarm = self.glyphs.alarm if self._alarms(task) else ""
        style = "alarm" if alarm else show.state_style(self.ws, task)
        sign = show.sign(self.ws, task, self.glyphs)
        return [[(terminal_text.fit(f"{sign}{task.id}{alarm}", cells, ellipsis=""), style)]]

    def _folded(self, card: Card) -> list[list[Piece]]:
        tasks = [self.ws.tasks[task] for task in card.tasks]
        signs: list[Piece] = [
            (f"{sign}{n}", style) for (sign, style), n in Counter(map(self._sign, tasks)).items()
        ]
        if card.height == 1 and not any(task.open for task in tasks):
            return [signs]
        room = card.width - 2
        count = ngettext("{n} task", "{n} tasks", len(tasks)).format(n=len(tasks))
        if card.height == 1:
            return [take(signs, room)]
        alarms = [alarm for task in tasks for alarm in self._alarms(task)]
        return [[(terminal_text.cut(count, room), "strong")], take(signs, room), take(alarms, room)]

    def _sign(self, task: Task) -> Piece:
        return show.sign(self.ws, task, self.glyphs), show.state_style(self.ws, task)

    def _state(self, task: Task) -> list[Piece]:
        sign = show.sign(self.ws, task, self.glyphs)
        style = show.state_style(self.ws, task)
        return [(f"{sign} {show.state_words(self.ws, task)}", style)]

    def _counter(self, task: Task) -> list[Piece]:
        counter = show.rework_count(self.ws, task, self.glyphs)
        if not counter:
            return []
        return [(counter, "alarm" if status.over_limit(self.ws, task) else "back")]

    def _alarms(self, task: Task) -> list[Piece]:
        return [
            flag
            for flag in show.flags(self.ws, task, self.today, self.glyphs)
            if flag[1] == "alarm"
        ]

    def _short_alarms(self, task: Task) -> list[Piece]:
        found = []
        if status.stuck(self.ws, task):
            found.append((self.glyphs.alarm + _("stuck"), "alarm"))
        if status.late(task, self.today):
            found.append((self.glyphs.alarm + _("late"), "alarm"))
        return found

    def _alarm_sign(self, task: Task) -> list[Piece]:
        """Return by how many days a task is late, where words have no room."""
        if task.due is None or not status.late(task, self.today):
            return []
        return [(f"{self.glyphs.alarm}{(self.today - task.due).days}", "alarm")]

    def _quiet(self, task: Task) -> list[Piece]:
        """Return what is worth a line when nothing is wrong: reason, due date, who does it."""
        return [*self._reason(task), *self._due(task), *self._who(task)]

    def _reason(self, task: Task) -> list[Piece]:
        if task.state != "waiting" or not task.waiting_for:
            return []
        return [(show.text(task.waiting_for), "waiting")]

    def _due(self, task: Task) -> list[Piece]:
        if not task.open or not task.due or status.late(task, self.today):
            return []
        return [(show.due_words(task, self.today), "plain")]

    def _who(self, task: Task) -> list[Piece]:
        return [(show.person(self.ws, task.assignee), "dim")] if task.assignee else []

    def _systems(self, task: Task) -> list[Piece]:
        names = ", ".join(self.ws.systems[key].name for key in task.systems)
        return [(show.text(names), "dim")] if names else []

    # Arrows

    def passes(self, lit: Collection[int]) -> dict[int, str]:
        """Return the counters of return arrows: those used, and those highlighted."""
        found = dict(self._used)
        for key in lit:
            link = self.ws.links.get(key)
            if link is not None and link.kind == "returns":
                found[key] = show.passes_counter(self.ws, link, self.glyphs)
        return found

    @cached_property
    def _used(self) -> dict[int, str]:
        return {
            link.id: show.passes_counter(self.ws, link, self.glyphs)
            for link in self.ws.links.values()
            if link.kind == "returns" and status.link_passes(self.ws, link) > 1
        }

    # Lanes

    def lane(self, lane: Lane, cells: int, rows: int) -> list[list[Piece]]:
        """Return the head of a lane in at most `rows` rows: its name, and its work in progress."""
        department = self.ws.departments.get(lane.department or 0)
        name = department.name if department else _("(no department)")
        name = show.text(name)
        wip = self._wip(lane)
        room = max(1, rows - bool(wip))
        words = hyphenated(name, cells, room)
        if department and department.short and len(hyphenated(name, cells, 99)) > room:
            words = [terminal_text.cut(show.text(department.short), cells)]
        style = f"lane.{department.color}" if department else ""
        style = style if style in STYLES else "strong"
        head: list[list[Piece]] = [[(word, style)] for word in words]
        if wip and rows > 1:
            head.append([wip])
        elif wip and wip[1] == "alarm":
            head = [
                [
                    (terminal_text.cut(words[0], cells - 2), style),
                    (" " + self.glyphs.alarm, "alarm"),
                ]
            ]
        return head[:rows]

    def _wip(self, lane: Lane) -> Piece | None:
        department = self.ws.departments.get(lane.department or 0)
        count = self._doing[lane.department]
        limit = department.wip_limit if department else None
        if limit is None:
            return (_("{n} wip").format(n=count), "dim") if count else None
        words = _("{n}/{limit} wip").format(n=count, limit=limit)
        return (f"{words} {self.glyphs.alarm}", "alarm") if count > limit else (words, "dim")

    @cached_property
    def _doing(self) -> Counter[int | None]:
        return Counter(t.department for t in self.ws.tasks.values() if t.state == "doing")

    @cached_property
    def longest_lane_word(self) -> int:
        """The cells of the longest word in the name of a department."""
        words = (word for d in self.ws.departments.values() for word in d.name.split())
        return max((terminal_text.width(show.text(word)) for word in words), default=0)

    def longest_lane_name(self, most: int) -> int:
        """Return the cells of the longest name of a lane in one row, a short one if need be."""
        names = (show.department(self.ws, key, most) for key in self.lanes)
        return max([min(terminal_text.width(name), most) for name in names], default=0)

    @cached_property
    def lanes(self) -> Collection[int]:
        """The departments, if any task has one."""
        return self.ws.departments.keys() if len(self.ws.departments) else ()

    # Below the board

    def coming(self, tasks: int) -> list[Piece]:
        """Return a line to show until the first layout is there."""
        words = ngettext("Arranging {n} task …", "Arranging {n} tasks …", tasks)
        return [(" " + words.format(n=tasks), "dim")]

    def about(self, task: int, room: int) -> list[Piece]:
        """Return one line on a task: its whole name, its state, who does it and until when."""
        it = self.ws.tasks[task]
        # That a loop is over its limit is shown with the loop.
        alarms = [alarm for alarm in self._alarms(it) if alarm[0] != _("over the limit")]
        short, long = self._chain(task)
        tail = [*self._state(it), *alarms, *long, *self._due(it), *self._who(it)]
        left = room - 1 - sum(terminal_text.width(text) + 2 for text, _style in tail)
        name = show.name(self.ws, task)
        if left < terminal_text.width(name):
            tail = [*self._state(it), *alarms, *short, *self._due(it), *self._who(it)]
            left = room - 1 - sum(terminal_text.width(text) + 2 for text, _style in tail)
        name = terminal_text.cut(name, max(left, room // 2), ellipsis=self.glyphs.more)
        line: list[Piece] = [(f" {name}", "title")]
        for piece in (*tail, *self._reason(it)):
            line += [("  ", ""), piece]
        return line

    def together(self, card: Card, room: int) -> list[Piece]:
        """Return one line on the tasks of one card: how many, which, and how each gets its own."""
        tasks = [self.ws.tasks[task] for task in card.tasks]
        if any(task.open for task in tasks):
            words = ngettext("{n} task: {tasks}", "{n} tasks: {tasks}", len(tasks))
        else:
            words = ngettext(
                "{n} finished task: {tasks}", "{n} finished tasks: {tasks}", len(tasks)
            )
        tail = keys.named(_("{key:fold} unfolds"))
        words = words.format(n=len(tasks), tasks="{}")
        left = room - terminal_text.width(words) - terminal_text.width(tail) - 2
        names = self.arrows.names(tasks, left)
        return [(" " + words.format(names), "title"), ("  ", ""), (tail, "key")]

    def _chain(self, task: int) -> tuple[list[Piece], list[Piece]]:
        """Return that the critical path of open tasks begins here: in short, and how long it is."""
        if task not in self._chains:
            return [], []
        key = keys.key_of("longest")
        short = _("critical path ({key})").format(key=key)
        long = _("critical path: {n} tasks ({key})").format(n=self._chains[task], key=key)
        return [(short, "strong")], [(long, "strong")]

    @cached_property
    def longest(self) -> list[int]:
        """The critical path of open tasks."""
        return status.longest_chain(self.ws)

    @cached_property
    def _chains(self) -> dict[int, int]:
        """The task with which the critical path begins that can be highlighted, and its length.

        Looked for only where it is done before the next key; a chain of two is none to speak of.
        """
        if len(self.ws.tasks) > _MOST_FOR_CHAINS:
            return {}
        path = self.longest
        return {path[0]: len(path)} if len(path) > 2 else {}

    @cached_property
    def returns(self) -> bool:
        """Whether anything can come back in this plan."""
        return any(link.kind == "returns" for link in self.ws.links.values())
