"""The question before work goes back: where to, why, and the effects on everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from tracker.domain import graph, status
from tracker.domain.draft import Now
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.verbs import arrows
from tracker.domain.workspace import Workspace
from tracker.language import _, say
from tracker.tui.calculating import calculating
from tracker.tui.dialogs.asking import Dialog, label, mistakes
from tracker.tui.dialogs.questions import Finder, task_row
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow, Choices, Passage
from tracker.tui.widgets.line_input import LineInput
from tracker.wording import change_words, forecast_words, show
from tracker.wording.show import Piece

_MOST_TARGETS = 100
# From so many lines on blank ones set the groups apart.
_ROOMY = 30
# Before what a target does to the date is worked out, the keys have been still for so long.
_SETTLED_SECONDS = 0.15


class SendBackAnswer(msgspec.Struct, frozen=True):
    """The arguments of `arrows.send_back` besides the gate."""

    target: int
    reason: str
    system: str | None = None
    also: tuple[int, ...] = ()


class SendBack(Dialog[SendBackAnswer]):
    """Where the work of a gate goes back to, and why; shows what that does as it is chosen."""

    DEFAULT_CSS = """
    SendBack {
        align: center top;
        & Horizontal { height: 1; }
        & .label { width: auto; min-width: 9; padding: 0 1 0 0; }
        & Horizontal > Input { width: 1fr; }
        & #targets { height: auto; min-height: 1; }
        &.-chosen #targets { scrollbar-size-vertical: 0; }
        & #effects { height: auto; }
        & #sum { height: auto; max-height: 8; }
    }
    """

    WIDE = 100
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "point(1)", show=False),
        Binding("up,ctrl+p", "point(-1)", show=False),
    ]

    def __init__(self, ws: Workspace, gate: int, today: date) -> None:
        keys = _("Enter next step · Tab next field · space tick · Esc cancel")
        title = _("Send back from {task}").format(task=show.name(ws, gate))
        super().__init__(title, keys, about=("send_back", gate))
        self._ws, self._gate, self._today = ws, gate, today
        self._near = list(status.nearest_targets(ws, gate))
        self._near_finder = Finder(ws, self._near)
        self._far_finder: Finder | None = None
        self._target: int | None = None
        self._plan: arrows.SendBackPreview | None = None
        self._problem: TrackerError | None = None
        # What it does to the date, once that is worked out, and the wait for the keys to be still.
        self._dates = ""
        self._wait: Timer | None = None

    def body(self) -> ComposeResult:
        """The three fields, the targets, the effects, and what they come to."""
        kept = self.brought_back()
        rows = self._found(kept.get("to", ""))
        self._choose(rows[0].key)
        systems = [system.name for system in self._ws.systems.values()]
        with Horizontal():
            yield label(_("To"))
            yield LineInput(
                kept.get("to", ""), id="to", placeholder=_("number or words of the title")
            )
        yield Choices(rows, id="targets", can_focus=False)
        with Horizontal():
            yield label(_("Why"))
            yield LineInput(kept.get("why", ""), id="why")
        with Horizontal():
            yield label(_("System"))
            yield LineInput(
                kept.get("system", ""),
                id="system",
                placeholder=_("which caused it, if one did"),
                suggester=SuggestFromList(systems, case_sensitive=False),
            )
        yield Choices(self._effects(), id="effects")
        yield Passage(self._summed_up(), id="sum")

    def typed(self) -> Mapping[str, str]:
        """Return what stands in the three fields."""
        return {box.id or "": box.value for box in self.query(LineInput) if box.value.strip()}

    # The target

    @on(Input.Changed, "#to")
    def _typed(self, event: Input.Changed) -> None:
        rows = self._found(event.value)
        self.query_one("#targets", Choices).put(rows, at=rows[0].key)
        self._share()

    def _found(self, typed: str) -> list[ChoiceRow]:
        """Return the targets for what has been typed, never no row at all."""
        hits = self._near_finder.hits(typed)
        if typed.strip() and len(hits) < _MOST_TARGETS:
            hits = Finder.named(typed, hits + self._far.hits(typed))
        rows = [self._target_row(task) for task in hits[:_MOST_TARGETS]]
        return rows or [ChoiceRow(None, (("  " + _("No matching task; type another."), "dim"),))]

    @property
    def _far(self) -> Finder:
        """Finds what is neither before nor behind the gate: plans do not know every way back."""
        if self._far_finder is None:
            behind = graph.downstream(self._ws, self._gate)
            left_out = behind | set(self._near) | {self._gate}
            tasks = self._ws.tasks.values()
            self._far_finder = Finder(
                self._ws, [t.id for t in tasks if t.id not in left_out and t.state != "dropped"]
            )
        return self._far_finder

    def _target_row(self, task: int) -> ChoiceRow:
        row = task_row(self._ws, task, self.glyphs)
        link = graph.arrow(self._ws, "returns", self._gate, task)
        if link is None:
            return row
        counter = (f"  {show.passes_counter(self._ws, link, self.glyphs)}", "back")
        return msgspec.structs.replace(row, right=(*row.right, counter))

    @on(Choices.Pointed, "#targets")
    def _pointed(self, event: Choices.Pointed) -> None:
        if event.key != self._target:
            self._choose(event.key)
            self.query_one("#effects", Choices).put(self._effects(), at=self._target)
            self._sum_up()
            self._foresee_soon()

    def _choose(self, target: int | None) -> None:
        self._target = target
        self._plan = self._problem = None
        self._dates = ""
        if self._target is not None:
            try:
                self._plan = arrows.preview_send_back(
                    self._ws, gate=self._gate, target=self._target
                )
            except Refused as error:
                self._problem = error

    # What it does

    def _effects(self) -> list[ChoiceRow]:
        """Return every task that changes, under what happens to it."""
        plan = self._plan
        if plan is None:
            return []
        rows: list[ChoiceRow] = []
        for name, tasks in change_words.effects(plan):
            rows += [*self._gap, _heading(name)]
            notes = dict(tasks)
            inside = notes if plan.target in notes else self._by_owner(tuple(notes))
            rows += [self._effect(task, notes[task]) for task in inside]
        also = change_words.also_built_on(plan)
        if also.tasks:
            hint = _("space ticks tasks to recheck")
            rows += [*self._gap, _heading(f"{also.name}: {hint}")]
            left = self._by_owner(tuple(task for task, _note in also.tasks))
            rows += [task_row(self._ws, task, self.glyphs, tick=False) for task in left]
        return rows

    @property
    def _gap(self) -> list[ChoiceRow]:
        """What sets a group apart, where there is room for that."""
        return [ChoiceRow(None, ())] if self.app.size.height >= _ROOMY else []

    def _effect(self, task: int, note: str = "") -> ChoiceRow:
        row = task_row(self._ws, task, self.glyphs)
        if not note:
            return row
        return msgspec.structs.replace(row, right=((f"{note}  ", "back"), *row.right))

    def _by_owner(self, tasks: tuple[int, ...]) -> list[int]:
        """Return tasks by department, in the order of the lanes, then by assignee."""

        def owner(task: int) -> tuple[int, int, int]:
            found = self._ws.tasks[task]
            department = self._ws.departments.get(found.department or 0)
            return (department.order if department else 1_000_000, found.assignee or 0, task)

        return sorted(tasks, key=owner)

    def on_mount(self) -> None:
        """Work out what the first target does to the date."""
        self._foresee_soon()

    def _foresee_soon(self) -> None:
        """Work out what it does to the date, once the keys have been still for a moment."""
        if self._wait is not None:
            self._wait.stop()
        self._wait = self.set_timer(_SETTLED_SECONDS, self._foresee_now)

    def _foresee_now(self) -> None:
        if self._plan is not None:
            self._foresee(self._plan)

    @work(thread=True, exclusive=True)
    @calculating
    def _foresee(self, plan: arrows.SendBackPreview) -> None:
        from tracker.flow.forecast.inquiry import differences
        from tracker.flow.forecast.portfolio import project_of

        worker = get_current_worker()
        today = self._today
        now = Now(datetime(today.year, today.month, today.day, tzinfo=UTC), today, "")
        try:
            change = arrows.send_back(self._ws, now, gate=plan.gate, target=plan.target, reason="–")
            after, project = self._ws.apply(change), project_of(self._ws.tasks[self._gate])
            # What is assumed elsewhere on the screen is assumed here.
            assumed: dict[str, Any] = {
                name: getattr(self.app, name)
                for name in ("rates", "capacity", "back_up")
                if hasattr(self.app, name)
            }
            assumed["stopped"] = lambda: worker.is_cancelled
            for found in differences(self._ws, after, today, project, **assumed):
                if worker.is_cancelled:
                    return
                moved = forecast_words.moved_words(found, self._today, self.glyphs)
                self.app.call_from_thread(self._foreseen, plan, moved)
        except TrackerError as error:
            self.app.call_from_thread(self._foreseen, plan, say(error))

    def _foreseen(self, plan: arrows.SendBackPreview, told: str) -> None:
        if plan is self._plan and self.is_attached:
            self._dates = told
            self._sum_up()

    def refit(self) -> None:
        """Break the lines anew for another width."""
        self._sum_up()

    def _share(self) -> None:
        """Share the height among targets and effects: each what it needs, or else its part.

        The upper edge stays where it is, so that the box does not jump as another target is
        pointed at.
        """
        height = self.app.size.height
        targets, effects = (self.query_one(name, Choices) for name in ("#targets", "#effects"))
        above = min(4, max(0, (height - 30) // 2))
        # The edges of the box, the three lines, and what it comes to.
        room = height - above - 5 - len(self.query_one("#sum", Passage).lines)
        most = 1 if self.has_class("-chosen") else max(3, min(12, room // 2))
        shown = min(len(targets.items), most)
        targets.styles.max_height = shown
        effects.styles.max_height = max(2, min(room - shown, len(effects.items) or 1))
        self.query_one("#box").styles.margin = (above, 0, 0, 0)

    def _sum_up(self) -> None:
        self.query_one("#sum", Passage).put(self._summed_up())
        self._share()

    def _summed_up(self) -> list[Line]:
        cells = self.room
        # Set apart from the tasks, since the decision hangs on it.
        lines: list[Line] = [()] if self._plan and self.app.size.height >= _ROOMY else []
        for pieces in self._sums():
            lines += wrap_pieces(pieces, cells, indent=2)
        if self._problem is not None:
            lines += mistakes([self._problem], cells)
        return lines

    def _sums(self) -> Iterator[tuple[Piece, ...]]:
        """Yield what it comes to: passes against the limit, and the work done again."""
        plan = self._plan
        if plan is None:
            return
        told, look = change_words.sums(plan, self.glyphs)
        yield ((told, "figure" if look == "strong" else look),)
        # The place is kept, so that the box does not jump when it comes.
        dates = show.text(self._dates) or _("P80 {day}").format(day=self.glyphs.more)
        yield ((dates, "figure"),)
        for doubt in change_words.doubts(self._ws, plan, self.glyphs):
            yield (doubt,)

    # The answer

    def action_point(self, by: int) -> None:
        """Move among the targets, or between the fields."""
        if self._focused_id == "to":
            self.query_one("#targets", Choices).step(by)
        elif by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @property
    def _focused_id(self) -> str:
        return (self.focused.id or "") if self.focused else ""

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        """Show one target when the choice is made: the room is for what it does."""
        self.set_class(self._focused_id != "to", "-chosen")
        self._share()

    @on(Input.Submitted, "#to")
    def _target_taken(self) -> None:
        if self._plan is None:
            self.app.bell()
        else:
            self.query_one("#why", Input).focus()

    @on(Input.Submitted, "#why")
    @on(Input.Submitted, "#system")
    @on(Choices.Taken, "#effects")
    async def _submitted(self) -> None:
        why = self.query_one("#why", Input)
        if self._plan is None or self._target is None:
            self.query_one("#to", Input).focus()
        elif not why.value.strip():
            self._problem = Refused("Give the reason why the work goes back; others will read it.")
            self._sum_up()
            why.focus()
        else:
            answer = SendBackAnswer(
                target=self._target,
                reason=why.value.strip(),
                system=self.query_one("#system", Input).value.strip() or None,
                also=self.query_one("#effects", Choices).ticked,
            )
            self._problem = await self.take(answer)
            if self._problem is None:
                return
            self._sum_up()
        self.app.bell()

    @on(Input.Changed, "#why")
    def _explained(self) -> None:
        if self._problem is not None and self._plan is not None:
            self._problem = None
            self._sum_up()


def _heading(text: str) -> ChoiceRow:
    return ChoiceRow(None, ((show.text(text), "heading"),))
