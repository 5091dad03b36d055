"""The forecast, worked out beside the screen: what was last found, and for which plan."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace
from textual.timer import Timer
from textual.worker import get_current_worker

from tracker.domain.draft import Now
from tracker.domain.errors import TrackerError
from tracker.domain.model import Task
from tracker.domain.verbs import arrows
from tracker.domain.workspace import Workspace
from tracker.language import _
from tracker.wording.figures import day_words, signed
from tracker.wording.show import Piece

# The first screen stands before anything is forecast.
if TYPE_CHECKING:
    from tracker.flow.forecast import loop_figures
    from tracker.flow.forecast.finish import Finish
    from tracker.flow.forecast.forecast import Forecast, Options
    from tracker.flow.forecast.remaining_work import Plan, Return
    from tracker.tui.app import TrackerApp

# Numbers are crunched in one thread: numpy would else keep one ready, with its memory, for each
# core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

Rates = Literal["entered", "posterior"]

# Nothing is worked out before the plan has been left alone for so long.
_IDLE_SECONDS = 0.3
# A new day is looked for this often.
_DAY_SECONDS = 60.0
# Larger plans than this are forecast to the end only where somebody looks at that.
_SMALL = 1_000
# So many runs tell at once which way a change goes, and about when all is over; so many how far.
_FIRST_RUNS, _RUNS = 512, 4_000
# Threads take turns so often while one reckons: a key needs some turns until it is answered.
_TURN_SECONDS = 0.000_5


class Request(msgspec.Struct, frozen=True, eq=False):
    """What is to be forecast: to the end, or just by when about all is over."""

    workspace: Workspace
    today: date
    rates: Rates
    thorough: bool = True


class Outlook(msgspec.Struct, frozen=True, eq=False):
    """What has been found out for a request; `finished` once nothing more is to come.

    `finishes` are the first and the newest result, by the number of their runs. `problem` says why
    there is no forecast.
    """

    about: Request
    forecast: Forecast | None = None
    finishes: Mapping[int, Finish] = {}
    finished: bool = False
    problem: TrackerError | None = None

    @property
    def first(self) -> bool:
        """Whether these are first figures, of few runs."""
        done = self.finished and self.about.thorough
        return self.forecast is not None and self.forecast.runs <= _FIRST_RUNS and not done


class Difference(msgspec.Struct, frozen=True, eq=False):
    """What another plan does to the finish: both by the same runs and the same chances."""

    before: Finish
    after: Finish
    plan: Plan


class Forecasting:
    """Has the newest plan forecast beside the screen, and puts the result before the app.

    Of a large plan there are only first figures until somebody looks at the rest: that takes time
    and memory.
    """

    def __init__(self, app: TrackerApp) -> None:
        self._app = app
        self._request: Request | None = None
        self._timer: Timer | None = None
        self.rates: Rates = "posterior"

    def follow(self) -> None:
        """Follow the plan from now on."""
        self._app.watch(self._app, "workspace", self._later)
        self._app.set_interval(_DAY_SECONDS, self._look_at_the_clock)

    def hurry(self, rates: Rates | None = None) -> None:
        """Go to the end, at once unless it is under way, with other rates if asked for."""
        self.rates = rates or self.rates
        under_way = self._request
        if under_way is None or under_way.rates != self.rates or not under_way.thorough:
            self._begin(thorough=True)

    def head(self) -> Piece | None:
        """Return what the head line tells: by when it is over, as far as that is known."""
        found = self._app.outlook
        if found is None or found.forecast is None:
            return None
        day = found.forecast.date_of(found.forecast.finish.p80)
        words = _("P80 {day}").format(day=day_words(day, self._app.today))
        if found.first and found.forecast.finish.se80 >= 1:
            words += " " + _("± {days} d").format(days=math.ceil(found.forecast.finish.se80))
        if found.about.rates == "entered":
            words += " " + _("(rates as entered)")
        if found.about.workspace is not self._app.workspace:
            words += f" {self._app.glyphs.more}"
        return words, "strong"

    def costs(self) -> dict[int, float]:
        """Return what return arrows cost at P80, in working days, as far as that is known."""
        found = self._app.outlook
        if found is None or found.forecast is None:
            return {}
        returns = found.forecast.returns
        return {back.link: back.cost_p80 for back in returns if back.cost_p80 is not None}

    def _later(self, _workspace: Workspace) -> None:
        """Wait until the plan has been left alone for a moment."""
        self._request = None
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._app.set_timer(_IDLE_SECONDS, self._begin_anew)

    def _look_at_the_clock(self) -> None:
        if self._request is not None and self._request.today != self._app.today:
            self._begin_anew()

    def _begin_anew(self) -> None:
        looked_at = any(getattr(screen, "FORESEES", False) for screen in self._app.screen_stack)
        self._begin(thorough=looked_at or len(self._app.workspace.tasks) <= _SMALL)

    def _begin(self, *, thorough: bool) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        request = Request(self._app.workspace, self._app.today, self.rates, thorough)
        self._request = request
        self._app.run_worker(
            lambda: self._work_out(request), thread=True, exclusive=True, group="forecast"
        )

    def _work_out(self, request: Request) -> None:
        """Hand over what is found, better each time; runs in a thread."""
        worker = get_current_worker()
        sys.setswitchinterval(_TURN_SECONDS)
        for found in outlooks(request, stopped=lambda: worker.is_cancelled):
            self._app.from_thread(self._take, found)

    def _take(self, found: Outlook) -> None:
        # One that was overtaken may still deliver: keep only what is asked for now.
        if found.about is self._request:
            self._app.outlook = found


def outlooks(request: Request, *, stopped: Callable[[], bool] = lambda: False) -> Iterator[Outlook]:
    """Walk over what is found out for a request, better each time, until it is `stopped`."""
    from tracker.flow.forecast.forecast import Options, refine

    ws, today = request.workspace, request.today
    found = Outlook(request)
    try:
        if any(task.open for task in ws.tasks.values()):
            options = Options(rates=request.rates, runs=None if request.thorough else _FIRST_RUNS)
            results = refine(ws, today, options, costs=request.thorough, stopped=stopped)
            for result in results:
                _look_ahead(result, today)
                known = dict(list(found.finishes.items())[:1])
                found = Outlook(request, result, {**known, result.runs: result.finish})
                yield found
    except TrackerError as error:
        found = replace(found, problem=error)
    yield replace(found, finished=True)


def _look_ahead(found: Forecast, today: date) -> None:
    """Have ready what is shown of a forecast, so that the screen need not wait for it."""
    found.finish.cdf(found.cpm_days)
    if found.finish.counts:
        day_words(found.date_of(found.finish.p95), today)
    for finish in found.projects.values():
        finish.cdf(0.0)


def differences(
    ws: Workspace,
    other: Workspace,
    today: date,
    rates: Rates = "posterior",
    known: Mapping[int, Finish] | None = None,
) -> Iterator[Difference]:
    """Walk over what another plan does to the finish, better each time; raises TrackerError.

    `known` are finishes of the first plan, by the number of their runs.
    """
    from tracker.flow.forecast.forecast import Options

    first, last = (min(known), max(known)) if known else (_FIRST_RUNS, _RUNS)
    for runs in sorted({first, last}):
        options = Options(rates=rates, runs=runs)
        before = (known or {}).get(runs) or _played(ws, today, options).finish
        after = _played(other, today, options)
        yield Difference(before, after.finish, after.plan)


def sent_back(ws: Workspace, preview: arrows.SendBackPreview, today: date) -> Iterator[str]:
    """Walk over what sending work back does to the date, in words, the surer ones last."""
    now = Now(datetime(today.year, today.month, today.day, tzinfo=UTC), today, "")
    after = arrows.send_back(ws, now, gate=preview.gate, target=preview.target, reason="–")
    for found in differences(ws, ws.apply(after), today):
        days = (found.before.p80, found.after.p80)
        before, late = (day_words(found.plan.finish_date(day), today) for day in days)
        moved = signed(found.after.p80 - found.before.p80)
        words = _("P80 {before} → {after} ({days} d)")
        yield words.format(before=before, after=late, days=moved)


def _played(ws: Workspace, today: date, options: Options) -> Forecast:
    """Return a forecast of so many runs, without what its returns cost."""
    from tracker.flow.forecast.forecast import refine

    results = refine(ws, today, options, costs=False)
    return next(found for found in results if found.runs == options.runs)


class Health(msgspec.Struct, frozen=True, eq=False):
    """How a return's loop ends, taken by itself: all its tasks done anew, by entered rates.

    `simulated` are the expected days of the `figures` by simulation, with its standard error.
    `going_on` is the chance that a round is followed by another.
    """

    figures: loop_figures.Figures
    going_on: float
    simulated: float | None = None
    error: float = 0.0


def health(
    ws: Workspace, link: int, today: date, returns: Sequence[Return] | None = None
) -> Health:
    """Return how the loop of a return ends; `returns` are those of the plan, if known."""
    from tracker.flow.forecast import loop_figures, remaining_work
    from tracker.flow.forecast.forecast import Options

    known = remaining_work.returns(ws) if returns is None else returns
    back = next((back for back in known if back.link == link), None)
    body = back.body if back else ()
    gate = ws.links[link].source
    going_on = sum(back.rate for back in known if back.gate == gate)
    found = Health(loop_figures.figures(ws, body, known), going_on)
    if found.figures.expected_days is None:
        return found
    options = Options(rates="entered", runs=_RUNS, correlation=0.0)
    finish = _played(_by_itself(ws, set(body)), today, options).finish
    return replace(found, simulated=finish.mean, error=finish.sd / math.sqrt(_RUNS))


def _by_itself(ws: Workspace, body: Collection[int]) -> Workspace:
    """Return the tasks of a loop as a plan of their own, none begun, each as long as is likely."""
    tasks = [
        Task(id=key, title="", low=days, likely=days, high=days)
        for key in sorted(body)
        for days in [ws.tasks[key].likely]
    ]
    leaving = (link for key in body for link in ws.arrows_out.get(key, ()))
    return Workspace([*tasks, *(link for link in leaving if link.target in body)])
