"""Which arrows would break a loop just as well, told of a list that has one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import plan
from tracker.domain import graph
from tracker.exchange.merge import _bridges

forward = st.sets(st.tuples(st.integers(1, 8), st.integers(1, 8)), min_size=1, max_size=20).map(
    lambda arcs: {(min(arc), max(arc)) for arc in arcs if arc[0] != arc[1]}
)


@given(forward, st.permutations(range(1, 9)))
def test_they_are_the_arrows_without_which_there_is_no_way(
    arcs: set[tuple[int, int]], names: list[int]
) -> None:
    arcs = {(names[a - 1], names[b - 1]) for a, b in arcs} | {(names[0], names[7])}
    ws = plan(" ".join(f"{a}-{b}" for a, b in sorted(arcs)), tasks=8)
    for end in range(1, 9):
        way = graph.path(ws, names[0], end)
        found = list(_bridges(ws, way)) if len(way) > 1 else []
        assert found == [
            cut for cut in pairwise(way) if end not in _reached(arcs - {cut}, names[0])
        ]


def _reached(arcs: set[tuple[int, int]], start: int) -> set[int]:
    return graph.reach(start, lambda at: [b for a, b in arcs if a == at])
