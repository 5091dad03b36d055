"""Made-up plans for the forecast: layered nets with few local loops, or many that overlap."""

from __future__ import annotations

import random

from tracker.domain.model import Entity, Link, Project, Task
from tracker.domain.workspace import Workspace

SIZES = (200, 1_000, 5_000)


def net(size: int, *, dense: bool = False, seed: int = 11) -> Workspace:
    """Return a workspace of so many tasks, each after one to three of the forty before it.

    Sparse loops: 5 % of the tasks are gates that send work back up to three steps, in bodies that
    mostly hold no other gate. Dense ones: 20 % are, some over two arrows, up to eight steps, so
    that bodies lie in and across each other.
    """
    rng = random.Random(seed)
    entities: list[Entity] = [Project(id=1, name="Net")]
    before: dict[int, list[int]] = {}
    links = 0
    for task in range(1, size + 1):
        likely = rng.randint(1, 16) / 2
        low, high = likely * rng.choice((0.5, 0.75)), likely * rng.choice((1.25, 1.5, 2.0, 2.5))
        title = f"Task {task}"
        entities.append(Task(id=task, title=title, project=1, low=low, likely=likely, high=high))
        near = range(max(1, task - 40), task)
        before[task] = rng.sample(near, min(len(near), rng.choice((1, 1, 2, 2, 3))))
        for source in before[task]:
            links += 1
            entities.append(Link(id=links, kind="needs", source=source, target=task))
    farthest = 8 if dense else 3
    for gate in rng.sample(range(10, size + 1), size // 5 if dense else size // 20):
        targets: set[int] = set()
        for _ in range(rng.choice((1, 1, 2)) if dense else 1):
            target = gate
            for _ in range(rng.randint(1, farthest)):
                target = rng.choice(before[target] or [target])
            targets.add(target)
        for target in sorted(targets):
            links += 1
            rate = rng.uniform(0.05, 0.15 if dense else 0.35) / len(targets)
            share = rng.choice((0.5, 1.0))
            entities.append(
                Link(id=links, kind="returns", source=gate, target=target, rate=rate, share=share)
            )
    return Workspace(entities)
