"""What became of a plan in words: why its end moved, who lost how many days, how long it lived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tracker import terminal_text
from tracker.domain.calendar import day_of
from tracker.domain.model import Baseline
from tracker.domain.workspace import Workspace
from tracker.flow.drift import (
    Cause,
    Drift,
    Drifted,
    Fate,
    LaneDrift,
    OnTheWay,
    ProjectDrift,
    summed,
)
from tracker.flow.plan_life import DEAD_SHARE, MOVED_DAYS, typical
from tracker.language import _, ngettext
from tracker.wording import baseline_words, show
from tracker.wording.figures import day_words, number, percent, printed_day, signed, working_days
from tracker.wording.show import Glyphs, Piece

if TYPE_CHECKING:
    from tracker.flow.plan_life import Life

# So many tasks are named beside a cause, and so many causes beside a task or department.
_NAMED, _CAUSES = 3, 3
# The cells of the longest bar, of a title, and of the name of a department.
_BAR, _TITLE, _LANE = 14, 30, 22
# So many of the tasks listed say how wide their columns are.
_MEASURED = 200
# From so many cells on there is room for what is beside the figures.
_ROOMY = 100


class DriftRow(NamedTuple):
    """A line about a task, or without one a heading or figures; `paint` returns its pieces.

    Of many tasks only the lines in sight are ever painted.
    """

    task: int | None
    paint: Callable[[], list[Piece]]


def cause_word(cause: Cause) -> str:
    """Return what days are said to be lost by."""
    return {
        "returns": _("returns"),
        "estimates": _("estimates grown"),
        "longer": _("took longer"),
        "waiting": _("on hold"),
        "late": _("late starts"),
        "new": _("new work"),
        "systems": _("systems down"),
        "arrows": _("new arrows"),
        "ahead": _("made up"),
        "slack": _("slack used"),
    }[cause]


def causes_words(parts: Mapping[Cause, int], glyphs: Glyphs) -> str:
    """Return by what most days were lost, and how many."""
    found = list(summed(parts.items()).items())
    return f" {glyphs.dot} ".join(
        f"{cause_word(cause)} {number(days)}" for cause, days in found[:_CAUSES]
    )


def kind_word(kind: Fate) -> str:
    """Return what became of tasks."""
    return {
        "slipped": _("slipped"),
        "new": _("new"),
        "gone": _("gone"),
        "returned": _("returned"),
        "earlier": _("earlier"),
        "kept": _("kept"),
    }[kind]


def head(plan: Baseline, today: date) -> str:
    """Return which plan it is about: its name, when it was taken, by whom and why."""
    text = _("“{name}”, taken {day} by {who}") if plan.by else _("“{name}”, taken {day}")
    told = text.format(
        name=show.text(plan.name),
        day=day_words(day_of(plan.taken), today),
        who=show.text(plan.by),
    )
    return f"{told}: {show.text(plan.reason)}" if plan.reason else told


def life_words(name: str, life: Life | None, others: Mapping[int, Life | None], today: date) -> str:
    """Return how long a plan lived and why it died, and how long plans live here."""
    if life is None:
        return _("How long it lived is not known: the history since then is not kept.")
    days = {"name": show.text(name), "days": working_days(life.days)}
    share, limit = {"n": life.moved, "all": life.tasks}, working_days(MOVED_DAYS)
    if life.why == "moved":
        text = _(
            "{name} lived {days}: on {day}, {n} of its {all} open tasks had moved by more than"
            " {limit}."
        )
    elif life.why == "p80":
        text = _("{name} lived {days}: on {day} its P80 had moved past the target.")
    else:
        text = _(
            "{name} has lived {days} so far: {n} of its {all} open tasks have moved by more than"
            " {limit}; with {share} it is dead."
        )
    told = text.format(
        **days,
        **share,
        limit=limit,
        share=percent(DEAD_SHARE),
        day=printed_day(life.day, today) if life.day else "",
    )
    if (middle := typical(others)) is not None and middle[1] > 1:
        text = _("The median of {n} plans is {days}.")
        told += " " + text.format(n=middle[1], days=number(middle[0]))
    return told


def gaps(found: Drift) -> Iterator[str]:
    """Yield what is not known of what became of a plan."""
    if not found.complete:
        yield _(
            "The history since then is not kept: outages of systems count only where they still"
            " last."
        )


def rows(
    ws: Workspace,
    found: Drift,
    today: date,
    cells: int,
    glyphs: Glyphs,
    p80s: Mapping[int, date] | None = None,
    most: int | None = None,
) -> Iterator[DriftRow]:
    """Walk over the lines of what became of a plan; at `most` so many tasks are listed.

    `p80s` are the dates that projects are forecast now, or were at its end, as far as known.
    """
    for row in _all_rows(_Words(ws, found, today, cells, glyphs), found, p80s or {}, most):
        yield row._replace(paint=partial(_within, row.paint, cells, glyphs.more))


def _all_rows(
    words: _Words, found: Drift, p80s: Mapping[int, date], most: int | None
) -> Iterator[DriftRow]:
    for at, project in enumerate(found.projects):
        if at:
            yield DriftRow(None, list)
        yield from words.project(project, p80s.get(project.project))
    if found.causes:
        yield DriftRow(None, list)
        yield from words.causes()
        yield DriftRow(None, list)
        yield from words.lanes()
    yield DriftRow(None, list)
    yield from words.tasks(most)


def _right(text: str, cells: int) -> str:
    return " " * (cells - terminal_text.width(text)) + text


def written(*pieces: Piece) -> Callable[[], list[Piece]]:
    """Return what paints pieces that are known."""
    return lambda: list(pieces)


def _within(paint: Callable[[], list[Piece]], cells: int, ellipsis: str) -> list[Piece]:
    """Return pieces of which the last one gives way where there is no room for it."""
    found, room = [], cells
    for text, style in paint():
        text = terminal_text.cut(text, room, ellipsis=ellipsis) if room > 0 else ""
        found.append((text, style))
        room -= terminal_text.width(text)
    return found


class _Words:
    def __init__(
        self, ws: Workspace, found: Drift, today: date, cells: int, glyphs: Glyphs
    ) -> None:
        self._ws, self._found, self._today = ws, found, today
        self._cells, self._glyphs = cells, glyphs

    def _heading(self, title: str, note: str = "") -> DriftRow:
        gap = self._cells - terminal_text.width(title) - terminal_text.width(note) - 2
        pieces = (f" {title}", "title"), (" " * max(gap, 1), ""), (note, "dim")
        return DriftRow(None, written(*pieces))

    def project(self, project: ProjectDrift, p80: date | None) -> Iterator[DriftRow]:
        """Yield by how much the end of a project moved, and what moved it."""
        name = baseline_words.project(self._ws, project.project)
        dates = self._dates(project, p80)
        if terminal_text.width(name) + terminal_text.width(dates) + 3 <= self._cells:
            yield self._heading(name, dates)
        else:
            yield self._heading(name)
            for line in terminal_text.wrap(dates, self._cells - 2):
                yield DriftRow(None, written((f"  {line}", "dim")))
        if project.days > 0:
            yield from self._bars(project.causes, project.parts)
            return
        if project.days < 0:
            text = _("The plan ends {days} earlier.")
            told = text.format(days=working_days(-project.days))
        elif (was := project.planned.p80) and p80 and p80 > was:
            text = _("The end of the plan has not moved, but P80 has: {days}.")
            told = text.format(days=self._moved("", was, p80).strip())
        else:
            told = _("The end of the plan has not moved.")
        yield DriftRow(None, written((f"  {told}", "plain")))
        worst = max(
            (each for each in self._found.tasks if each.project == project.project),
            key=lambda each: each.slip or 0,
            default=None,
        )
        if worst and worst.slip and worst.slip > 0:
            way = self._found.way(worst.task)
            title = show.name(self._ws, worst.task)
            text = _("Furthest behind: {task}, {days}")
            words = text.format(task=title, days=working_days(worst.slip))
            yield DriftRow(worst.task, written((f"  {words}", "strong")))
            yield from self._bars(summed((part.cause, part.days) for part in way), way)

    def _dates(self, project: ProjectDrift, p80: date | None) -> str:
        told = [self._moved(_("finish"), project.before, project.after)]
        if project.planned.p80 and p80:
            told.append(self._moved("P80", project.planned.p80, p80))
        if project.planned.target:
            told.append(_("target {day}").format(day=self._day(project.planned.target)))
        return f" {self._glyphs.dot} ".join(told)

    def _moved(self, name: str, before: date | None, after: date | None) -> str:
        if before == after:
            return f"{name} {self._day(after)}"
        return f"{name} {self._day(before)} {self._glyphs.right} {self._day(after)}"

    def _day(self, day: date | None) -> str:
        return day_words(day, self._today) if day else "–"

    def _bars(self, causes: Mapping[Cause, int], parts: Sequence[OnTheWay]) -> Iterator[DriftRow]:
        """Yield a bar for each cause, with the tasks that lost most by it."""
        longest = max((abs(days) for days in causes.values()), default=1)
        wide = max((terminal_text.width(cause_word(cause)) for cause in causes), default=0)
        for cause, days in causes.items():
            own = [part for part in parts if part.cause == cause]
            own.sort(key=lambda part: -abs(part.days))
            bar = self._glyphs.bar * max(round(_BAR * abs(days) / longest), 1)
            named = f" {self._glyphs.dot} ".join(
                f"{show.name(self._ws, part.task)} {number(part.days)}" for part in own[:_NAMED]
            )
            if len(own) > _NAMED:
                named += f" +{len(own) - _NAMED}"
            yield DriftRow(
                own[0].task if own and own[0].task in self._ws.tasks else None,
                written(
                    (f"  {terminal_text.fit(cause_word(cause), wide)} ", "plain"),
                    (f"{number(days):>4} ", "strong"),
                    (bar.ljust(_BAR + 1), "alarm" if days > 0 else "done"),
                    (named, "dim"),
                ),
            )

    def causes(self) -> Iterator[DriftRow]:
        """Yield by what days were lost in all."""
        parts = [
            OnTheWay(cause, each.task, days)
            for each in self._found.tasks
            for cause, days in each.parts.items()
        ]
        total = sum(self._found.causes.values())
        text = _("Days lost, all tasks")
        yield self._heading(text, _("{days} in all").format(days=working_days(total)))
        yield from self._bars(self._found.causes, parts)

    def lanes(self) -> Iterator[DriftRow]:
        """Yield what became of the tasks of each department."""
        shown: tuple[Fate, ...] = ("slipped", "returned", "new", "gone")
        heads = [kind_word(kind) for kind in shown]
        widths = [max(terminal_text.width(head), 4) + 2 for head in heads]
        days = _("days")
        wide = max(terminal_text.width(days), 4) + 2
        columns = "".join(map(_right, heads, widths))
        lanes = [lane for lane in self._found.lanes if lane.days or any(map(lane.kinds.get, shown))]
        names = [show.department(self._ws, lane.department) or _("no department") for lane in lanes]
        head = _("By department")
        name = min(max(map(terminal_text.width, (head, *names))), _LANE)
        first = terminal_text.fit(head, name + 1)
        yield DriftRow(
            None,
            written((f" {first}", "title"), (columns, "dim"), (_right(days, wide), "dim")),
        )
        for lane, called in zip(lanes, names, strict=True):
            yield self._lane(lane, terminal_text.fit(called, name), shown, widths, wide)

    def _lane(
        self, lane: LaneDrift, name: str, shown: Sequence[Fate], widths: Sequence[int], wide: int
    ) -> DriftRow:
        counts = "".join(
            (number(lane.kinds[kind]) if lane.kinds[kind] else self._glyphs.dot).rjust(width)
            for kind, width in zip(shown, widths, strict=True)
        )
        told = self._few(lane.parts)
        return DriftRow(
            None,
            written(
                (f"  {name}", "plain"),
                (counts, "plain"),
                (number(lane.days).rjust(wide), "strong"),
                (f"  {told}", "dim"),
            ),
        )

    def _few(self, parts: Mapping[Cause, int]) -> str:
        return causes_words(parts, self._glyphs)

    def tasks(self, most: int | None) -> Iterator[DriftRow]:
        """Yield what became of tasks, the furthest behind first; not those that kept their date."""
        listed = [each for each in self._found.tasks if each.kind != "kept"]
        listed.sort(key=lambda each: (-(each.slip or 0), each.kind == "gone", each.task))
        kinds = self._found.kinds
        note = ", ".join(
            f"{number(count)} {kind_word(kind)}" for kind, count in kinds.items() if count
        )
        yield self._heading(_("Tasks"), note)
        first = listed[:_MEASURED]
        title = min(
            max((terminal_text.width(self._title(each)) for each in first), default=1),
            _TITLE if self._cells < _ROOMY else _TITLE * 4 // 3,
        )
        digits = max((len(str(each.task)) for each in listed), default=1)
        moved = max((terminal_text.width(self._span(each)) for each in first), default=0)
        for each in listed[:most]:
            yield DriftRow(
                each.task if each.task in self._ws.tasks else None,
                partial(self._line, each, digits, title, moved),
            )
        if most is not None and len(listed) > most:
            more = len(listed) - most
            text = ngettext("and {n} more", "and {n} more", more).format(n=more)
            yield DriftRow(None, written((f"  {text}", "dim")))

    def _line(self, each: Drifted, digits: int, title: int, moved: int) -> list[Piece]:
        name = terminal_text.fit(self._title(each), title, ellipsis=self._glyphs.more)
        return [
            (f" {str(each.task).rjust(digits)} ", "dim"),
            (name, "plain"),
            ("  ", ""),
            *self._task(each, moved),
        ]

    def _title(self, each: Drifted) -> str:
        task = self._ws.tasks.get(each.task)
        return show.text(task.title) if task else _("(deleted)")

    def _span(self, each: Drifted) -> str:
        return self._moved("", each.before.finish, each.after.finish).strip()

    def _task(self, each: Drifted, moved: int) -> Iterator[Piece]:
        if each.kind == "gone":
            text = _("dropped; planned {day}") if each.task in self._ws.tasks else _("deleted")
            yield text.format(day=self._day(each.before.finish)), "dim"
            return
        if each.kind == "new":
            days = sum(each.parts.values())
            text = _("new, {days}").format(days=working_days(days))
            yield f"{text} {self._glyphs.right} {self._day(each.after.finish)}", "plain"
            return
        if each.slip is None:
            yield kind_word(each.kind), "back"
            return
        yield f"{signed(each.slip):>4}  ", "alarm" if each.slip > 0 else "done"
        yield terminal_text.fit(self._span(each), moved) + "  ", "plain"
        if each.kind == "returned":
            yield f"{self._glyphs.back} ", "back"
        yield self._few(self._found.total(each.task)), "dim"
