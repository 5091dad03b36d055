"""When it will be over, which returns cost most, and what it would be like without them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from textual import events, work
from textual.geometry import Size
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import get_current_worker

from tracker.domain import graph
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.model import Link, Settings, Spread, Task
from tracker.domain.typing.field_values import read_return_options, return_options_text
from tracker.domain.verbs import arrows, commands, upkeep
from tracker.domain.verbs.what_if import WhatIf
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.finish import Finish
from tracker.flow.forecast.inquiry import Difference, RatesUsed, differences
from tracker.flow.forecast.loop_health import Health, health
from tracker.language import N_, _, ngettext, say
from tracker.tui import keys
from tracker.tui.calculating import calculating
from tracker.tui.host import insisting
from tracker.tui.loops import outlook as told
from tracker.tui.loops.return_rows import Returns
from tracker.tui.loops.what_if_words import options_words, tried_notes, tried_words
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.view.frame import StatusLine
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.choices import Passage
from tracker.tui.widgets.rows import Heading, Rows
from tracker.wording.forecast_words import ForecastWords
from tracker.wording.show import Piece

# A key that is held down is not followed by a simulation each time it repeats.
_SETTLED_SECONDS = 0.05
# The least lines for the details of an arrow, and for the arrows with their heading.
_TOLD, _ARROWS = 3, 4
# From this many lines on the parts are set apart.
_ROOMY = 28
# No rate is raised beyond this by steps.
_MOST_RATE = 0.95


class LoopsScreen(Listing):
    """The forecast through all loops, the return arrows by what they cost, and what-if."""

    BINDINGS = keys.bindings("loops")
    VIEW = "loops"
    KEYS_OF = ("work", "loops")
    NOTHING = N_("No return arrow starts or ends at a task matching {text}.")

    DEFAULT_CSS = """
    LoopsScreen {
        & #outlook { scrollbar-size-vertical: 0; }
        & Rows { height: auto; }
        & #told { height: 1fr; }
        &.-none Heading, &.-none Rows { display: none; }
        &.-roomy Heading, &.-roomy #told { margin-top: 1; }
    }
    """

    # A plan is forecast, however large, while this view is there.
    FORESEES = True

    returns: Returns

    def __init__(self) -> None:
        super().__init__()
        self._what_if = WhatIf()
        self._difference: Difference | None = None
        self._problem = ""
        self._health: dict[int, Health] = {}
        self._waiting: dict[str, Timer] = {}
        self._shown_project = 0
        self._looked_at = False
        self._laid_out_for = Size(0, 0)

    # What is shown

    def compose_view(self) -> Iterable[Widget]:
        """Make the forecast, the arrows, and the details of one."""
        self.returns = self._read()
        yield Passage(id="outlook")
        yield Heading(lambda cells: self.returns.heading(cells))
        yield Rows(lambda row, cells: self.returns.row(row, cells))
        yield Passage(id="told")

    def on_screen_resume(self) -> None:
        """Have everything worked out as soon as this view is wanted."""
        self.host.foresee()

    def on_resize(self) -> None:
        """Lay out anew."""
        if self.size != self._laid_out_for:
            self.show_all()

    @property
    def link(self) -> Link | None:
        """The arrow under the cursor."""
        return self.workspace.links.get(self.rows.row or 0)

    @property
    def pointed(self) -> object:
        """The arrow of the row under the cursor."""
        return self.rows.row and ("links", self.rows.row)

    @property
    def focused_task(self) -> int | None:
        """The gate of the arrow under the cursor."""
        return self.link.source if self.link else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The gates and targets of the arrows."""
        return dict.fromkeys(end for link in self._links for end in (link.source, link.target))

    @property
    def _links(self) -> list[Link]:
        found = (self.workspace.links.get(key) for key in self.rows.rows)
        return [link for link in found if link is not None]

    def on_key(self, _event: events.Key) -> None:
        """Know from now on that somebody has looked round here."""
        self._looked_at = True

    def on_click(self, _event: events.Click) -> None:
        """Know it of the mouse, too."""
        self._looked_at = True

    def focus_task(self, task: int) -> bool:
        """Go to an arrow that leaves a task, or leads to it; at first the costliest is shown."""
        if not self._looked_at:
            return True
        found = [link.id for link in self._links if link.source == task]
        found += [link.id for link in self._links if link.target == task]
        return bool(found) and (self.rows.row in found or self.rows.go_to(found[0]))

    def show_workspace(self, _workspace: Workspace) -> None:
        """Try what is tried on the arrows as they are now, which come with the outlook."""
        self._health.clear()
        tried = len(self._what_if.tried)
        refused = [*self._what_if.apply(self.workspace, self.host.now())]
        if refused or len(self._what_if.tried) < tried:
            # The next keys may be meant for what is tried no more, or on another plan.
            self.lose_aim()
        self._applied(refused)

    def show_outlook(self) -> None:
        """Show the forecast as far as it is worked out."""
        super().show_outlook()
        self.show_all()

    def show_all(self) -> None:
        """Show forecast, arrows and the details of one, in the room there is."""
        cells, height = self.size.width, self.size.height - 2
        if cells <= 0 or not self.is_mounted:
            return
        self._laid_out_for = self.size
        self.returns = self._read()
        order = self.returns.order
        self.set_class(not order, "-none")
        roomy = height >= _ROOMY
        self.set_class(roomy, "-roomy")
        height -= 2 * roomy
        least = _ARROWS + _TOLD if order else _TOLD
        most = 13 + height // 8 if order else height
        top = max(4, min(height - least, most))
        lines = self._outlook_lines(cells, top)
        self.query_one("#outlook", Passage).put(lines)
        self.rows.styles.max_height = max(1, (height - len(lines) - 1) // 2)
        self.rows.show(order, row=order[0] if order and not self._looked_at else None)
        self.rows.refresh()
        self.query_one(Heading).refresh()
        self.query_one(StatusLine).standing = tuple(self._ways_on())
        self._tell()

    def _ways_on(self) -> Iterator[Piece]:
        """Yield the keys that matter where those of the footer mean something else, or nothing."""
        ways: tuple[tuple[str, str], ...] = ()
        if self._what_if.trial is not None:
            ways = (
                ("{key:keep}", _("store")),
                ("{key:escape}", _("discard")),
                ("{key:undo}", _("one step back")),
                ("{key:rate_up} {key:rate_down}", _("rate")),
                ("{key:without}", _("without it")),
            )
        elif not self.returns.order:
            ways = (
                ("{key:board}", _("board")),
                ("{key:tasks}", _("tasks")),
                ("{key:add}", _("add")),
                ("{key:help}", _("keys")),
            )
        if self.host.past is not None:
            ways = tuple(way for way in ways if way[0] not in ("{key:keep}", "{key:add}"))
        for key, word in ways:
            yield from ((keys.named(key), "key"), (f" {word}  ", "dim"))

    def _outlook_lines(self, cells: int, rows: int) -> list[Line]:
        found = self.outlook
        if found is None:
            return told.coming(cells)
        trial = None
        if self._what_if.trial is not None:
            changes = list(tried_words(self._what_if, self.host.glyphs))
            trial = told.Trial(changes, self._difference, self._hint(), self._problem)
        project = self._shown_project = self.project
        return told.outlook_lines(
            found,
            project,
            cells=cells,
            rows=rows,
            glyphs=self.host.glyphs,
            trial=trial,
        )

    def _read(self) -> Returns:
        return Returns(
            self.workspace,
            self.outlook.returns if self.outlook else {},
            self.today,
            self.host.glyphs,
            scope=self.in_scope,
            tried=tried_notes(self._what_if, self.host.glyphs),
        )

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show the details of another arrow, and the date of its project."""
        event.stop()
        if self.project != self._shown_project:
            self._difference, self._problem = None, ""
            self._compare_soon()
            self.show_all()
        else:
            self._tell()

    def _tell(self) -> None:
        """Show the arrow under the cursor; without any, how to draw one."""
        cells, link = self.size.width, self.link
        passage = self.query_one("#told", Passage)
        if link is None and not self.workspace.tasks:
            passage.put([])
            return
        if link is None:
            words = keys.named(
                _(
                    "No return arrows yet: nothing ever comes back in this plan. On the board,"
                    " {key:link_return} on a task that checks others draws an arrow to where it"
                    " may send work back; {key:send_back} records that it did."
                )
            )
            passage.put([(), *wrap_pieces([(" " + words, "plain")], cells - 1, indent=0)])
            return
        if link.id not in self._health:
            self._soon("health", self._examine_here)
        lines = self.returns.told(link.id, cells - 1, self._health.get(link.id))
        passage.put(lines)
        passage.scroll_to(y=0, animate=False)

    def forget(self) -> None:
        """Forget what is tried, too."""
        super().forget()
        if self._what_if.trial is not None:
            self._drop()

    # How a loop ends

    def _examine_here(self) -> None:
        if self.link is not None:
            self._examine(self.workspace, self.link.id)

    @work(thread=True, exclusive=True, group="health")
    @calculating
    def _examine(self, ws: Workspace, link: int) -> None:
        worker = get_current_worker()
        try:
            found = health(ws, link, self.today, stopped=lambda: worker.is_cancelled)
        except TrackerError as error:
            self.host.from_thread(self.host.tell_error, error)
            return
        if not worker.is_cancelled:
            self.host.from_thread(self._examined, ws, link, found)

    def _examined(self, ws: Workspace, link: int, found: Health) -> None:
        if ws is self.workspace and self.is_attached:
            self._health[link] = found
            if self.link is not None and self.link.id == link:
                self._tell()

    # What-if

    def action_rate(self, points: float) -> None:
        """Try a rate that is higher or lower."""
        with self.telling():
            link = self._the_link()
            seen = self._what_if.link(link) or link
            rate = min(max(round(seen.rate + points, 2), 0.0), _MOST_RATE)
            self._what_if.put_link(link, rate=rate)
            self._try()

    def action_without(self) -> None:
        """Try it without the arrow, or with it again."""
        with self.telling():
            link = self._the_link()
            if self._what_if.link(link) is None:
                self._what_if.drop(link.id)
            else:
                self._what_if.put(Link, link.id, partial(arrows.unlink, link=link.id))
            self._try()

    @work
    async def action_edit(self) -> None:
        """Ask for all options of a return."""
        from tracker.tui.dialogs.asking import AskLine, Preview

        def check(text: str) -> Preview:
            options = read_return_options(text)
            return Preview(options, (((options_words(**options), "plain"),),))

        with self.asking():
            link = self._the_link()
            title = _("Options of {arrow}")
            line = AskLine(
                title.format(arrow=self.returns.ends(link, 60)),
                _(
                    "such as 30% 50% 3: return rate, share of rework, pass limit; then target or"
                    " chance (what is done again), learning=20% and forward=5"
                ),
                value=return_options_text(self._what_if.link(link) or link),
                check=check,
                replace=True,
                about=("options", link.id),
            )
            options = await self.app.push_screen_wait(line)
            if options is not None:
                self._what_if.put_link(link, **options)
                self._try()

    @work
    async def action_estimate(self) -> None:
        """Ask for a task of the loop, and then for its estimate."""
        from tracker.tui.dialogs import questions, typed_line

        with self.asking():
            link, ws = self._the_link(), self._what_if.trial or self.workspace
            inside = graph.between(ws, link.target, link.source)
            tasks = dict.fromkeys((link.target, *sorted(inside), link.source))
            rows = [questions.task_row(ws, task, self.host.glyphs) for task in tasks]
            pick = questions.PickRow(_("Which task's estimate do you want to change?"), rows)
            task = await self.app.push_screen_wait(pick)
            if task is None:
                return
            newest = self._what_if.trial or self.workspace
            # Of a task that has gone meanwhile it is asked all the same: what is typed is no keys.
            ws = newest if task in newest.tasks else ws
            line = typed_line.field_line(ws, (task,), "estimate", self.today)
            days = await self.app.push_screen_wait(line)
            if days is not None:
                self._what_if.put(Task, task, partial(commands.edit_task, task=task, **days))
                self._try()

    def action_other_side(self) -> None:
        """Show how work flows."""
        self.host.show_view("metrics")

    def action_capacity(self) -> None:
        """Switch between unlimited and limited capacity of people and departments."""
        limited = not self.host.capacity
        self.host.foresee(capacity=limited)
        if limited:
            self.tell(_("Now with limited capacity: one task at a time …"), "dim")
        else:
            self.tell(_("Now with unlimited capacity."), "dim")
        self._compare_soon()

    def action_rates(self) -> None:
        """Switch between learned and entered rates."""
        learned = self._rates == "entered"
        self.host.foresee("posterior" if learned else "entered")
        if learned:
            self.tell(_("Now using rates learned from recorded returns."), "dim")
        else:
            self.tell(_("Now using the rates as entered."), "dim")
        self._compare_soon()

    def action_basis(self) -> None:
        """Show all that the forecast rests on."""
        from tracker.tui.loops.assuming import ForecastBasis

        found = self.outlook
        forecast = found.forecasts.get(self.project) if found else None
        if found is None or forecast is None:
            self.tell(_("There is no forecast yet."), "dim")
            return
        about = found.about
        words = ForecastWords(about.workspace, forecast, about.today, self.host.glyphs)
        self.app.push_screen(ForecastBasis(words, found.calibration))

    @work
    async def action_back_up(self) -> None:
        """Ask by when a system that is down is taken to be up again."""
        from tracker.tui.loops.assuming import ask_back_up

        with self.telling():
            known = dict(self.host.back_up)
            answer = await ask_back_up(self.app, self.workspace, self.today, known)
            if answer is None:
                return
            system, day = answer
            known.pop(system, None)
            if day is not None:
                known[system] = day
            self.host.foresee(back_up=tuple(sorted(known.items())))
            self._compare_soon()

    @work
    async def action_spread(self) -> None:
        """Ask how far single estimates may be off, and store that."""
        from tracker.tui.loops.assuming import ask_spread

        def put(spread: Spread, seen: Workspace) -> commands.Command:
            command = partial(upkeep.set_properties, kind=Settings, values={"spread": spread})
            return partial(command, seen=seen.preferences)

        with self.telling():
            self.host.only_now()
            ws = self.workspace
            await ask_spread(self.app, ws, insisting(self.host, put, ws))

    def action_open(self) -> None:
        """Store what is tried, or show the arrow on the board."""
        with self.telling():
            self.only_as_meant()
            if self._what_if.trial is not None:
                self.host.only_now()
                self._take_over()
            else:
                self.host.show_view("board", self._the_link().source)

    @work
    async def _take_over(self) -> None:
        """Store what is tried; where an arrow would go with it, ask first."""
        from tracker.tui.dialogs.questions import Confirm

        gone = [link for link in self._what_if.links if link not in self._what_if.trial_links]
        named = ", ".join(self.returns.ends(self.workspace.links[link], 50) for link in gone)
        question = _("Remove {arrows} from the plan? {key:undo} restores it.")
        question = keys.named(question, arrows=named)
        confirm = Confirm(question, _("remove"), _("leave the plan as it is"))
        if gone and not await self.app.push_screen_wait(confirm):
            return
        if self._what_if.trial is None:
            return
        # Out of the way before the plan is another, but not lost if that is refused.
        turned, kept, self._what_if = self.host.turned, self._what_if, WhatIf()
        try:
            await self.host.carry_out(kept.command())
            self._try()
        except TrackerError as error:
            if turned == self.host.turned:
                self._what_if = kept
            self._try()
            self.host.tell_error(error)
            # Enter pressed once more was meant for what is not there any more.
            self.aim.refuse()

    def action_undo(self) -> None:
        """Take back what was tried last, or else the last change."""
        with self.telling():
            self.only_as_meant()
            if self._what_if.trial is not None:
                self._what_if.drop_last()
                self._try()
            else:
                super().action_undo()

    def action_back(self) -> None:
        """Drop what is tried, or go back as on every view."""
        if self._what_if.trial is not None:
            self._drop()
            self.tell(_("Discarded; nothing was stored."), "dim")
        else:
            super().action_back()

    def _drop(self) -> None:
        self._what_if.clear()
        self._try()

    def _the_link(self) -> Link:
        """Return the arrow under the cursor.

        Raises Refused if there is none, or if others have put it in the place of the one before.
        """
        self.only_as_meant()
        if self.link is None:
            raise Refused(
                "There are no return arrows yet; {link_return} on the board draws one.",
                link_return=keys.key_of("link_return"),
            )
        return self.link

    def _try(self) -> None:
        """Try everything on the plan as it is now, and show what comes of it."""
        self._apply()
        self.show_all()

    def _apply(self) -> None:
        self._applied(self._what_if.apply(self.workspace, self.host.now()))

    def _applied(self, refused: Iterable[TrackerError]) -> None:
        for error in refused:
            self.host.tell_error(error)
        self._difference, self._problem = None, ""
        self._compare_soon()

    def _compare_soon(self) -> None:
        if self._what_if.trial is not None:
            self._soon("compare", self._compare_now)

    def _compare_now(self) -> None:
        found, trial = self.outlook, self._what_if.trial
        if trial is None:
            return
        known: Mapping[int, Finish] = {}
        if found is not None and found.finished:
            about = found.about
            asked = (self.workspace, self._rates, self.host.capacity, self.host.back_up)
            if (about.workspace, about.rates, about.capacity, about.back_up) == asked:
                known = found.finishes.get(self.project, {})
        self._compare(self.workspace, trial, self.project, known)

    @work(thread=True, exclusive=True, group="what-if")
    @calculating
    def _compare(
        self, ws: Workspace, trial: Workspace, project: int, known: Mapping[int, Finish]
    ) -> None:
        """Work out what the changes do to a project; known finishes spare half of that."""
        worker = get_current_worker()
        try:
            capacity, back_up = self.host.capacity, self.host.back_up
            for found in differences(
                ws,
                trial,
                self.today,
                project,
                self._rates,
                known,
                capacity=capacity,
                back_up=back_up,
                stopped=lambda: worker.is_cancelled,
            ):
                self.host.from_thread(self._compared, trial, project, found, "")
                if worker.is_cancelled:
                    return
        except TrackerError as error:
            self.host.from_thread(self._compared, trial, project, None, say(error))

    def _compared(
        self, trial: Workspace, project: int, found: Difference | None, problem: str
    ) -> None:
        if trial is self._what_if.trial and project == self.project and self.is_attached:
            self._difference, self._problem = found, problem
            self.show_all()

    @property
    def _rates(self) -> RatesUsed:
        return self.host.rates

    def _hint(self) -> str:
        """Return why a rate that was changed does less than one would think."""
        links, trial = self._what_if.links, self._what_if.trial
        seen = sum(
            figures.ended
            for key, figures in self.returns.figures.items()
            if key in links and trial and key in trial.links
        )
        if not seen or self._rates == "entered":
            return ""
        words = ngettext(
            "Learned rates: {n} recorded completion counts; {key:rates} switches to rates as"
            " entered.",
            "Learned rates: {n} recorded completions count; {key:rates} switches to rates as"
            " entered.",
            seen,
        )
        return keys.named(words, n=seen)

    # Moving

    def action_half_page(self, direction: int) -> None:
        """Scroll through the details of the arrow."""
        passage = self.query_one("#told", Passage)
        half = max(1, passage.size.height - 1)
        passage.scroll_to(y=passage.scroll_offset.y + direction * half, animate=False)

    def _soon(self, what: str, act: Callable[[], None]) -> None:
        """Do something once the keys have been still for a moment."""
        if what in self._waiting:
            self._waiting[what].stop()
        self._waiting[what] = self.set_timer(_SETTLED_SECONDS, act)
