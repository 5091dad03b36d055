"""The effort of tasks in person-days: planned, spent so far, and still to come.

What was planned is the effort that was entered, or else the likely duration with one person on it
all of the time. So effort at completion is actual effort to date and the estimate to complete, as
in earned value management (ISO 21508:2018).
"""

from __future__ import annotations

from tracker.domain.model import Task
from tracker.flow.forecast.remaining_work import Step, full_estimate


def planned(task: Task) -> float:
    """Return the effort of a whole pass of a task, as entered or else as long as it takes."""
    return full_estimate(task)[1] if task.effort is None else task.effort


def to_come(task: Task, step: Step) -> float:
    """Return the effort that is left of a task: as much of a pass as its duration has left.

    Nothing of one that is done; all of a milestone, which takes effort but no time, until it is.
    """
    if not step.open:
        return 0.0
    if step.likely <= 0:
        return planned(task)
    return planned(task) * step.left(step.likely) / step.likely


def spent(task: Task, step: Step | None) -> float:
    """Return the effort of a task so far: as recorded, or else as planned.

    That is once for each pass that was ended, and in part for the one that is under way.
    """
    if task.spent is not None:
        return task.spent
    ended = sum(run.outcome in ("done", "returned") for run in task.passes)
    if task.state == "done":
        ended = max(ended, 1)
    under_way = step.elapsed / step.likely if step and step.open and step.likely else 0.0
    return planned(task) * (ended + under_way)
