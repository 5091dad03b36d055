"""The verbs behind the keys: each asks what it needs to know, then says what is to be done."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual import work
from textual.screen import Screen

from tracker import terminal_text
from tracker.domain import graph
from tracker.domain.change import Change, Record
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import LinkKind, Task
from tracker.domain.properties import NOUNS
from tracker.domain.sentence import sentence
from tracker.domain.verbs import arrows, commands
from tracker.domain.verbs.commands import Command
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.tui import keys
from tracker.tui.host import insisting
from tracker.tui.messages import Do
from tracker.tui.view.view import View
from tracker.wording import change_words, show

if TYPE_CHECKING:
    from tracker.tui.dialogs.asking import Dialog
    from tracker.tui.host import DayPart

A = TypeVar("A")

# What TERM begins with where programs have no clipboard.
_NO_CLIPBOARD = ("linux", "vt")
# So many tasks are named that would be done before those they need, and so many lines that were
# left, each in so many cells.
_ASKED, _READ = 5, 60


class WorkScreen(View):
    """A view on which tasks are worked."""

    BINDINGS = keys.bindings("work")

    def __init__(self) -> None:
        super().__init__()
        # What was put on the clipboard last.
        self._copied = ""

    async def ask(
        self, dialog: Dialog[A], make: Callable[[A, Workspace], Command]
    ) -> Record | None:
        """Open a dialog that stays until the command made of its answer has been carried out.

        It is made of what is seen now as well; see `insisting`. Returns the record of it; None
        when the dialog was left. Raises Refused in the past.
        """
        self.host.only_now()
        done: list[Record] = []
        carry_out = insisting(self.host, make, self.workspace)

        async def attempt(answer: A) -> None:
            done.append(await carry_out(answer))

        await self.app.push_screen_wait(dialog.trying(attempt))
        return done[-1] if done else None

    async def edit(self, dialog: Dialog[dict[str, Any]], tasks: tuple[int, ...]) -> None:
        """Open a dialog that stays until fields of tasks have been set, as `ask` does."""
        edit = partial(commands.edit_tasks, tasks=tasks)
        await self.ask(dialog, lambda fields, seen: partial(edit, seen=seen.tasks, **fields))

    # States

    def action_advance(self) -> None:
        """Move the task on."""
        with self.telling():
            tasks, ws = self.targets(), self.workspace
            self._do_or_ask(commands.advance, [t for t in tasks if ws.tasks[t].state == "doing"])

    def action_finish(self) -> None:
        """Say that the task is done."""
        with self.telling():
            self._do_or_ask(commands.finish, self.targets())

    def _do_or_ask(self, verb: Callable[..., Change], ends: Sequence[int]) -> None:
        """Have a verb done to the targets; ask first where it `ends` tasks before those they need.

        What need not be asked is done at once, before the next key. Raises Refused in the past.
        """
        self.host.only_now()
        if early := change_words.too_early(self.workspace, ends):
            self._ask_early(self.to_do(verb), early)
        else:
            self.do(verb)

    @work
    async def _ask_early(self, message: Do, early: Sequence[str]) -> None:
        from tracker.tui.dialogs.questions import Confirm

        effect = ngettext(
            "Done now, it no longer waits for that; what is open stays open.",
            "Done now, they no longer wait for that; what is open stays open.",
            len(early),
        )
        question = "\n".join([*early[:_ASKED], *["…"] * (len(early) > _ASKED), effect])
        if await self.app.push_screen_wait(Confirm(question, _("done anyway"), _("not done yet"))):
            self.post_message(message)

    def action_confirm(self) -> None:
        """Confirm a recheck."""
        with self.telling():
            self.do(commands.confirm)

    @work
    async def action_wait(self) -> None:
        """Ask what the task waits for."""
        from tracker.tui.dialogs import typed_line

        with self.asking():
            tasks = self.targets()
            await self.ask(
                typed_line.wait_line(self.workspace, tasks, self.today),
                lambda answer, seen: commands.on_each(
                    commands.wait,
                    tasks,
                    waiting_for=answer[0],
                    follow_up=answer[1],
                    seen=seen.tasks,
                ),
            )

    @work
    async def action_send_back(self) -> None:
        """Ask where to and why, show what it does, and send back."""
        from tracker.tui.dialogs import send_back

        with self.asking():
            gate = self.the_task()
            await self.ask(
                send_back.SendBack(self.workspace, gate, self.today),
                lambda answer, seen: partial(
                    arrows.send_back,
                    gate=gate,
                    target=answer.target,
                    reason=answer.reason,
                    system=answer.system,
                    also=answer.also,
                    seen=seen.tasks,
                ),
            )

    # Arrows

    def action_link(self) -> None:
        """Ask for the successor."""
        self._ask_successor()

    @work
    async def _ask_successor(self) -> None:
        from tracker.tui.dialogs import questions

        with self.asking():
            self.host.only_now()
            source = self.the_task()
            title = _("Which task needs {task}?").format(task=show.name(self.workspace, source))
            preview = partial(self._link_preview, source)
            ask = questions.PickTask(self.workspace, title, exclude={source}, preview=preview)
            target = await self.app.push_screen_wait(ask)
            if target is not None:
                self.draw("needs", source, target)

    def _link_preview(self, source: int, target: int) -> str:
        ws = self.workspace
        path = graph.loop_through(ws, source, target)
        if path:
            return _("closes a loop: {path}").format(path=show.text(commands.path_name(ws, path)))
        return f"{show.name(ws, source)} → {show.name(ws, target)}"

    def action_link_return(self) -> None:
        """Ask for the task that work may go back to."""
        self._ask_target()

    @work
    async def _ask_target(self) -> None:
        from tracker.tui.dialogs import questions

        with self.asking():
            self.host.only_now()
            gate = self.the_task()
            title = _("Where can {task} send work back to?").format(
                task=show.name(self.workspace, gate)
            )
            before = graph.upstream(self.workspace, gate)
            ask = questions.PickTask(self.workspace, title, prefer=before)
            target = await self.app.push_screen_wait(ask)
            if target is not None:
                self.draw("returns", gate, target)

    @work
    async def draw(self, kind: LinkKind, source: int, target: int) -> None:
        """Draw an arrow; where it closes a loop, ask whether it is rework."""
        from tracker.tui.dialogs import questions

        if kind == "returns":
            self.post_message(Do(partial(arrows.link_return, gate=source, target=target)))
            return
        path = graph.loop_through(self.workspace, source, target)
        if not path or source == target:
            self.post_message(Do(partial(arrows.link, source=source, target=target)))
            return

        question = questions.LoopQuestion(self.workspace, path, source, target)
        rework = await self.app.push_screen_wait(question)
        if rework is None:
            return
        if rework.turned is None:
            command = partial(arrows.link_return, gate=source, target=target)
        else:
            command = partial(arrows.turn, turned=rework.turned, source=source, target=target)
        self.post_message(Do(command))

    @work
    async def action_unlink(self) -> None:
        """Ask which arrow of the task is to go."""
        from tracker.tui.dialogs import questions

        with self.asking():
            self.host.only_now()
            task = self.the_task()
            ws = self.workspace
            links = [*ws.arrows_in.get(task, ()), *ws.arrows_out.get(task, ())]
            if not links:
                raise Refused("{task} has no arrows.", task=show.name(ws, task))
            link = await self.app.push_screen_wait(questions.PickArrow(ws, task, links))
            if link is not None:
                shown = ws.links[link]
                unlink, name = partial(arrows.unlink, link=link), arrows.arrow_name(ws, shown)
                self.post_message(Do(commands.unless_changed(unlink, shown, name)))

    # Fields

    def action_priority(self) -> None:
        """Raise the priority by one, from the highest to the lowest."""
        with self.telling():
            tasks, seen = self.targets(), self.looked_at.tasks
            self.post_message(Do(partial(commands.raise_priority, tasks=tasks, seen=seen)))

    @work
    async def action_field(self, field: str) -> None:
        """Ask for one field of the marked tasks, or else the focused one."""
        from tracker.tui.dialogs import typed_line

        with self.asking():
            tasks = self.targets()
            line = typed_line.field_line(self.workspace, tasks, field, self.today, me=self.host.who)
            await self.edit(line, tasks)

    # Editing

    @work
    async def action_add(self, after: bool = False) -> None:
        """Ask for a task in one line."""
        from tracker.tui.dialogs import typed_line

        with self.asking():
            start = f" {typed_line.field_key('after')}:{self.the_task()}" if after else ""
            line = typed_line.add_line(self.workspace, self.today, value=start, me=self.host.who)

            def add(lines: Sequence[dict[str, Any]], _seen: Workspace) -> Command:
                # Others may have ended one while it was typed.
                known = self.scope.known(self.workspace).projects
                project = known[0] if len(known) == 1 else None
                return partial(commands.add_tasks, lines=lines, project=project)

            record = await self.ask(line, add)
            if record is not None and len(born := record.change.born(Task)) == 1:
                self.host.go_to(born[0].id)
                # What is typed behind it is about that, seen or not.
                self.aim.release()

    @work
    async def action_edit(self) -> None:
        """Ask for all fields of the task."""
        from tracker.tui.dialogs import task_form

        with self.asking():
            task = self.the_task()
            fields = task_form.TaskForm(
                self.workspace, self.workspace.tasks[task], self.today, me=self.host.who
            )
            await self.edit(fields, (task,))

    @work
    async def action_notes(self) -> None:
        """Have the notes of the task written in an editor."""
        from tracker.tui.terminal import editor

        with self.asking():
            self.host.only_now()
            task = self.the_task()
            seen = self.workspace.tasks[task]
            path = editor.put(seen.notes, str(task))
            kept = sentence("What you wrote is in {file}.", file=str(path))
            try:
                editor.edit(self.app, path)
                await self._take_notes(path, seen)
            except asyncio.CancelledError:
                self.host.note_leaving(kept)
                raise
            except TrackerError as error:
                if not path.exists():
                    raise
                self.host.note_leaving(kept)
                raise Refused(
                    sentence(
                        "{problem} What you wrote is in {file}.",
                        problem=error.sentence,
                        file=str(path),
                    )
                ) from None
            editor.discard(path)

    async def _take_notes(self, path: Path, seen: Task) -> None:
        """Store the notes of a task as they were written into a file; raises TrackerError."""
        try:
            written = path.read_text("utf-8").rstrip()
        except (OSError, UnicodeDecodeError):
            raise Refused(
                "{file} is not text in UTF-8; nothing was changed.", file=str(path)
            ) from None
        # Read with \n at the end of each line, whatever is stored there.
        if written == "\n".join(re.split("\r\n?|\n", seen.notes)).rstrip():
            self.tell(_("No change."), "dim")
        else:
            await self.host.carry_out(
                partial(commands.edit_task, task=seen.id, seen={seen.id: seen}, notes=written)
            )

    def action_open(self) -> None:
        """Open the task."""
        with self.telling():
            self.host.open_task(self.the_task())

    def action_mark(self) -> None:
        """Mark the task, or take its mark back, and go on."""
        with self.telling():
            self.marked ^= {self.the_task()}
            self.show_marks()
            self.tell_marked()

    def action_copy(self) -> None:
        """Put number and title of the targets on the clipboard of the terminal."""
        with self.telling():
            tasks = self.targets()
            names = (
                terminal_text.clean(commands.task_name(self.workspace, task)) for task in tasks
            )
            self.copied(
                "\n".join(names),
                ngettext("Copied {n} task.", "Copied {n} tasks.", len(tasks)).format(n=len(tasks)),
            )

    def copied(self, text: str, told: str) -> None:
        """Put a text on the clipboard of the terminal, and say so; the second time show it.

        A terminal does not answer whether it has one: some have none, and some forbid it.
        """
        again, self._copied = text == self._copied, text
        self.app.copy_to_clipboard(text)
        if again or os.environ.get("TERM", "").startswith(_NO_CLIPBOARD):
            from tracker.tui.dialogs.questions import CopiedText

            self.app.push_screen(CopiedText(text))
        else:
            self.tell(keys.named(_("{told} {key:copy} again shows it."), told=told))

    @work
    async def action_delete(self) -> None:
        """Ask, then delete."""
        from tracker.tui.dialogs import questions

        with self.telling():
            self.host.only_now()
            tasks, delete = self.targets(), self.to_do(commands.delete_task)
            if len(tasks) == 1:
                question = _("Delete {task}?").format(task=show.name(self.workspace, tasks[0]))
            else:
                question = ngettext("Delete {n} task?", "Delete {n} tasks?", len(tasks)).format(
                    n=len(tasks)
                )
            sure = questions.Confirm(question, _("delete"), _("keep"))
            if await self.app.push_screen_wait(sure):
                self.post_message(delete)
                self.marked -= {*tasks}

    def action_undo(self) -> None:
        """Take back the last change."""
        self.host.undo()

    def action_redo(self) -> None:
        """Bring back what was taken back."""
        self.host.redo()

    # Filters

    @property
    def filter_text(self) -> str:
        """What is looked for, to be saved."""
        return self.search.text

    @work
    async def action_filters(self) -> None:
        """Ask which saved filter is to be shown, changed or forgotten."""
        from tracker.domain.typing.line_parser import parse_filter
        from tracker.domain.verbs import saved_filters
        from tracker.tui.dialogs import filter_bar

        with self.telling():
            ws, today, me = self.workspace, self.today, self.host.who
            answer = await self.app.push_screen_wait(filter_bar.FilterBar(ws, today, me))
            if answer is None:
                return
            listed = ws.filters.get(answer.filter or 0)
            ws = self.workspace
            kept = ws.filters.get(answer.filter or 0)
            if answer.what == "show" and kept:
                found = parse_filter(kept.query, today, me=me, ws=ws)
                self.host.show_tasks(found, kept.query)
            elif answer.what == "delete" and kept and listed:
                delete = partial(saved_filters.delete_filter, filter=kept.id)
                self.post_message(Do(commands.unless_changed(delete, listed, kept.name)))
            else:
                value = f"{kept.name} = {kept.query}" if kept else ""
                if not kept and self.filter_text:
                    value = f" = {self.filter_text}"
                line = filter_bar.filter_line(ws, today, me, value)
                save = saved_filters.save_filter
                await self.ask(line, lambda found, seen: partial(save, seen=seen, **found))

    # Baselines

    @work
    async def action_baselines(self) -> None:
        """List the baselines, and do what is chosen."""
        from tracker.tui.view import baseline_work

        with self.telling():
            await baseline_work.choose(self)

    @work
    async def action_take_baseline(self, name: str = "") -> None:
        """Take the plan as a baseline."""
        from tracker.tui.view import baseline_work

        with self.telling():
            await baseline_work.take_one(self, name)

    @work(exclusive=True, group="replan")
    async def action_replan(self) -> None:
        """Set late due dates anew."""
        from tracker.tui.view import baseline_work

        with self.telling():
            await baseline_work.plan_anew(self)

    # Views

    def action_refresh(self) -> None:
        """Read what others did."""
        self.host.follow()

    @work
    async def action_scope(self) -> None:
        """Ask what all views are to be about."""
        from tracker.tui.dialogs.scope_choice import ChooseScope

        host = self.host
        ask = ChooseScope(self.workspace, self.scope.known(self.workspace), host.who)
        scope = await self.app.push_screen_wait(ask)
        if scope is not None:
            host.look_at(scope)

    def action_view(self, name: str) -> None:
        """Show another view, the focus kept."""
        self.host.show_view(name, self.focused_task)

    @work
    async def action_help(self) -> None:
        """List the keys."""
        from tracker.tui.dialogs.help import HelpScreen

        action = await self.app.push_screen_wait(HelpScreen(self.KEYS_OF, self.host.glyphs))
        if action:
            await self.run_action(action)

    def action_list(self, name: str) -> None:
        """Show one list of the day, or all of a kind."""
        if name in NOUNS:
            self.host.show_master_data(NOUNS[name])
        else:
            self.host.show_day(cast("DayPart", name))

    def action_back(self) -> None:
        """Go back one level: forget hits, then marks, then leave the view."""
        if self.search.hits or self.marked:
            self.marked = frozenset()
            self.search.forget()
        else:
            self.leave()

    def leave(self) -> None:
        """Go back to the first view, or leave that one; not by a key that ends something."""
        with self.telling():
            # What it was to end may be what others have ended already.
            if self.aim.meant.begun:
                self.only_as_meant()
            self._leave()

    def _leave(self) -> None:
        if self.host.past is not None:
            self.host.show_past(None)
        elif self.host.home != self.VIEW:
            self.host.show_view(self.host.home)
        elif self._staying:
            self.tell(keys.named(_("{key:back} quits; everything is saved.")), "plain")
        else:
            self.action_leave_program()

    def action_leave_program(self) -> None:
        """Quit, unless somebody wants to have again what was typed and left."""
        leave_lines(self.app.screen_stack)
        if self.host.unsent:
            self._ask_whether_to_quit()
        else:
            self.app.exit()

    @work
    async def _ask_whether_to_quit(self) -> None:
        """Quit if nobody wants to have again what was typed and left."""
        from tracker.tui.dialogs.questions import Confirm

        typed = [" ".join(" ".join(lines.values()).split()) for lines in self.host.unsent.values()]
        told = [terminal_text.cut(text, _READ) for text in typed[:_ASKED]]
        more = ["…"] * (len(typed) > _ASKED)
        question = "\n".join([_("This was typed and left, and is not stored:"), *told, *more])
        if await self.app.push_screen_wait(Confirm(question, _("quit"), _("stay"))):
            self.app.exit()

    # Whether the program is not to be left by the key that is pressed.
    _staying = False

    def action_escape(self) -> None:
        """Go back one level, but never leave the program."""
        self._staying = True
        self.action_back()
        self._staying = False


def leave_lines(screens: Iterable[Screen[Any]]) -> None:
    """Leave the lines at the foot of views that go."""
    for screen in screens:
        if isinstance(screen, WorkScreen):
            screen.leave_line()
