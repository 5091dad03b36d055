"""The export from the screen: made beside it, and shown before it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import msgspec
from textual.app import App

from tracker import typed_verbs
from tracker.arguments import Parser, Usage
from tracker.call_completion import offered_by
from tracker.domain.errors import BadInput
from tracker.domain.model import Task
from tracker.domain.typing import line_parser
from tracker.domain.workspace import Workspace
from tracker.language import _, current, ngettext, say
from tracker.tui.dialogs.asking import AskLine, Preview
from tracker.tui.dialogs.questions import paths_beginning
from tracker.tui.host import Host

if TYPE_CHECKING:
    from tracker.exchange.delivery import Delivery, ExportOrder

# The options a word follows.
_TAKING = ("--format", "--only", "--dialect")
# What is done by then needs no word on how far it is, in seconds.
_AT_ONCE = 0.4


class _Stopped(Exception):
    """The export is not wanted any more."""


class HandingOut:
    """Hands tasks out that are looked at; the plan goes on meanwhile."""

    def __init__(self, app: App[Any], place: str) -> None:
        self._app, self._host = app, cast("Host", app)
        self._place = place

    def hand_out(self, text: str) -> None:
        """Export what the words say, as behind `tracker export`; without any, ask for them."""
        if text.strip():
            order, tasks = self._read(text)
            self._app.run_worker(self._carry_out(order, tasks), group="export")
        else:
            self._app.run_worker(self._ask(), group="export")

    async def _ask(self) -> None:
        hint = _("A file, and behind it a filter or options: plan.xlsx state:open --split")
        line = AskLine(
            _("Export"),
            hint,
            value=f"{self.name}.xlsx",
            check=self._preview,
            suggest=lambda text, cursor: self.suggestions(text[:cursor]),
        )
        text = await self._app.push_screen_wait(line)
        if text is None:
            return
        done = False
        with self._host.telling():
            done = await self._carry_out(*self._read(text))
        if not done:
            line.keep_line(text)

    def _preview(self, text: str) -> Preview:
        from tracker.exchange.export import FORMATS

        order, tasks = self._read(text)
        count = ngettext("{n} task", "{n} tasks", len(tasks)).format(n=len(tasks))
        about = f"{order.format.name}: {say(order.format.about)} · {count}"
        others = [each.endings[0] for each in FORMATS if each is not order.format]
        more = _("Also: {endings}").format(endings=" ".join(others))
        return Preview(text, (((about, "plain"),), ((more, "dim"),)))

    @property
    def name(self) -> str:
        """What a file is called unless somebody says otherwise: as what is looked at."""
        from tracker.exchange.delivery import file_words

        projects = self._shown.projects
        names = [projects[key].name for key in self._host.scope.projects if key in projects]
        return file_words(", ".join(names) or Path(self._place).stem or "plan").replace(" ", "-")

    def suggestions(self, text: str) -> list[str]:
        """Return what the last word may become: a file, an option or part of a filter."""
        from tracker.exchange.export import FORMATS

        *before, last = text.split(" ")
        if last.startswith("-") or (before and before[-1] in _TAKING):
            found = offered_by(_parser(), before, last, self._shown)
            return [word for word in found if word.startswith(last) and word != last]
        words = [word for at, word in enumerate(before) if not at or before[at - 1] not in _TAKING]
        if any(word and not word.startswith("-") for word in words):
            return line_parser.complete_word(text, len(text), self._shown)
        folder, slash, typed = last.rpartition("/")
        stem, dot, begun = typed.partition(".")
        endings = [ending for format in FORMATS for ending in format.endings]
        fits = [each for each in endings if each.startswith(dot + begun)]
        named = [f"{folder}{slash}{stem or self.name}{each}" for each in fits if typed or not slash]
        return [word for word in (*named, *paths_beginning(last, len(last))) if word != last]

    @property
    def _shown(self) -> Workspace:
        return self._host.workspace

    def _read(self, text: str) -> tuple[ExportOrder, list[Task]]:
        """Return what is asked for, and the tasks it is about; raises TrackerError."""
        from tracker.exchange.delivery import PIPE, order_of

        args = _parser().parse_args(typed_verbs.split(f"export {text}")[1:])
        if args.target == PIPE:
            raise Usage(_("- is for pipes; name a file"))
        order = order_of(args)
        try:
            path = order.path.absolute()
        except FileNotFoundError:
            raise BadInput(
                "The folder in which tracker was started was removed; name {file} with its whole"
                " path.",
                file=str(order.path),
            ) from None
        order = msgspec.structs.replace(order, path=path)
        return order, self._tasks(" ".join(args.filter))

    def _tasks(self, filter: str) -> list[Task]:
        host, ws = self._host, self._shown
        tasks = list(host.scope.tasks(ws).values())
        if filter:
            query = line_parser.parse_filter(filter, host.today, me=host.who, ws=ws)
            tasks = [task for task in tasks if query.over(ws)(task)]
            if not tasks:
                raise BadInput("No task matches {filter}.", filter=filter)
        if not tasks:
            raise BadInput("There is no task to export.")
        return tasks

    async def _carry_out(self, order: ExportOrder, tasks: Sequence[Task]) -> bool:
        """Export tasks, and return whether; whatever goes wrong, the screen goes on."""
        try:
            with self._host.telling():
                return await self._write(order, tasks)
        except Exception as error:
            words = _("{path} could not be exported because of an error in tracker; details: {log}")
            self._host.tell_failure(words, error, str(order.path))
        return False

    async def _write(self, order: ExportOrder, tasks: Sequence[Task]) -> bool:
        """Make the files, and write them; False if that is not wanted. Raises TrackerError."""
        from tracker.exchange import delivery
        from tracker.tui.dialogs.export_notes import ExportNotes

        made = await self._made(order, tasks)
        if made is None:
            self._host.tell(_("Stopped; nothing was written."))
            return False
        there, failed = delivery.existing(made), list[Exception]()
        box = ExportNotes(order, made).surviving(failed.append)
        if there or box.losses:
            await self._host.until_free()
        if (there or box.losses) and not await self._app.push_screen_wait(box):
            if failed:
                raise failed[0]
            self._host.tell(_("Nothing was written."))
            return False
        # What has come there since it was asked about is not replaced.
        force = order.force or (bool(there) and set(delivery.existing(made)) <= set(there))
        await asyncio.to_thread(delivery.deliver, made, force=force)
        self._host.tell(" · ".join(delivery.written_lines(made)))
        return True

    async def _made(self, order: ExportOrder, tasks: Sequence[Task]) -> list[Delivery] | None:
        """Make the files beside the screen; None if that was stopped."""
        from tracker.exchange.delivery import deliveries
        from tracker.tui.dialogs.underway import Underway

        ws, today, stop, behind = self._shown, self._host.today, Event(), [0]

        def tick(done: int) -> None:
            behind[0] = done
            if stop.is_set():
                raise _Stopped

        def far() -> str:
            told = _("{n} of {all} tasks")
            return told.format(n=behind[0], all=len(tasks))

        job = asyncio.create_task(
            asyncio.to_thread(deliveries, order, ws, today, current(), tasks, tick)
        )
        done, _waiting = await asyncio.wait({job}, timeout=_AT_ONCE)
        while not (done or self._host.free):
            done, _waiting = await asyncio.wait({job}, timeout=_AT_ONCE)
        try:
            if done:
                return await job
            title = _("Exporting {file} …").format(file=order.path.name)
            box = Underway(title, far, lambda: False)
            await self._app.push_screen(box, lambda over: stop.set() if over is None else None)
            try:
                made = await job
            finally:
                if not (stopped := stop.is_set()):
                    box.dismiss(False)
        except _Stopped:
            return None
        return None if stopped else made


def _parser() -> Parser:
    from tracker.exchange.delivery import order_arguments

    parser = Parser("export")
    parser.add_argument("target", metavar=_("FILE"))
    parser.add_argument("filter", metavar=_("FILTER"), nargs="*", default=[])
    order_arguments(parser)
    return parser
