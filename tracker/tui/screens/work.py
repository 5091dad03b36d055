"""What every view has on which tasks are worked: its lines, its keys and the verbs behind them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import events, work
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tracker.domain import arrows, commands, graph, status
from tracker.domain.change import Change
from tracker.domain.errors import BadInput, Refused, TrackerError
from tracker.domain.model import PRIORITIES, Task
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.tui import keys, show
from tracker.tui.messages import Do
from tracker.tui.widgets.frame import HeadLine, StatusLine

if TYPE_CHECKING:
    from tracker.tui.app import TrackerApp
    from tracker.tui.widgets.prompt import Prompt


# Below this the views still stand, but too little of them is seen.
_LEAST = Size(60, 20)


class WorkScreen(Screen[None]):
    """A view on tasks. A subclass shows them and says which one has the focus."""

    BINDINGS = keys.bindings("work")
    AUTO_FOCUS = ""

    DEFAULT_CSS = """
    WorkScreen { layout: vertical; }
    """

    # The name of the view in its head line, and the places whose keys its footer shows.
    VIEW = ""
    KEYS_OF: tuple[str, ...] = ("work",)

    def __init__(self) -> None:
        super().__init__()
        self.workspace = Workspace()
        self.marked: frozenset[int] = frozenset()
        self.hits: tuple[int, ...] = ()
        self._stale = True
        self._pressed_g = False

    # What a subclass is

    @abstractmethod
    def compose_view(self) -> Iterable[Widget]:
        """Make the widgets between the head line and the status line."""

    @abstractmethod
    def show_workspace(self, workspace: Workspace) -> None:
        """Show another workspace, the focus and the scroll position kept."""

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
        return self.workspace.tasks

    def show_marks(self) -> None:
        """Show `marked` and `hits` after they have changed."""

    # The frame

    @property
    def tracker(self) -> TrackerApp:
        """The app, by its own type."""
        return cast("TrackerApp", self.app)

    @property
    def today(self) -> date:
        """The day it is for the person at the screen."""
        return self.tracker.today

    @property
    def me(self) -> str:
        """The person at the screen, as typed by others."""
        return self.tracker.session.who

    def compose(self) -> ComposeResult:
        """Put the view between its lines."""
        yield HeadLine()
        yield StatusLine(*self.KEYS_OF)
        yield from self.compose_view()

    def on_mount(self) -> None:
        """Follow the workspace from now on."""
        self.query_one(HeadLine).view = _(self.VIEW)
        self.watch(self.app, "workspace", self._on_workspace)

    def _on_workspace(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.marked = frozenset(task for task in self.marked if task in workspace.tasks)
        self._stale = True
        if self.is_current or self.app.screen is self:
            self._catch_up()

    def on_screen_resume(self) -> None:
        """Show what has changed while another screen was in front."""
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale and self.is_mounted:
            self._stale = False
            self.show_workspace(self.workspace)
            self.query_one(HeadLine).pieces = self.head_pieces()

    def head_pieces(self) -> tuple[show.Piece, ...]:
        """Return what the head line tells: the project, and how many tasks need whom."""
        ws, size = self.workspace, self.app.size
        if size.width < _LEAST.width or size.height < _LEAST.height:
            needs = _("This needs {width}×{height} cells; there are {columns}×{rows}.")
            words = needs.format(
                width=_LEAST.width, height=_LEAST.height, columns=size.width, rows=size.height
            )
            return ((words, "alarm"),)
        ready = back = late = stuck = 0
        for task in ws.tasks.values():
            if not task.open:
                continue
            ready += status.ready(ws, task)
            back += task.state == "recheck" or task.pass_number > 1
            late += status.late(task, self.today)
            stuck += status.stuck(ws, task)
        names = [show.text(project.name) for project in ws.projects.values()]
        title = names[0] if len(names) == 1 else ngettext("{n} project", "{n} projects", len(names))
        pieces = [(" " + title.format(n=len(names)) + "  ", "title")]
        counts = (
            (ngettext("{n} late", "{n} late", late), late, "alarm"),
            (ngettext("{n} stuck", "{n} stuck", stuck), stuck, "alarm"),
            (ngettext("{n} came back", "{n} came back", back), back, "back"),
            (ngettext("{n} ready", "{n} ready", ready), ready, "plain"),
        )
        for words, count, style in counts:
            if count:
                pieces.append((words.format(n=count) + "  ", style))
        return tuple(pieces)

    def on_resize(self) -> None:
        """Say so if there is too little room."""
        self.query_one(HeadLine).pieces = self.head_pieces()

    def tell(self, message: str, style: str = "info") -> None:
        """Show a message in the status line until the next key."""
        self.query_one(StatusLine).message = (show.text(message), style)

    def on_key(self, event: events.Key) -> None:
        """Take back the message; `g g` goes to the first task."""
        line = self.query_one(StatusLine)
        if line.message is not None:
            line.message = None
        second = self._pressed_g
        self._pressed_g = event.key == "g" and not second
        if event.key == "g" and second:
            self.action_first()

    # Which tasks

    def targets(self) -> tuple[int, ...]:
        """Return the marked tasks, or else the focused one; raises Refused if there is none."""
        if self.marked:
            return tuple(sorted(self.marked))
        return (self.the_task(),)

    def the_task(self) -> int:
        """Return the focused task; raises Refused if there is none."""
        task = self.focused_task
        if task is None or task not in self.workspace.tasks:
            raise Refused("No task is selected. Press a to add one.")
        return task

    def do(self, verb: Callable[..., Change], **fields: Any) -> None:
        """Have a verb done to the marked tasks, or else the focused one."""
        chosen = self.targets()
        if len(chosen) == 1:
            self.post_message(Do(partial(verb, task=chosen[0], **fields)))
        else:
            self.post_message(Do(partial(commands.on_each, command=verb, tasks=chosen, **fields)))

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except TrackerError as error:
            self.tracker.tell_error(error)

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
        """Go along an arrow; pressed again at once, to the next arrow of the same task."""
        self._try(partial(self._follow, direction))

    def _follow(self, direction: int) -> None:
        ws = self.workspace
        here = self.the_task()
        origin, way, turn = self._walk
        if way == direction and turn and turn[0] == here:
            turn = turn[1:] + turn[:1]
        else:
            origin = here
            links = ws.arrows_out.get(here, ()) if direction > 0 else ws.arrows_in.get(here, ())
            ends = [link.target if direction > 0 else link.source for link in links]
            turn = tuple(dict.fromkeys(end for end in ends if end != here))
        if not turn:
            raise Refused(
                "No arrow leaves {task}." if direction > 0 else "No arrow leads to {task}.",
                task=show.name(ws, here),
            )
        self._walk = (origin, direction, turn)
        self.focus_task(turn[0])

    # Where the last walk along arrows began, its direction, and the ends it goes round.
    _walk: tuple[int, int, tuple[int, ...]] = (0, 0, ())

    def action_loop(self, direction: int) -> None:
        """Go to the next loop: to the gate of each return arrow in turn."""
        gates = sorted(
            {link.source for link in self.workspace.links.values() if link.kind == "returns"}
        )
        if not gates:
            self.tell(_("There are no return arrows yet; < draws one."), "warn")
            return
        here = self.focused_task or 0
        if direction > 0:
            gate = next((gate for gate in gates if gate > here), gates[0])
        else:
            gate = next((gate for gate in reversed(gates) if gate < here), gates[-1])
        self.focus_task(gate)

    # Finding

    def action_find(self) -> None:
        """Open the line for a filter."""
        self._open_prompt("/")

    def action_command(self) -> None:
        """Open the line for a command."""
        self._open_prompt(":")

    def _open_prompt(self, sign: str) -> None:
        from tracker import verbs
        from tracker.domain import query
        from tracker.tui.widgets.prompt import Prompt

        if self.query(Prompt):
            return

        def suggest(text: str, cursor: int) -> list[str]:
            if sign == ":":
                return verbs.complete(text[:cursor], self.workspace)
            return query.complete(text, cursor, self.workspace)

        self.mount(Prompt(sign, suggest=suggest))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Find as it is typed."""
        if event.sign == "/":
            self._find(event.text)

    def on_prompt_done(self, event: Prompt.Done) -> None:
        """Keep the hits, or carry out the command."""
        if event.sign == "/":
            self._close_prompt()
            if event.text.strip() and not self.hits:
                self.tell(_("Nothing matches {text}.").format(text=event.text), "warn")
            return
        if self._command(event.text.strip()):
            self._close_prompt()

    def on_prompt_left(self) -> None:
        """Close the line, and forget the hits."""
        self._close_prompt()
        self.hits = ()
        self.show_marks()

    def _close_prompt(self) -> None:
        from tracker.tui.widgets.prompt import Prompt

        for prompt in self.query(Prompt):
            prompt.remove()
        self.take_keys()

    def take_keys(self) -> None:
        """Give the keys back to the view."""
        self.set_focus(None)

    def _find(self, text: str) -> None:
        from tracker.domain import query

        line = self.query_one(StatusLine)
        ws = self.workspace
        try:
            found = query.parse_filter(text, self.today, me=self.me)
            self.hits = (
                tuple(t for t in self.shown_tasks if found.matches(ws, ws.tasks[t]))
                if text.strip()
                else ()
            )
            hits = ngettext("{n} hit", "{n} hits", len(self.hits)).format(n=len(self.hits))
            line.message = (hits, "dim") if text.strip() else None
        except BadInput as error:
            line.message = (say(error), "warn")
        self.show_marks()
        if self.hits and self.focused_task not in self.hits:
            self.focus_task(self.hits[0])

    def action_find_next(self, direction: int) -> None:
        """Go to the next hit."""
        if not self.hits:
            self.tell(_("Nothing has been searched for; / finds tasks."), "warn")
            return
        here = self.focused_task
        at = self.hits.index(here) if here in self.hits else -1 if direction > 0 else 0
        self.focus_task(self.hits[(at + direction) % len(self.hits)])

    def _command(self, text: str) -> bool:
        """Carry out what was typed after `:`; True if the line may close."""
        from tracker import verbs

        if not text:
            return True
        try:
            if text.isdigit():
                self.tracker.go_to(int(text))
            elif (action := self._action_called(text)) is not None:
                self.call_later(self.run_action, action)
            else:
                here = tuple(sorted(self.marked)) or tuple(filter(None, (self.focused_task,)))
                self.post_message(Do(verbs.parse(text, self.today, me=self.me, here=here)))
        except TrackerError as error:
            self.tracker.tell_error(error)
            return False
        return True

    def _action_called(self, text: str) -> str | None:
        """Return the action of the key whose id or word is `text`."""
        for key in keys.KEYS:
            known = (key.id, key.word.casefold(), _(key.word).casefold())
            if key.where in (*self.KEYS_OF, "app") and text.casefold() in known:
                return key.action if key.where != "app" else f"app.{key.action}"
        return None

    # States

    def action_advance(self) -> None:
        """Move the task on."""
        self._try(partial(self.do, commands.advance))

    def action_finish(self) -> None:
        """Say that the task is done."""
        self._try(partial(self.do, commands.finish))

    def action_confirm(self) -> None:
        """Confirm a recheck."""
        self._try(partial(self.do, commands.confirm))

    @work
    async def action_wait(self) -> None:
        """Ask what the task waits for."""
        from tracker.tui import typed

        with self._telling():
            tasks = self.targets()
            answer = await self.app.push_screen_wait(
                typed.wait_line(self.workspace, tasks, self.today)
            )
            if answer is not None:
                self.do(commands.wait, waiting_for=answer[0], follow_up=answer[1])

    @work
    async def action_send_back(self) -> None:
        """Ask where to and why, show what it does, and send back."""
        from tracker.tui import sendback

        with self._telling():
            gate = self.the_task()
            answer = await self.app.push_screen_wait(
                sendback.SendBack(self.workspace, gate, self.today)
            )
            if answer is not None:
                self.post_message(
                    Do(
                        partial(
                            arrows.send_back,
                            gate=gate,
                            target=answer.target,
                            reason=answer.reason,
                            system=answer.system,
                            also=answer.also,
                        )
                    )
                )

    # Arrows

    @work
    async def action_link(self) -> None:
        """Ask for the successor; where that closes a loop, ask whether it is rework."""
        from tracker.tui import dialogs

        with self._telling():
            source = self.the_task()
            target = await self.app.push_screen_wait(
                dialogs.PickTask(
                    self.workspace,
                    _("Which task needs {task}?").format(task=show.name(self.workspace, source)),
                    exclude={source},
                    preview=partial(self._link_preview, source),
                )
            )
            if target is None:
                return
            path = graph.loop_through(self.workspace, source, target)
            if not path:
                self.post_message(Do(partial(arrows.link, source=source, target=target)))
                return
            answer = await self.app.push_screen_wait(
                dialogs.LoopQuestion(self.workspace, path, source, target)
            )
            if answer is None:
                return
            if answer.turned is None:
                command = partial(arrows.link_return, gate=source, target=target)
            else:
                command = partial(arrows.turn, turned=answer.turned, source=source, target=target)
            self.post_message(Do(command))

    def _link_preview(self, source: int, target: int) -> str:
        ws = self.workspace
        path = graph.loop_through(ws, source, target)
        if path:
            return _("closes a loop: {path}").format(path=show.text(commands.path_name(ws, path)))
        return f"{show.name(ws, source)} → {show.name(ws, target)}"

    @work
    async def action_link_return(self) -> None:
        """Ask for the task that work may go back to."""
        from tracker.tui import dialogs

        with self._telling():
            gate = self.the_task()
            target = await self.app.push_screen_wait(
                dialogs.PickTask(
                    self.workspace,
                    _("Where may {task} go back to?").format(task=show.name(self.workspace, gate)),
                    prefer=graph.upstream(self.workspace, gate),
                )
            )
            if target is not None:
                self.post_message(Do(partial(arrows.link_return, gate=gate, target=target)))

    @work
    async def action_unlink(self) -> None:
        """Ask which arrow of the task is to go."""
        from tracker.tui import dialogs

        with self._telling():
            task = self.the_task()
            ws = self.workspace
            links = [*ws.arrows_in.get(task, ()), *ws.arrows_out.get(task, ())]
            if not links:
                raise Refused("{task} has no arrows.", task=show.name(ws, task))
            link = await self.app.push_screen_wait(dialogs.PickArrow(ws, task, links))
            if link is not None:
                self.post_message(Do(partial(arrows.unlink, link=link)))

    # Fields

    def action_priority(self) -> None:
        """Raise the priority by one, from the highest to the lowest."""

        def act() -> None:
            tasks = self.targets()
            old = self.workspace.tasks[tasks[0]].priority
            new = PRIORITIES[(PRIORITIES.index(old) + 1) % len(PRIORITIES)]
            self.post_message(Do(partial(commands.edit_tasks, tasks=tasks, priority=new)))

        self._try(act)

    @work
    async def action_field(self, field: str) -> None:
        """Ask for one field of the marked tasks, or else the focused one."""
        from tracker.tui import typed

        with self._telling():
            tasks = self.targets()
            answer = await self.app.push_screen_wait(
                typed.field_line(self.workspace, tasks, field, self.today, me=self.me)
            )
            if answer is not None:
                self.post_message(Do(partial(commands.edit_tasks, tasks=tasks, **answer)))

    # Editing

    @work
    async def action_add(self, after: bool = False) -> None:
        """Ask for a task in one line."""
        from tracker.tui import typed

        with self._telling():
            start = f" after:{self.the_task()}" if after else ""
            fields = await self.app.push_screen_wait(
                typed.add_line(self.workspace, self.today, value=start, me=self.me)
            )
            if fields is not None:
                self.tracker.show_new = True
                self.post_message(Do(partial(commands.add_task, **fields)))

    @work
    async def action_edit(self) -> None:
        """Ask for all fields of the task."""
        from tracker.tui import form

        with self._telling():
            task = self.the_task()
            fields = await self.app.push_screen_wait(
                form.TaskForm(self.workspace, self.workspace.tasks[task], self.today, me=self.me)
            )
            if fields:
                self.post_message(Do(partial(commands.edit_task, task=task, **fields)))

    def action_open(self) -> None:
        """Open the task."""
        self._try(lambda: self.tracker.open_task(self.the_task()))

    def action_mark(self) -> None:
        """Mark the task, or take its mark back, and go on."""
        task = self.focused_task
        if task is not None:
            self.marked ^= {task}
            self.show_marks()
            self.tell(
                ngettext("{n} task marked", "{n} tasks marked", len(self.marked)).format(
                    n=len(self.marked)
                )
            )

    def action_copy(self) -> None:
        """Put number and title of the targets on the clipboard of the terminal."""

        def act() -> None:
            tasks = self.targets()
            self.app.copy_to_clipboard("\n".join(show.name(self.workspace, t) for t in tasks))
            self.tell(
                ngettext("Copied {n} task.", "Copied {n} tasks.", len(tasks)).format(n=len(tasks))
            )

        self._try(act)

    @work
    async def action_delete(self) -> None:
        """Ask, then delete."""
        from tracker.tui import dialogs

        with self._telling():
            tasks = self.targets()
            if len(tasks) == 1:
                question = _("Delete {task}?").format(task=show.name(self.workspace, tasks[0]))
            else:
                question = ngettext("Delete {n} task?", "Delete {n} tasks?", len(tasks)).format(
                    n=len(tasks)
                )
            if await self.app.push_screen_wait(dialogs.Confirm(question, _("Delete"))):
                self.do(commands.delete_task)
                self.marked = frozenset()

    def action_undo(self) -> None:
        """Take back the last change."""
        self.tracker.undo()

    def action_redo(self) -> None:
        """Bring back what was taken back."""
        self.tracker.redo()

    # Views

    def action_refresh(self) -> None:
        """Read what others did."""
        self.tracker.follow()

    def action_view(self, name: str) -> None:
        """Show another view, the focus kept."""
        self.tracker.show_view(name, self.focused_task)

    def action_help(self) -> None:
        """List the keys."""
        from tracker.tui.help import HelpScreen

        def run(action: str | None) -> None:
            if action:
                self.call_later(self.run_action, action)

        self.app.push_screen(HelpScreen(self.KEYS_OF), run)

    def action_back(self) -> None:
        """Go back one level: forget hits, then marks, then leave the view."""
        if self.hits or self.marked:
            self.hits, self.marked = (), frozenset()
            self.show_marks()
        else:
            self.leave()

    def leave(self) -> None:
        """Leave the view."""
        self.app.exit()

    def _telling(self) -> _Telling:
        return _Telling(self.tracker)


class _Telling:
    """Tells a refusal that ends what is done inside, and lets it end there."""

    def __init__(self, app: TrackerApp) -> None:
        self._app = app

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, TrackerError):
            self._app.tell_error(error)
            return True
        return False


def title_of(ws: Workspace, tasks: tuple[int, ...]) -> str:
    """Return how the targets of a verb are called in a title."""
    if len(tasks) == 1:
        return show.name(ws, tasks[0])
    return ngettext("{n} task", "{n} tasks", len(tasks)).format(n=len(tasks))


__all__ = ["Task", "WorkScreen", "title_of"]
