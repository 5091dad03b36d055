"""The design structure matrix of a plan: tasks in an order in which as little as can be comes back.

A row needs what its columns stand for, so what is right of the diagonal is only known later than
it is needed, and comes back (Steward 1981, "The Design Structure System: A Method for Managing the
Design of Complex Systems").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush

from tracker.domain import graph
from tracker.domain.model import Link
from tracker.domain.workspace import Workspace

# So many parts of blocks that could be finished first are compared in all, so many tasks at most in
# a block; what needs more is ordered by a rule of thumb.
_MOST_BEGINNINGS, _MOST_TASKS = 4_000, 40

Arc = tuple[int, int]


class Matrix:
    """Tasks in the order of rows and columns, and the arrows at their crossings.

    `marks` are the arrows by (row, column), that is by (who needs, what is needed). `blocks` are
    the first and the last place of each stretch of tasks that hang together in loops, `place` is
    that of each task, from 0 on.
    """

    def __init__(
        self,
        order: tuple[int, ...],
        blocks: tuple[tuple[int, int], ...],
        marks: Mapping[tuple[int, int], tuple[Link, ...]],
    ) -> None:
        self.order, self.blocks, self.marks = order, blocks, marks
        self.place = {task: at for at, task in enumerate(order)}

    @cached_property
    def _needed(self) -> list[tuple[int, ...]]:
        """The places of what each place needs itself, the first one first."""
        found: list[list[int]] = [[] for _task in self.order]
        for (row, column), links in self.marks.items():
            if any(link.kind == "needs" for link in links):
                found[self.place[row]].append(self.place[column])
        return [tuple(sorted(places)) for places in found]

    @cached_property
    def _behind(self) -> list[int]:
        """The places that each place is built on, as the bits of a number."""
        behind: list[int] = []
        for place, needed in enumerate(self._needed):
            mask = 0
            for before in needed:
                if before < place:
                    mask |= behind[before] | 1 << before
            behind.append(mask)
        return behind

    def way(self, early: int, late: int) -> tuple[int, ...]:
        """Return tasks over which one needs another, both included; () if it does not."""
        start, at = self.place[early], self.place[late]
        if not self._behind[at] >> start & 1:
            return ()
        way = [late]
        while at != start:
            at = next(b for b in self._needed[at] if b == start or self._behind[b] >> start & 1)
            way.append(self.order[at])
        return tuple(reversed(way))


def read(ws: Workspace, tasks: Collection[int]) -> Matrix:
    """Return the matrix of some tasks of a workspace."""
    marks: dict[tuple[int, int], tuple[Link, ...]] = {}
    for task in tasks:
        for link in ws.arrows_out.get(task, ()):
            if link.target in tasks:
                at = link.target, task
                marks[at] = (*marks.get(at, ()), link)
    needs = [(c, r) for (r, c), links in marks.items() if any(k.kind == "needs" for k in links)]
    returns = [(c, r) for (r, c), links in marks.items() if any(k.kind == "returns" for k in links)]
    order, blocks = partition(tasks, needs, returns)
    return Matrix(order, blocks, marks)


def partition(
    tasks: Iterable[int], needs: Iterable[Arc], returns: Iterable[Arc]
) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return tasks in the order of a matrix, and the first and last place of each of its blocks.

    `needs` are (predecessor, successor), `returns` (gate, target). Predecessors come first; tasks
    that hang together in loops (Tarjan 1972) stay together, in an order in which as few returns as
    can be lead back, and these over as few rows as can be. That is exact for blocks of which few
    parts can be finished first, as in most loops, and a rule of thumb in others.
    """
    nodes = sorted(tasks)
    before: dict[int, set[int]] = {task: set() for task in nodes}
    after: dict[int, set[int]] = {task: set() for task in nodes}
    back: dict[int, set[int]] = {task: set() for task in nodes}
    for source, target in needs:
        if source != target:
            before[target].add(source)
            after[source].add(target)
    for gate, target in returns:
        if gate != target:
            back[gate].add(target)
    parts = graph.components(nodes, lambda task: (*after[task], *back[task]))
    part_of = {task: at for at, part in enumerate(parts) for task in part}
    ahead: dict[int, set[int]] = {at: set() for at in range(len(parts))}
    for task in nodes:
        ahead[part_of[task]].update(part_of[other] for other in (*after[task], *back[task]))
    order: list[int] = []
    blocks: list[tuple[int, int]] = []
    each = _MOST_BEGINNINGS // max(1, sum(len(part) > 1 for part in parts))
    for at in _in_turn(ahead, [min(part) for part in parts]):
        part = parts[at]
        if len(part) > 1:
            blocks.append((len(order), len(order) + len(part) - 1))
        order += _inside(sorted(part), before, back, each) if len(part) > 1 else part
    return tuple(order), tuple(blocks)


def _in_turn(ahead: Mapping[int, set[int]], rank: Sequence[int]) -> Iterator[int]:
    """Walk over what has no loops, each before those ahead of it, by rank where there is a choice.

    What is ahead of itself is not in its own way.
    """
    missing = dict.fromkeys(ahead, 0)
    for at, others in ahead.items():
        for other in others - {at}:
            missing[other] += 1
    front = [(rank[at], at) for at, count in missing.items() if not count]
    heapify(front)
    while front:
        _rank, at = heappop(front)
        yield at
        for other in ahead[at] - {at}:
            missing[other] -= 1
            if not missing[other]:
                heappush(front, (rank[other], other))


def _inside(
    tasks: Sequence[int],
    before: Mapping[int, set[int]],
    back: Mapping[int, set[int]],
    beginnings: int,
) -> Sequence[int]:
    """Return the tasks of a block in their order, comparing at most so many `beginnings` a step."""
    at = {task: place for place, task in enumerate(tasks)}
    needed = [_mask(at, before[task]) for task in tasks]
    targets = [_mask(at, back[task]) for task in tasks]
    gates = [0] * len(tasks)
    for place, mask in enumerate(targets):
        for other in _places(mask):
            gates[other] |= 1 << place
    exactly = len(tasks) <= _MOST_TASKS
    found = _exactly(needed, targets, gates, beginnings) if exactly else None
    return [tasks[place] for place in found or _roughly(needed, targets, gates)]


def _exactly(
    needed: Sequence[int], targets: Sequence[int], gates: Sequence[int], beginnings: int
) -> tuple[int, ...] | None:
    """Return the best order of a block as places; None where there are too many to choose from.

    The best order of each set of tasks that can be finished first follows from those with one task
    less. What a set pays is its returns that lead back, and at each step those that are open: of a
    return, over as many steps as lie between its ends.
    """
    size = len(needed)
    # Of the returns' lengths altogether there are fewer than this.
    scale = size**3 + 1
    known: dict[int, tuple[int, int, tuple[int, ...]]] = {0: (0, 0, ())}
    for _step in range(size):
        reached: dict[int, tuple[int, int, tuple[int, ...]]] = {}
        for done, (cost, open_now, order) in known.items():
            for place in range(size):
                if done >> place & 1 or needed[place] & ~done:
                    continue
                ends = targets[place] | gates[place]
                closing = (ends & done).bit_count()
                opened = open_now + ends.bit_count() - 2 * closing
                leads_back = (targets[place] & done).bit_count()
                paid = cost + leads_back * scale + opened
                found = paid, opened, (*order, place)
                best = reached.get(done | 1 << place)
                if best is None or found < best:
                    reached[done | 1 << place] = found
        if not reached or len(reached) > beginnings:
            return None
        known = reached
    ((_cost, _open, order),) = known.values()
    return order


def _roughly(
    needed: Sequence[int], targets: Sequence[int], gates: Sequence[int]
) -> tuple[int, ...]:
    """Return an order of a block as places: next, what opens fewest returns and closes most."""
    size = len(needed)
    missing = [mask.bit_count() for mask in needed]
    after: list[list[int]] = [[] for _ in needed]
    for place, mask in enumerate(needed):
        for other in _places(mask):
            after[other].append(place)
    ends = [targets[place] | gates[place] for place in range(size)]
    touched = [list(_places(mask)) for mask in ends]
    done = 0

    def rank(place: int) -> tuple[int, int, int]:
        still_open = (gates[place] & ~done).bit_count()
        return still_open, ends[place].bit_count() - 2 * (ends[place] & done).bit_count(), place

    front = [rank(place) for place in range(size) if not missing[place]]
    heapify(front)
    order: list[int] = []
    while len(order) < size:
        # Predecessors in a circle, as no plan should have them, are taken as they come.
        place = heappop(front)[-1] if front else next(_places(~done))
        if done >> place & 1 or (front and rank(place) > front[0]):
            if not done >> place & 1:
                heappush(front, rank(place))
            continue
        done |= 1 << place
        order.append(place)
        for other in after[place]:
            missing[other] -= 1
            if not missing[other]:
                heappush(front, rank(other))
        for other in touched[place]:
            if not done >> other & 1 and missing[other] <= 0:
                heappush(front, rank(other))
    return tuple(order)


def _mask(at: Mapping[int, int], tasks: Iterable[int]) -> int:
    mask = 0
    for task in tasks:
        if task in at:
            mask |= 1 << at[task]
    return mask


def _places(mask: int) -> Iterator[int]:
    """Walk over the places that a mask names."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
