"""Plans with loops for the checks of the forecast: the named shapes, and random ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, TypeAlias

from tests.builders import NOW, TODAY
from tracker.domain.model import Department, Entity, Link, Pass, Project, State, Task
from tracker.domain.workspace import Workspace

# Low, likely and high.
Estimate: TypeAlias = tuple[float, float, float]
# Fixed, even, skewed, with the mode at an end, and one whose distribution is cut at 0.
ESTIMATES: tuple[Estimate, ...] = (
    (3.0, 3.0, 3.0),
    (3.0, 4.0, 5.0),
    (2.0, 3.0, 8.0),
    (1.5, 1.5, 4.0),
    (2.0, 6.0, 6.0),
    (0.25, 0.5, 3.0),
)


def net(
    needs: str = "",
    returns: str = "",
    *,
    states: str = "",
    days: Mapping[int, Estimate | float] | None = None,
    projects: Mapping[int, int] | None = None,
    began: Mapping[int, int] | None = None,
    held: Mapping[int, int] | None = None,
    away: Iterable[int] = (),
    record: Mapping[int, tuple[int, int]] | None = None,
    every: Estimate | float = (2.0, 3.0, 5.0),
) -> Workspace:
    """Return a workspace sketched as `needs="1-2 2-3+2"`, `returns="3-1:0.3:0.5"` (rate, share).

    Further parts of a return are what it redoes, its limit, after how many days work goes forward
    then, and what is learned; `1-2:0.4:0.5` passes rework on by a chance and for a share.
    All else is by task: `began` so many days ago, `held` for so many days to come, with an
    owner `away` on some days to come. `record` is by return, in the order in which they are
    sketched: how often work came back over it, and how often its gate was accepted.
    """
    arrows = [_arrow(word) for word in needs.split()]
    backs = [_back(word) for word in returns.split()]
    stated: dict[int, State] = {}
    for word in states.split():
        task, _, state = word.partition(":")
        stated[int(task)] = state  # type: ignore[assignment]  # checked by the sketches themselves
    days, projects, began, held = days or {}, projects or {}, began or {}, held or {}
    ends = {task for pair in (*(a[:2] for a in arrows), *(b[:2] for b in backs)) for task in pair}
    keys = sorted({*ends, *stated, *days, *began})
    passes = {key: _passes(key, backs, record or {}) for key in keys}
    for key, ago in began.items():
        stated[key] = "doing"
        passes[key] += (_pass(len(passes[key]) + 1, started=_moment(-ago)),)
    entities: list[Entity] = [
        Department(id=1, name="Netz", days_off=tuple(_moment(n).date() for n in away)),
        *(Project(id=id, name=f"P{id}") for id in sorted(set(projects.values()))),
    ]
    for key in keys:
        given = days.get(key, every)
        low, likely, high = given if isinstance(given, tuple) else (given, given, given)
        entities.append(
            Task(
                id=key,
                title=f"T{key}",
                department=1,
                project=projects.get(key),
                state=stated.get(key, "todo"),
                low=low,
                likely=likely,
                high=high,
                not_before=_moment(held[key]).date() if key in held else None,
                passes=passes[key],
            )
        )
    for id, (source, target, options) in enumerate(arrows, 1):
        entities.append(Link(id=id, kind="needs", source=source, target=target, **options))
    for id, (gate, target, options) in enumerate(backs, len(arrows) + 1):
        entities.append(Link(id=id, kind="returns", source=gate, target=target, **options))
    return Workspace(entities)


def _arrow(word: str) -> tuple[int, int, dict[str, Any]]:
    way, *more = word.split(":")
    ripple, share = more + ["", "1"][len(more) :]
    pair, _, lag = way.partition("+")
    source, target = pair.split("-")
    options: dict[str, Any] = {"lag": float(lag or 0)}
    if ripple:
        options |= {"ripple": float(ripple), "share": float(share)}
    return int(source), int(target), options


def _back(word: str) -> tuple[int, int, dict[str, Any]]:
    pair, rate, *more = word.split(":")
    gate, target = pair.split("-")
    share, redo, limit, escalation, learning = more + ["1", "all", "", "", "0"][len(more) :]
    return (
        int(gate),
        int(target),
        {
            "rate": float(rate),
            "share": float(share),
            "redo": redo,
            "limit": int(limit) if limit else None,
            "escalation": float(escalation) if escalation else None,
            "learning": float(learning),
        },
    )


def _moment(days: int) -> datetime:
    """Return a moment so many calendar days away."""
    return datetime.combine(TODAY + timedelta(days=days), time(9), NOW.at.tzinfo)


def _pass(number: int, **fields: object) -> Pass:
    return Pass(number=number, **fields)  # type: ignore[arg-type]


def _passes(
    key: int,
    backs: list[tuple[int, int, dict[str, Any]]],
    record: Mapping[int, tuple[int, int]],
) -> tuple[Pass, ...]:
    """Return the passes of a task, as gate and as target, that the record speaks of."""
    found: list[Pass] = []
    for at, (returned, accepted) in record.items():
        gate, target = backs[at][:2]
        if gate == key:
            for n in range(returned + accepted):
                sent = target if n < returned else None
                outcome = "returned" if n < returned else "done"
                found.append(_pass(len(found) + 1, outcome=outcome, returned_to=sent))
        elif target == key:
            # The pass that was there before anything came back.
            found += [_pass(len(found) + 1, outcome="done")] if returned and not found else []
            found += [_pass(len(found) + n + 1, outcome="done", gate=gate) for n in range(returned)]
    return tuple(found)


# Every shape of loop that the meaning of the forecast distinguishes.
SHAPES: dict[str, Workspace] = {
    "no loop": net("1-2 2-3+1.5 1-4 3-5 4-5", days=dict(enumerate(ESTIMATES, 1))),
    "disjoint": net("1-2 2-3 3-4 4-5", "2-1:0.3 5-4:0.25:0.5"),
    "nested": net("1-2 2-3 3-4 4-5", "3-2:0.3 5-1:0.2:0.7"),
    "overlapping": net("1-2 2-3 3-4 4-5", "3-1:0.25 4-2:0.2:0.5 5-3:0.1"),
    "three deep": net("1-2 2-3 3-4", "2-1:0.2 3-1:0.2 4-1:0.2:0.6"),
    "two at one gate": net("1-2 2-3 3-4", "4-1:0.15 4-3:0.3:0.5"),
    "two at an inner gate": net("1-2 2-3 3-4", "3-1:0.15 3-2:0.2:0.5 4-1:0.2"),
    "onto itself": net("1-2 2-3", "2-2:0.4:0.5 3-2:0.2"),
    "no way forward": net("1-2 1-3 2-4 3-4", "3-2:0.3:0.8 4-1:0.2"),
    "to what comes after": net("1-2 2-3", "1-3:0.3:0.5 3-1:0.2"),
    "each to the other": net("3-1 3-2 1-4 2-4", "1-2:0.3 2-1:0.3 4-3:0.15"),
    "branches": net("1-2 1-3 2-4 3-4+1 4-5", "4-1:0.3:0.6", days={2: (1, 3, 9), 3: (2, 3, 4)}),
    "gates on branches": net("1-2 1-3 2-4 3-4 4-5", "2-1:0.2 3-1:0.3:0.5 4-1:0.25"),
    "aside of a body": net("1-2 2-3 1-4 2-5+2 3-6 4-6", "3-1:0.4 2-2:0.2", days={4: 9.0}),
    "done within a body": net("1-2 2-3 3-4", "4-1:0.3:0.5 2-1:0.25", states="1:done 2:done"),
    "done gate": net("1-2 2-3", "2-1:0.5", states="1:done 2:done"),
    "lags": net("1-2+2 2-3+1.5 1-3+6", "3-1:0.3:0.5 2-1:0.2"),
    "not before": net("1-2 2-3", "3-1:0.3", held={1: 9, 3: 30}),
    "running": net("1-2 2-3", "3-1:0.3 2-2:0.2", began={1: 4}, days={1: (3, 5, 9)}),
    "overrun": net("1-2 2-3 4-3", "3-1:0.3", began={1: 30, 4: 30}, days={4: 2.0}),
    "away": net("1-2 2-3", "3-1:0.3", away=(2, 3, 7, 11, 14, 15, 16)),
    "target only": net("1-2 2-3 3-4", "4-1:0.4:1:target 3-2:0.3"),
    "as far as it reaches": net(
        "1-2:0.5:0.6 2-3:0.7:0.4 1-4+1:0.6 4-3 3-5:0.5:0.8 2-5",
        "3-1:0.3:0.5:chance 5-1:0.3:1:chance 5-4:0.2 2-1:0.2:1:target",
    ),
    "learned by the arrow": net("1-2 2-3", "3-1:0.5:1:all:::0.4 2-1:0.2"),
    "forward after some": net(
        "1-2 2-3 3-4", "3-1:0.5:0.5:all:2:1.5 3-2:0.3:1:all:3:0 4-2:0.4:1:all:1:2"
    ),
    "away and by chance": net(
        "1-2:0.5:0.6 2-3:0.7:0.4 1-4:0.6 4-3 3-5",
        "3-1:0.4:0.5:chance:3:2:0.2 5-1:0.3:1:chance 4-1:0.2",
        away=(4, 5, 9, 10, 11, 18, 23, 24, 25, 30, 31, 37, 45, 46),
    ),
    "away from loops in loops": net(
        "1-2 2-3 1-4 4-3 3-5+1",
        "2-1:0.3 3-1:0.3:0.5 3-4:0.2 5-2:0.3",
        days={2: (1, 2, 4), 3: 1.0},
        away=(4, 5, 9, 10, 11, 18, 23, 24, 25, 30, 31, 37, 45, 46),
    ),
    "projects": net("1-2 2-3 4-5 3-5", "2-1:0.3 5-4:0.2", projects={1: 1, 2: 1, 4: 2, 5: 2}),
    "recorded": net(
        "1-2 2-3 3-4", "3-1:0.3 4-2:0.2 4-4:0.1", record={0: (3, 5), 1: (2, 3), 2: (1, 3)}
    ),
}


def random_net(seed: int) -> Workspace:
    """Return a plan of 5 to 15 tasks with 1 to 4 returns, with some of all there is."""
    rng = random.Random(seed)
    size = rng.randint(5, 15)
    order = rng.sample(range(1, size + 1), size)
    needs: list[str] = []
    for at in range(1, size):
        for before in {rng.randint(max(0, at - 3), at - 1) for _ in range(rng.randint(1, 2))}:
            lag = rng.choice(("", "", "", "+1", "+2.5"))
            needs.append(f"{order[before]}-{order[at]}{lag}")
    left = dict.fromkeys(order, 0.5)
    returns: dict[tuple[int, int], str] = {}
    for _ in range(rng.randint(1, 4)):
        gate = rng.randrange(size)
        target = rng.randint(max(0, gate - 5), min(gate + rng.choice((0, 0, 2)), size - 1))
        rate = min(round(rng.uniform(0.05, 0.3), 2), left[order[gate]])
        ends = (order[gate], order[target])
        if rate > 0 and ends not in returns:
            left[order[gate]] -= rate
            share = rng.choice((1, 0.5, 0.3))
            returns[ends] = f"{ends[0]}-{ends[1]}:{rate}:{share}"
    done = order[: rng.choice((0, 0, 2, 4))]
    open_ = [key for key in order if key not in done]
    return net(
        " ".join(needs),
        " ".join(returns.values()),
        states=" ".join(f"{key}:done" for key in done),
        days={key: rng.choice(ESTIMATES) for key in order},
        projects={key: rng.choice((1, 1, 2)) for key in order if rng.random() < 0.8},
        began={key: rng.randint(1, 8) for key in open_[: rng.choice((0, 1, 2))]},
        held={rng.choice(open_): rng.randint(5, 25)},
        away=rng.sample(range(1, 40), rng.choice((0, 5))),
        record={
            at: (rng.randint(0, 2), rng.randint(4, 7)) for at in range(len(returns)) if seed % 2
        },
    )
