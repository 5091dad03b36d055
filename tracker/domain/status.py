"""What follows from the stored states: ready, blocked, stuck, late, over the limit, deadlocked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from tracker.domain import graph
from tracker.domain.calendar import day_of
from tracker.domain.model import Link, Priority, State, System, Task
from tracker.domain.patterns import pattern
from tracker.domain.sentence import Sentence, sentence
from tracker.domain.workspace import Workspace

_MENTION = pattern(r"#(\d{1,15})(?!\d)", re.ASCII)


class Status(msgspec.Struct, frozen=True):
    """The derived states of one task."""

    ready: bool
    blocked: bool
    stuck: bool
    late: bool
    over_limit: bool


class Wait(msgspec.Struct, frozen=True):
    """`task` waits for `other`: through an arrow, a system that is down, or a waiting reason."""

    task: int
    other: int
    link: Link | None = None
    system: System | None = None


class Deadlock(msgspec.Struct, frozen=True):
    """Open tasks that wait for each other in a ring.

    `path` is the ring, its first task again last; `cut` the wait whose end frees most tasks,
    `frees` how many.
    """

    path: tuple[int, ...]
    cut: Wait
    frees: int


def open_predecessors(ws: Workspace, task: int) -> list[Task]:
    """Return the predecessors that are neither done nor dropped.

    What a dropped one needed is needed by what comes after it.
    """
    found: dict[int, Task] = {}
    for link in ws.arrows_in.get(task, ()):
        if link.kind == "needs":
            found |= {each.id: each for each in _open_at(ws, link)}
    return list(found.values())


def _open_at(ws: Workspace, link: Link) -> Iterator[Task]:
    """Walk over the open tasks from which a needs arrow leads on: its source, or those before."""
    source = ws.tasks[link.source]
    if source.open:
        yield source
    elif source.state == "dropped":
        dropped = {source.id} | graph.reach(source.id, lambda at: _dropped_before(ws, at))
        for each in dropped:
            for before in graph.predecessors(ws, each):
                if ws.tasks[before].open:
                    yield ws.tasks[before]


def _dropped_before(ws: Workspace, task: int) -> Iterator[int]:
    return (at for at in graph.predecessors(ws, task) if ws.tasks[at].state == "dropped")


def _overlapped(source: Task, lag: float) -> bool:
    """Return whether so much of an open predecessor is done that its successor may begin.

    With a negative lag it begins before the predecessor ends: from when on that has begun, and no
    more is left of it, by its estimate and progress, than they overlap.
    """
    if lag >= 0 or not (
        source.state in ("doing", "recheck") or any(run.started for run in source.passes)
    ):
        return False
    left = (source.likely or 0.0) * (1 - (source.progress or 0.0) / 100)
    return left <= -lag


def blocked(ws: Workspace, task: Task) -> bool:
    """Return whether an open task has a predecessor that is to be done first; see `_overlapped`."""
    if not task.open:
        return False
    # Asked of every task at once before a board can be drawn or a list printed: no generators.
    tasks = ws.tasks
    for link in ws.arrows_in.get(task.id, ()):
        if link.kind == "needs":
            source = tasks[link.source]
            if source.open:
                if not (link.lag < 0 and _overlapped(source, link.lag)):
                    return True
            elif source.state == "dropped" and any(_open_at(ws, link)):
                return True
    return False


def ready(ws: Workspace, task: Task) -> bool:
    """Return whether work can begin: it is todo and no predecessor blocks it."""
    return task.state == "todo" and not blocked(ws, task)


def down_systems(ws: Workspace, task: Task) -> list[System]:
    """Return the systems the task touches that are down, but not one it restores itself."""
    touched = map(ws.systems.__getitem__, task.systems)
    return [each for each in touched if each.state == "down" and each.restored_by != task.id]


def stuck(ws: Workspace, task: Task) -> bool:
    """Return whether an open task touches a system that is down."""
    return task.open and bool(task.systems) and bool(down_systems(ws, task))


def affected_by(ws: Workspace, system: int) -> tuple[int, ...]:
    """Return the open tasks that stand still while a system is down, whether it is or not."""
    restoring = ws.systems[system].restored_by
    return tuple(
        task.id
        for task in ws.tasks.values()
        if system in task.systems and task.open and task.id != restoring
    )


def late(task: Task, today: date) -> bool:
    """Return whether an open task was due before today.

    One that is to be rechecked kept its date if it was done by then: it is late only where its date
    came after that.
    """
    if task.due is None or task.due >= today or not task.open:
        return False
    since = task.passes[-1].recheck_since if task.state == "recheck" and task.passes else None
    return since is None or task.due >= day_of(since)


def returns_into(ws: Workspace, task: int) -> Iterator[Link]:
    """Walk over the return arrows that lead to a task."""
    return (link for link in ws.arrows_in.get(task, ()) if link.kind == "returns")


def link_passes(ws: Workspace, link: Link) -> int:
    """Return the number of passes through a return's loop: one, and one more per return."""
    return 1 + sum(done.gate == link.source for done in ws.tasks[link.target].passes)


def between(ws: Workspace, link: Link) -> set[int]:
    """Return the tasks between target and gate that a return may let be done again."""
    return set() if link.redo == "target" else graph.between(ws, link.target, link.source)


def over(ws: Workspace, link: Link) -> bool:
    """Return whether work came back over a return arrow more often than was allowed."""
    return link.limit is not None and link_passes(ws, link) > link.limit


def over_limit(ws: Workspace, task: Task) -> bool:
    """Return whether a return arrow into an open task has been used beyond its limit."""
    if not task.open:
        return False
    for link in ws.arrows_in.get(task.id, ()):
        if link.limit is not None and link.kind == "returns" and over(ws, link):
            return True
    return False


def burns(ws: Workspace, task: Task, today: date) -> bool:
    """Return whether an open task needs somebody now.

    It is late, stuck on a system that is down, over its pass limit, or the day has come on which
    to ask what it waits for.
    """
    return late(task, today) or stuck(ws, task) or over_limit(ws, task) or to_ask(task, today)


def to_ask(task: Task, today: date) -> bool:
    """Return whether the day has come on which to ask what a task waits for."""
    return task.state == "waiting" and task.follow_up is not None and task.follow_up <= today


def chains(ws: Workspace) -> dict[int, int]:
    """Return for each task the number of open tasks on the critical path that is built on it."""
    behind = dict.fromkeys(ws.tasks, 0)
    before: dict[int, list[int]] = {}
    # How many arrows of a task have not been gone along yet, from the ends of the chains on.
    ahead = dict.fromkeys(ws.tasks, 0)
    for link in ws.links.values():
        if link.kind == "needs":
            before.setdefault(link.target, []).append(link.source)
            ahead[link.source] += 1
    reached = [task for task, arrows in ahead.items() if not arrows]
    while reached:
        at = reached.pop()
        if at not in before:
            continue
        length = behind[at] + ws.tasks[at].open
        for task in before[at]:
            if length > behind[task]:
                behind[task] = length
            ahead[task] -= 1
            if not ahead[task]:
                reached.append(task)
    return behind


def longest_chain(ws: Workspace) -> list[int]:
    """Return the open tasks of the critical path, first to last; of several, one that is ready."""
    behind = chains(ws)
    starts = (task for task in ws.tasks.values() if task.open)
    first = max(starts, key=lambda t: (behind[t.id], ready(ws, t), -t.id), default=None)
    path = [first.id] if first else []
    at = first.id if first else 0
    while behind.get(at):
        after = graph.successors(ws, at)
        at = next(to for to in after if behind[to] + ws.tasks[to].open == behind[at])
        path += [at] * ws.tasks[at].open
    return path


def came_back(task: Task) -> bool:
    """Return whether an open task came back: it is in recheck, or in a later pass than its first.

    A gate that only has to check once more what it sent back itself has not come back.
    """
    if not task.open or task.state == "recheck" or task.pass_number == 1:
        return task.state == "recheck"
    *before, last = task.passes
    sent = last if last.outcome else before[-1] if before and last.gate is None else None
    return sent is None or sent.outcome != "returned"


class Tally(msgspec.Struct, frozen=True):
    """How many tasks of a workspace need whom on a day.

    `back` counts open tasks that came back: in recheck, or in a later pass than their first.
    """

    ws: Workspace
    today: date
    ready: int
    back: int
    late: int
    stuck: int

    @classmethod
    def of(cls, ws: Workspace, today: date, tasks: Iterable[Task] | None = None) -> Tally:
        """Count some tasks, or all."""
        counted = ws.tasks.values() if tasks is None else tasks
        return cls(ws, today, *_counted(ws, counted, today))

    def going_on(self, ws: Workspace, today: date) -> Tally:
        """Return the tally of another workspace; after a few changes that costs next to nothing."""
        if ws is self.ws and today == self.today:
            return self
        if today != self.today or ws.systems is not self.ws.systems:
            return Tally.of(ws, today)
        touched = set(ws.tasks.changed(self.ws.tasks))
        # What a task is depends on those it needs.
        ends = {
            link.target
            for state in (self.ws, ws)
            for task in touched
            for link in state.arrows_out.get(task, ())
        }
        for key in ws.links.changed(self.ws.links):
            ends |= {link.target for state in (self.ws, ws) if (link := state.links.get(key))}
        # A dropped one passes on what it needs.
        front = ends
        while front := self._passed_on(ws, front) - ends:
            ends |= front
        touched |= ends
        before, after = (
            _counted(state, filter(None, map(state.tasks.get, touched)), today)
            for state in (self.ws, ws)
        )
        known = (self.ready, self.back, self.late, self.stuck)
        counts = (n - old + new for n, old, new in zip(known, before, after, strict=True))
        return Tally(ws, today, *counts)

    def _passed_on(self, ws: Workspace, tasks: set[int]) -> set[int]:
        """Return what comes after those of some tasks that are dropped, or were."""
        return {
            link.target
            for state in (self.ws, ws)
            for key in tasks
            if (task := state.tasks.get(key)) and task.state == "dropped"
            for link in state.arrows_out.get(key, ())
        }


def _counted(ws: Workspace, tasks: Iterable[Task], today: date) -> tuple[int, int, int, int]:
    n_ready = n_back = n_late = n_stuck = 0
    for task in tasks:
        if task.open:
            n_ready += ready(ws, task)
            n_back += came_back(task)
            n_late += late(task, today)
            n_stuck += stuck(ws, task)
    return n_ready, n_back, n_late, n_stuck


def status(ws: Workspace, task: Task, today: date) -> Status:
    """Return all derived states of a task."""
    waits = blocked(ws, task)
    return Status(
        ready=task.state == "todo" and not waits,
        blocked=waits,
        stuck=stuck(ws, task),
        late=late(task, today),
        over_limit=over_limit(ws, task),
    )


def mentioned(waiting_for: str) -> Iterator[int]:
    """Walk over the numbers of the tasks that a reason to wait names, as `#12`."""
    return map(int, _MENTION.findall(waiting_for))


def waits(ws: Workspace, task: Task) -> Iterator[Wait]:
    """Walk over everything open that an open task waits for."""
    if not task.open:
        return
    for link in ws.arrows_in.get(task.id, ()):
        if link.kind == "needs" and not _overlapped(ws.tasks[link.source], link.lag):
            for before in _open_at(ws, link):
                yield Wait(task.id, before.id, link=link)
    for system in down_systems(ws, task):
        helper = ws.tasks.get(system.restored_by or 0)
        if helper and helper.open:
            yield Wait(task.id, helper.id, system=system)
    if task.state == "waiting":
        for mention in mentioned(task.waiting_for):
            other = ws.tasks.get(mention)
            if other and other.open:
                yield Wait(task.id, other.id)


def deadlocks(ws: Workspace) -> list[Deadlock]:
    """Return the rings in which open tasks wait for each other.

    A ring needs a wait that is not an arrow, since `needs` arrows form none; so most workspaces
    are answered without a search.
    """
    odd = any(system.state == "down" and system.restored_by for system in ws.systems.values())
    if not odd and not any(
        task.state == "waiting" and "#" in task.waiting_for for task in ws.tasks.values()
    ):
        return []
    ahead = {task.id: list(waits(ws, task)) for task in ws.tasks.values()}
    found = []
    for ring in graph.components(ahead, lambda at: (wait.other for wait in ahead[at])):
        members = set(ring)
        inside = [wait for at in ring for wait in ahead[at] if wait.other in members]
        if inside:
            found.append(_deadlock(ring, inside))
    return found


def _deadlock(ring: tuple[int, ...], inside: list[Wait]) -> Deadlock:
    """Name a ring by a shortest way round, and find the wait whose end frees most of it."""

    def freed(cut: Wait) -> int:
        ahead: dict[int, list[int]] = {at: [] for at in ring}
        for wait in inside:
            if wait is not cut:
                ahead[wait.task].append(wait.other)
        rest = graph.components(ring, lambda at: ahead[at])
        return sum(len(part) == 1 and part[0] not in ahead[part[0]] for part in rest)

    start = min(ring)
    came: dict[int, int] = {}
    front = [start]
    while start not in came:
        reached = []
        for at in front:
            for wait in inside:
                if wait.task == at and wait.other not in came:
                    came[wait.other] = at
                    reached.append(wait.other)
        front = reached
    way = [start]
    while len(way) == 1 or way[-1] != start:
        way.append(came[way[-1]])
    cut = max(inside, key=lambda wait: (freed(wait), -wait.task, -wait.other))
    return Deadlock(tuple(reversed(way)), cut, freed(cut))


def state_word(state: State) -> Sentence:
    """Return the word for a state."""
    return {
        "todo": sentence("todo"),
        "doing": sentence("doing"),
        "waiting": sentence("waiting"),
        "recheck": sentence("recheck"),
        "done": sentence("done"),
        "dropped": sentence("dropped"),
    }[state]


def priority_word(priority: Priority) -> Sentence:
    """Return the word for a priority."""
    return {
        "low": sentence("low"),
        "medium": sentence("medium"),
        "high": sentence("high"),
        "critical": sentence("critical"),
    }[priority]


def nearest_targets(ws: Workspace, gate: int) -> Iterator[int]:
    """Walk over the tasks that work may go back to from `gate`, the likeliest first.

    First the ends of its return arrows, the most used first, then what it is built on, nearest
    first.
    """
    links = [link for link in ws.arrows_out.get(gate, ()) if link.kind == "returns"]
    links.sort(key=lambda link: -link_passes(ws, link))
    front = [gate]
    seen = {gate}
    for link in links:
        if ws.tasks[link.target].state != "dropped":
            yield link.target
    drawn = {link.target for link in links}
    while front:
        reached = sorted({source for at in front for source in graph.predecessors(ws, at)} - seen)
        seen.update(reached)
        for task in reached:
            if task not in drawn and ws.tasks[task].state != "dropped":
                yield task
        front = reached


def first_to_do(ws: Workspace, tasks: Iterable[Task], today: date) -> int:
    """Return the task to begin with among some: it can be worked on, and holds up most."""
    behind = chains(ws)

    def wanted(task: Task) -> tuple[int, bool, int]:
        return -behind[task.id], not late(task, today), task.id

    found = sorted(tasks, key=wanted)
    free = (task for task in found if task.open and not blocked(ws, task))
    return next(free, found[0]).id
