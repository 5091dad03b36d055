"""How a person is asked: the box of every dialog, and the line that is read as it is typed."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from time import monotonic
from typing import Any, ClassVar, Self, TypeVar, cast

import msgspec
from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style as TextualStyle
from textual.widget import Widget
from textual.widgets import Input, Static

from tracker import terminal_text
from tracker.domain.errors import BadInput, Conflict, Refused, TrackerError
from tracker.domain.typing.line_parser import Span
from tracker.language import _, ngettext, say
from tracker.tui import aim
from tracker.tui.host import OVERTURNED, host_of
from tracker.tui.terminal import private_parts
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.text.styles import STYLES
from tracker.tui.widgets.choices import Passage
from tracker.tui.widgets.line_input import LineInput, goes_on
from tracker.wording import show

R = TypeVar("R")

# The styles of the pieces of a typed line; the line below explains them in words.
_MISTAKE = Style(underline=True)
# The name of the one line that is typed.
_LINE = "line"


class Dialog(ModalScreen[R | None]):
    """A box over a view, with its keys at the lower edge; Esc leaves it without an answer."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > #box {
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            border: round ansi_default;
            border-title-color: ansi_default;
            border-title-style: bold;
            border-subtitle-color: ansi_default;
            background: ansi_default;
            color: ansi_default;
        }
        &.-low { align: center bottom; }
        & #keys { height: auto; display: none; }
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

    # The width of the box in cells; None is all there is, at the foot of the screen.
    WIDE: ClassVar[int | None] = 76

    # Whether keys are meant for what it asks, so that nothing may come up over it by itself.
    ASKS: ClassVar[bool] = True

    # Whether it comes up by itself, as soon as something has been worked out.
    UNASKED: ClassVar[bool] = False

    def __init__(self, title: str, keys: str, *, about: tuple[object, ...] = ()) -> None:
        super().__init__()
        self._heading, self._keys = title, keys
        # What is asked, and of what: others may change all the words of it.
        self._asked_about = about or (title,)
        # Called with the answer while the box is still open; see `trying`.
        self._try: Callable[[Any], Awaitable[object]] | None = None
        self._answered = False
        # Why an answer was refused last, and when.
        self._turned_down: tuple[TrackerError | None, float] = (None, 0.0)
        # When it was made, and when it came up.
        self._asked_at, self._came_up = monotonic(), math.inf
        # What it closes with as soon as nothing is in front of it any more.
        self._last_word: tuple[R | None] | None = None
        # Called with what went wrong while the box was filled; see `surviving`.
        self._failed: Callable[[Exception], object] | None = None
        self.set_class(self.WIDE is None, "-low")
        # Said here and not in CSS: what the app says of every screen would come before that.
        self.styles.background = "transparent"

    def compose(self) -> ComposeResult:
        """Put the body into the box."""
        self._came_up = monotonic()
        with Vertical(id="box") as box:
            box.styles.width = self.WIDE or "100%"
            quiet = STYLES["dim"].color
            edge = Color.from_rich_color(quiet) if quiet else Color.parse("ansi_bright_black")
            box.styles.border = ("ascii" if self.glyphs is show.ASCII else "round", edge)
            box.border_title = Content(show.text(self._heading))
            yield from self.body() if self._failed is None else self._filled(self._failed)
            line = Static(id="keys", markup=False)
            self._put_keys(box, line)
            yield line

    def _filled(self, failed: Callable[[Exception], object]) -> Iterable[Widget]:
        try:
            return list(self.body())
        except Exception as error:
            failed(error)
            self.call_later(self.action_leave)
            return ()

    def surviving(self, tell: Callable[[Exception], object]) -> Self:
        """Close without an answer if the box cannot be filled, and have the reason told.

        For boxes about what others wrote: whatever is in it, the screen goes on.
        """
        self._failed = tell
        return self

    def trying(self, attempt: Callable[[R], Awaitable[object]]) -> Self:
        """Have the answer tried before the box closes: a refused one stays for correction."""
        self._try = attempt
        return self

    async def take(self, answer: R) -> TrackerError | None:
        """Close with an answer, or return why it was refused."""
        # Enter may have been pressed once more while the answer was tried, and before anybody can
        # have read what others have done: that insists on nothing.
        error, at = self._turned_down
        if isinstance(error, Conflict) and monotonic() - at < aim.IN_ONE_GO:
            return error
        if self._overturned:
            return Refused(OVERTURNED)
        if not self._answered:
            try:
                if self._try is not None:
                    await self._try(answer)
            except TrackerError as error:
                self._turned_down = error, monotonic()
                return error
            self._answered = True
            self.dismiss(answer)
        return None

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Close with an answer, once nothing is in front of it.

        Textual's own closes whatever is in front, also where this has been closed already.
        """
        if not (result is None or result is False or self._answered) and self._overturned:
            host_of(self).tell_error(Refused(OVERTURNED))
            result = None
        if self.app.screen_stack[-1:] == [self]:
            return super().dismiss(result)
        self._last_word = (result,)
        return AwaitComplete()

    @property
    def _overturned(self) -> bool:
        """Whether what it asks about may be something else by now."""
        return self._asked_at < host_of(self).turned

    def comes_before(self, pressed: float) -> bool:
        """Return whether it was there, and could be seen, before a key was pressed."""
        return not self.UNASKED or pressed > self._came_up + aim.REACTION

    @on(events.ScreenResume)
    def _close_late(self) -> None:
        if self._last_word is not None:
            self.dismiss(*self._last_word)

    def body(self) -> ComposeResult:
        """Yield the content of the box."""
        yield from ()

    def tell_keys(self, told: str) -> None:
        """Show keys in the lower edge; those that have no room there stand above it."""
        self._keys = told
        for line in self.query("#keys").results(Static):
            self._put_keys(self.query_one("#box"), line)

    def tell_waiting(self, words: str) -> None:
        """Show in the lower edge what is waited for; "" for the keys again."""
        for box in self.query("#box"):
            if words:
                box.border_subtitle = Content(show.text(words))
                private_parts.draw_now(self, box)
            else:
                self.tell_keys(self._keys)

    def _put_keys(self, box: Widget, line: Static) -> None:
        above, edge = self._keys_parted()
        box.border_subtitle = Content.assemble(*_keys_line(edge))
        line.update(Content.assemble(*_keys_line(above)))
        line.display = bool(above)

    def _keys_parted(self) -> tuple[str, str]:
        """Return the first keys, which stand above the edge, and the last ones, which fit it."""
        parts = _keys_of(self._keys)
        kept = len(parts)
        while kept > 1 and terminal_text.width(" · ".join(parts[-kept:])) > self.room - 2:
            kept -= 1
        return " · ".join(parts[:-kept]), " · ".join(parts[-kept:])

    def refit(self) -> None:
        """Have what stands in the box fit another width."""

    @on(events.Resize)
    def _resized(self) -> None:
        # A size may come before the body is in the box, or as all is being closed.
        if any(each.id != "keys" for each in self.query("#box > *")):
            self.tell_keys(self._keys)
            self.refit()

    @property
    def glyphs(self) -> show.Glyphs:
        """The signs of the app's character set."""
        return cast("show.Glyphs", getattr(self.app, "glyphs", show.UNICODE))

    @property
    def room(self) -> int:
        """The width of the box inside, in cells."""
        # Not asked of the box: its content is made before it has a size.
        screen = self.app.size.width
        return max(20, min(self.WIDE or screen, screen) - 4)

    def fit(self, widget: Widget, above: int = 0) -> None:
        """Leave a widget the height that the edges of the box and `above` lines in it leave."""
        if told := self._keys_parted()[0]:
            above += len(terminal_text.wrap(told, self.room))
        widget.styles.max_height = max(3, self.app.size.height - above - 2)

    # What was typed and left

    def typed(self) -> Mapping[str, str]:
        """Return what has been typed and would be lost, by the names of its lines."""
        return {}

    def keep(self, typed: Mapping[str, str]) -> None:
        """Have what was typed there again when the same is asked."""
        host_of(self).unsent[self._asked_about] = typed

    def brought_back(self) -> Mapping[str, str]:
        """Return what was typed and left when the same was asked before, as `typed` does."""
        return host_of(self).unsent.pop(self._asked_about, {})

    def action_leave(self) -> None:
        """Leave without an answer; what has been typed is there again when the same is asked."""
        if typed := self.typed():
            self.keep(typed)
            host_of(self).tell(_("Kept what was typed; the same key brings it back."))
        self.dismiss(None)


def _keys_of(told: str) -> list[str]:
    """Return each key with what it does; the dot between them is a dash where ASCII is spelt."""
    return told.replace(" - ", " · ").split(" · ")


def _keys_line(told: str) -> Iterator[tuple[str, TextualStyle]]:
    """Yield keys and what they do, apart by a dot: the keys stand out."""
    key, word = (TextualStyle.from_rich_style(STYLES[role]) for role in ("key", "dim"))
    for at, part in enumerate(_keys_of(told)):
        name, _blank, does = part.partition(" ")
        yield from ((" · " * bool(at), word), (name, key), (f" {does}" if does else "", word))


def label(text: str) -> Static:
    """Return the name of a field, which steps back behind its value."""
    quiet = TextualStyle.from_rich_style(STYLES["dim"])
    return Static(Content.styled(text, quiet), classes="label")


class Preview(msgspec.Struct, frozen=True):
    """How a line is read.

    `answer` is its meaning, `lines` explain that, `spans` are its pieces, `problems` its mistakes;
    while there are any, the line cannot be taken. What is `new` by it is asked about before it is
    taken, and `doubts` are told.
    """

    answer: Any = None
    lines: tuple[Line, ...] = ()
    spans: tuple[Span, ...] = ()
    problems: tuple[TrackerError, ...] = ()
    new: tuple[Line, ...] = ()
    doubts: tuple[TrackerError, ...] = ()

    @property
    def noticed(self) -> tuple[Line, ...]:
        """What may not be meant: doubts, and what is new."""
        doubts = (((show.text(say(doubt)), "warn"),) for doubt in self.doubts)
        return (*doubts, *self.new)


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
        for style, told in (("error", preview.problems), ("warn", preview.doubts)):
            for problem in told:
                if isinstance(problem, BadInput) and problem.end > problem.start:
                    text.stylize(STYLES[style] + _MISTAKE, problem.start, problem.end)


def mistakes(problems: Iterable[TrackerError], cells: int) -> list[Line]:
    """Return the sentences of mistakes, each behind a sign."""
    lines: list[Line] = []
    for problem in problems:
        pieces = (("! ", "alarm"), (show.text(say(problem)), "plain"))
        lines += wrap_pieces(pieces, cells, indent=2)
    return lines


def create_again(count: int) -> Line:
    """Return the question whether new names may come into being."""
    words = ngettext(
        "{n} name is new: Enter again creates it.",
        "{n} names are new: Enter again creates them.",
        count,
    )
    return ((words.format(n=count), "strong"),)


class AskLine(Dialog[Any]):
    """One line to be typed, with how it is read below it; the answer is that of its Preview.

    `breaks` are the characters behind which a word begins that `suggest` knows others for. With
    `replace` what is typed first takes the place of `value`. Lines that are pasted are joined by
    `joint`. A line about several things whose values are `mixed` changes nothing until something
    is typed. What was typed and left is there again when the same is asked `about`, or else with
    the same title.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    DEFAULT_CSS = """
    AskLine Passage { min-height: 2; max-height: 8; }
    """

    WIDE = None

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
        joint: str = " ",
        mixed: bool = False,
        about: tuple[object, ...] = (),
    ) -> None:
        keys = _("Enter accept · Tab/→ complete · Esc cancel")
        self._refusal: TrackerError | None = None
        told = keys if suggest else _("Enter accept · Esc cancel")
        super().__init__(title, told, about=about)
        self._hint, self._value = hint, value
        self._before = value
        # Whether what is in the line was typed and left before.
        self._kept = False
        self._check = checked(check)
        self._completion = Completion(suggest, breaks)
        self._replace, self._joint = replace, joint
        self._mixed = mixed
        # The line for which it was asked whether what is new may come into being.
        self._asked: str | None = None

    def typed(self) -> Mapping[str, str]:
        """Return the line unless it is as it was, or empty."""
        for box in self.query(LineInput):
            if box.value.strip() not in ("", self._before.strip()):
                return {_LINE: box.value}
        return {}

    def keep_line(self, text: str) -> None:
        """Have a line that was taken, but came to nothing, there again when the same is asked."""
        self.keep({_LINE: text})

    def body(self) -> ComposeResult:
        """The line and its reading."""
        if kept := self.brought_back().get(_LINE):
            # It is gone on with, and neither replaced nor one of several values.
            self._value, self._replace, self._mixed, self._kept = kept, False, False, True
        yield LineInput(
            self._value,
            highlighter=Marks(self._check),
            select_on_focus=self._replace,
            joint=self._joint,
            placeholder=_("(differs)") if self._mixed else "",
        )
        self._completion.look(self._value, self._start)
        yield Passage(self._told(self._value))

    @property
    def _start(self) -> int:
        """Where the cursor begins: what begins with a blank is to be written before."""
        return 0 if self._value.startswith(" ") else len(self._value)

    def on_mount(self) -> None:
        """Put the cursor where the line is to be written."""
        if self._start == 0:
            self.query_one(Input).cursor_position = 0

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self._read()

    def action_page(self, by: int) -> None:
        """Scroll through how the line is read."""
        passage = self.query_one(Passage)
        step = by * max(1, passage.size.height - 1)
        passage.scroll_to(y=passage.scroll_offset.y + step, animate=False)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._mixed = self._mixed and not event.value
        self._refusal = None
        self._completion.look(event.value, event.input.cursor_position)
        self._read()

    @on(Input.Submitted)
    async def _submitted(self, event: Input.Submitted) -> None:
        preview = self._check(event.value)
        if self._mixed:
            self.dismiss(None)
        elif preview.new and not preview.problems and self._asked != event.value:
            self._asked = event.value
            self._read()
            self.app.bell()
        elif not preview.problems:
            self._refusal = await self.take(preview.answer)
            self._read()
        else:
            first = preview.problems[0]
            if isinstance(first, BadInput) and first.end:
                event.input.cursor_position = first.end
            self.app.bell()

    @on(LineInput.AtEnd)
    def _take_suggested(self) -> None:
        if self._completion.extends(self.query_one(Input)):
            self.action_complete(1)

    def action_complete(self, by: int) -> None:
        """Put in the next suggestion."""
        self._completion.put_next(self.query_one(Input), by)
        self._read()

    def _read(self) -> None:
        self.query_one(Passage).put(self._told(self.query_one(Input).value))

    def _told(self, value: str) -> list[Line]:
        """Return how the line is read."""
        preview = self._check(value)
        cells = self.room
        # First, since how a long line is read may leave no room.
        lines = mistakes([self._refusal] if self._refusal else (), cells)
        if self._kept and self._before:
            words = _("This was typed and left before; the value is {value}.")
            value = words.format(value=show.text(self._before))
            lines += wrap_pieces([(value, "warn")], cells)
        if self._hint and (not value or not (preview.lines or preview.problems)):
            lines += wrap_pieces([(self._hint, "dim")], cells)
        if self._mixed:
            words = _("The values differ; Enter leaves them as they are.")
            return lines + wrap_pieces([(words, "plain")], cells) + self._completion.lines(cells)
        # Nobody is blamed for a line not begun.
        wrong = mistakes(preview.problems if value else (), cells)
        if self._asked == value and preview.new and not preview.problems:
            lines += wrap_pieces(create_again(len(preview.new)), cells)
        pieces = (*preview.noticed, *preview.lines)
        told = [line for words in pieces for line in wrap_pieces(words, cells)]
        # Below many lines nobody would see what is wrong with one of them.
        lines += (
            [*wrong, *told] if self._joint.strip() and self._joint in value else [*told, *wrong]
        )
        return lines + self._completion.lines(cells)


class Completion:
    """The suggestions for the word before the cursor, put in one after the other."""

    def __init__(self, suggest: Suggest | None, breaks: str = " ") -> None:
        self._suggest, self._breaks = suggest, breaks
        self._words: Sequence[str] = ()
        self._head = self._tail = ""
        self._at = -1
        self._asked_at = ""

    def look(self, text: str, cursor: int) -> None:
        """Look for suggestions after the line has changed, unless by a suggestion."""
        if self._asked_at and text == self._asked_at:
            return
        self._asked_at, self._at = "", -1
        before = text[:cursor]
        start = word_start(before, self._breaks)
        self._head, self._tail = before[:start], text[cursor:]
        words = self._suggest(text, cursor) if self._suggest else ()
        self._words = [word for word in words if word != before[start:]]

    def offers(self, box: Input) -> bool:
        """Return whether there is something to put in for what has been typed."""
        return bool(self._words) and bool(self._asked_at or box.value[len(self._head) :])

    def extends(self, box: Input) -> bool:
        """Return whether what is offered first goes on from what has been typed."""
        typed = box.value[len(self._head) : box.cursor_position]
        words = [] if self._asked_at else self._words
        return bool(typed and words) and goes_on(words[0], typed)

    def put_next(self, box: Input, by: int) -> None:
        """Put the next suggestion into the line."""
        if not self._asked_at:
            self.look(box.value, box.cursor_position)
        if not self._words:
            return
        self._at = (
            (self._at + by) % len(self._words)
            if self._at >= 0
            else (0 if by > 0 else len(self._words) - 1)
        )
        word = self._words[self._at]
        self._asked_at = self._head + word + self._tail
        box.value = self._asked_at
        box.cursor_position = len(self._head + word)

    def lines(self, cells: int) -> list[Line]:
        """Return the line that shows the suggestions, the one put in marked."""
        if not self._words:
            return []
        pieces = [("Tab ", "key")]
        start = max(0, self._at - 2)
        for i, word in enumerate(self._words[start : start + 20], start):
            style = "cursor" if i == self._at else "dim"
            pieces += [(show.text(word.strip()), style), ("  ", "plain")]
        return wrap_pieces(pieces, cells)[:1]


def word_start(before: str, breaks: str) -> int:
    """Return where the word at the end of `before` begins."""
    start = max((before.rfind(sign) for sign in breaks), default=-1) + 1
    return start + len(before[start:]) - len(before[start:].lstrip())
