"""The verbs: each takes the newest workspace and returns the change it makes, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from tracker.domain import graph
from tracker.domain.change import Change, Edit, Left
from tracker.domain.draft import Draft, Named, Now, alike, ids_by_name
from tracker.domain.errors import Already, Conflict, LoopClosed, NotFound, Refused
from tracker.domain.expiry import to_renew
from tracker.domain.model import (
    PRIORITIES,
    TABLE_OF,
    Entity,
    Link,
    Settings,
    State,
    Task,
)
from tracker.domain.passes import moved
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.status import mentioned, priority_word, state_word
from tracker.domain.verbs import recurring
from tracker.domain.verbs.field_rules import checked_lag, return_options, task_fields
from tracker.domain.workspace import Workspace

Command = Callable[[Workspace, Now], Change]

# So many reasons are named where several things are refused at once.
_MOST_REASONS = 3


def task_name(ws: Workspace, task: int) -> str:
    """Return how a task is called in a sentence: its number and title."""
    return f"{task} {ws.tasks[task].title}"


def path_name(ws: Workspace, path: Iterable[int]) -> str:
    """Return how a path is called in a sentence: `3 Concept → 7 Build → 3`.

    The task a loop starts with is named by its number alone when it comes round again.
    """
    seen: set[int] = set()
    parts = []
    for task in path:
        parts.append(str(task) if task in seen else task_name(ws, task))
        seen.add(task)
    return " → ".join(parts)


def add_task(
    ws: Workspace,
    now: Now,
    *,
    after: Iterable[tuple[int, float]] = (),
    blocks: Iterable[tuple[int, float]] = (),
    returns_to: Iterable[tuple[int, Mapping[str, Any]]] = (),
    **fields: Any,
) -> Change:
    """Add a task, with arrows from its predecessors (id, lag) and back (id, options).

    `project`, `department`, `assignee`, `requester`, `watchers` and `systems` are names; what
    they name comes into being if it is not there. `blocks` are its successors, with lags; raises
    LoopClosed where one of them is before it.
    """
    draft = Draft(ws)
    if len(ws.projects) == 1:
        fields.setdefault("project", next(iter(ws.projects)))
    values = task_fields(draft, None, fields)
    state = values.pop("state", "todo")
    if state == "recheck":
        raise Refused("A new task has nothing to recheck.")
    task = draft.new(Task, created=now.at, modified=now.at, **values)
    if state != "todo":
        task = draft.put(replace(moved(task, state, now), waiting_for=task.waiting_for))
    for source, lag in dict(after).items():
        draft.get(Task, source)
        draft.new(Link, kind="needs", source=source, target=task.id, lag=checked_lag(lag))
    for target, options in dict(returns_to).items():
        draft.get(Task, target)
        known = return_options(**options)
        draft.new(Link, kind="returns", source=task.id, target=target, **known)
    label = sentence("Added: {task}", task=f"{task.id} {task.title}")
    if not (successors := dict(blocks)):
        return draft.change(label)
    linked = ws.apply(draft.change(label))
    for target, lag in successors.items():
        draft.get(Task, target)
        if loop := graph.loop_through(linked, task.id, target):
            raise LoopClosed(loop, path_name(linked, loop))
        draft.new(Link, kind="needs", source=task.id, target=target, lag=checked_lag(lag))
    return draft.change(label)


def add_tasks(
    ws: Workspace,
    now: Now,
    *,
    lines: Iterable[Mapping[str, Any]],
    project: int | None = None,
) -> Change:
    """Add several tasks as one change, each from the arguments of `add_task`.

    They are of a `project`, 0 being none, where they name no other.
    """
    usual = {} if project is None else {"project": project or None}
    draft = Draft(ws)
    state = ws
    labels: list[Sentence] = []
    for fields in lines:
        step = add_task(state, now, **{**usual, **fields})
        state = state.apply(step)
        labels.append(step.label)
        for edit in step.edits:
            draft.put(edit.entity)
    if len(labels) == 1:
        return draft.change(labels[0])
    return draft.change(counted("Added {n} task", "Added {n} tasks", len(labels)))


def edit_task(
    ws: Workspace, now: Now, *, task: int, seen: Mapping[int, Task] | None = None, **fields: Any
) -> Change:
    """Set fields of a task, named as for `add_task`; None clears."""
    return edit_tasks(ws, now, tasks=(task,), seen=seen, **fields)


def edit_tasks(
    ws: Workspace,
    now: Now,
    *,
    tasks: Iterable[int],
    seen: Mapping[int, Task] | None = None,
    more: Mapping[str, Any] = MappingProxyType({}),
    renew: bool = True,
    **fields: Any,
) -> Change:
    """Set the same fields of several tasks.

    What is `more` is put behind what the notes or a list of each hold. One that is done and expires
    is opened again itself only if there is nothing to `renew`. `seen` are the tasks as the
    person saw them; raises Conflict if one of the fields to be set has been changed since. Of
    several tasks those that may not have such fields are left alone, and the change says why.
    """
    draft = Draft(ws)
    chosen = tuple(tasks)
    following: Task | None = None
    left: list[Left] = []
    same = 0
    for key in chosen:
        try:
            old = draft.get(Task, key)
            values = task_fields(draft, old, {**fields, **_behind(old, more)})
            state = values.pop("state", old.state)
            if state != old.state:
                _refuse_move(ws, old, state)
        except (Refused, NotFound) as error:
            if len(chosen) == 1:
                raise
            left.append(Left(key, error.sentence, already=False))
            continue
        refuse_stale((seen or {}).get(key, old), old, {**values, "state": state}, _name(ws, key))
        new = replace(old, **values)
        if state != old.state:
            following = _move(draft, old, state, now, values, renew=renew)
        elif new != old:
            draft.put(replace(new, modified=now.at))
        else:
            same += 1
    if left and len(left) == len(chosen):
        raise Refused(reasons(left))
    if len(chosen) == 1:
        label = sentence("Edited: {task}", task=_name(ws, chosen[0]))
        return draft.change(_told(draft, label, ws.tasks[chosen[0]], following))
    edited = len(chosen) - len(left) - same
    label = counted("Edited {n} task", "Edited {n} tasks", edited)
    if same:
        label = counted(
            "Edited {n} task, {same} unchanged",
            "Edited {n} tasks, {same} unchanged",
            edited,
            same=same,
        )
    change = draft.change(label)
    return replace(change, left=tuple(left))


def _behind(task: Task, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a task with more behind what they hold; notes on a line of its own."""
    found: dict[str, Any] = {}
    for field, value in more.items():
        held = getattr(task, field)
        if isinstance(held, str):
            found[field] = "\n".join(filter(None, (held, value)))
        else:
            found[field] = (*held, *(value or ()))
    return found


def raise_priority(
    ws: Workspace, now: Now, *, tasks: Iterable[int], seen: Mapping[int, Task] | None = None
) -> Change:
    """Set the priority of tasks to the one above that of the first, or anew to the lowest.

    Raises Conflict if one is no longer as it was `seen`.
    """
    chosen = tuple(tasks)
    old = Draft(ws).get(Task, chosen[0]).priority
    new = PRIORITIES[(PRIORITIES.index(old) + 1) % len(PRIORITIES)]
    change = edit_tasks(ws, now, tasks=chosen, seen=seen, priority=new)
    named: Sentence | str = _name(ws, chosen[0])
    if len(chosen) > 1:
        named = counted("{n} task", "{n} tasks", len(chosen))
    label = sentence("{tasks}: priority {priority}", tasks=named, priority=priority_word(new))
    return msgspec.structs.replace(change, label=label)


def refuse_stale(seen: Entity, now: Entity, values: Mapping[str, Any], name: str) -> None:
    """Raise Conflict if something to be set has become other than it was seen and is to be.

    Raises Refused as `refuse_another` does.
    """
    refuse_another(seen, now)
    fields = tuple(
        key for key, value in values.items() if getattr(now, key) not in (getattr(seen, key), value)
    )
    if fields:
        raise changed_since(now, name, fields)


def refuse_another(seen: Entity, now: Entity) -> None:
    """Raise Refused if a task is another one of that number, as where files were put back."""
    if (
        isinstance(seen, Task)
        and isinstance(now, Task)
        and seen.created != now.created
        and seen.title != now.title
    ):
        raise Refused(
            "{id} is the number of another task now: {title}.", id=now.id, title=now.title
        )


def changed_since(entity: Entity, name: str, fields: tuple[str, ...] = ()) -> Conflict:
    """Return the refusal of what would be done unseen to something that has become other."""
    text = sentence("{task} has been changed in the meantime.", task=name)
    if isinstance(entity, Settings):
        text = sentence("The settings have been changed in the meantime.")
    return Conflict(TABLE_OF[type(entity)], entity.id, fields, text)


def start(ws: Workspace, now: Now, *, task: int) -> Change:
    """Begin work, or take it up again; a recheck that is taken up is rework, a pass of its own."""
    return _to(ws, now, task, "doing", sentence("Started: {task}", task=_name(ws, task)))


def begin(ws: Workspace, now: Now, *, task: int) -> Change:
    """Begin work as `start` does, but not by mistake on what is done: that would withdraw it."""
    old = Draft(ws).get(Task, task)
    if old.state == "done" and not to_renew(old, now.today):
        raise Refused("{task} is done; to work on it again, reopen it first.", task=_name(ws, task))
    return start(ws, now, task=task)


def finish(ws: Workspace, now: Now, *, task: int) -> Change:
    """Say that a task is done; one that repeats returns as a new task."""
    return _to(ws, now, task, "done", sentence("Done: {task}", task=_name(ws, task)))


def wait(
    ws: Workspace,
    now: Now,
    *,
    task: int,
    waiting_for: str = "",
    follow_up: date | None = None,
    seen: Mapping[int, Task] | None = None,
) -> Change:
    """Say that a task waits for someone or something outside, and when to ask again.

    Of a task that waits already only what is given is changed; raises Conflict where that is no
    longer as it was `seen`.
    """
    draft = Draft(ws)
    old = draft.get(Task, task)
    if not old.open:
        raise Refused(_is_already(ws, old).sentence)
    new = moved(old, "waiting", now)
    reason = waiting_for.strip()
    if not reason and follow_up and old.state == "waiting":
        reason = old.waiting_for
    values = {"waiting_for": reason, "follow_up": follow_up or old.follow_up}
    refuse_stale((seen or {}).get(task, old), old, values, _name(ws, task))
    new = replace(new, **values)
    draft.put(replace(new, modified=now.at))
    label = sentence("Waiting: {task}", task=_name(ws, task))
    if reason := new.waiting_for:
        label = sentence("Waiting: {task}, for {what}", task=_name(ws, task), what=reason)
    # It may be the number of a ticket somewhere else.
    unknown = (id for id in mentioned(reason) if id not in ws.tasks)
    doubts = (sentence("There is no task {id} here; #{id} stays text.", id=id) for id in unknown)
    return replace(draft.change(label), doubts=tuple(doubts))


def drop(ws: Workspace, now: Now, *, task: int) -> Change:
    """Say that a task will not be done; nothing waits for it any longer."""
    return _to(ws, now, task, "dropped", sentence("Dropped: {task}", task=_name(ws, task)))


def reopen(ws: Workspace, now: Now, *, task: int) -> Change:
    """Put a task back to todo; if it was done, that is a new pass.

    What was done and expires is renewed by a task of its own: nothing was wrong with it.
    """
    return _to(ws, now, task, "todo", sentence("Reopened: {task}", task=_name(ws, task)))


def confirm(ws: Workspace, now: Now, *, task: int) -> Change:
    """Say that a task in recheck is still good."""
    old = Draft(ws).get(Task, task)
    if old.state != "recheck":
        raise Refused(
            "{task} is {state}; only tasks in recheck can be confirmed.",
            task=_name(ws, task),
            state=state_word(old.state),
        )
    return _to(ws, now, task, "done", sentence("Confirmed: {task}", task=_name(ws, task)))


def advance(ws: Workspace, now: Now, *, task: int) -> Change:
    """Move a task to its next state: todo → doing → done; what waits or came back → doing.

    What is done and expires is renewed by a task under way.
    """
    old = Draft(ws).get(Task, task)
    if old.state == "dropped":
        raise Refused("{task} is dropped; reopen it first.", task=_name(ws, task))
    if to_renew(old, now.today):
        return start(ws, now, task=task)
    if old.state == "done":
        raise Refused(
            "{task} is done. Send work back to it from the task where the fault was found, or"
            " reopen it.",
            task=_name(ws, task),
        )
    return (finish if old.state == "doing" else start)(ws, now, task=task)


def on_each(
    command: Callable[..., Change],
    tasks: Iterable[int],
    *,
    shown: Workspace | None = None,
    **fields: Any,
) -> Command:
    """Return the command that does the same to each of some tasks, as one change.

    Tasks to which it cannot be done are left alone, and the change says which and why; when it
    can be done to none of them, that is refused. The command raises Conflict where it would set
    something of a task that is no longer as it was `shown`, or end an arrow that was not.
    """
    return partial(_each, command=command, tasks=tuple(tasks), shown=shown, fields=fields)


def _each(
    ws: Workspace,
    now: Now,
    *,
    command: Callable[..., Change],
    tasks: tuple[int, ...],
    shown: Workspace | None,
    fields: Mapping[str, Any],
) -> Change:
    draft = Draft(ws)
    state = ws
    labels: list[Sentence] = []
    left: list[Left] = []
    doubts: list[Sentence] = []
    for task in tasks:
        try:
            step = command(state, now, task=task, **fields)
            state = state.apply(step)
        except (Refused, NotFound) as error:
            if len(tasks) == 1:
                raise
            left.append(Left(task, error.sentence, isinstance(error, Already)))
            continue
        if shown is not None and task in shown.tasks:
            old, name = ws.tasks[task], _name(ws, task)
            refuse_unseen(old, state.tasks.get(task), shown.tasks[task], old, name)
            ended = {
                edit.entity.id for edit in step.edits if edit.table == "links" and not edit.after
            }
            if not ended <= shown.links.keys():
                raise changed_since(old, name)
        labels.append(step.label)
        doubts += [doubt for doubt in step.doubts if doubt not in doubts]
        for edit in step.edits:
            if edit.after is None:
                draft.delete(edit.entity)
            else:
                draft.put(edit.after)
    if not labels:
        raise Refused(reasons(left))
    label = labels[-1]
    if len(labels) > 1:
        label = counted(
            "{label} and {n} more", "{label} and {n} more", len(labels) - 1, label=label
        )
    return replace(draft.change(label), left=tuple(left), doubts=tuple(doubts))


def refuse_unseen(old: Entity, new: Entity | None, shown: Entity, now: Entity, name: str) -> None:
    """Raise Conflict if what becomes other from `old` to `new`, or goes, is not as it was shown."""
    fields = Edit(old, new).fields if new else old.__struct_fields__
    # Of what goes nothing is as it is to be: also what somebody has cleared is a change.
    values = {key: getattr(new, key, ...) for key in fields if key != "modified"}
    refuse_stale(shown, now, values, name)


def unless_another(command: Command, shown: Mapping[int, Task]) -> Command:
    """Return a command that raises Refused as `refuse_another` does for tasks that were shown."""

    def attempt(ws: Workspace, now: Now) -> Change:
        for task in shown.keys() & ws.tasks.keys():
            refuse_another(shown[task], ws.tasks[task])
        return command(ws, now)

    return attempt


def unless_changed(command: Command, shown: Entity, name: str) -> Command:
    """Return a command that ends something, and raises Conflict if that is not as it was shown."""

    def checked(ws: Workspace, now: Now) -> Change:
        if there := ws.table(type(shown)).get(shown.id):
            refuse_unseen(there, None, shown, there, name)
        return command(ws, now)

    return checked


def reasons(left: Sequence[Left]) -> Sentence:
    """Return why tasks were left alone, as one text that names the first of them."""
    known = {str(each.reason): each.reason for each in left}
    told = list(known)[:_MOST_REASONS]
    text = known[told[0]]
    for other in told[1:]:
        text = sentence("{one} {other}", one=text, other=known[other])
    if rest := sum(str(each.reason) not in told for each in left):
        text = counted(
            "{reasons} {n} more task was skipped.",
            "{reasons} {n} more tasks were skipped.",
            rest,
            reasons=text,
        )
    return text


def delete_task(ws: Workspace, _now: Now, *, task: int) -> Change:
    """Delete a task with its arrows. Its number is not given again."""
    draft = Draft(ws)
    old = draft.get(Task, task)
    for link in (*ws.arrows_out.get(task, ()), *ws.arrows_in.get(task, ())):
        draft.delete(link)
    for system in ws.systems.values():
        if system.restored_by == task:
            draft.put(replace(system, restored_by=None))
    draft.delete(old)
    return draft.change(sentence("Deleted: {task}", task=_name(ws, task)))


def find(ws: Workspace, kind: type[Named], name: str | int) -> int:
    """Return the id of what is called `name` or has that id; raises NotFound with what there is."""
    if isinstance(name, int):
        return Draft(ws).get(kind, name).id
    known = ids_by_name(ws.table(kind).values())
    if alike(name) in known:
        return known[alike(name)]
    raise NotFound(
        "“{name}” is not known here; choose from {known}.",
        name=name,
        known=", ".join(sorted(known)) or "–",
    )


def _name(ws: Workspace, task: int) -> str:
    """Name a task, or refuse because there is none."""
    Draft(ws).get(Task, task)
    return task_name(ws, task)


def _to(ws: Workspace, now: Now, task: int, state: State, label: Sentence) -> Change:
    draft = Draft(ws)
    old = draft.get(Task, task)
    if old.state == state:
        raise _is_already(ws, old)
    _refuse_move(ws, old, state)
    following = _move(draft, old, state, now)
    return draft.change(_told(draft, label, old, following))


def _move(
    draft: Draft,
    task: Task,
    state: State,
    now: Now,
    given: Mapping[str, Any] = MappingProxyType({}),
    *,
    renew: bool = True,
) -> Task | None:
    """Put a task into a draft in another state; return the one as which it returns, if it does.

    Its fields are set as `given` with that, and what the state ends is kept where it is.
    """
    ended = ("waiting_for", "progress") if state != "done" else ("waiting_for",)
    kept = {name: given[name] for name in ended if given.get(name)}
    if renew and state in ("todo", "doing") and to_renew(task, now.today):
        following = recurring.renew(draft, task, now, given)
        return draft.put(replace(moved(following, state, now), **kept))
    new = moved(replace(task, **given), state, now)
    new = draft.put(replace(new, **kept, modified=now.at))
    return recurring.come_back(draft, new, now) if state == "done" else None


def _told(draft: Draft, label: Sentence, old: Task, following: Task | None) -> Sentence:
    """Return a label with what becomes of a task that repeats or expires."""
    return recurring.return_label(label, old, draft.get(Task, old.id), following)


def _refuse_move(ws: Workspace, task: Task, state: State) -> None:
    """Refuse a state that nobody can give the task it is."""
    if task.state == "dropped" and state != "todo":
        raise Refused("{task} is dropped; reopen it first.", task=_name(ws, task.id))
    if state == "recheck":
        raise Refused(
            "{task} cannot be set to recheck by hand; that happens when work it is built on is"
            " sent back.",
            task=_name(ws, task.id),
        )


def _is_already(ws: Workspace, task: Task) -> Already:
    return Already(
        "{task} is already {state}.", task=_name(ws, task.id), state=state_word(task.state)
    )
