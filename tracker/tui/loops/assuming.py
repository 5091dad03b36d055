"""What a forecast rests on: all of it to be read, and what can be chosen of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date
from typing import Any

from textual.app import App

from tracker.domain.errors import Refused
from tracker.domain.model import NO_SPREAD, Spread
from tracker.domain.typing.dates import parse_date
from tracker.domain.typing.property_values import read_spread
from tracker.domain.workspace import Workspace
from tracker.flow.forecast.calibration import FEWEST_DURATIONS, Calibration, finished_tasks
from tracker.language import _, ngettext
from tracker.tui.dialogs.asking import AskLine, Dialog, Preview
from tracker.tui.dialogs.questions import PickRow
from tracker.tui.dialogs.reading import Reading
from tracker.tui.text.fitting import Line, wrap_pieces
from tracker.tui.widgets.choices import ChoiceRow
from tracker.wording import show
from tracker.wording.figures import day_text, long_day, number, percent_between
from tracker.wording.forecast_words import ForecastWords

# What tasks are usually taken for of which nothing but one number is known.
_USUAL: Spread = (0.7, 2.0)
_OTHER = "other"


class ForecastBasis(Reading[None]):
    """All that is to be known of the dates of a forecast: what holds them up, what is assumed."""

    def __init__(self, words: ForecastWords, kept: Calibration | None) -> None:
        super().__init__(_("What the forecast rests on"))
        self._words, self._kept = words, kept

    def text_lines(self) -> Iterator[Line]:
        """Yield the headline, and what is behind it."""
        for piece in self._words.on_top(self._kept):
            yield from wrap_pieces([piece], self.cells, indent=2)
        for heading, texts in self._words.sections():
            yield ()
            yield ((heading, "strong"),)
            for text in texts:
                yield from wrap_pieces(
                    [(f"{self.glyphs.mark} ", "dim"), (text, "plain")], self.cells, indent=2
                )


async def ask_back_up(
    app: App[Any], ws: Workspace, today: date, known: Mapping[int, date]
) -> tuple[int, date | None] | None:
    """Ask by when a system that is down is taken to be up again; None if the question is left.

    A day of None takes back what was assumed. Raises Refused where no system is down.
    """
    down = [system for system in ws.systems.values() if system.state == "down"]
    if not down:
        raise Refused("No system is down; there is nothing to assume.")
    key: int | None = down[0].id
    if len(down) > 1:
        rows = [ChoiceRow(each.id, ((show.text(each.name), "plain"),)) for each in down]
        key = await app.push_screen_wait(PickRow(_("Which system?"), rows))
    if key is None:
        return None

    def check(text: str) -> Preview:
        day = parse_date(text, today) if text.strip() else None
        words = long_day(day, today) if day else _("no assumption: up again at once")
        return Preview((key, day), (((words, "plain"),),))

    title = _("By when is {system} up again?").format(system=show.text(ws.systems[key].name))
    hint = _("a date: 1.12., +3w, KW 48; leave empty to assume nothing")
    value = day_text(known[key]) if key in known else ""
    return await app.push_screen_wait(AskLine(title, hint, value=value, check=check, replace=True))


async def ask_spread(
    app: App[Any], ws: Workspace, put: Callable[[Spread], Awaitable[object]]
) -> None:
    """Ask how far single estimates may be off, and put that; a line that is refused stays.

    Raises what `put` raises of what was only picked.
    """
    rows = [
        ChoiceRow(*_finished(ws)),
        ChoiceRow(_USUAL, ((_spread_words(_USUAL), "plain"),)),
        ChoiceRow(_OTHER, ((_("another spread …"), "plain"),)),
        ChoiceRow(NO_SPREAD, ((_("none: each takes exactly its estimate"), "plain"),)),
    ]
    now = ws.preferences.spread
    keys = [row.key for row in rows]
    title = _("How far may tasks with a single estimate be off?")
    at = now if now in keys and now != NO_SPREAD else next(key for key in keys if key is not None)
    picked = await app.push_screen_wait(PickRow(title, rows, at=at))
    if picked is None:
        return
    if picked != _OTHER:
        await put(picked)
        return

    def check(text: str) -> Preview:
        spread = read_spread(text)
        return Preview(spread, (((_spread_words(spread), "plain"),),))

    hint = _("such as 70-200%: the 10% and 90% quantiles, in parts of the estimate")
    value = "70-200%" if now in keys else "{:g}-{:g}%".format(*(100 * end for end in now))
    line: Dialog[Spread] = AskLine(title, hint, value=value, check=check, replace=True)
    await app.push_screen_wait(line.trying(put))


def _finished(ws: Workspace) -> tuple[Spread | None, tuple[tuple[str, str], ...]]:
    """Return as in finished tasks, in numbers; without a key where there are too few."""
    seen = finished_tasks(ws)
    if seen is None:
        text = _("as in finished tasks: at least {n} of them are needed to learn from")
        return None, ((text.format(n=FEWEST_DURATIONS), "dim"),)
    text = ngettext("as in {n} finished task", "as in {n} finished tasks", seen.tasks)
    told = f"{text.format(n=number(seen.tasks))}: {_spread_words((seen.low, seen.high))}"
    return "finished", ((told, "plain"),)


def _spread_words(spread: Spread) -> str:
    if spread == "finished":
        return _("as in finished tasks")
    if spread == NO_SPREAD:
        return _("exactly the estimate")
    text = _("{spread} of the estimate, in 8 of 10 cases")
    return text.format(spread=percent_between(*spread))
