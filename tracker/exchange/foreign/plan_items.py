"""What the rows of a planning program's table say, as the items of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tracker.domain.calendar import Calendar
from tracker.domain.fields import ESTIMATE
from tracker.domain.model import Baseline, PlannedTask
from tracker.domain.sentence import sentence
from tracker.exchange.foreign.plan_rows import PLAN_FIELDS
from tracker.exchange.foreign.project_constraints import constrained
from tracker.exchange.headers import Column
from tracker.exchange.hierarchy import Hierarchy
from tracker.exchange.outline import PlanItem
from tracker.exchange.source import ReadOptions, Source, SourceTask


class PlanItems:
    """Makes items of rows as `PlanReader` has read them; `shape` says which sum up others."""

    def __init__(
        self,
        source: Source,
        columns: Mapping[int, Column],
        shape: Hierarchy,
        options: ReadOptions,
    ) -> None:
        self._source, self._shape, self._options = source, shape, options
        self._heads = {column.field: column.head for column in columns.values()}
        self._calendar = Calendar.of(options.ws)
        self._planned: list[PlannedTask] = []

    def item(self, place: int, task: SourceTask, origin: str) -> PlanItem:
        """Return the item that a row is; `origin` is that of tasks with a `unique` number."""
        fields = dict(task.fields)
        parent, summary = self._shape.parents[place], self._shape.is_summary(place)
        taken = {name: fields.pop(name, None) for name in PLAN_FIELDS}
        item = PlanItem(
            key=str(place),
            row=task.row,
            parent=None if parent is None else str(parent),
            number=task.number,
            wanted=task.wanted,
            fields=fields,
            unread=task.unread,
            percent=taken["percent"],
            elapsed=bool(taken["elapsed"]),
            **{name: taken[name] for name in ("start", "finish", "began", "ended")},
        )
        if taken["unique"]:
            item.origin = origin.format(file=self._source.file, unique=taken["unique"])
        if item.elapsed and item.start and taken["evening"]:
            item.start += timedelta(1)
        self._restrain(item, taken)
        if not summary:
            self._settle_progress(item)
            self._put_bucket(item, taken["bucket"])
            self._put_planned(item, taken)
            self._start_by_hand(item, manual=bool(taken["manual"]))
            self._put_milestone(item, milestone=bool(taken["milestone"]))
        return item

    def put_baseline(self) -> None:
        """Let the plan that was agreed there be a baseline here."""
        if self._planned:
            name = f"Baseline ({self._source.file})"
            taken = datetime.combine(self._options.today, time(12)).astimezone(UTC)
            baseline = Baseline(id=1, name=name, taken=taken, plan=tuple(self._planned))
            self._source.entities.append(baseline)

    def _head(self, field: str) -> str:
        return self._heads.get(field, "")

    def _note(self, item: PlanItem, field: str, text: str) -> None:
        """Keep in the notes what is not taken."""
        notes = (item.fields.get("notes"), f"{self._head(field)}: {text}")
        item.fields["notes"] = "\n".join(filter(None, notes))

    def _settle_progress(self, item: PlanItem) -> None:
        """Let the state count where the percentage says something else, and report that."""
        state, percent = item.fields.get("state"), item.percent
        if state is None or percent is None or state == "dropped":
            return
        done = state in ("done", "recheck")
        if done == (percent == 100):
            return
        if done:
            why = sentence("The state says that the task is done; this value is in the notes.")
        else:
            why = sentence("The state says that the task is not done; this value is in the notes.")
        text = f"{percent:g}%"
        self._source.warn(item.row, self._head("percent"), text, why)
        self._note(item, "percent", text)
        item.percent = None

    def _put_bucket(self, item: PlanItem, bucket: str | None) -> None:
        """Let a bucket be the phase of its tasks or, where summaries are, a tag of theirs."""
        if not bucket:
            return
        item.lanes = {"bucket": bucket}
        if self._shape:
            item.fields["tags"] = [bucket, *item.fields.get("tags", ())]
        else:
            item.fields.setdefault("phase", bucket)

    def _restrain(self, item: PlanItem, taken: Mapping[str, Any]) -> None:
        """Let a constraint be what a task keeps to."""
        kind, day = taken["constraint"], taken["constraint_day"]
        if kind is not None:
            for why in constrained(kind, day, item.fields, self._calendar):
                self._source.approximate(item.row, self._head("constraint"), day or "", why)
        elif day:
            self._note(item, "constraint_day", day.isoformat())

    def _start_by_hand(self, item: PlanItem, *, manual: bool) -> None:
        """Let a start that somebody has set, of what has not begun, be the earliest one."""
        begun = bool(item.percent) or item.began or item.fields.get("state") in _SETTLED
        if manual and item.start and not begun:
            not_before = item.fields.get("not_before")
            item.fields["not_before"] = max(item.start, not_before or item.start)
            why = sentence("Scheduled by hand; read as not before that day.")
            self._source.approximate(item.row, self._head("manual"), item.start, why)

    def _put_planned(self, item: PlanItem, taken: Mapping[str, Any]) -> None:
        """Keep what the baseline of the file has of a task; it is known by its number there."""
        days: dict[str, date] = {
            name: taken[name] for name in ("planned_start", "planned_finish") if taken[name]
        }
        likely = taken["planned_days"]
        if days and item.wanted is not None:
            start, finish = days.get("planned_start"), days.get("planned_finish")
            likely = item.fields.get("likely") if likely is None else likely
            self._planned.append(PlannedTask(item.wanted, start, finish, likely, None, "todo"))
            return
        for name, day in days.items():
            self._note(item, name, day.isoformat())
        if likely is not None:
            self._note(item, "planned_days", f"{likely:g}")

    def _put_milestone(self, item: PlanItem, *, milestone: bool) -> None:
        """Let a milestone without a duration take no time; report one that takes some."""
        days = item.fields.get("likely")
        if milestone and days is None:
            item.fields |= dict.fromkeys(ESTIMATE, 0.0)
        elif milestone and days:
            why = sentence("A milestone that takes {days} days there does so here.", days=days)
            self._source.warn(item.row, self._head("milestone"), "", why)


_SETTLED = ("doing", "done", "dropped")
