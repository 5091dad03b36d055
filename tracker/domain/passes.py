"""How a task's passes go on when its state does, and how long was worked on them."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from tracker.domain.calendar import Calendar, day_of
from tracker.domain.draft import Now
from tracker.domain.model import Pass, Pause, State, Task


def begun(task: Task) -> bool:
    """Return whether work on a task has ever begun."""
    return task.state in ("doing", "done", "recheck") or any(map(worked, task.passes))


def worked(run: Pass) -> bool:
    """Return whether anything was done in a pass: one may end without its begin on record."""
    return run.started is not None or run.outcome in ("done", "returned")


def moved(task: Task, state: State, now: Now) -> Task:
    """Return the task in `state`, with its passes kept true."""
    passes = _recorded(task) if task.state in ("done", "recheck") else task.passes
    if task.state == "done" and state in ("todo", "doing"):
        task = replace(task, passes=(*passes[:-1], replace(passes[-1], withdrawn=True)))
    if state == "done" and task.state != "recheck":
        passes = _over(running(task, now), now, "done")
    elif state == "doing":
        *before, last = running(task, now)
        passes = (*before, _resumed(replace(last, started=last.started or now.at), now))
    elif state in ("waiting", "todo") and task.state == "doing":
        *before, last = running(task, now)
        passes = (*before, replace(last, pauses=(*last.pauses, Pause(began=now.at))))
    elif state == "todo" and task.state in ("done", "recheck"):
        passes = running(task, now)
    elif state == "dropped" and passes and not passes[-1].outcome:
        passes = _over(passes, now, "interrupted")
    waiting_for = task.waiting_for if state == "waiting" else ""
    progress = task.progress
    if state == "done" and progress is not None:
        progress = 100.0
    elif state in ("todo", "doing") and task.state in ("done", "recheck"):
        # Nothing is done yet of the pass that begins.
        progress = None
    return replace(task, state=state, passes=passes, waiting_for=waiting_for, progress=progress)


def sent_back(task: Task, opening: Pass, now: Now) -> Task:
    """Return the task opened again by `opening`; a pass that was under way is interrupted."""
    finished = task.state in ("done", "recheck")
    passes = _recorded(task) if finished else _over(running(task, now), now, "interrupted")
    passes = (*passes, opening)
    return replace(_unbegun(task), passes=passes, modified=now.at)


def returned(gate: Task, target: int, now: Now) -> Task:
    """Return the gate once it has sent work back: todo, its pass *returned*."""
    passes = _recorded(gate) if gate.state in ("done", "recheck") else running(gate, now)
    *before, last = passes
    last = replace(last, ended=last.ended or now.at, outcome="returned", returned_to=target)
    return replace(_unbegun(gate), passes=(*before, last), modified=now.at)


def in_doubt(task: Task, now: Now) -> Task:
    """Return a done task that is to be rechecked, since what it is built on went back."""
    *before, last = _recorded(task)
    passes = (*before, replace(last, recheck_since=now.at))
    return replace(task, state="recheck", passes=passes, modified=now.at)


def _unbegun(task: Task) -> Task:
    """Return the task as one of which nothing is done, nor waited for."""
    return replace(task, state="todo", waiting_for="", progress=None)


def running(task: Task, now: Now) -> tuple[Pass, ...]:
    """Return the passes of a task with one under way at the end."""
    passes = _recorded(task)
    last = passes[-1]
    if not last.outcome:
        return passes
    if last.outcome == "returned":
        # It could go on from the moment it sent work back, and nobody opened it again.
        return (*passes, Pass(number=last.number + 1, opened=last.ended))
    return (*passes, Pass(number=last.number + 1, opened=now.at, who=now.who))


def worked_days(run: Pass, calendar: Calendar, upto: date) -> int:
    """Return the working days on which a pass was under way up to a day, that one included.

    The day on which work began to rest is none of them; the one on which it went on is.
    """
    if run.started is None:
        return 0
    first, day = day_of(run.started), timedelta(days=1)
    worked = calendar.working_days_between(first - day, upto)
    for pause in run.pauses:
        rested = max(day_of(pause.began), first)
        ended = pause.ended or run.ended
        until = min(day_of(ended) - day, upto) if ended else upto
        if until >= rested:
            worked -= calendar.working_days_between(rested - day, until)
    return max(worked, 0)


def _resumed(run: Pass, now: Now) -> Pass:
    if not run.pauses or run.pauses[-1].ended:
        return run
    *before, last = run.pauses
    return replace(run, pauses=(*before, replace(last, ended=now.at)))


def _recorded(task: Task) -> tuple[Pass, ...]:
    """Return the passes of a task, at least the first."""
    # Done before anybody kept count here, an import says so: no more is known of that pass.
    finished = task.state in ("done", "recheck")
    first = Pass(number=1, opened=task.created, outcome="done" if finished else "")
    return task.passes or (first,)


def _over(passes: tuple[Pass, ...], now: Now, outcome: str) -> tuple[Pass, ...]:
    *before, last = passes
    return (*before, replace(last, ended=now.at, outcome=outcome))
