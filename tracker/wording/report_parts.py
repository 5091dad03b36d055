"""What the parts of a report are made of: sentences and tables, and names in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.wording import show
from tracker.wording.figures import number, printed_day
from tracker.wording.show import Piece

if TYPE_CHECKING:
    from tracker.flow.forecast.forecast import Forecast
    from tracker.flow.status_report import StatusReport

# So many rows of a table are shown.
MOST_ROWS = 12


class ReportTable(NamedTuple):
    """A table: its heading, those of its columns, and rows of cells, the figures to the `right`.

    `more` says how many rows there are beyond those.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Piece]]
    right: frozenset[int] = frozenset()
    more: str = ""


class ReportSection(NamedTuple):
    """A section: what links call it, its title, what it says, and what it lists.

    Where a picture can be drawn it belongs to the section, with the words of `picture`.
    """

    key: str
    title: str
    told: Sequence[Piece] = ()
    grids: Sequence[ReportTable] = ()
    picture: str = ""


def grid(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Piece]],
    *,
    right: Sequence[int] = (),
    most: int = MOST_ROWS,
) -> list[ReportTable]:
    """Return a table of its first rows, or nothing where there are none."""
    if not rows:
        return []
    return [ReportTable(title, heads, rows[:most], frozenset(right), and_more(len(rows) - most))]


def and_more(count: int) -> str:
    """Return that there are so many more, if there are."""
    return (
        ngettext("and {n} more", "and {n} more", count).format(n=number(count)) if count > 0 else ""
    )


def project_name(ws: Workspace, key: int) -> str:
    """Return the name of a project, or what tasks without one are called."""
    return show.project(ws, key) if key else _("Tasks without a project")


def owner(ws: Workspace, task: Task) -> str:
    """Return whose a task is, in full: the person and their department, as far as known."""
    found = (show.full_name(ws, task.assignee), show.department(ws, task.department))
    return ", ".join(filter(None, found)) or "–"


def chance_role(share: float) -> str:
    """Return the role of a share of the runs in which something is kept."""
    return "plain" if share >= 0.8 else "warn" if share >= 0.5 else "alarm"


def chance_words(found: Forecast, share: float) -> str:
    """Return in how many of 100 simulated runs something is kept; of few runs, in how many."""
    of = min(found.runs, 100)
    kept = round(share * of)
    if 0 < share < 1:
        # Neither none nor all of them where it was neither.
        kept = min(max(kept, 1), of - 1)
    return _("met in {n} of {all} simulated runs").format(n=kept, all=of)


class InWords:
    """A report as it is being put into words."""

    def __init__(self, found: StatusReport) -> None:
        self.found, self.ws, self.today = found, found.workspace, found.now.today

    def day(self, day: date | None) -> str:
        """Return a day as it is read later, or a dash."""
        return printed_day(day, self.today) if day else "–"

    def task(self, key: int) -> Piece:
        """Return a task by number and title."""
        return show.name(self.ws, key), "plain"

    def owner(self, key: int) -> Piece:
        """Return whose a task is."""
        return owner(self.ws, self.ws.tasks[key]), "dim"

    def moved(self, before: date | None, after: date | None) -> str:
        """Return from which day to which something has moved."""
        if before == after or after is None:
            return self.day(before)
        return f"{self.day(before)} → {self.day(after)}"


def plain(*texts: str) -> list[Piece]:
    """Return texts in the ordinary role."""
    return [(text, "plain") for text in texts]
