"""What every view on tasks has: its lines, the workspace it follows, a focus and ways from it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from tracker import terminal_text
from tracker.domain import graph
from tracker.domain.change import Change
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import Task
from tracker.domain.scope import Scope
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.inquiry import Outlook
from tracker.flow.forecast.portfolio import project_of
from tracker.language import N_, _, ngettext
from tracker.tui import keys
from tracker.tui.aim import SELECTION_CHANGED, Aim, Subject, stopped
from tracker.tui.host import Host, follow, host_of
from tracker.tui.messages import Do
from tracker.tui.view.command_line import CommandLine
from tracker.tui.view.frame import Head, HeadCount, HeadLine, Lesson, LongMessage, StatusLine
from tracker.tui.view.going import Jump
from tracker.tui.view.kinds import KINDS
from tracker.tui.view.search import Search
from tracker.wording import show
from tracker.wording.figures import brief_days, day_words
from tracker.wording.scope_words import scope_words

if TYPE_CHECKING:
    from tracker.tui.view.prompt import Purpose

# The cells that the name of a project may take before its date, and where there is no room.
_LONGEST_PROJECT = (16, 8)
# Below this size the views still work, but show too little.
_LEAST = Size(60, 20)


class View(Screen[None]):
    """A view on tasks. A subclass shows them and says which one has the focus."""

    BINDINGS = keys.bindings("work")
    AUTO_FOCUS = ""

    DEFAULT_CSS = """
    View { layout: vertical; layers: base above; }
    View.-prompting LongMessage { margin-bottom: 1; }
    """

    # The key that leads to the view, by its id, and the places whose keys its footer shows.
    VIEW = ""
    KEYS_OF: tuple[str, ...] = ("work",)
    # What is said when a search finds nothing, and of the hit that has the focus.
    NOTHING = N_("Nothing matches {text}.")
    KEYS_FOR_HITS = N_(
        "{at}/{n} hits · {key:find_next} {key:find_back} next/previous · {key:escape} clears"
    )

    workspace: reactive[Workspace] = reactive(Workspace, repaint=False, init=False)
    outlook: reactive[Outlook | None] = reactive(None, repaint=False, init=False)
    scope: reactive[Scope] = reactive(Scope, repaint=False, init=False)
    today: reactive[date] = reactive(date.min, repaint=False, init=False)
    others: reactive[tuple[str, ...]] = reactive((), repaint=False, init=False)
    offline: reactive[bool] = reactive(False, repaint=False, init=False)
    lesson: reactive[tuple[show.Piece, ...]] = reactive((), repaint=False, init=False)

    def __init__(self) -> None:
        super().__init__()
        self.marked: frozenset[int] = frozenset()
        self.search = Search(self)
        self._command_line = CommandLine(self)
        self._jump = Jump(self)
        # The tasks that others have changed since the last key.
        self.news: frozenset[int] = frozenset()
        self.aim = Aim(self._subject, self.around)
        # Whether something has changed that is not shown yet: the workspace, the outlook.
        self._ahead: tuple[tuple[Workspace, Scope], tuple[int, ...]] | None = None
        self._stale = True
        self._outlook_stale = True
        # What was told last, also while there is no line for it yet.
        self._last_message: show.Piece | None = None
        # The first of two keys that call something together.
        self.first_key = ""

    # What a subclass is

    @abstractmethod
    def compose_view(self) -> Iterable[Widget]:
        """Make the widgets between the head line and the status line."""

    @abstractmethod
    def show_workspace(self, workspace: Workspace) -> None:
        """Show another workspace, the focus and the scroll position kept.

        The outlook, which may be about it, is shown next.
        """

    @abstractmethod
    def focus_task(self, task: int) -> bool:
        """Give a task the focus; False if it is not shown."""

    @property
    @abstractmethod
    def focused_task(self) -> int | None:
        """The task that has the focus."""

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks shown, in the order in which one would read them."""
        return self.in_scope

    @property
    def reading_order(self) -> Iterable[int]:
        """The tasks that one goes through from one to the next of a kind."""
        return (*self.shown_tasks, *self.in_scope)

    def in_sight(self) -> Sequence[int]:
        """Return what can be jumped to: tasks, or the rows of a list; the focus left out."""
        return ()

    def around(self) -> object:
        """Return what keys lead to that move the focus."""
        return [self.landmark(place) for place in self.in_sight()]

    def jump_to(self, place: int) -> None:
        """Go to something that is in sight."""
        self.focus_task(place)

    def landmark(self, place: int) -> object:
        """Return what is at a place; others may put it at another one."""
        return place

    def lose_aim(self) -> None:
        """Say that what keys were to be about has gone; the next one is about nothing."""
        self.aim.lose()
        self.host.tell_error(Refused(SELECTION_CHANGED))

    def forget(self) -> None:
        """Forget what was begun with tasks, whose numbers may be those of others now."""
        self.marked = self.news = frozenset()
        if self.is_mounted:
            self.show_marks()

    def tell_marked(self, more: str = "") -> None:
        """Say how many tasks are marked, and how many of those nothing is done to, and `more`."""
        count, hidden = len(self.marked), len(self.marked) - len(self.marks)
        told = [ngettext("{n} task marked", "{n} tasks marked", count).format(n=count)]
        if hidden:
            words = ngettext(
                "({n} is not shown: nothing is done to it)",
                "({n} are not shown: nothing is done to them)",
                hidden,
            )
            told.append(words.format(n=hidden))
        self.tell(" ".join(filter(None, (*told, more))))

    def show_labels(self, labels: Mapping[int, str]) -> None:
        """Show letters on what can be jumped to, or none any more."""

    def take_keys(self) -> None:
        """Give the keys to the view."""
        self.set_focus(None)

    def show_marks(self) -> None:
        """Show `marked`, `news` and the hits of the search after they have changed."""

    def searched(self) -> Iterable[int]:
        """The tasks among which is searched, in the order in which the hits are gone through."""
        return self.shown_tasks

    def choose(self, task: int) -> bool:
        """Give a task the focus that somebody at the screen wants; False if it is not shown."""
        found = self.focus_task(task)
        if found:
            self.aim.turn()
        return found

    def seeks(self, what: Callable[[Workspace, date], object]) -> None:
        """Heed that a key is to go to `what` there is, which may be other than could be seen."""
        seen = self.looked_at, self.host.seen_on if self.aim.unseen else self.today
        if seen != (self.workspace, self.today) and what(*seen) != what(self.workspace, self.today):
            self.aim.stray()

    def place(self) -> Callable[[], object]:
        """Return what puts the focus back to where it is now."""
        return self.back_by(lambda: None)

    def back_by(self, go: Callable[[], object]) -> Callable[[], object]:
        """Return what goes back by a way that leads to the task in focus, while that is there.

        Others may have moved the task since; where it has gone the next key is not about another.
        """
        here, before = self.focused_task, self._subject()

        def back() -> None:
            go()
            if here is not None and self.focused_task != here:
                self.focus_task(here)
            if before.known:
                self.aim.lose(before)
            else:
                self.aim.release()

        return back

    # The frame

    @property
    def host(self) -> Host:
        """The app, as far as views know it."""
        return host_of(self)

    def named(self, about: str = "") -> str:
        """Return the name of the view as shown in the head line."""
        return keys.view_name(self.VIEW, about)

    def compose(self) -> ComposeResult:
        """Put the view between its lines."""
        yield HeadLine("|" if self.host.glyphs is show.ASCII else "│")
        yield StatusLine(*self.KEYS_OF)
        yield LongMessage()
        yield Lesson()
        yield from self.compose_view()

    def on_mount(self) -> None:
        """Follow the workspace from now on."""
        self.query_one(StatusLine).message = self._last_message
        line = self.query_one(HeadLine)
        line.view = self.named()
        line.others = keys.views(but=self.VIEW)
        follow(
            self, self.app, "scope", "today", "others", "offline", "outlook", "workspace", "lesson"
        )
        self.watch_lesson()

    def watch_workspace(self, workspace: Workspace) -> None:
        """Show another workspace as soon as this view is in front."""
        self.marked = frozenset(task for task in self.marked if task in workspace.tasks)
        self._stale = True
        self._catch_up()

    def watch_scope(self) -> None:
        """Show another part of the workspace, with the marks that are in it."""
        self.marked = frozenset(task for task in self.marked if task in self.in_scope)
        self._stale = True
        self._catch_up()

    def watch_today(self) -> None:
        """Show what is late on another day."""
        self._stale = True
        self._catch_up()

    def watch_outlook(self) -> None:
        """Show another outlook as soon as this view is in front."""
        self._outlook_stale = True
        self._catch_up()

    def watch_lesson(self) -> None:
        """Show what the tutorial says, or that it is a past plan and which keys are left there."""
        for line in self.query(Lesson):
            line.pieces = self.lesson
        for status in self.query(StatusLine):
            status.past = self.host.past is not None

    def watch_others(self) -> None:
        """Show who else is here."""
        if self.is_mounted:
            self.show_head()

    def watch_offline(self) -> None:
        """Show whether the server is reached, and then what could not be read meanwhile."""
        self.watch_others()
        if not self.offline:
            self._stale = True
            self._catch_up()

    def show_outlook(self) -> None:
        """Show what is known now of when it will be over."""
        self.query_one(HeadLine).date = self._finish()

    @property
    def in_scope(self) -> Mapping[int, Task]:
        """The tasks that the views are about, in the order of their ids."""
        return self.scope.known(self.workspace).tasks(self.workspace)

    @property
    def no_tasks(self) -> str:
        """What is said where there is no task to be shown."""
        if self.workspace.tasks:
            return _("No tasks in what is looked at now.\n\n{key:scope} changes that.")
        return _("No tasks yet.\n\n{key:add} adds one.  {key:command}import FILE imports a list.")

    @property
    def projects(self) -> tuple[int, ...]:
        """The projects in scope in which something is left to do, 0 for the tasks without one."""
        about = self.workspace, self.scope
        if self._ahead is None or self._ahead[0] != about:
            # Asked for at each step of the cursor.
            self._ahead = about, self.scope.known(self.workspace).ahead(self.workspace)
        return self._ahead[1]

    @property
    def project(self) -> int:
        """The project whose figures are shown, 0 for the tasks without one.

        It is that of the focused task, or the first one where nothing is left to do in that.
        """
        known, mine = self.projects, project_of(self.workspace.tasks.get(self.focused_task or 0))
        return mine if mine in known else next(iter(known), 0)

    def focus_moved(self) -> None:
        """Show the date of the project in focus; called when another task has the focus."""
        if self.outlook is not None and len(self.projects) > 1:
            self.query_one(HeadLine).date = self._finish()

    def _finish(self) -> tuple[str, ...]:
        """Return by when the project in focus is over, in words from the longest to the shortest.

        Nothing where that is not known. In the shorter ones * says that it rests on assumptions.
        """
        found = self.outlook
        forecast = found.forecasts.get(self.project) if found else None
        if found is None or forecast is None:
            return ()
        words = _("P80 {day}").format(
            day=day_words(forecast.date_of(forecast.finish.p80), self.today)
        )
        names = ["", ""]
        if len(self.projects) > 1:
            name = show.project(self.workspace, self.project, brief=True)
            names = [f"{terminal_text.cut(name, cells)} " for cells in _LONGEST_PROJECT]
        error = ""
        if found.first(self.project) and forecast.finish.error80 >= 1:
            error = " " + _("± {days}").format(days=brief_days(math.ceil(forecast.finish.error80)))
        assumed = "".join(f" {words}" for words in self._assumed(found))
        more = "" if found.about.workspace is self.workspace else f" {self.host.glyphs.more}"
        sign = "*" * bool(assumed)
        return (
            f"{names[0]}{words}{error}{assumed}{more}",
            f"{names[0]}{words}{error}{sign}{more}",
            f"{names[1]}{words}{sign}{more}",
        )

    def _assumed(self, found: Outlook) -> Iterator[str]:
        """Yield what an outlook assumes that is not in the plan."""
        if found.about.rates == "entered":
            yield _("(rates as entered)")
        if found.about.capacity:
            yield _("(limited capacity)")
        if found.about.back_up:
            (system, day), *more = found.about.back_up
            text = _("if {system} is up on {day}").format(
                system=show.text(found.about.workspace.systems[system].name),
                day=day_words(day, self.today),
            )
            yield text + (f" {self.host.glyphs.more}" if more else "")

    def on_screen_resume(self) -> None:
        """Show what has changed while another screen was in front, and take the keys."""
        self._catch_up()
        if self.focused is None:
            self.take_keys()

    async def on_event(self, event: events.Event) -> None:
        """Show what has changed before what was shown is laid out for another size."""
        if isinstance(event, events.Resize):
            self._catch_up()
        await super().on_event(event)

    def _catch_up(self) -> None:
        if not (self.is_mounted and self.is_current):
            return
        if stale := self._stale:
            self._stale, self._outlook_stale = False, True
            self.show_workspace(self.workspace)
            self.show_head()
        if self._outlook_stale:
            self._outlook_stale = False
            if not stale:
                # What is in the order of the forecast comes into another one now.
                self.aim.hold(news=False)
            self.show_outlook()
            self.note_focus()

    def note_focus(self) -> None:
        """Note whether what keys are about still has the focus, after other things are shown."""
        self.aim.look()
        self._jump.follow()

    @contextmanager
    def arriving(self, *, last: bool = True) -> Iterator[None]:
        """Show what has been worked out beside the screen, the `last` of it or not."""
        with self.aim.arriving(last=last):
            yield
        self._jump.follow()

    def head(self) -> Head:
        """Return the head line: the project, and the counts of tasks that need attention."""
        ws, size = self.workspace, self.app.size
        if size.width < _LEAST.width or size.height < _LEAST.height:
            needs = _("Too small: {columns}×{rows}, needs {width}×{height}.")
            words = needs.format(
                width=_LEAST.width, height=_LEAST.height, columns=size.width, rows=size.height
            )
            return Head(alarm=words)
        told = self.host.tally(ws)
        counts = (
            (ngettext("{n} late", "{n} late", told.late), told.late, "late", "alarm"),
            (ngettext("{n} stuck", "{n} stuck", told.stuck), told.stuck, "stuck", "alarm"),
            (ngettext("{n} returned", "{n} returned", told.back), told.back, "came_back", "back"),
            (ngettext("{n} ready", "{n} ready", told.ready), told.ready, "ready", "plain"),
        )
        others = ", ".join(map(show.text, self.others))
        return Head(
            scope_words(ws, self.scope.known(ws)),
            (HeadCount(_("no connection"), "", "alarm"),) * self.offline
            + tuple(
                HeadCount(words.format(n=count), keys.key_of(key), style, key == "ready")
                for words, count, key, style in counts
                if count
            ),
            _("also here: {names}").format(names=others) if others else "",
        )

    def show_head(self) -> None:
        """Show the head line as things are now."""
        self.query_one(HeadLine).head = self.head()

    def on_resize(self) -> None:
        """Say so if there is too little room."""
        self.show_head()

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message in the status line until the next key, at the latest once there is one."""
        self._last_message = (show.text(message), style) if message else None
        # A view that has just come to the front has no lines for a moment.
        for line in self.query(StatusLine):
            line.message = self._last_message

    def tell_stopped(self) -> None:
        """Say of what was refused that nothing typed behind it was taken."""
        if self._last_message:
            text, style = self._last_message
            self.tell(stopped(text), style)

    def on_key(self, event: events.Key) -> None:
        """Take back the message, and take the second of two keys that call something together."""
        # What is typed in a line is not about what is selected; a click may have left the line.
        typing = bool(self.query("Prompt > Input:focus"))
        if not typing and self.aim.takes(event, second=bool(self.first_key)):
            self.tell_stopped()
            return
        line = self.query_one(StatusLine)
        if line.message is not None:
            line.message = None
        if self.news:
            self.news = frozenset()
            self.show_marks()
        if self._jump.take_key(event) or self.host.number.take_key(self, event):
            event.stop()
            event.prevent_default()
            self.first_key = ""
            return
        first, self.first_key = self.first_key, ""
        if first and (called := keys.beginning(first, *self.KEYS_OF).get(event.key)):
            event.stop()
            event.prevent_default()
            self.call_next(self._call, called.action)
        elif second := keys.beginning(event.key, *self.KEYS_OF):
            self.first_key = event.key
            ways = (f"{keys.display(name)} {_(key.word)}" for name, key in second.items())
            self.tell(
                f"{keys.display(event.key)} … " + f" {self.host.glyphs.dot} ".join(ways), "dim"
            )

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Note when the mouse was pressed."""
        self.aim.press(event)

    def on_click(self, event: events.Click) -> None:
        """Take what is clicked for what is meant from now on."""
        self.aim.click(event)

    @property
    def pointed(self) -> object:
        """What has the cursor, where keys are about more than a task; else None.

        An entity is named by its table and its id.
        """
        return None

    @property
    def in_panel(self) -> object:
        """What has the cursor in a panel beside the tasks, while that has the keys; else None."""
        return None

    def _subject(self) -> Subject:
        # Some verbs are about the focus whatever is marked.
        here = self.focused_task if self.marks else None
        place = here, self.pointed
        shown = place if any(place) else ()
        return Subject(self.selected, shown, self.in_panel, begun=bool(self.marked))

    def only_as_meant(self) -> None:
        """Raise Refused if others have put something else there than what the key was meant for."""
        meant, here = self.aim.missed(), self.focused_task
        if meant is None:
            return
        task = self.workspace.tasks.get(here or 0)
        if self.marks or not meant.tasks or task is None or here in meant.tasks:
            raise Refused(SELECTION_CHANGED)
        raise Refused(
            "What is selected has changed: it was {old} and is {new} {title} now. Press the key"
            " again if that one is meant.",
            old=meant.tasks[0],
            new=task.id,
            title=task.title,
        )

    async def _call(self, action: str) -> None:
        """Do what a key does, in the part of the view that has the keys if that knows it."""
        if self.focused is None or not await self.app.run_action(action, self.focused):
            await self.run_action(action)

    # Lines at the foot

    def action_jump(self) -> None:
        """Show letters to be typed on everything in sight."""
        self._jump.begin()

    def action_number(self) -> None:
        """Begin the number of a task."""
        self.host.number.begin(self)

    def action_find(self) -> None:
        """Open the line for a filter."""
        self.search.begin()
        self.open_prompt(self.search)

    def action_find_next(self, direction: int) -> None:
        """Go to the next hit."""
        self.search.step(direction)

    def action_command(self) -> None:
        """Open the line for a command; one that was left is there, for what is typed to replace."""
        if not self._typing_goes_on():
            with self.asking():
                # What is looked at while it is typed is what was there when it was begun.
                if self.aim.blind:
                    self.only_as_meant()
                self.open_prompt(self._command_line, self._command_line.begin(), replace=True)

    @property
    def under_way(self) -> bool:
        """Whether something has been begun that the next keys are meant for."""
        return (
            self.has_class("-prompting")
            or bool(self.first_key)
            or self._jump.under_way
            or self.host.number.under_way
        )

    def open_prompt(
        self, purpose: Purpose, text: str = "", *, asked: str = "", replace: bool = False
    ) -> None:
        """Open a line at the foot, unless there is one; with `replace` typing replaces `text`."""
        from tracker.tui.view.prompt import Prompt

        if not self._typing_goes_on():
            self.add_class("-prompting")
            self.mount(Prompt(purpose, text, asked=asked, replace=replace))

    def _typing_goes_on(self) -> bool:
        """Return whether a line is open, which has the keys again if a click took them away."""
        from tracker.tui.view.prompt import Prompt

        for line in self.query(Prompt):
            line.take_keys()
        return self.has_class("-prompting")

    def leave_line(self) -> None:
        """Leave the line at the foot, if there is one, since the view goes."""
        from tracker.tui.view.prompt import Prompt

        for line in self.query(Prompt):
            line.view_goes()

    async def on_prompt_closed(self) -> None:
        """Close the line at the foot; what was told above or beside it has room there now."""
        from tracker.tui.view.prompt import Prompt

        gone = self.query(Prompt).remove()
        self.remove_class("-prompting")
        self.take_keys()
        await gone
        for line in self.query(StatusLine):
            line.watch_message()
        self._catch_up()

    # Which tasks

    @property
    def marks(self) -> frozenset[int]:
        """The marked tasks that are shown: what cannot be seen, nothing is done to."""
        return self.marked.intersection(self.shown_tasks) if self.marked else self.marked

    @property
    def selected(self) -> tuple[int, ...]:
        """The marked tasks, or else the focused one; none if there is none."""
        return tuple(sorted(self.marks)) or tuple(filter(None, (self.focused_task,)))

    def targets(self) -> tuple[int, ...]:
        """Return the marked tasks, or else the focused one; raises Refused as `the_task` does."""
        if marks := self.marks:
            self.only_as_meant()
            return tuple(sorted(marks))
        return (self.the_task(),)

    def the_task(self) -> int:
        """Return the focused task.

        Raises Refused if there is none, or if others have put it in front in the place of the one
        before: the key may have been meant for that.
        """
        self.only_as_meant()
        task = self.focused_task
        if task is None or task not in self.workspace.tasks:
            raise Refused("No task is selected. Press {add} to add one.", add=keys.key_of("add"))
        return task

    def do(self, verb: Callable[..., Change], **fields: Any) -> None:
        """Have a verb done to the marked tasks, or else the focused one."""
        self.post_message(self.to_do(verb, **fields))

    def to_do(self, verb: Callable[..., Change], **fields: Any) -> Do:
        """Return what has a verb done to the marked tasks, or else the focused one, as shown."""
        return Do(commands.on_each(verb, self.targets(), shown=self.looked_at, **fields))

    @property
    def looked_at(self) -> Workspace:
        """What was shown when the last key was pressed, or could be seen by then."""
        return self.host.seen if self.aim.unseen else self.workspace

    def telling(self) -> AbstractContextManager[None]:
        """Report a refusal raised inside, and end the block there."""
        return self.host.telling()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Do the same where something is asked: what is typed behind a refusal was meant for it."""
        with self.telling():
            try:
                yield
            except TrackerError:
                # What is past can only be read: nothing that is typed does any harm.
                if self.host.past is None:
                    self.aim.refuse()
                raise

    # Moving

    @abstractmethod
    def action_move(self, direction: str) -> None:
        """Move the focus."""

    @abstractmethod
    def action_first(self) -> None:
        """Go to the first task."""

    @abstractmethod
    def action_last(self) -> None:
        """Go to the last task."""

    @abstractmethod
    def action_half_page(self, direction: int) -> None:
        """Move by half a page."""

    def action_follow(self, direction: int) -> None:
        """Go along an arrow; where several leave a task, the same key again goes round them."""
        with self.telling():
            ws, here = self.workspace, self.the_task()
            self.seeks(lambda ws, _day: here in ws.tasks and graph.other_ends(ws, here, direction))
            way, turn = self._walk
            if way == direction and len(turn) > 1 and turn[0] == here:
                turn = turn[1:] + turn[:1]
            else:
                turn = graph.other_ends(ws, here, direction)
            if not turn and direction > 0:
                raise Refused("No arrow leaves {task}.", task=show.name(ws, here))
            if not turn:
                raise Refused("No arrow leads to {task}.", task=show.name(ws, here))
            self._walk = (direction, turn)
            self.focus_task(turn[0])

    def action_next(self, kind: str, direction: int = 1) -> None:
        """Go to the next task of a kind in the order of reading, or to the previous one.

        Say which of how many it is. Those that are not shown come behind those that are.
        """
        ws, found = self.workspace, KINDS[kind]
        self.seeks(lambda ws, day: {t for t in ws.tasks if found.holds(ws, ws.tasks[t], day)})
        order = list(dict.fromkeys(task for task in self.reading_order if task in ws.tasks))
        wanted = [at for at, t in enumerate(order) if found.holds(ws, ws.tasks[t], self.today)]
        if not wanted:
            self.tell(_(found.nothing), "dim")
            return
        here = self.focused_task
        at = order.index(here) if here in order else -1
        if direction > 0:
            to = next((to for to in wanted if to > at), wanted[0])
        else:
            to = next((to for to in reversed(wanted) if to < at), wanted[-1])
        self.host.go_to(order[to])
        words = keys.named(_(found.told), at=wanted.index(to) + 1, n=len(wanted))
        self.host.call_after_refresh(self.host.tell, words, "plain")

    # The direction of the last step along an arrow, and the ends it goes round, this one first.
    _walk: tuple[int, tuple[int, ...]] = (0, ())

    def action_loop(self, direction: int) -> None:
        """Go to the next loop: to the gate of each return arrow in turn."""
        gates = graph.gates(self.workspace)
        self.seeks(lambda ws, _day: graph.gates(ws))
        if not gates:
            words = _("There are no return arrows yet; {key:link_return} draws one.")
            self.tell(keys.named(words), "warn")
            return
        here = self.focused_task or 0
        if direction > 0:
            gate = next((gate for gate in gates if gate > here), gates[0])
        else:
            gate = next((gate for gate in reversed(gates) if gate < here), gates[-1])
        self.focus_task(gate)
