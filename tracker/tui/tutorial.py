"""The tutorial of the demo project: what to try next, and how it is noticed that one has."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual.screen import Screen

from tracker.domain.workspace import Workspace
from tracker.language import N_, _
from tracker.tui import keys
from tracker.tui.dialogs.help import HelpScreen
from tracker.tui.task.screen import DetailScreen
from tracker.tui.view.view import View
from tracker.wording.show import Piece


class Sight(NamedTuple):
    """What can be noticed: the view in front, its task, whether it is searched, and the plan."""

    view: str
    task: int | None
    searched: bool
    plan: Workspace

    @property
    def passes(self) -> int:
        """How many times work has been begun, in all."""
        return sum(len(task.passes) for task in self.plan.tasks.values())


class Exercise(NamedTuple):
    """What to try, and whether one has, by what was seen before and is now."""

    says: str
    done: Callable[[Sight, Sight], bool]


STEPS = (
    Exercise(
        N_("This is what burns today. Go to a row with {key:down} and open it with {key:open}."),
        # A system opens the tasks that stand still for it.
        lambda was, now: now.view == "task" or now.view == "tasks" != was.view,
    ),
    Exercise(
        N_("All about one task: who has it, what it needs, its history. {key:back} goes back."),
        lambda was, now: now.view not in (was.view, ""),
    ),
    Exercise(
        N_("{key:board} shows the board: a lane for each department, and who waits for whom."),
        lambda _was, now: now.view == "board",
    ),
    Exercise(
        N_("{key:follow} follows an arrow to what needs this task, {key:follow_back} goes back."),
        lambda was, now: now.view == "board" and now.task != was.task,
    ),
    Exercise(
        N_("The interface test fails. Type 20 and Enter, then {key:send_back}: where to, and why."),
        lambda was, now: now.passes > was.passes,
    ),
    Exercise(
        N_("The work is open again, and counted. {key:undo} undoes that, even days later."),
        lambda was, now: now.passes < was.passes,
    ),
    Exercise(
        N_("{key:add} adds a task in one line; try: Load test ~1/2/4d due:fr after:20"),
        lambda was, now: len(now.plan.tasks) > len(was.plan.tasks),
    ),
    Exercise(
        N_("{key:find} finds words, or a filter; try: state:late"),
        lambda _was, now: now.searched,
    ),
    Exercise(
        N_("{key:loops} shows by when it is over, and which return costs most."),
        lambda _was, now: now.view == "loops",
    ),
    Exercise(
        N_("{key:help} lists all keys; you know enough to begin with your own plan."),
        lambda _was, now: now.view == "help",
    ),
)


class Tutorial:
    """One person's way through the steps; it changes nothing, and ends behind the last."""

    def __init__(self, screen: Screen[object], plan: Workspace) -> None:
        self._at, self._was = 0, _seen(screen, plan)

    def look(self, screen: Screen[object], plan: Workspace) -> None:
        """Notice what has been done, and go on to the next step."""
        now = _seen(screen, plan)
        while not self.over and STEPS[self._at].done(self._was, now):
            self._at, self._was = self._at + 1, now

    @property
    def over(self) -> bool:
        """Whether all has been tried."""
        return self._at >= len(STEPS)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What to try next; nothing once it is over."""
        if self.over:
            return ()
        return (
            (f"{self._at + 1}/{len(STEPS)} ", "heading"),
            (keys.named(_(STEPS[self._at].says)), "strong"),
            (keys.named(_("  {key:command}tutorial ends this")), "dim"),
        )


def _seen(screen: Screen[object], plan: Workspace) -> Sight:
    if isinstance(screen, HelpScreen):
        return Sight("help", None, False, plan)
    # A view that has just come to the front has no cursor for a moment.
    if not isinstance(screen, View) or not screen.is_mounted:
        return Sight("", None, False, plan)
    view = "task" if isinstance(screen, DetailScreen) else screen.VIEW
    return Sight(view, screen.focused_task, screen.search.found is not None, plan)
