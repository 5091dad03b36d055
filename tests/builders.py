"""Small plans for tests, written as one would sketch them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tracker.domain.change import Change
from tracker.domain.draft import Now
from tracker.domain.model import Entity, Link, State, Task
from tracker.domain.workspace import Workspace

TODAY = date(2026, 11, 23)
NOW = Now(at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC), today=TODAY, who="k.brandt")


def later(minutes: int, who: str = "k.brandt") -> Now:
    """Return a moment some minutes after `NOW`."""
    return Now(at=NOW.at + timedelta(minutes=minutes), today=TODAY, who=who)


def plan(
    needs: str = "",
    *,
    returns: str = "",
    states: str = "",
    titles: Iterable[str] = (),
    tasks: int = 0,
    extra: Iterable[Entity] = (),
    **fields: Any,
) -> Workspace:
    """Return a workspace: `needs="1-2 2-3"`, `returns="3-1"`, `states="1:done 2:doing"`.

    `fields` are set on every task, and tasks are called by letters where they have no title.
    """
    arrows = [tuple(map(int, pair.split("-"))) for pair in needs.split()]
    backs = [tuple(map(int, pair.split("-"))) for pair in returns.split()]
    stated: dict[int, State] = {}
    for pair in states.split():
        task, _, state = pair.partition(":")
        stated[int(task)] = state  # type: ignore[assignment]  # checked by the tests' own sketches
    numbers = {n for arrow in (*arrows, *backs) for n in arrow} | set(stated)
    numbers |= set(range(1, tasks + 1))
    named = list(titles)
    entities: list[Entity] = list(extra)
    for n in sorted(numbers):
        title = named[n - 1] if n <= len(named) else chr(ord("A") + (n - 1) % 26)
        entities.append(Task(id=n, title=title, state=stated.get(n, "todo"), **fields))
    for id, (source, target) in enumerate((*arrows, *backs), start=1):
        kind: Any = "needs" if id <= len(arrows) else "returns"
        entities.append(Link(id=id, kind=kind, source=source, target=target))
    return Workspace(entities)


def done(ws: Workspace, command: Callable[..., Change], now: Now = NOW, **fields: Any) -> Workspace:
    """Return the workspace after a command."""
    return ws.apply(command(ws, now, **fields))


def contents(ws: Workspace) -> dict[tuple[str, int], Entity]:
    """Return everything in a workspace, for comparing."""
    return {(type(entity).__name__, entity.id): entity for entity in ws.entities()}
