"""Pictures of a report: how much is done and will be, and how sure each date is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import ceil

from tracker.exchange.board_svg import escaped
from tracker.flow.burn_up import BurnUp
from tracker.flow.status_report import ProjectStatus, StatusReport
from tracker.language import _
from tracker.wording.figures import month_words, number, printed_day
from tracker.wording.report_parts import project_name

# The burn-up: its size, and the room for words at the left, the right, above and below.
_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BELOW = 760, 320, 44, 16, 64, 28
# A label takes so much height.
_LINE = 15
# The bar of dates of a project.
_BAR_WIDE, _BAR_HIGH = 320, 46


class _Axis:
    """Days from left to right."""

    def __init__(self, first: date, last: date, left: float, right: float) -> None:
        self.first, self.last = first, max(last, first + timedelta(days=7))
        self._left, self._right = left, right

    def x(self, day: date) -> float:
        """Return where a day lies; days beyond the ends lie at them."""
        day = min(max(day, self.first), self.last)
        part = (day - self.first).days / (self.last - self.first).days
        return round(self._left + part * (self._right - self._left), 1)

    def months(self) -> Iterator[date]:
        """Walk over first days of months, no more of them than have room."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = max(ceil(count / ((self._right - self._left) / 60)), 1)
        for at in range(1, count + 1, step):
            month = self.first.month - 1 + at
            yield date(self.first.year + month // 12, month % 12 + 1, 1)


def burn_up_chart(found: StatusReport) -> str:
    """Return the chart of tasks there are, tasks done, and the days to come by chance."""
    chart, today = found.burn_up, found.now.today
    fan = {share: days for share, days in chart.ahead.items() if days}
    ends = {share: days[-1][0] for share, days in fan.items()}
    targets = {each.target for each in found.projects if each.target and each.forecast}
    last = max([today, *ends.values(), *targets])
    axis = _Axis(chart.past[0].day, last, _LEFT, _WIDE - _RIGHT)
    told = [
        f'<svg class="chart" viewBox="0 0 {_WIDE} {_HIGH}" role="img">',
        f"<title>{escaped(_summary(chart, ends, today))}</title>",
        *_frame(axis, chart),
    ]
    if fan:
        told += _fan(axis, chart, fan, today)
    told.append(_steps(axis, chart, [(each.day, each.there) for each in chart.past], "there"))
    told.append(_steps(axis, chart, [(each.day, each.done) for each in chart.past], "done"))
    marks = [(axis.x(today), _("today"), "today")]
    marks += [
        (axis.x(day), _("target {day}").format(day=printed_day(day, today)), "target")
        for day in sorted(targets)
    ]
    marks += [(axis.x(day), _chance(share, day, today), "p") for share, day in sorted(ends.items())]
    told += _marks(marks)
    told.append("</svg>")
    return "".join(told)


def _summary(chart: BurnUp, ends: dict[float, date], today: date) -> str:
    text = _("{done} of {all} tasks are done")
    told = [text.format(done=number(chart.done), all=number(chart.there))]
    told += [_chance(share, day, today) for share, day in sorted(ends.items())]
    return "; ".join(told)


def _chance(share: float, day: date, today: date) -> str:
    """Return by when all is done with a chance."""
    return f"P{round(100 * share)} {printed_day(day, today)}"


def _y(chart: BurnUp, count: float) -> float:
    most = max([each.there for each in chart.past] + [1])
    return round(_HIGH - _BELOW - count / most * (_HIGH - _BELOW - _TOP), 1)


def _frame(axis: _Axis, chart: BurnUp) -> Iterator[str]:
    most = max([each.there for each in chart.past] + [1])
    step = next((each for each in (1, 2, 5, 10, 20, 50, 100, 200, 500) if most / each <= 6), 1_000)
    for count in range(0, most + 1, step):
        y = _y(chart, count)
        yield f'<line class="rule" x1="{_LEFT}" y1="{y}" x2="{_WIDE - _RIGHT}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{number(count)}</text>'
    for month in axis.months():
        x = axis.x(month)
        bottom = _HIGH - _BELOW
        yield f'<line class="rule" x1="{x}" y1="{bottom}" x2="{x}" y2="{bottom + 5}"/>'
        name = month_words(month) + (f" {month.year}" if month.month == 1 else "")
        anchor = "end" if x > _WIDE - _RIGHT - 24 else "middle"
        yield f'<text x="{x}" y="{_HIGH - 8}" text-anchor="{anchor}">{escaped(name)}</text>'


def _stairs(
    axis: _Axis, chart: BurnUp, days: Sequence[tuple[date, int]]
) -> list[tuple[float, float]]:
    """Return the corners of a line that goes on evenly until a day and then up."""
    corners: list[tuple[float, float]] = []
    for day, count in days:
        x, y = axis.x(day), _y(chart, count)
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return corners


def _way(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in corners)


def _steps(axis: _Axis, chart: BurnUp, days: Sequence[tuple[date, int]], look: str) -> str:
    corners = _stairs(axis, chart, days)
    if look == "done":
        area = [(corners[0][0], _y(chart, 0)), *corners, (corners[-1][0], _y(chart, 0))]
        return f'<polygon class="done" points="{_way(area)}"/>'
    return f'<polyline class="{look}" points="{_way(corners)}"/>'


def _fan(
    axis: _Axis, chart: BurnUp, fan: dict[float, tuple[tuple[date, int], ...]], today: date
) -> Iterator[str]:
    """Walk over the area between the soonest and the latest days, and the line of P80."""
    start = (today, chart.done)
    lines = {share: _stairs(axis, chart, [start, *days]) for share, days in sorted(fan.items())}
    soon, late = lines[min(lines)], lines[max(lines)]
    yield f'<polygon class="fan" points="{_way([*soon, *reversed(late)])}"/>'
    for share, line in lines.items():
        look = "p80" if share == 0.8 else "edge"
        yield f'<polyline class="{look}" points="{_way(line)}"/>'
    y, x = _y(chart, chart.there), axis.x(today)
    yield f'<line class="there" x1="{x}" y1="{y}" x2="{_WIDE - _RIGHT}" y2="{y}"/>'


def _marks(marks: Sequence[tuple[float, str, str]]) -> Iterator[str]:
    """Walk over lines at days, with words above that leave room for each other."""
    ends = [0.0] * 4
    for x, text, look in sorted(marks):
        wide = max(7.4 * len(text), 30)
        left = min(max(x - wide / 2, 2), _WIDE - wide - 2)
        row = next((at for at, end in enumerate(ends) if left > end), len(ends) - 1)
        ends[row] = left + wide + 6
        y = _LINE * (row + 1) - 2
        yield f'<line class="mark {look}" x1="{x}" y1="{y + 4}" x2="{x}" y2="{_HIGH - _BELOW}"/>'
        yield (
            f'<text class="{look}" x="{left + wide / 2:g}" y="{y}" text-anchor="middle">'
            f"{escaped(text)}</text>"
        )


def dates_bar(found: StatusReport, each: ProjectStatus) -> str:
    """Return the days of P50 to P95 as a bar, with P80, the target and today; else nothing."""
    forecast, today = each.forecast, found.now.today
    if forecast is None or each.p80 is None:
        return ""
    finish = forecast.finish
    p50, p95 = forecast.date_of(finish.p50), forecast.date_of(finish.p95)
    days = [day for day in (today, p50, p95, each.target, each.p80_before) if day]
    axis = _Axis(min(days), max(days), 8, _BAR_WIDE - 8)
    chances = ((0.5, p50), (0.8, each.p80), (0.95, p95))
    words = [_chance(share, day, today) for share, day in chances]
    if each.target:
        words.insert(0, _("target {day}").format(day=printed_day(each.target, today)))
    name = project_name(found.workspace, each.project)
    left = axis.x(p50)
    wide = max(axis.x(p95) - left, 2)
    told = [
        f'<svg class="bar-of-dates" viewBox="0 0 {_BAR_WIDE} {_BAR_HIGH}" role="img">',
        f"<title>{escaped(name)}: {escaped('; '.join(words))}</title>",
        f'<line class="rule" x1="8" y1="24" x2="{_BAR_WIDE - 8}" y2="24"/>',
        f'<rect class="fan" x="{left}" y="18" width="{wide:g}" height="12" rx="3"/>',
        _tick(axis.x(today), 14, 32, "today"),
        _tick(axis.x(each.p80), 16, 32, "p80"),
        _label(axis.x(each.p80), 44, "P80", "p80"),
        _label(axis.x(today), 10, _("today"), "today"),
    ]
    if each.target:
        x = axis.x(each.target)
        told.append(f'<polygon class="target" points="{x},16 {x + 7},24 {x},32 {x - 7},24"/>')
        told.append(_label(x, 10, _("target"), "target", away=axis.x(today)))
    told.append("</svg>")
    return "".join(told)


def _tick(x: float, top: float, bottom: float, look: str) -> str:
    return f'<line class="mark {look}" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>'


def _label(x: float, y: float, text: str, look: str, away: float | None = None) -> str:
    """Return a word at a place, not beyond the edges; beside another one if that is near."""
    wide = 6.2 * len(text)
    x = min(max(x, 2 + wide / 2), _BAR_WIDE - 2 - wide / 2)
    if away is not None and abs(x - away) < 44:
        x = min(max(away, 24) + 50, _BAR_WIDE - 2 - wide / 2)
    return f'<text class="{look}" x="{x:g}" y="{y}" text-anchor="middle">{escaped(text)}</text>'
