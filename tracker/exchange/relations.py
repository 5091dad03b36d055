"""The arrows of a list: links of all kinds between its rows, as arrows between its tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tracker.domain.errors import TrackerError
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.verbs.field_rules import checked_lag
from tracker.exchange.amounts import working_days
from tracker.exchange.hierarchy import Hierarchy, leaf_arrows
from tracker.exchange.references import LagUnit, Need, RelationKind
from tracker.exchange.source import MAX_LINKS, Source, SourceLink, too_many_links

# From start and finish of the earlier task to those of the later one: what to take off the lag.
_OVERLAPS = {"SS": (True, False), "FF": (False, True), "SF": (True, True)}
_WORDS = {
    "SS": sentence("start-to-start"),
    "FF": sentence("finish-to-finish"),
    "SF": sentence("start-to-finish"),
}


def finish_to_start(
    kind: RelationKind, lag: float, before: float | None, behind: float | None
) -> tuple[float, Sentence]:
    """Return the lag with which an arrow from finish to start keeps the dates, and how to say it.

    `before` and `behind` are the durations of both tasks, in working days as the lag is; where
    one that matters is not known, the lag stays as it is.
    """
    takes_before, takes_behind = _OVERLAPS[kind]
    if (takes_before and before is None) or (takes_behind and behind is None):
        return lag, sentence("An arrow of type {type} was imported as finish-to-start.", type=kind)
    # Minutes of a schedule are no whole days; beyond the fourth digit there is only noise.
    lag = round(lag - (before or 0.0) * takes_before - (behind or 0.0) * takes_behind, 4)
    return lag, sentence(
        "{ends}, imported as finish-to-start with a lag of {number} days; right while the"
        " durations stay.",
        ends=_WORDS[kind],
        number=lag,
    )


def as_written(kind: RelationKind, lag: float, unit: LagUnit) -> dict[str, Any]:
    """Return what an arrow keeps of a relation that is more than a lag from finish to start.

    Its `as` says which lag stands for it here: with another one it is no longer that relation.
    """
    return {"type": kind, "lag": lag, "unit": unit}


def written_kind(link: SourceLink) -> Sentence | None:
    """Return the kind of relation an arrow was drawn for, if that was not finish-to-start."""
    kept = link.options.get("extra", {}).get("relation", {})
    return _WORDS.get(kept.get("type", "FS"))


class ListedNeed(NamedTuple):
    """That the row at the place `target` needs the one at `source`, and where it says so."""

    row: int
    column: str
    source: int
    target: int
    need: Need


class Relations:
    """The links between rows of a list, kept until all of them are read.

    `places` are the places of the tasks in the source, by those of their rows in the list.
    `needs` are the links as they are read.
    """

    def __init__(self, source: Source, hierarchy: Hierarchy, places: Mapping[int, int]) -> None:
        self._source, self._hierarchy, self._places = source, hierarchy, places
        self.needs: list[ListedNeed] = []
        self._seen: dict[tuple[int, int], SourceLink] = {}

    def need(self, row: int, column: str, source: int, target: int, need: Need) -> None:
        """Note that one row needs another."""
        self.needs.append(ListedNeed(row, column, source, target, need))

    def check(self) -> None:
        """Raise BadInput if there are arrows without end."""
        if len(self.needs) + len(self._source.links) > MAX_LINKS:
            raise too_many_links(self._source.file)

    def returns(
        self, row: int, column: str, gate: int, target: int, options: dict[str, Any], text: str
    ) -> None:
        """Note that one row sends work back to another."""
        ends = [self._places.get(place) for place in (gate, target)]
        if None in ends:
            self._source.warn(
                row, column, text, sentence("A summary row cannot have return arrows.")
            )
            return
        self._source.links.append(
            SourceLink(row, column, text, "returns", ends[0] or 0, ends[1] or 0, options)
        )

    def settle(self, duration: Callable[[int], float | None]) -> None:
        """Put the arrows into the source; `duration` gives that of the row at a place."""
        after: dict[int, set[int]] = {}
        for relation in self.needs:
            after.setdefault(relation.source, set()).add(relation.target)
        for relation in self.needs:
            lag = self._lag(relation, duration)
            ends = (relation.source, relation.target)
            summed = any(map(self._hierarchy.is_summary, ends))
            if summed:
                why = sentence(
                    "An arrow of a summary row was drawn from its last or to its first row."
                )
                self._warn(relation, why)
            arrows = leaf_arrows(self._hierarchy, *ends, after) if summed else [ends]
            for source, target in arrows:
                self._draw(relation, source, target, lag)
        if len(self._source.links) > MAX_LINKS:
            raise too_many_links(self._source.file)

    def _draw(self, relation: ListedNeed, source: int, target: int, lag: float) -> None:
        ends = (self._places[source], self._places[target])
        here = self._seen.get(ends)
        # A link named at both ends, or several kinds of link between two tasks, is one arrow.
        if here and (here.column != relation.column or relation.need.kind != "FS"):
            if lag > here.options.get("lag", 0.0):
                here.options = {"lag": lag}
            return
        need = relation.need
        options: dict[str, Any] = {"lag": lag} if lag else {}
        if need.kind != "FS" or need.unit != "days":
            kept = as_written(need.kind, need.lag, need.unit) | {"as": lag}
            options["extra"] = {"relation": kept}
        if relation.need.ripple is not None:
            options |= {"ripple": relation.need.ripple, "share": relation.need.again}
        link = SourceLink(
            relation.row, relation.column, relation.need.text, "needs", *ends, options
        )
        self._seen[ends] = link
        self._source.links.append(link)

    def _lag(self, relation: ListedNeed, duration: Callable[[int], float | None]) -> float:
        """Return the lag of an arrow from finish to start that keeps the dates; report a guess."""
        need = relation.need
        before, behind = duration(relation.source), duration(relation.target)
        lag = need.lag
        if need.unit != "days":
            lag = working_days(lag) if need.unit == "elapsed" else lag * (before or 0.0)
            self._warn(relation, sentence("Lag read as {number} days.", number=lag))
        if need.kind == "FS":
            return self._checked(relation, lag)
        lag, why = finish_to_start(need.kind, lag, before, behind)
        self._warn(relation, why)
        return self._checked(relation, lag)

    def _checked(self, relation: ListedNeed, lag: float) -> float:
        try:
            return checked_lag(lag)
        except TrackerError as problem:
            self._warn(relation, problem.sentence)
            return 0.0

    def _warn(self, relation: ListedNeed, why: Sentence) -> None:
        self._source.warn(relation.row, relation.column, relation.need.text, why)
