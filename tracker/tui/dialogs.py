"""Questions put to a person: each returns a value, or None when it is left, and saves nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, cast

import msgspec
from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from tracker import plain
from tracker.domain import graph
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import Link, Task
from tracker.domain.query import Span
from tracker.domain.words import folded_for_search
from tracker.domain.workspace import Workspace
from tracker.language import _, current, ngettext, say
from tracker.tui import show
from tracker.tui.show import STYLES
from tracker.tui.widgets.choices import Choices, Line, Passage, Row, wrap

R = TypeVar("R")

# How the pieces of what was typed look; what they are is told in words below.
_MISTAKE = STYLES["error"] + Style(underline=True)
_MOST_HITS = 200


class Dialog(ModalScreen[R | None]):
    """A box over a view, with its keys in the lower edge; Esc leaves it without an answer."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: transparent;
        & > #box {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            border: round ansi_bright_black;
            border-title-color: ansi_default;
            border-title-style: bold;
            border-subtitle-color: ansi_default;
            background: ansi_default;
            color: ansi_default;
        }
        &.-low { align: center bottom; }
        &.-low > #box { width: 100%; }
        & Input, & Input:focus {
            border: none;
            height: 1;
            padding: 0;
            background: ansi_default;
            color: ansi_default;
            background-tint: transparent;
        }
        & Input > .input--cursor, & Input > .input--selection {
            background: ansi_default !important;
            color: ansi_default !important;
            text-style: reverse;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self._heading, self._keys = title, keys

    def compose(self) -> ComposeResult:
        """Put the body into the box."""
        with Vertical(id="box") as box:
            box.border_title = Content(f" {plain.clean(self._heading)} " if self._heading else "")
            box.border_subtitle = Content(f" {self._keys} ")
            yield from self.body()

    def body(self) -> ComposeResult:
        """Yield what stands in the box."""
        yield from ()

    @property
    def room(self) -> int:
        """The width of the box inside, in cells."""
        return self.query_one("#box").content_size.width or 56

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def where(ws: Workspace, task: Task) -> str:
    """Return whose a task is: its department and assignee."""
    return " · ".join(
        filter(None, (show.department(ws, task.department), show.person(ws, task.assignee)))
    )


def number(value: float) -> str:
    """Return a number as it is written in the language in use."""
    text = f"{value:g}"
    return text.replace(".", ",") if current() == "de" else text


class Preview(msgspec.Struct, frozen=True):
    """How a line is read.

    `answer` is what it means, `lines` tell that, `spans` are its pieces, `problems` its mistakes;
    while there are any, the line cannot be taken.
    """

    answer: Any = None
    lines: tuple[Line, ...] = ()
    spans: tuple[Span, ...] = ()
    problems: tuple[TrackerError, ...] = ()


Check = Callable[[str], Preview]
# From the line and the place of the cursor: the words that may stand there instead of the one
# before the cursor.
Suggest = Callable[[str, int], Sequence[str]]


def checked(check: Check) -> Check:
    """Return `check` with the errors it raises as problems, its last answers remembered."""

    @lru_cache(maxsize=8)
    def answer(text: str) -> Preview:
        try:
            return check(text)
        except TrackerError as error:
            return Preview(problems=(error,))

    return answer


class Marks(Highlighter):
    """Paints the pieces of a line as `check` finds them, its mistakes underlined."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def highlight(self, text: Text) -> None:
        """Style the pieces of `text`."""
        preview = self._check(text.plain)
        for span in preview.spans:
            text.stylize(STYLES["title" if span.role == "title" else "key"], span.start, span.end)
        for problem in preview.problems:
            if isinstance(problem, BadInput) and problem.end > problem.start:
                text.stylize(_MISTAKE, problem.start, problem.end)


def mistakes(problems: Iterable[TrackerError], cells: int) -> list[Line]:
    """Return the sentences of mistakes, each behind a sign."""
    lines: list[Line] = []
    for problem in problems:
        pieces = (("! ", "alarm"), (plain.clean(say(problem)), "plain"))
        lines += wrap(pieces, cells, indent=2)
    return lines


class AskLine(Dialog[Any]):
    """One line to be typed, with how it is read below it; the answer is that of its Preview.

    `breaks` are the characters behind which a word begins that `suggest` knows others for. With
    `replace` what is typed first takes the place of `value`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
    ]

    DEFAULT_CSS = """
    AskLine Passage { min-height: 2; max-height: 8; }
    """

    def __init__(
        self,
        title: str,
        hint: str,
        *,
        value: str = "",
        check: Check,
        suggest: Suggest | None = None,
        breaks: str = " ",
        replace: bool = False,
    ) -> None:
        keys = _("Enter take it · Tab complete · Esc leave")
        super().__init__(title, keys if suggest else _("Enter take it · Esc leave"))
        self._hint, self._value = hint, value
        self._check = checked(check)
        self._completion = Completion(suggest, breaks)
        self._replace = replace
        self.add_class("-low")

    def body(self) -> ComposeResult:
        """The line and its reading."""
        marks = Marks(self._check)
        yield Input(self._value, highlighter=marks, select_on_focus=self._replace, compact=True)
        yield Passage()

    def on_mount(self) -> None:
        """Put the cursor before what begins with a blank: the line is to be written there."""
        box = self.query_one(Input)
        if self._value.startswith(" "):
            box.cursor_position = 0
        self._completion.look(box)

    @on(events.Resize)
    def _resized(self) -> None:
        self._read()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._completion.look(event.input)
        self._read()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        preview = self._check(event.value)
        if not preview.problems:
            self.dismiss(preview.answer)
            return
        first = preview.problems[0]
        if isinstance(first, BadInput) and first.end:
            event.input.cursor_position = first.end
        self.app.bell()

    def action_complete(self, by: int) -> None:
        """Put in the next suggestion."""
        self._completion.put_next(self.query_one(Input), by)
        self._read()

    def _read(self) -> None:
        value = self.query_one(Input).value
        preview = self._check(value)
        cells = self.room
        lines: list[Line] = []
        if self._hint and (not value or not (preview.lines or preview.problems)):
            lines += wrap([(self._hint, "dim")], cells)
        for told in preview.lines:
            lines += wrap(told, cells)
        # Nobody is blamed for a line not begun.
        lines += mistakes(preview.problems if value else (), cells)
        lines += self._completion.lines(cells)
        self.query_one(Passage).put(lines)


class Completion:
    """The suggestions for the word before the cursor, put in one after the other."""

    def __init__(self, suggest: Suggest | None, breaks: str = " ") -> None:
        self._suggest, self._breaks = suggest, breaks
        self._words: Sequence[str] = ()
        self._head = self._tail = ""
        self._at = -1
        self._made = ""

    def look(self, box: Input) -> None:
        """Look for suggestions after the line has changed, unless by a suggestion."""
        if box.value == self._made:
            return
        self._made, self._at = "", -1
        before = box.value[: box.cursor_position]
        start = word_start(before, self._breaks)
        self._head, self._tail = before[:start], box.value[box.cursor_position :]
        words = self._suggest(box.value, box.cursor_position) if self._suggest else ()
        self._words = [word for word in words if word != before[start:]]

    def offers(self, box: Input) -> bool:
        """Tell whether there is something to put in for what has been typed."""
        return bool(self._words) and bool(self._made or box.value[len(self._head) :])

    def put_next(self, box: Input, by: int) -> None:
        """Put the next suggestion into the line."""
        if not self._made:
            self.look(box)
        if not self._words:
            return
        self._at = (
            (self._at + by) % len(self._words)
            if self._at >= 0
            else (0 if by > 0 else len(self._words) - 1)
        )
        word = self._words[self._at]
        self._made = self._head + word + self._tail
        box.value = self._made
        box.cursor_position = len(self._head + word)

    def lines(self, cells: int) -> list[Line]:
        """Return the line that shows the suggestions, the one put in marked."""
        if not self._words:
            return []
        pieces = [("Tab ", "key")]
        start = max(0, self._at - 2)
        for i, word in enumerate(self._words[start : start + 20], start):
            style = "cursor" if i == self._at else "dim"
            pieces += [(plain.clean(word.strip()), style), ("  ", "plain")]
        return wrap(pieces, cells)[:1]


def word_start(before: str, breaks: str) -> int:
    """Return where the word at the end of `before` begins."""
    start = max((before.rfind(sign) for sign in breaks), default=-1) + 1
    return start + len(before[start:]) - len(before[start:].lstrip())


class Pick(Dialog[Any]):
    """A short list to choose from; the answer is the key of the row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "leave", show=False)]

    DEFAULT_CSS = """
    Pick Choices { max-height: 16; }
    """

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        super().__init__(title, _("↑↓ choose · Enter take it · Esc leave"))
        self._rows = rows

    def body(self) -> ComposeResult:
        """The list."""
        yield Choices()

    def on_mount(self) -> None:
        """Fill the list."""
        self.query_one(Choices).put(self._rows)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        self.dismiss(event.key)


class PickArrow(Pick):
    """An arrow of a task; the answer is the id of the link."""

    def __init__(self, ws: Workspace, task: int, links: Iterable[Link]) -> None:
        rows = []
        for link in links:
            needs = link.kind == "needs"
            sign, kind = (" → ", _("needs")) if needs else (" ⇢ ", _("return"))
            ends = [
                (show.name(ws, end), "dim" if end == task else "plain")
                for end in (link.source, link.target)
            ]
            rows.append(Row(link.id, (ends[0], (sign, "plain"), ends[1]), ((kind, "dim"),)))
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
        ranked = []
        for place, (task, title) in enumerate(self._titles.items()):
            number = str(task)
            if number == typed:
                rank = 0
            elif all(word in title for word in words):
                starts = " " + title.replace("\n", " ")
                rank = 1 if all(f" {word}" in starts for word in words) else 3
            elif number.startswith(typed):
                rank = 2
            else:
                continue
            ranked.append((rank, place, task))
        return [task for _rank, _place, task in sorted(ranked)]


class PickTask(Dialog[int]):
    """A task to be named, by number or by words of its title.

    Those in `prefer` are offered first; `preview` tells what taking a task would mean.
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

    def __init__(
        self,
        ws: Workspace,
        title: str,
        *,
        exclude: Collection[int] = (),
        prefer: Iterable[int] = (),
        preview: Callable[[int], str] | None = None,
    ) -> None:
        super().__init__(title, _("number or words of the title · ↑↓ · Enter take it · Esc leave"))
        first = [task for task in prefer if task not in exclude]
        rest = set(ws.tasks).difference(exclude, first)
        self._ws, self._preview = ws, preview
        self._finder = Finder(ws, [*first, *sorted(rest)])
        self.add_class("-low")

    def body(self) -> ComposeResult:
        """The line, the hits, and what taking one would mean."""
        yield Input(compact=True)
        yield Choices(can_focus=False)
        if self._preview:
            yield Passage(id="preview")

    def on_mount(self) -> None:
        """Offer everything."""
        self._find("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._find(event.value)

    def _find(self, typed: str) -> None:
        hits = self._finder.hits(typed)
        rows = [task_row(self._ws, task) for task in hits[:_MOST_HITS]]
        more = len(hits) - len(rows)
        if more:
            text = ngettext("… and {n} more: type on", "… and {n} more: type on", more)
            rows.append(Row(None, (("  " + text.format(n=more), "dim"),)))
        if not rows:
            rows = [Row(None, (("  " + _("No task fits."), "dim"),))]
        self.query_one(Choices).put(rows, at=hits[0] if hits else None)

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        if self._preview:
            told = self._preview(cast("int", event.key)) if event.key is not None else ""
            lines = wrap([(plain.clean(told), "plain")], self.room)
            self.query_one("#preview", Passage).put(lines)

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
            self.dismiss(cast("int", task))


def task_row(ws: Workspace, task: int, *, tick: bool | None = None) -> Row:
    """Return a task as a row: its state, number and title, and on the right whose it is."""
    found = ws.tasks[task]
    sign = (f"{show.glyph(found.state)} ", found.state)
    return Row(
        task, (sign, (show.name(ws, task), "plain")), ((where(ws, found), "dim"),), tick=tick
    )


class Rework(msgspec.Struct, frozen=True):
    """A loop is rework: `turned` is the needs link to become the return; None is the new arrow."""

    turned: int | None


class LoopQuestion(Dialog[Rework]):
    """A new arrow source → target would close a loop: rework, and by which arrow, or a mistake?

    `path` is the loop as LoopClosed tells it: target → … → source → target.
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
        keys = _("Enter or r: rework · m or Esc: mistake, leave the plan")
        super().__init__(_("Rework or mistake?"), keys)
        self._ws, self._path, self._source, self._target = ws, tuple(path), source, target

    def body(self) -> ComposeResult:
        """The loop by name, and its arrows."""
        yield Passage()
        yield Choices()

    def on_mount(self) -> None:
        """List the arrows that could be the return."""
        self.query_one(Choices).put(self._rows())

    @on(events.Resize)
    def _resized(self) -> None:
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        names = [show.name(self._ws, task) for task in self._path[:-1]] + [str(self._path[-1])]
        cells = self.room
        closes = _("The arrow {source} → {target} closes a loop:").format(
            source=self._source, target=self._target
        )
        ask = _("If work really goes round here, which of its arrows is the way back?")
        return [
            *wrap([(closes, "plain")], cells),
            *wrap([(" → ".join(names), "strong")], cells),
            (),
            *wrap([(ask, "plain")], cells),
        ]

    def _rows(self) -> list[Row]:
        rows = [self._row(0, self._source, self._target, _("the new arrow"))]
        for source, target in pairwise(self._path):
            for link in self._ws.arrows_out.get(source, ()):
                if link.kind != "needs" or link.target != target:
                    continue
                if self._opens(link.id):
                    rows.append(self._row(link.id, source, target, _("planned")))
                else:
                    rows.append(self._row(None, source, target, _("leaves another loop")))
        return rows

    def _row(self, key: int | None, source: int, target: int, note: str) -> Row:
        name = f"{show.name(self._ws, source)} ⇢ {show.name(self._ws, target)}"
        left: Line = (("  " + name, "dim"),) if key is None else ((name, "plain"),)
        return Row(key, left, ((note, "dim"),))

    def _opens(self, turned: int) -> bool:
        """Tell whether no other way leads round once link `turned` is no longer a need."""

        def ahead(task: int) -> Iterable[int]:
            arrows = self._ws.arrows_out.get(task, ())
            return (a.target for a in arrows if a.kind == "needs" and a.id != turned)

        return self._source not in graph.reach(self._target, ahead)

    @on(Choices.Taken)
    def action_choose(self) -> None:
        """Make the arrow under the cursor the way back."""
        self.dismiss(Rework(cast("int", self.query_one(Choices).key) or None))


class Confirm(Dialog[bool]):
    """A question to be answered by yes or no; leaving it is no."""

    # The yes of both languages, whichever is spoken: fingers know one of them.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y,j", "yes", show=False),
        Binding("n,q", "leave", show=False),
    ]

    def __init__(self, question: str, yes_label: str) -> None:
        super().__init__("", _("Enter: {yes} · Esc: leave").format(yes=yes_label))
        self._question = question

    def body(self) -> ComposeResult:
        """The question."""
        yield Passage()

    @on(events.Resize)
    def _resized(self) -> None:
        self.query_one(Passage).put(wrap([(plain.clean(self._question), "strong")], self.room))

    def action_yes(self) -> None:
        """Say yes."""
        self.dismiss(True)


class Start(msgspec.Struct, frozen=True):
    """How to begin without a file; `path` is the list to be imported."""

    kind: Literal["demo", "import", "empty"]
    path: str = ""


class Welcome(Dialog[Start]):
    """The first start: look round in the demo, take a list in, or begin with nothing.

    `place` is the file that will be made.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "leave", show=False)]

    def __init__(self, place: str = "") -> None:
        super().__init__(_("Welcome"), _("↑↓ choose · Enter take it · Esc leave"))
        self._place = place

    def body(self) -> ComposeResult:
        """What this is, and three ways to begin."""
        yield Passage()
        yield Choices()

    def on_mount(self) -> None:
        """List the ways."""
        ways = (
            ("demo", _("Look round in a demo project"), _("yours stays untouched")),
            ("import", _("Import a list"), "XLSX · CSV · XML · JSON"),
            ("empty", _("Begin with an empty plan"), _("a adds a task")),
        )
        self.query_one(Choices).put(
            Row(kind, ((text, "plain"),), ((note, "dim"),)) for kind, text, note in ways
        )

    @on(events.Resize)
    def _resized(self) -> None:
        cells = self.room
        about = _(
            "Who waits for whom, what came back and why, and when it will be done: "
            "one plan in one file, worked by the keyboard."
        )
        lines = [(), *wrap([(about, "plain")], cells), ()]
        if self._place:
            place = _("Your plan will be kept in {file}").format(file=plain.clean(self._place))
            lines += [*wrap([(place, "dim")], cells), ()]
        self.query_one(Passage).put(lines)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        if event.key == "import":
            ask = AskLine(
                _("Import a list"),
                _("The path of a list: XLSX, CSV, MS Project XML, GanttProject, JSON."),
                check=_check_path,
                suggest=_paths,
                breaks="",
            )
            self.app.push_screen(ask, self._import)
        else:
            self.dismiss(Start(cast("Literal['demo', 'empty']", event.key)))

    def _import(self, path: str | None) -> None:
        if path is not None:
            self.dismiss(Start("import", path))


def _check_path(text: str) -> Preview:
    typed = text.strip()
    path = Path(typed).expanduser()
    if not typed:
        raise BadInput("Name the file to be imported.")
    if path.is_dir():
        raise BadInput("{path} is a folder; name a file in it.", path=typed)
    if not path.is_file():
        raise BadInput("There is no file {path} here; Tab shows what is.", path=typed)
    return Preview(str(path))


def _paths(text: str, cursor: int) -> list[str]:
    """Return the files and folders whose paths begin as what stands before the cursor."""
    folder, slash, start = text[:cursor].rpartition("/")
    try:
        found = sorted(Path(folder + slash or ".").expanduser().iterdir())
        names = [path.name + "/" * path.is_dir() for path in found]
    except OSError:
        return []
    fits = (name for name in names if name.casefold().startswith(start.casefold()))
    return [folder + slash + name for name in fits if start or not name.startswith(".")]
