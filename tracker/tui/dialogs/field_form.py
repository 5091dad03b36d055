"""A form: every field on a line of its own, read as it is typed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Input

from tracker import terminal_text
from tracker.domain.errors import Conflict, TrackerError
from tracker.language import _, ngettext
from tracker.tui.dialogs.asking import (
    Check,
    Completion,
    Dialog,
    Marks,
    Preview,
    checked,
    create_again,
    mistakes,
)
from tracker.tui.dialogs.questions import Confirm
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.tui.widgets.line_input import LineInput
from tracker.wording import show
from tracker.wording.field_texts import left_as_stored, line

# The lines of a form at most, and those that are not fields: its edges, how one is read, mistakes.
_HIGHEST, _AROUND = 26, 8


class FieldForm(Dialog[dict[str, Any]]):
    """Fields to be edited, a line each; the answer is what is to be set, changes only.

    Only the field under the cursor is an input, laid over its line: twenty would take five times
    as long to open.
    """

    DEFAULT_CSS = """
    FieldForm {
        & #fields { height: 1fr; layers: rows edit; }
        & #fields > Choices { layer: rows; height: 1fr; }
        & #fields > Input { layer: edit; }
        & > #box > Passage { height: 3; }
    }
    """

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", show=False),
        Binding("up,ctrl+p", "step(-1)", show=False),
        Binding("tab", "complete_or_step(1)", show=False, priority=True),
        Binding("shift+tab", "complete_or_step(-1)", show=False, priority=True),
        Binding("pagedown", "step(6)", show=False),
        Binding("pageup", "step(-6)", show=False),
    ]

    def __init__(
        self,
        title: str,
        about: str,
        fields: Sequence[str],
        long: Collection[str] = (),
        *,
        at: str | None = None,
    ) -> None:
        super().__init__(title, _("Enter save · ↑↓ field · Tab complete · Esc cancel"))
        self._about, self._fields, self._long = about, tuple(fields), long
        self._before = {field: self.stored(field) for field in self._fields}
        self._texts = dict(self._before)
        self._field = at or self._fields[0]
        self._checks = {field: checked(self._reader(field)) for field in self._fields}
        self._completion = Completion(None)
        self._whole: TrackerError | None = None
        # What it was asked about whether it may come into being.
        self._asked: frozenset[Line] = frozenset()
        # What somebody else has set meanwhile in fields that are being changed here.
        self._theirs: dict[str, str] = {}
        self._margin = max(terminal_text.width(self.label(field)) for field in self._fields) + 4

    # What a subclass knows of its fields

    @abstractmethod
    def label(self, field: str) -> str:
        """Return what a field is called."""

    @abstractmethod
    def hint(self, field: str) -> str:
        """Return what may be typed into a field."""

    @abstractmethod
    def raw(self, field: str) -> str:
        """Return the text of a field as it is stored."""

    def stored(self, field: str) -> str:
        """Return the text of a field as it is edited: in one line, unless it is a long one."""
        return self.raw(field) if field in self._long else line(self.raw(field))

    @abstractmethod
    def read(self, field: str, text: str) -> Preview:
        """Return how a text is read; its answer is what is to be set. Raises TrackerError."""

    @abstractmethod
    def try_all(self, fields: Mapping[str, Any]) -> None:
        """Raise the TrackerError that setting all of some fields would meet."""

    @abstractmethod
    def renew(self) -> bool:
        """Take in what is edited as it is stored by now; False if it is gone."""

    def suggestions(self, _field: str, _text: str, _cursor: int) -> Sequence[str]:
        """Return what the word before the cursor may become."""
        return ()

    def breaks(self, _field: str) -> str:
        """Return the characters behind which another value of a field begins."""
        return ""

    def replaces(self, _field: str) -> bool:
        """Return whether what is typed takes the place of the text rather than extends it."""
        return True

    def summary(self, _field: str, text: str) -> str:
        """Return what stands for the text of a long field."""
        return text

    # What it is made of

    def body(self) -> ComposeResult:
        """The lines, the input over one of them, and how it is read."""
        with Container(id="fields"):
            rows = Choices()
            rows.put(map(self._row, self._fields), at=self._field)
            yield rows
            yield LineInput(
                self._texts[self._field],
                select_on_focus=False,
                highlighter=Marks(lambda text: self._checks[self._field](text)),
            )
        yield Passage(self._told())

    def on_mount(self) -> None:
        """Begin with a field; the input goes with its line wherever that is scrolled to."""
        # Mistakes are shown between the fields.
        self.query_one("#box").styles.height = min(len(self._fields) + _AROUND, _HIGHEST)
        self.watch(self._rows, "scroll_y", self._place, init=False)
        self._edit(self._field)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    @property
    def _rows(self) -> Choices:
        return self.query_one("#fields > Choices", Choices)

    # Reading

    def _reader(self, field: str) -> Check:
        def check(text: str) -> Preview:
            if text == self._before[field]:
                return Preview({})
            if field not in self._long:
                text = left_as_stored(self.raw(field), text)
            return self.read(field, text)

        return check

    def _problems(self) -> dict[str, TrackerError]:
        """Return the mistake of each field that has one."""
        found = {}
        for field, text in self._texts.items():
            problems = self._checks[field](text).problems
            if problems:
                found[field] = problems[0]
        return found

    def _newcomers(self) -> frozenset[Line]:
        """Return what would come into being by the fields as they are."""
        checks, texts = self._checks, self._texts
        return frozenset(new for field in self._changed for new in checks[field](texts[field]).new)

    @property
    def _changed(self) -> list[str]:
        return [field for field in self._fields if self._texts[field] != self._before[field]]

    # Showing

    def _list(self) -> None:
        """Show all lines, mistakes below their fields."""
        cells = max(20, self._rows.scrollable_size.width - self._margin)
        problems = self._problems()
        rows = []
        for field in self._fields:
            rows.append(self._row(field))
            if field in problems and field != self._field:
                sentence = mistakes([problems[field]], cells)
                rows += [
                    ChoiceRow(None, ((" " * self._margin, "plain"), *told)) for told in sentence
                ]
            if field in self._theirs:
                words = _("Enter again keeps yours · changed in the meantime: {value}").format(
                    value=show.text(self._theirs[field].replace("\n", " ")) or "–"
                )
                rows.append(ChoiceRow(None, ((" " * self._margin, "plain"), (words, "warn"))))
        self._rows.put(rows, at=self._field)
        self._place()

    def _row(self, field: str) -> ChoiceRow:
        text = self._texts[field]
        if field in self._long:
            shown = self.summary(field, text)
            style = "dim"
        else:
            shown, style = show.text(text), "plain"
        sign = "*" if text != self._before[field] else " "
        name = terminal_text.fit(self.label(field), self._margin - 4)
        return ChoiceRow(field, ((f"{name} {sign}", "dim"), (shown, style)))

    def _place(self) -> None:
        """Lay the input over the line of its field."""
        rows, box = self._rows, self._input
        at = next((i for i, row in enumerate(rows.items) if row.key == self._field), 0)
        box.styles.offset = (self._margin, at - rows.scroll_offset.y)
        cells = rows.scrollable_size.width or self.room
        box.styles.width = max(10, cells - self._margin)

    def _edit(self, field: str) -> None:
        """Give a field the input, or the cursor alone if it is a long one."""
        self._field = field
        box = self._input
        if field in self._long:
            box.display = False
            self._rows.focus()
        else:
            box.display = True
            with box.prevent(Input.Changed):
                box.value = self._texts[field]
            box.cursor_position = len(box.value)
            box.focus()
            if self.replaces(field):
                box.select_all()
            self._completion = Completion(
                lambda text, cursor: self.suggestions(self._field, text, cursor),
                self.breaks(field),
            )
            self._completion.look(box.value, box.cursor_position)
        self._place()
        self._tell()

    def _tell(self) -> None:
        self.query_one("#box > Passage", Passage).put(self._told())

    def _told(self) -> list[Line]:
        """Return how the field is read, or what may be typed there."""
        cells = self.room
        text = self._texts[self._field]
        preview = self._checks[self._field](text)
        lines: list[Line] = []
        if self._whole is not None:
            lines += mistakes([self._whole], cells)
        lines += mistakes(preview.problems, cells)
        if self._asked and self._asked == self._newcomers():
            lines += wrap_pieces(create_again(len(self._asked)), cells)
        for told in (*preview.noticed, *preview.lines):
            lines += wrap_pieces(told, cells)
        if not lines:
            lines = wrap_pieces([(self.hint(self._field), "dim")], cells)
        if self._field not in self._long:
            lines += self._completion.lines(cells)
        return lines[:3]

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self.call_after_refresh(self._list)
        self._tell()

    # Moving

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        # Gone to another meanwhile: that will be told as well, and the two must not take turns.
        if event.key == self._rows.key and event.key not in (None, self._field):
            left = self._field
            if left not in self._long:
                # What was typed there may be told only after this.
                self._texts[left] = self._input.value
            self._edit(event.key)
            if self._checks[left](self._texts[left]).problems or self._mistakes_shown:
                self._list()

    @property
    def _mistakes_shown(self) -> bool:
        return any(row.key is None for row in self._rows.items)

    def action_step(self, by: int) -> None:
        """Go to another field."""
        self._rows.step(by)

    def action_complete_or_step(self, by: int) -> None:
        """Put in the next suggestion; where there is none, go to another field."""
        if self._field not in self._long and self._completion.offers(self._input):
            self._completion.put_next(self._input, by)
            self._tell()
        else:
            self.action_step(by)

    @on(LineInput.AtEnd)
    def _take_suggested(self) -> None:
        if self._completion.extends(self._input):
            self._completion.put_next(self._input, 1)
            self._tell()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if self._field in self._long or event.value != event.input.value:
            return  # it was typed in the field before, or goes on
        self._texts[self._field] = event.value
        self._whole = None
        self._completion.look(event.value, event.input.cursor_position)
        self._rows.put([*self._lines_with(self._field)], at=self._field)
        self._tell()

    def _lines_with(self, field: str) -> list[ChoiceRow]:
        return [self._row(field) if row.key == field else row for row in self._rows.items]

    # The answer

    @on(Choices.Taken)
    @work
    async def _open(self) -> None:
        """Write a long field in a box of its own."""
        if self.app.screen is not self:
            return  # three clicks take a line twice, and of two boxes the lower would win
        field = self._field
        if field not in self._long:
            await self._save()
            return
        ask = AskText(
            f"{self.label(field)} · {self._about}",
            self.hint(field),
            self._texts[field],
        )
        text = await self.app.push_screen_wait(ask)
        if text is not None:
            self._texts[field] = text
            self._list()
            self._tell()

    @on(Input.Submitted)
    async def _save(self) -> None:
        problems = self._problems()
        fields: dict[str, Any] = {}
        for field in self._changed:
            if field not in problems:
                fields |= self._checks[field](self._texts[field]).answer
        new = self._newcomers()
        if not problems and new and self._asked != new:
            self._asked = new
        elif not problems:
            try:
                self.try_all(fields)
            except TrackerError as error:
                self._whole = error
            else:
                self._whole = await self.take(fields)
                if self._whole is None:
                    return
                if isinstance(self._whole, Conflict):
                    self._meet(self._whole)
        self.app.bell()
        if problems and self._field not in problems:
            self._edit(next(iter(problems)))
        self._list()
        self._tell()

    def _meet(self, conflict: Conflict) -> None:
        """Take in what somebody else has set meanwhile, and keep what is typed beside it."""
        if not self.renew():
            return
        for field, mine in self._texts.items():
            theirs = self.stored(field)
            if mine == self._before[field]:
                self._texts[field] = theirs
            elif theirs != self._before[field]:
                self._theirs[field] = theirs
            self._before[field] = theirs
        self._checks = {field: checked(self._reader(field)) for field in self._fields}
        self._whole = conflict
        if self._field not in self._long and self._input.value != self._texts[self._field]:
            # What stood there before would be taken for typed as soon as one goes on.
            self._edit(self._field)

    def action_leave(self) -> None:
        """Leave; what has been typed is not thrown away without asking."""
        if self._changed:
            self._ask_whether_to_leave(len(self._changed))
        else:
            self.dismiss(None)

    @work
    async def _ask_whether_to_leave(self, count: int) -> None:
        question = ngettext(
            "Discard the change to {n} field?", "Discard the changes to {n} fields?", count
        )
        sure = Confirm(question.format(n=count), _("discard"), _("go on editing"))
        if await self.app.push_screen_wait(sure):
            self.dismiss(None)


class AskText(Dialog[str]):
    """A text of several lines; Esc gives it back, so that nothing typed is lost."""

    DEFAULT_CSS = """
    AskText {
        & > #box { height: 90%; }
        & TextArea, & TextArea:focus {
            height: 1fr;
            border: none;
            padding: 0;
            background: ansi_default;
            color: ansi_default;
        }
        & Passage { height: 1; }
    }
    """

    WIDE = 100

    def __init__(self, title: str, hint: str, text: str) -> None:
        super().__init__(title, _("Esc back to the form, keeping the text"))
        self._hint, self._text = hint, text
        # The text as it is shown: with line ends that are all of one kind.
        self._begun_with = text

    def body(self) -> ComposeResult:
        """The text."""
        from textual.widgets import TextArea

        yield Passage([((self._hint, "dim"),)])
        yield TextArea(self._text, soft_wrap=True, compact=True, highlight_cursor_line=False)

    def on_mount(self) -> None:
        """Go on at the end."""
        from textual.widgets import TextArea

        box = self.query_one(TextArea)
        self._begun_with = box.text
        box.move_cursor(box.document.end)

    def action_leave(self) -> None:
        """Give the text back."""
        from textual.widgets import TextArea

        text = self.query_one(TextArea).text
        self.dismiss(self._text if text == self._begun_with else text)
