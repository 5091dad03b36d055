"""A date moved along the axis by keys: what goes with it is seen before it is set."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.timer import Timer
from textual.worker import get_current_worker

from tracker import terminal_text
from tracker.domain.change import Change
from tracker.domain.draft import Now
from tracker.domain.errors import TrackerError
from tracker.domain.model import Task
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.inquiry import Difference, differences
from tracker.flow.forecast.portfolio import project_of
from tracker.flow.forecast.stopping import StoppedError, heeding
from tracker.flow.timeline.timeline import Timeline, read
from tracker.language import _, ngettext, say
from tracker.tui import keys
from tracker.tui.calculating import calculating
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.work import WorkScreen
from tracker.wording import show, timeline_words
from tracker.wording.field_texts import label
from tracker.wording.figures import day_words
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from textual.worker import Worker

# What moving a date does to the forecast is worked out once it has been left for so long.
_IDLE_SECONDS = 0.3
# Of larger plans all that goes with it is worked out beside the screen.
_AT_ONCE = 1_000
_DAY = timedelta(days=1)
_NAMED = 4
# By key of the axis, how far a date moves.
_STEPS = {"earlier": -1, "later": 1, "days_back": -7, "days_on": 7}
_FIELDS = {"due": "due_mark", "not_before": "not_before_mark"}


class Datable(WorkScreen):
    """A view on which dates are moved."""

    @property
    @abstractmethod
    def timeline(self) -> Timeline | None:
        """The plan in time that was read last."""

    @abstractmethod
    def draw_plan(self, other: Timeline | None) -> None:
        """Draw another plan in the lines of this one, or this one again."""

    @abstractmethod
    def scroll_to_day(self, day: date) -> None:
        """Have a day in sight."""


class DateMoves:
    """The date that is being moved on a timeline, of the marked tasks or of the focused one."""

    def __init__(self, screen: Datable) -> None:
        self._screen = screen
        self.field = ""
        self._tasks: tuple[int, ...] = ()
        self._seen: dict[int, Task] = {}
        self.day: date | None = None
        self._other: Timeline | None = None
        self._difference: Difference | None = None
        self._problem = ""
        self._timer: Timer | None = None
        self._worker: Worker[None] | None = None

    @property
    def under_way(self) -> bool:
        """Whether a date is being moved."""
        return bool(self.field)

    def begin(self, field: str) -> None:
        """Begin to move a date; raises Refused in the past, and if there is no task."""
        screen, found = self._screen, self._screen.timeline
        screen.host.only_now()
        here, self._tasks = screen.the_task(), screen.targets()
        if found is None:
            return
        tasks, bar = screen.workspace.tasks, found.bar(here)
        self._seen = {key: tasks[key] for key in self._tasks}
        planned = bar.left or (screen.today, screen.today)
        day = getattr(tasks[here], field) or planned[field == "due"]
        self.field = field
        self._show_standing()
        self._go(day)

    def end(self) -> None:
        """Leave the plan as it was."""
        self._stop()
        self.field, self.day, self._other, self._difference = "", None, None, None
        self._show_standing()
        self._screen.draw_plan(None)

    def follow(self, workspace: Workspace) -> None:
        """Give it up where somebody has changed one of the tasks meanwhile."""
        if not self.under_way:
            return
        # What is being worked out is about another plan.
        self._stop()
        self._other = None
        if any(workspace.tasks.get(key) != task for key, task in self._seen.items()):
            self.end()
            # The next keys may be meant for the date.
            self._screen.lose_aim()
            self._screen.tell(_("Somebody has changed the task; nothing was moved."), "warn")

    def go_on(self) -> None:
        """Show what goes with the date in a plan that has been read anew."""
        if self.under_way:
            self._go(self.day)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        if self._worker is not None:
            self._worker.cancel()

    # What goes with it

    def _go(self, day: date | None) -> None:
        """Move to a day, or to none, and show what goes with it."""
        self._stop()
        screen, found = self._screen, self._screen.timeline
        self.day, self._difference, self._problem = day, None, ""
        if found is None:
            return
        try:
            change = self._command(screen.workspace, screen.host.now())
            other = screen.workspace.apply(change)
        except TrackerError as error:
            self._problem = say(error)
            self._other = None
            screen.draw_plan(None)
            return
        # A due date moves nothing else: only its own mark is drawn anew.
        self._other = found.with_tasks(other)
        if day is not None:
            screen.scroll_to_day(day)
        if self.field == "due":
            screen.draw_plan(self._other)
            return
        capacity = screen.host.capacity
        if not capacity and len(other.tasks) <= _AT_ONCE:
            back_up = screen.host.back_up
            self._other = read(other, screen.today, back_up=back_up, baseline=found.baseline)
        screen.draw_plan(self._other)
        self._timer = screen.set_timer(_IDLE_SECONDS, partial(self._foresee, other))

    @property
    def _command(self) -> Callable[[Workspace, Now], Change]:
        fields: dict[str, Any] = {self.field: self.day}
        return partial(commands.edit_tasks, tasks=self._tasks, seen=dict(self._seen), **fields)

    def _foresee(self, other: Workspace) -> None:
        self._worker = self._screen.run_worker(
            partial(self._work_out, other), thread=True, exclusive=True, group="moving"
        )

    @calculating
    def _work_out(self, other: Workspace) -> None:
        """Work out what goes with it, and then what it does to P80; runs in a thread."""
        screen, worker = self._screen, get_current_worker()
        host, ws, about = screen.host, screen.workspace, screen.outlook
        capacity, back_up = host.capacity, host.back_up
        try:
            beside = screen.timeline.baseline if screen.timeline else None
            found = read(
                other,
                screen.today,
                capacity=capacity,
                back_up=back_up,
                baseline=beside,
                heed=heeding(lambda: worker.is_cancelled),
            )
            host.from_thread(self._take, other, found)
            project = project_of(other.tasks[self._tasks[0]])
            fits = about is not None and about.about.workspace is ws
            known = about.finishes.get(project) if about and fits else None
            for difference in differences(
                ws,
                other,
                screen.today,
                project,
                host.rates,
                known,
                capacity=capacity,
                back_up=back_up,
                stopped=lambda: worker.is_cancelled,
            ):
                if worker.is_cancelled:
                    return
                host.from_thread(self._take, other, found, difference)
                if len(other.tasks) > _AT_ONCE:
                    return
        except StoppedError:
            return
        except TrackerError:
            return  # why there is no forecast is told where that stands

    def _take(
        self, other: Workspace, found: Timeline, difference: Difference | None = None
    ) -> None:
        if self.under_way and self._other is not None and self._other.ws is other:
            self._other, self._difference = found, difference
            self._screen.draw_plan(found)

    @property
    def told(self) -> list[Piece]:
        """What goes with it, in words."""
        screen, found, other = self._screen, self._screen.timeline, self._other
        if not self.under_way or found is None:
            return []
        day = day_words(self.day, screen.today) if self.day else _("none")
        pieces: list[Piece] = [(f"{label(self.field)}: {day}", "strong")]
        apart: Piece = (f" {screen.host.glyphs.dot} ", "dim")
        if self._problem or other is None:
            return [*pieces, apart, (self._problem, "error")]
        parts = self._due_words(other) if self.field == "due" else self._moved_words(found, other)
        for part in parts:
            pieces += [apart, part]
        return pieces

    def _due_words(self, other: Timeline) -> list[Piece]:
        bar = other.bar(self._tasks[0])
        if self.day is None or bar.left is None or len(self._tasks) > 1:
            return [(_("no other task moves"), "plain")]
        planned, today = bar.left[1], self._screen.today
        fits = planned <= self.day
        words = _("fits: planned end {day}") if fits else _("too soon: planned end {day}")
        told = words.format(day=day_words(planned, today))
        return [(told, "info" if fits else "alarm"), (_("no other task moves"), "dim")]

    def _moved_words(self, found: Timeline, other: Timeline) -> list[Piece]:
        today, arrow = self._screen.today, self._screen.host.glyphs.right
        moved = found.moved(other)
        parts: list[Piece] = []
        if moved:
            named = ", ".join(
                f"{task} {timeline_words.difference(days)}"
                for task, days in list(moved.items())[:_NAMED]
            )
            more = f" {self._screen.host.glyphs.more}" if len(moved) > _NAMED else ""
            words = ngettext("moves {n} task: {named}", "moves {n} tasks: {named}", len(moved))
            parts.append((words.format(n=len(moved), named=named + more), "warn"))
        else:
            parts.append((_("no task moves"), "info"))
            if all(other.ws.tasks[key].state == "doing" for key in self._tasks):
                parts.append((_("what has begun is not put off"), "warn"))
        scope = self._screen.in_scope
        ends = found.finish(scope), other.finish(scope)
        if ends[0] and ends[1] and ends[0] != ends[1]:
            before, after = (day_words(day, today) for day in ends if day)
            words = _("planned end {day}").format(day=f"{before} {arrow} {after}")
            parts.append((words, "alarm" if ends[1] > ends[0] else "info"))
        elif moved:
            parts.append((_("the planned end stays"), "info"))
        if self._difference is not None:
            before, after = (day_words(day, today) for day in self._difference.dates)
            words = before if before == after else f"{before} {arrow} {after}"
            parts.append((_("P80 {day}").format(day=words), "plain"))
        return parts

    # Keys

    def allows(self, action: str) -> bool:
        """Return whether something may be done now."""
        return not self.under_way or action == "quit"

    def take_key(self, event: events.Key) -> None:
        """Move the date, set it, or give it up; all other keys wait."""
        if not self.under_way:
            return
        event.stop()
        event.prevent_default()
        done = self._does(event.key)
        if done is None:
            words = _("Moving a date: {key:open} sets it, {key:escape} cancels.")
            self._screen.tell(keys.named(words), "warn")
        else:
            self._screen.tell("")
            done()

    def _does(self, key: str) -> Callable[[], object] | None:
        for id, step in _STEPS.items():
            if key in keys.keys_for(id):
                return partial(self._step, step)
        if key in keys.keys_for("open"):
            return self._set
        if key in (*keys.keys_for("escape"), *keys.keys_for("back")):
            return self.end
        if key in (*keys.keys_for("delete"), "backspace", "delete"):
            return partial(self._go, None)
        if key in keys.keys_for(_FIELDS[self.field]):
            return self._type
        return None

    def _step(self, days: int) -> None:
        with suppress(OverflowError):
            self._go((self.day or self._screen.today) + days * _DAY)

    def _set(self) -> None:
        if self._problem:
            self._screen.tell(self._problem, "error")
            return
        store = self._store(self._command, self._tasks, self.field, self.day)
        self.end()
        self._screen.run_worker(store)

    async def _store(
        self, command: commands.Command, tasks: tuple[int, ...], field: str, day: date | None
    ) -> None:
        """Store a date of tasks; one that is refused is moved again from where it was."""
        screen = self._screen
        try:
            await screen.host.carry_out(command)
        except TrackerError as error:
            with screen.telling():
                # Where somebody has deleted one, another may have the focus by now.
                if screen.targets() == tasks:
                    self.begin(field)
                    self._go(day)
            screen.host.tell_error(error)
            # Enter pressed once more was meant for what is not there any more.
            screen.aim.refuse()

    def _type(self) -> None:
        field = self.field
        self.end()
        self._screen.action_field(field)

    def _show_standing(self) -> None:
        """Say at the foot of the view what is being done, and by which keys."""
        line = self._screen.query_one(StatusLine)
        if not self.under_way:
            line.standing = ()
            return
        first, ws = self._tasks[0], self._screen.workspace
        whose = show.name(ws, first) if len(self._tasks) == 1 else str(len(self._tasks))
        cut = terminal_text.cut(whose, max(self._screen.size.width // 5, 8))
        pieces: list[Piece] = [(f" {label(self.field)} · {cut} ", "head"), ("  ", "")]
        for ids, word in (
            (("earlier", "later"), _("a day")),
            (("days_back", "days_on"), _("a week")),
            (("open",), _("set")),
            (("escape",), _("cancel")),
            (("delete",), _("no date")),
            ((_FIELDS[self.field],), _("type it")),
        ):
            pieces += [(" ".join(map(keys.key_of, ids)), "key"), (f" {word}  ", "dim")]
        line.standing = tuple(pieces)
