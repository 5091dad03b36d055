"""What scripts read: things as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tracker import terminal_text
from tracker.domain import graph, status
from tracker.domain.change import Edit, Record
from tracker.domain.model import Entity, Link, Pass, System, Task
from tracker.domain.verbs.arrows import SendBackPreview
from tracker.domain.verbs.commands import find
from tracker.domain.workspace import Workspace
from tracker.language import say

if TYPE_CHECKING:
    from tracker.flow.flow_metrics import FlowMetrics
    from tracker.flow.follow_ups import FollowUp
    from tracker.flow.forecast.forecast import TaskEnd
    from tracker.flow.forecast.loop_figures import Figures
    from tracker.flow.today import Day, HandOver
    from tracker.store.check import Finding


# By when a task is over, as scripts read it.
_END = ("p80_days", "p80", "due_chance", "p80_runs", "again_chance")


def page_form(ws: Workspace, task: Task, today: date, history: Sequence[Record]) -> dict[str, Any]:
    """Return everything about a task as scripts read it."""
    from tracker.exchange.document import task_json

    return task_json(ws, task, today) | {
        "over_limit": status.over_limit(ws, task),
        "passes_ledger": [pass_form(ws, run) for run in task.passes],
        "history": [record_form(record) for record in history],
    }


# Tasks in the order in which they are listed, in groups with a name or in one that has none.
TaskGroups = Sequence[tuple[str | None, Sequence[Task]]]


def task_forms(
    ws: Workspace,
    groups: TaskGroups,
    today: date,
    ends: Mapping[int, TaskEnd] | None,
    slack: Mapping[int, float] | None,
) -> list[dict[str, Any]]:
    """Return tasks as scripts read them, with what was asked for besides."""
    from tracker.exchange.document import task_json

    found = []
    for name, tasks in groups:
        for task in tasks:
            form = task_json(ws, task, today) | end_form(ends, task.id)
            if slack is not None:
                form["slack"] = slack.get(task.id) if task.open else None
            found.append(form if name is None else form | {"group": name})
    return found


def task_matrix_form(ws: Workspace, tasks: Collection[int]) -> dict[str, Any]:
    """Return the matrix of tasks as scripts read it: who needs what, in its order."""
    from tracker.flow import matrix

    found = matrix.read(ws, tasks)
    return {
        "order": found.order,
        "blocks": [found.order[first : last + 1] for first, last in found.blocks],
        "marks": [
            {"row": row, "column": column, "kind": link.kind, "link": link.id}
            for (row, column), links in sorted(found.marks.items())
            for link in links
        ],
    }


def department_matrix_form(
    ws: Workspace, tasks: Collection[int], today: date
) -> list[dict[str, Any]]:
    """Return what departments handed over and sent back, as scripts read it."""
    from tracker.flow.handovers import exchanges

    def lane(key: int | None) -> str | None:
        return called(ws.departments.get(key or 0), "name")

    return [
        {
            "from": lane(source),
            "to": lane(target),
            "arrows": len(found.arrows),
            "hand_overs": len(found.handed),
            "not_begun": [each.task for each in found.waiting],
            "median_wait_days": found.median_wait(today),
            "returns": len(found.returns),
            "return_days": found.return_days,
            "tasks": found.tasks,
        }
        for (source, target), found in exchanges(ws, tasks, today).items()
    ]


def flow_form(ws: Workspace, found: FlowMetrics) -> dict[str, Any]:
    """Return how work flows as scripts read it; cycle times and ages in days."""
    from tracker.flow.flow_metrics import percentile

    def lane(key: int | None) -> str | None:
        return called(ws.departments.get(key or 0), "name")

    good, whole = found.first_pass
    times = found.cycle_times
    return {
        "cycle_time": {
            **{f"p{share}": percentile(times, share / 100) for share in (50, 85, 95)},
            "tasks": [
                {"id": each.task, "days": each.days, "came_back": each.came_back}
                for each in found.finished
            ],
        },
        "throughput_weeks": found.weeks,
        "first_pass_yield": good / whole if whole else None,
        "in_progress": [
            {"id": each.task, "age_days": each.days, "outlasted": each.outlasted}
            for each in found.ageing
        ],
        "in_progress_undated": found.undated,
        "hand_overs": [
            {
                "from": lane(source),
                "to": lane(target),
                "count": len(each.handed),
                "median_wait_days": each.median_wait(found.today),
                "longest_wait_days": max(one.wait(found.today) for one in each.handed),
                "not_begun": [one.task for one in each.waiting],
            }
            for (source, target), each in found.hand_overs.items()
        ],
        "cumulative_flow": [
            {"day": each.day, "todo": each.todo, "in_progress": each.doing, "done": each.done}
            for each in found.standing
        ],
    }


def day_form(
    ws: Workspace, day: Day, gains: Mapping[int, float], ends: Mapping[int, TaskEnd] | None
) -> dict[str, Any]:
    """Return what a day asks of one as scripts read it.

    `gains` are what ends of tasks do to P80, `ends` by when tasks are over.
    """
    return {
        "today": day.today,
        "since": day.since,
        "burns": [
            {
                "task": each.task,
                "system": called(ws.systems.get(each.system or 0), "name"),
                "days_late": each.late,
                "over_limit": [{"from": link.source, "to": link.target} for link in each.over],
                "follow_up": each.asked,
                "deadlock": each.ring.path if each.ring else None,
                "stuck": each.stuck,
                "behind": each.behind,
            }
            for each in day.burning
        ],
        "came_back": [
            {
                "task": each.task,
                "from": each.gate,
                "at": each.at,
                "reason": each.reason,
                "recheck": each.recheck,
            }
            for each in day.back
        ],
        "handed_over": hand_over_forms(ws, day.handed_over),
        "expires": [
            {
                "task": each.task,
                "expires": each.day,
                "days": each.days,
                "state": ws.tasks[each.task].state,
                "renewed": each.renewed,
            }
            for each in day.expiring
        ],
        "due": [
            {
                "day": each.day,
                "task": each.task,
                "due": each.due,
                "follow_up": each.follow_up,
                **end_form(ends, each.task),
            }
            for each in day.due
        ],
        "unblock": [
            {
                "task": each.task,
                "now": each.now,
                "all": each.all,
                "p80_gain_days": gains.get(each.task),
            }
            for each in day.free
        ],
    }


def hand_over_forms(ws: Workspace, pairs: Iterable[HandOver]) -> list[dict[str, Any]]:
    """Return what was handed over, and since when nobody has begun it, as scripts read it."""
    return [
        {
            "from": called(ws.departments.get(pair.source or 0), "name"),
            "to": called(ws.departments.get(pair.target or 0), "name"),
            "oldest_days": pair.oldest,
            "median_days": pair.median,
            "tasks": [{"id": each.task, "since": each.since} for each in pair.tasks],
        }
        for pair in pairs
    ]


def follow_up_form(ws: Workspace, each: FollowUp, today: date) -> dict[str, Any]:
    """Return a task that waits for somebody as scripts read it; `days` since one is to ask."""
    task = ws.tasks[each.task]
    return {
        "id": task.id,
        "title": task.title,
        "department": called(ws.departments.get(task.department or 0), "name"),
        "assignee": called(ws.people.get(task.assignee or 0), "login"),
        "waiting_for": task.waiting_for,
        "since": each.since,
        "follow_up": each.day,
        "days": (today - each.day).days if each.day else None,
    }


def end_form(ends: Mapping[int, TaskEnd] | None, task: int) -> dict[str, Any]:
    """Return by when a task is over, as scripts read it; nothing where that was not asked for."""
    if ends is None:
        return {}
    end = ends.get(task)
    if end is None:
        return dict.fromkeys(_END)
    values = (end.days, end.day, end.due_chance, end.runs, end.again)
    return dict(zip(_END, values, strict=True))


def pass_form(ws: Workspace, run: Pass) -> dict[str, Any]:
    """Return a pass of a task as scripts read it; a pass that is under way has no outcome."""
    return {
        "number": run.number,
        "opened": run.opened,
        "started": run.started,
        "ended": run.ended,
        "outcome": run.outcome or None,
        "gate": run.gate,
        "reason": run.reason,
        "system": called(ws.systems.get(run.system or 0), "name"),
        "who": run.who or None,
        "returned_to": run.returned_to,
        "pauses": run.pauses,
        "recheck_since": run.recheck_since,
    }


def record_form(record: Record) -> dict[str, Any]:
    """Return a line of history as scripts read it."""
    return {
        "seq": record.seq,
        "at": record.at,
        "who": record.who,
        "label": terminal_text.clean(say(record.change.label)),
        "undoes": record.undoes,
        "edits": [_edit_form(edit) for edit in record.change.edits],
    }


def _edit_form(edit: Edit) -> dict[str, Any]:
    """Return an edit with the fields that differ; at a birth or a death the whole entity."""

    def side(entity: Entity | None) -> dict[str, Any] | None:
        if entity is None:
            return None
        if edit.fields:
            return {name: getattr(entity, name) for name in edit.fields}
        return {name: value for name, value in msgspec.structs.asdict(entity).items() if value}

    return {
        "table": edit.table,
        "id": edit.entity.id,
        "before": side(edit.before),
        "after": side(edit.after),
    }


class Loop(NamedTuple):
    """Tasks that can reach each other over both kinds of arrow, or wait for each other."""

    tasks: tuple[int, ...]
    returns: tuple[Link, ...]
    figures: Figures
    ring: status.Deadlock | None


def loops(ws: Workspace) -> list[Loop]:
    """Return the loops.

    A ring in which open tasks wait for each other is a deadlock: listed with the loop it lies in,
    or by itself.
    """
    from tracker.flow.forecast.loop_figures import figures_of_loop
    from tracker.flow.forecast.remaining_work import return_arrows

    rings = status.deadlocks(ws)
    known = return_arrows(ws)

    def loop(tasks: tuple[int, ...], ring: status.Deadlock | None) -> Loop:
        inside = set(tasks)
        links = (link for task in tasks for link in ws.arrows_out.get(task, ()))
        backs = (link for link in links if link.kind == "returns" and link.target in inside)
        return Loop(tasks, tuple(backs), figures_of_loop(ws, tasks, known), ring)

    found = []
    for tasks in _loops(ws):
        inside = set(tasks)
        ring = next((ring for ring in rings if set(ring.path) <= inside), None)
        if ring:
            rings.remove(ring)
        found.append(loop(tasks, ring))
    found += [loop(tuple(sorted(set(ring.path))), ring) for ring in rings]
    return sorted(found, key=lambda each: min(each.tasks))


def loop_forms(ws: Workspace, found: Iterable[Loop]) -> list[dict[str, Any]]:
    """Return loops as scripts read them."""
    return [_loop_form(ws, loop) for loop in found]


def _loops(ws: Workspace) -> list[tuple[int, ...]]:
    def ahead(task: int) -> list[int]:
        return [link.target for link in ws.arrows_out.get(task, ())]

    return [
        tuple(sorted(tasks))
        for tasks in graph.components(ws.tasks, ahead)
        if len(tasks) > 1 or tasks[0] in ahead(tasks[0])
    ]


def _loop_form(ws: Workspace, loop: Loop) -> dict[str, Any]:
    lanes = {ws.tasks[task].department: None for task in loop.tasks}
    names = [called(ws.departments.get(lane or 0), "name") for lane in lanes]
    known, ring = loop.figures, loop.ring
    return {
        "tasks": loop.tasks,
        "departments": [name for name in names if name],
        "returns": [_return_form(ws, link) for link in loop.returns],
        "spectral_radius": known.spectral_radius,
        "another_round": known.another_round,
        "work_again": known.work_again,
        "health": known.health or None,
        "expected_days": known.expected_days,
        "sd_days": known.sd_days,
        "visits": [{"id": task, "times": times} for task, times in sorted(known.visits.items())],
        "deadlock": ring
        and {
            "path": ring.path,
            "cut": {"task": ring.cut.task, "waits_for": ring.cut.other},
            "frees": ring.frees,
        },
    }


def _return_form(ws: Workspace, link: Link) -> dict[str, Any]:
    """Return a return arrow, with what was seen of it and what is made of that."""
    from tracker.flow.forecast.calibration import counts, posterior, rework

    returned, ended = counts(ws, link)
    known, again = posterior(ws, link), rework(ws, link)
    low, high = known.interval()
    return {
        "from": link.source,
        "to": link.target,
        "rate": link.rate,
        "rate_assumed": link.rate_assumed,
        "observed": returned / ended if ended else None,
        "returned": returned,
        "ended": ended,
        "rate_mean": known.mean,
        "rate_low": low,
        "rate_high": high,
        "share": link.share,
        "share_observed": again.observed,
        "share_mean": again.share,
        "limit": link.limit,
        "redo": link.redo,
        "learning": link.learning,
        "escalation": link.escalation,
        "passes": status.link_passes(ws, link),
    }


def called(entity: Entity | None, field: str) -> str | None:
    """Return the name of what may not be there."""
    return getattr(entity, field) if entity else None


def send_back_form(
    plan: SendBackPreview, also: Sequence[int], p80s: Sequence[date | None]
) -> dict[str, Any]:
    """Return what a send-back does, or would do, as scripts read it; P80s before and after."""
    before, after = p80s
    return {
        "from": plan.gate,
        "to": plan.target,
        "reopened": plan.reopened,
        "recheck": sorted({*plan.recheck, *also}),
        "also_built_on": [task for task in plan.also_built_on if task not in also],
        "pass": plan.pass_number,
        "passes": plan.passes,
        "limit": plan.limit,
        "redo": plan.link.redo if plan.link else "all",
        "over_limit": plan.over,
        "rework_days": plan.rework_days,
        "p80_before": before,
        "p80_after": after,
    }


def finding_forms(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return what was found in the files, as scripts read it."""
    return [{"text": terminal_text.clean(say(each.text)), "grave": each.grave} for each in findings]


def system_form(ws: Workspace, name: str) -> dict[str, Any]:
    """Return a system and the open tasks that touch it, as scripts read it."""
    system = ws.systems[find(ws, System, name)]
    return {
        "name": system.name,
        "state": system.state,
        "affected": status.affected_by(ws, system.id),
    }
