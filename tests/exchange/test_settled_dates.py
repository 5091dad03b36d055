"""The law of settled outlines: tasks have the dates that their relations of all kinds give them."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import TODAY
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.settling import settled
from tracker.exchange.source import ReadOptions, Source


class Plan(NamedTuple):
    """Durations of leaves, the parts of summaries, which of these say more, and relations."""

    lengths: dict[str, int]
    parents: dict[str, str | None]
    own: set[str]
    relations: list[Relation]

    def leaves(self, key: str) -> list[str]:
        """Return the leaves of a summary, or a leaf itself."""
        if key in self.lengths:
            return [key]
        below = [each for each, parent in self.parents.items() if parent == key]
        return [leaf for each in below for leaf in self.leaves(each)]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan whose relations lead from earlier leaves to later ones."""
    shape = draw(st.lists(st.integers(0, 2), min_size=2, max_size=9))
    lengths: dict[str, int] = {}
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for at, level in enumerate(shape):
        while len(path) > level:
            path.pop()
        while len(path) < level:
            name = f"s{len(parents)}"
            parents[name] = path[-1] if path else None
            path.append(name)
        parents[f"l{at}"] = path[-1] if path else None
        lengths[f"l{at}"] = draw(st.integers(0, 5))
    summaries = [key for key in parents if key not in lengths]
    own = set(draw(st.lists(st.sampled_from(summaries), max_size=3))) if summaries else set()
    plan = Plan(lengths, parents, own, [])
    order = {leaf: at for at, leaf in enumerate(lengths)}
    for _ in range(draw(st.integers(0, 9))):
        source, target = draw(st.sampled_from([*parents])), draw(st.sampled_from([*parents]))
        last = max(order[leaf] for leaf in plan.leaves(source))
        first = min(order[leaf] for leaf in plan.leaves(target))
        if last < first:
            both_leaves = {source, target} <= lengths.keys()
            # Schedulers know only this kind between summaries.
            kind: Any = draw(st.sampled_from(["FS", "SS", "FF", "SF"])) if both_leaves else "FS"
            plan.relations.append(Relation(source, target, kind, draw(st.integers(-4, 4))))
    return plan


def judged(plan: Plan) -> dict[str, float]:
    """Return the earliest starts, by scheduling relations and summaries as they are."""
    start = dict.fromkeys(plan.lengths, 0.0)
    changed = True
    while changed:
        changed = False
        for relation in plan.relations:
            source, target = plan.leaves(relation.source), plan.leaves(relation.target)
            begins = min(start[leaf] for leaf in source)
            ends = max(start[leaf] + plan.lengths[leaf] for leaf in source)
            bound = (begins if relation.kind[0] == "S" else ends) + relation.lag
            for leaf in target:
                least = bound - (plan.lengths[leaf] if relation.kind[1] == "F" else 0)
                if start[leaf] < least:
                    start[leaf], changed = least, True
    return start


def scheduled(source: Source) -> dict[str, float]:
    """Return the earliest starts by arrows from finish to start, as plans here have them."""
    start = dict.fromkeys(range(len(source.tasks)), 0.0)
    changed = True
    while changed:
        changed = False
        for link in source.links:
            before: float = source.tasks[link.source].fields["likely"]
            least = start[link.source] + before + link.options.get("lag", 0.0)
            if start[link.target] < least:
                start[link.target], changed = least, True
    return {source.tasks[at].fields["title"]: day for at, day in start.items()}


@settings(max_examples=150)
@given(plans())
def test_dates_are_those_of_the_relations_as_they_are(plan: Plan) -> None:
    items = [
        PlanItem(
            key,
            row,
            parent=parent,
            own=key in plan.own,
            fields={"title": key, "likely": float(plan.lengths.get(key, 0))},
        )
        for row, (key, parent) in enumerate(plan.parents.items(), 1)
    ]
    outline = Outline(Source("plan.x"), True, items, plan.relations)
    found = scheduled(settled(outline, ReadOptions(TODAY)))
    wanted = judged(plan)
    assert {leaf: found[leaf] for leaf in wanted} == wanted
    # What a summary says more of itself stands at its end.
    for key in plan.own:
        leaves = plan.leaves(key)
        assert found[key] == max(wanted[leaf] + plan.lengths[leaf] for leaf in leaves)
