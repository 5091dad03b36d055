"""Return arrows in words: a row each, and all that is told of one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import Link, Pass
from tracker.domain.typing.dates import day_of
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.forecast import ReturnFigures
from tracker.flow.forecast.loop_health import Health
from tracker.language import _, grouped, ngettext
from tracker.tui.widgets.choices import Line, wrap
from tracker.wording import show
from tracker.wording.figures import day_words, duration, number, percent
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
        tried: Mapping[int, str] | None = None,
    ) -> None:
        self.ws, self.figures, self.today, self.glyphs = ws, figures, today, glyphs
        # What is being tried with an arrow, in a few words.
        self._tried = tried or {}
        self._widths: dict[int, list[tuple[str, int]]] = {}
        links = [link for link in ws.links.values() if link.kind == "returns"]
        self.order = tuple(link.id for link in sorted(links, key=self._rank))
        self._money = any(found.cost_money is not None for found in figures.values())

    def _rank(self, link: Link) -> tuple[float, float, int]:
        found = self.figures.get(link.id)
        if found is None or found.cost_p80 is None:
            return (0.0, 0.0, link.id)
        return (-round(found.cost_p80, 1), -(found.cost_money or 0.0), link.id)

    @property
    def worst(self) -> int | None:
        """The arrow to be mended first: the one that costs most, if one costs anything."""
        found = self.figures.get(self.order[0]) if self.order else None
        return found.link if found and (found.cost_p80 or found.cost_mean or 0.0) > 0 else None

    # Rows

    def heading(self, cells: int) -> list[Piece]:
        """Return the names of the columns."""
        pieces: list[Piece] = [(" ", "")]
        for column, width in self._columns(cells):
            pieces += [(terminal_text.fit(self._head(column), width), "dim"), (" ", "")]
        return pieces

    def _head(self, column: str) -> str:
        return {
            "arrow": _("From → to"),
            "departments": _("Departments"),
            "rate": _("Rate"),
            "learned": _("Returned"),
            "passes": _("Passes"),
            "spread": _("Ahead P50/P95"),
            "first": _("At once"),
            "cost": _("Costs P50/P80"),
            "money": _("Money"),
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
            return self.ends(link, width), "strong" if link.id == self.worst else "plain"
        if column == "departments":
            return self._between(link), "dim"
        if column == "passes":
            if status.link_passes(self.ws, link) == 1:
                return _("never"), "dim"
            over = self._over(link)
            sign = self.glyphs.alarm if over else ""
            return show.passes(self.ws, link, self.glyphs) + sign, "alarm" if over else "back"
        if column == "note":
            return self._note(link)
        if found is None:
            return (percent(link.rate), "plain") if column == "rate" else ("", "")
        if column == "rate":
            return percent(found.rate), "plain"
        if column == "learned":
            given = _("assumed") if link.rate_assumed else _("as entered")
            return (self._learned(found) if found.ended else given), "dim"
        if column == "spread":
            return f"{_whole(found.passes_p50)}/{_whole(found.passes_p95)}", "plain"
        if column == "first":
            return percent(found.first_pass_yield), "plain"
        if found.cost_p50 is None or found.cost_p80 is None:
            return self.glyphs.more, "dim"
        if column == "money":
            return ("" if found.cost_money is None else grouped(found.cost_money)), "plain"
        cost = _("{p50}/{p80} d").format(p50=_days(found.cost_p50), p80=_days(found.cost_p80))
        return cost, "strong"

    def _learned(self, found: ReturnFigures) -> str:
        words = _("{n} of {all} ({low}–{high} %)")
        return words.format(
            n=found.returned,
            all=found.ended,
            low=round(found.rate_low * 100),
            high=round(found.rate_high * 100),
        )

    def _note(self, link: Link) -> tuple[str, str]:
        if link.id in self._tried:
            return self._tried[link.id], "warn"
        if link.id == self.worst:
            return _("mend this first"), "alarm"
        if self._over(link):
            return _("over the limit"), "alarm"
        return (_("observed"), "dim") if link.observed else ("", "")

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
            "first": terminal_text.width(_("At once")),
            "cost": terminal_text.width(_("Costs P50/P80")),
            "money": 9 if self._money else 0,
            "note": max(map(terminal_text.width, (_("mend this first"), _("over the limit")))),
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

    def _over(self, link: Link) -> bool:
        return link.limit is not None and status.link_passes(self.ws, link) > link.limit

    # One of them

    def told(self, key: int, cells: int, health: Health | None) -> list[Line]:
        """Return all that is known of an arrow."""
        link = self.ws.links[key]
        lines: list[Line] = []
        for pieces in (self._names(link, cells - 1), *self._facts(link)):
            lines += wrap([(" ", ""), *pieces], cells, indent=2)
        for pieces in (*self._ledger(link), *self._health(health), *self._overlap()):
            lines += wrap([(" ", ""), *pieces], cells, indent=4)
        return lines

    def _overlap(self) -> Iterator[list[Piece]]:
        """Yield what must be known of costs before they are added up."""
        if len(self.figures) > 1:
            words = _("What returns cost does not add up: without one, others cost less or more.")
            yield [(words, "dim")]

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

    def _facts(self, link: Link) -> Iterator[list[Piece]]:
        """Yield the sentences on how often it comes back, how far, and what that costs."""
        found = self.figures.get(link.id)
        count = status.link_passes(self.ws, link)
        if count == 1 and link.limit is None:
            passes = _("never came back, no limit")
        elif count == 1:
            passes = _("never came back, at most {limit} passes").format(limit=link.limit)
        elif link.limit is None:
            passes = ngettext("{n} pass, no limit", "{n} passes, no limit", count).format(n=count)
        else:
            passes = _("{n} of {limit} passes").format(n=count, limit=link.limit)
        pieces: list[Piece] = []
        if found is not None and found.ended:
            words = _("{n} of {all} returned: {rate}, {low}–{high} % (entered {entered})")
            if link.rate_assumed:
                words = _("{n} of {all} returned: {rate}, {low}–{high} % (assumed {entered})")
            text = words.format(
                n=found.returned,
                all=found.ended,
                rate=percent(found.rate),
                low=round(found.rate_low * 100),
                high=round(found.rate_high * 100),
                entered=percent(link.rate),
            )
            pieces.append((text, "plain"))
        else:
            words = _("{rate} are expected to return, as entered")
            if link.rate_assumed:
                words = _("{rate} are assumed to return; nobody entered a rate")
            pieces.append((words.format(rate=percent(link.rate)), "plain"))
        if link.share < 1:
            again = _("{share} of the work again").format(share=percent(link.share))
            pieces.append((f" {self.glyphs.dot} {again}", "plain"))
        pieces.append((f" {self.glyphs.dot} ", "plain"))
        pieces.append((passes, "alarm" if self._over(link) else "plain"))
        if self._over(link):
            person = show.person(self.ws, link.escalate_to)
            over = (
                _("over the limit: {person} is to be told").format(person=person)
                if person
                else _("over the limit")
            )
            pieces.append((f" {self.glyphs.dot} {self.glyphs.alarm} {over}", "alarm"))
        yield pieces
        if found is not None:
            yield list(self._forecast(found))

    def _forecast(self, found: ReturnFigures) -> Iterator[Piece]:
        words = _("Accepted at once: {first}; passes ahead: {half} at the median, {most} at P95.")
        yield (
            words.format(
                first=percent(found.first_pass_yield),
                half=_whole(found.passes_p50),
                most=_whole(found.passes_p95),
            ),
            "plain",
        )
        if found.cost_p50 is None or found.cost_p80 is None:
            return
        cost = _("It costs {p50} d (P50), {p80} d (P80)")
        text = cost.format(p50=_days(found.cost_p50), p80=_days(found.cost_p80))
        if found.cost_money is not None:
            text += ", " + _("money: {money}").format(money=grouped(found.cost_money))
        yield f" {text}.", "strong"
        if found.capped:
            runs = ngettext("cut short in {n} run", "cut short in {n} runs", found.capped)
            yield f" {self.glyphs.alarm} {runs.format(n=found.capped)}", "alarm"

    def _health(self, health: Health | None) -> Iterator[list[Piece]]:
        """Yield whether the loop dies out, and what it takes where that is known exactly."""
        if health is None:
            return
        radius, exact = health.figures.spectral_radius, health.figures.expected_days
        if radius is None:
            radius = health.going_on
            text = _("{n} of 100 rounds are followed by another").format(n=round(radius * 100))
        else:
            text = _("each round leaves {n} % of the work for the next: spectral radius {r}")
            text = text.format(n=round(radius * 100), r=number(radius, 2))
        word, style = {
            "red": (_("Loop health: it never ends"), "alarm"),
            "amber": (_("Loop health: it hardly dies out"), "warn"),
        }.get(
            msgspec.structs.replace(health.figures, spectral_radius=radius).health,
            (_("Loop health: it dies out"), "done"),
        )
        sign = "" if style == "done" else f"{self.glyphs.alarm} "
        pieces: list[Piece] = [(sign + word, style), (f" ({text})", "dim")]
        if exact is not None:
            told = _("from start to acceptance: exactly {exact} d expected")
            pieces.append((f" {self.glyphs.dot} {told.format(exact=number(exact))}", "plain"))
        if health.simulated is not None:
            mean = _("simulated {mean} ± {error} d").format(
                mean=number(health.simulated), error=number(health.error)
            )
            pieces.append((f", {mean}", "plain"))
        yield pieces

    def _ledger(self, link: Link) -> Iterator[list[Piece]]:
        """Yield the passes that this arrow opened, the newest first."""
        passes = self.ws.tasks[link.target].passes
        opened = [run for run in passes if run.gate == link.source]
        if not opened:
            yield [(_("Nothing has come back over it yet."), "dim")]
        for run in reversed(opened):
            pieces: list[Piece] = [(_("pass {n}").format(n=run.number) + " ", "strong")]
            pieces.append((self._span(run), "plain"))
            if run.who:
                pieces.append((f" {self.glyphs.dot} {show.text(run.who)}", "dim"))
            if run.reason:
                reason = _("“{reason}”").format(reason=run.reason)
                pieces.append((f" {self.glyphs.dot} {show.text(reason)}", "plain"))
            system = self.ws.systems.get(run.system or 0)
            if system is not None:
                pieces.append((f" {self.glyphs.dot} {show.text(system.name)}", "back"))
            yield pieces

    def _span(self, run: Pass) -> str:
        """Return when a pass began, and how long it took."""
        begun = run.opened or run.started
        if begun is None:
            return ""
        first = day_words(day_of(begun), self.today)
        if run.ended is None:
            return _("since {day}").format(day=first)
        return f"{first}, {duration(run.ended - begun)}"


def _whole(value: float) -> str:
    return number(value)


def _days(days: float) -> str:
    """Return days with one decimal place, if they need it."""
    rounded = round(days, 1)
    return number(round(rounded) if abs(rounded) >= 10 else rounded)
