"""What people read: tables of tasks and history, a page about a task, what a change does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from tracker import terminal_text
from tracker.cli.json_output import Loop, TaskGroups
from tracker.cli.printer import Printer, TableColumn, terminal_width
from tracker.domain import graph, status
from tracker.domain.change import Record
from tracker.domain.model import System, Task
from tracker.domain.verbs.arrows import SendBackPreview
from tracker.domain.verbs.commands import find, path_name
from tracker.domain.workspace import Workspace
from tracker.language import _, say
from tracker.wording import change_words, edit_words, forecast_words, return_words, show, task_page
from tracker.wording.field_texts import label
from tracker.wording.figures import day_words, moment, number, percent
from tracker.wording.return_words import Seen
from tracker.wording.show import Piece
from tracker.wording.task_page import Part, Told

if TYPE_CHECKING:
    from tracker.exchange.outcome import Report
    from tracker.flow.forecast.forecast import TaskEnd
    from tracker.flow.today import Day
    from tracker.wording.today_words import Section


def print_tasks(
    printer: Printer,
    ws: Workspace,
    groups: TaskGroups,
    today: date,
    ends: Mapping[int, TaskEnd] | None = None,
    slack: Mapping[int, float] | None = None,
) -> None:
    """Print a table of tasks, with their dates to come and slack where these were asked for.

    TaskGroups with a name have it above them; for a pipe it is in front of each line.
    """
    columns = [
        TableColumn(_("ID")),
        TableColumn(_("State")),
        TableColumn(_("Prio"), 4),
        TableColumn(_("Due"), 2),
        TableColumn(_("Department"), 3),
        TableColumn(_("Assignee"), 5),
        TableColumn(_("Remarks"), 1),
        TableColumn(_("Title")),
    ]
    rows = [(task, _row(printer, ws, task, today)) for _name, tasks in groups for task in tasks]
    if slack is not None:
        columns[4:4] = [TableColumn(_("Slack"))]
        for task, row in rows:
            days = slack.get(task.id) if task.open else None
            row[4:4] = ["" if days is None else number(days, 1)]
    if ends is not None:
        columns[4:4] = [TableColumn("P80"), TableColumn(_("Due met"))]
        for task, row in rows:
            row[4:4] = _end_cells(printer, ends.get(task.id), today)
    heads: dict[int, str] = {}
    at = 0
    for name, tasks in groups:
        if name is not None and printer.terminal:
            heads[at] = f"{name} ({len(tasks)})"
        elif name is not None:
            for _task, row in rows[at : at + len(tasks)]:
                row.insert(0, name)
        at += len(tasks)
    if groups[0][0] is not None and not printer.terminal:
        columns.insert(0, TableColumn(_("Group")))
    printer.table(columns, [row for _task, row in rows], groups=heads)


def _end_cells(printer: Printer, end: TaskEnd | None, today: date) -> tuple[str, str | Piece]:
    """Return the day of P80 and the chance of the day it is due."""
    if end is None:
        return "", ""
    day = day_words(end.day, today) if printer.terminal else end.day.isoformat()
    if end.due_chance is None:
        return day, ""
    return day, (percent(end.due_chance), "alarm" if end.due_chance < 0.5 else "")


def _row(printer: Printer, ws: Workspace, task: Task, today: date) -> list[str | Piece]:
    flags = show.flags(ws, task, today, printer.glyphs)
    burns = any(role == "alarm" for _text, role in flags)
    lane = ws.departments.get(task.department or 0)
    due = ""
    if task.due is not None:
        # What reads lines from a pipe reads dates by their numbers.
        due = day_words(task.due, today) if printer.terminal else task.due.isoformat()
    return [
        str(task.id),
        show.state_piece(ws, task),
        show.priority_word(task.priority) if task.priority != "medium" else "",
        (
            due,
            "alarm" if status.late(task, today) else "",
        ),
        (lane.short or lane.name) if lane else "",
        show.person(ws, task.assignee),
        (", ".join(text for text, _role in flags), "alarm" if burns else ""),
        (task.title, "" if task.open else "dim"),
    ]


def print_task(
    printer: Printer,
    ws: Workspace,
    task: Task,
    today: date,
    history: Sequence[Record],
    end: TaskEnd | None = None,
) -> None:
    """Print a page about a task; `end` is by when it is over, where that was asked for."""
    glyphs = printer.glyphs
    printer.line((show.name(ws, task.id), "title"))
    printer.line(*task_page.standing(ws, task, today, glyphs))
    fields = list(task_page.fields(ws, task, today))
    if end is not None:
        fields.append(forecast_words.task_end_field(end, today))
    widest = max((terminal_text.width(name) for name, _value in fields), default=0)
    if fields:
        printer.line("")
    for name, value in fields:
        printer.line((terminal_text.fit(name, widest), "dim"), f"  {value}")
    notes = [Told([(line, "plain")]) for line in task.notes.splitlines()]
    for part in (
        *task_page.arrows(ws, task, glyphs),
        task_page.checklist(task),
        Part(label("notes"), notes),
        task_page.passes_part(ws, task, today, glyphs, task.passes),
        task_page.history(ws, task, history),
    ):
        if part.lines:
            printer.line("")
            printer.line((part.name, "strong"))
        for told in part.lines:
            right = (piece for text, role in told.right for piece in ("  ", (text, role)))
            printer.line("  ", *told.left, *right)


def print_day(
    printer: Printer,
    ws: Workspace,
    day: Day,
    gains: Mapping[int, float],
    ends: Mapping[int, TaskEnd] | None,
) -> None:
    """Print what a day asks of one, under headings."""
    from tracker.wording import today_words

    found = today_words.sections(ws, day, printer.glyphs, gains, ends)
    print_sections(printer, found, today_words.nothing(ws))


def print_sections(printer: Printer, found: Sequence[Section], nothing: str) -> None:
    """Print rows under headings; what is said where there are none."""
    from tracker.wording import today_words

    if not found:
        printer.line(nothing)
    for pieces in today_words.page(found, terminal_width(), printer.glyphs):
        printer.line(*pieces)


def print_log(printer: Printer, ws: Workspace, records: Iterable[Record]) -> None:
    """Print lines of history, each with what it changed."""

    def what(record: Record) -> str:
        fields = edit_words.edits(ws, record)
        return " · ".join(filter(None, (say(record.change.label), fields)))

    columns = (
        TableColumn(_("No.")),
        TableColumn(_("When")),
        TableColumn(_("Who")),
        TableColumn(_("What")),
    )
    rows = [(str(record.seq), moment(record.at), record.who, what(record)) for record in records]
    printer.table(columns, rows)


def print_send_back(
    printer: Printer, ws: Workspace, plan: SendBackPreview, also: Sequence[int]
) -> None:
    """Print what a send-back does, or would do, to whom."""
    for name, tasks in change_words.effects(plan, also):
        printer.line((name, "strong"))
        for task, note in tasks:
            printer.line(f"  {_with_owner(ws, task)}", (f"  {note}" if note else "", "back"))
    name, left = change_words.also_built_on(plan, also)
    if left:
        numbers = ",".join(str(task) for task, _note in left)
        hint = _("add --also {tasks} to recheck them as well").format(tasks=numbers)
        printer.line((name, "strong"), f": {hint}")
        for task, _note in left:
            printer.line(f"  {_with_owner(ws, task)}")
    printer.line(change_words.sums(plan, printer.glyphs))
    for piece in change_words.doubts(ws, plan, printer.glyphs):
        printer.line(piece)


def _with_owner(ws: Workspace, task: int) -> str:
    """Return number and title of a task, with its department and assignee."""
    owner = show.owner(ws, ws.tasks[task])
    return f"{show.name(ws, task)}  ({owner})" if owner else show.name(ws, task)


def print_affected(printer: Printer, ws: Workspace, name: str) -> None:
    """Print the open tasks that touch a system."""
    for task in status.affected_by(ws, find(ws, System, name)):
        printer.line(f"  {_with_owner(ws, task)}")


def print_loops(printer: Printer, ws: Workspace, found: Sequence[Loop]) -> None:
    """Print loops, each by the paths of its returns and its figures, and the deadlocks."""
    from tracker.flow.forecast.calibration import counts, posterior, rework

    glyphs = printer.glyphs
    for loop in found:
        for link in loop.returns:
            path = path_name(ws, graph.loop_body(ws, link))
            printer.line((show.passes_counter(ws, link, glyphs), "back"), f"  {path}")
            returned, ended = counts(ws, link)
            rate = posterior(ws, link)
            seen = Seen(returned, ended, rate.mean, *rate.interval()) if ended else None
            printer.line("  ", *return_words.facts(ws, link, seen, glyphs))
            if (again := rework(ws, link).observed) is not None:
                printer.line("  ", return_words.again_observed(link, again))
        if loop.figures.health:
            health = return_words.health_words(loop.figures, glyphs)
            printer.line("  ", *health, *return_words.expected(loop.figures, glyphs))
        if loop.ring:
            printer.line(*forecast_words.deadlock(ws, loop.ring, glyphs))
    if found:
        printer.note(_("`tracker forecast` shows the cost of each return and which to fix first."))
    else:
        printer.note(_("There are no loops; `tracker link A B --return` draws a return arrow."))


def print_import(printer: Printer, report: Report, *, dry: bool) -> None:
    """Print what an import did, or would do, and everything it left out or guessed."""
    from tracker.exchange.outcome import report_lines

    for text, heading in report_lines(report, dry=dry):
        printer.paragraph(text, "strong" if heading else "")
