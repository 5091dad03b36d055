"""Columns: which layer of the flow a task is in, so that every `needs` arrow points right."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

Adjacency = Sequence[Sequence[int]]


def topological(before: Adjacency, after: Adjacency) -> list[int]:
    """Return the nodes in an order in which every arrow points forwards (Kahn 1962)."""
    missing = [len(nodes) for nodes in before]
    order = [node for node, count in enumerate(missing) if not count]
    for node in order:
        for other in after[node]:
            missing[other] -= 1
            if not missing[other]:
                order.append(other)
    return order


def longest_path(before: Adjacency, order: Sequence[int]) -> list[int]:
    """Return the leftmost columns possible: one more than the rightmost predecessor's."""
    column = [0] * len(before)
    for node in order:
        if before[node]:
            column[node] = max([column[other] for other in before[node]]) + 1
    return column


def tighten(column: list[int], before: Adjacency, after: Adjacency, order: Sequence[int]) -> None:
    """Move nodes towards the side on which they have more arrows, which shortens them all.

    A node without predecessors is just before its first successor.
    """
    for node in reversed(order):
        if len(after[node]) > len(before[node]):
            column[node] = min([column[other] for other in after[node]]) - 1
    for node in order:
        if len(before[node]) > len(after[node]):
            column[node] = max([column[other] for other in before[node]]) + 1


def compact(column: list[int]) -> int:
    """Number the columns from 0 without gaps, in place, and return how many there are."""
    used = sorted(set(column))
    rank = {place: i for i, place in enumerate(used)}
    column[:] = [rank[place] for place in column]
    return len(used)


def keep_columns(wishes: Sequence[int], before: Adjacency, after: Adjacency) -> list[int]:
    """Return columns as wished (-1: no wish), moving no more nodes than arrows force to move.

    A node without a wish is just after its predecessors, or else just before its successors.
    Where an arrow would not point right, what follows is pushed to the right, or what comes before
    pulled to the left if these are fewer, if need be into columns below 0.
    """
    start = list(wishes)
    _seat([node for node, wish in enumerate(wishes) if wish < 0], start, before, after)
    if _feasible(start, before):
        return start
    order = topological(before, after)
    pushed = start[:]
    for node in order:
        if before[node]:
            pushed[node] = max(start[node], max([pushed[other] for other in before[node]]) + 1)
    pulled = start[:]
    for node in reversed(order):
        if after[node]:
            pulled[node] = min(start[node], min([pulled[other] for other in after[node]]) - 1)
    return pulled if _moved(wishes, pulled) < _moved(wishes, pushed) else pushed


def _seat(nodes: Sequence[int], column: list[int], before: Adjacency, after: Adjacency) -> None:
    """Set the columns of nodes that have none, beside those of their neighbours."""
    for node in nodes:
        if not before[node] and after[node]:
            column[node] = max(0, min([column[other] for other in after[node]]) - 1)
    number = {node: i for i, node in enumerate(nodes)}
    near = [
        [[number[other] for other in ends[node] if other in number] for node in nodes]
        for ends in (before, after)
    ]
    for i in topological(*near):
        node = nodes[i]
        if column[node] < 0:
            column[node] = max([column[other] for other in before[node]], default=-1) + 1


def _feasible(column: Sequence[int], before: Adjacency) -> bool:
    """Return whether every arrow points right."""
    for at, others in zip(column, before, strict=True):
        for other in others:
            if column[other] >= at:
                return False
    return True


def _moved(wishes: Sequence[int], column: Sequence[int]) -> int:
    return sum([0 <= wish != at for wish, at in zip(wishes, column, strict=True)])


def shorten(column: list[int], before: Adjacency, after: Adjacency, effort: int) -> None:
    """Make the arrows as short as they can be together (network simplex, Gansner et al. 1993).

    Works on `column`, which must be feasible, and keeps it so at every step; `effort` limits the
    number of nodes looked at, so a large net may end short of the optimum.
    """
    size = len(column)
    parent = _tight_tree(column, before, after)
    children: list[set[int]] = [set() for _ in range(size)]
    for node, above in enumerate(parent):
        if above >= 0:
            children[above].add(node)
    # The arrows that leave the branch at a node less those that enter it: by so much it gains per
    # column when it moves to the right.
    pull = [len(out) - len(into) for out, into in zip(after, before, strict=True)]
    for node in _leaves_first(parent, children):
        if parent[node] >= 0:
            pull[parent[node]] += pull[node]
    idle = 0
    node = 0
    while idle < size and effort > 0:
        node = (node + 1) % size
        idle += 1
        above = parent[node]
        if above < 0 or not pull[node]:
            continue
        # An arrow to the right holds the branch back from moving left, and the other way round.
        right = pull[node] > 0
        if right == (column[node] < column[above]):
            continue
        branch = [node]
        for at in branch:
            branch += children[at]
        effort -= len(branch)
        room, inner, outer = _room(branch, column, after if right else before)
        if inner < 0:
            continue
        idle = 0
        if room:
            step = room if right else -room
            for at in branch:
                column[at] += step
        _hang(node, inner, outer, parent, children, pull)
    lowest = min(column, default=0)
    column[:] = [place - lowest for place in column]


def _tight_tree(column: list[int], before: Adjacency, after: Adjacency) -> list[int]:
    """Return the parents of trees of arrows of length 1 that span each part; -1 for a root.

    Each tree grows by the shortest arrow at it, moving as a whole until that one has length 1.
    """
    size = len(column)
    parent = [-1] * size
    inside = [False] * size
    for root in range(size):
        if inside[root]:
            continue
        moved = 0
        ahead: list[tuple[int, int, int]] = []
        behind: list[tuple[int, int, int]] = []
        members = []
        node, above = root, -1
        while True:
            inside[node] = True
            parent[node] = above
            members.append(node)
            column[node] -= moved
            place = column[node]
            for other in after[node]:
                if not inside[other]:
                    heappush(ahead, (column[other] - place - 1, other, node))
            for other in before[node]:
                if not inside[other]:
                    heappush(behind, (place - column[other] - 1, other, node))
            while ahead and inside[ahead[0][1]]:
                heappop(ahead)
            while behind and inside[behind[0][1]]:
                heappop(behind)
            if ahead and (not behind or ahead[0][0] - moved <= behind[0][0] + moved):
                slack, node, above = heappop(ahead)
                moved = slack
            elif behind:
                slack, node, above = heappop(behind)
                moved = -slack
            else:
                break
        for node in members:
            column[node] += moved
    return parent


def _leaves_first(parent: Sequence[int], children: Sequence[set[int]]) -> list[int]:
    """Return the nodes of all trees, each before its parent."""
    order = [node for node, above in enumerate(parent) if above < 0]
    for node in order:
        order += children[node]
    return order[::-1]


def _room(branch: Sequence[int], column: Sequence[int], ahead: Adjacency) -> tuple[int, int, int]:
    """Return how far a branch may move until an arrow is tight, and that arrow from the inside."""
    room, inner, outer = -1, -1, -1
    inside = set(branch)
    for node in branch:
        place = column[node]
        for other in ahead[node]:
            if other not in inside:
                slack = abs(column[other] - place) - 1
                if not slack:
                    return 0, node, other
                if room < 0 or slack < room:
                    room, inner, outer = slack, node, other
    return room, inner, outer


def _hang(
    node: int,
    inner: int,
    outer: int,
    parent: list[int],
    children: list[set[int]],
    pull: list[int],
) -> None:
    """Cut the branch at `node` off its parent and hang it by `inner` on `outer`."""
    above = parent[node]
    children[above].remove(node)
    total = pull[node]
    at = above
    while at >= 0:
        pull[at] -= total
        at = parent[at]
    at, below, taken = inner, outer, 0
    while True:
        following = parent[at]
        parent[at] = below
        children[below].add(at)
        pull[at], taken = total - taken, pull[at]
        if at == node:
            break
        children[following].remove(at)
        below, at = at, following
    at = outer
    while at >= 0:
        pull[at] += total
        at = parent[at]
