"""The fields of tasks as a list has them, in English or German; reading them gives them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from tracker.domain.draft import name_of
from tracker.domain.fields import Field
from tracker.domain.model import Link, Person, Task
from tracker.domain.typing.field_values import further_parts
from tracker.domain.workspace import Workspace
from tracker.exchange.cell_values import exact_percent, joined_items, without_formula

# States and priorities in German.
GERMAN_WORDS: Mapping[str, str] = {
    "todo": "offen",
    "doing": "in Arbeit",
    "waiting": "wartet",
    "recheck": "nachprüfen",
    "done": "erledigt",
    "dropped": "verworfen",
    "low": "niedrig",
    "medium": "mittel",
    "high": "hoch",
    "critical": "kritisch",
}


class TaskCells:
    """Writes fields of tasks as cells; what many tasks have in common is written once.

    With `commas` these are decimal; without saying so they are in German. `text` makes a text
    harmless where the cells go.
    """

    def __init__(
        self,
        ws: Workspace,
        german: bool,
        *,
        commas: bool | None = None,
        text: Callable[[str], str] = without_formula,
    ) -> None:
        self._ws, self._german, self._plain = ws, german, text
        self._commas = german if commas is None else commas
        self._text = cache(text)
        self._names = cache(lambda texts: text(joined_items(list(texts))))

    def word(self, word: str) -> str:
        """Return how a state or a priority is written."""
        return GERMAN_WORDS[word] if self._german else word

    def writer(self, field: Field) -> Callable[[Task], str]:
        """Return what writes a field of a task."""
        ws, text, names = self._ws, self._text, self._names
        value: Callable[[Task], Any] = attrgetter(field.name)
        if entity := field.entity:
            things = ws.table(entity)
            if field.kind == "names":
                return lambda task: names(tuple(name_of(things[key]) for key in value(task)))
            if entity is Person:
                # Several names in one cell would be one assignee and watchers.
                return lambda task: names((name_of(things[key]),)) if (key := value(task)) else ""
            return lambda task: text(name_of(things[key])) if (key := value(task)) else ""
        match field.kind:
            case "needs":
                return lambda task: "; ".join(_needs(ws.arrows_in.get(task.id, ())))
            case "returns":
                return lambda task: "; ".join(_returns(ws.arrows_out.get(task.id, ())))
            case "state" | "priority":
                return lambda task: self.word(value(task))
            case "tags":
                # A mark of its own is written twice: one is taken off in reading.
                return lambda task: names(tuple(_marked(tag) for tag in value(task)))
            case "days" | "count":
                number = cache(self._number)
                return lambda task: number(value(task))
            case "percent":
                # Without its sign 0.5 would be taken for a half.
                return lambda task: (text := self._number(value(task))) and f"{text}%"
            case "day" | "last day":
                return lambda task: day.isoformat() if (day := value(task)) else ""
            case _ if field.name in ("title", "notes"):
                # No two are alike.
                return lambda task: self._plain(value(task))
            case _:
                return lambda task: text(value(task))

    def _number(self, number: float | None) -> str:
        if number is None:
            return ""
        text = str(int(number)) if number == int(number) else repr(number)
        return text.replace(".", ",") if self._commas else text


def _marked(tag: str) -> str:
    return f"#{tag}" if tag.startswith("#") else tag


def _needs(arrows: tuple[Link, ...]) -> Iterator[str]:
    """Write predecessors with lags and what they pass on: `3`, `12+2`, `12+-2`, `3:40%:100%`."""
    for link in arrows:
        if link.kind == "needs":
            lag = int(link.lag) if link.lag == int(link.lag) else link.lag
            parts = [f"{link.source}+{lag}" if link.lag else str(link.source)]
            if link.ripple is not None:
                parts += [exact_percent(link.ripple), exact_percent(link.share)]
            yield ":".join(parts)


def _returns(arrows: tuple[Link, ...]) -> Iterator[str]:
    """Write return arrows as `target:rate:share:limit`, and what is given besides in words.

    That is `observed` where nobody planned it. A rate that nobody entered is left out.
    """
    for link in arrows:
        if link.kind == "returns":
            rate = "" if link.rate_assumed else exact_percent(link.rate)
            parts = [str(link.target), rate, exact_percent(link.share)]
            more = [
                *further_parts(link, percent=exact_percent),
                *(["observed"] if link.observed else []),
            ]
            if link.limit is not None or more:
                parts.append("" if link.limit is None else str(link.limit))
            parts += more
            yield ":".join(parts)
