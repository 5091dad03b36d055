"""What an export does not say, and whether to write it; and how far a long one is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker.exchange.delivery import Delivery, ExportOrder, existing, losses
from tracker.language import _, ngettext
from tracker.tui.dialogs.asking import Dialog
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import MOVING, Passage
from tracker.wording import show

# How often it is looked how far something is, in seconds.
_LOOK = 0.2


class ExportNotes(Reading[bool]):
    """The files of an export before they are written: yes writes them, over what is there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "yes", show=False),
        Binding("n,q", "leave", show=False),
        Binding("space", "half_page(1)", show=False),
        *MOVING,
    ]

    def __init__(self, order: ExportOrder, made: Sequence[Delivery]) -> None:
        self._made = made
        self.losses = list(losses(order, made))
        self._there = frozenset(existing(made))
        verb = _("replace") if self._there else _("write")
        keys = _("Enter/y {verb} · j k scroll · Esc/n cancel").format(verb=verb)
        super().__init__(_("Export as {format}").format(format=order.format.name), keys)

    def text_lines(self) -> Iterable[Line]:
        """Return the files, those that would be replaced first, and what they do not say."""
        for each in sorted(self._made, key=lambda each: each.path not in self._there):
            tasks = ngettext("{n} task", "{n} tasks", each.tasks).format(n=each.tasks)
            pieces = [(f"{show.text(str(each.path))}: {tasks}", "strong")]
            if each.path in self._there:
                there = _("is there already, and would be replaced")
                pieces.append((f" · {there}", "alarm"))
            yield from wrap_pieces(pieces, self.room)
        for head, told in self.losses:
            yield ()
            yield from wrap_pieces([(f"{head}:", "plain")], self.room)
            for text in told:
                yield from wrap_pieces([(f"  {show.text(text)}", "plain")], self.room)

    def action_yes(self) -> None:
        """Have them written."""
        self.dismiss(True)


class Working(Dialog[None]):
    """Something that takes its time, with how far it is; Esc stops it."""

    def __init__(self, title: str, far: Callable[[], str]) -> None:
        super().__init__(title, _("Esc stops and leaves everything as it was"))
        self._far = far

    def body(self) -> ComposeResult:
        """Say how far it is."""
        yield Passage(self._told())

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(_LOOK, self.refit)

    def refit(self) -> None:
        """Say how far it is now."""
        self.query_one(Passage).put(self._told())

    def _told(self) -> list[Line]:
        return wrap_pieces([(show.text(self._far()), "plain")], self.room)
