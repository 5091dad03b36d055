"""Return arrows in words: a row each, and the details of one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import Link
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.forecast import ReturnFigures
from tracker.flow.forecast.loop_health import Health
from tracker.language import _
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.wording import return_words, show
from tracker.wording.figures import number, percent
from tracker.wording.return_words import day_count
from tracker.wording.show import Glyphs, Piece

# What gives way to the names of the tasks where a line is short, in this order.
_GIVING_WAY = ("departments", "spread", "money", "learned", "first", "passes", "note")
# The cells the names of an arrow are to have.
_NAMES = 28


class Returns:
    """The return arrows of a plan, with what is known of each: the costliest first."""

    def __init__(
        self,
        ws: Workspace,
        figures: Mapping[int, ReturnFigures],
        today: date,
        glyphs: Glyphs,
        *,
        scope: Collection[int] | None = None,
        tried: Mapping[int, str] | None = None,
    ) -> None:
        self.ws, self.figures, self.today, self.glyphs = ws, figures, today, glyphs
        # What is being tried with an arrow, in a few words.
        self._tried = tried or {}
        self._widths: dict[int, list[tuple[str, int]]] = {}
        # An arrow is of the scope that its gate is of.
        self.order = tuple(
            key
            for key in return_words.costliest(ws, figures)
            if scope is None or ws.links[key].source in scope
        )
        self._money = any(found.cost_money is not None for found in figures.values())

    @cached_property
    def worst(self) -> dict[int, int]:
        """The arrow to be fixed first of each project in which one costs anything."""
        orders: dict[int, list[int]] = {}
        for key in self.order:
            gate = self.ws.tasks[self.ws.links[key].source]
            orders.setdefault(gate.project or 0, []).append(key)
        found = {
            project: return_words.to_fix_first(self.figures, tuple(order))
            for project, order in orders.items()
        }
        return {project: link for project, link in found.items() if link is not None}

    # Rows

    def heading(self, cells: int) -> list[Piece]:
        """Return the names of the columns."""
        pieces: list[Piece] = [(" ", "")]
        for column, width in self._columns(cells):
            pieces += [(terminal_text.fit(self._head(column), width), "heading"), (" ", "")]
        return pieces

    def _head(self, column: str) -> str:
        return {
            "arrow": _("From → to"),
            "departments": _("Departments"),
            "rate": _("Rate"),
            "learned": _("Returned"),
            "passes": _("Passes"),
            "spread": _("Ahead P50/P95"),
            "first": _("First pass"),
            "cost": _("Costs P50/P80"),
            "money": show.currency(self.ws),
            "note": "",
        }[column]

    def row(self, key: int, cells: int) -> list[Piece]:
        """Return an arrow as a row."""
        link = self.ws.links[key]
        found = self.figures.get(key)
        pieces: list[Piece] = [(" ", "")]
        for column, width in self._columns(cells):
            text, style = self._cell(column, link, found, width)
            pieces += [(terminal_text.fit(text, width), style), (" ", "")]
        return pieces

    def _cell(
        self, column: str, link: Link, found: ReturnFigures | None, width: int
    ) -> tuple[str, str]:
        if column == "arrow":
            return self.ends(link, width), "strong" if link.id in self.worst.values() else "plain"
        if column == "departments":
            return self._between(link), "dim"
        if column == "passes":
            return return_words.passes_cell(self.ws, link, self.glyphs)
        if column == "note":
            return self._note(link)
        if found is None:
            return (percent(link.rate), "plain") if column == "rate" else ("", "")
        if column == "rate":
            return percent(found.rate), "plain"
        if column == "learned":
            return return_words.learned_cell(link, return_words.seen(found)), "dim"
        if column == "spread":
            return f"{number(found.passes_p50)}/{number(found.passes_p95)}", "plain"
        if column == "first":
            return percent(found.first_pass_yield), "plain"
        if found.cost_p50 is None or found.cost_p80 is None:
            return self.glyphs.more, "dim"
        if column == "money":
            return ("" if found.cost_money is None else number(found.cost_money, 0)), "plain"
        cost = _("{p50}/{p80} d").format(
            p50=day_count(found.cost_p50), p80=day_count(found.cost_p80)
        )
        return cost, "strong"

    def _note(self, link: Link) -> tuple[str, str]:
        if link.id in self._tried:
            return self._tried[link.id], "warn"
        if link.id in self.worst.values():
            return _("fix this first"), "alarm"
        if status.over(self.ws, link):
            return _("over the limit"), "alarm"
        return (_("observed only"), "dim") if link.observed else ("", "")

    def _columns(self, cells: int) -> list[tuple[str, int]]:
        """Return the columns that have room, with their widths; the names take what is left."""
        if cells not in self._widths:
            self._widths[cells] = self._measured(cells)
        return self._widths[cells]

    def _measured(self, cells: int) -> list[tuple[str, int]]:
        widths = {
            "arrow": 0,
            "departments": max(
                (terminal_text.width(self._between(k)) for k in self._links), default=0
            ),
            "rate": 5,
            "learned": 18,
            "passes": 7,
            "spread": 8,
            "first": terminal_text.width(_("First pass")),
            "cost": terminal_text.width(_("Costs P50/P80")),
            "money": 9 if self._money else 0,
            "note": max(map(terminal_text.width, (_("fix this first"), _("over the limit")))),
        }
        widths = {
            name: max(width, terminal_text.width(self._head(name))) if width else 0
            for name, width in widths.items()
            if width or name == "arrow"
        }
        for name in _GIVING_WAY:
            if cells - 1 - sum(widths.values()) - len(widths) >= _NAMES:
                break
            widths.pop(name, None)
        left = cells - 1 - sum(widths.values()) - len(widths)
        return [(name, width or max(left, 8)) for name, width in widths.items()]

    @property
    def _links(self) -> list[Link]:
        return [self.ws.links[key] for key in self.order]

    def ends(self, link: Link, cells: int) -> str:
        """Return where an arrow comes from and leads to, cut to some cells."""
        arrow = f" {self.glyphs.right} "
        names = [show.name(self.ws, end) for end in (link.source, link.target)]
        room = cells - terminal_text.width(arrow)
        half = room // 2
        short = min(terminal_text.width(name) for name in names)
        share = room - short if short < half else room - half
        shown = (
            terminal_text.cut(name, max(share, 4), ellipsis=self.glyphs.more) for name in names
        )
        return arrow.join(shown)

    def _between(self, link: Link) -> str:
        """Return the departments of both ends, by their short names where they have one."""
        found = [self.ws.tasks[end].department or 0 for end in (link.source, link.target)]
        lanes = [self.ws.departments.get(key) for key in dict.fromkeys(found)]
        names = [show.text(lane.short or lane.name) for lane in lanes if lane]
        return f" {self.glyphs.right} ".join(terminal_text.cut(name, 14) for name in names)

    # One of them

    def told(self, key: int, cells: int, health: Health | None) -> list[Line]:
        """Return all that is known of an arrow."""
        link = self.ws.links[key]
        found = self.figures.get(key)
        facts = return_words.facts(self.ws, link, return_words.seen(found), self.glyphs)
        first = [self._names(link, cells - 1), list(facts)]
        if found is not None:
            first.append(list(return_words.ahead(self.ws, found, self.glyphs)))
        rest = [*return_words.ledger(self.ws, link, self.today, self.glyphs)]
        if health is not None:
            rest.append(list(self._health(health)))
        if len(self.figures) > 1:
            rest.append([(return_words.not_additive(), "dim")])
        lines: list[Line] = []
        for indent, block in ((2, first), (4, rest)):
            for pieces in block:
                lines += wrap_pieces([(" ", ""), *pieces], cells, indent=indent)
        return lines

    def _names(self, link: Link, cells: int) -> list[Piece]:
        """Return both ends, with their departments where one line has room for that."""
        pieces: list[Piece] = []
        for end, before in ((link.source, ""), (link.target, f" {self.glyphs.right} ")):
            pieces.append((before + show.name(self.ws, end), "title"))
            lane = show.department(self.ws, self.ws.tasks[end].department)
            if lane:
                pieces.append((f" ({lane})", "dim"))
        if sum(terminal_text.width(text) for text, _style in pieces) <= cells:
            return pieces
        return [piece for piece in pieces if piece[1] == "title"]

    def _health(self, health: Health) -> Iterator[Piece]:
        """Yield whether the loop dies out, and what it takes."""
        yield from return_words.health_words(health.figures, self.glyphs)
        yield from return_words.expected(health.figures, self.glyphs)
        if health.simulated is not None:
            mean, error = number(health.simulated), number(health.error)
            text = _("simulated {mean} ± {error} d").format(mean=mean, error=error)
            yield f" {self.glyphs.dot} {text}", "plain"
