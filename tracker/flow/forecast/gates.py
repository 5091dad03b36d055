"""The gates of a plan that may send work back, made ready for being played."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.flow.forecast.random_numbers import streams
from tracker.flow.forecast.remaining_work import Plan, Return

# Kinds of streams of random numbers; `sampling` and `simulate` have the others.
_GATE, _LINK = 1, 2


@dataclass(frozen=True, slots=True)
class PlayableReturn:
    """A return as it is played, the `number`-th of the plan.

    `body` has for each task its predecessors, as places in the body, with their lags; `inner` are
    the gates among them that decide before its own gate does.
    """

    back: Return
    number: int
    key: np.uint64
    body: tuple[tuple[int, tuple[tuple[int, float], ...]], ...]
    inner: tuple[int, ...]

    @property
    def lags(self) -> bool:
        """Whether a round takes days in which nobody works on a task."""
        return any(lag for _, before in self.body for _, lag in before)


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate with its arrows in the order chance tries them; `all` it may play, by number."""

    task: int
    key: np.uint64
    arrows: tuple[PlayableReturn, ...]
    all: frozenset[int]


def playable(plan: Plan, seed: int) -> tuple[Gate, ...]:
    """Return the gates that may send work back, each after those inside its bodies.

    These are the open gates, and those passed again when work comes back from one of them. A gate
    is inside a body when it is on a forward path to the body's gate: so there is always a first.
    """
    place = {task: at for at, task in enumerate(plan.steps)}
    number = {back.link: at for at, back in enumerate(plan.returns)}
    keys = dict(zip(number, streams(seed, _LINK, number), strict=True))
    bodies = {back.link: _body(plan, back) for back in plan.returns}
    inner = {
        back.link: tuple(
            task
            for task in back.body[:-1]
            if task in plan.gates and (task != back.target or _leads_on(plan, back))
        )
        for back in plan.returns
    }
    found = {task for task in plan.gates if plan.steps[task].open}
    front = list(found)
    while front:
        for back in plan.gates[front.pop()]:
            front += [task for task in inner[back.link] if task not in found]
            found.update(inner[back.link])
    ordered = sorted(found, key=place.__getitem__)
    made: dict[int, Gate] = {}
    for task, key in zip(ordered, streams(seed, _GATE, ordered), strict=True):
        arrows = tuple(
            PlayableReturn(back, number[link], keys[link], bodies[link], inner[link])
            for back in tried(plan, task)
            for link in (back.link,)
        )
        below = (made[each].all for arrow in arrows for each in arrow.inner)
        every = frozenset(arrow.number for arrow in arrows).union(*below)
        made[task] = Gate(task, key, arrows, every)
    return tuple(made.values())


def tried(plan: Plan, gate: int) -> tuple[Return, ...]:
    """Return the returns of a gate in the order in which chance tries them: longest body first."""
    return tuple(sorted(plan.gates[gate], key=lambda back: (-len(back.body), back.link)))


def _leads_on(plan: Plan, back: Return) -> bool:
    return any(source == back.target for task in back.body[1:] for source, _ in plan.needs[task])


def _body(plan: Plan, back: Return) -> tuple[tuple[int, tuple[tuple[int, float], ...]], ...]:
    place = {task: at for at, task in enumerate(back.body)}
    body = []
    for at, task in enumerate(back.body):
        before = [(place[source], lag) for source, lag in plan.needs[task] if source in place]
        body.append((task, tuple(before if at else ())))
    if len(body) > 1:
        gate, before_gate = body[-1]
        if all(at for at, lag in before_gate if lag >= 0):
            body[-1] = (gate, (*before_gate, (0, 0.0)))
    return tuple(body)
