"""Rows: the order of cards within a cell of the board, and the slot each of them takes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from tracker.flow.board.columns import Adjacency

Cells = dict[tuple[int, int], list[int]]

# Up to so many lanes the best order is found exactly.
_EXACT = 12


def nodes_by_cell(column: Sequence[int], lane: Sequence[int]) -> Cells:
    """Gather the nodes of each (column, lane), in the order of columns and then of nodes."""
    found: Cells = {}
    for node in sorted(range(len(column)), key=column.__getitem__):
        found.setdefault((column[node], lane[node]), []).append(node)
    return found


def heights(found: Cells, lanes: int) -> list[int]:
    """Return the number of slots each lane needs, at least one."""
    size = [1] * lanes
    for (_, lane), nodes in found.items():
        size[lane] = max(size[lane], len(nodes))
    return size


def scatter(nodes: Sequence[int], column: list[int], lane: Sequence[int]) -> None:
    """Give `nodes`, which have no arrows, the leftmost columns in which their lane has room.

    A lane that has none grows by a row; with few columns it spreads over as many as it is high.
    """
    if not nodes:
        return
    loose = set(nodes)
    filled: dict[tuple[int, int], int] = {}
    size: dict[int, int] = {}
    for node, at in enumerate(column):
        if node not in loose:
            key = lane[node], at
            filled[key] = filled.get(key, 0) + 1
            size[lane[node]] = max(size.get(lane[node], 0), filled[key])
    columns = max([column[node] for node in range(len(column)) if node not in loose], default=0) + 1
    next_place = dict.fromkeys(size, 0)
    for node in nodes:
        row = lane[node]
        size.setdefault(row, 1)
        place = next_place.get(row, 0)
        while filled.get((row, place), 0) >= size[row]:
            place += 1
            if place >= max(columns, min(4, size[row])):
                place = 0
                size[row] += 1
        next_place[row] = place
        filled[row, place] = filled.get((row, place), 0) + 1
        column[node] = place


def keep_slots(
    wishes: Sequence[int],
    found: Cells,
    size: list[int],
    before: Adjacency,
    after: Adjacency,
) -> list[int]:
    """Return slots as wished (-1: no wish); others take the nearest free slot to their neighbours.

    A lane without a free slot grows, in `size`, by about a quarter, so that it seldom does.
    """
    slot = list(wishes)
    lane_of: dict[int, int] = {node: key[1] for key, nodes in found.items() for node in nodes}
    for key, nodes in found.items():
        lane = key[1]
        taken: dict[int, int] = {}
        for node in nodes:
            if slot[node] >= 0 and taken.setdefault(slot[node], node) != node:
                slot[node] = -1
        size[lane] = max([size[lane], *[at + 1 for at in taken]])
        if len(nodes) > size[lane]:
            size[lane] = max(len(nodes), size[lane] + size[lane] // 4)
        for node in nodes:
            if slot[node] < 0:
                near = [
                    slot[other] if lane_of[other] == lane else size[lane] * (lane_of[other] > lane)
                    for other in (*before[node], *after[node])
                    if slot[other] >= 0
                ]
                wish = sum(near) / len(near) if near else 0
                free = [at for at in range(size[lane]) if at not in taken]
                slot[node] = min(free, key=lambda at: abs(at - wish))
                taken[slot[node]] = node
    return slot


def sort_cells(found: Cells, size: Sequence[int], before: Adjacency, after: Adjacency) -> None:
    """Sort each cell by the median of its neighbours: forwards by those before, backwards by all.

    Sugiyama 1981 with the medians of Gansner 1993, whose exchange of neighbours ends it.
    Neighbours in other lanes count with the place of their lane, so a card fed from above is
    above. Nodes without neighbours stay where they are.
    """
    base = [0.0]
    for slots in size:
        base.append(base[-1] + slots + 1)
    place = [0.0] * len(before)
    for (_, lane), nodes in found.items():
        for i, node in enumerate(nodes):
            place[node] = base[lane] + i
    crowded = [(key, nodes) for key, nodes in sorted(found.items()) if len(nodes) > 1]
    near = [[*into, *out] for into, out in zip(before, after, strict=True)]
    for cells, others in ((crowded, before), (crowded[::-1], near)):
        for (_, lane), nodes in cells:
            wish = {}
            last, rising = 0.0, True
            for node in nodes:
                there = others[node]
                count = len(there)
                if count == 1:
                    at = place[there[0]]
                elif count == 2:
                    a, b = there
                    at = (place[a] + place[b]) / 2
                elif count:
                    places = [place[other] for other in there]
                    places.sort()
                    half = count // 2
                    at = (places[half] + places[~half]) / 2
                else:
                    at = place[node]
                wish[node] = at
                rising = rising and last <= at
                last = at
            if not rising:
                nodes.sort(key=wish.__getitem__)
                at = base[lane]
                for node in nodes:
                    place[node] = at
                    at += 1
    for _, nodes in crowded:
        _exchange(nodes, place, before, after)


def _exchange(nodes: list[int], place: list[float], before: Adjacency, after: Adjacency) -> None:
    """Let neighbours in a cell change places where their arrows then cross less."""
    for i in range(len(nodes) - 1):
        a, b = nodes[i], nodes[i + 1]
        gain = 0
        for near in (before, after):
            for other in near[a]:
                at = place[other]
                for another in near[b]:
                    gain += (at > place[another]) - (at < place[another])
        if gain > 0:
            nodes[i], nodes[i + 1] = b, a
            place[a], place[b] = place[b], place[a]


def slots(
    found: Cells, size: Sequence[int], before: Adjacency, after: Adjacency | None = None
) -> list[int]:
    """Return the slot of every node within its lane, so that many arrows run straight.

    A node wishes to be beside its partner, the neighbour in its lane that no other node took
    for one; without a partner, towards the middle of its neighbours. The wishes of a cell are met
    as nearly as its order allows (isotonic regression, pool adjacent violators). Neighbours are
    those `before`; if `after` is given, all are first placed by it, backwards.
    """
    # Rows count over all lanes.
    base = list(accumulate(size, initial=0))
    row = [0] * len(before)
    lane_of = [0] * len(before)
    for (_, lane), nodes in found.items():
        for at, node in enumerate(nodes, base[lane]):
            row[node], lane_of[node] = at, lane
    taken: set[int] = set()

    def wish(node: int, lane: int, others: Sequence[int]) -> tuple[float, float]:
        """Return the slot a node wishes for, and how much."""
        if not others:
            return row[node] - base[lane], 0.5
        for other in others:
            if lane_of[other] == lane and other not in taken:
                taken.add(other)
                return row[other] - base[lane], 8.0
        middle = sum([row[other] for other in others]) / len(others) - base[lane]
        return min(max(middle, 0.0), size[lane] - 1.0), 1.0

    sequence = sorted(found)
    passes = (
        [(sequence, before)] if after is None else [(sequence[::-1], after), (sequence, before)]
    )
    for keys, near in passes:
        taken.clear()
        for key in keys:
            nodes, lane = found[key], key[1]
            if len(nodes) == size[lane]:
                for node in nodes:
                    taken.update([other for other in near[node] if lane_of[other] == lane])
            elif len(nodes) == 1:
                row[nodes[0]] = round(wish(nodes[0], lane, near[nodes[0]])[0]) + base[lane]
            else:
                wishes = [wish(node, lane, near[node]) for node in nodes]
                for node, place in zip(nodes, _isotonic(wishes, size[lane]), strict=True):
                    row[node] = place + base[lane]
    return [at - base[lane] for at, lane in zip(row, lane_of, strict=True)]


def _isotonic(wishes: Sequence[tuple[float, float]], rows: int) -> list[int]:
    """Return increasing places 0 … rows - 1 nearest to wishes, each with its weight, in squares."""
    blocks: list[tuple[float, float, int]] = []
    for i, (wish, weight) in enumerate(wishes):
        mean, count = wish - i, 1
        while blocks and blocks[-1][0] >= mean:
            value, heavy, more = blocks.pop()
            total = heavy + weight
            mean, weight, count = (value * heavy + mean * weight) / total, total, count + more
        blocks.append((mean, weight, count))
    places: list[int] = []
    highest = rows - len(wishes)
    for value, _, count in blocks:
        place = min(max(round(value), 0), highest)
        start = place + len(places)
        places += range(start, start + count)
    return places


def arrange(size: int, weights: dict[tuple[int, int], int]) -> list[int]:
    """Return an order of `size` lanes in which the arrows between them cover the fewest lanes.

    `weights` counts the arrows of each pair (a < b). Exact up to 12 lanes: an order costs the
    arrows cut between its first k lanes and the rest, for every k, so that the best order of a set
    follows from those of its subsets (Held & Karp 1962). Above, neighbours change places while
    that helps. Of orders equally good it is the one nearest to the present.
    """
    near: list[list[int]] = [[0] * size for _ in range(size)]
    for (a, b), weight in weights.items():
        near[a][b] += weight
        near[b][a] += weight
    return _best_order(near) if size <= _EXACT else _better_order(near)


def _best_order(near: list[list[int]]) -> list[int]:
    size = len(near)
    full = (1 << size) - 1
    cut = [0] * (full + 1)
    for chosen in range(1, full + 1):
        lane = chosen.bit_length() - 1
        rest = chosen ^ (1 << lane)
        # A lane that joins the others cuts its arrows to what is left and heals those to them.
        change = sum([-w if rest >> other & 1 else w for other, w in enumerate(near[lane])])
        cut[chosen] = cut[rest] + change
    best = [0] * (full + 1)
    last = [0] * (full + 1)
    for chosen in range(1, full + 1):
        cheapest = -1
        for lane in range(size):
            if chosen >> lane & 1:
                cost = best[chosen ^ (1 << lane)]
                if cheapest < 0 or cost <= cheapest:
                    cheapest, last[chosen] = cost, lane
        best[chosen] = cheapest + cut[chosen]
    order = []
    chosen = full
    while chosen:
        order.append(last[chosen])
        chosen ^= 1 << last[chosen]
    return order[::-1]


def _better_order(near: list[list[int]]) -> list[int]:
    order = list(range(len(near)))
    improved = True
    while improved:
        improved = False
        for i in range(len(order) - 1):
            a, b = order[i], order[i + 1]
            above = sum([near[b][other] - near[a][other] for other in order[:i]])
            below = sum([near[a][other] - near[b][other] for other in order[i + 2 :]])
            if above + below > 0:
                order[i], order[i + 1] = b, a
                improved = True
    return order
