"""Questions put to a person: each returns a value, or None when it is left, and saves nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tracker import terminal_text
from tracker.domain import graph
from tracker.domain.errors import BadInput
from tracker.domain.model import Link
from tracker.domain.typing.vocabulary import folded_for_search
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.tui import keys
from tracker.tui.dialogs.asking import AskLine, Dialog, Preview
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.tui.widgets.line_input import LineInput
from tracker.wording import show
from tracker.wording.show import Glyphs

_MOST_HITS = 200


class PickRow(Dialog[Any]):
    """A short list to choose from; the answer is the key of the row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "leave", show=False)]

    DEFAULT_CSS = """
    PickRow Choices { max-height: 16; }
    """

    def __init__(
        self, title: str, rows: Sequence[ChoiceRow], *, at: Hashable | None = None
    ) -> None:
        super().__init__(title, _("↑↓ choose · Enter accept · Esc cancel"))
        self._rows, self._at = rows, at

    def body(self) -> ComposeResult:
        """The list."""
        choices = Choices(self._rows)
        choices.put(self._rows, at=self._at)
        yield choices

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        self.dismiss(event.key)


class PickArrow(PickRow):
    """An arrow of a task; the answer is the id of the link."""

    def __init__(self, ws: Workspace, task: int, links: Iterable[Link]) -> None:
        rows = []
        for link in links:
            needs = link.kind == "needs"
            sign, kind = (" → ", _("dependency")) if needs else (" ⇢ ", _("return"))
            source, target = (
                str(end) if end == task else show.name(ws, end)
                for end in (link.source, link.target)
            )
            rows.append(ChoiceRow(link.id, ((source + sign + target, "plain"),), ((kind, "dim"),)))
        super().__init__(_("Arrows of {task}").format(task=show.name(ws, task)), rows)


class Finder:
    """Finds tasks by number or words of their titles; ä, ae and a are taken for each other."""

    def __init__(self, ws: Workspace, tasks: Iterable[int]) -> None:
        self._titles = {task: folded_for_search(ws.tasks[task].title) for task in tasks}

    def hits(self, typed: str) -> list[int]:
        """Return the tasks that fit, the likeliest first; all, as they came, for nothing typed."""
        typed = typed.strip().lstrip("#:")
        if not typed:
            return list(self._titles)
        words = [folded_for_search(word).partition("\n")[0] for word in typed.split()]
        digits = _digits(typed)
        ranked = []
        for place, (task, title) in enumerate(self._titles.items()):
            number = str(task)
            if number == digits:
                rank = 0
            elif all(word in title for word in words):
                starts = " " + title.replace("\n", " ")
                rank = 1 if all(f" {word}" in starts for word in words) else 3
            elif digits and number.startswith(digits):
                rank = 2
            else:
                continue
            ranked.append((rank, place, task))
        return [task for _rank, _place, task in sorted(ranked)]

    @staticmethod
    def named(typed: str, hits: list[int]) -> list[int]:
        """Return hits of several finders with the task whose number was typed before all others."""
        digits = _digits(typed.strip().lstrip("#:"))
        return sorted(hits, key=lambda task: str(task) != digits)


def _digits(typed: str) -> str:
    """Return a number as tasks have it: without zeros before it."""
    return typed.lstrip("0")


class PickTask(Dialog[int]):
    """A task to be named, by number or by words of its title.

    Those in `prefer` are offered first; `preview` describes the effect of choosing a task.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pagedown", "move(8)", show=False),
        Binding("pageup", "move(-8)", show=False),
    ]

    DEFAULT_CSS = """
    PickTask Choices { height: 10; }
    PickTask #preview { min-height: 1; max-height: 3; }
    """

    WIDE = None

    def __init__(
        self,
        ws: Workspace,
        title: str,
        *,
        exclude: Collection[int] = (),
        prefer: Iterable[int] = (),
        preview: Callable[[int], str] | None = None,
    ) -> None:
        super().__init__(title, _("number or words of the title · ↑↓ · Enter accept · Esc cancel"))
        first = [task for task in prefer if task not in exclude]
        rest = set(ws.tasks).difference(exclude, first)
        self._ws, self._preview = ws, preview
        self._finder = Finder(ws, [*first, *sorted(rest)])

    def body(self) -> ComposeResult:
        """The line, the matches, and the effect of choosing one."""
        yield LineInput()
        rows = self._found("")
        yield Choices(rows, can_focus=False)
        if self._preview:
            yield Passage(self._told(rows[0].key), id="preview")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._find(event.value)

    def _find(self, typed: str) -> None:
        rows = self._found(typed)
        self.query_one(Choices).put(rows, at=rows[0].key)

    def _found(self, typed: str) -> list[ChoiceRow]:
        """Return the hits for what has been typed, never no row at all."""
        hits = self._finder.hits(typed)
        rows = [task_row(self._ws, task, self.glyphs) for task in hits[:_MOST_HITS]]
        more = len(hits) - len(rows)
        if more:
            text = ngettext("… and {n} more: keep typing", "… and {n} more: keep typing", more)
            rows.append(ChoiceRow(None, (("  " + text.format(n=more), "dim"),)))
        return rows or [ChoiceRow(None, (("  " + _("No matching task."), "dim"),))]

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        if self._preview:
            self.query_one("#preview", Passage).put(self._told(event.key))

    def _told(self, task: int | None) -> list[Line]:
        """Return the effect of choosing a task."""
        words = self._preview(task) if self._preview and task is not None else ""
        return wrap_pieces([(show.text(words), "plain")], self.room)

    def action_move(self, by: int) -> None:
        """Move among the hits."""
        self.query_one(Choices).step(by)

    @on(Input.Submitted)
    @on(Choices.Taken)
    def _taken(self) -> None:
        task = self.query_one(Choices).key
        if task is None:
            self.app.bell()
        else:
            self.dismiss(task)


def task_row(ws: Workspace, task: int, glyphs: Glyphs, *, tick: bool | None = None) -> ChoiceRow:
    """Return a task as a row: its state, number and title, and on the right whose it is."""
    found = ws.tasks[task]
    sign = (f"{show.sign(ws, found, glyphs)} ", found.state)
    return ChoiceRow(
        task, (sign, (show.name(ws, task), "plain")), ((show.owner(ws, found), "dim"),), tick=tick
    )


class WayBack(msgspec.Struct, frozen=True):
    """A loop is rework: `turned` is the needs link to become the return; None is the new arrow."""

    turned: int | None


class LoopQuestion(Dialog[WayBack]):
    """A new arrow source → target would close a loop: rework, and by which arrow, or a mistake?

    `path` is the loop as in LoopClosed: target → … → source → target.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "choose", show=False),
        Binding("m,q", "leave", show=False),
    ]

    DEFAULT_CSS = """
    LoopQuestion Choices { max-height: 8; }
    LoopQuestion Passage { max-height: 9; }
    """

    def __init__(self, ws: Workspace, path: Sequence[int], source: int, target: int) -> None:
        keys = _("Enter/r rework · m/Esc mistake, keep the plan")
        super().__init__(_("Rework or mistake?"), keys)
        self._ws, self._path, self._source, self._target = ws, tuple(path), source, target

    def body(self) -> ComposeResult:
        """The loop by name, and its arrows that could be the return."""
        yield Passage(self._told())
        yield Choices(self._rows())

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        names = [show.name(self._ws, task) for task in self._path[:-1]] + [str(self._path[-1])]
        cells = self.room
        closes = _("The arrow {source} → {target} closes a loop:").format(
            source=self._source, target=self._target
        )
        ask = _("If this really is a loop, which arrow is the return?")
        return [
            *wrap_pieces([(closes, "plain")], cells),
            *wrap_pieces([(" → ".join(names), "strong")], cells),
            (),
            *wrap_pieces([(ask, "plain")], cells),
        ]

    def _rows(self) -> list[ChoiceRow]:
        rows = [self._row(0, self._source, self._target, _("the new arrow"))]
        for source, target in pairwise(self._path):
            for link in self._ws.arrows_out.get(source, ()):
                if link.kind != "needs" or link.target != target:
                    continue
                if graph.opens_loop(self._ws, link.id, self._source, self._target):
                    rows.append(self._row(link.id, source, target, _("planned")))
                else:
                    rows.append(self._row(None, source, target, _("another loop remains")))
        return rows

    def _row(self, key: int | None, source: int, target: int, note: str) -> ChoiceRow:
        room = (self.room - terminal_text.width(note)) // 2 - 4
        ends = [terminal_text.cut(show.name(self._ws, end), room) for end in (source, target)]
        name = " ⇢ ".join(ends)
        left: Line = (("  " + name, "dim"),) if key is None else ((name, "plain"),)
        return ChoiceRow(key, left, ((note, "dim"),))

    @on(Choices.Taken)
    def action_choose(self) -> None:
        """Make the arrow under the cursor the way back."""
        self.dismiss(WayBack(self.query_one(Choices).key or None))


class Confirm(Dialog[bool]):
    """A question to be answered by yes or no; leaving it is no.

    `yes` and `no` say what becomes of it, in the words of the question.
    """

    # Not `j`, though it is the first letter of yes in German: it moves the cursor, and who holds
    # it down would say yes to what came up meanwhile.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "yes", show=False),
        Binding("n,q", "leave", show=False),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__("", _("Enter/y {yes} · Esc/n {no}").format(yes=yes, no=no))
        self._question = question

    def body(self) -> ComposeResult:
        """The question."""
        yield Passage(self._told())

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        parts = self._question.split("\n")
        return [
            line for part in parts for line in wrap_pieces([(show.text(part), "strong")], self.room)
        ]

    def action_yes(self) -> None:
        """Say yes."""
        self.dismiss(True)


class CopiedText(Reading[None]):
    """What was copied, to be read or selected: not every terminal has a clipboard for programs."""

    WIDE = 76

    def __init__(self, text: str) -> None:
        told = _("Shift and the mouse select it · j/k scroll · Esc close")
        super().__init__(_("Copied, where the terminal allows"), told)
        self._text = text

    def text_lines(self) -> Iterable[Line]:
        """Return the text, line by line."""
        lines = self._text.splitlines()
        return [row for line in lines for row in wrap_pieces([(line, "plain")], self.cells)]


class Start(msgspec.Struct, frozen=True):
    """How to begin without a file; `path` is the list to import, `add` begins with a task."""

    kind: Literal["demo", "import", "empty", "add"]
    path: str = ""


class Welcome(Dialog[Start]):
    """The first start: look round in the demo, take a list in, or begin with nothing.

    `place` is the file that will be made.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "leave", show=False)]

    def __init__(self, place: str = "") -> None:
        super().__init__(_("Welcome"), _("↑↓ choose · Enter accept · Esc cancel"))
        self._place = place

    def body(self) -> ComposeResult:
        """What this is, and three ways to begin."""
        ways = (
            ("demo", _("Explore the demo project"), _("your own plan is not touched")),
            ("import", _("Import a list or a plan"), "Excel · MS Project · Jira · …"),
            ("empty", _("Start with an empty plan"), keys.named(_("{key:add} adds a task"))),
        )
        rows = [ChoiceRow(kind, ((text, "plain"),), ((note, "dim"),)) for kind, text, note in ways]
        yield Passage(self._told())
        yield Choices(rows)

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        cells = self.room
        about = _(
            "Who waits for whom, what came back and why, and when it will be done: one plan in"
            " one file, driven from the keyboard."
        )
        lines = [(), *wrap_pieces([(about, "plain")], cells), ()]
        if self._place:
            place = _("Your plan is new; it is stored in {file}").format(
                file=show.text(self._place)
            )
            lines += [*wrap_pieces([(place, "dim")], cells), ()]
        return lines

    def on_key(self, event: events.Key) -> None:
        """Begin with a task at the key that adds one, which is named here."""
        if event.key in keys.keys_for("add"):
            event.stop()
            self.dismiss(Start("add"))

    @on(Choices.Taken)
    @work
    async def _taken(self, event: Choices.Taken) -> None:
        if event.key == "import":
            ask = AskLine(
                _("Import a list or a plan"),
                _(
                    "Path of a list (XLSX, CSV) or of the plan of another program: Microsoft"
                    " Project, GanttProject, Primavera, Jira and others."
                ),
                check=_check_path,
                suggest=paths_beginning,
                breaks="",
            )
            path = await self.app.push_screen_wait(ask)
            if path is not None:
                self.dismiss(Start("import", path))
        else:
            self.dismiss(Start(event.key))


def _check_path(text: str) -> Preview:
    from tracker.exchange.file_names import typed_path

    typed = text.strip()
    if not typed:
        raise BadInput("Name the file to import.")
    path = str(typed_path(typed))
    if os.path.isdir(path):
        raise BadInput("{path} is a folder; name a file in it.", path=typed)
    if not os.path.isfile(path):
        raise BadInput("There is no file {path}; Tab shows what exists.", path=typed)
    return Preview(path)


def paths_beginning(text: str, cursor: int) -> list[str]:
    """Return the files and folders whose paths begin with the text before the cursor."""
    folder, slash, start = text[:cursor].rpartition("/")
    try:
        with os.scandir(os.path.expanduser(folder + slash) or ".") as found:
            names = sorted(entry.name + "/" * entry.is_dir() for entry in found)
    except (OSError, ValueError):
        return []
    fits = (name for name in names if name.casefold().startswith(start.casefold()))
    return [folder + slash + name for name in fits if start or not name.startswith(".")]
