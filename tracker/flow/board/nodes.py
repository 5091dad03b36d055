"""Tasks and links as numbered nodes and pairs, folded as the reader wishes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from copy import copy
from itertools import islice
from operator import attrgetter

from tracker.domain import graph
from tracker.domain.model import Link
from tracker.domain.workspace import Workspace

Pair = tuple[int, int]
Group = tuple[int, ...]

# So many links may have changed for a net to be made from the one before.
_FEW = 16


class Net:
    """What a board shows: nodes, each a task or the tasks of a fold, in lanes, and their arrows.

    `needs` and `returns` hold each pair of nodes once; `needs_links` and `returns_links` hold the
    first link between them, in the same order, and `parallel` the others by the first one's id.
    `before` and `after` are the neighbours by `needs`. The `settled` tasks of a lane are one node:
    nobody waits for them any more, so only returns into them are arrows.
    """

    def __init__(
        self,
        ws: Workspace,
        tasks: Iterable[int],
        folded_loops: Collection[int],
        settled: Collection[int] = (),
    ) -> None:
        self.ws = ws
        self.folded: frozenset[int] = frozenset()
        self._settled = settled
        groups = _groups(ws, list(tasks), folded_loops)
        self._gather(_put_together(ws, groups, settled) if settled else groups)

    @property
    def settled(self) -> list[int]:
        """The nodes of settled tasks."""
        if not self._settled:
            return []
        return [node for node, tasks in enumerate(self.groups) if tasks[0] in self._settled]

    def following(self, ws: Workspace) -> Net | None:
        """Return the net of all tasks of a later workspace, which shares what did not change.

        None where more changed than a few links, and tasks whose numbers follow all others; and
        where settled tasks have stepped aside, whose arrows it does not have.
        """
        if self._settled:
            return None
        old = self.ws
        known = len(self.groups)
        fresh = [key for key in old.tasks.changed(ws.tasks) if key not in old.tasks]
        if known != len(old.tasks) or known + len(fresh) != len(ws.tasks) or self.parallel:
            return None
        if fresh and self.groups and fresh[0] < self.groups[-1][0]:
            return None
        net = copy(self)
        net.ws, net.folded = ws, frozenset()
        net.groups = [*self.groups, *((task,) for task in fresh)]
        net.before = [*self.before, *([] for _ in fresh)]
        net.after = [*self.after, *([] for _ in fresh)]
        net.needs, net.needs_links = self.needs[:], self.needs_links[:]
        net.returns, net.returns_links = self.returns[:], self.returns_links[:]
        changed = list(islice(old.links.changed(ws.links), _FEW + 1))
        if len(changed) > _FEW:
            return None
        for key in changed:
            if key in old.links:
                net._take_out(old.links[key])
            if key in ws.links and not net._put_in(ws.links[key]):
                return None
        return net

    def _take_out(self, link: Link) -> None:
        pairs, links = self._of_kind(link)
        at = bisect_left(links, link.id, key=attrgetter("id"))
        source, target = pairs[at]
        del pairs[at], links[at]
        if link.kind == "needs":
            self.after[source] = [node for node in self.after[source] if node != target]
            self.before[target] = [node for node in self.before[target] if node != source]

    def _put_in(self, link: Link) -> bool:
        """Put a link in, in the order of its number; False if it is not the first of its pair."""
        pairs, links = self._of_kind(link)
        source, target = (bisect_left(self.groups, (task,)) for task in (link.source, link.target))
        needs = link.kind == "needs"
        if target in self.after[source] if needs else (source, target) in pairs:
            return False
        at = bisect_left(links, link.id, key=attrgetter("id"))
        pairs.insert(at, (source, target))
        links.insert(at, link)
        if needs:
            # Neighbours are in the order of links.
            self.after[source] = [b for a, b in pairs if a == source]
            self.before[target] = [a for a, b in pairs if b == target]
        return True

    def _of_kind(self, link: Link) -> tuple[list[Pair], list[Link]]:
        if link.kind == "needs":
            return self.needs, self.needs_links
        return self.returns, self.returns_links

    def _gather(self, groups: list[Group]) -> None:
        """Number the groups of tasks and gather the links between them."""
        self.groups = groups
        node_of = {task: node for node, tasks in enumerate(groups) for task in tasks}
        self.parallel: dict[int, list[Link]] = {}
        links = list(self.ws.links.values())
        needs = [link for link in links if link.kind == "needs"]
        returns = [link for link in links if link.kind == "returns"]
        self.needs, self.needs_links = self._pairs(node_of, needs)
        self.returns, self.returns_links = self._pairs(node_of, returns)
        self.before: list[list[int]] = [[] for _ in groups]
        self.after: list[list[int]] = [[] for _ in groups]
        before, after = self.before, self.after
        for source, target in self.needs:
            after[source].append(target)
            before[target].append(source)

    def _pairs(self, node_of: dict[int, int], links: list[Link]) -> tuple[list[Pair], list[Link]]:
        """Return the pairs of nodes between which links lead, and the first link of each."""
        size = len(self.groups)
        if len(node_of) == size == len(self.ws.tasks) and not self._settled:
            pairs = [(node_of[link.source], node_of[link.target]) for link in links]
            if len(set(pairs)) == len(pairs):
                return pairs, links
        first: dict[Pair, Link] = {}
        for link in links:
            source, target = node_of.get(link.source), node_of.get(link.target)
            if source is None or target is None or link.source in self._settled:
                continue
            if source != target or len(self.groups[source]) == 1:
                known = first.setdefault((source, target), link)
                if known is not link:
                    self.parallel.setdefault(known.id, []).append(link)
        return list(first), list(first.values())

    def links(self, first: Link) -> Sequence[Link]:
        """Return the links of a pair of nodes, of which one is the first."""
        return first, *self.parallel.get(first.id, ())

    def set_lanes(self, lane_order: Sequence[int | None] | None, *, everyone: bool) -> None:
        """Give each department a lane, those without tasks only if `everyone` is shown."""
        tasks = self.ws.tasks
        if len(self.groups) == len(tasks):
            departments = [task.department for task in tasks.values()]
        else:
            departments = [tasks[group[0]].department for group in self.groups]
        present = set(departments)
        if lane_order is None:
            shown = sorted(self.ws.departments.values(), key=lambda d: (d.order, d.id))
            lane_order = [department.id for department in shown]
        self.lanes: list[int | None] = [d for d in lane_order if everyone or d in present]
        known = set(self.lanes)
        self.lanes += sorted(present - known - {None}, key=lambda d: d or 0)
        if None not in known and (None in present or not self.lanes):
            self.lanes.append(None)
        index = {department: i for i, department in enumerate(self.lanes)}
        self.lane = [index[department] for department in departments]

    def fold(self, departments: Collection[int | None], column: list[int]) -> list[int]:
        """Make the tasks of a column of a folded lane one node; return the columns of the nodes."""
        self.folded = frozenset(i for i, name in enumerate(self.lanes) if name in departments)
        if not self.folded:
            return column
        merged: dict[tuple[int, int, int], list[int]] = {}
        for node, (at, lane) in enumerate(zip(column, self.lane, strict=True)):
            alone = -1 if lane in self.folded else node
            merged.setdefault((at, lane, alone), []).append(node)
        self.lane = [lane for _, lane, _ in merged]
        self._gather(
            [
                tuple(task for node in nodes for task in self.groups[node])
                for nodes in merged.values()
            ]
        )
        return [at for at, _, _ in merged]


def finished(ws: Workspace) -> frozenset[int]:
    """Return the tasks that are over, as are all before them."""
    over: set[int] = set()
    left = [key for key, task in ws.tasks.items() if not task.open]
    waiting = {key: sum(1 for _ in graph.predecessors(ws, key)) for key in left}
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:
        over.add(key)
        for other in graph.successors(ws, key):
            if other in waiting:
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
    return frozenset(over)


def _put_together(ws: Workspace, groups: Sequence[Group], settled: Collection[int]) -> list[Group]:
    """Return groups, those of settled tasks in one lane as one."""
    together: dict[int | None, list[int]] = {}
    rest = []
    for tasks in groups:
        if all(task in settled for task in tasks):
            together.setdefault(ws.tasks[tasks[0]].department, []).extend(tasks)
        else:
            rest.append(tasks)
    return sorted([*rest, *(tuple(sorted(tasks)) for tasks in together.values())])


def _groups(ws: Workspace, tasks: list[int], folded_loops: Collection[int]) -> list[Group]:
    """Return the tasks one by one, those of a folded loop together, its target first.

    Loops that share a task, or whose union something leaves and enters again, are one group.
    """
    if not folded_loops:
        return [(task,) for task in tasks]
    group_of = {task: task for task in tasks}
    for key in folded_loops:
        link = ws.links.get(key)
        if link is None or link.source == link.target:
            continue
        body = {link.source, link.target} | graph.between(ws, link.target, link.source)
        if body <= group_of.keys() and link.source in graph.downstream(ws, link.target):
            joined = {group_of[task] for task in body}
            head = group_of[link.target]
            group_of = {t: head if group in joined else group for t, group in group_of.items()}
    members: dict[int, list[int]] = {}
    for task, group in group_of.items():
        members.setdefault(group, []).append(task)

    def after(group: int) -> list[int]:
        ahead = [t for task in members[group] for t in graph.successors(ws, task)]
        return sorted({group_of[t] for t in ahead if t in group_of} - {group})

    found = []
    for component in graph.components(members, after):
        head = min([g for g in component if len(members[g]) > 1] or component)
        rest = sorted(task for group in component for task in members[group])
        found.append((head, *[task for task in rest if task != head]))
    return sorted(found)
