"""The matrix of tasks: its order against all orders there are, and what holds for any plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import plan
from tests.strategies import workspaces
from tracker.domain import graph
from tracker.domain.workspace import Workspace
from tracker.flow import matrix
from tracker.flow.matrix import Arc, partition

# How many returns lead back, and over how many places all returns reach together.
Cost = tuple[int, int]


def cost(order: Sequence[int], needs: Collection[Arc], returns: Collection[Arc]) -> Cost | None:
    """Return what an order costs; None of one in which something comes before what it needs."""
    at = {task: place for place, task in enumerate(order)}
    inside = [arc for arc in {*returns} if arc[0] in at and arc[1] in at and arc[0] != arc[1]]
    if any(at[source] > at[target] for source, target in needs if {source, target} <= at.keys()):
        return None
    pairs = {frozenset(arc) for arc in inside}
    length = sum(abs(at[one] - at[other]) for one, other in map(tuple, pairs))
    return sum(at[target] < at[gate] for gate, target in inside), length


def cheapest(tasks: Sequence[int], needs: Collection[Arc], returns: Collection[Arc]) -> Cost:
    """Return what the best of all orders costs."""
    found = (cost(order, needs, returns) for order in permutations(tasks))
    return min(each for each in found if each is not None)


@st.composite
def nets(draw: st.DrawFn, most: int = 6) -> tuple[list[int], set[Arc], set[Arc]]:
    """Draw tasks, arrows without loops among them, and returns between any two."""
    tasks = draw(st.permutations(range(1, draw(st.integers(1, most)) + 1)))
    size = len(tasks)
    pairs = [(tasks[i], tasks[j]) for i in range(size) for j in range(i + 1, size)]
    needs = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    task = st.sampled_from(tasks)
    return list(tasks), needs, draw(st.sets(st.tuples(task, task), max_size=4))


@given(net=nets())
def test_no_order_has_fewer_returns_and_within_a_loop_none_is_shorter(
    net: tuple[list[int], set[Arc], set[Arc]],
) -> None:
    tasks, needs, returns = net
    order, blocks = partition(tasks, needs, returns)
    found = cost(order, needs, returns)
    assert found is not None
    assert found[0] == cheapest(tasks, needs, returns)[0]
    for first, last in blocks:
        block = order[first : last + 1]
        assert cost(block, needs, returns) == cheapest(block, needs, returns)


@given(net=nets(most=9))
def test_blocks_are_what_hangs_together_in_loops(
    net: tuple[list[int], set[Arc], set[Arc]],
) -> None:
    tasks, needs, returns = net
    order, blocks = partition(tasks, needs, returns)
    arcs = needs | returns

    def ahead(task: int) -> set[int]:
        return graph.reach(task, lambda at: (b for a, b in arcs if a == at))

    loops = {
        frozenset({task, *(each for each in ahead(task) if task in ahead(each))}) for task in tasks
    }
    assert {frozenset(order[first : last + 1]) for first, last in blocks} == {
        loop for loop in loops if len(loop) > 1
    }


@given(net=nets(most=9))
def test_the_rule_of_thumb_puts_predecessors_first_as_well(
    net: tuple[list[int], set[Arc], set[Arc]],
) -> None:
    tasks, needs, returns = net
    before = {task: {a for a, b in needs if b == task} for task in tasks}
    back = {task: {b for a, b in returns if a == task and a != b} for task in tasks}
    order = matrix._inside(sorted(tasks), before, back, beginnings=0)
    assert sorted(order) == sorted(tasks)
    assert cost(order, needs, returns) is not None


def test_predecessors_in_a_circle_are_taken_as_they_come() -> None:
    order, blocks = partition((1, 2, 3, 4), {(1, 2), (2, 3), (3, 1), (3, 4)}, ())
    assert sorted(order) == [1, 2, 3, 4]
    assert blocks == ((0, 2),)
    assert order[3] == 4


def test_tasks_without_a_choice_stand_in_the_order_of_their_numbers() -> None:
    assert partition((3, 1, 2), (), ()) == ((1, 2, 3), ())


@given(ws=workspaces())
def test_every_arrow_has_its_mark_and_needs_stand_below_the_diagonal(ws: Workspace) -> None:
    found = matrix.read(ws, ws.tasks)
    marked = [link.id for links in found.marks.values() for link in links]
    assert sorted(marked) == sorted(ws.links)
    place = found.place
    for (row, column), links in found.marks.items():
        for link in links:
            assert (link.target, link.source) == (row, column)
            assert link.kind == "returns" or place[row] > place[column]


@given(ws=workspaces())
def test_a_way_leads_from_what_is_needed_to_what_needs_it(ws: Workspace) -> None:
    found = matrix.read(ws, ws.tasks)
    for early in ws.tasks:
        later = graph.downstream(ws, early)
        for late in ws.tasks:
            way = found.way(early, late)
            assert bool(way) == (late in later)
            if way:
                assert (way[0], way[-1]) == (early, late)
                assert all(b in graph.successors(ws, a) for a, b in pairwise(way))


def test_only_arrows_between_the_tasks_asked_for_are_marked() -> None:
    found = matrix.read(plan("1-2 2-3", returns="3-1"), {1, 2})
    assert found.order == (1, 2)
    assert [*found.marks] == [(2, 1)]
    assert found.blocks == ()
