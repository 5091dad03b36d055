"""How work flows, in words: cycle times, throughput, ages, what came back, and hand-overs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracker import terminal_text
from tracker.domain.workspace import Workspace
from tracker.flow.flow_metrics import Ageing, FlowMetrics, Standing, percentile
from tracker.flow.handovers import Exchange
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.figures import number, percent
from tracker.wording.show import ASCII, Glyphs, Piece

# A line, and the task it is about, if it is about one.
FlowLine = tuple[int | None, list[Piece]]

# The rows of the diagram, and the cells of each of its weeks.
_HEIGHT, _WEEK = 8, 5
# The cells of a title, and those of a pair of departments, where there is room.
_TITLE, _PAIR = 34, 40
# The measures of a distribution that are told.
_SHARES = (0.5, 0.85, 0.95)


def days(count: float) -> str:
    """Return so many days in words."""
    text = ngettext("{n} day", "{n} days", 1 if count == 1 else 2)
    return text.format(n=number(count))


class FlowWords:
    """The measures of a plan in lines, each section under its heading."""

    def __init__(self, ws: Workspace, found: FlowMetrics, glyphs: Glyphs) -> None:
        self._ws, self._found, self._glyphs = ws, found, glyphs

    def lines(self, cells: int) -> Iterator[FlowLine]:
        """Walk over all lines, each of at most so many cells where names have room at all."""
        for heading, note, rows in (
            (_("Cycle time"), _("elapsed days, the first and the last one counted"), self._cycle()),
            (_("Throughput"), _("tasks done in each full week"), self._throughput()),
            (_("First-pass yield"), _("done without coming back"), self._first_pass()),
            (_("In progress"), self._ageing_note(), self._ageing(cells)),
            (_("Hand-overs"), _("from ready to begun"), self._hand_overs()),
            (_("Cumulative flow"), _("at the end of each week, and today"), self._diagram(cells)),
        ):
            shown = list(rows)
            gap = max(2, cells - terminal_text.width(heading) - terminal_text.width(note) - 1)
            yield None, [(heading, "title"), (" " * gap, ""), (note, "dim")]
            yield from shown

    def _cycle(self) -> Iterator[FlowLine]:
        found = self._found
        if not found.cycle_times:
            yield (
                None,
                [(" " + _("No finished task has both its begin and its end on record."), "dim")],
            )
            return
        told = f"  {self._glyphs.dot} ".join(
            f"P{round(100 * share)} {days(percentile(found.cycle_times, share) or 0)}"
            for share in _SHARES
        )
        count = len(found.cycle_times)
        tasks = ngettext("{n} task", "{n} tasks", count).format(n=number(count))
        yield None, [(f" {told}", "strong"), (f"  ({tasks})", "dim")]
        if left := len(found.finished) - count:
            text = ngettext(
                "{n} finished task is left out: its begin or end is not on record.",
                "{n} finished tasks are left out: their begin or end is not on record.",
                left,
            )
            yield None, [(" " + text.format(n=number(left)), "dim")]

    def _throughput(self) -> Iterator[FlowLine]:
        weeks = self._found.weeks
        if not weeks:
            yield None, [(" " + _("No full week of work is on record yet."), "dim")]
            return
        middle = percentile(sorted(weeks), 0.5) or 0
        text = ngettext("{n} a week (median)", "{n} a week (median)", middle).format(n=middle)
        yield None, [(f" {text}", "strong"), (f"  {self._bars(weeks)}", "plain")]

    def _bars(self, weeks: Sequence[int]) -> str:
        """Return a number for each week, with a bar beside it where the terminal has some."""
        most = max(weeks)
        if self._glyphs is ASCII or not most:
            return " ".join(map(str, weeks))
        signs = "▁▂▃▄▅▆▇█"
        return " ".join(f"{count}{signs[(count * (len(signs) - 1)) // most]}" for count in weeks)

    def _first_pass(self) -> Iterator[FlowLine]:
        good, whole = self._found.first_pass
        if not whole:
            yield None, [(" " + _("Nothing is finished yet."), "dim")]
            return
        text = _("{share}: {good} of {all} tasks")
        told = text.format(share=percent(good / whole), good=number(good), all=number(whole))
        yield None, [(f" {told}", "strong")]
        lanes: dict[int | None, list[bool]] = {}
        for each in self._found.finished:
            lane = self._ws.tasks[each.task].department
            lanes.setdefault(lane, []).append(not each.came_back)
        nobody = _("(none)")
        parts = [
            f"{show.department(self._ws, lane, 1) or nobody} {sum(kept)}/{len(kept)}"
            for lane, kept in sorted(lanes.items(), key=lambda item: sum(item[1]) / len(item[1]))
        ]
        yield None, [(" " + "  ".join(parts), "dim")]

    def _ageing_note(self) -> str:
        found = self._found
        count = len(found.ageing) + found.undated
        note = ngettext("{n} task", "{n} tasks", count).format(n=number(count))
        limit = percentile(found.cycle_times, _SHARES[1])
        if limit is None:
            return note
        text = _("{tasks}, against P85 of {days}")
        return text.format(tasks=note, days=days(limit))

    def _ageing(self, cells: int) -> Iterator[FlowLine]:
        found, ws = self._found, self._ws
        if not found.ageing and not found.undated:
            yield None, [(" " + _("Nothing is in progress."), "dim")]
        digits = max((len(str(each.task)) for each in found.ageing), default=1)
        room = max(12, min(_TITLE, cells - 40))
        for each in found.ageing:
            task = ws.tasks[each.task]
            yield (
                each.task,
                [
                    (f" {str(task.id).rjust(digits)} ", "dim"),
                    (show.sign(ws, task, self._glyphs), show.state_style(ws, task)),
                    (" ", ""),
                    (
                        terminal_text.fit(show.text(task.title), room, ellipsis=self._glyphs.more),
                        "plain",
                    ),
                    (" ", ""),
                    (terminal_text.fit(show.department(ws, task.department, 1), 6), "dim"),
                    (" ", ""),
                    self._age(each),
                ],
            )
        if found.undated:
            text = ngettext(
                "{n} more has no begin on record.",
                "{n} more have no begin on record.",
                found.undated,
            )
            yield None, [(" " + text.format(n=number(found.undated)), "dim")]

    def _age(self, each: Ageing) -> Piece:
        """Return the age of a task, and how many took less in all."""
        times = self._found.cycle_times
        if not times:
            return days(each.days), "plain"
        share = each.outlasted / len(times)
        text = _("{days}, longer than {n} of {all}")
        told = text.format(days=days(each.days), n=each.outlasted, all=len(times))
        limit = percentile(times, _SHARES[1])
        if limit is not None and each.days > limit:
            return f"{self._glyphs.alarm} {told}", "alarm"
        return told, "warn" if share >= _SHARES[0] else "plain"

    def _hand_overs(self) -> Iterator[FlowLine]:
        ws, found = self._ws, self._found
        pairs = [(pair, each) for pair, each in found.hand_overs.items() if each.handed]
        if not pairs:
            yield None, [(" " + _("Nothing was handed over yet."), "dim")]
        named = {
            pair: f" {self._glyphs.right} ".join(
                show.department(ws, end, _PAIR // 2 - 2) or _("(none)") for end in pair
            )
            for pair, _each in pairs
        }
        room = min(_PAIR, max(map(terminal_text.width, named.values()), default=0))

        def longest(each: Exchange) -> int:
            return max(handed.wait(found.today) for handed in each.handed)

        for pair, each in sorted(pairs, key=lambda item: -longest(item[1])):
            name = terminal_text.fit(named[pair], room, ellipsis=self._glyphs.more)
            count = str(len(each.handed)).rjust(3)
            wait = each.median_wait(found.today)
            told = "" if wait is None else _("median {days}").format(days=days(wait))
            told = ", ".join(
                filter(None, (told, _("longest {days}").format(days=days(longest(each)))))
            )
            line: list[Piece] = [(f" {name} ", "plain"), (f"{count}  ", "strong"), (told, "plain")]
            if waiting := len(each.waiting):
                text = ngettext("{n} not begun", "{n} not begun", waiting).format(n=waiting)
                line.append((f" {self._glyphs.dot} {text}", "warn"))
            yield None, line

    def _diagram(self, cells: int) -> Iterator[FlowLine]:
        """Walk over the diagram: what is done below, then what is in progress, then what is not."""
        every = self._found.standing
        room = max(1, (cells - 18) // _WEEK)
        standing = every[-room:]
        most = max((each.todo + each.doing + each.done for each in standing), default=0)
        if not most:
            yield None, [(" " + _("There are no tasks yet."), "dim")]
            return
        signs = "#+." if self._glyphs is ASCII else "█▒░"
        beside = self._beside(standing[-1], signs)
        for row in range(_HEIGHT):
            level = most * (_HEIGHT - row - 0.5) / _HEIGHT
            line: list[Piece] = [(f" {self._scale(row, most)} ", "dim")]
            line += (_bar(each, level, signs) for each in standing)
            if row < len(beside):
                line.append((f"  {beside[row]}", "plain"))
            yield None, line
        names = [_("W{week}").format(week=each.day.isocalendar().week) for each in standing]
        heads = "".join(name.rjust(_WEEK) for name in names)
        yield None, [(" " * 6, ""), (heads, "dim")]

    def _scale(self, row: int, most: int) -> str:
        return str(most).rjust(4) if row == 0 else " " * 4

    def _beside(self, last: Standing, signs: str) -> list[str]:
        """Return what the bands mean, with how many tasks are in each today, the topmost first."""
        return [
            _("{sign} {n} to do").format(sign=signs[2], n=last.todo),
            _("{sign} {n} in progress").format(sign=signs[1], n=last.doing),
            _("{sign} {n} done").format(sign=signs[0], n=last.done),
        ]


def _bar(each: Standing, level: float, signs: str) -> Piece:
    """Return the cells of a week at a height: of the band that reaches there."""
    if level <= each.done:
        return " " + signs[0] * (_WEEK - 1), "done"
    if level <= each.done + each.doing:
        return " " + signs[1] * (_WEEK - 1), "doing"
    if level <= each.done + each.doing + each.todo:
        return " " + signs[2] * (_WEEK - 1), "dim"
    return " " * _WEEK, ""
