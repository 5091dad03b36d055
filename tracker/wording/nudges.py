"""Messages that ask how things stand, to be sent to whoever sees to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import terminal_text
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording.figures import day_words, one_stop
from tracker.wording.today_words import listed, still_words

if TYPE_CHECKING:
    from tracker.flow.today import Day


def nudge(ws: Workspace, day: Day, task: int) -> str:
    """Return a message that asks how a task stands, and says who waits for it and since when."""
    parts = [f"{task} {terminal_text.clean(ws.tasks[task].title)}:"]
    waiting = next((each.now for each in day.free if each.task == task), ())
    late = next((each for each in day.burning if each.task == task and each.late), None)
    if waiting:
        words = ngettext(
            "{n} task waits for it ({tasks}).", "{n} tasks wait for it ({tasks}).", len(waiting)
        )
        parts.append(words.format(n=len(waiting), tasks=listed(waiting)))
    if late and (due := ws.tasks[task].due):
        parts.append(one_stop(_("It was due {day}.").format(day=day_words(due, day.today))))
    ends = next((each for each in day.expiring if each.task == task), None)
    if ends:
        text = _("It expires {day}.") if ends.days >= 0 else _("It expired {day}.")
        parts.append(one_stop(text.format(day=day_words(ends.day, day.today))))
    if waiting or late:
        parts.append(_("When can we count on it?"))
    else:
        parts.append(_("When is it renewed?") if ends else _("How is it going?"))
    return " ".join(parts)


def system_nudge(ws: Workspace, day: Day, system: int) -> str:
    """Return a message that asks when a system is back, and says what stands still for it."""
    found = ws.systems[system]
    stuck = next((each.stuck for each in day.burning if each.system == system), ())
    parts = [_("{system} is down.").format(system=terminal_text.clean(found.name))]
    if stuck:
        parts.append(f"{still_words(stuck)}.")
    parts.append(_("When is it back?"))
    return " ".join(parts)
