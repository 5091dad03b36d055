"""How a value is shown: its glyph, its word and its role. Text from people goes through `text`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tracker import terminal_text
from tracker.domain import status
from tracker.domain.model import (
    Department,
    Link,
    Person,
    Priority,
    State,
    System,
    SystemState,
    Task,
)
from tracker.domain.typing import vocabulary
from tracker.domain.workspace import Workspace
from tracker.language import _, say, spelled
from tracker.wording.figures import day_words

Piece = tuple[str, str]  # a text that is fit for a terminal, and the name of its role


class Glyphs(NamedTuple):
    """The signs of one character set, each with one meaning of its own, and one cell wide.

    `todo` is a task that is ready to be started, `blocked` one that must wait for others.
    """

    todo: str = "○"
    blocked: str = "⊘"
    doing: str = "◐"
    waiting: str = "◷"
    recheck: str = "?"
    done: str = "✓"
    dropped: str = "✗"
    back: str = "↻"
    times: str = "×"
    alarm: str = "!"
    mark: str = "•"
    dot: str = "·"
    right: str = "→"
    more: str = "…"
    high: str = "▲"
    low: str = "▽"
    news: str = "◆"
    ascending: str = "↓"
    descending: str = "↑"
    bar: str = "█"


UNICODE = Glyphs()
ASCII = Glyphs(
    todo="o",
    blocked="b",
    doing="/",
    waiting="w",
    done="v",
    dropped="X",
    back="r",
    times="x",
    mark="&",
    dot="-",
    right="->",
    more="~",
    high="^",
    low="_",
    news="@",
    ascending="<",
    descending=">",
    bar="%",
)


def text(value: str) -> str:
    """Return text from a person as it may be on the screen."""
    return spelled(terminal_text.clean(value))


def currency(ws: Workspace) -> str:
    """Return what all amounts are in, as it may be on the screen."""
    return text(ws.preferences.currency)


def glyph(state: State, glyphs: Glyphs = UNICODE) -> str:
    """Return the sign of a state."""
    return str(getattr(glyphs, state))


def sign(ws: Workspace, task: Task, glyphs: Glyphs = UNICODE) -> str:
    """Return the sign of a task's state: tasks ready to start have another one than blocked."""
    waits = task.state == "todo" and status.blocked(ws, task)
    return glyphs.blocked if waits else glyph(task.state, glyphs)


def word(state: State) -> str:
    """Return the word of a state."""
    return say(status.state_word(state))


def state_style(ws: Workspace, task: Task) -> str:
    """Return the style of a task's state: tasks ready to start stand out."""
    return "ready" if task.state == "todo" and not status.blocked(ws, task) else task.state


def state_words(ws: Workspace, task: Task) -> str:
    """Return the most specific word for the state of a task: `blocked` rather than `todo`."""
    return state_piece(ws, task)[0]


def state_piece(ws: Workspace, task: Task) -> Piece:
    """Return the most specific word for the state of a task, in its style."""
    if task.state == "todo":
        return (_("blocked"), "todo") if status.blocked(ws, task) else (_("ready"), "ready")
    return word(task.state), task.state


def project(ws: Workspace, key: int, *, brief: bool = False) -> str:
    """Return the name of a project, or words for none; in `brief` its key where it has one."""
    found = ws.projects.get(key)
    if found is None:
        return _("(no project)")
    return text((found.key if brief else "") or found.name)


def system_word(state: SystemState) -> str:
    """Return the word of a system's state."""
    return {"up": _("up"), "degraded": _("degraded"), "down": _("down")}[state]


def priority_word(priority: Priority) -> str:
    """Return the word of a priority."""
    return say(status.priority_word(priority))


def priority_sign(priority: Priority, glyphs: Glyphs = UNICODE) -> str:
    """Return at most two signs for a priority; none for an ordinary one."""
    return {"low": glyphs.low, "medium": "", "high": glyphs.high, "critical": glyphs.high * 2}[
        priority
    ]


def due_words(task: Task, today: date) -> str:
    """Return when a task is due, in words; what is late says by how many days."""
    if task.due is None:
        return ""
    if status.late(task, today):
        from tracker.domain.calendar import days_late

        return say(days_late(task.due, today))
    return day_words(task.due, today)


def passes_counter(ws: Workspace, link: Link, glyphs: Glyphs = UNICODE) -> str:
    """Return the counter of a return arrow: `↻2/3`; without a limit `↻2`, or `↻`."""
    return vocabulary.passes_word(status.link_passes(ws, link), link.limit, glyphs.back)


def rework_count(ws: Workspace, task: Task, glyphs: Glyphs = UNICODE) -> str:
    """Return the counters of a task: of the worst of its return arrows once used, of its passes.

    The passes are those of the task; they are left out where the arrow counts as many.
    """
    used = [link for link in status.returns_into(ws, task.id) if status.link_passes(ws, link) > 1]
    worst = max(
        used, key=lambda link: status.link_passes(ws, link) - (link.limit or 99), default=None
    )
    counters = [] if worst is None else [passes_counter(ws, worst, glyphs)]
    if task.pass_number != (status.link_passes(ws, worst) if worst else 1):
        counters.append(f"{glyphs.times}{task.pass_number}")
    return " ".join(counters)


def flags(ws: Workspace, task: Task, today: date, glyphs: Glyphs = UNICODE) -> list[Piece]:
    """Return what is to be noticed about a task, the worst first."""
    found: list[Piece] = []
    if status.stuck(ws, task):
        found.append((stuck_words(status.down_systems(ws, task), glyphs), "alarm"))
    if status.late(task, today):
        found.append((f"{glyphs.alarm}{due_words(task, today)}", "alarm"))
    if status.over_limit(ws, task):
        found.append((_("over the limit"), "alarm"))
    counter = rework_count(ws, task, glyphs)
    if counter:
        found.append((counter, "back"))
    if task.milestone:
        found.append((_("milestone"), "dim"))
    return found


def stuck_words(systems: Iterable[System], glyphs: Glyphs = UNICODE) -> str:
    """Return the mark of work that is stuck because of systems."""
    names = ", ".join(text(system.name) for system in systems)
    return glyphs.alarm + _("stuck: {system}").format(system=names)


def department(ws: Workspace, key: int | None, cells: int = 0) -> str:
    """Return the name of a department, or nothing; the short one where that alone has room."""
    found: Department | None = ws.departments.get(key or 0)
    if found is None:
        return ""
    name = text(found.name)
    short = text(found.short)
    return short if short and cells and terminal_text.width(name) > cells else name


def person(ws: Workspace, key: int | None) -> str:
    """Return how a person is called on the screen, or nothing."""
    found: Person | None = ws.people.get(key or 0)
    return text(found.login or found.name) if found else ""


def full_name(ws: Workspace, key: int | None) -> str:
    """Return the name of a person for those who do not know their login, or nothing."""
    found: Person | None = ws.people.get(key or 0)
    return text(found.name or found.login) if found else ""


def owner(ws: Workspace, task: Task, glyphs: Glyphs = UNICODE) -> str:
    """Return whose a task is: its department and assignee."""
    found = (department(ws, task.department), person(ws, task.assignee))
    return f" {glyphs.dot} ".join(filter(None, found))


def name(ws: Workspace, task: int) -> str:
    """Return a task's number and title."""
    found = ws.tasks.get(task)
    return f"{task} {text(found.title)}" if found else str(task)
