"""Plans of other programs become tasks and arrows: their parts, durations, lanes and relations."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from typing import Any

from msgspec.structs import replace

from tracker.domain.calendar import Calendar
from tracker.domain.fields import ESTIMATE
from tracker.domain.model import Department, Project
from tracker.domain.sentence import Sentence, counted, dated, listed, sentence
from tracker.exchange.hierarchy import Hierarchy
from tracker.exchange.item_fields import task_fields
from tracker.exchange.outline import Outline, PlanItem
from tracker.exchange.source import (
    LANES,
    MAX_DEPTH,
    MAX_LINKS,
    MAX_ROWS,
    ReadOptions,
    Source,
    SourceTask,
    harmless,
    harmless_value,
    too_deep,
    too_many_links,
    too_many_rows,
)
from tracker.exchange.starts import explain_starts
from tracker.exchange.ties import Ties

_MOST_DAYS = 100_000
# So many examples are named where many things are alike.
SHOWN = 5


def settled(outline: Outline, options: ReadOptions) -> Source:
    """Return the tasks and arrows that an outline stands for, with everything that was changed.

    Raises BadInput where there are too many of them.
    """
    source = outline.source
    if len(outline.items) > MAX_ROWS:
        raise too_many_rows(source.file)
    if len(outline.relations) > MAX_LINKS:
        raise too_many_links(source.file)
    return _Settling(outline, options).run()


class _Settling:
    """An outline on its way to tasks; places are those of its items."""

    def __init__(self, outline: Outline, options: ReadOptions) -> None:
        self.outline, self.options, self.source = outline, options, outline.source
        self.items = outline.items
        self.calendar = Calendar.of(options.ws)
        self.keys: dict[str, int] = {}
        self._index()
        self.hierarchy = self._hierarchy()
        self.fields: list[dict[str, Any]] = []

    def run(self) -> Source:
        """Fill the source."""
        self._name_project()
        self._put_project()
        self.fields = [task_fields(item, self.source) for item in self.items]
        self._count_elapsed()
        self._put_phases()
        self._put_lanes()
        ties = Ties(self.outline, self.hierarchy, self.keys, self.fields, self._elapsed)
        ties.draw()
        if self.outline.schedule:
            self._hand_down(ties)
            explain_starts(self.outline, ties, self.fields, self._theirs)
        self._free_days()
        order = ties.order()
        places = {place: at for at, place in enumerate(order)}
        for place in order:
            item, fields = self.items[place], self.fields[place]
            # Some programs count from 0, which is no number here.
            wanted = item.wanted if item.wanted != 0 or not item.origin else None
            number = harmless_value(item.number)
            task = SourceTask(item.row, number, wanted, fields, item.unread)
            self.source.tasks.append(task)
        self.source.links += ties.links(places)
        if len(self.source.links) > MAX_LINKS:
            raise too_many_links(self.source.file)
        self.source.states |= {"needs"} if self.outline.relations else set()
        return self.source

    # --- what belongs to what ------------------------------------------------------------------

    def _warn(self, item: PlanItem, column: str, value: object, why: Sentence) -> None:
        self.source.warn(item.row, column, value, why, item.place)

    def _index(self) -> None:
        for place, item in enumerate(self.items):
            first = self.keys.setdefault(item.key, place)
            if first != place:
                why = sentence("This id is there twice; links lead to the first of both.")
                self._warn(item, "", item.key, why)

    def _hierarchy(self) -> Hierarchy:
        """Return what is part of what; parts of what is not there, or of themselves, are on top."""
        parents: list[int | None] = []
        for item in self.items:
            parent = None if item.parent is None else self.keys.get(item.parent)
            if item.parent is not None and parent is None:
                why = sentence("What this is a part of is not in the file.")
                self._warn(item, "", item.parent, why)
            parents.append(parent)
        depths: dict[int, int] = {}
        for place in range(len(parents)):
            path: list[int] = []
            at: int | None = place
            while at is not None and at not in depths:
                if at in path:
                    parents[at] = None
                    why = sentence("It is a part of itself; read as part of nothing.")
                    self._warn(self.items[at], "", self.items[at].key, why)
                    break
                path.append(at)
                at = parents[at]
            for below in reversed(path):
                above = parents[below]
                depths[below] = 1 + (depths.get(above, 0) if above is not None else 0)
        if max(depths.values(), default=0) > MAX_DEPTH:
            raise too_deep(self.source.file)
        return Hierarchy(parents)

    def _name_project(self) -> None:
        source = self.source
        if self.options.project:
            source.project = self.options.project
        elif not source.project and any(item.fields.get("project") for item in self.items):
            # Whoever names projects leaves none out by mistake.
            return
        elif source.project:
            source.project = " ".join(harmless(source.project)[0].split()) or None
        if not source.project:
            source.project = PurePath(source.file).stem
            source.named_by_file = True

    def _put_project(self) -> None:
        """Let the project begin, and be over, when the plan of a schedule does."""
        outline, name = self.outline, self.source.project
        named = any(item.fields.get("project") for item in self.items)
        known = any(isinstance(each, Project) for each in self.source.entities)
        if not name or named or known or not outline.schedule:
            return
        if outline.start or outline.target:
            project = Project(id=1, name=name, start=outline.start, target=outline.target)
            self.source.entities.append(project)

    def _put_phases(self) -> None:
        """Give tasks the names of what they are part of, behind a phase of their own."""
        for place, fields in enumerate(self.fields):
            above = [self.fields[each]["title"] for each in self.hierarchy.above(place)]
            parts = dict.fromkeys(filter(None, (fields.get("phase"), *above)))
            if parts:
                fields["phase"] = " / ".join(parts)

    def _put_lanes(self) -> None:
        """Make departments of what was chosen for it, or say what could be."""
        wanted = self.options.lanes
        offered: dict[str, dict[str, None]] = {}
        for place, (item, fields) in enumerate(zip(self.items, self.fields, strict=True)):
            above = self.hierarchy.above(place)
            lanes = {"phase": self.fields[above[0]]["title"]} if above else {}
            lanes |= item.lanes
            if wanted in lanes and not fields.get("department"):
                fields["department"] = " ".join(harmless(lanes[wanted])[0].split())
            for lane, name in lanes.items():
                offered.setdefault(lane, {})[name] = None
        if wanted and wanted not in offered:
            why = sentence(
                "The file has nothing for --lanes {lane}, but for: {lanes}.",
                lane=wanted,
                lanes=", ".join(offered) or "–",
            )
            self.source.warn(0, "", "", why)
        if any(fields.get("department") for fields in self.fields):
            return
        for lane in (each for each in LANES if each in offered):
            names = list(offered[lane])
            why = counted(
                "No task names a department; {option} makes one of {names}.",
                "No task names a department; {option} makes {n} of them: {names}.",
                len(names),
                option=f"--lanes {lane}",
                names=", ".join(map(harmless_value, names[:SHOWN]))
                + (", …" if len(names) > SHOWN else ""),
            )
            self.source.warn(0, "", "", why)

    def _hand_down(self, ties: Ties) -> None:
        """Give what summaries say of their parts to these: who does them, and from when on."""
        given = 0
        summaries = [place for place in range(len(self.items)) if self.hierarchy.is_summary(place)]
        # The innermost says it first.
        for place in sorted(
            summaries, key=lambda at: -sum(1 for _ in self.hierarchy.ancestors(at))
        ):
            item, fields = self.items[place], self.fields[place]
            leaves = [self.fields[leaf] for leaf in self.hierarchy.leaves(place)]
            for name in ("assignee", "department"):
                said = fields.pop(name, None)
                bare = [leaf for leaf in leaves if said and not leaf.get(name)]
                for leaf in bare:
                    leaf[name] = said
                given += len(bare)
            if earliest := fields.pop("not_before", None):
                for first in ties.firsts(place):
                    own = self.fields[first].get("not_before")
                    self.fields[first]["not_before"] = max(own or earliest, earliest)
                why = sentence("The start of a summary row became that of its first parts.")
                self.source.approximate(item.row, "", earliest, why, item.place)
        if given:
            why = counted(
                "{n} task has the assignee or department of its summary row.",
                "{n} tasks have the assignee or department of their summary row.",
                given,
            )
            self.source.warn(0, "", "", why)

    # --- time ----------------------------------------------------------------------------------

    def _elapsed(self, days: float, begun: date | None) -> tuple[float, date]:
        """Return the working days within days of the calendar from a day on, and that day."""
        first = begun or self.outline.start or self.options.today
        whole, rest = divmod(abs(days), 1.0)
        # Beyond all calendars there are no days to be counted.
        last = _day(first.toordinal() + int(min(whole, _MOST_DAYS)))
        counted_days = self.calendar.working_days_between(first, last)
        rest = min(1.0, rest * 24 * 60 / max(1.0, self.outline.minutes))
        return (counted_days + rest) * (1 if days >= 0 else -1), first

    @property
    def _theirs(self) -> Calendar:
        """The calendar that the file has planned by, with its own free days."""
        ours = self.options.ws.preferences
        return Calendar(
            ours.region,
            days_off=self.outline.free_days,
            yearly=ours.company_holidays,
            halves=ours.company_half_days,
        )

    def _count_elapsed(self) -> None:
        """Turn durations in days of the calendar into working days."""
        for item, fields in zip(self.items, self.fields, strict=True):
            if not item.elapsed or fields.get("likely") is None:
                continue
            was = fields["likely"]
            begun = item.start or self.outline.start or self.options.today
            # The first day counts as well; what ends on a free day may be no longer than less.
            before = _day(begun.toordinal() - 1)
            turned = sorted(self._elapsed(fields[name], before)[0] for name in ESTIMATE)
            fields.update(zip(ESTIMATE, turned, strict=True))
            why = sentence(
                "{elapsed} days of the calendar from {day} on were read as {number} working days.",
                elapsed=was,
                day=dated(begun),
                number=fields["likely"],
            )
            self.source.approximate(item.row, "", fields["title"], why, item.place)

    def _free_days(self) -> None:
        """Let departments that come with the plan rest when it does; report what else is free."""
        if self.outline.week != frozenset(range(5)):
            why = sentence(
                "The calendar of the file has another week; here it is Monday to Friday."
            )
            self.source.warn(0, "", "", why)
        days = sorted(filter(self.calendar.is_working, self.outline.free_days))
        if not days:
            return
        named = listed([dated(day) for day in days[:SHOWN]])
        lanes = [each for each in self.source.entities if isinstance(each, Department)]
        if lanes:
            self.source.entities = [
                _resting(each, days) if isinstance(each, Department) else each
                for each in self.source.entities
            ]
            why = counted(
                "{n} free day of the file is a day off of its departments: {days}",
                "{n} free days of the file are days off of its departments, the first: {days}",
                len(days),
                days=named,
            )
        else:
            why = counted(
                "{n} free day of the file is a working day here: {days}",
                "{n} free days of the file are working days here, the first: {days}",
                len(days),
                days=named,
            )
        self.source.warn(0, "", "", why)


def _day(ordinal: int) -> date:
    return date.fromordinal(min(max(1, ordinal), date.max.toordinal()))


def _resting(lane: Department, days: list[date]) -> Department:
    return replace(lane, days_off=tuple(sorted({*lane.days_off, *days})))
