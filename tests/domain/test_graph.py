"""Answers about arrows, against brute force."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, plan
from tests.strategies import workspaces
from tracker.domain import graph, status
from tracker.domain.verbs import arrows
from tracker.domain.workspace import Workspace

arcs_of_few = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=14)


def needs(ws: Workspace) -> set[tuple[int, int]]:
    return {(link.source, link.target) for link in ws.links.values() if link.kind == "needs"}


def all_paths(ws: Workspace, start: int, end: int) -> Iterator[tuple[int, ...]]:
    """Walk over all forward paths, the slow way."""
    arcs = needs(ws)
    front: list[tuple[int, ...]] = [(start,)]
    while front:
        path = front.pop()
        if path[-1] == end and len(path) > 1:
            yield path
        front += [(*path, b) for a, b in arcs if a == path[-1]]


def acyclic(arcs: Iterable[tuple[int, int]]) -> bool:
    left = set(arcs)
    while left:
        sources = {a for a, _ in left} - {b for _, b in left}
        if not sources:
            return False
        left = {(a, b) for a, b in left if a not in sources}
    return True


@given(workspaces(most=7), st.data())
def test_paths_and_what_lies_between(ws: Workspace, data: st.DataObject) -> None:
    if not ws.tasks:
        return
    pick = st.sampled_from(list(ws.tasks))
    start, end = data.draw(pick), data.draw(pick)
    paths = list(all_paths(ws, start, end))
    inside = {task for path in paths for task in path} - {start, end}
    assert graph.between(ws, start, end) == inside
    found = graph.path(ws, start, end)
    if start == end:
        assert found == (start,)
    elif paths:
        assert found in paths
        assert len(found) == min(map(len, paths))
    else:
        assert found == ()
    assert (end in graph.downstream(ws, start)) == bool(paths)
    assert (start in graph.upstream(ws, end)) == bool(paths)


@given(workspaces(most=7), st.data())
def test_the_loop_that_an_arrow_closes(ws: Workspace, data: st.DataObject) -> None:
    if not ws.tasks:
        return
    pick = st.sampled_from(list(ws.tasks))
    source, target = data.draw(pick), data.draw(pick)
    loop = graph.loop_through(ws, source, target)
    assert bool(loop) != acyclic({*needs(ws), (source, target)})
    if loop:
        assert loop[0] == loop[-1] == target
        assert set(itertools.pairwise(loop)) <= {*needs(ws), (source, target)}


@given(arcs_of_few)
def test_components(arcs: list[tuple[int, int]]) -> None:
    def reaches(a: int, b: int) -> bool:
        return b in graph.reach(a, lambda at: [t for s, t in arcs if s == at])

    nodes = sorted({n for arc in arcs for n in arc})
    found = graph.components(nodes, lambda at: [t for s, t in arcs if s == at])
    assert sorted(n for part in found for n in part) == nodes
    for part in found:
        for a, b in itertools.combinations(part, 2):
            assert reaches(a, b)
            assert reaches(b, a)
    for one, other in itertools.combinations(found, 2):
        assert not (reaches(one[0], other[0]) and reaches(other[0], one[0]))
        assert not reaches(one[0], other[0]), "a component comes before those that lead to it"


@given(arcs_of_few)
def test_as_few_arrows_are_turned_as_can_be(arcs: list[tuple[int, int]]) -> None:
    order = {n: n for n in range(1, 7)}
    turned = set(graph.feedback_arcs(arcs, order))
    assert acyclic(arc for i, arc in enumerate(arcs) if i not in turned)
    chosen = {arcs[i] for i in turned}
    distinct = set(arcs)
    fewest = min(
        size
        for size in range(len(distinct) + 1)
        if any(acyclic(distinct - set(cut)) for cut in itertools.combinations(distinct, size))
    )
    assert len(chosen) == fewest
    backwards = max(
        sum(a >= b for a, b in cut)
        for cut in itertools.combinations(distinct, fewest)
        if acyclic(distinct - set(cut))
    )
    assert sum(a >= b for a, b in chosen) == backwards, "a way to an earlier row is likelier"


@given(st.integers(17, 40), st.data())
def test_many_tasks_in_one_loop_still_leave_no_loop(size: int, data: st.DataObject) -> None:
    ring = [(n, n % size + 1) for n in range(1, size + 1)]
    node = st.integers(1, size)
    chords = data.draw(st.lists(st.tuples(node, node).filter(lambda arc: arc[0] != arc[1])))
    arcs = list(dict.fromkeys(ring + chords))
    turned = set(graph.feedback_arcs(arcs, {n: n for n in range(1, size + 1)}))
    assert acyclic(arc for i, arc in enumerate(arcs) if i not in turned)
    assert len(turned) <= len(arcs) / 2


@given(st.integers(17, 30), st.data())
def test_large_loops_turn_no_more_than_the_bound_of_the_heuristic(
    size: int, data: st.DataObject
) -> None:
    """E/2 - V/6 for a connected net in which no two tasks need each other (Eades et al. 1993)."""
    node = st.integers(1, size)
    ring = [(n, n % size + 1) for n in range(1, size + 1)]
    arcs: list[tuple[int, int]] = []
    for one, other in dict.fromkeys(ring + data.draw(st.lists(st.tuples(node, node)))):
        if one != other and (one, other) not in arcs and (other, one) not in arcs:
            arcs.append((one, other))
    turned = graph.feedback_arcs(arcs, {n: n for n in range(1, size + 1)})
    assert acyclic(arc for i, arc in enumerate(arcs) if i not in set(turned))
    assert len(turned) <= len(arcs) / 2 - size / 6


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20))), st.permutations(range(1, 21)))
def test_the_heuristic_takes_of_equals_the_first(
    pairs: list[tuple[int, int]], nodes: list[int]
) -> None:
    """As its definition does, looking at every node in every step."""
    arcs = {(a, b) for a, b in pairs if a != b}
    left, head, tail = list(nodes), list[int](), list[int]()
    while left:
        inside = {(a, b) for a, b in arcs if a in left and b in left}
        out = {n: sum(a == n for a, _ in inside) for n in left}
        into = {n: sum(b == n for _, b in inside) for n in left}
        if sinks := [n for n in reversed(left) if not out[n]]:
            taken, where = sinks, tail
        elif sources := [n for n in left if not into[n]]:
            taken, where = sources, head
        else:
            taken, where = [max(left, key=lambda n: out[n] - into[n])], head
        where += taken
        left = [n for n in left if n not in taken]
    assert graph._greedy_order(nodes, arcs) == head + tail[::-1]


def test_very_many_loops_cost_no_more_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = graph._exact_order
    asked: list[int] = []
    monkeypatch.setattr(graph, "_SUBSETS", 1 << 8)

    def counted(nodes: Sequence[int], *rest: Any) -> Sequence[int]:
        asked.append(len(nodes))
        return exact(nodes, *rest)

    monkeypatch.setattr(graph, "_exact_order", counted)
    arcs = [(5 * part + n, 5 * part + (n + 1) % 5) for part in range(20) for n in range(5)]
    turned = set(graph.feedback_arcs(arcs, {n: n for n in range(100)}))
    assert len(turned) == 20
    assert acyclic(arc for i, arc in enumerate(arcs) if i not in turned)
    assert asked == [5] * 8


def test_a_plain_ring_turns_the_arrow_to_the_earlier_row() -> None:
    arcs = [(10, 12), (12, 13), (13, 10)]
    assert graph.feedback_arcs(arcs, {10: 10, 12: 12, 13: 13}) == [2]


def test_a_long_chain_is_no_deeper_than_a_short_one() -> None:
    ws = plan(" ".join(f"{n}-{n + 1}" for n in range(1, 3000)))
    assert len(graph.path(ws, 1, 3000)) == 3000
    assert graph.any_loop(ws) == ()


@given(workspaces(most=7))
def test_the_longest_chain_built_on_a_task(ws: Workspace) -> None:
    for task, length in status.chains(ws).items():
        ways = (way for end in ws.tasks for way in all_paths(ws, task, end))
        opened = (sum(ws.tasks[step].open for step in way[1:]) for way in ways)
        assert length == max(opened, default=0)


@given(workspaces(most=6), st.data())
def test_a_loop_is_opened_by_the_arrow_without_which_no_other_way_leads_round(
    ws: Workspace, data: st.DataObject
) -> None:
    needed = [link for link in ws.links.values() if link.kind == "needs"]
    if not needed:
        return
    link = data.draw(st.sampled_from(needed))
    pick = st.sampled_from(list(ws.tasks))
    source, target = data.draw(pick), data.draw(pick)
    without = ws.apply(arrows.unlink(ws, NOW, link=link.id))
    closes = source == target or any(all_paths(without, target, source))
    assert graph.opens_loop(ws, link.id, source, target) is not closes
