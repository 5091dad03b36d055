"""Seeded nets for measuring boards: lanes, hand-overs between them, and work that comes back."""

from __future__ import annotations

import random

from tracker.domain.model import Department, Entity, Link, Task
from tracker.domain.workspace import Workspace

SIZES = (20, 100, 500, 1_000, 2_000, 10_000)


def net(size: int, seed: int = 1, *, returns: float = 0.08) -> Workspace:
    """Return a workspace of `size` tasks in phases, as plans grow.

    A task needs one to three tasks of the phases just before its own, rather of its own
    department than of another; one in fifteen reaches further back. `returns` is the share of
    tasks that may send work back to one of their predecessors.
    """
    rng = random.Random(seed)
    lanes = min(9, 3 + size // 40)
    phases = max(4, round(size**0.5 * 0.9))
    entities: list[Entity] = [
        Department(id=lane + 1, name=f"Department {lane + 1}", order=lane) for lane in range(lanes)
    ]
    phase = sorted(rng.randrange(phases) for _ in range(size))
    lane_of = [rng.randrange(lanes) for _ in range(size)]
    place: dict[tuple[int, int], list[int]] = {}
    for task, at in enumerate(phase):
        place.setdefault((at, lane_of[task]), []).append(task)
        place.setdefault((at, -1), []).append(task)
    entities += [
        Task(id=task + 1, title=f"Task {task + 1}", department=lane_of[task] + 1)
        for task in range(size)
    ]
    before: list[list[int]] = [[] for _ in range(size)]
    links: list[Link] = []
    for task in range(size):
        for _ in range(rng.choice((1, 1, 2, 2, 3))):
            at = phase[task] - rng.choices((1, 2, 3), (6, 3, 2))[0]
            lane = lane_of[task] if rng.random() < 0.5 else -1
            pool = place.get((at, lane)) or place.get((at, -1), [])
            if pool and rng.random() < 1 / 15:
                pool = list(range(pool[0] + 1))
            other = rng.choice(pool) if pool else task
            if other != task and other not in before[task]:
                before[task].append(other)
                links.append(
                    Link(id=len(links) + 1, kind="needs", source=other + 1, target=task + 1)
                )
    ways_back: set[tuple[int, int]] = set()
    for _ in range(round(size * returns)):
        gate = rng.randrange(size)
        target = gate
        for _ in range(rng.randrange(1, 5)):
            target = rng.choice(before[target]) if before[target] else target
        if (gate, target) in ways_back:
            continue
        ways_back.add((gate, target))
        links.append(
            Link(
                id=len(links) + 1,
                kind="returns",
                source=gate + 1,
                target=target + 1,
                rate=0.2,
                limit=3,
            )
        )
    return Workspace([*entities, *links])
