"""One change in all its fields, before and after."""

from __future__ import annotations

from collections.abc import Iterator

from tracker import terminal_text
from tracker.domain.change import Record
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.wording import log_words, show
from tracker.wording.figures import moment
from tracker.wording.show import Glyphs, Piece

# Of an import of everything there is so much can be read here; `tracker log --json` has all of it.
_MOST = 200


class RecordPage(Reading[None]):
    """Who did what when, and each field that it changed."""

    def __init__(self, ws: Workspace, record: Record, glyphs: Glyphs, *, undone: bool) -> None:
        super().__init__(show.text(say(record.change.label)))
        self._ws, self._record, self._signs, self._undone = ws, record, glyphs, undone

    def text_lines(self) -> Iterator[Line]:
        """Yield who and when, and then one thing after the other."""
        record, dot = self._record, self._signs.dot
        head = [moment(record.at), show.text(record.who), _("no. {seq}").format(seq=record.seq)]
        if self._undone:
            head.append(_("undone"))
        yield ((f" {dot} ".join(head), "dim"),)
        for edit in record.change.edits[:_MOST]:
            yield ()
            pieces: list[Piece] = [(log_words.thing(self._ws, edit, self._signs), "strong")]
            if word := log_words.came_or_went(edit):
                pieces.append((f" {dot} {word}", "dim"))
            yield from wrap_pieces(pieces, self.cells, indent=2)
            found = list(log_words.fields(self._ws, edit))
            labels = max((terminal_text.width(name) for name, _b, _a in found), default=0)
            for name, before, after in found:
                label: Piece = (f"  {terminal_text.fit(name, labels)}  ", "dim")
                if edit.before is not None and edit.after is not None:
                    values: list[Piece] = [
                        (before or "–", "plain"),
                        (f" {self._signs.right} ", "dim"),
                        (after or "–", "strong"),
                    ]
                else:
                    values = [(before or after, "plain")]
                yield from wrap_pieces([label, *values], self.cells, indent=labels + 2)
        if (left := len(record.change.edits) - _MOST) > 0:
            yield ()
            yield ((ngettext("and {n} more", "and {n} more", left).format(n=left), "dim"),)
