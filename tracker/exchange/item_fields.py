"""What an item of another program's plan says, as the fields of a task: clean, and no nonsense."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from msgspec.structs import replace

from tracker.domain.errors import BadInput
from tracker.domain.fields import ESTIMATE, of_kind
from tracker.domain.model import LONGEST_TITLE, Item, Pass
from tracker.domain.sentence import Sentence, numbers_with_strokes, sentence
from tracker.exchange.amounts import sound_days
from tracker.exchange.outline import PlanItem
from tracker.exchange.source import Source, harmless, stripped

_DAYS = frozenset(of_kind("days", "estimate"))
# What is written over several lines.
_LONG = frozenset(("notes", "waiting_for"))


def task_fields(item: PlanItem, source: Source) -> dict[str, Any]:
    """Return the fields of the task that an item is; what had to be changed is reported."""
    return _Fields(item, source).read()


class _Fields:
    """An item being read."""

    def __init__(self, item: PlanItem, source: Source) -> None:
        self._item, self._source = item, source
        self._lost = 0

    def read(self) -> dict[str, Any]:
        """Return the fields."""
        fields = {name: self._clean(name, value) for name, value in self._item.fields.items()}
        fields["title"] = self._title(fields)
        self._sound(fields)
        self._progress(fields)
        if self._item.origin:
            fields["origin"] = " ".join(harmless(self._item.origin)[0].split())
        if self._lost:
            self._warn("", fields["title"], stripped(self._lost))
        return fields

    def _warn(self, column: str, value: object, why: Sentence) -> None:
        self._source.warn(self._item.row, column, value, why, self._item.place)

    # --- texts ---------------------------------------------------------------------------------

    def _clean(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value, lines=name in _LONG or name == "title")
        if isinstance(value, list | tuple) and name != "passes":
            cleaned = [self._part(each) for each in value]
            if name == "checklist":
                return tuple(cleaned)
            return list(dict.fromkeys(each for each in cleaned if each != ""))
        return value

    def _part(self, each: Any) -> Any:
        if isinstance(each, Item):
            return replace(each, text=self._text(each.text, lines=False))
        return self._text(each, lines=False) if isinstance(each, str) else each

    def _text(self, text: str, *, lines: bool) -> str:
        text, lost = harmless(text)
        self._lost += lost
        return text.strip() if lines else " ".join(text.split())

    def _title(self, fields: dict[str, Any]) -> str:
        """Return the title in one line; what is too long for one is in the notes."""
        text: str = fields.get("title") or ""
        title = " ".join(text.split())
        if not title:
            named = (
                self._text(text, lines=False) for text in (self._item.number, self._item.place)
            )
            title = next(filter(None, named), "–")
            why = sentence("The task has no title; it is called {title} here.", title=title)
            self._warn("", "", why)
        if "\n" in text:
            self._warn("", text, sentence("A line break was replaced by a space."))
        if len(title) > LONGEST_TITLE:
            why = sentence(
                "A title has at most {most} characters; the full text is in the notes.",
                most=LONGEST_TITLE,
            )
            self._warn("", title, why)
            fields["notes"] = "\n".join(filter(None, (fields.get("notes"), title)))
            title = title[:LONGEST_TITLE].rstrip()
        return title

    # --- numbers -------------------------------------------------------------------------------

    def _sound(self, fields: dict[str, Any]) -> None:
        """Leave out numbers no task can have, and put an estimate in order."""
        for name in _DAYS & fields.keys():
            if fields[name] is None:
                continue
            try:
                fields[name] = round(sound_days(fields[name], f"{fields[name]:.15g}"), 4)
            except BadInput as problem:
                del fields[name]
                self._warn("", fields["title"], problem.sentence)
        likely = fields.get("likely")
        if likely is not None and not self._source.ours:
            fields |= {name: likely for name in ESTIMATE if fields.get(name) is None}
        known = [name for name in ESTIMATE if fields.get(name) is not None]
        estimate = [fields[name] for name in known]
        if estimate != sorted(estimate):
            fields.update(zip(known, sorted(estimate), strict=True))
            turned = numbers_with_strokes(sorted(estimate))
            given = "/".join(f"{days:g}" for days in estimate)
            why = sentence("The estimate was out of order; read as {turned}.", turned=turned)
            self._warn("", given, why)

    def _progress(self, fields: dict[str, Any]) -> None:
        """Settle the state, how much is done, and the first pass."""
        percent = self._item.percent if self._item.percent is not None else fields.get("progress")
        if percent is not None and not (math.isfinite(percent) and 0 <= percent <= 100):
            why = sentence("Progress is a percentage from 0 to 100; it was left out.")
            self._warn("", f"{percent:g}", why)
            percent = None
        fields.pop("progress", None)
        state = fields.get("state") or self._state(percent)
        fields["state"] = state
        if (
            percent is not None
            and (state == "done" or percent)
            and not (state == "done" and percent < 100)
        ):
            fields["progress"] = float(percent)
        began, ended = _moment(self._item.began), _moment(self._item.ended)
        if fields.get("passes"):
            fields["passes"] = tuple(fields["passes"])
        elif state in ("done", "recheck"):
            fields["passes"] = (Pass(number=1, started=began, ended=ended, outcome="done"),)
        elif began is not None and state in ("doing", "waiting"):
            fields["passes"] = (Pass(number=1, started=began),)

    def _state(self, percent: float | None) -> str:
        if percent == 100 or (percent is None and self._item.ended is not None):
            return "done"
        return "doing" if percent or self._item.began is not None else "todo"


def _moment(day: date | datetime | None) -> datetime | None:
    """Return the moment of a day, which begins where this program runs."""
    if day is None:
        return None
    moment = day if isinstance(day, datetime) else datetime.combine(day, time.min)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        # At either end of all days there is no other zone.
        return moment.replace(tzinfo=UTC)


def duration(fields: Mapping[str, Any]) -> float | None:
    """Return how long a task takes in working days, if that is known."""
    found: float | None = fields.get("likely")
    return found
