"""The verbs for places on the board: the lane and the state of a task, and the order of lanes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from msgspec.structs import replace

from tracker.domain.change import Change
from tracker.domain.draft import Draft, Now
from tracker.domain.errors import Refused
from tracker.domain.model import Department, State, Task
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.status import state_word
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace


def lanes(ws: Workspace) -> list[int | None]:
    """Return the departments in their order; None, if some task has none, is last."""
    found: list[int | None] = [
        d.id for d in sorted(ws.departments.values(), key=lambda d: (d.order, d.id))
    ]
    homeless = any(task.department is None for task in ws.tasks.values())
    return [*found, None] if homeless or not found else found


def change_lane(
    ws: Workspace, now: Now, *, task: int, by: int, order: Sequence[int | None] = ()
) -> Change:
    """Move a task by some lanes: to another department, or to none in the lane of those.

    The lanes are in the `order` that was looked at. Raises Refused at an end of it, and Conflict
    where the task was in none of them then, or where the lane it is to come to has gone since.
    """
    draft = Draft(ws)
    old = draft.get(Task, task)
    order = order or lanes(ws)
    changed = commands.changed_since(old, commands.task_name(ws, task))
    if old.department not in order:
        raise changed
    at = order.index(old.department) + by
    if not 0 <= at < len(order):
        if by > 0:
            raise Refused("{task} is already in the last lane: {lane}.", **_named(ws, old))
        raise Refused("{task} is already in the first lane: {lane}.", **_named(ws, old))
    if order[at] not in (None, *ws.departments):
        raise changed
    new = draft.put(replace(old, department=order[at], modified=now.at))
    return draft.change(sentence("Moved: {task} to {lane}", **_named(ws, new)))


def _named(ws: Workspace, task: Task) -> dict[str, str | Sentence]:
    return {"task": commands.task_name(ws, task.id), "lane": lane_name(ws, task.department)}


def coming_to_wait(ws: Workspace, tasks: Iterable[int], by: int) -> tuple[int, ...]:
    """Return which open tasks come to wait when their states are changed by some columns."""
    found = (ws.tasks[task] for task in tasks)
    return tuple(t.id for t in found if t.open and next_state(t.state, by) == "waiting")


def lane_name(ws: Workspace, department: int | None) -> str | Sentence:
    """Return how a lane is called."""
    return sentence("no department") if department is None else ws.departments[department].name


def next_state(state: State, by: int) -> State | None:
    """Return the state in the next column to which a task can be moved, None at the edge.

    Nothing falls to recheck by hand, so that column is passed over.
    """
    order: tuple[State, ...] = ("todo", "doing", "waiting", "done")
    if state == "recheck":
        return "done" if by > 0 else "waiting"
    at = order.index("done" if state == "dropped" else state) + by
    return order[at] if 0 <= at < len(order) else None


def change_state(
    ws: Workspace,
    now: Now,
    *,
    task: int,
    by: int,
    waits: Collection[int] = (),
    waiting_for: str = "",
    follow_up: date | None = None,
    seen: Mapping[int, Task] | None = None,
) -> Change:
    """Move a task one column of the states to the right (`by` 1) or left (-1).

    Those in `waits` come to wait by that, wherever they have been moved since they were `seen`; the
    rest is as for `wait`.
    """
    old = Draft(ws).get(Task, task)
    wait = partial(
        commands.wait, task=task, waiting_for=waiting_for, follow_up=follow_up, seen=seen
    )
    if task in waits:
        return wait(ws, now)
    if old.state in ("done", "dropped"):
        return _from_the_end(ws, old, by)
    new = next_state(old.state, by)
    if new == "waiting":
        return wait(ws, now)
    if new == "doing":
        return commands.start(ws, now, task=task)
    if new == "todo":
        return commands.reopen(ws, now, task=task)
    if new == "done":
        return (commands.confirm if old.state == "recheck" else commands.finish)(ws, now, task=task)
    raise Refused(
        "{task} is {state}: this is the first column.",
        task=commands.task_name(ws, task),
        state=state_word(old.state),
    )


def _from_the_end(ws: Workspace, task: Task, by: int) -> Change:
    name = commands.task_name(ws, task.id)
    if by > 0:
        raise Refused(
            "{task} is {state}: this is the last column.",
            task=name,
            state=state_word(task.state),
        )
    if task.state == "dropped":
        raise Refused("{task} is dropped; reopen it first.", task=name)
    raise Refused(
        "{task} is done. Send work back to it from the task where the fault was found, or"
        " reopen it.",
        task=name,
    )


def order_lanes(
    ws: Workspace,
    _now: Now,
    *,
    departments: Sequence[int],
    saved: int,
    shown: Sequence[int | None],
) -> Change:
    """Put the lanes of the board in an order; departments that are not named come last.

    `saved` are the crossings of arrows that it saves. Raises Refused where the lanes are no longer
    in the order in which they were `shown`.
    """
    if lanes(ws) != list(shown):
        raise Refused("The lanes have changed in the meantime; try again.")
    draft = Draft(ws)
    _put_in_order(draft, ws, departments)
    label = counted(
        "Reordered the lanes: {n} crossing fewer",
        "Reordered the lanes: {n} crossings fewer",
        saved,
    )
    return draft.change(label)


def move_lane(ws: Workspace, _now: Now, *, department: int, by: int) -> Change:
    """Move the lane of a department by some places."""
    draft = Draft(ws)
    name = draft.get(Department, department).name
    order = [lane for lane in lanes(ws) if lane is not None]
    at = order.index(department) + by
    if at < 0:
        raise Refused("{lane} is already the first lane.", lane=name)
    if at >= len(order):
        raise Refused("{lane} is already the last lane.", lane=name)
    order.remove(department)
    order.insert(at, department)
    _put_in_order(draft, ws, order)
    return draft.change(sentence("Moved the lane: {lane}", lane=name))


def _put_in_order(draft: Draft, ws: Workspace, departments: Sequence[int]) -> None:
    named = dict.fromkeys(departments)
    rest = [lane for lane in lanes(ws) if lane is not None and lane not in named]
    for place, key in enumerate((*named, *rest), start=1):
        draft.put(replace(draft.get(Department, key), order=place))
