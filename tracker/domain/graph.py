"""Questions about the arrows of a workspace: paths, loops, and which arrows to turn round."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Protocol, TypeVar

from tracker.domain.model import Link, LinkKind

N = TypeVar("N", bound=Hashable)

# Components up to this size get the exact answer: 2 ** 16 subsets are a blink, 2 ** 24 are not.
_EXACT = 16
# Beyond so many subsets in all, half a second's worth, the heuristic does for what is left.
_SUBSETS = 4 << _EXACT


class Wired(Protocol):
    """Tasks by id, with the links that start and end at each: a workspace, or what knows these."""

    @property
    def tasks(self) -> Mapping[int, object]:
        """The tasks, of which nothing but their ids is asked."""
        ...

    @property
    def arrows_out(self) -> Mapping[int, tuple[Link, ...]]:
        """The links that start at a task."""
        ...

    @property
    def arrows_in(self) -> Mapping[int, tuple[Link, ...]]:
        """The links that end at a task."""
        ...


def successors(wired: Wired, task: int) -> Iterator[int]:
    """Walk over the tasks that need `task`."""
    return (link.target for link in wired.arrows_out.get(task, ()) if link.kind == "needs")


def predecessors(wired: Wired, task: int) -> Iterator[int]:
    """Walk over the tasks that `task` needs."""
    return (link.source for link in wired.arrows_in.get(task, ()) if link.kind == "needs")


def arrow(wired: Wired, kind: LinkKind, source: int, target: int) -> Link | None:
    """Return the arrow of a kind from `source` to `target`, if one is drawn."""
    found = (link for link in wired.arrows_out.get(source, ()) if link.kind == kind)
    return next((link for link in found if link.target == target), None)


def reach(start: int, step: Callable[[int], Iterable[int]]) -> set[int]:
    """Return what can be reached from `start` by `step`, `start` left out."""
    seen: set[int] = set()
    front = [start]
    while front:
        for after in step(front.pop()):
            if after not in seen:
                seen.add(after)
                front.append(after)
    return seen


def downstream(wired: Wired, task: int) -> set[int]:
    """Return the tasks built on `task`, directly or not."""
    return reach(task, lambda at: successors(wired, at))


def upstream(wired: Wired, task: int) -> set[int]:
    """Return the tasks that `task` is built on, directly or not."""
    return reach(task, lambda at: predecessors(wired, at))


def between(wired: Wired, target: int, gate: int) -> set[int]:
    """Return the tasks on forward paths from `target` to `gate`, both left out."""
    return (downstream(wired, target) & upstream(wired, gate)) - {target, gate}


def path(wired: Wired, start: int, end: int) -> tuple[int, ...]:
    """Return a shortest forward path from `start` to `end`, both included; () if there is none.

    Among shortest paths it is the one that comes first by the ids of the tasks.
    """
    came_from: dict[int, int] = {start: start}
    front = [start]
    while front and end not in came_from:
        reached: list[int] = []
        for at in front:
            for after in sorted(successors(wired, at)):
                if after not in came_from:
                    came_from[after] = at
                    reached.append(after)
        front = reached
    if end not in came_from:
        return ()
    steps = [end]
    while steps[-1] != start:
        steps.append(came_from[steps[-1]])
    return tuple(reversed(steps))


def loop_through(wired: Wired, source: int, target: int) -> tuple[int, ...]:
    """Return the loop that an arrow `source` → `target` closes, from `target` back to `target`.

    Empty when it closes none; (source, source) for an arrow from a task to itself.
    """
    if source == target:
        return (source, source)
    way = path(wired, target, source)
    return (*way, target) if way else ()


def opens_loop(wired: Wired, link: int, source: int, target: int) -> bool:
    """Return whether an arrow `source` → `target` closes no loop once `link` is none any more."""

    def ahead(task: int) -> Iterator[int]:
        arrows = wired.arrows_out.get(task, ())
        return (each.target for each in arrows if each.kind == "needs" and each.id != link)

    return source != target and source not in reach(target, ahead)


def any_loop(wired: Wired) -> tuple[int, ...]:
    """Return some loop of `needs` links, its first task again last; () if there is none."""
    for component in components(wired.tasks, lambda at: successors(wired, at)):
        if len(component) > 1:
            first = min(component)
            inside = set(component)
            before = next(at for at in predecessors(wired, first) if at in inside)
            return (*path(wired, first, before), first)
        if component[0] in successors(wired, component[0]):
            return (component[0], component[0])
    return ()


def loop_body(wired: Wired, link: Link) -> tuple[int, ...]:
    """Return the loop of a `returns` link by name: target → … → gate → target."""
    if link.source == link.target:
        return (link.source, link.source)
    way = path(wired, link.target, link.source) or (link.target, link.source)
    return (*way, link.target)


def components(nodes: Iterable[N], step: Callable[[N], Iterable[N]]) -> list[tuple[N, ...]]:
    """Return the strongly connected components, each before those that lead to it.

    Tarjan 1972, with a stack of its own: a chain of 10,000 tasks is no deeper than one of two.
    """
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    on_stack: set[N] = set()
    stack: list[N] = []
    found: list[tuple[N, ...]] = []
    for root in nodes:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work: list[tuple[N, Iterator[N]]] = [(root, iter(step(root)))]
        while work:
            at, ahead = work[-1]
            for after in ahead:
                if after not in index:
                    index[after] = low[after] = len(index)
                    stack.append(after)
                    on_stack.add(after)
                    work.append((after, iter(step(after))))
                    break
                if after in on_stack and index[after] < low[at]:
                    low[at] = index[after]
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == index[at]:
                    component: list[N] = []
                    while not component or component[-1] != at:
                        component.append(stack.pop())
                    on_stack.difference_update(component)
                    found.append(tuple(component))
    return found


def feedback_arcs(arcs: Sequence[tuple[N, N]], order: Mapping[N, int]) -> list[int]:
    """Return the positions in `arcs` of those to turn into returns so that no loop is left.

    Within each strongly connected component it is a minimum feedback arc set: exact for up to 16
    nodes (dynamic programming over subsets, Lawler 1964), by the heuristic of Eades, Lin & Smyth
    1993 above, and where there are very many components. Among equally few, arcs that lead from a
    later to an earlier node of `order` (the row of the source) are taken, longer ways back first.
    Parallel arcs count as one.
    """
    ahead: dict[N, set[N]] = {}
    for source, target in arcs:
        ahead.setdefault(source, set()).add(target)
        ahead.setdefault(target, set())
    back: set[tuple[N, N]] = set()
    subsets = 0
    for component in components(sorted(ahead, key=lambda n: order[n]), lambda n: ahead[n]):
        inside = sorted(component, key=lambda n: order[n])
        members = set(inside)
        pairs = {(a, b) for a in inside for b in ahead[a] if b in members}
        if len(inside) <= _EXACT and subsets + (1 << len(inside)) <= _SUBSETS:
            sequence = _exact_order(inside, pairs, order)
            subsets += 1 << len(inside)
        else:
            sequence = _greedy_order(inside, pairs)
        place = {n: i for i, n in enumerate(sequence)}
        back |= {(a, b) for a, b in pairs if place[a] >= place[b]}
    return [i for i, arc in enumerate(arcs) if arc in back]


def _cost(source: N, target: N, order: Mapping[N, int]) -> tuple[int, int]:
    """What it costs to call source → target a return: one arc, and whether it reads forwards."""
    return 1, int(order[source] < order[target])


def _exact_order(nodes: Sequence[N], arcs: set[tuple[N, N]], order: Mapping[N, int]) -> Sequence[N]:
    """Return an order of `nodes` with the fewest arcs backwards.

    best[S] is the cheapest order of the set S; its last node v pays for every arc v → S.
    """
    size = len(nodes)
    # One number carries both parts of the cost: at most size² arcs read forwards.
    scale = size * size + 1
    at = {n: i for i, n in enumerate(nodes)}
    weight = [[0] * size for _ in nodes]
    for source, target in arcs:
        arc, forwards = _cost(source, target, order)
        weight[at[source]][at[target]] = arc * scale + forwards
    # paid[v][S]: what v pays for its arcs into the set S, for every S at once.
    paid = []
    for row in weight:
        into = [0]
        for price in row:
            into += [so_far + price for so_far in into]
        paid.append(into)
    full = 1 << size
    best = [0] * full
    last = [0] * full
    for chosen in range(1, full):
        cheapest = -1
        for v in range(size):
            if chosen >> v & 1:
                rest = chosen ^ (1 << v)
                price = best[rest] + paid[v][rest]
                if cheapest < 0 or price <= cheapest:
                    cheapest, last[chosen] = price, v
        best[chosen] = cheapest
    sequence: list[N] = []
    chosen = full - 1
    while chosen:
        sequence.append(nodes[last[chosen]])
        chosen ^= 1 << last[chosen]
    return sequence[::-1]


def _greedy_order(nodes: Sequence[N], arcs: set[tuple[N, N]]) -> Sequence[N]:
    """Return an order of `nodes` with few arcs backwards.

    Eades, Lin & Smyth 1993: sinks go to the end, sources to the front, else the node with most
    arcs out beyond those in goes to the front; of several, the first of `nodes`. In time
    O((V + E) log V).
    """
    at = {n: i for i, n in enumerate(nodes)}
    out: list[set[int]] = [set() for _ in nodes]
    into: list[set[int]] = [set() for _ in nodes]
    for source, target in arcs:
        if source != target:
            out[at[source]].add(at[target])
            into[at[target]].add(at[source])
    left = [True] * len(nodes)
    sinks = {i for i, ahead in enumerate(out) if not ahead}
    sources = {i for i, behind in enumerate(into) if not behind}
    # An entry holds as long as its node is left and its count is still the one noted.
    ranked = [(len(into[i]) - len(out[i]), i) for i in range(len(nodes))]
    heapify(ranked)

    def take(i: int) -> None:
        left[i] = False
        sinks.discard(i)
        sources.discard(i)
        for mine, others, ended in ((out[i], into, sources), (into[i], out, sinks)):
            for other in mine:
                others[other].discard(i)
                if not others[other]:
                    ended.add(other)
                heappush(ranked, (len(into[other]) - len(out[other]), other))

    head: list[int] = []
    tail: list[int] = []
    while sinks or sources or ranked:
        if sinks:
            where, taken = tail, sorted(sinks, reverse=True)
        elif sources:
            where, taken = head, sorted(sources)
        else:
            where, (count, i) = head, heappop(ranked)
            taken = [i] if left[i] and count == len(into[i]) - len(out[i]) else []
        for i in taken:
            take(i)
        where += taken
    return [nodes[i] for i in head + tail[::-1]]


def other_ends(ws: Wired, task: int, direction: int) -> tuple[int, ...]:
    """Return where arrows of a task lead to, each once; below 0, where those come from."""
    if direction > 0:
        return tuple(dict.fromkeys(link.target for link in ws.arrows_out.get(task, ())))
    return tuple(dict.fromkeys(link.source for link in ws.arrows_in.get(task, ())))


def gates(ws: Wired) -> list[int]:
    """Return the tasks that may send work back, by their numbers."""
    found = ws.arrows_out.items()
    return sorted(task for task, links in found if any(link.kind == "returns" for link in links))
