"""What people read: tables of tasks and history, a page about a task, what a change does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from tracker import terminal_text
from tracker.cli.json_output import called, loops
from tracker.cli.printer import Cell, Column, Printer
from tracker.domain import graph, status
from tracker.domain.change import Record
from tracker.domain.model import Link, Pass, System, Task
from tracker.domain.typing.vocabulary import passes_word, priority_word
from tracker.domain.verbs.arrows import SendBackPreview
from tracker.domain.verbs.commands import affected_by, find, path_name, state_word, task_name
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.wording import forecast_words, return_words, show
from tracker.wording.figures import moment, number, percent
from tracker.wording.return_words import Seen

if TYPE_CHECKING:
    from tracker.exchange.merge import Report


def print_tasks(printer: Printer, ws: Workspace, tasks: Iterable[Task], today: date) -> None:
    """Print a table of tasks."""
    columns = (
        Column(_("ID")),
        Column(_("State")),
        Column(_("Prio"), 4),
        Column(_("Due"), 2),
        Column(_("Department"), 3),
        Column(_("Assignee"), 5),
        Column(_("Remarks"), 1),
        Column(_("Title")),
    )
    printer.table(columns, [_row(ws, task, today) for task in tasks])


def _row(ws: Workspace, task: Task, today: date) -> list[str | Cell]:
    derived = status.status(ws, task, today)
    lane = ws.departments.get(task.department or 0)
    person = ws.people.get(task.assignee or 0)
    due = task.due.isoformat() if task.due else ""
    remarks = _remarks(ws, task, derived)
    return [
        str(task.id),
        Cell(_state(task, derived), _style(task, derived)),
        say(priority_word(task.priority)) if task.priority != "medium" else "",
        Cell(due, "alarm" if derived.late else ""),
        (lane.short or lane.name) if lane else "",
        person.login if person else "",
        Cell(", ".join(remarks), "alarm" if _burns(derived) else ""),
        Cell(task.title, "dim" if not task.open else ""),
    ]


def _burns(derived: status.Status) -> bool:
    return derived.stuck or derived.late or derived.over_limit


def _remarks(ws: Workspace, task: Task, derived: status.Status) -> list[str]:
    """Return what is to be noticed about a task, the worst first."""
    remarks = []
    if derived.stuck:
        names = ", ".join(system.name for system in status.down_systems(ws, task))
        remarks.append(_("stuck: {system}").format(system=names))
    if derived.late:
        remarks.append(_("late"))
    if derived.over_limit:
        remarks.append(_("over the limit"))
    counters = [
        _counter(ws, link)
        for link in status.returns_into(ws, task.id)
        if status.link_passes(ws, link) > 1
    ]
    if counters:
        remarks += counters
    elif task.pass_number > 1:
        remarks.append(f"×{task.pass_number}")
    return remarks


def _counter(ws: Workspace, link: Link) -> str:
    return passes_word(status.link_passes(ws, link), link.limit)


def _state(task: Task, derived: status.Status) -> str:
    if task.state == "todo":
        return _("blocked") if derived.blocked else _("ready")
    return say(state_word(task.state))


def _style(task: Task, derived: status.Status) -> str:
    if task.state == "todo":
        return "dim" if derived.blocked else "strong"
    return task.state


def print_task(
    printer: Printer, ws: Workspace, task: Task, today: date, history: Sequence[Record]
) -> None:
    """Print a page about a task."""
    derived = status.status(ws, task, today)
    printer.line(Cell(f"{task.id}  {task.title}", "strong"))
    printer.line(
        Cell(_state(task, derived), _style(task, derived)),
        *(
            Cell(f" · {remark}", "alarm" if _burns(derived) else "")
            for remark in _remarks(ws, task, derived)
        ),
    )
    fields = [(head, value) for head, value in _fields(ws, task) if value]
    widest = max((terminal_text.width(head) for head, _value in fields), default=0)
    if fields:
        printer.line("")
    for head, value in fields:
        printer.line(Cell(terminal_text.fit(head, widest), "dim"), f"  {value}")
    for head, lines in _sections(ws, task, history):
        if lines:
            printer.line("")
            printer.line(Cell(head, "strong"))
            for line in lines:
                printer.line(f"  {line}")


def _fields(ws: Workspace, task: Task) -> list[tuple[str, str]]:
    def entity(table: str, key: int | None, field: str = "name") -> str:
        return called(getattr(ws, table).get(key or 0), field) or ""

    def days(value: float | None) -> str:
        return number(value, 3) if value is not None else "–"

    estimate = ""
    if task.likely is not None and task.low == task.likely == task.high:
        estimate = days(task.likely)
    elif (task.low, task.likely, task.high) != (None, None, None):
        estimate = " / ".join(map(days, (task.low, task.likely, task.high)))
    effort = ""
    if task.effort is not None or task.spent is not None:
        effort = _("{spent} of {planned} person-days").format(
            spent=days(task.spent or 0), planned=days(task.effort)
        )
    return [
        (_("Project"), entity("projects", task.project)),
        (_("Department"), entity("departments", task.department)),
        (_("Assignee"), entity("people", task.assignee, "login")),
        (_("Requester"), entity("people", task.requester, "login")),
        (_("Watchers"), ", ".join(ws.people[person].login for person in task.watchers)),
        (_("Priority"), say(priority_word(task.priority))),
        (_("Estimate"), estimate and _("{estimate} working days").format(estimate=estimate)),
        (_("Effort"), effort),
        (_("Due"), _day(task.due)),
        (_("Not before"), _day(task.not_before)),
        (_("Follow-up"), _day(task.follow_up)),
        (_("Waits for"), task.waiting_for),
        (_("Systems"), ", ".join(_system(ws, system) for system in task.systems)),
        (_("Tags"), " ".join(f"#{tag}" for tag in task.tags)),
        (_("Repeats"), task.recurrence),
    ]


def _system(ws: Workspace, key: int) -> str:
    system = ws.systems[key]
    if system.state == "up":
        return system.name
    word = {"degraded": _("degraded"), "down": _("down")}[system.state]
    return f"{system.name} ({word})"


def _sections(ws: Workspace, task: Task, history: Sequence[Record]) -> list[tuple[str, list[str]]]:
    into, out = ws.arrows_in.get(task.id, ()), ws.arrows_out.get(task.id, ())
    return [
        (_("Needs"), [_end(ws, a.source, a) for a in into if a.kind == "needs"]),
        (_("Needed by"), [_end(ws, a.target, a) for a in out if a.kind == "needs"]),
        (_("May go back to"), [_end(ws, a.target, a) for a in out if a.kind == "returns"]),
        (_("May come back from"), [_end(ws, a.source, a) for a in into if a.kind == "returns"]),
        (_("Passes"), [_pass_line(ws, run) for run in task.passes]),
        (
            _("Checklist"),
            [f"[{'x' if item.done else ' '}] {item.text}" for item in task.checklist],
        ),
        (_("Notes"), task.notes.splitlines()),
        (_("History"), [_record_line(record) for record in history]),
    ]


def _end(ws: Workspace, other: int, link: Link) -> str:
    """Return the other end of an arrow, with its state and what the arrow says."""
    words = [say(state_word(ws.tasks[other].state))]
    if link.kind == "needs" and link.lag:
        count = 1 if link.lag == 1 else 2
        days = ngettext("{n} working day in between", "{n} working days in between", count)
        words.append(days.format(n=number(link.lag, 3)))
    elif link.kind == "returns":
        words = [_counter(ws, link), _rate(link)]
        if link.share != 1:
            words.append(_("{share} of the work again").format(share=percent(link.share)))
        if link.observed:
            words.append(_("observed"))
    return f"{task_name(ws, other)}  ({', '.join(words)})"


def _pass_line(ws: Workspace, run: Pass) -> str:
    outcome = {
        "": _("under way") if run.started else _("not begun"),
        "done": _("done"),
        "returned": _("sent back to {task}").format(task=_task(ws, run.returned_to)),
        "interrupted": _("interrupted"),
    }[run.outcome]
    dates = " … ".join(_day(at) for at in (run.started or run.opened, run.ended) if at)
    line = "  ".join(filter(None, (f"#{run.number}", dates, outcome)))
    if run.gate is None and not run.reason:
        return line
    why = _("came back from {gate}: {reason}").format(gate=_task(ws, run.gate), reason=run.reason)
    system = called(ws.systems.get(run.system or 0), "name")
    return f"{line}; {why}" + "".join(f" ({name})" for name in (system, run.who) if name)


def _task(ws: Workspace, key: int | None) -> str:
    return task_name(ws, key) if key and key in ws.tasks else str(key or "–")


def print_log(printer: Printer, records: Iterable[Record]) -> None:
    """Print lines of history."""
    columns = (Column(_("No.")), Column(_("When")), Column(_("Who")), Column(_("What")))
    rows = [
        (str(record.seq), moment(record.at), record.who, say(record.change.label))
        for record in records
    ]
    printer.table(columns, rows)


def _record_line(record: Record) -> str:
    return f"{moment(record.at)}  {record.who}  {say(record.change.label)}"


def _day(day: date | datetime | None) -> str:
    if isinstance(day, datetime):
        day = day.astimezone().date()
    return day.isoformat() if day else ""


def print_send_back(
    printer: Printer, ws: Workspace, plan: SendBackPreview, also: Sequence[int]
) -> None:
    """Print what a send-back does, or would do, to whom."""
    left = [task for task in plan.also_built_on if task not in also]
    numbers = ",".join(map(str, left))
    for head, tasks in (
        (_("Opens again:"), plan.reopened),
        (_("To be rechecked:"), sorted({*plan.recheck, *also})),
        (_("Also built on it; --also {tasks} has them rechecked:").format(tasks=numbers), left),
    ):
        if tasks:
            printer.line(head)
            for task in tasks:
                printer.line(f"  {_with_owner(ws, task)}")
    if plan.limit is None:
        passes = _("Pass {number}").format(number=plan.passes)
    else:
        passes = _("Pass {number} of at most {limit}").format(number=plan.passes, limit=plan.limit)
    days = _("{days} working days of rework").format(days=number(plan.rework_days))
    printer.line(Cell(passes, "alarm" if plan.over else ""), f" · {days}")
    if plan.over and plan.link and plan.link.escalate_to:
        person = ws.people[plan.link.escalate_to]
        told = _("Beyond the limit {name} is to be told.").format(name=person.name or person.login)
        printer.line(Cell(told, "alarm"))


def _with_owner(ws: Workspace, task: int) -> str:
    """Return number and title of a task, with its department and assignee."""
    found = ws.tasks[task]
    owner = (
        called(ws.departments.get(found.department or 0), "name"),
        called(ws.people.get(found.assignee or 0), "login"),
    )
    named = ", ".join(filter(None, owner))
    return f"{task_name(ws, task)}  ({named})" if named else task_name(ws, task)


def print_affected(printer: Printer, ws: Workspace, name: str) -> None:
    """Print the open tasks that touch a system."""
    for task in affected_by(ws, find(ws, System, name)):
        printer.line(f"  {_with_owner(ws, task)}")


def print_loops(printer: Printer, ws: Workspace) -> None:
    """Print the loops, each by the paths of its returns and its figures, and the deadlocks."""
    from tracker.flow.forecast.calibration import counts, posterior, rework

    glyphs = printer.glyphs
    found = loops(ws)
    for loop in found:
        for link in loop.returns:
            path = path_name(ws, graph.loop_body(ws, link))
            printer.line((show.passes(ws, link, glyphs), "back"), f"  {path}")
            returned, ended = counts(ws, link)
            rate = posterior(ws, link)
            seen = Seen(returned, ended, rate.mean, *rate.interval()) if ended else None
            printer.line("  ", *return_words.facts(ws, link, seen, glyphs))
            if (again := rework(ws, link).observed) is not None:
                printer.line("  ", return_words.again_observed(link, again))
        if loop.figures.health:
            health = return_words.health(loop.figures, 0.0, glyphs)
            printer.line("  ", *health, *return_words.expected(loop.figures, glyphs))
        if loop.ring:
            printer.line(*forecast_words.deadlock(ws, loop.ring, glyphs))
    if found:
        printer.note(_("`tracker forecast` shows what each return costs and which to fix first."))
    else:
        printer.note(_("There are no loops; `tracker link A B --return` draws a return arrow."))


def _rate(link: Link) -> str:
    """Return how likely work comes back over an arrow, and whether anybody said so."""
    rate = percent(link.rate)
    return _("{rate} assumed").format(rate=rate) if link.rate_assumed else rate


def print_import(printer: Printer, report: Report, *, dry: bool) -> None:
    """Print what an import did, or would do, and everything it left out or guessed."""
    from tracker.exchange.importing import told

    for text, heading in told(report, dry=dry):
        printer.line(Cell(text, "strong" if heading else ""))
