"""What an export does not say, and whether to write it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tracker.exchange.delivery import Delivery, ExportOrder, existing, losses
from tracker.language import _, ngettext, say
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import MOVING
from tracker.wording import show


class ExportNotes(Reading[bool]):
    """The files of an export before they are written: yes writes them, over what is there."""

    UNASKED: ClassVar[bool] = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "yes", show=False),
        Binding("n,q", "leave", show=False),
        Binding("space", "half_page(1)", show=False),
        *MOVING,
    ]

    def __init__(self, order: ExportOrder, made: Sequence[Delivery]) -> None:
        self._made = made
        self._about = order.format.about
        self.losses = list(losses(order, made))
        self._there = frozenset(existing(made))
        verb = _("replace") if self._there else _("write")
        keys = _("Enter/y {verb} · j/k scroll · Esc/n cancel").format(verb=verb)
        super().__init__(_("Export as {format}").format(format=order.format.name), keys)

    def text_lines(self) -> Iterable[Line]:
        """Return the files, those that would be replaced first, and what they do not say."""
        for each in sorted(self._made, key=lambda each: each.path not in self._there):
            tasks = ngettext("{n} task", "{n} tasks", each.tasks).format(n=each.tasks)
            pieces = [(f"{show.text(str(each.path))}: {tasks}", "strong")]
            if each.path in self._there:
                there = _("is there already, and would be replaced")
                pieces.append((f" · {there}", "alarm"))
            yield from wrap_pieces(pieces, self.cells)
        yield from wrap_pieces([(say(self._about), "dim")], self.cells)
        dot = f" {self.glyphs.dot} "
        for head, told in self.losses:
            yield ()
            pieces = [(f"{head}: ", "strong"), (show.text(dot.join(told)), "plain")]
            yield from wrap_pieces(pieces, self.cells, indent=2)

    def action_yes(self) -> None:
        """Have them written."""
        self.dismiss(True)
