"""The gates of a plan that may send work back, made ready for being played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.flow.forecast.random_numbers import streams
from tracker.flow.forecast.remaining_work import Plan, Return

# For each task of a body its predecessors, as places in the body, with their lags.
_Before = tuple[tuple[tuple[int, float], ...], ...]
# Kinds of streams of random numbers; `sampling` and `simulate` have the others.
_GATE, _LINK, _PASSED = 1, 2, 8


@dataclass(frozen=True, slots=True)
class Passing:
    """That rework passes on from one task to the next by a chance, for a share of its own."""

    chance: np.uint64
    share: float
    key: np.uint64


@dataclass(frozen=True, slots=True)
class PlayableReturn:
    """A return as it is played, the `number`-th of the plan.

    `before` has for each task of the body its predecessors, as places in the body, with their lags;
    `inner` are the gates in the body that decide before its own gate does. `passing` has, for each
    task and each of its predecessors in the body, how rework passes on where that is left to
    chance; it is empty where all of the body is always done again.
    """

    back: Return
    number: int
    key: np.uint64
    before: _Before
    inner: tuple[int, ...]
    passing: tuple[tuple[Passing | None, ...], ...] = ()

    @property
    def lags(self) -> bool:
        """Whether a round takes days in which nobody works on a task."""
        return any(lag for before in self.before for _, lag in before)


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate with its arrows in the order chance tries them; `all` it may play, by number.

    `off` are the days on which somebody is away who may have to do something again.
    """

    task: int
    key: np.uint64
    arrows: tuple[PlayableReturn, ...]
    all: frozenset[int]
    off: tuple[int, ...] = ()

    @property
    def may_end(self) -> bool:
        """Whether it may accept for another reason than that it does not return."""
        return any(arrow.passing or arrow.back.forward_after is not None for arrow in self.arrows)


def playable(plan: Plan, seed: int) -> tuple[Gate, ...]:
    """Return the gates that may send work back, each after those inside its bodies.

    These are the open gates, and those passed again when work comes back from one of them. A gate
    is inside a body when it is on a forward path to the body's gate: so there is always a first.
    """
    place = {task: at for at, task in enumerate(plan.steps)}
    number = {back.link: at for at, back in enumerate(plan.returns)}
    keys = dict(zip(number, streams(seed, _LINK, number), strict=True))
    # Bodies overlap: what is alike in them is kept once.
    alike: dict[Any, Any] = {}
    befores = {back.link: _before(plan, back, alike) for back in plan.returns}
    inner = {
        back.link: tuple(
            task
            for task in back.body[:-1]
            if task in plan.gates and (task != back.target or back.leads)
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
            PlayableReturn(
                back,
                number[link],
                keys[link],
                befores[link],
                inner[link],
                _passing(plan, back, befores[link], seed),
            )
            for back in tried(plan, task)
            for link in (back.link,)
        )
        below = (made[each].all for arrow in arrows for each in arrow.inner)
        every = frozenset(arrow.number for arrow in arrows).union(*below)
        redone = {task for at in every for task in plan.returns[at].body}
        off = sorted({day for each in redone for day in plan.steps[each].off})
        made[task] = Gate(task, key, arrows, every, tuple(off))
    return tuple(made.values())


def tried(plan: Plan, gate: int) -> tuple[Return, ...]:
    """Return the returns of a gate in the order in which chance tries them: longest body first."""
    return tuple(sorted(plan.gates[gate], key=lambda back: (-len(back.body), back.link)))


def _before(plan: Plan, back: Return, alike: dict[Any, Any]) -> _Before:
    place = {task: at for at, task in enumerate(back.body)}
    found = []
    for at, task in enumerate(back.body):
        pairs = ((place[source], lag) for source, lag in plan.needs[task] if source in place)
        before = tuple(alike.setdefault(pair, pair) for pair in pairs) if at else ()
        found.append(alike.setdefault(before, before))
    if len(found) > 1 and all(at for at, lag in found[-1] if lag >= 0):
        found[-1] = (*found[-1], (0, 0.0))
    return tuple(found)


def _passing(
    plan: Plan, back: Return, befores: _Before, seed: int
) -> tuple[tuple[Passing | None, ...], ...]:
    """Return how rework is passed on from task to task, where chance has a say in it."""
    if not back.passed_on:
        return ()
    inside, found = set(back.body), []
    for task, before in zip(back.body, befores, strict=True):
        drawn = sum(source in inside for source, _ in plan.needs[task])
        each: list[Passing | None] = []
        for at, (place, _) in enumerate(before):
            source = back.body[place]
            known = back.passed_on.get((source, task))
            # A gate waits for the target in any case; rework reaches it by arrows, if there are.
            if at >= drawn > 0:
                known = (0.0, 0.0)
            if known is None:
                each.append(None)
                continue
            (key,) = streams(seed, _PASSED, [source << 32 | task])
            each.append(Passing(np.uint64(int(known[0] * 2**32)), known[1], key))
        found.append(tuple(each))
    return tuple(found)
