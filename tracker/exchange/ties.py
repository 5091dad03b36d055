"""The relations of another program's plan as arrows: all kinds, from and to summaries and parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from tracker.domain import graph
from tracker.domain.errors import TrackerError
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.verbs.field_rules import checked_lag
from tracker.exchange.hierarchy import Hierarchy
from tracker.exchange.item_fields import duration
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.relations import as_written, finish_to_start
from tracker.exchange.source import MAX_LINKS, SourceLink, harmless, too_many_links

# From days of the calendar from a day on to working days, and the day they were counted from.
Elapsed = Callable[[float, date | None], tuple[float, date]]


# What a summary says of its own, and not of its parts.
_OWN = ("notes", "due", "follow_up", "waiting_for", "checklist", "recurrence", "expires", "tags")


# No lag has more days; longer ones are mistakes.
_MOST_LAG = 100_000


class DrawnArrow(msgspec.Struct):
    """An arrow between two places, and the relations it was drawn for, the decisive one first."""

    lag: float
    relations: list[Relation]


class Ties:
    """The arrows of an outline by the places of its items; a summary's is its milestone.

    `fields` are those of the tasks, `keys` the places of items; `elapsed` counts working days.
    """

    def __init__(
        self,
        outline: Outline,
        hierarchy: Hierarchy,
        keys: Mapping[str, int],
        fields: Sequence[dict[str, Any]],
        elapsed: Elapsed,
    ) -> None:
        self._source, self._items = outline.source, outline.items
        self._outline, self._hierarchy, self._keys = outline, hierarchy, keys
        self._fields, self._elapsed = fields, elapsed
        self._before: dict[int, dict[int, DrawnArrow]] = {}
        self._after: dict[int, dict[int, DrawnArrow]] = {}
        self._closed: set[int] = set()
        self._count = 0

    # --- what came of it -----------------------------------------------------------------------

    def before(self, place: int) -> Mapping[int, DrawnArrow]:
        """Return the arrows to a place by where they come from."""
        return self._before.get(place, {})

    def is_task(self, place: int) -> bool:
        """Return whether an item is a task: in a schedule a summary is none, unless it is one."""
        summed = self._outline.schedule and self._hierarchy.is_summary(place)
        return not summed or place in self._closed

    def order(self) -> list[int]:
        """Return the places of tasks; the milestone of a summary follows its parts."""
        last: dict[int, int] = {}
        depth: dict[int, int] = {}
        for place in range(len(self._items)):
            if place in self._closed:
                last[place] = max(self._hierarchy.leaves(place))
                depth[place] = self._depth(place)
        tasks = filter(self.is_task, range(len(self._items)))
        return sorted(
            tasks, key=lambda each: (last.get(each, each), each in last, -depth.get(each, 0))
        )

    def links(self, places: Mapping[int, int]) -> Iterator[SourceLink]:
        """Walk over the arrows; `places` are those of the tasks in the source."""
        for source, arrows in sorted(self._after.items()):
            for target, arrow in arrows.items():
                first = arrow.relations[0]
                options: dict[str, Any] = {"lag": arrow.lag} if arrow.lag else {}
                if kept := _original(arrow):
                    options["extra"] = {"relation": kept}
                ends = places[source], places[target]
                text = first.text or f"{first.source} → {first.target}"
                yield SourceLink(first.row, first.column, text, "needs", *ends, options)

    # --- drawing -------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw all arrows; relations that cannot be are reported."""
        ends = [(relation, *self._ends(relation)) for relation in self._outline.relations]
        known = [
            (relation, source, target)
            for relation, source, target in ends
            if source is not None
            and target is not None
            and not (relation.derived and not self._outline.schedule)
            and self._is_sound(relation, source, target)
        ]
        # What lies deep inside first: it says what is first and last in what contains it.
        known.sort(key=lambda each: -self._common_depth(each[1], each[2]))
        for relation, source, target in known:
            self._tie(relation, source, target)
        if self._outline.schedule:
            for place in self.deepest_first(filter(self._says_more, range(len(self._items)))):
                self._close(place)
            return
        derived = [
            (relation, source, target)
            for relation, source, target in ends
            if relation.derived and source is not None and target is not None and source != target
        ]
        self._yielding([*derived, *self._parts()])

    def firsts(self, place: int) -> list[int]:
        """Return the parts of an item with which it begins; itself if it has none."""
        parts = self._parts_of(place)
        inside = set(parts)

        def follows(part: int) -> bool:
            # What begins before its predecessor does may begin before all.
            return any(
                each in inside and arrow.lag + (self._duration(each) or 0.0) >= 0
                for each, arrow in self.before(part).items()
            )

        return [part for part in parts if not follows(part)] or parts[:1]

    def _lasts(self, place: int) -> list[int]:
        """Return the parts of an item with which it ends; its milestone if it has one."""
        summed = self._outline.schedule and self._hierarchy.is_summary(place)
        if summed and self._says_more(place):
            self._close(place)
        return [place] if place in self._closed else self._last_parts(place)

    def _last_parts(self, place: int) -> list[int]:
        for below in self.deepest_first(self._below(place)):
            if self._says_more(below):
                self._close(below)
        parts = self._parts_of(place)
        inside = set(parts)

        def is_followed(part: int) -> bool:
            return any(
                each in inside and arrow.lag + (self._duration(each) or 0.0) >= 0
                for each, arrow in self._after.get(part, {}).items()
            )

        return [part for part in parts if not is_followed(part)] or parts[-1:]

    def _parts_of(self, place: int) -> list[int]:
        """Return the tasks an item sums up, with the milestones among them; itself if none."""
        if not self._outline.schedule:
            return [place]
        leaves = self._hierarchy.leaves(place)
        if self._closed:
            leaves += [each for each in self._below(place) if each in self._closed]
        return leaves

    def _below(self, place: int) -> Iterator[int]:
        """Walk over the summaries within another."""
        seen: set[int] = {place}
        leaves = self._hierarchy.leaves(place) if self._hierarchy.is_summary(place) else ()
        for leaf in leaves:
            for above in self._hierarchy.ancestors(leaf):
                if above in seen:
                    break
                seen.add(above)
                yield above

    def _says_more(self, place: int) -> bool:
        """Return whether a summary says something that its parts do not."""
        fields = self._fields[place]
        return self._items[place].own or any(fields.get(name) for name in _OWN)

    def deepest_first(self, places: Iterable[int]) -> list[int]:
        """Return the summaries among places, the innermost first."""
        summaries = (place for place in places if self._hierarchy.is_summary(place))
        return sorted(summaries, key=self._depth, reverse=True)

    def _depth(self, place: int) -> int:
        return sum(1 for _ in self._hierarchy.ancestors(place))

    def _common_depth(self, source: int, target: int) -> int:
        """Return how deep the innermost summary lies that has both ends of a relation inside."""
        above = set(self._hierarchy.ancestors(source))
        shared = (each for each in self._hierarchy.ancestors(target) if each in above)
        innermost = next(shared, None)
        return -1 if innermost is None else self._depth(innermost)

    def _close(self, place: int) -> None:
        """Make a summary a milestone that needs all that ends it."""
        if place in self._closed:
            return
        lasts = self._last_parts(place)
        self._closed.add(place)
        item, fields = self._items[place], self._fields[place]
        fields |= {"low": 0.0, "likely": 0.0, "high": 0.0}
        if fields["state"] not in ("done", "dropped"):
            # How far its parts are says nothing of itself.
            fields |= {"state": "todo", "passes": (), "progress": None}
        for last in lasts:
            self._put(last, place, 0.0, Relation(self._items[last].key, item.key, row=item.row))
        why = sentence(
            "The summary {title} became a milestone after its parts.", title=fields["title"]
        )
        self._source.approximate(item.row, "", "", why, item.place)

    def _tie(self, relation: Relation, source: int, target: int) -> None:
        """Draw the arrows of a relation."""
        lag = self._lag(relation, source)
        befores = self.firsts(source) if relation.kind[0] == "S" else self._lasts(source)
        behinds = self.firsts(target) if relation.kind[1] == "S" else self._lasts(target)
        many, each = len(befores), len(behinds)
        if many * each > many + each + 1 and relation.kind[0] == "F":
            self._close(source)
            befores = [source]
        if self._outline.schedule and any(map(self._hierarchy.is_summary, (source, target))):
            why = sentence("An arrow of a summary row was drawn from its last or to its first row.")
            self._approximate(relation, why)
        told: set[str] = set()
        for before in befores:
            for behind in behinds:
                days = lag
                if relation.kind != "FS":
                    lengths = self._duration(before), self._duration(behind)
                    days, why = finish_to_start(relation.kind, lag, *lengths)
                    if str(why) not in told:
                        self._approximate(relation, why)
                    told.add(str(why))
                self._put(before, behind, self._checked(relation, days), relation)

    def _put(self, source: int, target: int, lag: float, relation: Relation) -> None:
        """Put an arrow between two tasks; of several the one that ties most is drawn."""
        here = self._after.get(source, {}).get(target)
        if here is None:
            self._count += 1
            if self._count > MAX_LINKS:
                raise too_many_links(self._source.file)
            arrow = DrawnArrow(lag, [relation])
            self._after.setdefault(source, {})[target] = arrow
            self._before.setdefault(target, {})[source] = arrow
            return
        said = {(each.kind, each.lag, each.unit) for each in here.relations}
        if (relation.kind, relation.lag, relation.unit) in said:
            # Told at both ends, it is one.
            return
        here.relations.insert(0 if lag > here.lag else len(here.relations), relation)
        here.lag = max(lag, here.lag)
        why = sentence(
            "Several relations lead from {one} to {other}; drawn is the one that ties most.",
            one=self._fields[source]["title"],
            other=self._fields[target]["title"],
        )
        self._approximate(relation, why)

    def _lag(self, relation: Relation, source: int) -> float:
        """Return the lag of a relation in working days; one beyond all measure is left out."""
        if not abs(relation.lag) < _MOST_LAG:
            why = sentence(
                "The lag {lag} is beyond all measure; it was left out.", lag=relation.lag
            )
            self._warn(relation, why)
            return 0.0
        if relation.unit == "days" or not relation.lag:
            return relation.lag
        if relation.unit == "share":
            lag = round(relation.lag * (self._duration(source) or 0.0), 4)
            why = sentence("Lag read as {number} days.", number=lag)
        else:
            item = self._items[source]
            begun = item.finish if relation.kind[0] == "F" else item.start
            lag, _day = self._elapsed(relation.lag, begun)
            why = sentence("Lag read as {number} days.", number=lag)
        self._approximate(relation, why)
        return lag

    def _checked(self, relation: Relation, lag: float) -> float:
        try:
            return checked_lag(lag)
        except TrackerError as problem:
            self._warn(relation, problem.sentence)
            return 0.0

    def _duration(self, place: int) -> float | None:
        return duration(self._fields[place])

    # --- parts that lead to the whole ----------------------------------------------------------

    def _parts(self) -> Iterator[tuple[Relation, int, int]]:
        """Walk over the arrows to a whole from its parts that lead to no other of them."""
        parents = self._hierarchy.parents
        for place, parent in enumerate(parents):
            if parent is None or parent in self._after.get(place, {}):
                continue
            if any(parents[each] == parent for each in self._after.get(place, {})):
                continue
            item = self._items[place]
            relation = Relation(item.key, self._items[parent].key, row=item.row, derived=True)
            yield relation, place, parent

    def _yielding(self, derived: list[tuple[Relation, int, int]]) -> None:
        """Draw arrows that nobody stated, but for those that would close a loop."""
        ahead: dict[int, list[int]] = {place: [*ends] for place, ends in self._after.items()}
        for _relation, source, target in derived:
            ahead.setdefault(source, []).append(target)
        rings = graph.components(range(len(self._items)), lambda at: ahead.get(at, ()))
        ring_of = {place: at for at, ring in enumerate(rings) for place in ring}
        stated: dict[int, list[int]] = {place: [*ends] for place, ends in self._after.items()}
        for relation, source, target in derived:
            # Only within a ring of all of them can it close a loop.
            inside = ring_of[source] == ring_of[target]
            if inside and source in graph.reach(target, lambda at: stated.get(at, ())):
                why = sentence(
                    "It is a part of {whole}, which the links of the file put before it; the links"
                    " were drawn.",
                    whole=self._fields[target]["title"],
                )
                self._warn(relation, why)
                continue
            stated.setdefault(source, []).append(target)
            self._put(source, target, self._checked(relation, relation.lag), relation)

    # --- what cannot be drawn ------------------------------------------------------------------

    def _ends(self, relation: Relation) -> tuple[int | None, int | None]:
        """Return both ends; what lies outside the file is reported, and kept in the notes."""
        source, target = self._keys.get(relation.source), self._keys.get(relation.target)
        if source is None or target is None:
            missing = relation.source if source is None else relation.target
            why = sentence(
                "{name} is not in the file; the arrow was not drawn.",
                name=harmless(missing)[0],
            )
            self._warn(relation, why)
            here = source if target is None else target
            if here is not None:
                fields = self._fields[here]
                told = relation.text or f"{relation.source} → {relation.target}"
                line = harmless(": ".join(filter(None, (relation.column, told))))[0]
                fields["notes"] = "\n".join(filter(None, (fields.get("notes"), line)))
        return source, target

    def _is_sound(self, relation: Relation, source: int, target: int) -> bool:
        """Return whether a relation is none to itself or to a part of itself."""
        if source == target:
            why = sentence("A task cannot depend on itself; the arrow was skipped.")
        elif self._outline.schedule and (
            source in self._hierarchy.ancestors(target)
            or target in self._hierarchy.ancestors(source)
        ):
            why = sentence("A summary row cannot be tied to a part of itself; it was skipped.")
        else:
            return True
        self._warn(relation, why)
        return False

    def _place(self, relation: Relation) -> tuple[int, str]:
        """Return where a relation stands in the file."""
        item: PlanItem | None = None
        for key in (relation.target, relation.source):
            place = self._keys.get(key)
            if place is not None and (item is None or self._items[place].row == relation.row):
                item = self._items[place]
        return (relation.row or (item.row if item else 0)), item.place if item else ""

    def _warn(self, relation: Relation, why: Sentence) -> None:
        row, place = self._place(relation)
        self._source.warn(row, relation.column, relation.text, why, place)

    def _approximate(self, relation: Relation, why: Sentence) -> None:
        row, place = self._place(relation)
        self._source.approximate(row, relation.column, relation.text, why, place)


def _original(arrow: DrawnArrow) -> dict[str, Any]:
    """Return how an arrow was written, if that is more than its lag says."""
    first, *others = arrow.relations
    if not others and first.kind == "FS" and first.unit == "days":
        return {}
    kept, *also = [as_written(each.kind, each.lag, each.unit) for each in arrow.relations]
    return kept | {"as": arrow.lag} | ({"also": also} if also else {})
