"""The baselines: to be looked at, compared, drawn, taken, renamed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker import terminal_text
from tracker.domain.calendar import day_of
from tracker.domain.errors import BadInput, TrackerError
from tracker.domain.model import Baseline
from tracker.domain.scope import Scope
from tracker.domain.verbs.baselines import called
from tracker.domain.workspace import Workspace
from tracker.flow.baseline import Chances
from tracker.language import _, ngettext
from tracker.tui.dialogs.asking import AskLine, Dialog, Preview
from tracker.tui.text.fitting import Line
from tracker.tui.widgets.choices import ChoiceRow, Choices
from tracker.wording import baseline_words, show
from tracker.wording.figures import day_words
from tracker.wording.show import Piece

What = Literal["show", "compare", "draw", "take", "rename", "delete", "replan"]
# The cells that names may take.
_WIDEST_NAME = 24


class BaselineAnswer(NamedTuple):
    """What is to be done with which baselines; with none where one is to be taken."""

    what: What
    baselines: tuple[int, ...] = ()


class BaselineList(Dialog[BaselineAnswer]):
    """All baselines in scope, the newest first; the one that is drawn has a sign."""

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", show=False),
        Binding("a", "take", show=False),
        Binding("s", "answer('draw')", show=False),
        Binding("e", "answer('rename')", show=False),
        Binding("x", "answer('delete')", show=False),
        Binding("r", "replan", show=False),
    ]

    DEFAULT_CSS = """
    BaselineList Choices { max-height: 18; }
    """

    def __init__(self, ws: Workspace, scope: Scope, drawn: Baseline | None, today: date) -> None:
        keys = _(
            "Enter drift · space compare · a take · s draw · e rename · x delete · r replan"
            " · Esc close"
        )
        super().__init__(_("Baselines"), keys)
        self._ws, self._scope, self._drawn, self._today = ws, scope, drawn, today

    def body(self) -> ComposeResult:
        """The list."""
        rows = self._rows()
        choices = Choices(rows)
        choices.put(rows, at=self._drawn.id if self._drawn else rows[0].key)
        yield choices

    def _rows(self) -> list[ChoiceRow]:
        found = [
            each
            for each in self._ws.baselines.values()
            if baseline_words.concerns(each, self._scope)
        ]
        found.sort(key=lambda each: (each.taken, each.id), reverse=True)
        names = {each.id: show.text(each.name) for each in found}
        wide = min(max(map(terminal_text.width, names.values()), default=0), _WIDEST_NAME)
        rows = [self._row(each, terminal_text.fit(names[each.id], wide)) for each in found]
        nothing = _("There is no baseline yet; a takes one.")
        return rows or [ChoiceRow(None, ((nothing, "dim"),))]

    def _row(self, each: Baseline, name: str) -> ChoiceRow:
        drawn = self._drawn is not None and each.id == self._drawn.id
        day = day_words(day_of(each.taken), self._today)
        sign = self.glyphs.news if drawn else " "
        told = _("{day}, {who}").format(day=day, who=show.text(each.by)) if each.by else day
        left: Line = (
            (f"{sign} ", "key"),
            (f"{name}  ", "strong" if drawn else "plain"),
            (told, "plain"),
            (f"  {show.text(baseline_words.reason(each))}", "dim"),
        )
        return ChoiceRow(each.id, left, ((self._p80(each), "dim"),), tick=False)

    def _p80(self, each: Baseline) -> str:
        """Return the latest P80 that was forecast, and of which project where there are several."""
        p80s = [(row.p80, row.project) for row in each.finishes if row.p80]
        if not p80s:
            return ""
        last, project = max(p80s)
        words = _("P80 {day}").format(day=day_words(last, self._today))
        if len(each.finishes) == 1 or project not in self._ws.projects:
            return words
        return f"{show.project(self._ws, project, brief=True)} {words}"

    @on(Choices.Taken)
    def _taken(self) -> None:
        ticked = self.query_one(Choices).ticked
        if len(ticked) > 2:
            self.app.bell()
        elif len(ticked) == 2:
            self.dismiss(BaselineAnswer("compare", ticked))
        else:
            self.action_answer("show")

    def action_answer(self, what: What) -> None:
        """Have something done with the baseline under the cursor."""
        key = self.query_one(Choices).key
        if isinstance(key, int):
            self.dismiss(BaselineAnswer(what, (key,)))
        else:
            self.app.bell()

    def action_take(self) -> None:
        """Take another baseline."""
        self.dismiss(BaselineAnswer("take"))

    def action_replan(self) -> None:
        """Set late due dates anew."""
        self.dismiss(BaselineAnswer("replan"))


def baseline_line(
    ws: Workspace,
    scope: Scope,
    chances: Mapping[int, Chances],
    today: date,
    value: str,
    *,
    capacity: bool = False,
) -> AskLine:
    """Ask for the name of a new baseline and why it is taken; the answer is these two.

    `chances` are the forecasts that are kept with it, as far as they are known.
    """
    tasks = sum(task.state != "dropped" for task in Scope(scope.projects).tasks(ws).values())

    def check(text: str) -> Preview:
        name, reason = _parted(text)
        if not name:
            raise BadInput("Enter a name for the baseline.")
        problems: tuple[TrackerError, ...] = ()
        if (old := called(ws, name)) is not None:
            told = "There is already a baseline {name}; choose another name."
            problems = (BadInput(told, name=old.name),)
        return Preview((name, reason), tuple(_told(name, reason)), problems=problems)

    def _told(name: str, reason: str) -> list[Line]:
        text = ngettext("{n} task", "{n} tasks", tasks).format(n=tasks)
        names = ", ".join(show.project(ws, key) for key in scope.projects)
        what = _("{what} of {projects}").format(what=text, projects=names) if names else text
        pieces: list[Piece] = [(_("Name: "), "dim"), (show.text(name), "strong")]
        pieces += [("  " + _("Reason: "), "dim"), (show.text(reason) or "–", "plain")]
        lines: list[Line] = [tuple(pieces), ((what, "strong"),)]
        for key, each in chances.items():
            if not scope.projects or key in scope.projects:
                words = _("{project}: P80 {day}")
                day = day_words(each.p80, today)
                lines.append(((words.format(project=show.project(ws, key), day=day), "plain"),))
        if not chances:
            lines.append(((_("P80 is not known yet: it is taken without."), "warn"),))
        if capacity:
            lines.append(((_("The plan is the one with limited capacity."), "dim"),))
        return lines

    return AskLine(
        _("Take a baseline"),
        _("name: reason, such as: Plan 2: after the steering committee"),
        value=value,
        check=check,
    )


def rename_line(ws: Workspace, baseline: Baseline) -> AskLine:
    """Ask for another name of a baseline."""

    def check(text: str) -> Preview:
        name = " ".join(text.split())
        other = called(ws, name)
        if not name:
            raise BadInput("Enter a name for the baseline.")
        if other is not None and other.id != baseline.id:
            raise BadInput("There is already a baseline {name}; choose another name.", name=name)
        return Preview(name)

    title = _("Rename {name}").format(name=show.text(baseline.name))
    return AskLine(
        title,
        _("the new name"),
        value=baseline.name,
        check=check,
        replace=True,
        about=("baseline", baseline.id),
    )


def _parted(text: str) -> tuple[str, str]:
    """Return the name and the reason in a line."""
    name, _sign, reason = text.partition(":")
    return " ".join(name.split()), " ".join(reason.split())
