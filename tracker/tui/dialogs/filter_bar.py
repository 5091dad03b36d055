"""The filters that are kept: to be shown, kept anew, or forgotten."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker.domain.errors import BadInput
from tracker.domain.typing.line_parser import complete_word, parse_filter
from tracker.domain.verbs.saved_filters import called
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.tui.dialogs.asking import AskLine, Dialog, Preview
from tracker.tui.text.fitting import Line
from tracker.tui.widgets.choices import ChoiceRow, Choices
from tracker.wording import show


class FilterAnswer(NamedTuple):
    """What is to be done with a filter; a new one has no id."""

    what: Literal["show", "save", "edit", "delete"]
    filter: int | None = None


class FilterBar(Dialog[FilterAnswer]):
    """The filters that are kept, by name, each with how many tasks it finds."""

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", show=False),
        Binding("s,a", "save", show=False),
        Binding("e", "edit", show=False),
        Binding("x", "delete", show=False),
    ]

    DEFAULT_CSS = """
    FilterBar Choices { max-height: 18; }
    """

    def __init__(self, ws: Workspace, today: date, me: str) -> None:
        super().__init__(
            _("Filters"), _("Enter show · s save a filter · e edit · x delete · Esc cancel")
        )
        self._ws, self._today, self._me = ws, today, me

    def body(self) -> ComposeResult:
        """The list."""
        rows = self._rows()
        choices = Choices(rows)
        choices.put(rows, at=rows[0].key)
        yield choices

    def _rows(self) -> list[ChoiceRow]:
        kept = sorted(self._ws.filters.values(), key=lambda each: each.name.casefold())
        rows = [
            ChoiceRow(
                each.id,
                ((show.text(each.name), "plain"), ("  ", ""), (show.text(each.query), "dim")),
                ((self._count(each.query), "dim"),),
            )
            for each in kept
        ]
        nothing = _("No filter is saved yet; s saves one.")
        return rows or [ChoiceRow(None, ((nothing, "dim"),))]

    def _count(self, query: str) -> str:
        """Return how many tasks a filter finds; nothing where it cannot be read any more."""
        try:
            found = parse_filter(query, self._today, me=self._me, ws=self._ws).over(self._ws)
        except BadInput:
            return self.glyphs.alarm
        return str(sum(map(found, self._ws.tasks.values())))

    @on(Choices.Taken)
    def _taken(self) -> None:
        self._answer("show")

    def action_edit(self) -> None:
        """Edit the filter under the cursor."""
        self._answer("edit")

    def action_delete(self) -> None:
        """Forget the filter under the cursor."""
        self._answer("delete")

    def action_save(self) -> None:
        """Keep another filter."""
        self.dismiss(FilterAnswer("save"))

    def _answer(self, what: Literal["show", "edit", "delete"]) -> None:
        key = self.query_one(Choices).key
        if isinstance(key, int):
            self.dismiss(FilterAnswer(what, key))
        else:
            self.app.bell()


def filter_line(ws: Workspace, today: date, me: str, value: str) -> AskLine:
    """Ask for a filter to be kept, typed as `name = filter`; the answer is these two."""

    def check(text: str) -> Preview:
        name, _sign, query = text.partition("=")
        if not name.strip() or not query.strip():
            raise BadInput("Enter a name, = and a filter.")
        try:
            found = parse_filter(query, today, me=me, ws=ws)
        except BadInput as error:
            at = len(text) - len(query)
            raise BadInput(error.sentence, start=error.start + at, end=error.end + at) from None
        count = sum(map(found.over(ws), ws.tasks.values()))
        told: list[Line] = [
            ((ngettext("{n} task matches", "{n} tasks match", count).format(n=count), "strong"),)
        ]
        if (old := called(ws, name)) is not None:
            words = _("Replaces {name} = {query}").format(name=old.name, query=old.query)
            told.append(((show.text(words), "warn"),))
        answer: dict[str, Any] = {"name": name.strip(), "query": query.strip()}
        return Preview(answer, tuple(told))

    return AskLine(
        _("Save a filter"),
        _("name = filter, such as: Late in Netz = @netz state:late"),
        value=value,
        check=check,
        suggest=lambda text, cursor: complete_word(text, cursor, ws),
    )
